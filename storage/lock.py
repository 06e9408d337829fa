"""The lock beside a database: one process has it."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from storage.store import Busy


class Lock:
    """One process a database: `<database>.lock`, which holds the process's number while it lives.

    Raises:
        Busy: another process has it.
    """

    def __init__(self, database: Path) -> None:
        self._file = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Busy(f"{database} is in use by process {holder(database)}: stop it, or let it do this") from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next one in. The file stays: one that is deleted could be locked by two."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def holder(database: Path) -> str:
    """The number of the process that has the database, or "unknown"."""
    with suppress(OSError):
        return Path(f"{database}.lock").read_text() or "unknown"
    return "unknown"
