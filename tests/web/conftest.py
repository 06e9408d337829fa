"""One house and one browser for all of these tests; every test has browsers' profiles, and so chats, of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2
import pytest
from browser import Served, chromium, served
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while it lives, its loop counts as running, and no other test could run one."""
    with chromium() as running:
        yield running


@pytest.fixture
def visit(house: Served) -> Iterator[Callable[[], httpx2.Client]]:
    """A new visitor without scripts, each call another one."""
    clients: list[httpx2.Client] = []

    def new() -> httpx2.Client:
        client = httpx2.Client(base_url=house.url, follow_redirects=True, timeout=20)
        clients.append(client)
        return client

    yield new
    for client in clients:
        client.close()
