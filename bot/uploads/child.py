"""The program that opens a stranger's file: `python -m bot.uploads.child` takes an order, and prints what it found.

It limits itself before it imports any parser. Its working directory is a throwaway one and takes what it makes:
`copy.*`, `page-1.png` ..., `handed-on.*`. When the disk refuses that, it ends with NO_ROOM.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

NO_ROOM = 74  # exit code: EX_IOERR of sysexits.h
DISKS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})  # no EFBIG: that is our own limit


def obey(do: Callable[[dict[str, Any]], dict[str, Any]]) -> NoReturn:
    """Do what the order on the standard input says, within its limits. Prints what comes of it as JSON, and ends."""
    order: dict[str, Any] = json.load(sys.stdin)
    leave_the_network()
    die_with(order["parent"])
    limit(order["limits"])
    # Parsers written in C print to the standard output as they please; our answer goes out by a copy of it.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        json.dump(do(order), answer)
        answer.flush()
    except OSError as error:
        os._exit(NO_ROOM if error.errno in DISKS else 1)
    os._exit(0)  # libraries' own clean-up at exit is of no use here, and has crashed


def _looks_into(order: dict[str, Any]) -> dict[str, Any]:
    from bot.uploads.parse import hand_on, look
    from bot.uploads.refused import Refused

    limits = order["limits"]
    try:
        if order["task"] == "look":
            return look(order["file"], order["kind"], limits, order["company"])
        return hand_on(order["file"], order["formats"], order["max_bytes"], limits)
    except Refused as refused:
        return {"problem": refused.problem}
    except MemoryError:
        return {"problem": "upload_bomb"}


def die_with(parent: int) -> None:
    """Whoever started us watches the clock, and clears up: without them we end at once."""
    import ctypes

    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG of Linux's prctl.h
    except (OSError, AttributeError):  # not Linux
        return
    if os.getppid() != parent:  # gone already
        os._exit(1)


def leave_the_network() -> bool:
    """Move into a network of our own with nothing in it. False where the kernel forbids that: the limits remain."""
    import ctypes

    new_user, new_network = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET of Linux's sched.h
    try:
        return bool(ctypes.CDLL(None).unshare(new_user | new_network) == 0)
    except (OSError, AttributeError):  # not Linux
        return False


def limit(limits: dict[str, Any]) -> None:
    for what, value in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits["file_size"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
    ):
        resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    obey(_looks_into)
