"""Names that sound like news: "Mid-Cap Growth ETF" is no growth, "Bull 3X Shares" no bull.

The words of a fund or index name are blanked before anything is scored. A name is a run of
style words that ends in a word for a fund or an index; "growth slows" has no such ending.
"""

import re

STYLE = (
    r"(?:mid|small|large|mega|micro|multi|all)[- ]?cap(?:itali[sz]ation)?|growth|value|momentum|"
    r"quality|dividends?|high|low|minimum|yield|volatility|vol|income|bull|bear|short|long|inverse|ultra|"
    r"leveraged|equal|weight(?:ed)?|strategic|opportunity|opportunities|core|total|return|gold|"
    r"miners?|clean|energy|innovation|aristocrats?|appreciation|advantage|enhanced|strong|"
    r"defensive|treasury|bond|junk|risk|parity|real|estate|term|daily|[1-3]x|global|world|"
    r"international|shares|emerging|markets?|u\.?s\.?|s&p|russell|nasdaq|msci|\d{2,4}"
)
NAME_END = r"etfs?|etns?|funds?|trust|index(?:es)?|portfolio|ucits"
FUND_NAME = re.compile(rf"\b(?:(?:{STYLE})[- ]+){{1,8}}(?:{NAME_END})\b", re.IGNORECASE)
CAP_STYLE = re.compile(
    r"\b(?:mid|small|large|mega)[- ]?cap(?:itali[sz]ation)? (?:growth|value)\b"
    r"|\b(?:growth|value|momentum|income) (?:stocks?|shares|investors?|investing)\b"
    r"|\b(?:risk|growth) and (?:growth|risk|value|return)\b"
    r"|\bdaily [\w&-]{1,20}(?: [\w&-]{1,20}){0,2} (?:bull|bear)(?: [1-3]x)?(?: shares)?\b"
    r"|\bultra(?:pro)? short [\w&-]{1,20}\b",
    re.IGNORECASE,
)
KEEP = re.compile(rf"(?:{NAME_END})\Z", re.IGNORECASE)
CUES = ("etf", "etn", "fund", "trust", "index", "portfolio", "ucits")
CAP_CUES = ("growth", "value", "momentum", "income", "bull", "bear", "short")


def mask_names(text: str) -> str:
    """`text` with the style words of fund and index names blanked; positions are kept."""
    low = text.lower()
    if any(cue in low for cue in CUES):
        text = FUND_NAME.sub(_blank_but_end, text)
    if any(cue in low for cue in CAP_CUES):
        text = CAP_STYLE.sub(lambda match: " " * len(match.group()), text)
    return text


def _blank_but_end(match: re.Match[str]) -> str:
    name = match.group()
    end = KEEP.search(name)
    kept = end.group() if end else ""
    return kept.rjust(len(name))
