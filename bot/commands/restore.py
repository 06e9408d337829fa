"""A backup put in place of what is here."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from bot.control import CommandError
from bot.settings import Settings
from storage import sqlite
from storage.store import StorageError

PARTS = ("database", "key", "files")


def restored(settings: Settings, file: Path) -> None:
    """Put the database, the files and the key of the backup in place of what is here.

    Raises:
        CommandError: the file is no backup, or a process is running.
    """
    database = settings.database
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=database.parent) as name:
        folder = Path(name)
        _unpack(file, folder)
        try:
            sqlite.restore(folder / "database", database)
        except StorageError as error:
            raise CommandError(str(error)) from error
        if (folder / "key").exists():
            (folder / "key").replace(database.with_name(database.name + ".key"))
        if settings.files.exists():
            shutil.rmtree(settings.files)
        if (folder / "files").exists():
            settings.files.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / "files", settings.files)


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            names = [member.name for member in archive.getmembers()]
            if "database" not in names or any(name.split("/")[0] not in PARTS for name in names):
                raise CommandError(f"{file} is no backup of this program")
            archive.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise CommandError(f"{file} can't be read: {error}") from error
