"""Highwater: the program. `cogs` is its Discord face, `storage` its memory."""

__version__ = "0.1.0"
