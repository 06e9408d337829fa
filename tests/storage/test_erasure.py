"""An erased registration is really gone: from the tables, from the bytes of the file, from its log."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from turns_to_take import NOW, advance, answers, desk, doing, registration_of, sends, take, typed

from conversations.model import Case, Erase, Event, Given, Handoff, Say, Tell, Turn, Upload
from storage import points
from storage.files import FileStore
from storage.sqlite import SqliteStore
from storage.store import Entry, Store

CANARY = "CANARY-7f3a"


def bytes_beside(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())


def test_no_byte_of_an_erased_registration_stays(store: Store, tmp_path: Path) -> None:
    files = FileStore(tmp_path / "files")
    take(store, typed("hello"), typed(f"early {CANARY}"))
    number = registration_of(store).id
    key = files.put(f"r{number}", f"{CANARY} scan".encode(), ".pdf")

    def much(case: Case, event: Event) -> Turn:
        assert case.on is not None
        case.on.uploads.append(Upload(case.fresh.upload_id(), CANARY, NOW, f"stored:{key}", file=key))
        case.conversation.early = [*case.on.uploads]
        handoff = Handoff(case.fresh.handoff_id(), case.conversation.id, number, "handoff_asked", NOW)
        case.handoffs[handoff.id] = handoff
        return Turn(case, [Say("long", {"text": CANARY * 400}), Tell("card", number, {"what": CANARY})])

    take(store, typed(f"more {CANARY}"), by=much)
    take(store, typed(f"{CANARY} again"), *(typed(f"{CANARY} {n}") for n in range(30)))
    take(store, typed("bug"), typed(f"bug {CANARY}"), by=lambda case, event: 1 / 0)  # type: ignore[arg-type, return-value]
    for _ in range(3):
        for outgoing in store.claim("web", NOW, 10, 60):
            store.deliver(outgoing, Entry(0, outgoing.chat, False, NOW, f"delivered {CANARY}"), NOW)
    assert CANARY.encode() in bytes_beside(tmp_path)
    store.history("web:anna")  # a reader's connection is open

    take(store, desk(number, "erase"))
    (job,) = store.claim_jobs(NOW, 10, 60)
    files.erase(job.payload["prefix"])

    assert CANARY.encode() not in bytes_beside(tmp_path)
    assert store.registrations() == [] and store.failures() == [] and store.cards() == []
    assert sends(store) == ["apology", "apology", "withdrawn"]  # the unsent closing message stays until it is sent


@pytest.mark.parametrize("at", ["commit:after", "vacuum:before", "vacuum:after", "checkpoint:before"])
def test_what_a_process_erased_that_died_before_it_wrote_the_database_anew_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    store, left = SqliteStore(tmp_path / "desk.db"), tmp_path / "left"
    take(store, typed("hello"), *(typed(f"{CANARY} {n} {'x' * 3000}") for n in range(30)))

    def dies(name: str) -> None:
        if name == at and not left.exists():  # what a kill would leave on disk
            left.mkdir()
            for path in tmp_path.glob("desk.db*"):
                (left / path.name).write_bytes(path.read_bytes())

    monkeypatch.setattr(points, "hook", dies)
    take(store, desk(registration_of(store).id, "erase"))
    monkeypatch.undo()
    store.close()
    assert CANARY.encode() in bytes_beside(left)
    again = SqliteStore(left / "desk.db")
    assert CANARY.encode() not in bytes_beside(left)
    again.close()


def test_only_the_erased_one_goes(store: Store) -> None:
    take(store, typed("one"), typed("other", "web:ben"))
    sends(store)
    number, reference = registration_of(store).id, registration_of(store).reference
    take(store, desk(number, "erase"))
    assert answers(store, "web:ben") == ["other"]
    assert store.found(reference) is None
    receipt = store.receipt(reference)
    assert receipt is not None and store.receipts() == [receipt]
    assert (receipt.country, receipt.status, receipt.why) == ("TH", "WITHDRAWN", "withdrawn")
    assert (receipt.opened_at, receipt.closed_at) == (NOW, NOW)
    case = store.snapshot("web:anna")
    assert case is not None and case.registrations == {} and case.conversation.on is None
    assert case.conversation.given == []
    assert [line.text for line in store.history("web:ben")] == ["other"]
    take(store, typed("anew"))
    assert answers(store) == ["anew"] and registration_of(store).id != number


def test_one_registered_and_erased_in_one_batch_leaves_its_receipt(store: Store) -> None:
    def withdrawn(case: Case, event: Event) -> Turn:
        if event.text != "withdraw":
            return advance(case, event)
        assert case.on is not None
        return Turn(case, [Erase(case.on.id, "withdrawn"), Tell("gone", case.on.id), Say("bye", last=True)])

    take(store, typed("one"), typed("withdraw"), typed("anew"), by=withdrawn)
    assert answers(store) == ["anew"] and len(store.registrations()) == 1
    assert [receipt.why for receipt in store.receipts()] == ["withdrawn"]
    assert [card.key for card in store.cards()] == ["gone"]
    assert sends(store) == ["bye", "noted", "ask_field"]


def test_what_was_said_before_a_registration_existed_dies_with_it(store: Store) -> None:
    take(store, typed("hello"))
    for outgoing in store.claim("web", NOW, 10, 60):
        store.deliver(outgoing, Entry(0, outgoing.chat, False, NOW, "hi"), NOW)
    assert [line.registration for line in store.history("web:anna")] == [None, None]
    take(store, typed("one"))
    number = registration_of(store).id
    assert [line.registration for line in store.history("web:anna")] == [number] * 3
    take(store, desk(number, "erase"))
    assert store.history("web:anna") == []


def test_a_message_on_its_way_when_its_registration_goes_is_not_kept(store: Store) -> None:
    take(store, typed("one"))
    (outgoing,) = store.claim("web", NOW, 10, 60)
    take(store, desk(registration_of(store).id, "erase"))
    assert store.deliver(outgoing, Entry(0, "web:anna", False, NOW, "late"), NOW).id == 0
    store.sent(outgoing.id, NOW, 1, "p1")
    assert store.history("web:anna") == []


def test_answers_moved_between_pages_are_gone_too(store: Store, tmp_path: Path) -> None:
    chance = random.Random(5)
    chats = [f"web:{number:02}" for number in range(20)]

    def speaks(chat: str) -> Event:
        return typed(f"MARK{chat[4:]}" + "y" * chance.choice([3, 300, 3000]), chat)

    for _ in range(15):
        take(store, *(speaks(chance.choice(chats)) for _ in range(chance.choice([1, 5, 30]))))
    gone = [chat for chat in chats[::2] if store.snapshot(chat) is not None]
    for chat in gone:
        take(store, desk(registration_of(store, chat).id, "erase"))
        take(store, *(speaks(other) for other in chats[1::2]))
    left = bytes_beside(tmp_path)
    assert [chat for chat in gone if f"MARK{chat[4:]}".encode() in left] == []
    assert b"MARK01" in left


def test_answers_given_are_forgotten_in_the_chat(store: Store) -> None:
    take(store, typed("one"))
    number = registration_of(store).id
    take(store, typed("x"), by=doing(change=lambda case: case.conversation.given.append(Given("m", number, "f"))))
    take(store, desk(number, "erase"))
    case = store.snapshot("web:anna")
    assert case is not None and case.conversation.given == []
