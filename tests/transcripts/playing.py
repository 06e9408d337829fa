"""A house to play transcripts in: the real App, a real SQLite file, a clock that stands still, every message in words.

Nothing here decides anything: a call is an event, and what comes back are the keys of what was said in that chat.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot import drawing, jobs
from bot.app import App
from bot.channels import Rendered
from bot.clock import Clock
from bot.settings import Settings
from bot.words import Catalogs
from bot.writer import Taken
from conversations.model import Case, Event, IncomingFile, Kind, Registration, Role, Say
from conversations.summary import Summary, summary
from rules.book import Book
from rules.schema import Field, FieldType
from storage.files import FileStore
from storage.sqlite import SqliteStore
from storage.store import Entry, Found, Job, job_event_id

START = datetime(2026, 11, 22, 10, tzinfo=UTC)  # a Sunday
SEED = 7
SETTINGS = {
    "operator_name": "Example SMS",
    "support_contact": "help@example.com",
    "retention_days": "90",
    "default_time_zone": "UTC",
    "privacy_url": "https://example.com/privacy",
}
OPT_IN = "Customers tick a box on our order page before we write to them."
ANSWERS: Mapping[str, str] = {
    "company_name": "Fresh Bakery GmbH",
    "dba_name": "skip",
    "country": "Germany",
    "message_type": "transactional",
    "brand_origin": "international",
    "transactional_only_ack": "yes",
    "messages_carry_links": "no",
    "loan_content": "no",
    "mef_protected": "no",
    "on_behalf_of_other": "no",
    "is_healthcare": "no",
    "opt_in_description": OPT_IN,
    "contact_email": "anna@freshbakery.example",
    "contact_phone": "+49 40 32012345",
    "monthly_volume": "5000",
    "company_website": "https://www.freshbakery.example",
    "address_line2": "skip",
    "region": "skip",
}
BY_TYPE: Mapping[FieldType, str] = {
    FieldType.BOOLEAN: "yes",
    FieldType.COUNTRY: "Germany",
    FieldType.EMAIL: "anna@freshbakery.example",
    FieldType.PHONE: "+49 40 32012345",
    FieldType.URL: "www.freshbakery.example",
    FieldType.NUMBER: "5000",
    FieldType.DATE: "2020-02-29",
    FieldType.TEXT: "Something that is long enough to be an answer to any question.",
}
SAMPLE = "FRESHBAKERY: your order 4711 is ready."
ASKS_A_FIELD = frozenset({"ask_field", "ask_optional_field", "ask_again_field"})


@cache
def blank_database() -> Path:
    """A database with all its tables and nothing in it, made once: making one takes as long as a short transcript."""
    path = Path(tempfile.mkdtemp(prefix="transcripts-")) / "blank.db"
    SqliteStore(path, seed=SEED).close()
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


PageOfAFile = tuple[str, int, int] | None  # what its code says: letter id, page, version


@dataclass(frozen=True, slots=True)
class Photographed:
    """A page as the check found it: what its code says, and the rest of the finding."""

    code: PageOfAFile
    check: Mapping[str, Any]
    unclear: str = ""  # why it is hard to read, where it has no code


@dataclass(frozen=True, slots=True)
class Unclear:
    """A page without a code of ours that is hard to read, or lies on its side."""

    legible: str = ""
    turned: int = 0


@dataclass(frozen=True, slots=True)
class Pdf:
    """A file of that kind, signed digitally or not."""

    pages: Sequence[PageOfAFile | Photographed | Unclear]
    signed: bool = False
    company: str = ""  # whether its text names the company
    unlooked: Sequence[int] = ()  # numbers of pages the check found no time for


Contents = Sequence[PageOfAFile | Photographed | Unclear] | Pdf | str  # pages, or the problem that refuses the file


def photo(code: PageOfAFile, reason: str = "", *, number: int = 0, **finding: Any) -> Photographed:
    """A page that was photographed: good, or with the reason it is not. Photos differ by their `number`."""
    named = dict(zip(("letter_id", "page", "version"), code or (None, None, None), strict=True))
    is_good = not reason
    found = {
        "whole": "yes", "legible": "yes", "altered": "no", "signed": "yes", "stamped": "yes", "accepted": is_good,
        "reason": reason or None, "seen": "", "quality": 80, "scan": None, "crops": {}, "marked": None, "ms": 1,
    }  # fmt: skip
    if code is not None:
        found["scan"] = f"flat/{'-'.join(map(str, code))}-{number}.jpg"
        found["marked"] = None if is_good else f"marked/{'-'.join(map(str, code))}-{number}.jpg"
    return Photographed(code, {**named, **found, **finding})


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it left, with its words."""

    key: str
    text: str
    say: Say
    asked: int
    choices: tuple[tuple[str, str], ...]
    at: datetime
    id: str = ""  # the platform's, of a channel that can edit
    edits: str | None = None
    under: str | None = None

    @property
    def values(self) -> list[str]:
        return [value for value, _ in self.choices]


