"""Lives of the real process, each ended by SIGKILL at a point of no return: started by kill_lives.py, never imported.

Starting Python and reading the libraries takes most of a second, so one process does that once and forks a life for
each line it is told: `{"at": "commit:after", "nth": 3}` dies at the third passing in that life, `{}` lives until it is
stopped. It answers with the life's number, and, when the life is over, with how it ended and what it passed.
A life is what `python -m bot run` is: it has no loop and no thread before the fork.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import bot.channels.slack_intake
import bot.channels.telegram_intake
import bot.commands.run  # noqa: F401  what a life needs is imported here, once
from bot.__main__ import app
from storage import points

DIES_WITH_ITS_PARENT = 1  # PR_SET_PDEATHSIG of Linux's prctl.h


class Deadly:
    """The hook of one life: it counts, and at the n-th passing of one point it says its last words and is gone."""

    def __init__(self, at: str, nth: int, words: int) -> None:
        self.at, self.left, self.words = at, nth, words
        self.passed: Counter[str] = Counter()
        self.sends: dict[str, asyncio.Task[Any]] = {}  # whose message may have arrived without our having noted it
        self.chats: dict[str, str] = {}  # where they go
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self.passed[name] += 1
            if name in ("send:before", "record:after"):
                self._follow(name)
            if name == self.at:
                self.left -= 1
                if self.left == 0:
                    self.tell()
                    os.kill(os.getpid(), signal.SIGKILL)

    def _follow(self, name: str) -> None:
        """Each message is sent by a task of its own. After its record it flies no more: sent, refused or put off.

        One that is put off with all others makes several notes, of which the first is enough.
        """
        task = asyncio.current_task()
        assert task is not None and task.get_name().startswith("send ")
        if name == "send:before":
            self.sends[task.get_name()] = task
            self.chats[task.get_name()] = task.get_coro().cr_frame.f_locals["message"].chat
        else:
            self.sends.pop(task.get_name(), None)

    def tell(self) -> None:
        flying = sorted({self.chats[name] for name, task in self.sends.items() if not task.done()})
        os.write(self.words, json.dumps({"passed": self.passed, "flying": flying}).encode())


def live(order: dict[str, Any], words: int, output: int) -> None:
    """From the fork to the end. Never returns."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        points.hook = hook = Deadly(order.get("at", ""), order.get("nth", 0), words)
        sys.argv = ["bot", "run"]
        try:
            app(prog_name="python -m bot")
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        hook.tell()
    finally:
        os._exit(code)


def main() -> None:
    ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGKILL)
    output = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
    tasks = list(Path("/proc/self/task").iterdir())
    assert len(tasks) == threading.active_count() == 1, "a fork would lose a thread"
    for line in sys.stdin:
        heard, words = os.pipe()
        life = os.fork()
        if life == 0:
            ctypes.CDLL(None).prctl(DIES_WITH_ITS_PARENT, signal.SIGKILL)
            os.close(heard)
            live(json.loads(line), words, output)
        os.close(words)
        print(json.dumps({"pid": life}), flush=True)
        _, status = os.waitpid(life, 0)
        with os.fdopen(heard, "rb") as pipe:
            told = json.loads(pipe.read() or b"{}")
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), **told}), flush=True)


if __name__ == "__main__":
    main()
