"""One installation whose process lives and dies by kill_launcher.py."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "channels"))  # the platforms' servers, and who writes to them

from telegram_process import PATIENCE, Process  # noqa: E402


@dataclass
class Death:
    """How a life ended."""

    at: str  # the point it was to die at; empty when it was stopped
    code: int
    passed: dict[str, int] = field(default_factory=dict)
    chats: frozenset[str] = frozenset()  # to which a message may have arrived without being noted
    seen: dict[str, int] = field(default_factory=dict)  # messages in each chat at that time
    repeated: int = 0  # messages that came again because of it
    refused: int = 0  # answers that were asked for again, because their question came again

    @property
    def is_kill(self) -> bool:
        return self.code == -signal.SIGKILL


class Lives(Process):
    """The process is forked for each life; between two of them nobody is there."""

    def __init__(self, folder: Path, api: Any, **settings: str) -> None:
        super().__init__(folder, api, **settings)
        self.deaths: list[Death] = []
        self._at, self._pid = "", 0
        self._launcher: subprocess.Popen[str] | None = None

    def leading_to(self, api: Any) -> dict[str, str]:
        return super().leading_to(api) if api is not None else {}

    def __enter__(self) -> Self:
        (self.folder / "output").touch()
        self._launcher = subprocess.Popen(
            [sys.executable, str(HERE / "kill_launcher.py"), str(self.folder / "output")], cwd=self.folder,
            env={**self.environment, "OPENBLAS_NUM_THREADS": "1"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1,
        )  # fmt: skip
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        assert self._launcher
        self._launcher.kill()  # the life dies with it
        self._launcher.wait(PATIENCE)
        if kind:
            print(f"what the process wrote last:\n{self.output[-3000:]}")

    def begins(self, at: str = "", nth: int = 1) -> None:
        """A life; with a point it ends there, when that is passed so many times."""
        assert self._launcher and self._launcher.stdin and not self._pid
        self.lives += 1
        self._at = at
        print(json.dumps({"at": at, "nth": nth} if at else {}), file=self._launcher.stdin, flush=True)
        self._pid = self._hears()["pid"]

    @property
    def runs(self) -> bool:
        """Whether the life goes on. What is known of its end is kept in `deaths`."""
        assert self._launcher and self._launcher.stdout
        if self._pid and select.select([self._launcher.stdout], [], [], 0)[0]:
            self._buries()
        return bool(self._pid)

    def waits(self, seconds: float) -> None:
        """Return when the life is over, or after so long."""
        assert self._launcher and self._launcher.stdout
        select.select([self._launcher.stdout], [], [], seconds)

    def stop(self) -> int:
        """As an operator would; the exit code."""
        if self._pid:
            os.kill(self._pid, signal.SIGTERM)
            self._at = ""
            self._buries()
        return self.deaths[-1].code

    def kill(self) -> None:
        """From outside, at no point in particular."""
        os.kill(self._pid, signal.SIGKILL)
        self._at = ""
        self._buries()

    def _buries(self) -> None:
        told = self._hears()
        self._pid = 0
        chats = frozenset(told.get("flying", ()))
        self.deaths.append(Death(self._at, told["code"], told.get("passed", {}), chats))

    def _hears(self) -> dict[str, Any]:
        assert self._launcher and self._launcher.stdout
        patience = PATIENCE * (1 if self.deaths else 4)  # the first of it is heard when all is imported
        assert select.select([self._launcher.stdout], [], [], patience)[0], (
            f"no word of the life\n{self.output[-3000:]}"
        )
        line = self._launcher.stdout.readline()
        assert line, f"the launcher is gone\n{self.output[-3000:]}"
        told: dict[str, Any] = json.loads(line)
        return told


def all_points() -> list[str]:
    """The name of every point the product has, from whatever module."""
    from storage.points import POINTS

    for package in ("storage", "bot", "conversations", "rules"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return sorted(POINTS)
