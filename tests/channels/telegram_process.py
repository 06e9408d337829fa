"""The real process before the test server, to be killed and started again; and people who register a country in it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bot_api import BotApi
from bot_world import Seen

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 45.0  # seconds for anything at all: far more than it takes on a busy machine
TOKEN = re.compile(r"bot\d+:|\d{6,}:[\w-]{20,}")


class Process:
    """One installation, whose process comes and goes."""

    def __init__(self, folder: Path, api: Any, **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.api, self.lives = folder, api, 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.environment = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ} | {
            "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder), "HTTP_PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{folder}/desk.db", "FILES_URL": f"file:{folder}/files",
            **self.leading_to(api), **settings,
        }  # fmt: skip
        self.popen: subprocess.Popen[bytes] | None = None

    def leading_to(self, api: Any) -> dict[str, str]:
        """The settings with which it finds the platform."""
        urls = {"TELEGRAM_BASE_URL": api.base_url, "TELEGRAM_BASE_FILE_URL": api.file_url}
        return {"TELEGRAM_BOT_TOKEN": api.token, **urls}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        self.kill()
        if kind:
            print(f"what the process wrote last:\n{self.output[-3000:]}")

    def start(self) -> None:
        """Begin a life. What it writes is kept with what it wrote in the lives before."""
        self.lives += 1
        with (self.folder / "output").open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output,
            )  # fmt: skip

    @property
    def runs(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def kill(self) -> None:
        if self.popen:
            self.popen.kill()
            self.popen.wait(PATIENCE)

    def stop(self) -> int:
        """As an operator would; the exit code."""
        assert self.popen
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(PATIENCE)

    def ends(self) -> int:
        """By itself; the exit code."""
        assert self.popen
        return self.popen.wait(PATIENCE)

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def logs(self, word: str, times: int = 1) -> None:
        """Wait until that word, an event or an error, stands in the log so many times."""
        last = time.monotonic() + PATIENCE
        while self.output.count(f'"{word}"') < times:
            assert time.monotonic() < last, f"no {word} in\n{self.output[-3000:]}"
            time.sleep(0.02)

    def command(self, *words: str) -> Any:
        """What a command prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words, "--json"], cwd=self.folder, env=self.environment, timeout=PATIENCE,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)

    @property
    def cpu(self) -> tuple[float, float]:
        """Seconds it has computed so far, and those its children had when they ended."""
        assert self.popen
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        user, system, childrens_user, childrens_system = (int(one) / os.sysconf("SC_CLK_TCK") for one in fields[11:15])
        return user + system, childrens_user + childrens_system


def keeps_silent(output: str, api: BotApi, *said: str) -> None:
    """No token, no part of one and nothing of what was said stands in what the process wrote."""
    secrets = [api.token, api.token.partition(":")[2], *said]
    assert [secret for secret in secrets if secret in output] == []
    assert TOKEN.findall(output) == []


# --- a registration -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """What the bot asks, by its first words, and how it is answered: by typing, or by the button of that label."""

    asks: str
    types: str = ""
    presses: str = ""
    stored: tuple[str, Any] | None = None  # the answer as the process keeps it


def registration_of(number: int) -> list[Turn]:
    """A Kenyan registration as far as the postal code, with answers of its own for each number."""
    mark = f"{number:03}"
    return [
        Turn("Which country do your messages go to?", "Kenya"),
        Turn("Shall we start?", presses="Start"),
        Turn("What will you use the messages for?", presses="Orders, bookings, alerts and other service messages",
             stored=("message_type", "transactional")),
        Turn("In which country is your company registered?", "Kenya", stored=("country", "KE")),
        Turn("Only transactional messages are taken", presses="Yes", stored=("transactional_only_ack", True)),
        Turn("Is your brand local", presses="International: registered somewhere else",
             stored=("brand_origin", "international")),
        Turn("What is the full legal name", f"Quietwater Bakery {mark} Ltd",
             stored=("company_name", f"Quietwater Bakery {mark} Ltd")),
        Turn("Do you trade under another name?", presses="Skip"),
        Turn("What is your company's registration or tax number?", f"CPR/2015/77{mark}",
             stored=("company_registration_number", f"CPR/2015/77{mark}")),
        Turn("What is your company's website?", f"https://quietwater{mark}.example",
             stored=("company_website", f"https://quietwater{mark}.example")),
        Turn("What is the street address", f"{mark} Harbourside Lane",
             stored=("address_line1", f"{mark} Harbourside Lane")),
        Turn("Is there a unit", presses="Skip"),
        Turn("In which city", f"Nairobi {mark}", stored=("city", f"Nairobi {mark}")),
        Turn("In which state or province"),
    ]  # fmt: skip


