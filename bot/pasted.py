"""What people paste or attach: bytes → text → rows of cells, whatever wrote them.

Spreadsheets write UTF-8 with and without a mark, UTF-16 and Windows' Latin-1, and separate
cells by commas, semicolons or tabs; all of it is read, because nobody knows which one they have.
"""

import codecs
import csv
import re

from bot.errors import UserError

LARGEST = 256 * 1024
"""Bytes; a list of symbols or holdings is far smaller."""
MOST_ROWS = 5000
DELIMITERS = ("\t", ";", ",")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"))
NOT_A_NAME = re.compile(r"[^a-z]+")


def decoded(data: bytes) -> str:
    """The text of a file. Raises UserError for what is too large or no text."""
    if len(data) > LARGEST:
        raise UserError(f"That file is too large; {LARGEST // 1024} kB are the most I read.")
    marks = (*MARKS, (codecs.BOM_UTF16_BE, "utf-16"))
    encoding = next((name for mark, name in marks if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise UserError("That file is no text. Attach a CSV or text file.")
    return text


def table(text: str) -> list[list[str]]:
    """Rows of stripped cells, empty rows left out; at most 5,000.

    Cells are separated by what stands most often in the first row: tabs, semicolons or commas.
    """
    lines = [line for line in text.splitlines() if line.strip()][:MOST_ROWS]
    if not lines:
        return []
    delimiter = max(DELIMITERS, key=lines[0].count)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        rows = [line.split(delimiter) for line in lines]
    return [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]


def name_of(cell: str) -> str:
    """A column's name as it is compared: “Avg. Cost ($)” is avgcost."""
    return NOT_A_NAME.sub("", cell.lower())


def shown(text: str) -> str:
    """Foreign text in an answer: short, and without anything that Discord reads as markup."""
    clean = "".join(c for c in text if c.isprintable() and c not in "`@<>*_~|[]()#\\")
    return f"“{clean[:20].strip()}”"
