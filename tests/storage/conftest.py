from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.sqlite import SqliteStore
from storage.store import Store

Reopen = Callable[[], Store]


@pytest.fixture(params=["sqlite"])
def reopened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Opens the store of this test, and again what it left; a store that is open is closed first."""
    open_stores: list[Store] = []

    def reopen() -> Store:
        for store in open_stores:
            store.close()
        open_stores[:] = [SqliteStore(tmp_path / "desk.db", seed=7, settings={"operator_name": "Anselm"})]
        return open_stores[0]

    yield reopen
    for store in open_stores:
        store.close()


@pytest.fixture
def store(reopened: Reopen) -> Store:
    return reopened()
