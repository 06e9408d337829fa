"""A registration under review whose letter came back with something to look at on each page, with pictures of it."""

from __future__ import annotations

import asyncio
import io
import uuid
from dataclasses import replace

from browser import Served
from PIL import Image, ImageDraw

from bot.demo import Person, Story
from bot.drawing import layout_of
from bot.letters.preview import rendered
from conversations.model import PageCheck, Registration, Status, UploadPage, Verdict
from storage.packing import pack

STORY = Story(1, "TH", "Savanna Clinics", ("SAVANNA",), Status.UNDER_REVIEW)  # its letter has two pages
SLOWLY = 90  # seconds: letters are drawn and photos looked into by child processes
CHANGED = PageCheck(whole="yes", legible="yes", altered="yes", reason="altered", quality=80)
DOUBTED = PageCheck(
    whole="yes", legible="yes", altered="no", signed="unsure", stamped="yes", reason="unsure", quality=74
)


def came_back(house: Served, *checks: PageCheck) -> str:
    """A registration whose letter's pages, in order, the check said these things of; its reference."""
    customer = Person(house.house, "web", uuid.uuid4().hex[:16])
    work = asyncio.run_coroutine_threadsafe(customer.registers(STORY), house.loop)
    reference = work.result(SLOWLY).reference
    registration = found(house, reference)
    (letter,) = registration.letters
    pages = [page for upload in registration.uploads for page in upload.pages if page.slot == letter.slot]
    for page, check in zip(pages, checks, strict=True):
        verdict = Verdict.ACCEPTED if check.accepted else Verdict.WITH_PERSON
        page.verdict, page.reason, page.check = verdict, "", _pictured(house, registration, page, check)
    scan(registration)
    put(house, registration)
    return reference


def scan(registration: Registration) -> None:
    """Give its letter a clean scan of the pages as they are."""
    (letter,) = registration.letters
    pages = {one.page: one.check.scan for upload in registration.uploads for one in upload.pages if one.check}
    letter.scan, letter.scan_of = letter.file, tuple(pages[number] or "" for number in sorted(pages, key=str))


def found(house: Served, reference: str) -> Registration:
    """As it is now."""
    whole = house.house.app.store.found(reference)
    assert whole is not None
    return whole.registration


def page(house: Served, reference: str, number: int) -> UploadPage:
    """That page of its letter, as it is now."""
    registration = found(house, reference)
    slot = registration.letters[0].slot
    return next(
        one for upload in registration.uploads for one in upload.pages if (one.slot, one.page) == (slot, number)
    )


def put(house: Served, registration: Registration) -> None:
    """Keep it as it is given, as jobs and turns would have made it."""
    sql = "update registrations set packed = ?, version = version + 1 where id = ?"
    house.write(house.house.app.store.execute, sql, (pack(registration), registration.id))  # type: ignore[attr-defined]


def _pictured(house: Served, registration: Registration, page: UploadPage, check: PageCheck) -> PageCheck:
    """The same finding with its pictures: flat, the boxes cut out, the photo with a place outlined."""
    files = house.house.app.files
    letter = registration.letters[0]
    pdf, number = files.path(letter.file or ""), page.page or 1
    layout = layout_of(pdf)[number - 1]
    flat = rendered(pdf.read_bytes(), 1240)[number - 1].convert("RGB")
    draw, (width, height) = ImageDraw.Draw(flat), flat.size
    crops = {}
    for box, place in (("signature", layout.signature_box), ("stamp", layout.stamp_box)):
        if place:
            x0, y0, x1, y1 = place[0] * width, place[1] * height, place[2] * width, place[3] * height
            draw.line((x0 + 40, y1 - 40, x0 + 130, y0 + 40, x0 + 170, y1 - 60, x0 + 260, y0 + 70), (40, 50, 130), 5)
            crops[box] = _kept(house, registration, flat.crop((int(x0 - 40), int(y0 - 40), int(x1 + 40), int(y1 + 40))))
    marked = flat.resize((620, 877))
    ImageDraw.Draw(marked).rectangle((60, 300, 560, 360), outline=(220, 40, 30), width=5)
    if not crops:
        draw.rectangle((330, 640, 560, 668), fill="white")
        draw.text((330, 640), "one hundred", "black", font_size=22)
    return replace(
        check, letter_id=letter.letter_id, page=number, version=letter.version, crops=crops,
        scan=_kept(house, registration, flat), marked=_kept(house, registration, marked),
    )  # fmt: skip


def _kept(house: Served, registration: Registration, picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return house.house.app.files.put(f"r{registration.id}", file.getvalue(), ".jpg")
