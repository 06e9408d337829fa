"""Jobs: real letters drawn and real files looked into by child processes; tried again, at last failed."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import jobs, looking
from bot.channels import Refused, TooBig
from bot.checking.asked import Bound
from bot.clock import Clock
from bot.commands.asked import letters_awaited, letters_render
from bot.commands.checks import of_store
from bot.demo import Person, Story, sample_files
from bot.metrics import Metrics
from bot.settings import Settings
from bot.wiring import House, opened
from conversations.model import Event, IncomingFile, Kind, Registration, Status, Step, Verdict
from storage.packing import pack, to_number

STORY = Story(0, "SA", "Fresh Bakery", ("FRESHBAKERY",), Status.DOCUMENTS_RENDERED)


@asynccontextmanager
async def living(settings: Settings) -> AsyncIterator[tuple[House, Clock]]:
    clock = Clock()
    async with opened(settings, clock) as house:
        yield house, clock


def the_one(house: House) -> Registration:
    (found,) = house.app.store.registrations()
    return found.registration


async def test_letters_are_drawn_and_signed_photos_of_them_find_their_place(settings: Settings) -> None:
    async with living(settings) as (house, _):
        metrics = Metrics(house)
        anna = Person(house, "console", "anna")
        registration = await anna.registers(STORY)
        letter = registration.letters[0]
        assert letter.pages == len(letter.previews) and letter.file
        files = house.app.files
        assert files.read(letter.file).startswith(b"%PDF")
        assert all(files.read(key).startswith(b"\x89PNG") for key in letter.previews)
        assert all(key.startswith(f"r{registration.id}/") for key in (letter.file, *letter.previews))

        await anna.says("yes")
        await anna.sends(sample_files(house, the_one(house)))
        pages = [page for upload in the_one(house).uploads for page in upload.pages]
        assert [(page.slot, page.page, page.verdict) for page in pages] == [
            (letter.slot, number, Verdict.ACCEPTED) for number in range(1, letter.pages + 1)
        ]
        told = metrics.text(house.app.store.health(house.app.clock.now()), house.app.clock.now()).decode()
        assert f'senderdesk_page_checks_total{{result="accepted"}} {letter.pages}.0' in told
        assert f"senderdesk_check_seconds_count {letter.pages}.0" in told, "each file once"
        assert 'senderdesk_queued_jobs{name="look_into"} 0.0' in told
        uploads = the_one(house).uploads
        assert all(upload.file and upload.file.startswith(f"r{registration.id}/") for upload in uploads)


async def test_drawn_letters_are_copied_out_with_their_boxes(settings: Settings, tmp_path: Path) -> None:
    async with living(settings) as (house, _):
        registration = await Person(house, "console", "anna").registers(STORY)
        pages: list[Any] = []

        async def emit(page: Any) -> None:
            pages.append(page)

        args = {"reference": registration.reference.lower(), "out": str(tmp_path / "out")}
        assert await letters_render(house, args, emit, None) == 0  # type: ignore[arg-type]
        assert [page["page"] for page in pages] == list(range(1, registration.letters[0].pages + 1))
        assert pages[-1]["signature_box"] and Path(pages[0]["file"]).is_file()

        awaited: list[Any] = []

        async def note(line: Any) -> None:
            awaited.append(line)

        assert await letters_awaited(house, {}, note, None) == 0  # type: ignore[arg-type]
        (known,) = of_store(awaited)
        letter = registration.letters[0]
        assert (known.name, known.version, known.letter.id) == (letter.slot, letter.version, letter.letter_id)
        assert known.file == f"{registration.reference}-{letter.slot}-v{letter.version}-signed.pdf"


async def test_what_is_no_document_is_refused_by_its_content(settings: Settings) -> None:
    async with living(settings) as (house, _):
        anna = Person(house, "console", "anna")
        await anna.registers(STORY)
        await anna.says("yes")
        for name, reason in (("letter.jpg", "upload_name_lies"), ("setup.exe", "upload_wrong_type")):
            await anna.sends([(name, b"MZ not a picture at all")])
            assert the_one(house).uploads == []
            assert house.app.store.history("console:anna")[-1].key == reason, "who sent a JPEG is not asked for one"


async def test_a_file_sent_before_there_is_a_registration_is_kept_with_the_chat(settings: Settings) -> None:
    async with living(settings) as (house, _):
        anna = Person(house, "console", "anna")
        await anna.says("/start")
        await anna.sends([("licence.jpg", _picture())])
        case = house.app.store.snapshot("console:anna")
        assert case is not None and case.conversation.state is Step.COUNTRY
        (upload,) = case.conversation.early
        assert upload.kind == "jpeg" and upload.file and upload.file.startswith(f"c{case.conversation.id}/")


async def test_a_job_that_fails_is_tried_again_and_then_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = 0

    async def broken(module: str, order: Any) -> dict[str, Any]:
        nonlocal orders
        orders += 1
        raise jobs.ChildFailed("killed")

    monkeypatch.setattr(jobs, "_child", broken)
    async with living(settings) as (house, clock):
        anna = Person(house, "console", "anna")
        story = Story(0, "SA", "Fresh Bakery", ("FRESHBAKERY",), Status.DOCUMENTS_TO_BE_RENDERED)
        await anna.registers(story)
        for _ in range(jobs.TRIES):
            clock.set_to(clock.now() + timedelta(hours=1))
            house.ring()
            await house.settled()
        assert orders == jobs.TRIES
        assert the_one(house).status == Status.NEEDS_CORRECTION
        assert "card_rendering_failed" in [card.key for card in house.app.store.cards()]


@pytest.mark.parametrize("good", [7, None])
async def test_a_scan_that_could_not_be_bound_is_tried_again_for_hours_and_then_no_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, good: int | None
) -> None:
    tries, told = 0, []

    def bind(scans: Any, paper: str, most: Any, folder: Path) -> Bound | None:
        nonlocal tries
        tries += 1
        if tries != good:
            return None
        folder.joinpath("bound.pdf").write_bytes(b"%PDF")
        return Bound(folder / "bound.pdf", 1, 4, True)

    monkeypatch.setattr(looking, "bind", bind)
    async with living(settings) as (house, clock):
        await Person(house, "console", "anna").says("/start")
        flat, at = house.app.files.put("c1", b"a flat page", ".jpg"), to_number(clock.now())
        payload = pack({"slot": "loa", "version": 1, "scans": (flat,), "paper": "A4", "max_bytes": None})
        sql = (
            "insert into jobs (tenant, name, conversation_id, packed, created_at, due_at)"
            " values ('main', 'bind_scans', 1, ?, ?, ?)"
        )
        await house.app.write(house.app.store.execute, sql, (payload, at, at))
        house.jobs.watchers.append(lambda job: told.append(job.name))
        house.ring()
        for _ in range(12):
            await house.settled()
            clock.set_to(clock.now() + timedelta(hours=1))
            house.ring()
        assert tries == (good or jobs.MORE_TRIES[jobs.BIND]) and told == ["bind_scans"]
        assert house.app.store.health(clock.now()).waiting_jobs == 0


async def test_letters_that_found_no_room_on_the_disk_are_drawn_when_there_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = jobs._child, 0

    async def into_a_full_disk(module: str, order: Any) -> dict[str, Any]:
        nonlocal tries
        tries += 1
        if tries == 1:
            Path(order["folder"], "0.pdf").symlink_to("/dev/full")
        return await real(module, order)

    monkeypatch.setattr(jobs, "_child", into_a_full_disk)
    monkeypatch.setattr(jobs, "TRIES", 1)
    async with living(settings) as (house, clock):
        anna = Person(house, "console", "anna")
        await anna.registers(Story(0, "SA", "Fresh Bakery", ("FRESHBAKERY",), Status.DOCUMENTS_TO_BE_RENDERED))
        assert the_one(house).status == Status.DOCUMENTS_TO_BE_RENDERED
        clock.set_to(clock.now() + timedelta(minutes=1))
        house.ring()
        await house.settled()
        assert the_one(house).status == Status.DOCUMENTS_RENDERED and tries == 2


@dataclass
class Slow:
    """A channel whose files come at the third try, if at all."""

    trouble: Exception
    picture: bytes
    tries: int = 0

    async def download(self, ref: str, into: Path, limit: int) -> dict[str, str]:
        self.tries += 1
        if self.tries < 3 or isinstance(self.trouble, Refused):
            raise self.trouble
        into.write_bytes(self.picture)
        return {}


@pytest.mark.parametrize(
    ("trouble", "tries", "said"),
    [
        (ConnectionError(), 3, None),
        (TooBig("over the limit"), 1, "upload_too_big"),
        (Refused("no"), 1, "upload_broken"),
    ],
)
async def test_a_file_that_does_not_come_is_asked_for_again_and_one_refused_is_named(
    settings: Settings, trouble: Exception, tries: int, said: str | None
) -> None:
    async with living(settings) as (house, clock):
        channel = Slow(trouble, _picture())
        house.jobs.looking.channels = {"console": channel}  # type: ignore[assignment]
        anna = Person(house, "console", "anna")
        await anna.says("/start")
        file = IncomingFile("console:elsewhere", "licence.jpg", 1000)
        await house.app.take(Event("files:1", Kind.FILES, clock.now(), "console:anna", "console:anna", files=(file,)))
        for _ in range(4):
            clock.set_to(clock.now() + timedelta(minutes=1))
            house.ring()
            await house.settled()
        case = house.app.store.snapshot("console:anna")
        assert channel.tries == tries and case is not None
        assert [one.kind for one in case.conversation.early] == ([] if said else ["jpeg"])
        assert said is None or said in [line.key for line in house.app.store.history("console:anna")]


async def test_an_interrupted_job_is_done_by_the_next_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    real = jobs._child

    async def never(module: str, order: Any) -> dict[str, Any]:
        begun.set()
        await asyncio.sleep(3600)
        raise AssertionError

    monkeypatch.setattr(jobs, "_child", never)
    async with living(settings) as (house, _):
        anna = Person(house, "console", "anna")
        going = asyncio.create_task(anna.registers(STORY))
        await begun.wait()
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)

    monkeypatch.setattr(jobs, "_child", real)
    async with living(settings) as (house, clock):
        clock.set_to(clock.now() + timedelta(seconds=jobs.LEASE + 1))
        house.ring()
        await house.settled()
        assert the_one(house).status == Status.DOCUMENTS_RENDERED


async def test_a_letter_drawn_for_a_deleted_registration_leaves_no_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    real = jobs._child

    async def slow(module: str, order: Any) -> dict[str, Any]:
        answer = await real(module, order)
        begun.set()
        await go_on.wait()
        return answer

    monkeypatch.setattr(jobs, "_child", slow)
    async with living(settings) as (house, _):
        anna = Person(house, "console", "anna")
        going = asyncio.create_task(anna.registers(STORY))
        await begun.wait()
        going.cancel()
        deleting = asyncio.create_task(_says(anna, "cancel", "withdraw", "yes"))
        async with asyncio.timeout(10):
            while house.app.store.registrations():
                await asyncio.sleep(0.01)
        go_on.set()
        await deleting
        await house.settled()
        assert [path for path in house.app.files.root.rglob("*") if path.is_file()] == []
        assert house.app.store.health(house.app.clock.now()).waiting_jobs == 0


async def _says(person: Person, *texts: str) -> None:
    app = person._house.app
    for number, text in enumerate(texts):
        from conversations.model import Event, Kind

        await app.take(Event(f"says:{number}", Kind.TEXT, app.clock.now(), person.chat, person.chat, text=text))
    await person._house.settled()


def _picture() -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.effect_noise((600, 800), 60).convert("RGB").save(file, "JPEG")
    return file.getvalue()


async def test_files_of_a_deleted_registration_that_a_killed_process_left_are_deleted(settings: Settings) -> None:
    """It was killed between keeping what it had made and telling of it; the registration was deleted meanwhile."""
    async with opened(settings) as house:
        await house.app.write(
            house.app.store.execute, "insert into counters (tenant, name, last) values ('main', 'registration', 5)"
        )
        left, unknown = (house.app.files.put(owner, b"what was made") for owner in ("r5", "r6"))
    async with opened(settings) as house:
        assert not house.app.files.path(left).exists()
        assert house.app.files.path(unknown).exists(), "of another database, for all we know"


async def test_a_plan_is_drawn_as_a_file_and_can_be_had_for_some_days(settings: Settings) -> None:
    async with living(settings) as (house, _):
        anna = Person(house, "console", "anna")
        await anna.says("/start")
        await anna.says("OTP to UAE, Kenya and Thailand")
        await anna.says("pdf")
        line = house.app.store.history("console:anna")[-1]
        ((key, name, kind),) = line.files
        assert (line.key, name, kind) == ("plan_drawn_ready", "Sender-ID-plan-KE-TH-AE.pdf", "application/pdf")
        case = house.app.store.snapshot("console:anna")
        assert case is not None and key.startswith(f"p{case.conversation.id}/")
        assert house.app.files.read(key).startswith(b"%PDF")

        await anna.says("Kenya and Ghana")
        await anna.says("pdf")
        ((newer, *_),) = house.app.store.history("console:anna")[-1].files
        assert newer != key and not house.app.files.path(key).exists()

        path = house.app.files.path(newer)
        for age, there in ((jobs.PLANS_KEPT - 3600, True), (jobs.PLANS_KEPT + 3600, False)):
            at = time.time() - age
            os.utime(path, (at, at))
            house.jobs._cleared_at = 0.0  # an hour has gone
            house.ring()
            await house.settled()
            assert path.exists() is there


async def test_files_nobody_takes_are_cleared_away_and_those_on_their_way_are_not(settings: Settings) -> None:
    async with living(settings) as (house, _):
        files = house.app.files
        old, new = files.path(files.put("incoming", b"refused long ago")), files.path(files.put("incoming", b"of now"))
        os.utime(old, (0, 0))
        house.jobs._cleared_at = 0.0  # an hour has gone
        house.ring()
        await house.settled()
        assert not old.exists() and new.exists()
