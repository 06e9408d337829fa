"""A disk that is full for SQLite itself: the database may not grow by a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.app import App
from storage.store import DiskTrouble

ROOM = 1 << 30  # pages


@asynccontextmanager
async def full(app: App) -> AsyncIterator[None]:
    """While this lasts a turn that needs a new page is refused; what fits into the pages there are is taken."""
    store: Any = app.store

    def limits(pages: int) -> None:
        store.execute(f"pragma max_page_count = {pages}")

    await app.write(limits, 1)  # never below what there is
    try:
        yield
    finally:
        while True:
            try:
                await app.write(limits, ROOM)
            except DiskTrouble:  # it shared the commit of a turn that found no room
                continue
            break
