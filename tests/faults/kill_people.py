"""People who go on with their registrations while the process dies again and again, and what they are to be told.

It knows nothing of how the product decides, but how its letters are signed: a story says for every act which words must follow it, and what is to be
kept of it in the end. What a client shows is read against that, message by message.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zlib import crc32

from PIL import Image, ImageDraw

from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo

TOO_EARLY = re.compile(r'You wrote ".*" before my question reached you|That step is done\.')
REFERENCE = re.compile(r"\bAW-[A-Z0-9]{4}\b")


class Shown(NamedTuple):
    """A message of the bot, as a client shows it."""

    text: str
    files: tuple[tuple[str, bytes], ...] = ()


class Client(Protocol):
    """Somebody's client of one platform."""

    chat: str  # as the product names it

    def shown(self) -> list[Shown]:
        """The bot's messages, the oldest first. Their number never falls."""

    hello: tuple[str, str]  # the act with which a chat begins

    def does(self, how: str, what: Any) -> None:
        """`types` a text, `presses` a label of the last message that has it, or `sends` a file: its name, its bytes."""


@dataclass(frozen=True)
class Row:
    """One message as the product keeps it; a platform may need several for one with files."""

    says: str  # how it begins, a regular expression
    files: bool = False  # they come before the words
    leads: bool = False  # into the question after it: asked again, both come
    over: bool = False  # a platform that edits shows it in place of the row before it


@dataclass(frozen=True)
class Act:
    how: str
    what: Any
    rows: tuple[Row, ...]  # what follows it


class Repeat(NamedTuple):
    """A row that came once more: at which place the first of it stood, and at which the second begins."""

    before: int
    at: int
    text: str


class Unexpected(Exception):
    """A message that nothing led to, or not now."""


class Reading:
    """What was to be said in one chat, and what was."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.said = 0  # rows that are there, whole
        self.read = 0  # messages
        self.repeats: list[Repeat] = []
        self.early: list[int] = []  # messages that refuse an answer to a question that had not been sent
        self.texts: list[str] = []  # of the rows that are there
        self._last: tuple[int, str] = (0, "")  # the last message with words
        self._names: dict[str, int] = {}  # files of the row that is coming or came last, by the message each was in
        self._copying = False
        self._prompt: Row | None = None  # the question that comes again
        self._redo = False  # and is to be answered again

    @property
    def is_through(self) -> bool:
        return self.said == len(self.rows)

    def reads(self, shown: Sequence[Shown]) -> bool:
        """Take in what is new. True: an answer was refused and its question stands there again.

        Raises:
            Unexpected: a message has no place.
        """
        again = False
        for at in range(self.read, len(shown)):
            self.read = at + 1
            message = shown[at]
            if message.files:
                self._file(at, message)
            if message.text:
                again = self._words(at, message.text) or again
        return again and self.is_through

    def _found(self, text: str) -> int | None:
        """Which of the rows still to come these words are: the next, or the one behind what stands in another's place."""
        for at in range(self.said, len(self.rows)):
            if re.match(self.rows[at].says, text):
                return at
            if not self.rows[at].over:
                return None
        return None

    def _file(self, at: int, message: Shown) -> None:
        names = [f"{name} {crc32(content)}" for name, content in message.files]
        row = self.rows[self.said] if not self.is_through else None
        if not (row and row.files) and not (self.said and self.rows[self.said - 1].files):
            raise Unexpected(f"files nobody waits for: {names}")
        if before := [self._names[name] for name in names if name in self._names]:
            self._repeats(min(before), at, names[0])
            self._names.clear()
            self._copying = True
        self._names.update(dict.fromkeys(names, at))

    def _words(self, at: int, text: str) -> bool:
        place, last = self._last
        self._last = (at, text)
        if (found := self._found(text)) is not None:
            self.said = found + 1
            self.texts.append(text)
            if not self.rows[self.said - 1].files:
                self._names.clear()
            self._copying = False
            return self._redo and self.is_through and self.rows[self.said - 1] is self._prompt
        if TOO_EARLY.match(text):
            # What was answered already, and pressed once more, is only told where it is.
            self._redo = not self.is_through
            self.early += [at] * self._redo
            asked = self.rows[: self.said]
            begins = next(at for at in reversed(range(self.said)) if not at or not asked[at - 1].leads)
            again = [Row(row.says, leads=row.leads) for row in asked[begins:]]
            self._prompt, self.rows[self.said :] = again[-1], again
            return False
        if text != last:
            wanted = self.rows[self.said].says if not self.is_through else "nothing"
            raise Unexpected(f"waited for {wanted}, and was told {text[:200]!r}")
        if not self._copying:
            self._repeats(place, at, text)
        self._copying = False
        return False

    def _repeats(self, before: int, at: int, text: str) -> None:
        self.repeats.append(Repeat(before, at, text))


