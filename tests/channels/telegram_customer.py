"""Customers and staff with Telegram clients, and the real process they write to.

A customer knows what her client shows and what `rules show` prints, nothing else: she finds the question in the text,
answers it with a button or in words, prints the PDFs that came and photographs them signed.
"""

from __future__ import annotations

import itertools
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import pypdfium2
from bot_api import BotApi
from bot_people import Group, Person
from bot_world import Seen, seen

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
    "missing": r"This is .+ so far:",
    "preview": r"Here is what you will sign:",
    "papers": r"Documents for ",
    "complete": r"\S+: every document is here",
    "placing": r"What is this\?|Is this: ",
    "tracking": r"\S+ \(.+\) is (under review with us|with an account manager)",
}  # fmt: skip


class Process:
    """`python -m bot run` with a Bot API of its own."""

    def __init__(self, api: BotApi, folder: Path, **settings: str) -> None:
        self.api, self.port = api, free_port()
        self.place = Place(
            folder, TELEGRAM_BOT_TOKEN=api.token, TELEGRAM_BASE_URL=api.base_url, TELEGRAM_BASE_FILE_URL=api.file_url,
            HTTP_PORT=str(self.port), SECRET_KEYS="a key that is only for tests",
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


def hears(person: Person, *words: str) -> Seen:
    """Wait until the bot has said all that in one message of the private chat, before or now."""

    def said(_: object) -> Seen | None:
        for message in person.chat.shown():
            if message.sender.is_bot and all(word in message.text for word in words):
                return seen(message)
        return None

    return person.waits(said, PATIENCE)


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


class Asked(NamedTuple):
    what: str  # a field's name, or a key of READS
    message: Seen


Does = Callable[["Customer"], None]


class Customer:
    """Somebody who registers a country. How she answers is left to those below.

    Attributes:
        instead: what she does, once each, when that field or step is asked, before she answers as usual.
    """

    def __init__(
        self, process: Process, person: Person, wish: Wish, folder: Path, seed: int = 0, **instead: Sequence[Does]
    ) -> None:
        self.process, self.person, self.wish, self.folder = process, person, wish, folder
        self.pack = rules(wish.country)
        self.fields = {field["question"]: field for field in self.pack["fields"]}
        self.chance = random.Random(seed)
        self.instead = {what: list(does) for what, does in instead.items()}
        self.asked: list[str] = []  # fields and steps, as they were asked
        self.sent: dict[str, int] = {}  # field -> id of the message that answered it
        self.questions: dict[str, Seen] = {}  # the newest message that asked for it
        self.letters: dict[str, bytes] = {}  # the PDFs by their names
        self.photos: list[bytes] = []  # of their pages, signed
        self.checklists: list[str] = []  # what the list said, each time she looked
        self._numbers = itertools.count(1)
        self._newest = 0  # id of the last message she has dealt with

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
        for message in reversed(self.person.chat.shown()):
            if message.id <= self._newest:
                return None
            if message.sender.is_bot and (what := self.reads(message.text)):
                return Asked(what, seen(message))
        return None

    def hears(self, *words: str) -> Seen:
        return hears(self.person, *words)

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
        self._newest = max(self.person.chat.messages, default=0)

    def says(self, text: str) -> int:
        self.looks_up()
        return self.person.types(text)

    def presses(self, message: Seen, label: str) -> None:
        self.looks_up()
        self.person.presses(message, label)

    def chooses(self, message: Seen, label: str, word: str) -> None:
        """Take one of the choices a message offers: `label` is how it reads, `word` how it may be written."""
        raise NotImplementedError

    # --- the whole way ---------------------------------------------------------------------------------------------

    def registers(self, until: str = "tracking") -> Self:
        """From hello until nothing is wanted of her any more, or that is asked."""
        if does := self.instead.get("begins"):
            does.pop()(self)
        else:
            self.person.starts()
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

    def answers_field(self, field: Mapping[str, Any], message: Seen) -> None:
        name = field["name"]
        if name in self.wish.skipped:
            return self.chooses(message, "Skip", "/skip")
        said = answer(field, self.wish.answers)
        if field["type"] == "boolean":
            return self.chooses(message, said.capitalize(), said)
        if label := field["choice_labels"].get(said):
            return self.chooses(message, label, label)
        self.sent[name] = self.says(said)

    def _at_destination(self, message: Seen) -> None:
        self.says(self.pack["name"])

    def _at_start(self, message: Seen) -> None:
        self.chooses(message, "Start", "start")

    def _at_sender_id(self, message: Seen) -> None:
        name = next((name for name in self.wish.names if f"• {name}" not in message.text.split("\n")), None)
        if name is None:
            return self.chooses(message, "Done", "done")
        self.sent[name] = self.says(name)

    def _at_sample(self, message: Seen) -> None:
        name = max((name for name in self.wish.names if name in message.text), key=len)
        there = re.search(r"so far: (\d+)", message.text)
        left = self.wish.names[name][int(there[1]) if there else 0 :]
        if left:
            self.says(left[0])
        else:
            self.chooses(message, "No more samples", "done")

    def _at_number_waiting(self, message: Seen) -> None:
        self.says(self.wish.answers[self.pack["registry"]["number_field"]])

    def _at_missing(self, message: Seen) -> None:
        self.chooses(message, "Answer what is missing", "continue")

    def _at_review(self, message: Seen) -> None:
        assert all(name in message.text for name in self.wish.names)
        self.chooses(message, "Submit" if "Submit" in message.labels else message.labels[0], "submit")

    # --- papers ----------------------------------------------------------------------------------------------------

    def _at_preview(self, message: Seen) -> None:
        """Look the letters over: the PDFs came before the question."""
        came = [one for one in self.person.sees if one.from_bot and one.id < message.id]
        self.letters = {name: pdf for one in came for name, pdf in one.documents if name.endswith(".pdf")}
        assert self.letters, self.person.transcript()
        texts = [pages_of(pdf) for pdf in self.letters.values()]
        assert sum(len(one.photos) for one in came) == sum(map(len, texts)), "a picture of each page"
        for text in map("\n".join, texts):
            assert all(words in text for words in (self.wish.answers["company_name"], *self.wish.names))
        self.chooses(message, "All correct", "yes")

    def signs(self) -> None:
        """Print every page, sign and stamp it, and photograph it."""
        for name, pdf in self.letters.items():
            path = self.folder / name
            path.write_bytes(pdf)
            for layout in layout_of(path):
                with PDFIUM:
                    self.photos.append(signed_photo(pdf, layout.page, layout, seed=len(self.photos)))

    def _at_papers(self, message: Seen) -> None:
        """Send what the list lacks: letters first, then one of the company's own."""
        self.checklists.append(message.text)
        letters = re.findall(r"^☐ (.+): .*\bsign\b", message.text, re.MULTILINE)
        if letters:
            self.signs()
            self.sends_letters()
            self.checklists.append(self.person.waits(lambda _: self._without(message, letters), PATIENCE))
        if "☐" in self.checklists[-1]:
            self.sends_own()

    def _without(self, checklist: Seen, titles: Sequence[str]) -> str | None:
        """What the list says now in its place, once none of these is wanted any more."""
        now = self.person.chat.messages[checklist.id].text
        return None if any(f"☐ {title}:" in now for title in titles) else now

    def sends_letters(self) -> None:
        """As an album, in an order nobody can know."""
        self.looks_up()
        self.person.sends_album(self.photos, order=self.any_order())

    def any_order(self) -> list[int]:
        order = self.chance.sample(range(len(self.photos)), len(self.photos))
        print(f"{self.wish.country}: letters in the order {order}")
        return order

    def sends_own(self) -> None:
        """A paper of the company's own: a PDF and a photo in turn, under a name that says nothing."""
        number = next(self._numbers)
        path = own_paper(self.folder, f"scan{number:04}", number)
        self.looks_up()
        if path.suffix == ".pdf":
            self.person.sends_document(path)
        else:
            self.person.sends_photo(path)

    def _at_placing(self, message: Seen) -> None:
        """Which paper is it? The first of the company's own that is still wanted."""
        wanted = re.findall(r"^☐ (.+): send", self.checklists[-1], re.MULTILINE)
        label = next(label for label in message.labels if label.removeprefix("Yes, ") in wanted)
        self.chooses(message, label, label.removeprefix("Yes, "))

    def _at_complete(self, message: Seen) -> None:
        self.checklists.append(message.text)
        self.chooses(message, "Submit documents", "submit")


class Presser(Customer):
    """She presses a button wherever there is one. Her photos come as an album."""

    def chooses(self, message: Seen, label: str, word: str) -> None:
        self.presses(message, label)


class OneByOne(Presser):
    """Her photos come one by one."""

    def sends_letters(self) -> None:
        self.looks_up()
        for place in self.any_order():
            self.person.sends_photo(self.photos[place])


class Typist(Customer):
    """She writes everything, and sends her photos as files."""

    def chooses(self, message: Seen, label: str, word: str) -> None:
        self.says(word)

    def sends_letters(self) -> None:
        self.looks_up()
        self.person.sends_album(self.photos, as_photos=False)


def pages_of(pdf: bytes) -> list[str]:
    """The words of each page."""
    with PDFIUM:
        return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


# --- the desk ------------------------------------------------------------------------------------------------------


class Staff:
    """A staff member with a private chat and a place in the desk's group."""

    def __init__(self, process: Process, group: Group, person: Person, role: str) -> None:
        self.process, self.group, self.person, self.role = process, group, person, role

    def binds(self, *, by_link: bool = False) -> Self:
        """Spend an invitation, in words or by a link that opens the private chat."""
        code = self.process.invitation(self.role)
        if by_link:
            self.person.starts(code)
        else:
            self.person.starts()
            self.person.types(code)
        self.hears("Welcome to the desk")
        return self

    def hears(self, *words: str) -> Seen:
        return hears(self.person, *words)

    def card(self, reference: str, *words: str) -> Seen:
        """Wait until the registration's card in the group says that, or has a button that does."""

        def there(_: object) -> Seen | None:
            cards = (one for one in self.group.chat.shown() if one.sender.is_bot and one.text.startswith(reference))
            card = next((seen(one) for one in cards), None)
            return card if card and all(word in card.text or word in card.labels for word in words) else None

        return self.group.waits(there, PATIENCE)

    def takes(self, reference: str) -> list[Seen]:
        """From its card. What came of it in the private chat."""
        self.person.presses(self.card(reference, "Take it"), "Take it", in_=self.group)
        return self.dossier(reference)

    def decides(self, reference: str, label: str) -> None:
        """On the card, once it offers that."""
        self.person.presses(self.card(reference, label), label, in_=self.group)

    def dossier(self, reference: str) -> list[Seen]:
        """Wait for the answers; they and the documents before them."""
        answers = self.hears(f"{reference} · ")
        return [one for one in self.person.sees if one.from_bot and one.id <= answers.id]

    def says(self, text: str, *words: str) -> Seen:
        """Write it in the private chat, and wait for an answer that says so."""
        self.person.types(text)
        return self.hears(*words)


def sent_to(api: BotApi, chat: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call that put something into a chat, or changed it there."""
    for call in list(api.log):
        if call.parameters.get("chat_id") == chat and call.method != "sendChatAction":
            yield call.method, call.parameters
