"""Files of people on disk: content-addressed under the folder of what they belong to, and erased with it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from storage.points import rename, sync_file, sync_folder
from storage.store import StorageError

_OWNER = re.compile(r"[rcp][1-9][0-9]{0,18}|incoming")
_KEY = re.compile(rf"({_OWNER.pattern})/([0-9a-f]{{2}})/\2[0-9a-f]{{62}}(\.[a-z0-9]{{1,8}})?")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")
_BLOCK = 1 << 20  # bytes


class BadKey(StorageError):
    """A key, owner or suffix that is none of this store's."""


class FileStore:
    """Files under `root`, for our eyes only (0700, 0600).

    An owner is a registration ("r12"), a conversation ("c5"), the plans drawn in it ("p5") or "incoming". A key is
    "r12/ab/<sha256>.pdf": the same content of one owner has one key. What has a key is on disk, whole: it is written
    beside, synced, then renamed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        make_folder(self.root)

    def put(self, owner: str, data: bytes | Path, suffix: str = "") -> str:
        """The key of the content, which is kept under `owner`. A Path is copied; a suffix is like ".pdf".

        Raises:
            BadKey: the owner or the suffix is none.
            OSError: the disk refused.
        """
        if not _OWNER.fullmatch(owner) or not _SUFFIX.fullmatch(suffix):
            raise BadKey(f"{owner!r}, {suffix!r}")
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".part-")  # mode 0600
        part = Path(name)
        try:
            digest = hashlib.sha256()
            with os.fdopen(handle, "wb") as file:
                for block in _blocks(data):
                    digest.update(block)
                    file.write(block)
            sync_file(part)
            sha256 = digest.hexdigest()
            key = f"{owner}/{sha256[:2]}/{sha256}{suffix}"
            self._place(part, key)
        finally:
            part.unlink(missing_ok=True)
        return key

    def path(self, key: str) -> Path:
        """Where the file of a key lies, or would lie. Raises BadKey for anything but a key of ours."""
        if not _KEY.fullmatch(key):
            raise BadKey(repr(key))
        return self.root / key

    def open(self, key: str) -> BinaryIO:
        """The file, to read from. Raises BadKey, or FileNotFoundError when it was erased."""
        return self.path(key).open("rb")

    def read(self, key: str) -> bytes:
        """The content. Raises BadKey, or FileNotFoundError when it was erased."""
        return self.path(key).read_bytes()

    def move(self, key: str, owner: str) -> str:
        """The file's key under its new owner. Repeated safely: a move that was done is answered by its key.

        Raises:
            BadKey: no key, or no owner.
            FileNotFoundError: it is neither here nor there.
        """
        source = self.path(key)
        moved = f"{owner}/{key.split('/', 1)[1]}"
        target = self.path(moved)
        if source == target or not source.exists():
            if target.exists():
                sync_folder(target.parent)  # one that was cut off had not come so far
                return moved
            raise FileNotFoundError(key)
        self._place(source, moved)
        sync_folder(source.parent)
        return moved

    def remove(self, key: str) -> None:
        """Delete one file. Repeated safely. Raises BadKey."""
        path = self.path(key)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync_folder(path.parent)

    def erase(self, owner: str) -> None:
        """Delete all that belongs to the owner. Repeated safely."""
        if not _OWNER.fullmatch(owner):
            raise BadKey(repr(owner))
        folder = self.root / owner
        for _ in range(9):  # somebody else may be at it, or put one more file there
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
        else:
            shutil.rmtree(folder)
        sync_folder(self.root)

    def freeze(self, folder: Path) -> list[str]:
        """Keep every file that is here now in `folder` too, erased or not: a link each, a copy where there are none."""
        frozen = []
        # In the order files move: one that is gone before we come to it is found where it went.
        for owners in ("incoming", "c", "r", "p"):
            for key in keys_in(self.root, owners):
                target = folder / key
                for made in (target.parent.parent, target.parent):
                    made.mkdir(mode=0o700, exist_ok=True)
                try:
                    _link(self.root / key, target)
                except FileNotFoundError:  # erased just now, or moved on
                    continue
                frozen.append(key)
        return frozen

    def sweep(self, known_keys: Collection[str], older_than: datetime) -> list[str]:
        """The keys deleted: what no row knows and was written before `older_than`. Halves of files go too."""
        swept = []
        for path in sorted(self.root.rglob("*")):
            if not path.is_file() or path.stat().st_mtime >= older_than.timestamp():
                continue
            key = path.relative_to(self.root).as_posix()
            is_half = path.parent == self.root and path.name.startswith(".part-")
            if is_half or (_KEY.fullmatch(key) and key not in known_keys):
                path.unlink()
                swept.append(key)
        return swept

    def _place(self, source: Path, key: str) -> None:
        """Rename to the key's place, so that it is still there after the power went."""
        target = self.root / key
        make_folder(target.parent)
        rename(source, target)
        sync_folder(target.parent)


def keys_in(root: Path, owners: str = "") -> Iterator[str]:
    """The keys of the files below a file store's folder; only of owners that begin with that."""
    for here, folders, names in os.walk(root):  # what is erased meanwhile is left out
        if here == str(root):
            folders[:] = [name for name in folders if _OWNER.fullmatch(name) and name.startswith(owners)]
        for name in names:
            if _KEY.fullmatch(key := Path(here, name).relative_to(root).as_posix()):
                yield key


def key_fits(key: str, sha256: str) -> bool:
    """Whether that is a key, and of that content."""
    return bool(_KEY.fullmatch(key)) and key.split("/")[2].startswith(sha256)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _blocks(data: bytes | Path) -> Iterator[bytes]:
    if isinstance(data, Path):
        with data.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    else:
        yield data


def make_folder(folder: Path) -> None:
    """Make it, and what is missing above it: for our eyes only, and still there after the power went."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        sync_folder(folder.parent)
    except OSError:
        with suppress(OSError):  # somebody else's file is in it by now
            folder.rmdir()  # whoever comes next makes it, and makes it last
        raise