@dataclass
class Kept:
    """What must be kept of a story, as far as it has come."""

    opened: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    sender_ids: dict[str, list[str]] = field(default_factory=dict)
    triggers: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    letters: int = 0  # letters drawn
    status: str = ""
    withdrawn: bool = False


Plot = Iterator[Act]


class Somebody:
    """One who acts when the chat has told all that her last act was to lead to."""

    def __init__(self, client: Client, plot: Callable[[Somebody], Plot]) -> None:
        self.client, self.reading, self.kept = client, Reading(), Kept()
        self.acts = self.presses = 0
        self.is_over = False  # nothing is left that she wants to do
        self._plot = plot(self)
        self._act: Act | None = None
        self._again = False

    @property
    def is_through(self) -> bool:
        return self.is_over and self.reading.is_through

    @property
    def reference(self) -> str:
        return next(found[0] for text in self.reading.texts if (found := REFERENCE.search(text)))

    def looks(self) -> None:
        """Read what is new."""
        self._again = self.reading.reads(self.client.shown()) or self._again

    def goes_on(self) -> bool:
        """Do what is next, if it is her turn."""
        self.looks()
        if not self.reading.is_through:
            return False
        if not self._again:
            self._act = next(self._plot, None)
        act, self._again = self._act, False
        if act is None:
            self.is_over = True
            return False
        self.reading.rows += act.rows
        self.acts += 1
        self.presses += act.how == "presses"
        self.client.does(act.how, act.what)
        return True

    def is_to_hear(self, *rows: Row) -> None:
        """Something somebody else's act leads to."""
        self.reading.rows += rows


# --- stories -------------------------------------------------------------------------------------------------------

# Three questions and a letter: the shortest way on which everything happens. A country's file laid over ours.
COUNTRY = """route = "form"
fields = ["company_name", "signatory_name", "signatory_title"]
documents = ["loa"]
"""
NAME, COUNTRIES = Row("What is the full legal name"), Row("Which country do your messages go to")
KEEPS_FILE = Row("Thank you. I keep your file")


def asks(*says: str) -> tuple[Row, ...]:
    return tuple(Row(one) for one in says)


def comes(me: Somebody) -> Plot:
    """From hello to the first question."""
    yield Act(*me.client.hello, (Row("Hello! I register"), COUNTRIES))
    yield from opens(me)


def opens(me: Somebody) -> Plot:
    yield Act("types", "Aruba", (Row("Aruba: the sender ID must", leads=True), Row(r"Shall we start\?")))
    yield Act("presses", "Start", (Row("Your registration for Aruba has the reference"), NAME))
    me.kept.opened, me.kept.status = True, "DRAFT"
    me.kept.triggers.append("open")


def sends_early(me: Somebody, number: int) -> Plot:
    """A photo before it is time for papers. It is kept."""
    photo = picture(number)
    yield Act("sends", ("photo.jpg", photo), (KEEPS_FILE, NAME))
    me.kept.files.append(photo)


def answers(me: Somebody, number: int) -> Plot:
    """All questions, to the page with every answer."""
    kept, mark = me.kept, f"{number:04}"
    for name, text, row in (
        ("company_name", f"Quietwater {mark} Ltd", "Who will sign"),
        ("signatory_name", f"Marigold Thistledown {name_of(number)}", "What is that person's position"),
        ("signatory_title", f"Director of the {name_of(number)} office", "Which sender ID shall"),
    ):
        yield Act("types", text, asks(row))
        kept.answers[name] = text
    sender_id, sample = f"QUIET{mark}", f"Your order {mark} is ready."
    yield Act("types", sender_id, asks("Sender IDs so far"))
    kept.sender_ids[sender_id] = []
    yield Act("presses", "Done", asks("Please type a message as"))
    yield Act("types", sample, asks("Noted: ", f"Samples for {sender_id} so far: 1"))
    kept.sender_ids[sender_id].append(sample)
    yield Act("presses", "No more samples", asks(r"Please check AW-"))


