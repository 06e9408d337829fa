"""The last step of a restore: database, key and files come in the place of what is here, all of them or none.

What is to come is laid ready beside the database, in a folder whose renaming decides: until then all stays as it was,
from then on whoever opens the database first carries the rest out. So a process that dies in between leaves the old
installation or the new one, never the database of one with the key or the files of the other.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from storage.files import keys_in, make_folder
from storage.points import Point, rename, sync_file, sync_folder

DECIDE, REPLACE = Point("decide"), Point("replace")
FILES = ".restored"  # in the folder of the files, so that they are renamed to their places and not copied


class Ready:
    """What a restore lays ready: `database`, perhaps `key`, and the files under `files`."""

    def __init__(self, database: Path, files: Path) -> None:
        """Makes the folders. What another restore left that was not decided goes."""
        undo(database)
        self._database = database
        self._folder = _undecided(database)
        self._root = files.absolute()
        self._folder.mkdir(mode=0o700)
        self._note("root", [str(self._root)])  # before the first file lies there: whoever tidies up must find them
        sync_folder(database.parent)
        self.database, self.key = self._folder / "database", self._folder / "key"
        self.files = self._root / FILES
        make_folder(self.files)

    def decide(self) -> None:
        """From here on it is what will be. All of it is on disk before that."""
        kept = sorted(path for path in self.files.rglob("*") if path.is_file())
        for path in kept:
            sync_file(path)
        for folder in {path.parent for path in kept} | {self.files, self._root}:
            sync_folder(folder)
        self._note("files", [path.relative_to(self.files).as_posix() for path in kept])
        for path in (self.database, self.key):
            if path.exists():
                sync_file(path)
        sync_folder(self._folder)
        with DECIDE:
            rename(self._folder, _decided(self._database))
            sync_folder(self._database.parent)

    def _note(self, name: str, lines: list[str]) -> None:
        path = self._folder / name
        path.write_text(json.dumps(lines), encoding="utf-8")
        sync_file(path)
        sync_folder(self._folder)


def finish(database: Path) -> None:
    """Carry out what a restore decided, and take away what one left that did not come so far. Only under the lock."""
    undo(database)
    if not is_decided(database):
        return
    folder = _decided(database)
    with REPLACE:
        # The key goes with the last of the three, the database: until that is gone, all is done once more.
        if (folder / "database").exists():
            (root,) = _noted(folder, "root")
            _put_files(root, _noted(folder, "files"))
            if (folder / "key").exists():
                rename(folder / "key", database.with_name(f"{database.name}.key"))
            for end in ("-wal", "-shm"):  # a log that stays would be played into the new database
                database.with_name(database.name + end).unlink(missing_ok=True)
            sync_folder(database.parent)
            rename(folder / "database", database)
            sync_folder(database.parent)
    shutil.rmtree(folder)


def is_decided(database: Path) -> bool:
    """Whether a restore stands that the next who opens the database carries out."""
    return _decided(database).is_dir()


def undo(database: Path) -> None:
    """Take away what a restore laid ready that was never decided."""
    folder = _undecided(database)
    if folder.is_file():  # before there were such folders, a restore wrote its database there
        folder.unlink()
    if (folder / "root").exists():
        for root in _noted(folder, "root"):
            shutil.rmtree(Path(root) / FILES, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _put_files(root: str, keys: Iterable[str]) -> None:
    """Rename what lies ready to its place, and delete every other file. Repeated safely."""
    ready, kept = Path(root) / FILES, set(keys)
    folders = set()
    for key in sorted(kept):
        target = Path(root, key)
        if (ready / key).exists():
            make_folder(target.parent)
            rename(ready / key, target)
            folders |= {target.parent, target.parent.parent}
    for folder in folders | {Path(root)}:
        sync_folder(folder)
    shutil.rmtree(ready, ignore_errors=True)
    for key in set(keys_in(Path(root))) - kept:
        (path := Path(root, key)).unlink()
        for folder in (path.parent, path.parent.parent):
            with suppress(OSError):  # not empty
                folder.rmdir()


def _noted(folder: Path, name: str) -> Iterator[str]:
    try:
        yield from json.loads((folder / name).read_text(encoding="utf-8"))
    except ValueError:
        return  # cut off while it was written: nothing lies there yet


def _undecided(database: Path) -> Path:
    return database.with_name(f"{database.name}.restoring")


def _decided(database: Path) -> Path:
    return database.with_name(f"{database.name}.restored")
