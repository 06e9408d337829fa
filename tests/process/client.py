"""A client of the real process, from outside: lines of JSON in and out, commands, the rules of `rules show`.

It knows nothing of the core. Waits are waits for output, each with a deadline.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Self, TextIO

from papers_to_send import as_pdfs, own_paper, signed_photos

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds to wait for a line: far more than any turn takes on a busy machine
OURS = ("SECRET_", "DATABASE_", "FILES_", "HTTP_", "OPERATOR_", "TELEGRAM_", "SLACK_", "DEFAULT_", "RULES_",
        "RETENTION_", "PUBLIC_", "SUPPORT_", "PRIVACY_", "DESK_")  # fmt: skip

Line = dict[str, Any]
Turn = list[Line]


class Refused(Exception):
    """The command's answer was no: its exit code and its words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"exit {code}: {text}")
        self.code, self.text = code, text


class Gone(Exception):
    """The process ended before its turn did."""


class Place:
    """One installation: its database, its files, its own folder for what is temporary."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.database, self.files, self.temporary = folder / "desk.db", folder / "files", folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment = kept | {
            "DATABASE_URL": f"sqlite:///{self.database}", "FILES_URL": f"file:{self.files}",
            "TMPDIR": str(self.temporary), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings,
        }  # fmt: skip

    # --- as a process

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *command], cwd=self.folder, env=self.environment, text=True, **options
        )

    def command(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command to its end, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *command], cwd=self.folder, env=self.environment, text=True, timeout=PATIENCE,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    # --- over the socket of the process that runs, which spares a start

    @property
    def socket(self) -> Path:
        return self.database.with_name(self.database.name + ".sock")

    def connected(self) -> socket.socket:
        """A connection to the running process."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        folder = os.open(self.socket.parent, os.O_RDONLY)  # its path may be longer than a socket's address
        try:
            connection.connect(f"/proc/self/fd/{folder}/{self.socket.name}")
        finally:
            os.close(folder)
        connection.settimeout(None)
        return connection

    def order(self, command: str, **args: Any) -> Turn:
        """What the running process answers to a command. Raises Refused."""
        with self.connected() as connection, connection.makefile(encoding="utf-8") as answers:
            connection.sendall(json.dumps({"command": command, "args": args}).encode() + b"\n")
            lines = [json.loads(line) for line in answers]
        end = lines.pop()
        if end["exit"] != 0 or end["error"]:
            raise Refused(end["exit"], end["error"] or "")
        return lines

    def case(self, reference: str) -> Line:
        return self.order("case show", reference=reference)[0]

    def tick(self, at: str) -> Turn:
        return self.order("tick", at=at)

    def bytes_of_everything(self) -> Iterator[tuple[Path, bytes]]:
        """Every file of the installation: database, its log, uploads, letters, what is temporary."""
        for path in files_below(self.folder):
            with suppress(FileNotFoundError):
                yield path, path.read_bytes()


def files_below(folder: Path) -> list[Path]:
    """The files of a folder, while a process may be making and taking away some of them."""
    every = (Path(here, name) for here, _, names in os.walk(folder) for name in sorted(names))
    return [path for path in every if path.is_file()]  # no socket