def name_of(number: int) -> str:
    """A name for each number, in letters."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}").capitalize()


def fills_in(number: int) -> Callable[[Somebody], Plot]:
    """She sends a photo too early and answers everything, and leaves it there."""

    def plot(me: Somebody) -> Plot:
        yield from comes(me)
        yield from sends_early(me, number)
        yield from answers(me, number)

    return plot


def withdraws(number: int, *, with_file: bool) -> Callable[[Somebody], Plot]:
    """She opens a registration and has it deleted, with a file or an answer in it."""

    def plot(me: Somebody) -> Plot:
        yield from comes(me)
        if with_file:
            yield from sends_early(me, number)
        else:
            name = f"Quietwater {number:04} Ltd"
            yield Act("types", name, asks("Who will sign"))
            me.kept.answers["company_name"] = name
        yield Act("types", "cancel", asks(r"Stop working on Aruba"))
        yield Act("presses", "Withdraw and delete", asks("Really delete Aruba"))
        yield Act("presses", "Yes, delete it", (Row(r"Aruba \(AW-....\) is withdrawn"), COUNTRIES))
        me.kept.withdrawn, me.kept.status = True, "WITHDRAWN"

    return plot


def signs(number: int, ready: Callable[[Somebody], None]) -> Callable[[Somebody], Plot]:
    """She registers it whole: a letter is drawn, comes back, and goes to the desk."""

    def plot(me: Somebody) -> Plot:
        kept = me.kept
        yield from comes(me)
        yield from answers(me, number)
        drawing = (Row("I am drawing your letter"), Row("Here is what you will sign", files=True))
        yield Act("presses", "Submit", (Row("May I keep your company's details"), *drawing))
        kept.triggers += ["submit", "rendered"]
        kept.status, kept.letters = "DOCUMENTS_RENDERED", 1
        yield Act("presses", "All correct", asks("Documents for AW-"))
        scan = scanned(next(c for m in me.client.shown() for n, c in m.files if n.endswith(".pdf")))
        seen = r"Aruba \(AW-....\):\s*✔"
        looking = Row(rf"Thank you, I am looking at your file|{seen}")
        rows = (looking, Row(seen, over=True), *asks(r"AW-....: every document is here"))
        yield Act("sends", ("scan.pdf", scan), rows)
        kept.files.append(scan)
        yield Act("presses", "Submit documents", asks(r"AW-.... \(Aruba\) is under review"))
        kept.triggers.append("submit_documents")
        kept.status = "UNDER_REVIEW"
        ready(me)

    return plot


class Reviewer(Somebody):
    """A staff member who approves whatever comes."""

    def __init__(self, client: Client, code: str) -> None:
        self.waiting: list[Somebody] = []
        self._code = code
        super().__init__(client, lambda _: self._works())

    def _works(self) -> Plot:
        yield Act(*self.client.hello, (Row("Hello! I register"), COUNTRIES))
        yield Act("types", self._code, (Row("Welcome to the desk"), COUNTRIES))
        while self.waiting:
            one = self.waiting.pop(0)
            reference = one.reference
            case, mine = Row(f"{reference} · Aruba: Under review", files=True), Row(f"{reference} is yours")
            yield Act("types", f"take {reference}", (case, mine))
            one.kept.triggers.append("take")
            one.is_to_hear(Row(rf"Good news for Aruba \({reference}\): Successful"))
            yield Act("types", f"approve {reference}", asks(f"{reference} is Successful"))
            one.kept.triggers += [*(f"approved {name}" for name in one.kept.sender_ids), "approve"]
            one.kept.status = "SUCCESSFUL"

    def goes_on(self) -> bool:
        if self.is_over and self.waiting:
            self.is_over, self._plot = False, self._rest()
        return super().goes_on()

    def _rest(self) -> Plot:
        works = self._works()
        next(works), next(works)  # she is in
        return works


def picture(number: int) -> bytes:
    """A photo of a paper that can be read, another one for each number."""
    out = io.BytesIO()
    sheet = Image.new("RGB", (840, 1188), "white")
    lines = "\n".join(f"Line {line} of the certificate of company {number:04}" for line in range(1, 16))
    ImageDraw.Draw(sheet).text((70, 90), lines, "black", font_size=30)
    sheet.save(out, "JPEG")
    return out.getvalue()


def scanned(pdf: bytes) -> bytes:
    """The letter as it comes back, signed and stamped: photos of its pages in one PDF."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        Path(file.name).write_bytes(pdf)
        layouts = layout_of(Path(file.name))
    photos = [Image.open(io.BytesIO(signed_photo(pdf, layout.page, layout, layout.page))) for layout in layouts]
    out = io.BytesIO()
    photos[0].save(out, "PDF", save_all=True, append_images=photos[1:], resolution=150)
    return out.getvalue()
