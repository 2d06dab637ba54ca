"""The markdown that cards use, as HTML. Pure: everything foreign is escaped first."""

import re
from datetime import UTC, datetime

from markupsafe import Markup, escape

BLOCK = re.compile(r"```\w*\n?(.*?)```", re.DOTALL)
INLINE = re.compile(
    r"\\(?P<plain>[\\*_~`|<>@#\[\]()])"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|`(?P<code>[^`\n]+)`"
    r"|\[(?P<words>[^\]\n]+)\]\((?P<link>https?://[^)\s]+)\)"
    r"|<t:(?P<time>\d{1,12})(?::[a-zA-Z])?>"
    r"|<(?:#|@&?)\d+>"
)
SMALL = "-# "


def to_html(text: str) -> Markup:
    """Code blocks, bold, code, links, small lines and timestamps (in UTC); a channel or a
    person of Discord’s means nothing here and is left out."""
    parts: list[Markup] = []
    position = 0
    for block in BLOCK.finditer(text):
        parts += _lines(text[position : block.start()])
        parts.append(Markup("<pre>{}</pre>").format(block[1].rstrip("\n")))
        position = block.end()
    parts += _lines(text[position:])
    return Markup("").join(parts)


def _lines(text: str) -> list[Markup]:
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        small = line.startswith(SMALL)
        tag = Markup("<p class='small'>{}</p>") if small else Markup("<p>{}</p>")
        found.append(tag.format(_inline(line.removeprefix(SMALL))))
    return found


def _inline(line: str) -> Markup:
    parts: list[Markup] = []
    position = 0
    for match in INLINE.finditer(line):
        parts.append(escape(line[position : match.start()]))
        parts.append(_piece(match))
        position = match.end()
    parts.append(escape(line[position:]))
    return Markup("").join(parts)


def _piece(match: re.Match[str]) -> Markup:
    if match["plain"]:
        return escape(match["plain"])
    if match["bold"]:
        return Markup("<strong>{}</strong>").format(_inline(match["bold"]))
    if match["code"]:
        return Markup("<code>{}</code>").format(match["code"])
    if match["link"]:
        link = Markup('<a href="{}" rel="noopener noreferrer">{}</a>')
        return link.format(match["link"], _inline(match["words"]))
    if match["time"]:
        moment = datetime.fromtimestamp(int(match["time"]), UTC)
        return Markup('<time datetime="{}">{}</time>').format(
            moment.isoformat(), f"{moment:%d %b %Y %H:%M} UTC"
        )
    return Markup("")
