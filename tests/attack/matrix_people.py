"""Everybody who may knock, on one channel, and everything they may knock at: for the matrix of who may do what."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "transcripts"))

from playing import SETTINGS, Chat, House, _message

from bot.letters.font import unprintable
from bot.words import Catalogs
from conversations.model import Event, Kind, Role
from rules.book import Book, load
from storage.packing import unpack

BOT, TEAM = "7123456789", "T1"
DESK = {"telegram": f"telegram:{BOT}:-1001900000002", "slack": f"slack:{TEAM}:C7"}
STAFF = {"reviewer": Role.REVIEWER, "account_manager": Role.ACCOUNT_MANAGER, "admin": Role.ADMIN, "former": Role.ADMIN}
CUSTOMERS = ("member", "other")  # of the company acted on, and of another
ROLES = ("stranger", *CUSTOMERS, *STAFF)
NUMBERS = {role: 5550001 + number for number, role in enumerate((*ROLES, "carla", "tara"))}
# What is acted on. `own_...`: of whoever acts; `none`: of nobody; `erased`: deleted, a receipt stays.
THEIRS = ("form", "manager", "asked", "draft", "taken")
OWN = ("own_form", "own_manager")
GONE = ("none", "erased")
THINGS = (*THEIRS, *OWN, *GONE)
# What only Carla's registrations say.
COMPANY, NAME, ADDRESS = "Kestrel Lamps GmbH", "KESTREL", "carla@kestrel.example"
SECRETS = ("Kestrel", NAME, ADDRESS)
NOWHERE = "GB-2222"


class Office(House):
    """A house where Telegram and Slack are heard too: what would be sent there is kept, as it would read."""

    def delivers(self) -> None:
        desk = self.settings["desk_chat"].partition(":")[0]
        if desk == "group":
            return super().delivers()
        while waiting := self.store.claim(desk, self.now, 50, 30.0):
            for outgoing in waiting:
                words = self.catalogs.words(outgoing.locale, outgoing.time_zone)
                rendered = words.render(outgoing, self.files.path)
                message = _message(outgoing.say, outgoing.asked, rendered, self.now)
                self.said.setdefault(outgoing.chat, []).append(message)
                self.store.sent(outgoing.id, self.now, outgoing.id, f"p{outgoing.id}")

    def begins_again(self, kept: Path) -> None:
        """As it was when it was kept; numbers that were drawn since are not drawn again."""
        with closing(sqlite3.connect(kept)) as then, closing(sqlite3.connect(self.folder / "desk.db")) as now:
            now.execute("pragma synchronous = off")
            then.backup(now)
        self.said.clear()


@dataclass
class Person(Chat):
    """Somebody of one role, in their own chat."""

    principal: str = ""
    role: str = ""
    number: int = 0

    def event(self, kind: Kind, **values: Any) -> Event:
        return super().event(kind, **{"principal": self.principal, "private": True, **values})

    def is_invited(self, role: Role) -> None:
        self.types(self.house.store.invite(role, self.house.now).code, person=self.role)
        assert self.house.store.staff_of(self.principal) is not None


def somebody(house: House, channel: str, role: str) -> Person:
    number = NUMBERS[role]
    if channel == "telegram":
        return Person(house, f"telegram:{BOT}:{number}", f"telegram:{BOT}:{number}", role, number)
    if channel == "slack":
        return Person(house, f"slack:{TEAM}:D{number}", f"slack:{TEAM}:U{number}", role, number)
    return Person(house, f"{channel}:{role}", f"{channel}:{role}", role, number)


class Matrix:
    """One channel's people and registrations, kept once they are there so that each act begins from the same."""

    def __init__(self, folder: Path, book: Book, catalogs: Catalogs, channel: str) -> None:
        self.channel = channel
        self.desk = DESK.get(channel, "group:desk")
        self.house = Office(folder, book, catalogs, {**SETTINGS, "desk_chat": self.desk})
        self.people = {role: somebody(self.house, channel, role) for role in (*ROLES, "carla", "tara")}
        self.references: dict[tuple[str, str], str] = {}
        self._fill()
        self.kept = folder / "kept.db"
        with closing(sqlite3.connect(self.kept)) as copy, closing(sqlite3.connect(folder / "desk.db")) as now:
            now.backup(copy)
        self.begin()

    def _fill(self) -> None:
        carla, tara = self.people["carla"], self.people["tara"]
        said: Any = {"names": (NAME,), "company_name": COMPANY, "contact_email": ADDRESS}
        theirs = {"form": carla.reaches_review_desk("GB", **said)}
        carla.types("another")
        theirs["taken"] = carla.reaches_review_desk("GB", **said)
        carla.types("another")
        theirs["draft"] = carla.drafts("GB", **said)
        carla.types("another")
        theirs["manager"] = self._with_a_manager(carla, **said)
        carla.types("another")
        theirs["asked"] = carla.drafts("GB", **said)
        carla.types("person")
        carla.types("another")
        theirs["erased"] = carla.drafts("GB", **said)
        for word in ("cancel", "withdraw", "yes"):
            carla.types(word)
        assert self.house.store.receipt(theirs["erased"]) is not None
        tara.is_invited(Role.REVIEWER)
        tara.types(f"take {theirs['taken']}")
        assert self.house.found(theirs["taken"]).registration.taken_by == tara.principal
        for role in ROLES:
            self.references |= {(role, thing): reference for thing, reference in theirs.items()}
            self.references[role, "none"] = NOWHERE
            if role != "stranger":  # who was a customer first, and staff later
                person = self.people[role]
                self.references[role, "own_form"] = person.reaches_review_desk("GB")
                person.types("another")
                self.references[role, "own_manager"] = self._with_a_manager(person)
                if role in STAFF:
                    person.is_invited(STAFF[role])
        former = self.house.store.staff_of(self.people["former"].principal)
        assert former is not None and self.house.store.revoke(former.name)
        assert self.house.store.found(NOWHERE) is None

    @staticmethod
    def _with_a_manager(person: Person, **said: Any) -> str:
        reference = person.drafts("VN", **said)
        person.types("submit")
        assert person.status == "WITH_ACCOUNT_MANAGER"
        return reference

    def begin(self) -> None:
        self.house.begins_again(self.kept)

    def close(self) -> None:
        self.house.close()

    def things(self, role: str) -> Iterator[str]:
        """A stranger has nothing of their own."""
        return (thing for thing in THINGS if (role, thing) in self.references)

    def state(self) -> Mapping[str, Any]:
        """Everything a decision could change, of every registration; what a customer's own words change is left out."""
        with closing(sqlite3.connect(self.house.folder / "desk.db")) as database:
            rows = database.execute("select packed from registrations order by id").fetchall()
            handoffs = database.execute("select packed from handoffs order by id").fetchall()
            staff = database.execute("select principal, role, revoked from staff order by id").fetchall()
            receipts = database.execute("select reference, status from receipts order by reference").fetchall()
        decided = dict(_decided(packed) for (packed,) in rows)
        return {**decided, "handoffs": handoffs, "staff": staff, "receipts": receipts}


@cache
def _decided(packed: str) -> tuple[str, Any]:
    """The reference, and what the desk decides of it."""
    one = unpack(packed)
    return one.reference, (
        one.status, one.answers, [(name.text, name.outcome, name.reason) for name in one.sender_ids],
        one.opened_by, one.taken_by, one.holder, one.reasons, one.to_mend, one.overruled,
    )  # fmt: skip


def the_book() -> Book:
    book = load()
    book.unprintable = unprintable
    return book
