"""Slow work: letters drawn, uploads looked into, files erased. A row comes in, an event goes out by the App's door."""

from __future__ import annotations

import asyncio
import errno
import json
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog

from bot.app import App
from bot.channels import Channel, TryLater
from bot.drawing import operator
from bot.looking import Looking, Result, owner_of, unbound, unseen
from bot.settings import Settings
from bot.words import Catalogs, plain_values
from bot.worker import AFTER_TROUBLE, Worker
from bot.writer import Overloaded
from conversations.model import Bind, Discard, DrawPlan, Erase, Event, Fetch, Kind, Render
from storage.backup import FROZEN
from storage.store import DiskTrouble, Job, job_event_id

log = structlog.get_logger()

AT_ONCE = 3  # jobs, one of a chat: however slow its files are, other chats' go on
LOOKING = 2  # of them files looked into, for each may keep a core busy: letters never wait for files
LEASE = 700.0  # seconds a claimed job is ours; longer than any job may take
TIMEOUT = 600.0  # seconds of one job: an album of ten, each file of which takes all the time it may, and its checks
PLANS_KEPT = 7 * 86_400.0  # seconds that the PDF of a plan can be had again
CLEARED_EVERY = 3600.0  # seconds between two looks for files that nobody takes
LOOK_INTO = "look_into"
BIND = "bind_scans"
TRIES = 5
MORE_TRIES = {BIND: 9}  # nearly three hours: until then nobody misses a scan, and the pages it is bound of are there
LONGEST_FULL = 300.0  # seconds between two tries while the disk has no room
DISKS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG})

T = TypeVar("T")
Watcher = Callable[[Job], None]


class ChildFailed(Exception):
    """The child process died or said nothing: a bug, or a file made to break it."""


