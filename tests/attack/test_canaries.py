"""Whole conversations on Telegram, Slack and the page, much of it going wrong: not a word of them in what is written."""

from __future__ import annotations

import io
import json
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import httpx2
import pytest
from bot_api import BotApi
from canary_words import Canaries, breaks
from forms_to_post import opened, post
from hostile_text_strings import LOGS, PAGE, SLACK, TELEGRAM, hostile
from PIL import Image
from slack_api import SlackApi
from telegram_process import ROOT, Process

from tests.seeded import Share

KEPT = (
    "desk.db",
    "desk.db-wal",
    "desk.db-shm",
    "desk.db.key",
)  # where what people say belongs; beside the folder of files


class Town:
    """The process before both platforms, and everything that was said to it."""

    def __init__(self, folder: Path, telegram: BotApi, slack: SlackApi, canaries: Canaries) -> None:
        self.telegram, self.slack, self.canaries = telegram, slack, canaries
        self.key = canaries.word("key-")
        self.process = Process(
            folder, telegram, SLACK_BOT_TOKEN=slack.bot_token, SLACK_APP_TOKEN=slack.app_token,
            SLACK_BASE_URL=slack.base_url, SECRET_KEYS=self.key, PYTHONPATH=f"{breaks(folder)}:{ROOT}",
            SUPPORT_CONTACT="help@example.com",
        )  # fmt: skip
        self.titles: set[str] = set()

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.process.port}"

    def seen(self, true: Callable[[], Any], what: str) -> None:
        """Wait for it, looking meanwhile at what every process is called."""
        last = time.monotonic() + 45.0
        while not true():
            assert time.monotonic() < last, f"not {what}\n{self.process.output[-3000:]}"
            self.look()
            time.sleep(0.02)

    def look(self) -> None:
        assert self.process.popen
        for name in Path("/proc").glob("[0-9]*"):
            try:
                if (
                    name.name == str(self.process.popen.pid)
                    or f"PPid:\t{self.process.popen.pid}\n" in (name / "status").read_text()
                ):
                    self.titles.add((name / "cmdline").read_text() + (name / "comm").read_text())
            except OSError:  # it ended
                continue

    def written(self) -> dict[str, str]:
        """Everything that was written and is not where answers belong."""
        folder = self.process.folder
        files = {
            path.name: path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*")
            if path.is_file() and path.name not in KEPT and "files" not in path.relative_to(folder).parts
            and "broken" not in path.relative_to(folder).parts
        }  # fmt: skip
        return files | {"titles": "\n".join(self.titles)}


@contextmanager
def living(folder: Path, chance: random.Random) -> Iterator[Town]:
    canaries = Canaries(chance)
    tokens = {
        "signing_secret": canaries.word(),
        "bot_token": canaries.word("xoxb-1-"),
        "app_token": canaries.word("xapp-1-"),
    }
    with BotApi() as telegram, SlackApi(**tokens) as slack:
        telegram.pace.overall = None
        town = Town(folder, telegram, slack, canaries)
        with town.process:
            yield town


@pytest.fixture
def town(tmp_path: Path, chance: random.Random) -> Iterator[Town]:
    with living(tmp_path / "desk", chance) as living_town:
        yield living_town


def photo(text: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "JPEG", comment=text.encode())
    return file.getvalue()


def messages(canaries: Canaries, chance: random.Random, count: int) -> Iterator[str]:
    """From the country to answers, then anything, each with a word of its own in it."""
    yield from ("Kenya", "start", "transactional", "Kenya", "yes", "international")
    yield canaries.word("", " Bakery Ltd")
    for number in range(count):
        odd = chance.choice((chance.choice((*SLACK, *TELEGRAM, *PAGE, *LOGS)), hostile(chance)[:300]))
        odd = odd.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")
        yield canaries.word(odd, f" {odd}") if number % 4 else canaries.word("BOOM ")
    yield canaries.word("https://", ".example/path?token=x")
    yield canaries.word("anna@", ".example")


