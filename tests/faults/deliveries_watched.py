"""People who do not wait for answers, platforms that bring what they did late and out of order, and what must hold.

What is compared is no other run: an order that is lost may lead to another conversation. It is what each event did, read
from the database before and after it, with the questions as the platform showed them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deliveries_carried import Carried, Delivery, Person
from playing import SAMPLE, answer_to

from conversations.lifecycle import LIFECYCLE
from conversations.model import CLOSED, Case, Event, IncomingFile, Kind, Status

EVERYWHERE = ("help", "status", "list", "why", "example", "back")
NOISE = ("Hamburg", "yes", "skip", "later", "done", "submit", "no", "what is this?", "5", "TH")


def told(case: Case | None) -> dict[int, Any]:
    """What the customer has told, by registration."""
    if case is None:
        return {}
    return {
        number: (
            {name: repr(value) for name, value in one.answers.items()}, tuple(one.parked), tuple(one.skipped),
            tuple((name.text, tuple(name.samples)) for name in one.sender_ids), one.confirmed,
        )
        for number, one in case.registrations.items()
    }  # fmt: skip


@dataclass
class Watch:
    """Looks at every event that is taken, and notes what must not be."""

    house: Carried
    taken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    early: int = 0  # texts that were older than the question
    old_presses: int = 0

    def takes(self, event: Event) -> None:
        """Take it, and see what it did."""
        house, chat = self.house, event.chat
        assert chat is not None
        before = house.store.snapshot(chat)
        was, asked = told(before), before.conversation.asked if before else 0
        shown, order = house.questions.get(chat, (0, 0))
        taken = house.takes([event])
        self.taken.update(one.event.id for one in taken)
        if not taken:
            if told(house.store.snapshot(chat)) != was:
                self.wrong.append(f"{event.id} came again and changed what was told")
            return
        is_other = told(house.store.snapshot(chat)) != was
        if event.kind is Kind.TEXT and event.order is not None and before is not None and asked:
            is_early = shown < asked or event.order < order
            self.early += is_early
            if is_early and is_other:
                self.wrong.append(f"{event.text!r} ({event.order}) answered a question that came after it ({order})")
        if event.kind is Kind.PRESS and event.asked not in (None, asked):  # at the terminal a press names no question
            self.old_presses += 1
            if is_other and event.choice not in EVERYWHERE:
                self.wrong.append(f"a button of question {event.asked} changed what was told at {asked}")
        turn = taken[0].turn
        if turn is None or not turn.effects:
            self.wrong.append(f"{event.kind} {event.text!r} got no answer")

    # --- at the end

    def each_was_taken_once(self) -> None:
        self.wrong += [f"{event} was taken {times} times" for event, times in self.taken.items() if times > 1]

    def histories_follow_the_table(self) -> None:
        rows = {(row[0], row[1], row[2]) for row in LIFECYCLE}
        for one in self.house.store.registrations():
            status = None
            for line in self.house.found(one.registration.reference).history:
                if line.source != (status or ""):
                    self.wrong.append(f"{one.registration.reference} went on from {line.source}, not {status}")
                is_row = line.source == "" or any(
                    trigger == line.trigger and _is(line.source, source) and _is(line.dest, dest, line.source)
                    for trigger, source, dest in rows
                )
                if line.source != line.dest and not is_row:
                    self.wrong.append(f"{line.trigger} from {line.source} to {line.dest} is no row")
                status = line.dest
            if status is not None and status != one.registration.status.value:
                self.wrong.append(f"{one.registration.reference} is {one.registration.status}, its history {status}")

    def files_are_all_kept(self, person: Person, sent: Counter[str]) -> None:
        """Each file that was sent is there once, or its refusal was told."""
        case = self.house.store.snapshot(person.name)
        assert case is not None
        kept = Counter(upload.name for one in case.registrations.values() for upload in one.uploads)
        kept.update(upload.name for upload in case.conversation.early)
        refused = " ".join(message.text for message in person.messages)
        for name, times in sent.items():
            if kept[name] > times:
                self.wrong.append(f"{name} is kept {kept[name]} times")
            if (
                kept[name] < times
                and name not in refused
                and not any(one.status in CLOSED for one in case.registrations.values())
            ):
                self.wrong.append(f"{name} is lost")

    def status_is_true(self, person: Person) -> None:
        case = self.house.store.snapshot(person.name)
        if case is None or case.on is None:
            return
        person.types("status")
        true = {f"status_is_{case.on.status.value}"}
        if case.on.status is Status.DOCUMENTS_RENDERED:
            true.add("status_is_complete")  # of the same status, with every document there
        said = [message for message in person.messages[-3:] if message.key in true]
        if not said or case.on.reference not in said[-1].text:
            self.wrong.append(
                f"asked for the status of {case.on.reference} ({case.on.status}): {person.last.text[:80]}"
            )


def _is(status: str, named: Any, same: str = "") -> bool:
    """Whether a row's source or dest is that status."""
    if named is None or (isinstance(named, str) and named in ("=", "*")):
        return named == "*" or status == same
    every = named if isinstance(named, (list, tuple, set, frozenset)) else [named]
    return status in [getattr(one, "value", one) for one in every]


