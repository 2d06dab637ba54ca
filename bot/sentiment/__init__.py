from bot.sentiment.model import Hit, Label, Reading, describe
from bot.sentiment.scorer import score

__all__ = ["Hit", "Label", "Reading", "describe", "score"]
