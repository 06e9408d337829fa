"""What is deleted is gone: no byte of it in the database, its log, the files, what is temporary, or the logs."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from client import COMPANY, Chat, Customer, Desk, Place, Terminal, files_below, rules

MARK = "qkanarie"  # in everything the customer types; looked for in any case
PHONE, NUMBER = "+49 30 5559137", "7391283"
NAME = "QKANARIE"
DAY = timedelta(days=1)
RETENTION = 5  # days


@pytest.fixture
def house(tmp_path: Path) -> Place:
    return Place(tmp_path / "desk", RETENTION_DAYS=str(RETENTION), SUPPORT_CONTACT="desk@vendor.example")


@pytest.fixture
def landlord(house: Place) -> Iterator[Terminal]:
    terminal = Terminal(house, "landlord")
    terminal.says("hello")
    yield terminal
    assert terminal.close() == 0


def marked(country: str) -> dict[str, str]:
    """An answer with a mark for every field that takes one."""
    answers = dict(COMPANY)
    for number, field in enumerate(rules(country)["fields"]):
        limit = field["limits"]["max_length"] or 100
        match field["type"]:
            case "text" if not field["limits"]["pattern"]:
                low = field["limits"]["min_length"] or 0
                answers[field["name"]] = f"{MARK} {number}"[:limit].ljust(low, "x")
            case "url":
                answers[field["name"]] = f"https://{MARK}{number}.example"
            case "email":
                answers[field["name"]] = f"office@{MARK}{number}.example"
            case "phone":
                answers[field["name"]] = PHONE
            case "number":
                answers[field["name"]] = NUMBER
    return answers


class Marked(Customer):
    """A customer all of whose words and files are marked."""

    def __init__(self, house: Place, country: str, chat: Chat | None = None, photos: bool = True) -> None:
        samples = [f"{MARK} sample: your order 1 is ready", f"Заказ {MARK} готов"]
        chat = chat or Chat(house, "anna")
        super().__init__(chat, country, marked(country), {NAME: samples}, f"{MARK} caption", photos)
        self.chat.says("/start")
        self.chat.says(f"{MARK} land")  # before there is a registration
        self.note(self.chat.says("/start"))

    def sends(self, file: Path) -> None:
        self.note(self.chat.turn({"file": str(file), "as_photo": True, "text": f"{MARK} says"}))

    @property
    def shelf(self) -> Path:
        return self.place.folder.parent / f"papers-{self.reference}"


def found(house: Place, marks: list[bytes]) -> list[str]:
    """Where a mark is still to be read."""
    return [
        f"{path.relative_to(house.folder)}: {mark[:40]!r}"
        for path, data in house.bytes_of_everything()
        for mark in marks
        if mark in data or mark in data.lower()
    ]


def marks_of(customer: Marked) -> list[bytes]:
    """What to look for: words in the encodings of text, and a piece out of the middle of every file sent."""
    words = [MARK, PHONE, PHONE.replace(" ", ""), NUMBER]
    pieces = [file.read_bytes()[len(file.read_bytes()) // 2 :][:48] for file in customer.shelf.glob("*.jpg")]
    return [*(word.encode() for word in words), MARK.encode("utf-16-le"), *pieces]


def is_gone(house: Place, landlord: Terminal, customer: Marked, status: str) -> None:
    marks = marks_of(customer)
    assert customer.reference
    receipt = house.case(customer.reference)
    assert set(receipt) == {"reference", "country", "status", "opened_at", "closed_at", "why"}
    assert receipt["status"] == status
    assert found(house, marks) == [], "while it runs"
    # What stays under the files belongs to nobody who was deleted.
    assert files_below(house.files) == []
    assert landlord.close() == 0
    assert found(house, marks) == [], "when it has ended"
    assert landlord.errors.read_text() == ""


def test_nothing_is_left_of_a_registration_that_expired(house: Place, landlord: Terminal) -> None:
    customer = Marked(house, "TH")
    customer.register("documents")
    while "submit" not in customer.choices:
        customer.go_on()
    odd = customer.shelf / f"{MARK}-photo.jpg"
    odd.write_bytes(next(customer.shelf.glob("IMG*.jpg")).read_bytes()[:-2] + MARK.encode() + b"\xff\xd9")
    customer.sends(odd)
    assert found(house, [MARK.encode()]), "a search that finds nothing now is blind"
    waking = datetime.now(UTC) + 40 * DAY
    house.tick(waking.strftime("%Y-%m-%dT%H:%M:%SZ"))
    house.tick((waking + DAY).strftime("%Y-%m-%dT%H:%M:%SZ"))
    is_gone(house, landlord, customer, "EXPIRED")


def test_nothing_is_left_of_a_registration_that_was_withdrawn(house: Place, landlord: Terminal) -> None:
    customer = Marked(house, "IE")
    early = house.folder.parent / f"{MARK}-early.jpg"
    customer.register("asking")
    _picture(early)
    customer.sends(early)
    customer.register("documents")
    customer.go_on()
    customer.chat.says("person")
    customer.chat.says(f"What becomes of {MARK}?")
    for word in ("cancel", "withdraw", "yes"):
        customer.chat.says(word)
    is_gone(house, landlord, customer, "WITHDRAWN")


def test_nothing_is_left_of_an_outcome_after_its_retention(house: Place, landlord: Terminal) -> None:
    customer = Marked(house, "AF")
    customer.register()
    reviewer = Desk(house, "rob", "reviewer")
    reviewer.decides(
        f"open {customer.reference}", f"send back {customer.reference}: the site of {MARK} is down",
    )  # fmt: skip
    customer.chat.says("edit use_case_description")
    customer.note(customer.chat.says(f"{MARK} again"))
    customer.register()
    reviewer.decides(f"approve {customer.reference} {NAME}")
    at = datetime.now(UTC) + RETENTION * DAY + timedelta(minutes=1)
    house.tick(at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    is_gone(house, landlord, customer, "SUCCESSFUL")


def _picture(path: Path) -> None:
    from papers_to_send import own_paper

    own_paper(path.parent, path.stem, 0, MARK)


def killed_as_soon_as(terminal: Terminal, name: str) -> None:
    """Kill the process in the turn in which a file of that name appears."""
    while not list(terminal.place.folder.rglob(name)):
        with pytest.raises(queue.Empty):
            terminal.rest_of_turn(patience=0.005)
    terminal.kill()


def test_nothing_is_left_of_one_whose_process_was_killed_in_the_middle(house: Place) -> None:
    """Killed while the letters are drawn and while a photo is looked into; then withdrawn."""
    terminal = Terminal(house, "anna")
    customer = Marked(house, "TH", terminal, photos=False)
    customer.register("review")
    terminal.send({"choose": "submit"})
    killed_as_soon_as(terminal, "*.pdf")  # a letter is drawn, and not yet where it belongs
    terminal = customer.chat = Terminal(house, "anna")
    customer.register("documents")
    line = customer.reply()
    terminal.send(line)
    killed_as_soon_as(terminal, "child")  # a file is being looked into
    terminal = customer.chat = Terminal(house, "anna")
    customer.meet()
    for word in ("cancel", "withdraw", "yes"):
        customer.chat.says(word)
    assert found(house, marks_of(customer)) == []
    assert files_below(house.temporary) + files_below(house.files) == []
    (house.files / "incoming" / "00").mkdir(parents=True, exist_ok=True)
    orphan = house.files / "incoming" / "00" / ("00" * 32 + ".jpg")  # of a process killed before its event was taken
    orphan.write_text(MARK)
    assert terminal.close() == 0
    terminal = Terminal(house, "anna")
    terminal.says("hello")
    assert not orphan.exists()
    assert terminal.close() == 0