@dataclass
class Hasty:
    """Somebody who acts without waiting, on what she happens to see."""

    person: Person
    chance: random.Random
    sent: Counter[str] = field(default_factory=Counter)
    _files: int = 0

    def begins(self) -> None:
        """She may have come some way before the trouble begins."""
        person, far = self.person, self.chance.choice(["", "", "asked", "review", "papers", "papers"])
        if not far:
            return
        person.starts("TH")
        if far == "asked":
            person.answers(until="company_website")
            return
        person.fills_in()
        if far == "papers":
            person.submits()

    def acts(self) -> Iterator[Delivery]:
        """What she does at once: what is asked, mostly, and some things besides."""
        chance = self.chance
        doing = [
            self.sensible(),
            *(
                chance.choice([self.word, self.noise, self.old_button, self.edit, self.voice])()
                for _ in range(chance.choice([0, 0, 1, 2, 3]))
            ),
        ]
        chance.shuffle(doing)
        for kind, values in doing:
            if kind is not None:
                for raw in self.person.raw(kind, values):
                    person = self.person
                    yield Delivery(person.way, raw, person.name, person.house.orders.get(person.name, 0))

    def sensible(self) -> tuple[Kind | None, dict[str, Any]]:
        """What brings her on."""
        person = self.person
        if person.house.store.snapshot(person.name) is None:
            return Kind.TEXT, {"text": self.chance.choice(["TH", "hello", "GB"])}
        now = person.summary
        case = person.case
        if now.step == "asking" and now.field and now.country:
            return Kind.TEXT, {"text": answer_to(person.house.book.pack(now.country).field(now.field))}
        if now.step == "documents":
            return self.album() if self.chance.random() < 0.7 else (Kind.TEXT, {"text": "submit"})
        if now.step == "sender_ids":
            names = case.on.sender_ids if case.on else ()
            return Kind.TEXT, {"text": "done" if names else "FRESHBAKERY"}
        if now.step == "samples":
            has_one = case.on is not None and any(one.samples for one in case.on.sender_ids)
            return Kind.TEXT, {"text": "done" if has_one else SAMPLE}
        text = {
            "new": "TH", "country": "TH", "which_country": "yes", "briefing": "start", "review": "submit",
            "rendering": "status", "preview": "yes", "placing": "other", "sender_id_doubt": "keep", "tracking": "status",
            "cancelling": "keep", "withdrawing": "no", "registry": "REG-12345",
        }[now.step]  # fmt: skip
        return Kind.TEXT, {"text": text}

    def album(self) -> tuple[Kind | None, dict[str, Any]]:
        """Letters' pages and other papers in one go; where the platform takes albums apart each comes by itself."""
        person = self.person
        on = person.case.on
        contents: dict[str, Any] = {}
        for letter in on.letters if on else ():
            for page in range(1, letter.pages + 1):
                contents[self._name()] = [(letter.letter_id, page, letter.version)]
        contents[self._name()] = (None,)
        files = []
        for name, content in contents.items():
            data = f"{name} {next(person.house.numbers)}".encode()
            ref = f"stored:{person.house.files.put('incoming', data)}"
            person.house.contents[ref] = person.house.contents[data.decode()] = content
            files.append(IncomingFile(ref, name, 100))
            self.sent[name] += 1
        return Kind.FILES, {"files": tuple(files), "album": f"album {self._files}", "text": ""}

    def _name(self) -> str:
        self._files += 1
        return f"{self.person.name.rpartition(':')[2]}-{self._files}.jpg"

    def word(self) -> tuple[Kind | None, dict[str, Any]]:
        return Kind.TEXT, {"text": self.chance.choice(EVERYWHERE)}

    def noise(self) -> tuple[Kind | None, dict[str, Any]]:
        return Kind.TEXT, {"text": self.chance.choice(NOISE)}

    def old_button(self) -> tuple[Kind | None, dict[str, Any]]:
        """A button of any message she ever got."""
        shown = [one for one in self.person.messages if one.choices and one.asked]
        if not shown:
            return None, {}
        message = self.chance.choice(shown[-6:])
        value, _ = self.chance.choice(message.choices)
        if value in ("withdraw", "another") or len(value) > 30:
            return None, {}
        return Kind.PRESS, {"choice": value, "asked": message.asked}

    def edit(self) -> tuple[Kind | None, dict[str, Any]]:
        if self.person.way not in ("telegram", "slack") or self.person.house.store.snapshot(self.person.name) is None:
            return None, {}
        given = self.person.case.conversation.given
        if not given:
            return None, {}
        one = self.chance.choice(given)
        message = one.message
        return Kind.EDITED, {"message": message, "text": self.chance.choice(["Fresh Bakery & Sons", "Hamburg", "yes"])}

    def voice(self) -> tuple[Kind | None, dict[str, Any]]:
        return (Kind.OTHER, {}) if self.person.way in ("telegram", "slack") else (None, {})
