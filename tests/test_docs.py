"""The documents speak of what exists: every command, every file they link to."""

import re
from pathlib import Path

import pytest

from benchmarks import capacity
from benchmarks.capacity import Load
from bot.answers.parse import parse, usage
from bot.answers.privacy import WORDS
from bot.answers.table import ANSWERS
from storage import people

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
COMMANDS = (DOCS / "commands.md").read_text(encoding="utf-8")
PAGES = sorted(DOCS.glob("*.md"))
PICTURE_BYTES = 40_000
ALL_PICTURES_BYTES = 1_500_000


def test_the_page_of_commands_has_every_command_once() -> None:
    assert sorted(re.findall(r"^## /(.+)$", COMMANDS, re.MULTILINE)) == sorted(ANSWERS)


def test_every_command_is_shown_as_it_is_typed_today() -> None:
    sections = COMMANDS.split("\n## /")[1:]
    for section in sections:
        name = section.splitlines()[0]
        typed = re.search(r"^> (/.+)$", section, re.MULTILINE)
        assert typed is not None
        assert parse(typed[1]).name == name
        assert f"`{usage(name)}`" in section


def test_pictures_are_small_described_and_used() -> None:
    shown = re.findall(r"!\[([^\]]+)\]\(pictures/([\w-]+\.png)\)", COMMANDS)
    there = {path.name: path.stat().st_size for path in (DOCS / "pictures").iterdir()}
    assert {name for _, name in shown} == set(there)
    assert len(there) >= 15
    assert max(there.values()) <= PICTURE_BYTES
    assert sum(there.values()) <= ALL_PICTURES_BYTES
    assert "synthetic" in COMMANDS.split("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http:", "https:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_text_are_commands(page: Path) -> None:
    named = re.findall(r"`/([a-z-]+)", page.read_text(encoding="utf-8"))
    groups = {name.split()[0] for name in ANSWERS}
    addresses = {"healthz", "readyz", "metrics", "board"}
    assert set(named) <= groups | addresses


def test_every_kind_of_stored_row_has_a_word_for_its_owner() -> None:
    assert {*people.OWNED, *people.NAMED, "messages", "removed_subscriptions"} == set(WORDS)


def spoken(seconds: float) -> str:
    """25 s, 4 min, 6 h 28 min."""
    minutes = int(seconds / 60 + 0.5)
    if seconds < 120:
        return f"{int(seconds + 0.5)} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def test_the_table_of_what_is_carried_is_computed() -> None:
    lines = (DOCS / "running-it.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    table = {row[0]: row[1:] for row in cells if len(row) == 4}
    sizes = (1_000, 10_000, 100_000)
    hour = [capacity.at_once(Load(channels=n, alerts=20, gap=180)) for n in sizes]
    session = [capacity.at_once(Load(channels=n, alerts=130, gap=180)) for n in sizes]
    means = [each.mean for each in (*hour, *session)]
    spoken_means = ["–" if mean is None else spoken(mean) for mean in means]
    single = [spoken(capacity.at_once(Load(channels=n)).longest) for n in sizes]
    assert table["one alert: the last channel has it after"] == single
    assert table["all of that as one digest: the last channel has it after"] == [
        spoken(capacity.by_digest(n).longest) for n in sizes
    ]
    assert table["alerts an hour that each can get for ever"] == [
        f"{capacity.an_hour(n):.{digits}f}" for n, digits in zip(sizes, (0, 0, 1), strict=True)
    ]
    assert table["20 alerts in an hour: they come after, on average"] == spoken_means[:3]
    assert table["130 in a session: they come after, on average"] == spoken_means[3:]
    assert table["130 in a session: so many come within the day that an alert lives"] == [
        f"{each.share:.0%}".replace("%", " %") for each in session
    ]
    for feeds, name in (
        (1, "one alert through a feed that all follow"),
        (100, "one alert through 100 feeds"),
    ):
        assert table[name] == [spoken(capacity.by_feeds(feeds).longest)] * 3
    assert table["messages an hour through a feed"] == [str(capacity.messages_of_feed(20, 1))] * 3
