"""Papers that the demonstration makes up: photos of its letters, signed or not, and a customer's own documents."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo
from bot.letters.sheet import PageLayout
from bot.wiring import House
from conversations.edition import pack_of
from conversations.model import Registration
from conversations.papers.wanted import papers


def sample_files(house: House, registration: Registration) -> list[tuple[str, bytes]]:
    """Photos of all letter pages that are missing, signed and stamped; when none is, one made-up own document."""
    if photos := [(sheet.name, sheet.photo()) for sheet in _missing(house, registration)]:
        return photos
    book = house.app.book
    needed = papers(registration, pack_of(registration, book), book.templates)
    own = next((item for item in needed.items if item.slot.required and not item.slot.ours and not item.done), None)
    return [(f"{own.slot.title}.jpg", _paper(own.slot.title))] if own else []


def unsigned_file(house: House, registration: Registration) -> list[tuple[str, bytes]]:
    """A photo of the first missing page that is to be signed, and is not; when there is none, what else is missing."""
    sheet = next((sheet for sheet in _missing(house, registration) if sheet.layout.signature_box), None)
    return [(sheet.name, sheet.photo(signed=False))] if sheet else sample_files(house, registration)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page of a letter that is still missing."""

    name: str  # of its photo
    pdf: bytes
    layout: PageLayout
    seed: int

    def photo(self, *, signed: bool = True) -> bytes:
        return signed_photo(self.pdf, self.layout.page, self.layout, self.seed, signed=signed)


def _missing(house: House, registration: Registration) -> Iterator[_Sheet]:
    book, files = house.app.book, house.app.files
    needed = papers(registration, pack_of(registration, book), book.templates)
    letters = {letter.slot: letter for letter in registration.letters if letter.file}
    for item in needed.items:
        letter = letters.get(item.slot.key)
        if letter is None or letter.file is None:
            continue
        layouts, pdf = layout_of(files.path(letter.file)), files.read(letter.file)
        for page in item.missing:
            seed = int(letter.letter_id, 36) + page
            yield _Sheet(f"{item.slot.key}-{page}.jpg", pdf, layouts[page - 1], seed)


def _paper(title: str) -> bytes:
    """A picture of a sheet with a title: any document a customer may bring."""
    from PIL import Image, ImageDraw

    sheet = Image.new("RGB", (1000, 1414), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((90, 110), "SAMPLE", fill="#999999", font_size=30)
    pen.text((90, 160), title[:48], fill="black", font_size=34)
    for line in range(24):
        pen.line((90, 260 + 44 * line, 910 - (line % 5) * 60, 260 + 44 * line), fill="#bbbbbb", width=8)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=80)
    return file.getvalue()