@dataclass
class House:
    """Everything one test plays in."""

    folder: Path
    book: Book
    catalogs: Catalogs
    settings: Mapping[str, str] = field(default_factory=lambda: dict(SETTINGS))

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        shutil.copy(blank_database(), self.folder / "desk.db")
        self.clock = Clock()
        self.clock.set_to(START)
        self.files = FileStore(self.folder / "files")
        self.store = SqliteStore(self.folder / "desk.db", seed=SEED, settings=self.settings)
        self.store.execute("pragma synchronous = off")
        self.app = App(self.store, self.book, self.files, self.clock)
        self.said: dict[str, list[Message]] = {}
        self.contents: dict[str, Contents] = {}  # of files, by their ref
        self.letter_pages: dict[str, int] = {}  # drawn pages by slot, where not one
        self.offline = False  # messages wait in the outbox while it is
        self.numbers = itertools.count(1)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def close(self) -> None:
        self.store.close()

    # --- who is there

    def customer(self, name: str = "anna", channel: str = "web") -> Chat:
        return Chat(self, f"{channel}:{name}")

    def staff(self, role: Role, name: str = "", channel: str = "web") -> Chat:
        """Somebody who was invited, typed the code in their own chat, and is bound to that role."""
        chat = Chat(self, f"{channel}:{name or role.value}")
        invitation = self.store.invite(role, self.now)
        assert chat.types(invitation.code, person=name or role.value) == ["desk_welcome"]
        return chat

    # --- events

    def happens(self, *events: Event) -> list[Taken]:
        """Take these as one batch, and let out what is said."""
        self.app.run_turns(events)
        taken = self.app._hand_over()
        self.delivers()
        return taken

    def delivers(self) -> None:
        """Send what waits, rendered as a channel would, and keep it in the page's history, which is its delivery."""
        for channel in () if self.offline else ("web", "console", "group"):
            while waiting := self.store.claim(channel, self.now, 50, 30.0):
                for outgoing in waiting:
                    rendered = self.catalogs.words(outgoing.locale, outgoing.time_zone).render(
                        outgoing, self.files.path
                    )
                    message = _message(outgoing.say, outgoing.asked, rendered, self.now)
                    if channel == "group":  # where messages are edited in place
                        message = replace(message, id=f"p{outgoing.id}", edits=outgoing.edits, under=outgoing.under)
                        self.store.sent(outgoing.id, self.now, outgoing.id, message.edits or message.id)
                    self.said.setdefault(outgoing.chat, []).append(message)
                    if channel == "group":
                        continue
                    entry = Entry(
                        0,
                        outgoing.chat,
                        False,
                        self.now,
                        rendered.text,
                        rendered.choices,
                        outgoing.asked,
                        key=outgoing.say.key,
                        asks=outgoing.say.asks,
                    )
                    self.store.deliver(outgoing, entry, self.now)

    # --- time

    def ticks(self, to: datetime | timedelta) -> list[str]:
        """As if the process woke at that time: all due timers, and the jobs they lead to. The timers that fired."""
        self.clock.set_to(self.now + to if isinstance(to, timedelta) else to)
        self.delivers()
        fired = []
        while due := self.store.due(self.now, 100):
            fired += [event.name for event in due]
            self.happens(*due)
        return fired

    def passes(self, days: int) -> None:
        """Day by day, waking each day."""
        for _ in range(days):
            self.ticks(timedelta(days=1))

    # --- jobs

    def works(self, fail: bool = False) -> list[str]:
        """Do all jobs that wait, without drawing or reading anything: the results a real job gives. Their names."""
        return self._work(lambda job: self._plain(job, fail))

    def really_works(self) -> list[str]:
        """Do all jobs that wait as the program does: letters drawn, files looked into by content."""
        return self._work(self._real)

    def _work(self, does: Any) -> list[str]:
        names = []
        while waiting := self.store.claim_jobs(self.now, 10, 600.0):
            for job in waiting:
                names.append(job.name)
                result = does(job)
                if result is None:
                    self.store.finish_job(job.id)
                else:
                    self.happens(
                        Event(
                            job_event_id(job.id),
                            Kind.JOB,
                            self.now,
                            registration=job.registration,
                            conversation=job.conversation,
                            name=result[0],
                            result=result[1],
                        )
                    )
        return names

    def _plain(self, job: Job, fail: bool) -> tuple[str, Mapping[str, Any]] | None:
        if job.name == "erase_files":
            if "prefix" in job.payload:
                self.files.erase(job.payload["prefix"])
            for key in job.payload.get("files", ()):
                self.files.remove(key)
            return None
        owner = f"r{job.registration}" if job.registration else f"c{job.conversation}"
        if job.name == "render":
            if fail:
                return "rendering_failed", {"asked": job.payload["asked"], "why": "rendering_broke"}
            return "rendered", {
                "asked": job.payload["asked"],
                "letters": [self._drawn(owner, one) for one in job.payload["letters"]],
            }
        if job.name == "draw_plan":
            if fail:
                return "plan_failed", {}
            key = self.files.put(f"p{job.conversation}", repr(job.payload["plan"]["name"]).encode(), ".pdf")
            return "plan_drawn", {"file": key, "name": job.payload["plan"]["name"], "pages": 3}
        if job.name == "bind_scans":
            key = self.files.put(owner, repr(sorted(job.payload.items())).encode(), ".pdf")
            named = {name: job.payload[name] for name in ("slot", "version", "scans")}
            return "scans_bound", {**named, "file": key, "bytes": 1000}
        return "looked_into", {"uploads": [self._looked(owner, id, ref) for id, ref, *_ in job.payload["uploads"]]}

    def _drawn(self, owner: str, letter: Mapping[str, Any]) -> dict[str, Any]:
        pages = self.letter_pages.get(letter["slot"], 1)
        key = _key(owner, f"{letter['letter_id']}{letter['version']}")
        return {
            "slot": letter["slot"],
            "version": letter["version"],
            "pages": pages,
            "file": f"{key}.pdf",
            "previews": [f"{_key(owner, str(number))}.png" for number in range(pages)],
            "layout": [],
        }

    def _looked(self, owner: str, id: int, ref: str) -> dict[str, Any]:
        contents = self.contents.get(ref, self.contents.get(_content_of(ref), (None,)))
        problem = contents if isinstance(contents, str) else ""
        pdf = contents if isinstance(contents, Pdf) else None
        pages: Sequence[Any] = pdf.pages if pdf else () if problem else contents
        key = _key(owner, _content_of(ref))
        self.contents[f"stored:{key}.jpg"] = contents
        return {
            "id": id,
            "size": 100,
            "sha256": "a" * 64,
            "kind": "pdf" if pdf else "jpeg",
            "problem": problem,
            "file": f"{key}.jpg",
            "copy": f"{key}.jpg",
            "signed_pdf": pdf is not None and pdf.signed,
            "company": pdf.company if pdf else "",
            "unlooked": list(pdf.unlooked) if pdf else [],
            "pages": [self._page(number, page, key) for number, page in enumerate(pages, 1)],
        }

    def _page(self, number: int, page: PageOfAFile | Photographed | Unclear, key: str) -> dict[str, Any]:
        """A page as the job tells it. What was not photographed was not checked."""
        if isinstance(page, Unclear):
            return {**self._page(number, None, key), "legible": page.legible, "turned": page.turned}
        code = page.code if isinstance(page, Photographed) else page
        if isinstance(page, Photographed) and page.check["reason"] == "no_code":
            code = None  # then the check knows it by its print at best
        told = dict(zip(("letter_id", "letter_page", "letter_version"), code or (None, None, None), strict=True))
        checked = {"check": _kept_under(key.split("/")[0], page.check)} if isinstance(page, Photographed) else {}
        unclear = {"legible": page.unclear} if isinstance(page, Photographed) else {}
        return {"number": number, **told, "preview": f"{key}.png", **unclear, **checked}

    def _real(self, job: Job) -> tuple[str, Mapping[str, Any]] | None:
        settings = Settings(_env_file=None, SECRET_KEYS="transcripts-only-key")  # type: ignore[call-arg]
        worker = jobs.Jobs(self.app, {}, settings, self.catalogs)
        return asyncio.run(worker._does[job.name](job))

    # --- looking

    def case(self, chat: str) -> Case:
        found = self.store.snapshot(chat)
        assert found is not None, f"{chat} has said nothing yet"
        return found

    def found(self, reference: str) -> Found:
        found = self.store.found(reference)
        assert found is not None, reference
        return found

    def cards(self) -> list[str]:
        return [card.key for card in self.store.cards()]


