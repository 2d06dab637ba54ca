"""What each slash command answers, free of Discord: services in, a card and numbers out.

Cogs show these answers in Discord and `highwater ask` shows them in a terminal.
"""