class Chat:
    """A chat with the process that runs, over its socket: one line in, a turn out."""

    def __init__(self, place: Place, name: str) -> None:
        self.place, self.name = place, name
        self.said: Turn = []  # every line that came, in order
        self.pushed: queue.Queue[Line] = queue.Queue()
        self._lines: queue.Queue[Line | None] = queue.Queue()
        self._output, self._input = self._connected()
        threading.Thread(target=self._read, daemon=True).start()

    def _connected(self) -> tuple[TextIO, TextIO]:
        self._connection = self.place.connected()
        output = self._connection.makefile("w", encoding="utf-8")
        output.write(json.dumps({"command": "chat", "args": {"name": self.name}}) + "\n")
        return output, self._connection.makefile(encoding="utf-8")

    def _read(self) -> None:
        for text in self._input:
            try:
                line = json.loads(text)
            except ValueError:
                if text.endswith("\n"):
                    raise  # half a line is what a killed process leaves; a whole one is our mistake
                continue
            if "exit" in line:
                break
            self.said.append(line)
            (self.pushed if line.get("pushed") else self._lines).put(line)
        self._lines.put(None)

    def send(self, line: Mapping[str, Any]) -> None:
        """Write the line and do not wait. Raises Gone."""
        try:
            self._output.write(json.dumps(line) + "\n")
            self._output.flush()
        except (OSError, ValueError) as error:
            raise Gone from error

    def rest_of_turn(self, patience: float = PATIENCE) -> Turn:
        """The lines up to the one with `end`.

        Raises:
            Gone: the process is.
            queue.Empty: it took longer than that.
        """
        turn: Turn = []
        until = time.monotonic() + patience
        while True:
            line = self._lines.get(timeout=max(0.0, until - time.monotonic()))
            if line is None:
                raise Gone
            turn.append(line)
            if line.get("end"):
                return turn

    def turn(self, line: Mapping[str, Any]) -> Turn:
        self.send(line)
        return self.rest_of_turn()

    def says(self, text: str) -> Turn:
        return self.turn({"text": text})

    def next_push(self) -> Line:
        """What comes of itself next: a reminder, a decision."""
        return self.pushed.get(timeout=PATIENCE)

    def pushes(self, least: int = 0) -> Turn:
        """What came of itself until now, and was not looked at yet; waits for `least` lines of it."""
        found = [self.next_push() for _ in range(least)]
        while not self.pushed.empty():
            found.append(self.pushed.get())
        return found


class Terminal(Chat):
    """`python -m bot chat --json --as NAME`: the real process, which runs everything while nothing else does."""

    def _connected(self) -> tuple[TextIO, TextIO]:
        self.errors = self.place.folder / f"{self.name}.stderr"
        with self.errors.open("a") as errors:
            self.process = self.place.start(
                "chat", "--json", "--as", self.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        assert self.process.stdin is not None and self.process.stdout is not None
        return self.process.stdin, self.process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def close(self) -> int:
        """End the input; the exit code."""
        try:
            self._output.close()
        except OSError:
            pass
        return self.process.wait(PATIENCE)


SHELF: list[Path] = []  # the folder where what `rules show` printed is kept for all workers of a run


@cache
def rules(country: str) -> Line:
    """The pack, as `rules show` prints it."""
    kept = SHELF[0] / f"rules-{country}.json"
    if not kept.exists():
        part = kept.with_suffix(f".{os.getpid()}")
        environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "SECRET_KEYS": "of-no-installation"}
        with part.open("w") as out:
            subprocess.run(
                [sys.executable, "-m", "bot", "rules", "show", country, "--json"], cwd=SHELF[0], stdout=out, check=True,
                timeout=PATIENCE, env=environment,
            )  # fmt: skip
        part.replace(kept)
    found: Line = json.loads(kept.read_text())
    return found


