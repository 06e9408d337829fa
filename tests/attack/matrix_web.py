"""A house behind its real server, and a browser without scripts for each role, for the matrix of the page's routes."""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import httpx2
from browser import Served, chromium, screen, served  # noqa: F401
from forms_to_post import Reader, opened, post

from bot.demo import Person, Story
from bot.web.session import Rate
from conversations.model import Role, Status

STAFF = {"reviewer": Role.REVIEWER, "account_manager": Role.ACCOUNT_MANAGER, "admin": Role.ADMIN, "former": Role.ADMIN}
ROLES = ("stranger", "member", "other", *STAFF)
NOWHERE = "GB-2222"
COMPANY = "Kestrel Lamps"
STORIES = {
    "form": Story(1, "AF", COMPANY, ("KESTREL",), Status.UNDER_REVIEW),
    "manager": Story(1, "VN", COMPANY, ("KESTREL",), Status.WITH_ACCOUNT_MANAGER),
}


@dataclass
class Doors:
    """What the matrix knocks with and at."""

    house: Served
    clients: dict[str, httpx2.Client]
    references: dict[str, str]  # of Kestrel Lamps, and of nobody
    own: dict[str, str]  # by role
    files: dict[str, str] = field(default_factory=dict)  # a file's key, by thing
    link: str = ""  # a file in the member's chat
    numbers: dict[str, int] = field(default_factory=dict)  # of handoffs and cards

    def reference(self, role: str, thing: str) -> str | None:
        return self.own.get(role) if thing == "own" else self.references[thing]

    def csrf(self, role: str) -> str:
        return opened(self.clients[role]).hidden["csrf"]


def visitor(house: Served, client: httpx2.Client) -> str:
    """The principal of the browser."""
    from bot.web.session import Sessions

    sessions = Sessions(house.settings.secret_keys, house.settings.public_url)
    who = sessions.sealed("visitor").loads(client.cookies["senderdesk"])
    return f"web:{who[0] if isinstance(who, list) else who}"


def begun(client: httpx2.Client) -> str:
    """A registration begun in the page's chat, with a person asked for; its reference."""
    page = Reader(post(client, "/messages", text="Thailand").text)
    html = post(client, "/press", page, choice="start").text
    post(client, "/messages", text="person")
    found = re.search(r"\bTH-[A-Z0-9]{4}\b", html)
    assert found is not None
    return found[0]


def enters(house: Served, client: httpx2.Client, role: Role, name: str) -> httpx2.Response:
    return post(client, "/desk", opened(client, "/desk"), code=house.invitation(role), name=name)


def revoked(house: Served, client: httpx2.Client) -> None:
    store = house.house.app.store
    staff = store.staff_of(visitor(house, client))
    assert staff is not None and house.write(store.revoke, staff.name)


@contextmanager
def doors(folder: Path) -> Iterator[Doors]:
    allows, Rate.allows = Rate.allows, lambda self, *_, **__: True  # how often is another suite's question
    try:
        with served(folder) as house, ExitStack() as stack:
            clients = {role: stack.enter_context(httpx2.Client(base_url=house.url, timeout=20)) for role in ROLES}
            for client in clients.values():
                client.follow_redirects = True
                opened(client)
            yield _filled(house, clients)
    finally:
        Rate.allows = allows  # type: ignore[method-assign]


def _filled(house: Served, clients: dict[str, httpx2.Client]) -> Doors:
    own = {role: begun(client) for role, client in clients.items() if role != "stranger"}
    for role, what in STAFF.items():
        assert "To review" in enters(house, clients[role], what, role).text
    revoked(house, clients["former"])
    references, files = {"none": NOWHERE}, {}
    for name, story in STORIES.items():
        customer = Person(house.house, "web", uuid.uuid4().hex[:16])
        registration = house.do(customer.registers(story))
        references[name] = registration.reference
        found = house.house.app.store.found(registration.reference)
        assert found is not None
        files[name] = next((one.file for one in found.registration.uploads if one.file), "r1/aa/none.png")
    gone = Person(house.house, "web", "9" * 16)
    references["erased"] = house.do(gone.registers(Story(1, "GB", COMPANY, ("KESTREL",), Status.DRAFT))).reference
    for word in ("cancel", "withdraw", "yes"):
        house.do(gone.says(word))
    store = house.house.app.store
    assert store.receipt(references["erased"]) is not None
    found = Doors(house, clients, references, own, files)
    stranger = Person(house.house, "web", "8" * 16)
    for words in ("hello", "person"):
        house.do(stranger.says(words))
    ((question, _),) = store.handoffs()
    found.numbers = {"handoff": question.id}
    return found


def headers_of(answer: httpx2.Response) -> dict[str, Any]:
    """Those that say something: the date and a cookie given again to the same visitor do not."""
    return {name: value for name, value in answer.headers.items() if name not in ("date", "set-cookie")}
