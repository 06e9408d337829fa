"""Customers and staff who know what their client shows and what `rules show` prints, and the real process they write to.

A customer finds the question in the text, answers it with a button or in words, prints the PDFs that came and
photographs them signed. What her client is, the module of each channel says.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from dataclasses import field as holding
from pathlib import Path
from typing import Any, NamedTuple, Self

import pypdfium2

from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo

sys.path.insert(0, str(Path(__file__).parents[1] / "process"))  # how the real process is started and its rules are read
from client import COMPANY as COMPANY
from client import PATIENCE as PATIENCE
from client import SHELF as SHELF
from client import Place, answer, rules
from papers_to_send import own_paper

REFERENCE = re.compile(r"\b[A-Z]{2}-[A-Z0-9]{4}\b")
MOST = 120  # answers of one registration
PDFIUM = threading.Lock()  # it is not made for several threads
# What a text asks for that is no question of the pack, by how it reads.
READS = {
    "destination": r"Which country do your messages go to\?",
    "countries": r"Countries, .+ \(page \d+ of \d+\)",
    "start": r"Shall we start\?",
    "sender_id": r"Which sender ID shall your customers see\?|Sender IDs so far:",
    "sample": r"Please type a message as your customers will get it|Samples for ",
    "number_waiting": r"Please register with .+ and send me the number",
    "review": r"Please check ",
    "correction": r"\S+ for .+ came back(?: with these words)?:",
    "missing": r"This is .+ so far:",
    "preview": r"Here is what you will sign:",
    "papers": r"Documents for ",
    "complete": r"\S+: every document is here",
    "placing": r"• (?s:.+)\n(What is this\?|Is this: )",
    "tracking": r"\S+ \(.+\) is (under review with us|with an account manager)",
}  # fmt: skip

Message = Any  # as a channel's client shows it: id, text, from_bot, labels


class Process:
    """`python -m bot run`, with a port of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.place = Place(
            folder, HTTP_PORT=str(self.port), SECRET_KEYS="a key that is only for tests",
            **{name: value.format(port=self.port) for name, value in settings.items()},
        )  # fmt: skip
        self.lines: list[str] = []  # of its log
        self._serves = threading.Event()

    def __enter__(self) -> Self:
        self._process = self.place.start("run", stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def started(self) -> Self:
        """Wait until it serves."""
        if not self._serves.wait(PATIENCE) or self._process.poll() is not None:
            self._process.kill()
            raise AssertionError(f"it did not start\n{self.log}")
        return self

    def __exit__(self, *problem: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE)
        assert problem[0] is not None or code == 0, self.log

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.lines.append(line)
            if line.startswith("Sender Desk is on"):
                self._serves.set()
        self._serves.set()

    @property
    def log(self) -> str:
        return "".join(self.lines)

    def invitation(self, role: str) -> str:
        return str(self.place.order("staff invite", role=role)[0]["code"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as there:
        return int(there.getsockname()[1])


# --- what they register --------------------------------------------------------------------------------------------


class Wish(NamedTuple):
    """What is registered, whoever registers it."""

    country: str
    answers: Mapping[str, str]
    names: Mapping[str, Sequence[str]]  # sender IDs with their samples
    skipped: frozenset[str] = frozenset()  # fields that are optional, and left out

    @property
    def secrets(self) -> set[str]:
        """What stands in no log and in no group: every answer but the company's name, which a card shows."""
        shown = self.answers["company_name"]
        typed = [text for name, value in self.answers.items() if name != "country" for text in value.split("\n")]
        samples = [sample for each in self.names.values() for sample in each]
        return {text for text in (*typed, *self.names, *samples) if len(text) > 5 and " " + text not in " " + shown}


THAI = {
    "message_type": "transactional", "country": "Thailand", "messages_carry_links": "yes", "loan_content": "yes",
    "company_name": "Fresh Bakery Co., Ltd.", "dba_name": "Fresh Bakery", "company_registration_number": "0105561234567",
    "company_website": "https://www.freshbakery.example", "address_line1": "88 Charoen Krung Road", "city": "Bangkok",
    "postal_code": "10500", "contact_email": "somchai@freshbakery.example", "contact_phone": "+66 2 123 4567",
    "use_case_category": "purchase_or_delivery", "use_case_description": "We tell people that their order can be fetched.",
    "monthly_volume": "5000", "opt_in_description": "Customers tick a box for messages when they order on our website.",
    "signatory_name": "Ploy Srisuk", "signatory_title": "Managing Director", "sender_id_link_plain": "no",
    "company_name_on_certificate": "บริษัท เฟรชเบเกอรี่ จำกัด",
    "content_urls": "https://www.freshbakery.example/orders\nhttps://www.freshbakery.example/track",
    "link_purpose": "There people see when their bread is ready.",
    "sender_id_description": "BKKROLLS is the name of our delivery service.",
}  # fmt: skip
BERLIN = COMPANY | {
    "company_registration_number": "HRB 901820", "address_line1": "Kastanienallee 82", "postal_code": "10435",
    "dba_name": "Bread of Berlin", "region": "Land Berlin", "brand_origin": "international", "is_healthcare": "no",
    "use_case_description": "We tell people that their order can be fetched.", "use_case_category": "purchase_or_delivery",
    "opt_in_description": "Customers tick a box for messages when they order on our website.", "uen": "201912345K",
    "aggregator": "Example Messaging Pte. Ltd.", "ssir_reference": "SSIR-2026-01234", "contact_first_name": "Annegret",
    "contact_last_name": "Bergmann", "on_behalf_of_other": "no", "mef_protected": "no",
    "company_name_on_certificate": "Fresh Bakery Ltd", "has_uen": "yes",
}  # fmt: skip
SAMPLE = "Your order 4711 is ready. Fetch it until 18:00."
WISHES = {
    "TH": Wish("TH", THAI, {"BKKROLLS": ["ขนมปังของคุณพร้อมแล้ว"]}, frozenset({"address_line2", "region"})),
    "AE": Wish("AE", BERLIN, {"FRESHBAKERY": [SAMPLE]}, frozenset({"address_line2"})),
    "VN": Wish("VN", BERLIN, {"FRESHBAKERY": [], "FreshBake": []}),
    "SG": Wish("SG", BERLIN, {"FRESHBAKERY": []}),
    "GB": Wish("GB", BERLIN, {"FRESHBAKERY": [SAMPLE], "FreshBake": [SAMPLE]}, frozenset({"address_line2"})),
    "KE": Wish("KE", BERLIN, {"FRESHBAKERY": [SAMPLE]}),
}  # fmt: skip
WITHOUT_PAUSE = "paused = false\n"  # ae.toml of RULES_DIR


# --- who they are --------------------------------------------------------------------------------------------------


class Reader:
    """Somebody with a client."""

    def __init__(self, process: Any, person: Any) -> None:
        self.process, self.person = process, person

    def backwards(self, room: Any = None) -> Iterator[Message]:
        """What stands in the room, or in the private chat, the newest message first."""
        raise NotImplementedError

    def files(self, message: Message) -> list[tuple[str, bytes]]:
        """What came with it."""
        raise NotImplementedError

    def hears(self, *words: str) -> Message:
        """Wait until the bot has said all that in one message of the private chat, before or now."""

        def said(_: object) -> Message | None:
            found = [one for one in self.backwards() if one.from_bot and all(word in one.text for word in words)]
            return found[-1] if found else None

        return self.person.waits(said, PATIENCE)


class Asked(NamedTuple):
    what: str  # a field's name, or a key of READS
    message: Message


Does = Callable[["Customer"], None]


class Customer(Reader):
    """Somebody who registers a country. How she answers is left to those below.

    Attributes:
        instead: what she does, once each, when that field or step is asked, before she answers as usual.
    """

    def __init__(
        self, process: Any, person: Any, wish: Wish, folder: Path, seed: int = 0, **instead: Sequence[Does]
    ) -> None:
        super().__init__(process, person)
        self.wish, self.folder = wish, folder
        self.pack = rules(wish.country)
        self.fields = {field["question"]: field for field in self.pack["fields"]}
        self.chance = random.Random(seed)
        self.instead = {what: list(does) for what, does in instead.items()}
        self.asked: list[str] = []  # fields and steps, as they were asked
        self.sent: dict[str, Any] = {}  # field -> id of the message that answered it
        self.questions: dict[str, Message] = {}  # the newest message that asked for it
        self.letters: dict[str, bytes] = {}  # the PDFs by their names
        self.photos: list[bytes] = []  # of their pages, signed
        self.unsigned: dict[int, bytes] = {}  # by the place of a photo: the same page before it was signed
        self.marked: list[bytes] = []  # her own photos, as they came back with what is wrong outlined
        self.checklists: list[str] = []  # what the list said, each time she looked
        self._numbers = itertools.count(1)
        self._newest: Any = None  # id of the last message she has dealt with

    # --- reading ---------------------------------------------------------------------------------------------------

    def reads(self, text: str) -> str | None:
        """What a message asks for, if anything."""
        for question, field in self.fields.items():
            if text.startswith(question):
                return str(field["name"])
        return next((what for what, words in READS.items() if re.match(words, text)), None)

    def is_asked(self) -> Asked:
        """Wait for the next question."""
        found: Asked = self.person.waits(lambda _: self._question(), PATIENCE)
        self.asked.append(found.what)
        self.questions[found.what] = found.message
        return found

    def _question(self) -> Asked | None:
        for message in self.backwards():
            if self._newest is not None and message.id <= self._newest:
                return None
            if message.from_bot and (what := self.reads(message.text)):
                return Asked(what, message)
        return None

    def now(self, message: Message) -> Message:
        """The message as it is now: some are changed where they stand."""
        return next(one for one in self.backwards() if one.id == message.id)

    def offers(self, message: Message) -> list[str]:
        """The labels of its choices."""
        return list(message.labels)

    @property
    def reference(self) -> str:
        found = REFERENCE.search(self.hears("has the reference").text)
        assert found
        return found[0]

    @property
    def shown(self) -> dict[str, Any]:
        """`case show --json`."""
        return self.process.place.case(self.reference)

    # --- acting ----------------------------------------------------------------------------------------------------

    def looks_up(self) -> None:
        """All up to here is dealt with: an answer to what she does next comes behind it."""
        self._newest = next((message.id for message in self.backwards()), self._newest)

    def says(self, text: str) -> Any:
        self.looks_up()
        return self.person.types(text)

    def begins(self) -> None:
        """Say hello."""
        raise NotImplementedError

    def chooses(self, message: Message, label: str, word: str) -> None:
        """Take one of the choices a message offers: `label` is how it reads, `word` how it may be written."""
        raise NotImplementedError

    # --- the whole way ---------------------------------------------------------------------------------------------

    def registers(self, until: str = "tracking") -> Self:
        """From hello until nothing is wanted of her any more, or that is asked."""
        if does := self.instead.get("begins"):
            does.pop()(self)
        else:
            self.begins()
        for _ in range(MOST):
            asked = self.is_asked()
            if asked.what == until:
                return self
            self.answers(asked)
        raise AssertionError(f"no end\n{self.person.transcript()}")

    def answers(self, asked: Asked) -> None:
        if does := self.instead.get(asked.what):
            does.pop(0)(self)
        elif field := self.field(asked.what):
            self.answers_field(field, asked.message)
        else:
            getattr(self, f"_at_{asked.what}")(asked.message)

    def field(self, name: str) -> dict[str, Any]:
        """What the rules say of it; nothing where it is no field."""
        return next((field for field in self.fields.values() if field["name"] == name), {})

    def answers_field(self, field: Mapping[str, Any], message: Message) -> None:
        name = field["name"]
        if name in self.wish.skipped:
            return self.chooses(message, "Skip", "/skip")
        said = answer(field, self.wish.answers)
        if field["type"] == "boolean":
            return self.chooses(message, said.capitalize(), said)
        if label := field["choice_labels"].get(said):
            return self.chooses(message, label, label)
        self.sent[name] = self.says(said)

    def _at_destination(self, message: Message) -> None:
        self.says(self.pack["name"])

    def _at_start(self, message: Message) -> None:
        self.chooses(message, "Start", "start")

    def _at_sender_id(self, message: Message) -> None:
        given = {line.removeprefix("• ").split(":")[0] for line in message.text.split("\n") if line.startswith("• ")}
        name = next((name for name in self.wish.names if name not in given), None)
        if name is None:
            return self.chooses(message, "Done", "done")
        self.sent[name] = self.says(name)

    def _at_sample(self, message: Message) -> None:
        name = max((name for name in self.wish.names if name in message.text), key=len)
        there = re.search(r"so far: (\d+)", message.text)
        left = self.wish.names[name][int(there[1]) if there else 0 :]
        if left:
            self.says(left[0])
        else:
            self.chooses(message, "No more samples", "done")

    def _at_number_waiting(self, message: Message) -> None:
        self.says(self.wish.answers[self.pack["registry"]["number_field"]])

    def _at_missing(self, message: Message) -> None:
        self.chooses(message, "Answer what is missing", "continue")

    def _at_review(self, message: Message) -> None:
        assert all(name in message.text for name in self.wish.names)
        offers = self.offers(message)
        self.chooses(message, "Submit" if "Submit" in offers else offers[0], "submit")

    # --- papers ----------------------------------------------------------------------------------------------------

    def _at_preview(self, message: Message) -> None:
        """Look the letters over: the PDFs came before the question."""
        came = [one for one in self.person.sees if one.from_bot and one.id < message.id]
        files = [file for one in came for file in self.files(one)]
        self.letters = {name: content for name, content in files if name.endswith(".pdf")}
        assert self.letters, self.person.transcript()
        texts = [pages_of(pdf) for pdf in self.letters.values()]
        pictures = [name for name, _ in files if not name.endswith(".pdf")]
        assert len(pictures) == sum(map(len, texts)), f"a picture of each page: {pictures}"
        for text in map("\n".join, texts):
            assert all(words in text for words in (self.wish.answers["company_name"], *self.wish.names))
        self.chooses(message, "All correct", "yes")

    def signs(self) -> None:
        """Print every page, sign and stamp it, and photograph it."""
        for name, pdf in self.letters.items():
            path = self.folder / name
            path.write_bytes(pdf)
            for layout in layout_of(path):
                seed = len(self.photos)
                with PDFIUM:
                    if layout.signature_box and "papers" in self.instead:
                        self.unsigned[seed] = signed_photo(pdf, layout.page, layout, seed, signed=False)
                    self.photos.append(signed_photo(pdf, layout.page, layout, seed))

    def _at_papers(self, message: Message) -> None:
        """Send what the list lacks: letters first, then one of the company's own."""
        self.checklists.append(message.text)
        letters = re.findall(r"^☐ (.+): .*\bsign\b", message.text, re.MULTILINE)
        if letters:
            self.signs()
            self.sends_letters()
            self.checklists.append(self.person.waits(lambda _: self._without(message, letters), PATIENCE))
        if "☐" in self.checklists[-1]:
            self.sends_own()

    def _without(self, checklist: Message, titles: Sequence[str]) -> str | None:
        """What the list says now in its place, once none of these is wanted any more."""
        now = str(self.now(checklist).text)
        return None if any(f"☐ {title}:" in now for title in titles) else now

    def shows(self, message: Message, words: str) -> str | None:
        """What it says now, once these words are in it."""
        now = str(self.now(message).text)
        return now if words in now else None

    def sends_letters(self) -> None:
        raise NotImplementedError

    def any_order(self) -> list[int]:
        """The places of her photos, in an order nobody can know."""
        order = self.chance.sample(range(len(self.photos)), len(self.photos))
        print(f"{self.wish.country}: letters in the order {order}")
        return order

    def sends_own(self) -> None:
        """A paper of the company's own: a PDF and a photo in turn, under a name that says nothing."""
        number = next(self._numbers)
        path = own_paper(self.folder, f"scan{number:04}", number)
        self.looks_up()
        self.sends(path)

    def sends(self, path: Path) -> None:
        raise NotImplementedError

    def _at_placing(self, message: Message) -> None:
        """Which paper is it? The first of the company's own that is still wanted."""
        wanted = re.findall(r"^☐ (.+): send", self.checklists[-1], re.MULTILINE)
        label = next(label for label in self.offers(message) if label.removeprefix("Yes, ") in wanted)
        self.chooses(message, label, label.removeprefix("Yes, "))

    def _at_complete(self, message: Message) -> None:
        self.checklists.append(message.text)
        self.chooses(message, "Submit documents", "submit")


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page."""
    with PDFIUM:
        return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


# --- the desk ------------------------------------------------------------------------------------------------------


class Staff(Reader):
    """A staff member with a private chat and a place in the desk's room."""

    def __init__(self, process: Any, room: Any, person: Any, role: str) -> None:
        super().__init__(process, person)
        self.room, self.role = room, role

    def card(self, reference: str, *words: str) -> Message:
        """Wait until the registration's card in the room says that, or has a button that does."""

        def there(_: object) -> Message | None:
            every = (one for one in self.backwards(self.room) if one.from_bot and one.text.startswith(reference))
            card = next(iter(list(every)[::-1]), None)  # the first: it is changed where it stands
            return card if card and all(word in card.text or word in card.labels for word in words) else None

        return self.room.waits(there, PATIENCE)

    def takes(self, reference: str) -> list[Message]:
        """From its card. What came of it in the private chat."""
        self.decides(reference, "Take it")
        return self.dossier(reference)

    def decides(self, reference: str, label: str) -> None:
        """On the card, once it offers that."""
        self.person.presses(self.card(reference, label), label, in_=self.room)

    def dossier(self, reference: str) -> list[Message]:
        """Wait for the answers; they and the documents before them."""
        answers = self.hears(f"{reference} · ")
        return [one for one in self.person.sees if one.from_bot and one.id <= answers.id]

    def says(self, text: str, *words: str) -> Message:
        """Write it in the private chat, and wait for an answer that says so."""
        self.person.types(text)
        return self.hears(*words)


# --- what came of it -----------------------------------------------------------------------------------------------

# What `result` gives of each country in the end, through whatever channel.
REGISTERED: dict[str, Any] = json.loads((Path(__file__).parent / "payloads" / "registered.json").read_text())
DECIDED = {"take", "pass_on", "approve"}  # by the desk, which may go one way or the other


def triggers(customer: Customer) -> list[str]:
    """The moves of its life, in order."""
    return [line["trigger"] for line in customer.shown["history"] if line["from"] != line["to"]]


def verdicts(customer: Customer) -> dict[str, list[Any]]:
    return {one["code"]: [page["verdict"] for page in one["pages"]] for one in customer.shown["documents"]}


def result(customer: Customer) -> dict[str, Any]:
    """All of `case show` that does not tell when and by whom."""
    shown = customer.shown
    return {name: shown[name] for name in ("status", "company", "sender_ids", "answers", "missing", "documents")}


def said_to(customer: Customer) -> str:
    return "\n\n".join(message.text for message in customer.person.answers)


def hears_that_it_works(customer: Customer) -> None:
    news = customer.hears("Good news for")
    assert f"({customer.reference}): Successful." in news.text
    assert all(f"✔ {name} works in {customer.pack['name']}" in news.text for name in customer.wish.names)


# --- a town --------------------------------------------------------------------------------------------------------

Story = Callable[["Town", Customer], None]
LONGEST = 3 * PATIENCE  # seconds of a story


@dataclass
class Town:
    """A process, the people who write to it, and how far they are."""

    process: Any
    room: Any  # the desk's
    staff: dict[str, Any]
    folder: Path
    pool: ThreadPoolExecutor
    comes: Callable[[str], Any]  # somebody of that name
    customers: dict[str, Any] = holding(default_factory=dict)
    stories: dict[str, Future[None]] = holding(default_factory=dict)
    took: dict[str, float] = holding(default_factory=dict)  # seconds

    @property
    def api(self) -> Any:
        return self.process.api

    def begins(
        self, name: str, kind: type[Customer], ends: Story, *, until: str = "tracking", wish: Wish | None = None,
        **instead: list[Does] | dict[str, str],
    ) -> None:  # fmt: skip
        """Somebody registers the country that the name begins with; `ends` is what comes afterwards."""
        folder = self.folder / name
        folder.mkdir()
        seed = sum(map(ord, name))
        person = self.comes(f"Customer {name}")
        customer = self.customers[name] = kind(
            self.process, person, wish or WISHES[name[:2]], folder, seed, **instead
        )  # fmt: skip

        def told() -> None:
            started = time.monotonic()
            ends(self, customer.registers(until))
            self.took[name] = time.monotonic() - started

        self.stories[name] = self.pool.submit(told)

    def told(self, name: str) -> Any:
        """Wait for the end of that story; who it is about."""
        self.stories[name].result(LONGEST)
        return self.customers[name]

    def settled(self) -> None:
        """Wait until every story has come to an end, good or bad."""
        wait(self.stories.values(), LONGEST)

    @property
    def secrets(self) -> set[str]:
        return set().union(*(customer.wish.secrets for customer in self.customers.values()))


# --- what people do beside answering -------------------------------------------------------------------------------


def asks(words: str) -> Does:
    """Says something that is no answer."""

    def does(customer: Customer) -> None:
        customer.says(words)

    return does


def misspells_the_city(customer: Customer) -> None:
    customer.sent["city"] = customer.says("Bangcock")


def mends_the_city(customer: Customer) -> None:
    customer.looks_up()
    customer.person.edits(customer.sent["city"], customer.wish.answers["city"])


def forgets_to_sign(customer: Customer) -> None:
    """One page of her letters is not signed. She wants a person to see it, thinks better of it, and signs it."""
    checklist, person = customer.questions["papers"], customer.person
    customer.checklists.append(checklist.text)
    customer.signs()
    place, unsigned = next(iter(customer.unsigned.items()))
    signed, customer.photos[place] = customer.photos[place], unsigned
    before = {one.id for one in person.sees}
    customer.sends_letters()
    told = customer.hears("I see no signature")
    assert [told.text.count(mark) for mark in "✔✘"] == [len(customer.photos) - 1, 1], "one reason, of the one page"
    new = [one for one in person.sees if one.from_bot and one.id not in before]
    customer.marked = [content for one in new for _, content in customer.files(one)]
    customer.checklists.append(person.waits(lambda _: customer.shows(checklist, "again, no signature"), PATIENCE))
    customer.chooses(told, "Send it to a person anyway", "send anyway")
    customer.hears("a person will look at this as it is", "no signature")
    customer.photos[place] = signed
    again = customer.folder / "signed.jpg"
    again.write_bytes(signed)
    customer.sends(again)
    customer.hears("It came more than once: this one counts")


def has_no_number_yet(customer: Customer) -> None:
    question = customer.questions[customer.pack["registry"]["number_field"]]
    customer.chooses(question, "I don't have it yet", "/later")


# --- how stories end -----------------------------------------------------------------------------------------------


def passed_on_and_approved(town: Town, customer: Customer) -> None:
    rita, reference = town.staff["rita"], customer.reference
    papers = rita.takes(reference)
    letters = {name.rpartition("-v")[0] for name in customer.letters}
    came = sum(len(rita.files(one)) for one in papers)
    assert came >= len(letters) + 2, "of each letter its scan, or else its photos, and two of her own"
    rita.decides(reference, "Pass on")
    customer.hears("is now with the carriers")
    rita.decides(reference, "Approve")
    hears_that_it_works(customer)


def approved(town: Town, customer: Customer) -> None:
    rita, reference = town.staff["rita"], customer.reference
    rita.takes(reference)
    rita.decides(reference, "Approve")
    hears_that_it_works(customer)


def approved_in_words(town: Town, customer: Customer) -> None:
    reference = customer.reference
    staff = town.staff["max" if customer.wish.country in ("VN", "SG") else "rob"]
    staff.says(f"take {reference}", f"{reference} is yours")
    staff.says(f"approve {reference}", f"{reference} is Successful")
    hears_that_it_works(customer)