TOO_EARLY = 'You wrote "'  # ... "before my question reached you": the question comes again
BESIDES = {0: ["Hello! I register"], 1: ["Kenya: the sender ID must"], 2: ["Your registration for Kenya has"]}


class Applicant:
    """Somebody who reads what is asked and answers it; what she has answered only when she is asked to say it again."""

    asks_again: tuple[str, ...] = (TOO_EARLY,)

    def __init__(self, person: Any, turns: Sequence[Turn]) -> None:
        self.person, self.turns = person, turns
        self.acts = 0  # messages and presses of hers
        self._answered = -1  # the turn last answered
        self._at: Any = None  # the last message she saw then

    @property
    def secrets(self) -> list[str]:
        """What she typed that nobody else could have."""
        return [turn.types for turn in self.turns[:-1] if turn.types and turn.types != "Kenya"]

    @property
    def stored(self) -> dict[str, Any]:
        return dict(turn.stored for turn in self.turns[:-1] if turn.stored)

    @property
    def is_through(self) -> bool:
        return self._asked(self.person.sees) == len(self.turns) - 1

    @property
    def can_act(self) -> bool:
        return self._next() is not None

    def act(self) -> bool:
        """Answer what stands there, or begin. False when it is not her turn."""
        with self.person.world.lock:
            turn = self._next()
            if turn is None:
                return False
            sees = self.person.sees
            self.acts += 1
            if turn == -1:
                self._at = self.begins()
                return True
            self._answered, self._at = turn, sees[-1].id
            if self.turns[turn].presses:
                self.person.presses(sees[-1], self.turns[turn].presses)
            else:
                self._at = self.person.types(self.turns[turn].types)
            return True

    def begins(self) -> Any:
        """Say hello; that message."""
        return self.person.starts()

    def _asked(self, sees: Sequence[Seen]) -> int | None:
        """Which turn the last message is the question of."""
        if not sees or not sees[-1].from_bot:
            return None
        return next((place for place, turn in enumerate(self.turns) if sees[-1].text.startswith(turn.asks)), None)

    def _next(self) -> int | None:
        """The turn to answer now, -1 to say hello, None to wait."""
        sees = self.person.sees
        if not sees:
            return -1
        turn = self._asked(sees)
        if turn is None or turn == len(self.turns) - 1:
            return None
        # A question that comes once more after the answer to it may be the reply that was seen twice.
        said_again = any(one.text.startswith(self.asks_again) for one in sees if one.id > self._at and one.from_bot)
        return turn if turn > self._answered or said_again else None

    def repeats(self) -> tuple[int, int]:
        """How many messages came once more than they should, and how many answers came too early.

        Raises:
            AssertionError: one is missing, comes at the wrong place or says what it should not.
        """
        expected = [words for place, turn in enumerate(self.turns) for words in (*BESIDES.get(place, ()), turn.asks)]
        came, twice, early, asked_again, last = 0, 0, 0, False, ""
        for message in self.person.answers:
            if came < len(expected) and message.text.startswith(expected[came]):
                came += 1
            elif message.text == last:
                twice += 1
            elif message.text.startswith(self.asks_again):
                early, asked_again = early + 1, True
            elif asked_again and message.text.startswith(expected[came - 1]):
                asked_again = False
            else:
                raise AssertionError(f"not {expected[came : came + 1]}: {message}\n{self.person.transcript()}")
            last = message.text
        assert came == len(expected), f"nobody said {expected[came]!r}\n{self.person.transcript()}"
        return twice, early


def let_act(
    api: Any, applicants: Sequence[Applicant], until: Callable[[], object], timeout: float = 2 * PATIENCE
) -> None:
    """Let everybody act whose turn it is, until it is so. Raises AssertionError with what was seen instead."""
    last = time.monotonic() + timeout
    while not until():
        for applicant in applicants:
            applicant.act()
        api.waits(lambda api: until() or any(one.can_act for one in applicants), last - time.monotonic())
