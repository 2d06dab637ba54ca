"""Highwater's memory: SQL stands here and nowhere else.

A leaf: it imports neither `bot` nor `cogs` and speaks str, int, float, bytes, aware datetimes
and its own frozen records. Each module holds the statements of one family of tables as plain
functions over a connection; `database.Database` runs them, one transaction each.
"""