def holds(condition: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Whether a `required_when` is met by the answers."""
    if "all" in condition:
        return all(holds(one, answers) for one in condition["all"])
    if "any" in condition:
        return any(holds(one, answers) for one in condition["any"])
    return answers.get(condition["field"]) in condition["in"]


COMPANY = {
    "company_name": "Fresh Bakery Ltd", "company_website": "https://www.freshbakery.example", "country": "Germany",
    "contact_email": "anna@freshbakery.example", "contact_phone": "+49 30 901820", "message_type": "transactional",
    "signatory_name": "Anna Berg", "signatory_title": "Managing Director", "city": "Berlin", "signature": "FreshBakery",
    "customer_care_phone": "+353 1 679 9000", "monthly_volume": "5000", "sender_id_link_plain": "yes",
}  # fmt: skip


def answer(field: Mapping[str, Any], given: Mapping[str, str]) -> str:
    """An answer a person could type to a field of `rules show`."""
    name, limits = field["name"], field["limits"]
    offers = [stop["offer"] for stop in field["stops_when"] if stop["offer"] is not None]
    if offers and name not in given:
        return {True: "yes", False: "no"}.get(offers[0], str(offers[0]))
    if name in given:
        return given[name]
    if limits["choices"]:
        return str(limits["choices"][0])
    match field["type"]:
        case "boolean":
            return "no"
        case "number":
            return str(limits["min"] or 1000)
        case "date":
            return "2020-01-15"
        case "country":
            return "Germany"
        case "email":
            return "office@freshbakery.example"
        case "phone":
            return "+49 30 901820"
        case "url":
            return "https://www.freshbakery.example/offers"
    if limits["pattern"] and field["example"]:
        return str(field["example"])
    text = f"Example of {field['label']}"
    text = text.ljust(limits["min_length"] or 0, ".")
    return text[: limits["max_length"] or 200].strip()


class Customer:
    """Registers a country from what the chat asks, as far as it is told to go."""

    def __init__(
        self, chat: Chat, country: str, answers: Mapping[str, str] | None = None,
        sender_ids: Mapping[str, list[str]] | None = None, caption: str = "", photos: bool = True,
    ) -> None:  # fmt: skip
        """`photos`: letters come back as photos, page by page; else as one PDF a letter."""
        self.chat, self.place, self.country = chat, chat.place, country
        self.pack = rules(country)
        self.answers = {**COMPANY, **(answers or {})}
        self.samples = ["Fresh Bakery: your order is ready until 18:00 today."]
        self.sender_ids = sender_ids or {"FRESHBAKERY": self.samples}
        self.caption, self.photos = caption, photos
        self.fields = {field["name"]: field for field in self.pack["fields"]}
        self.reference: str | None = None
        self.last: Line = {}  # the newest line with `end`
        self.asked: list[str] = []  # each question as it was put: a field, or the step
        self.given: dict[str, str] = {}  # answers whose turn came to its end
        self.letters: list[Path] = []  # the drawn PDFs
        self.turns: list[tuple[str, float]] = []  # step answered, seconds
        self._papers: list[tuple[str, Path]] = []  # (slot, file) still to be sent
        self._slot = ""  # of the file just sent

    def meet(self) -> None:
        """Say hello, or find out where we were."""
        self.note(self.chat.says("/start"))

    def note(self, turn: Turn) -> None:
        self.last = turn[-1]
        for line in turn:
            if line.get("registration"):
                self.reference = line["registration"]
            if drawn := [Path(file) for file in line.get("files", ()) if file.endswith(".pdf")]:
                self.letters = drawn
        if self.last.get("step"):
            self.asked.append(self.last.get("field") or self.last["step"])

    @property
    def step(self) -> str:
        return str(self.last.get("step"))

    @property
    def status(self) -> str | None:
        return self.last.get("status")

    @property
    def choices(self) -> list[str]:
        return [choice["value"] for choice in self.last.get("choices", ())]

    def go_on(self) -> None:
        """Answer what is asked."""
        line, step, field = self.reply(), self.step, self.last.get("field")
        started = time.monotonic()
        self.note(self.chat.turn(line))
        self.turns.append((step, time.monotonic() - started))
        self.answered(field, line)

    def answered(self, field: str | None, line: Mapping[str, Any]) -> None:
        """The turn of that answer came to its end."""
        if field and "text" in line:
            self.given[field] = line["text"]
        if "file" in line:
            self._papers = [one for one in self._papers if str(one[1]) != line["file"]]

    def register(self, until: str = "tracking", most: int = 120) -> None:
        """Go on until that step is reached."""
        if not self.last:
            self.meet()
        for _ in range(most):
            if self.step == until:
                return
            self.go_on()
        raise AssertionError(f"{self.country} is still at {self.step} ({self.last.get('field')}): {self.last['text']}")

    def reply(self) -> Line:
        """The line that answers the present question."""
        does = getattr(self, f"_at_{self.step}", None)
        if does is None:
            raise AssertionError(f"no answer to {self.step}: {self.last}")
        found: Line = does()
        return found

    def _at_country(self) -> Line:
        return {"text": self.pack["name"]}

    def _at_which_country(self) -> Line:
        return {"choose": self.country}

    def _at_briefing(self) -> Line:
        assert "start" in self.choices, self.last
        return {"choose": "start"}

    def _at_asking(self) -> Line:
        return {"text": answer(self.fields[self.last["field"]], self.answers)}

    _at_registry = _at_asking

    def _at_sender_ids(self) -> Line:
        there = self._names_there()
        return next(({"text": name} for name in self.sender_ids if name not in there), {"choose": "done"})

    def _names_there(self) -> dict[str, list[str]]:
        assert self.reference
        return {one["sender_id"]: one["samples"] for one in self.place.case(self.reference)["sender_ids"]}

    def _at_sender_id_doubt(self) -> Line:
        return {"choose": "keep"}

    def _at_samples(self) -> Line:
        there = self._names_there()
        name = next(name for name in sorted(there, key=len, reverse=True) if name in self.last["text"])
        for sample in self.sender_ids.get(name, self.samples):
            if sample not in there[name]:
                return {"text": sample}
        return {"choose": "done"}

    def _at_review(self) -> Line:
        return {"choose": "submit"}

    def _at_rendering(self) -> Line:
        return {"text": "/start"}

    def _at_preview(self) -> Line:
        return {"choose": "yes"}

    def _at_documents(self) -> Line:
        if "submit" in self.choices and not self._papers:
            return {"choose": "submit"}
        if not self._papers:
            self._papers = self._wanted_papers()
        self._slot, file = self._papers[0]
        return {"file": str(file), "as_photo": file.suffix == ".jpg", "text": self.caption}

    def _wanted_papers(self) -> list[tuple[str, Path]]:
        """What the checklist lacks: our letters signed and photographed, the company's own papers made up."""
        assert self.reference
        out = self.place.folder.parent / f"papers-{self.reference}"  # the customer's own shelf
        wanted: list[tuple[str, Path]] = []
        shown = self.place.case(self.reference)
        ours = [one["code"] for one in shown["documents"] if one["version"] is not None]
        sent_as = {}
        if ours:
            pages = self.place.order("letters render", reference=self.reference, out=str(out))
            taken = signed_photos(pages, out)
            sent_as = taken if self.photos else as_pdfs(taken)
        needed = {
            one["code"] for one in self.pack["documents"]
            if one["required"] or (one["required_when"] and holds(one["required_when"], shown["answers"]))
        }  # fmt: skip
        for document in shown["documents"]:
            open_pages = [page["page"] for page in document["pages"] if page["verdict"] in (None, "refused")]
            if document["version"] is not None:
                wanted += dict.fromkeys((document["code"], sent_as[document["code"], page]) for page in open_pages)
            elif document["code"] in needed and (open_pages or not document["pages"]):
                wanted.append((document["code"], own_paper(out, document["code"], len(wanted), self.caption)))
        assert wanted, f"nothing to send, and no way on: {self.last}"
        return wanted

    def _at_placing(self) -> Line:
        return {"choose": self._slot if self._slot in self.choices else self.choices[0]}


class Desk(Chat):
    """A staff member in a chat, invited and bound."""

    def __init__(self, place: Place, name: str, role: str) -> None:
        super().__init__(place, name)
        code = place.order("staff invite", role=role)[0]["code"]
        self.welcome = self.says(code)

    def decides(self, *words: str) -> list[str]:
        """What the desk is told to each of its words."""
        return [self.says(word)[0]["text"] for word in words]


Opens = Callable[..., Terminal]  # the fixture `opens`: a terminal by name