def test_nothing_that_was_said_is_in_logs_metrics_errors_or_names(
    town: Town, chance: random.Random, share: Share
) -> None:
    canaries, telegram, slack, process = town.canaries, town.telegram, town.slack, town.process
    count = share.of(60)
    anna = telegram.person(canaries.word().capitalize(), "en")
    otto = slack.person(canaries.word().capitalize())
    anna.starts()
    town.seen(lambda: anna.answers, "greeted on Telegram")
    telegram.refuses("sendMessage", 400, times=2)
    telegram.resets("sendMessage", times=2)
    telegram.loses_answer("sendMessage", times=1)
    telegram.refuses("getFile", 502, times=2)
    for text in messages(canaries, chance, count):
        if text.strip():
            anna.types(text)
    anna.shares_contact("+4940" + "".join(chance.choices("0123456789", k=9)))
    anna.sends_document(
        b"%PDF-1.4 " + canaries.word().encode(), name=canaries.word("", ".pdf"), caption=canaries.word()
    )
    anna.sends_photo(photo(canaries.word()), caption=canaries.word())
    anna.edits(anna.types(canaries.word()), canaries.word())
    slack.fails("chat.postMessage", "invalid_blocks", times=2)
    slack.refuses("chat.postMessage", 503, times=2)
    slack.fails("files.info", "file_not_found", times=1)
    otto.opens_dm()
    for text in messages(canaries, chance, count):
        if text.strip():
            otto.types(f" {text}")  # without the space her client takes a slash for a command
    otto.sends_files(
        [(canaries.word("", ".pdf"), b"%PDF-1.4 broken"), (canaries.word("", ".jpg"), photo("x"))], canaries.word()
    )
    with httpx2.Client(base_url=town.page, follow_redirects=True, timeout=20) as browser:
        for text in messages(canaries, chance, count):
            if text.strip():
                assert post(browser, "/messages", text=text).status_code == 200
        name = canaries.word("", ".pdf")
        post(browser, "/messages", text=canaries.word(), files={"file": (name, b"%PDF-1.4 broken", "application/pdf")})
        post(browser, "/press", choice=canaries.word(), asked="1")
        post(browser, "/messages", text="x", headers={"origin": canaries.word("https://", ".example")})
        browser.get(f"/files/{canaries.word()}")
        browser.get(f"/desk/{canaries.word()}?q={canaries.word()}")
        code = process.command("staff", "invite", "--role", "admin")["code"]
        post(browser, "/desk", opened(browser, "/desk"), code=code, name="R")
        failing = browser.get(f"/desk/BOOM-{canaries.word()}", headers={"connection": "close"})
        assert failing.status_code == 500

        town.seen(lambda: not telegram.updates.waiting, "all of Telegram taken")
        town.seen(lambda: not slack.unacknowledged, "all of Slack acknowledged")
        asked = [failing.text, *(browser.get(path).text for path in ("/metrics", "/healthz", "/readyz"))]
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(process.folder / "desk.db.sock"))
        control.sendall(
            json.dumps({"command": "case show", "args": {canaries.word(): canaries.word()}}).encode() + b"\n"
        )
        control.settimeout(5)
        asked.append(control.recv(65536).decode())
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(process.folder / "desk.db.sock"))
        control.sendall(canaries.word('{"command": "case show", "args": ').encode() + b"\n")
        control.settimeout(5)
        asked.append(control.recv(65536).decode())
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(process.folder / "desk.db.sock"))
        order = {"command": "case show", "args": {"reference": f"BOOM {canaries.word()}"}}
        control.sendall(json.dumps(order).encode() + b"\n")
        control.settimeout(5)
        asked.append(control.recv(65536).decode())
    assert "error of ours" in asked[-1]
    failed = process.command("failed", "list")
    assert len(failed) >= 3, "the turns that were to fail did"
    town.look()
    assert process.stop() == 0
    secrets = [town.key, telegram.token, telegram.token.partition(":")[2], slack.bot_token, slack.app_token]
    written = town.written() | {"asked": "\n".join(asked), "failed": json.dumps(failed)}
    assert len(written["output"]) > 1000 and "DEBUG" in written["output"].upper()
    for place, text in written.items():
        assert canaries.found_in(text) == [], place
        assert [one for one in secrets if one in text] == [], place
    assert "ValueError" in written["failed"], "the error is named by its kind, and where it was"
    assert written["output"].count('"exception": "ValueError at ') >= 2, "of the page and of the command"
    assert telegram.complaints == [] and slack.complaints == [] and slack.mentions == []
