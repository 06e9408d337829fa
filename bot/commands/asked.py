"""Commands that need the store. They run in the process that holds the database, whoever asked for them."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.chat import chat, reference_of
from bot.commands.score import letters_score
from bot.control import CommandError, Emit, Handler, Lines
from bot.wiring import House
from bot.writer import Taken
from conversations.edition import pack_of
from conversations.interview.plan import plan
from conversations.model import CLOSED, Erase, Kind, Note, Registration, Role, Say, Tell, Verdict
from conversations.papers.wanted import Papers, papers, placed_pages
from conversations.registration.waiting import POSTPONED
from storage.backup import archive, pack
from storage.store import Found, Job, Outgoing, Receipt


async def case_list(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    store = house.app.store
    for found in await asyncio.to_thread(store.registrations):
        whole = await asyncio.to_thread(store.found, found.registration.reference)
        await emit(_shown(house, whole or found))
    for receipt in await asyncio.to_thread(store.receipts):
        await emit(_receipt(receipt))
    return 0


async def case_show(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    store, reference = house.app.store, str(args["reference"]).strip().upper()
    if found := await asyncio.to_thread(store.found, reference):
        shown = _shown(house, found)
        if args.get("for_people"):
            needed = {item.slot.key for item in _papers(house, found.registration).items if item.slot.required}
            shown["documents"] = [{**one, "required": one["code"] in needed} for one in shown["documents"]]
        await emit(shown)
    elif receipt := await asyncio.to_thread(store.receipt, reference):
        await emit(_receipt(receipt))
    else:
        raise CommandError(f"no registration has the reference {reference}", 1)
    return 0


def _shown(house: House, found: Found) -> dict[str, Any]:
    registration, book = found.registration, house.app.book
    pack = pack_of(registration, book)
    return {
        "reference": registration.reference, "country": registration.country, "route": registration.route,
        "status": str(registration.status), "company": registration.answers.get("company_name"),
        "sender_ids": [
            {"sender_id": name.text, "samples": name.samples, "outcome": str(name.outcome) if name.outcome else None}
            for name in registration.sender_ids
        ],
        "answers": registration.answers,
        "missing": [] if registration.status in CLOSED else list(plan(registration, pack).missing),
        "documents": _documents(house, registration),
        "ends_at": stamp(registration.ends_at) if registration.ends_at else None,
        "history": [
            {"at": stamp(line.at), "trigger": line.trigger, "from": line.source, "to": line.dest, "by": line.by}
            for line in found.history
        ],
    }  # fmt: skip


def _papers(house: House, registration: Registration) -> Papers:
    book = house.app.book
    return papers(registration, pack_of(registration, book), book.templates)


def _documents(house: House, registration: Registration) -> list[dict[str, Any]]:
    versions = {letter.slot: letter.version for letter in registration.letters}
    documents = []
    for item in _papers(house, registration).items:
        verdicts: dict[int, str | None] = dict.fromkeys(range(1, item.pages + 1))
        for _, page in placed_pages(registration, item.slot.key):  # the newest of each page comes last
            verdicts[page.page or 1] = str(page.verdict or Verdict.WITH_PERSON)
        documents.append({
            "code": item.slot.key, "version": versions.get(item.slot.key),
            "pages": [{"page": page, "verdict": verdict} for page, verdict in sorted(verdicts.items())],
        })  # fmt: skip
    return documents


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return asdict(receipt) | {"opened_at": stamp(receipt.opened_at), "closed_at": stamp(receipt.closed_at)}


async def staff_invite(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    app = house.app
    invitation = await app.write(app.store.invite, Role(args["role"]), app.clock.now())
    await emit({"code": invitation.code, "role": str(invitation.role), "expires_at": stamp(invitation.expires_at)})
    return 0


async def staff_list(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    for staff, since in await asyncio.to_thread(house.app.store.staff):
        await emit({"name": staff.name, "role": str(staff.role), "since": stamp(since)})
    return 0


async def staff_revoke(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    if not await house.app.write(house.app.store.revoke, args["name"]):
        raise CommandError(f"nobody at the desk is called {args['name']}; see staff list", 1)
    return 0


async def failed_list(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    for failure in await asyncio.to_thread(house.app.store.failures):
        event = failure.event
        await emit({
            "id": failure.id, "at": stamp(failure.at), "event": event.id, "kind": str(event.kind),
            "error": failure.error,
        })  # fmt: skip
    return 0


async def failed_replay(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """Exit code 1 when one of them fails again."""
    app = house.app
    failures = await asyncio.to_thread(app.store.failures)
    wanted = [one for one in failures if args.get("id") in (None, one.id)]
    if args.get("id") is not None and not wanted:
        raise CommandError(f"no failed event has the number {args['id']}; see failed list", 1)
    for failure in wanted:
        await app.replay(failure.id)
    await house.settled()
    still = {failure.event.id for failure in await asyncio.to_thread(app.store.failures)}
    for failure in wanted:
        await emit({"id": failure.id, "event": failure.event.id, "replayed": failure.event.id not in still})
    return 1 if any(failure.event.id in still for failure in wanted) else 0


async def pause(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    await house.app.write(house.app.store.put_setting, "paused", args["text"])
    return 0


async def resume(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """End the pause, and the hold of a restore: what it kept back is sent, or dropped."""
    app, drop = house.app, bool(args.get("drop"))
    await app.write(app.store.put_setting, "paused", None)
    number = await app.write(app.store.let_go, drop, app.clock.now())
    if number is not None:
        await emit({"dropped" if drop else "waiting": number})
    house.ring()
    return 0


async def backup(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """One archive with the database, taken as of one moment, and every file it speaks of."""
    app, settings, target = house.app, house.settings, Path(args["file"])
    key = settings.database.with_name(settings.database.name + ".key")
    try:
        with tempfile.TemporaryDirectory(prefix="senderdesk-", dir=target.parent) as folder:
            now = app.clock.now()
            await app.write(archive, app.store, app.files, Path(folder))
            await asyncio.to_thread(pack, app.files, key, Path(folder), target, now)
    except OSError as error:
        raise CommandError(f"{target} can't be written: {error.strerror}") from error
    await emit({"file": str(target)})
    return 0


async def letters_render(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """The drawn letters of a registration, copied out of the store."""
    from bot.commands.letters import copied_out

    found = await asyncio.to_thread(house.app.store.found, str(args["reference"]).strip().upper())
    if found is None:
        raise CommandError(f"no registration has the reference {args['reference']}", 1)
    if not any(letter.file for letter in found.registration.letters):
        raise CommandError(f"{found.registration.reference} has no drawn letters", 1)
    for page in await asyncio.to_thread(copied_out, found.registration, house.app.files.path, Path(args["out"])):
        await emit(page)
    return 0


async def letters_awaited(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """The drawn letters of all registrations that are not closed, each with its file."""
    for found in await asyncio.to_thread(house.app.store.registrations):
        registration = found.registration
        for letter in registration.letters if registration.status not in CLOSED else ():
            if letter.file and (path := house.app.files.path(letter.file)).is_file():
                await emit({
                    "reference": registration.reference, "letter": letter.slot, "letter_id": letter.letter_id,
                    "version": letter.version, "file": str(path.resolve()),
                })  # fmt: skip
    return 0


async def tick(house: House, args: Mapping[str, Any], emit: Emit, lines: Lines) -> int:
    """Run timers, jobs and sends with that time as now until nothing is due, a line for each thing done."""
    app, at = house.app, datetime.fromisoformat(args["at"])
    last = app.store.settings().get("last_tick")
    if last and at < datetime.fromisoformat(last):
        raise CommandError(f"--at: time does not go back; the last tick was at {stamp(datetime.fromisoformat(last))}")
    did: list[dict[str, Any]] = []

    def note(what: str, reference: str | None, key: str) -> None:
        did.append({"at": stamp(at), "did": what, "registration": reference, "key": key})

    watcher = Ticking(note)
    app.watch(watcher.turns)
    for sender in house.senders:
        sender.watchers.append(watcher.message)
    house.jobs.watchers.append(watcher.job)
    await house.settled()  # what was due before belongs to no tick
    did.clear()
    app.clock.set_to(at)
    try:
        await app.write(app.store.put_setting, "last_tick", at.isoformat())
        while True:
            before = len(did)
            house.ring()
            await house.settled()
            if len(did) == before:
                break
    finally:
        app.clock.set_to(None)
        app.unwatch(watcher.turns)
        for sender in house.senders:
            sender.watchers.remove(watcher.message)
        house.jobs.watchers.remove(watcher.job)
        house.ring()
    for line in did:
        await emit(line)
    return 0


class Ticking:
    """Says in words what turns, messages and jobs did."""

    def __init__(self, note: Any) -> None:
        self._note = note
        self._references: dict[int, str] = {}

    def turns(self, taken: Sequence[Taken]) -> None:
        for one in taken:
            if one.turn:
                self._turn(one)

    def _turn(self, one: Taken) -> None:
        assert one.turn is not None
        event, effects = one.event, one.turn.effects
        self._references |= {number: case.reference for number, case in one.turn.case.registrations.items()}
        about = event.registration
        if event.kind is Kind.TIMER:
            says = [effect for effect in effects if isinstance(effect, Say)]
            reminders = [say for say in says if say.reminder]
            status = one.turn.case.registrations[about].status if about in one.turn.case.registrations else None
            if reminders:
                for say in reminders:
                    self._tell("reminder", about, say.key)
            elif status == "EXPIRED":
                self._tell("expired", about, event.name)
            elif event.name == "nudge" and says:
                self._tell("nudged", about, says[0].key)
        for effect in effects:
            if isinstance(effect, Note) and effect.trigger == POSTPONED:
                self._tell("postponed", about, event.name)
            elif isinstance(effect, Erase):
                self._tell("deleted", effect.registration, effect.why)
            elif isinstance(effect, Tell):
                self._tell("desk_card", effect.registration, effect.key)

    def message(self, outgoing: Outgoing, what: str) -> None:
        if what == "sent":
            self._note("sent", reference_of(outgoing), outgoing.say.key)

    def job(self, job: Job) -> None:
        whose = str(job.payload.get("prefix", ""))  # of erased files: "r7"
        self._tell("job", int(whose[1:]) if whose.startswith("r") else job.registration, job.name)

    def _tell(self, what: str, registration: int | None, key: str) -> None:
        self._note(what, self._references.get(registration) if registration else None, key)


def stamp(at: datetime) -> str:
    """A time as all our JSON has it: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def handlers() -> Mapping[str, Handler]:
    """Every command that can be asked of a running process."""
    return {
        "chat": chat, "case list": case_list, "case show": case_show, "staff invite": staff_invite,
        "staff list": staff_list, "staff revoke": staff_revoke, "failed list": failed_list,
        "failed replay": failed_replay, "pause": pause, "resume": resume, "backup": backup,
        "letters render": letters_render, "letters score": letters_score, "letters awaited": letters_awaited,
        "tick": tick,
    }  # fmt: skip
