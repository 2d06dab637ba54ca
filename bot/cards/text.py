"""Card → plain text for a terminal, a transcript or a log."""

import re
import textwrap

from bot.cards.model import Card

WIDTH = 88


def to_text(card: Card) -> str:
    """The card as lines of text: no markdown, fields as a list."""
    blocks = [card.title, *wrapped(plain(card.verdict))]
    blocks += [line for part in card.body.splitlines() for line in wrapped(plain(part))]
    if card.fields:
        width = max(len(field.name) for field in card.fields)
        blocks.append("")
        for field in card.fields:
            value = "; ".join(plain(line) for line in field.value.splitlines())
            blocks.append(f"  {field.name:<{width}}  {value}")
    blocks += ["", *wrapped(card.footer)]
    return "\n".join(block for block in blocks if block is not None).strip()


def plain(text: str) -> str:
    """Discord markdown without its marks."""
    text = re.sub(r"^-# |^```\w*$", "", text)
    text = re.sub(r"\*\*(.+?)\*\*|`(.+?)`", lambda m: m.group(1) or m.group(2), text)
    return re.sub(r"\\([\\*_~`|<>@#\[\]()])", r"\1", text)


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH) if text else []
