"""The family of a symbol stands in the market layer."""

from bot.market.families import FAMILIES, family_of

__all__ = ["FAMILIES", "family_of"]