class Jobs(Worker):
    """Claims jobs, a few at a time. One that fails is tried again; one that keeps failing says so by its event."""

    rung_by = (Render, Fetch, Bind, DrawPlan, Erase, Discard)

    def __init__(self, app: App, channels: Mapping[str, Channel], settings: Settings, catalogs: Catalogs) -> None:
        super().__init__()
        self._app, self._settings, self._catalogs = app, settings, catalogs
        self._running: dict[asyncio.Task[None], Job] = {}
        self.watchers: list[Watcher] = []
        self._work = settings.database.absolute().with_name(f"{settings.database.name}.work")
        self.looking = Looking(app.files, channels, settings.secret_keys, self._work)
        self._does: dict[str, Callable[[Job], Awaitable[Result | None]]] = {
            "render": self._render, LOOK_INTO: self.looking.look_into, BIND: self.looking.bind_scans,
            "draw_plan": self._draw_plan, "erase_files": self._erase_files,
        }  # fmt: skip
        self._cleared_at = time.time()
        self._clear_up()

    def _clear_up(self) -> None:
        """Leave nothing of what a killed process had in hand: letters half drawn, files whose event never came."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clear_incoming()
        self._clear_plans(time.time() - PLANS_KEPT)
        shutil.rmtree(self._app.files.root / FROZEN, ignore_errors=True)  # of a backup that was cut off
        for half in self._app.files.root.glob(".part-*"):
            half.unlink()
        owners = [folder.name[1:] for folder in self._app.files.root.glob("r[1-9]*")]
        for number in self._app.store.deleted(int(owner) for owner in owners if owner.isdecimal()):
            self._app.files.erase(f"r{number}")  # put there after the rest was deleted

    def _clear_incoming(self, older_than: float = math.inf) -> None:
        """Delete files that nobody takes any more: refused ones, and those of posts that never became an event."""
        files, store = self._app.files, self._app.store
        for path in (files.root / "incoming").rglob("*"):
            if not path.is_file() or path.stat().st_mtime >= older_than:
                continue
            if not store.refers_to(path.relative_to(files.root).as_posix()):
                path.unlink(missing_ok=True)

    def _clear_plans(self, older_than: float) -> None:
        """Delete plans of former days, for no registration takes them with it when it goes."""
        for folder in self._app.files.root.glob("p[1-9]*"):
            for path in folder.rglob("*"):
                if path.is_file() and path.stat().st_mtime < older_than:
                    path.unlink(missing_ok=True)

    @property
    def in_hand(self) -> int:
        return len(self._running)

    async def work(self) -> float | None:
        if (began := time.time()) >= self._cleared_at + CLEARED_EVERY:
            self._cleared_at = began
            await asyncio.to_thread(self._clear_incoming, began - CLEARED_EVERY)
            await asyncio.to_thread(self._clear_plans, began - PLANS_KEPT)
        while self.in_hand < AT_ONCE and (job := await self._next()):
            task = asyncio.create_task(self._do(job), name=f"job {job.id}")
            self._running[task] = job
            task.add_done_callback(self._ended)
        return CLEARED_EVERY

    async def _next(self) -> Job | None:
        """A job to begin beside those in hand."""
        busy = [job.conversation or 0 for job in self._running.values()]
        full = sum(job.name == LOOK_INTO for job in self._running.values()) >= LOOKING
        claim, now = self._app.store.claim_jobs, self._app.clock.now()
        claimed = await self._app.write(claim, now, 1, LEASE, busy=busy, without=LOOK_INTO if full else "")
        return claimed[0] if claimed else None

    async def finish(self) -> None:
        """Jobs in hand are left where they are: their lease runs out, and the next process does them again."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if not task.cancelled() and (error := task.exception()):
            log.error("job_not_noted", error=type(error).__name__)
        self.ring()

    async def _do(self, job: Job) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                result = await self._does[job.name](job)
        except TryLater as later:
            return await self._put_off(job, later.wait)
        except Exception as error:
            log.warning("job_failed", job=job.id, name=job.name, attempts=job.attempts, error=type(error).__name__)
            is_disk = isinstance(error, OSError) and error.errno in DISKS  # full, or failing: no fault of the file's
            if (
                is_disk or job.attempts + 1 < MORE_TRIES.get(job.name, TRIES) or job.name == "erase_files"
            ):  # what is to be deleted is, in the end
                longest = LONGEST_FULL if is_disk else 3600.0
                return await self._put_off(job, min(longest, 2.0 * 4 ** min(job.attempts, 6)))
            result = self._failed(job)
        if result is None:
            await self._noted(lambda: self._app.write(self._app.store.finish_job, job.id))
        else:
            await self._report(job, *result)
        for watcher in self.watchers:
            watcher(job)

    async def _put_off(self, job: Job, wait: float) -> None:
        at = self._app.clock.now() + timedelta(seconds=wait)
        await self._noted(lambda: self._app.write(self._app.store.retry_job, job.id, at))
        asyncio.get_running_loop().call_later(wait, self.ring)

    async def _report(self, job: Job, name: str, result: Mapping[str, Any]) -> None:
        """Give the result to the App as the job's one event."""
        event = Event(
            id=job_event_id(job.id), kind=Kind.JOB, at=self._app.clock.now(), registration=job.registration,
            conversation=job.conversation, name=name, result=result,
        )  # fmt: skip
        taken = await self._noted(lambda: self._app.turned(event))
        number = job.registration
        if taken is None and number and number in await asyncio.to_thread(self._app.store.deleted, [number]):
            await asyncio.to_thread(self._app.files.erase, owner_of(job))  # deleted meanwhile: so must be what we made

    async def _noted(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write down what came of a job, however long the disk refuses: else it is done anew when its lease ends."""
        while True:
            try:
                return await write()
            except (DiskTrouble, Overloaded):
                await asyncio.sleep(AFTER_TROUBLE)

    def _failed(self, job: Job) -> Result:
        if job.name == "render":
            return "rendering_failed", {"asked": job.payload["asked"], "why": "rendering_broke"}
        if job.name == "draw_plan":
            return "plan_failed", {}
        if job.name == BIND:
            return "scans_bound", unbound(job)
        return "looked_into", {"uploads": [unseen(id, "upload_broken") for id, *_ in job.payload["uploads"]]}

    # the work itself

    async def _render(self, job: Job) -> Result:
        asked, settings = job.payload["asked"], self._settings
        with tempfile.TemporaryDirectory(dir=self._work) as folder:
            answer = await _child("bot.drawing", {
                "letters": job.payload["letters"], "folder": folder, "keys": list(settings.secret_keys),
                "operator": operator(settings),
            })  # fmt: skip
            if "why" in answer:
                return "rendering_failed", {"asked": asked, "why": answer["why"]}
            letters = [
                await asyncio.to_thread(self._keep_letter, owner_of(job), letter) for letter in answer["letters"]
            ]
        return "rendered", {"asked": asked, "letters": letters}

    def _keep_letter(self, owner: str, letter: Mapping[str, Any]) -> dict[str, Any]:
        put = self._app.files.put
        return {
            "slot": letter["slot"], "version": letter["version"], "pages": letter["pages"],
            "file": put(owner, Path(letter["pdf"]), ".pdf"),
            "previews": [put(owner, Path(picture), ".png") for picture in letter["pictures"]],
            "layout": letter["layout"],
        }  # fmt: skip

    async def _draw_plan(self, job: Job) -> Result:
        facts = job.payload["plan"]
        plain = plain_values(facts, self._catalogs.words(facts["locale"], facts["time_zone"]))
        with tempfile.TemporaryDirectory(dir=self._work) as folder:
            order = {"plan": plain, "folder": folder, "operator": operator(self._settings)}
            answer = await _child("bot.drawing", order)
            if "why" in answer:
                return "plan_failed", {}
            # By its chat and not by a registration: one opened meanwhile is not what it is about.
            key = await asyncio.to_thread(self._app.files.put, f"p{job.conversation}", Path(answer["pdf"]), ".pdf")
        return "plan_drawn", {"file": key, "name": facts["name"], "pages": answer["pages"]}

    async def _erase_files(self, job: Job) -> None:
        files = self._app.files
        if "prefix" in job.payload:
            await asyncio.to_thread(files.erase, job.payload["prefix"])
        for key in job.payload.get("files", ()):
            await asyncio.to_thread(files.remove, key)


async def _child(module: str, order: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of `python -m module` to an order.

    Raises:
        ChildFailed: it died, or its answer is no answer.
        OSError: the disk refused it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        out, _ = await process.communicate(json.dumps(order).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    try:
        answer = json.loads(out) if process.returncode == 0 else None
    except ValueError:
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("errno"), int):
        raise OSError(answer["errno"], os.strerror(answer["errno"]))
    if not isinstance(answer, dict) or "errno" in answer:
        raise ChildFailed(f"{module} ended with {process.returncode}")
    return answer
