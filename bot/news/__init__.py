"""News of symbols: fetched on demand, washed, stored, scored.

Headlines are foreign text. They are washed once, at the door (`bot.news.wash`), so that nothing
further in ever sees markup, control characters or an address that is not one.
"""