async def draws_in_this_process(module: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """Stands in for the drawing's child process: the same code, without the second it takes to start."""
    assert module == "bot.drawing"
    return drawing.drawn(order)


@dataclass
class Chat:
    """One person's chat."""

    house: House
    name: str

    # --- what the person does

    def types(self, text: str, **more: Any) -> list[str]:
        return self._does(Kind.TEXT, text=text, **more)

    def presses(self, value: str, **more: Any) -> list[str]:
        """Press a button of the present question."""
        more.setdefault("asked", self.case.conversation.asked)
        return self._does(Kind.PRESS, choice=value, **more)

    def opens(self, **more: Any) -> list[str]:
        return self._does(Kind.OPENED, **more)

    def edits(self, message: str, text: str) -> list[str]:
        return self._does(Kind.EDITED, text=text, message=message)

    def shares_contact(self, number: str) -> list[str]:
        return self._does(Kind.CONTACT, text=number)

    def sends_voice(self) -> list[str]:
        return self._does(Kind.OTHER, name="voice")

    def sends_files(
        self,
        files: Mapping[str, Contents | bytes] | Sequence[str],
        *,
        caption: str = "",
        album: str | None = None,
        works: bool = True,
        size: int | None = 100,
        as_photo: bool = False,
    ) -> list[str]:
        """Send files by name, with what is in them. Keys of the turn, and of the look into them unless not `works`."""
        named = files if isinstance(files, Mapping) else dict.fromkeys(files, (None,))
        incoming = []
        for name, contents in named.items():
            data = contents if isinstance(contents, bytes) else f"{name} {next(self.house.numbers)}".encode()
            ref = f"stored:{self.house.files.put('incoming', data)}"
            if not isinstance(contents, bytes):
                self.house.contents[ref] = self.house.contents[_content_of(ref)] = contents
            length = size if not isinstance(contents, bytes) else len(contents)
            incoming.append(IncomingFile(ref, name, length, as_photo=as_photo))
        before = len(self.messages)
        self._does(Kind.FILES, text=caption, files=tuple(incoming), album=album)
        if works:
            self.house.works()
        return [message.key for message in self.messages[before:]]

    def desk(self, action: str, reference: str, **values: Any) -> str:
        """Press an action on the desk page; the key of what the page answers at once."""
        registration = self.house.store.found(reference)
        (taken,) = self.house.happens(
            self.event(
                Kind.DESK,
                chat=None,
                name=action,
                result=values,
                registration=registration.registration.id if registration else None,
            )
        )
        if taken.error is not None:
            raise taken.error
        assert taken.turn is not None and taken.turn.answer is not None
        self.house.catalogs.words().text(taken.turn.answer)
        return taken.turn.answer.key

    def event(self, kind: Kind, **values: Any) -> Event:
        number = next(self.house.numbers)
        values = {
            "id": f"test:{number}",
            "at": self.house.now,
            "chat": self.name,
            "principal": self.name,
            "private": values.get("chat", self.name) == self.name,
            "message": f"m{number}",
            **values,
        }
        return Event(kind=kind, **values)

    def _does(self, kind: Kind, **values: Any) -> list[str]:
        values = {name: value for name, value in values.items() if value is not None}
        before = len(self.messages)
        event = self.event(kind, **values)
        for taken in self.house.happens(event):
            if taken.error is not None:
                raise taken.error
        new = self.messages[before:]
        return [message.key for message in new]

    # --- transcripts

    def plays(self, *lines: tuple[str, str | Sequence[str]]) -> None:
        """Each line is what the person says, and the key of the last message that answers it.

        "[yes]" presses a button that must be there. A key with a word behind it, "ask_field city", names the field
        asked too. A list names every message of the turn.
        """
        for number, (said, expected) in enumerate(lines, 1):
            where = f"line {number}: {said!r}"
            if said.startswith("[") and said.endswith("]"):
                value = said[1:-1]
                assert value in self.buttons, f"{where} is no button of {self.last.key}: {self.buttons}"
                keys = self.presses(value)
            else:
                keys = self.types(said)
            assert keys, f"{where} got no answer"
            if isinstance(expected, str):
                key, _, name = expected.partition(" ")
                assert keys[-1] == key, f"{where} was answered by {keys} ({self.last.text[:300]})"
                assert not name or self.summary.field == name, f"{where} led to {self.summary.field}"
            else:
                assert keys == list(expected), f"{where} was answered by {keys}"

    def starts(self, country: str) -> None:
        """Name the country, start."""
        keys = self.types(country)
        assert keys[-1] in ("ask_start", "ask_country"), keys
        self.presses("start")

    def answers(self, until: str | None = None, **special: str) -> None:
        """Answer every question of the pack until another step, or the field `until`, comes."""
        for _ in range(80):
            now = self.summary
            if now.step != "asking" or now.field == until or now.field is None:
                return
            assert now.country is not None
            asked = self.house.book.pack(now.country).field(now.field)
            keys = self.types(special.get(now.field) or answer_to(asked))
            assert self.summary.field != now.field or self.summary.step != "asking", (now.field, keys, self.last.text)
        raise AssertionError("the questions never end")

    def drafts(self, to: str, /, names: Sequence[str] = ("FRESHBAKERY",), **special: str) -> str:
        """From the country's name to the review with all answers given: its reference."""
        self.starts(to)
        self.fills_in(names, **special)
        return self.reference

    def fills_in(self, names: Sequence[str] = ("FRESHBAKERY",), **special: str) -> None:
        for _ in range(60):
            step = self.summary.step
            if step == "asking":
                self.answers(**special)
            elif step == "registry":
                self.types(special.get("number", "REG-12345"))
            elif step == "sender_ids":
                for name in names:
                    self.types(name)
                self.types("done")
            elif step == "samples":
                self.types(SAMPLE)
                self.types("done")
            else:
                break
        assert self.summary.step == "review", (self.summary.step, self.last.text)

    def submits(self) -> list[str]:
        """Submit from the review, let the letters be drawn, say that they are correct."""
        keys = self.types("submit")
        if self.status == "DOCUMENTS_TO_BE_RENDERED":
            self.house.works()
            assert self.summary.step == "preview", self.last.text
            keys = self.types("yes")
        return keys

    def sends_papers(self) -> None:
        """All letters signed, all own documents that are wanted."""
        self.sends_files(
            {
                f"{letter.slot}-{page}.jpg": [(letter.letter_id, page, letter.version)]
                for letter in self.on.letters
                for page in range(1, letter.pages + 1)
            }
            or {}
        )
        for line in self.summary.checklist:
            if line.required and not line.done:
                self.sends_files([f"{line.title}.pdf"])
                if self.summary.step == "placing":
                    self.types("yes" if self.last.key == "ask_is_it_this_paper" else line.slot)
        assert self.summary.step == "documents", self.last.text

    def reaches_review_desk(self, to: str, /, **special: str) -> str:
        """All the way to UNDER_REVIEW: its reference."""
        reference = self.drafts(to, **special)
        self.submits()
        if self.status == "DOCUMENTS_RENDERED":
            self.sends_papers()
            self.types("submit")
        assert self.status == "UNDER_REVIEW", (self.status, self.last.text)
        return reference

    # --- looking

    @property
    def messages(self) -> list[Message]:
        return self.house.said.setdefault(self.name, [])

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def buttons(self) -> list[str]:
        """The values of the buttons of the present question, or of the last message."""
        return self.last.values

    @property
    def case(self) -> Case:
        return self.house.case(self.name)

    @property
    def summary(self) -> Summary:
        return summary(self.case, self.house.book)

    @property
    def on(self) -> Registration:
        on = self.case.on
        assert on is not None, "the chat is on no registration"
        return on

    @property
    def step(self) -> str:
        return self.summary.step

    @property
    def reference(self) -> str:
        return self.on.reference

    @property
    def status(self) -> str:
        return self.on.status.value

    def registration(self, reference: str) -> Registration:
        return self.house.found(reference).registration

    def page(self, slot: str, number: int = 1, version: int | None = None, reference: str | None = None) -> PageOfAFile:
        """What the code of that page of the newest, or of that, version says."""
        about = self.registration(reference) if reference else self.on
        letter = next(one for one in about.letters if one.slot == slot)
        return letter.letter_id, number, version or letter.version


def answer_to(asked: Field) -> str:
    """An answer that passes."""
    if asked.name in ANSWERS:
        return ANSWERS[asked.name]
    if asked.type is FieldType.CHOICE:
        return (asked.limits.choices or ("?",))[0]
    return asked.example if asked.example and asked.type is FieldType.TEXT else BY_TYPE[asked.type]


def _message(say: Say, asked: int, rendered: Rendered, at: datetime) -> Message:
    return Message(say.key, rendered.text, say, asked, rendered.choices, at)


def _content_of(ref: str) -> str:
    """The part of a file's key that stays when it changes its owner: its hash."""
    return ref.rpartition("/")[2].partition(".")[0]


def _kept_under(owner: str, check: Mapping[str, Any]) -> dict[str, Any]:
    """The finding with keys for the names of what was made of the page."""
    made = {name: f"{_key(owner, check[name])}.jpg" for name in ("scan", "marked") if check[name]}
    return {**check, **made}


def _key(owner: str, content: str) -> str:
    import hashlib

    plain = content if len(content) == 64 else hashlib.sha256(content.encode()).hexdigest()
    return f"{owner}/{plain[:2]}/{plain}"
