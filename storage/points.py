"""The points of no return: before and after each, the process may die, or the disk may refuse.

Each stands in the code round the call it names, so the list is what the code does and no one's memory of it. In the
running program passing one costs a look at `hook`; tests set it, to end the process there or to raise an OSError.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

POINTS: dict[str, Point] = {}
hook: Callable[[str], None] | None = None  # is told "commit:before", "commit:after" ...


class Point:
    """`with COMMIT: ...` tells the hook before and, where nothing was raised, after."""

    __slots__ = ("_after", "_before", "name")

    def __init__(self, name: str) -> None:
        assert name not in POINTS, name
        self.name, self._before, self._after = name, f"{name}:before", f"{name}:after"
        POINTS[name] = self

    def __enter__(self) -> None:
        if hook is not None:
            hook(self._before)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if hook is not None and kind is None:
            hook(self._after)


FILE_SYNC = Point("file_sync")
FOLDER_SYNC = Point("folder_sync")
RENAME = Point("rename")


def sync_file(path: Path) -> None:
    """Return once the file's bytes are on disk."""
    with FILE_SYNC, path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return once the folder's names are on disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with FOLDER_SYNC:
            os.fsync(opened)
    finally:
        os.close(opened)


def rename(source: Path, target: Path) -> None:
    """Put a file, whose bytes are on disk, in the place of another. `sync_folder` makes it last."""
    with RENAME:
        source.replace(target)
