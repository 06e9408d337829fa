"""What jobs do with files: uploads looked into and held against the awaited letters, flat pages bound to a scan."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from bot.channels import Channel, Refused, TooBig, TryLater, channel_of
from bot.checking import PageVerdict
from bot.checking.asked import CROPS, Awaited, Limits, awaited, bind, check_upload
from bot.drawing import layout_of
from bot.letters import codes
from bot.uploads.child import DISKS
from bot.uploads.intake import Inspection, look_into
from storage.files import FileStore
from storage.store import Job

log = structlog.get_logger()

DOWNLOADS = 40  # tries of one whose file does not come: about five hours
LARGEST = 20_000_000  # bytes of one upload
STORED = "stored:"  # what a ref begins with whose bytes lie in our file store
CHECKING = 80.0  # seconds for all checks of one job: files that find none left go to a person
LEAST = 2.0  # seconds in which a check may come to something

Result = tuple[str, Mapping[str, Any]]  # name and result of the event
CheckWatcher = Callable[[Sequence[str], float], None]  # what became of each page of a file, seconds that took


class Unbindable(Exception):
    """The scans of a letter could not be bound."""


@dataclass(slots=True)
class Waiting:
    """The letters that a job's files are held against, and the time that is left for it."""

    letters: Sequence[Awaited]
    seconds: float


class Looking:
    """Looks into files, of any channel or of the store, and keeps what it makes under the job's owner."""

    def __init__(self, files: FileStore, channels: Mapping[str, Channel], keys: Sequence[str], work: Path) -> None:
        self._files, self.channels, self._keys, self._work = files, channels, keys, work
        self.watchers: list[CheckWatcher] = []

    async def look_into(self, job: Job) -> Result:
        waiting = Waiting(await asyncio.to_thread(self._awaited, job), CHECKING)
        found = []
        for id, ref, *name in job.payload["uploads"]:  # jobs of before have none
            with tempfile.TemporaryDirectory(dir=self._work) as folder:
                found.append(await self._look_into_one(job, id, ref, "".join(name), Path(folder), waiting))
        return "looked_into", {"uploads": found}

    def _awaited(self, job: Job) -> list[Awaited]:
        """The letters of the job that are there. One that is gone, or is none of ours, is not held against."""
        found = []
        for letter in job.payload.get("letters", ()):
            try:
                pdf = self._files.path(letter["file"])
                found.append(awaited(letter["letter_id"], pdf, layout_of(pdf)))
            except Exception as error:
                _raise_for_the_disk(error)
                log.warning("letter_not_there", job=job.id, error=type(error).__name__)
        return found

    async def _look_into_one(
        self, job: Job, id: int, ref: str, name: str, folder: Path, waiting: Waiting
    ) -> dict[str, Any]:
        """What one upload is; its files go to their owner, whatever its fate."""
        try:
            original, told = await self._kept(job, ref, folder)
        except TooBig:
            return unseen(id, "upload_too_big")
        except (Refused, FileNotFoundError):
            return unseen(id, "upload_broken")
        path = self._files.path(original)
        found = await asyncio.to_thread(
            look_into, path, told.get("name", name), told.get("media_type", ""), folder / "work",
            company=job.payload.get("company", ""),
        )  # fmt: skip
        in_time = waiting.seconds > LEAST
        verdicts = await asyncio.to_thread(self._checked, job, found, waiting, folder / "check")
        kept = await asyncio.to_thread(self._keep_upload, job, id, original, found, verdicts, folder / "check")
        # Where there was time and no verdict at all, the check broke down: that is no matter of the file's length.
        too_late = bool(waiting.letters) and (bool(verdicts) or not in_time)
        return {**kept, "unlooked": [page.number for page in found.pages if too_late and page.number not in verdicts]}

    def _checked(self, job: Job, found: Inspection, waiting: Waiting, folder: Path) -> dict[int, PageVerdict]:
        """A verdict by page number. A page without one was not checked, whatever the reason: a person will look."""
        if not found.pages or not waiting.letters:
            return {}
        verdicts: list[PageVerdict] = []
        began = time.monotonic()
        if waiting.seconds > LEAST:
            try:
                folder.mkdir()
                verdicts = check_upload(found, waiting.letters, self._keys, folder, _within(waiting.seconds))
            except Exception as error:
                _raise_for_the_disk(error)
                log.warning("check_failed", job=job.id, error=type(error).__name__)
        took = time.monotonic() - began
        waiting.seconds -= took
        by_page = {verdict.number: verdict for verdict in verdicts}
        results = [_result(by_page.get(page.number)) for page in found.pages]
        for watcher in self.watchers:
            watcher(results, took)
        return by_page

    async def _kept(self, job: Job, ref: str, folder: Path) -> tuple[str, Mapping[str, str]]:
        """The key of the original, now kept under its owner, and what the platform says of it.

        Raises:
            TryLater, Refused: the platform does not give it now, or at all.
            FileNotFoundError: it was erased.
        """
        (folder / "work").mkdir()
        if ref.startswith(STORED):
            return await asyncio.to_thread(self._taken_over, ref.removeprefix(STORED), owner_of(job)), {}
        channel = self.channels.get(channel_of(ref))
        if channel is None:
            raise Refused("of a channel that is not set up")
        told = await self._downloaded(job, channel, ref, folder / "file")
        return await asyncio.to_thread(self._files.put, owner_of(job), folder / "file"), told

    async def _downloaded(self, job: Job, channel: Channel, ref: str, into: Path) -> Mapping[str, str]:
        """What the platform says of the file, which lies at `into` now. Trouble on the way is waited out for hours."""
        try:
            return await channel.download(ref, into, LARGEST)
        except (Refused, TryLater):
            raise
        except Exception as error:
            if job.attempts >= DOWNLOADS:
                raise
            log.warning("download_failed", job=job.id, attempts=job.attempts, error=type(error).__name__)
            raise TryLater(min(600.0, 2.0 ** min(job.attempts + 1, 10))) from None

    def _taken_over(self, key: str, owner: str) -> str:
        """Its key under the new owner: moved when nobody's yet, else a copy, for both owners' files die with them."""
        files = self._files
        if key.startswith(("incoming/", "c")):
            return files.move(key, owner)
        return files.put(owner, files.path(key), Path(key).suffix)

    def _keep_upload(
        self, job: Job, id: int, original: str, found: Inspection, verdicts: Mapping[int, PageVerdict], made: Path
    ) -> dict[str, Any]:
        owner, files = owner_of(job), self._files
        pages = []
        for page in found.pages:
            code, verdict = codes.first(page.codes, self._keys), verdicts.get(page.number)
            pages.append({
                "number": page.number, "letter_id": code.letter_id if code else None,
                "letter_page": code.page if code else None, "letter_version": code.version if code else None,
                "preview": files.put(owner, page.preview, ".png"),
                "check": self._keep_check(owner, verdict, made) if verdict else None,
                "legible": "" if code else page.legible, "turned": 0 if code else page.turned,
            })  # fmt: skip
        return {
            "id": id, "size": found.size, "sha256": found.sha256, "kind": found.kind, "problem": found.problem,
            "file": original, "copy": files.put(owner, found.copy, f".{found.copy_kind}") if found.copy else None,
            "signed_pdf": found.signed_pdf, "company": found.company, "pages": pages,
        }  # fmt: skip

    def _keep_check(self, owner: str, verdict: PageVerdict, made: Path) -> dict[str, Any]:
        def kept(name: str) -> str | None:
            return self._files.put(owner, made / name, ".jpg") if name else None

        answers = ("whole", "legible", "altered", "signed", "stamped", "reason")
        return {
            "letter_id": verdict.letter, "page": verdict.page, "version": verdict.version,
            **{name: str(answer) if (answer := getattr(verdict, name)) else None for name in answers},
            "accepted": verdict.accepted, "seen": verdict.seen, "quality": verdict.quality, "ms": verdict.ms,
            "scan": kept(verdict.scan), "marked": kept(verdict.marked),
            "crops": {name: kept(file) for name in CROPS for file in verdict.crops if file.startswith(name)},
        }  # fmt: skip

    async def bind_scans(self, job: Job) -> Result:
        """The flat pages of a letter as one PDF.

        Raises:
            Unbindable: they can't be bound now.
        """
        asked = job.payload
        scans = [self._files.path(key) for key in asked["scans"]]
        if not all(scan.is_file() for scan in scans):  # deleted meanwhile
            return "scans_bound", unbound(job)
        with tempfile.TemporaryDirectory(dir=self._work) as folder:
            bound = await asyncio.to_thread(bind, scans, asked["paper"], asked["max_bytes"], Path(folder))
            if bound is None:
                raise Unbindable
            key = await asyncio.to_thread(self._files.put, owner_of(job), bound.path, ".pdf")
        return "scans_bound", {**unbound(job), "file": key, "bytes": bound.bytes}


