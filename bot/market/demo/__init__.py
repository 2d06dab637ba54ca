"""The demo market: an invented, seeded market, so that everything works without a vendor.

Nothing in it happened. It exists to show and to test the program offline, and says so
wherever it shows (label, exchange, categories, headlines).
"""
