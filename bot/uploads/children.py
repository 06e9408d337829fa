"""Child processes for what strangers send: one is started for one task, and gets little.

A throwaway directory, limits on memory, time and size, an environment without our settings. What it says is not to be
trusted, and that it says anything at all is not to be relied on.
"""

from __future__ import annotations

import compileall
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bot.uploads.child import DISKS, NO_ROOM

ROOT = Path(__file__).resolve().parents[2]


def told(module: str, order: Mapping[str, Any], workdir: Path, wall: float, **more: str) -> Mapping[str, Any] | None:
    """What `python -m module` says to the order on its input; what it made lies in `workdir` then.

    `more` is for its environment. None when it crashed, was killed, took more than `wall` seconds or said nothing of
    use. Raises OSError when the disk refuses.
    """
    _compiled()
    inside = workdir / "child"
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir(parents=True)
    said = inside / "said.json"
    try:
        # Files, not pipes: what is said has a limit then. The order is on no command line, which all can read.
        with tempfile.TemporaryFile(dir=inside) as asked, said.open("wb") as output:
            asked.write(json.dumps({**order, "parent": os.getpid()}).encode())
            asked.seek(0)
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                cwd=inside,
                env={**environment(inside), **more},
                stdin=asked,
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            code = process.wait(wall)
        finally:
            _kill(process)
        if code == NO_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(inside))
        if code != 0:
            return None
        answer = json.loads(said.read_bytes())
        for made in inside.iterdir():
            if made.name != said.name and made.is_file() and not made.is_symlink():
                made.replace(workdir / made.name)
        return answer if isinstance(answer, dict) else None
    except (subprocess.TimeoutExpired, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno in DISKS:
            raise
        return None
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def made(workdir: Path, name: str) -> Path:
    """A file the child was to make. Raises OSError when it is not there, or is not a plain file."""
    path = workdir / name
    if path.is_symlink() or not path.is_file():
        raise OSError(f"{name} was not made")
    return path


def environment(inside: Path) -> dict[str, str]:
    """All that a child knows of its surroundings."""
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.defpath,
        "HOME": str(inside),
        "TMPDIR": str(inside),
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
    }


@cache
def _compiled() -> None:
    """Once, for all children: they may write no bytecode, and what only they import each would compile again."""
    for package in ("checking", "letters", "uploads"):
        compileall.compile_dir(ROOT / "bot" / package, maxlevels=0, quiet=2)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and all it may have started; it leads a process group of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
