"""The sentence that stands for a picture where pictures are not seen."""

ALT_LIMIT = 1024
"""Characters that Discord takes as the description of an attachment."""


def alt_text(sentence: str) -> str:
    """The sentence on one line, cut at the limit."""
    flat = " ".join(sentence.split())
    return flat if len(flat) <= ALT_LIMIT else flat[: ALT_LIMIT - 1].rstrip() + "…"