def owner_of(job: Job) -> str:
    """Whose the files are: they die with their registration, or with the chat when there is none."""
    return f"r{job.registration}" if job.registration else f"c{job.conversation}"


def unseen(id: int, problem: str) -> dict[str, Any]:
    """The result for an upload that could not be looked into."""
    return {"id": id, "size": None, "sha256": "", "kind": "", "file": None, "copy": None, "problem": problem,
            "signed_pdf": False, "pages": []}  # fmt: skip


def unbound(job: Job) -> dict[str, Any]:
    """The result for scans that could not be bound."""
    asked = job.payload
    return {"slot": asked["slot"], "version": asked["version"], "scans": list(asked["scans"]), "file": None, "bytes": 0}


def _result(verdict: PageVerdict | None) -> str:
    if verdict is None:
        return "unchecked"
    if verdict.accepted:
        return verdict.seen if verdict.seen == "as_sent" else "accepted"
    return str(verdict.reason)


def _within(seconds: float) -> Limits:
    """What one check may take of these."""
    usual = Limits()
    wall = min(usual.wall, seconds)
    return replace(usual, wall=wall, patience=usual.patience * wall / usual.wall)


def _raise_for_the_disk(error: Exception) -> None:
    """A disk that refuses is no fault of the file's: the job is to be done again when it does not."""
    if isinstance(error, OSError) and error.errno in DISKS:
        raise error
