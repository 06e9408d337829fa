"""A backup put in place of what is here, and what its operator has to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from bot.control import CommandError
from bot.settings import Settings
from conversations.deadlines import WARNING
from storage.backup import SOON, Restored, restore
from storage.store import Damaged, StorageError

MOST = 50  # lines of one list
DOES = {"reminder": "is reminded", "end": "has reached its end", "nudge": "is looked after", "reopen": "may go on",
        "rules": "hears of other rules", "erase": "is deleted, its retention is over"}  # fmt: skip
LET_GO = """\
Messages are taken in, but none leaves for Telegram or Slack, and no reminder or deletion comes due, until you say so:
  python -m bot resume          what waits is sent, also what its reader had before this restore
  python -m bot resume --drop   what waits in the backup is never sent; what is said from now on is
In both cases reminders and deletions go on then; nothing is deleted unless a reminder arrived {hours} hours before."""


def restored(settings: Settings, file: Path, now: datetime) -> Iterator[str]:
    """Put the database, the files and the key of the backup in place of what is here; the lines to print.

    Raises:
        CommandError: the file is no backup, a process is running, the disk refuses. All is as it was.
    """
    try:
        found = restore(file, settings.database, settings.files, now)
    except Damaged as error:
        raise CommandError(f"{str(error).replace('. Restore a backup over it', '')}. Nothing was changed") from error
    except StorageError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or settings.database.parent}: {error.strerror}") from error
    return _told(found, now)


def _told(found: Restored, now: datetime) -> Iterator[str]:
    yield f"restored as of {_time(found.made_at)}: {len(found.registrations)} registrations, {found.files} files"
    if found.erased:
        yield from _listed(
            "deleted since, and deleted again (the receipts stay):",
            [f"{one.reference}  {one.status}  {_time(one.closed_at)}" for one in found.erased],
        )
    if found.off_the_desk:
        yield from _listed("taken off the desk since, and not back:", found.off_the_desk)
    if found.replaced != "database":
        here = "the database that was here can't be read" if found.replaced == "unreadable" else "no database was here"
        yield from _listed(
            f"{here}: which of these registrations were deleted since {_time(found.made_at)}, and who left the desk, "
            "can't be known. Withdraw what should be gone:",
            found.registrations,
        )
    messages = sum(number for _, number, _ in found.messages)
    yield from _listed(
        f"{messages} messages wait to be sent:",
        [f"{chat}  {number}, the oldest since {_time(since)}" for chat, number, since in found.messages],
    )
    yield from _listed(
        f"{len(found.due)} reminders and ends are due by now or within {SOON.days} days:",
        [f"{_time(one.at)}{' *' if one.at <= now else '  '} {one.reference}  {DOES[one.does]}" for one in found.due],
    )
    jobs = ", ".join(f"{number} {name}" for name, number in sorted(found.jobs.items()))
    yield f"jobs that go on at the next start: {jobs or 'none'}"
    yield LET_GO.format(hours=int(WARNING.total_seconds() // 3600))


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield title if lines else f"{title.rstrip(':')}"
    yield from (f"  {line}" for line in lines[:MOST])
    if len(lines) > MOST:
        yield f"  and {len(lines) - MOST} more"


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
