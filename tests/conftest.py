"""The files that take longest begin first, so that no worker is left alone with one at the end."""

import pytest

LONGEST = ("reliability", "program", "test_real_highs.py", "cogs", "test_bases.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the order within a file; `make test` tells xdist to keep this one."""

    def place(item: pytest.Item) -> int:
        parts = item.path.parts
        return next((i for i, part in enumerate(LONGEST) if part in parts), len(LONGEST))

    items.sort(key=place)
