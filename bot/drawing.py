"""The child process that draws letters: `python -m bot.drawing`, one order on standard input, one answer on output.

It holds nothing, so a letter that would take all memory or time takes this process only.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.letters.sheet import PageLayout
    from bot.settings import Settings

MEMORY = 2_000_000_000  # bytes of address space
CPU = 90  # seconds
LAYOUT = "/SenderDeskLayout"
A4_OR_LETTER = 604  # points: A4 is 595 wide, Letter 612


def drawn(order: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the letters of an order into its folder. What can't be drawn by its texts comes back as `why`, a key.

    The order has `letters` (facts), `operator`, `keys`, `folder`; or instead of letters and keys a `plan`.
    """
    if "plan" in order:
        return _plan_drawn(order)
    from bot.letters.draw import draw
    from bot.letters.preview import previews
    from bot.letters.sheet import LetterFacts, Operator, TooLong, Unprintable

    folder, operator = Path(order["folder"]), Operator(**order["operator"])
    letters = []
    for number, mapping in enumerate(order["letters"]):
        facts = LetterFacts.from_mapping(mapping)
        try:
            letter = draw(facts, operator, order["keys"])
        except Unprintable:
            return {"why": "rendering_unprintable"}
        except TooLong:
            return {"why": "rendering_too_long"}
        pdf = folder / f"{number}.pdf"
        pdf.write_bytes(with_layout(letter.pdf, letter.layouts))
        pictures = []
        for page, png in enumerate(previews(letter.pdf), 1):
            pictures.append(folder / f"{number}-{page}.png")
            pictures[-1].write_bytes(png)
        letters.append({
            "slot": facts.slot, "code": facts.code, "letter_id": facts.letter_id, "version": facts.version,
            "pages": letter.pages, "pdf": str(pdf), "pictures": [str(picture) for picture in pictures],
            "layout": [asdict(layout) for layout in letter.layouts],
        })  # fmt: skip
    return {"letters": letters}


def _plan_drawn(order: Mapping[str, Any]) -> dict[str, Any]:
    """Draw a plan of several countries into the order's folder."""
    from bot.letters.plan import draw_plan
    from bot.letters.sheet import Operator, Unprintable

    try:
        pdf, pages = draw_plan(order["plan"], Operator(**order["operator"]))
    except Unprintable:
        return {"why": "rendering_unprintable"}
    file = Path(order["folder"]) / "plan.pdf"
    file.write_bytes(pdf)
    return {"pdf": str(file), "pages": pages}


def operator(settings: Settings) -> dict[str, Any]:
    """Who runs the service, as the letters name them."""
    return {
        "name": settings.operator_name, "address": settings.operator_address, "support": settings.support_contact,
        "logo": str(settings.operator_logo.resolve()) if settings.operator_logo else None,
    }  # fmt: skip


def with_layout(pdf: bytes, layouts: Sequence[PageLayout]) -> bytes:
    """The PDF with the places of its boxes written into its own document information: they stay together for good."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.docinfo[LAYOUT] = json.dumps([asdict(layout) for layout in layouts], separators=(",", ":"))
        file = io.BytesIO()
        document.save(file, deterministic_id=True)
    return file.getvalue()


def layout_of(pdf: Path) -> tuple[PageLayout, ...]:
    """Where the boxes are on each page of a letter we drew. Only for our own files: it opens them in this process."""
    import pikepdf

    with pikepdf.open(pdf) as document:
        return tuple(layout(page) for page in json.loads(str(document.docinfo[LAYOUT])))


def paper_of(pdf: Path) -> str:
    """ "A4" or "Letter", of a letter we drew."""
    import pikepdf

    with pikepdf.open(pdf) as document:
        left, _, right, _ = document.pages[0].mediabox
    return "A4" if float(right) - float(left) < A4_OR_LETTER else "Letter"


def layout(page: Mapping[str, Any]) -> PageLayout:
    """The layout of a page from plain JSON values."""
    from bot.letters.sheet import PageLayout

    boxes = {name: tuple(page[name]) if page[name] else None for name in ("signature_box", "stamp_box")}
    return PageLayout(**page | boxes)  # type: ignore[operator]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    try:
        answer = drawn(json.load(sys.stdin))
    except OSError as error:  # of the disk: whoever asked must not take it for the letter's fault
        answer = {"errno": error.errno}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
