"""The program that checks a file against the awaited letters, or binds scans: `python -m bot.checking.child`.

It takes an order and limits itself as bot/uploads/child.py does, and works in a throwaway directory. A check leaves
`scan-1.jpg`, `signature-1.jpg`, `stamp-1.jpg` and `marked-1.jpg` there for page 1, those there are; binding leaves
`bound.pdf`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.uploads.child import obey

if TYPE_CHECKING:
    from PIL import Image

    from bot.checking.verdict import Verdict

PDF_SIDE = 2000  # pixels of a page's long side, of a PDF: 170 dpi on A4
PHOTO_SIDE = 4200  # pixels of a photo's: what is larger is made smaller, which takes as long as a check


def _obeys(order: dict[str, Any]) -> dict[str, Any]:
    import cv2

    cv2.setNumThreads(1)
    return checked(order) if order["task"] == "check" else bound(order)


def checked(order: Mapping[str, Any]) -> dict[str, Any]:
    """A verdict a page. Pages for which no time is left are not in it."""
    from bot.checking.template import templates_of
    from bot.drawing import layout
    from bot.letters.codes import PageKey

    keys = [PageKey(key) for key in order["keys"]]
    templates = [
        template
        for letter in order["letters"]
        for template in templates_of(
            letter["letter"], Path(letter["pdf"]).read_bytes(), [layout(page) for page in letter["layouts"]]
        )
    ]
    until, pages = time.monotonic() + order["limits"]["patience"], []
    for number, picture in _pictures(order):
        pages.append(_judged(number, picture, templates, keys, order["digital"]))
        if time.monotonic() > until:
            break
    return {"pages": pages}


def _judged(
    number: int, picture: Image.Image | None, templates: list[Any], keys: list[Any], digital: bool
) -> dict[str, Any]:
    import numpy as np

    from bot.checking import Reason
    from bot.checking.verdict import Verdict, check

    began = time.perf_counter()
    verdict, files = Verdict(reason=Reason.UNREADABLE), []
    if picture is not None:
        seen = np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
        verdict = check(seen, templates, keys, digital)
        files = [name for name, content in _made(verdict, seen) if _write(f"{name}-{number}.jpg", content)]
    ms = round(1000 * (time.perf_counter() - began))
    return {**_told(verdict), "number": number, "files": files, "ms": ms}


def _made(verdict: Verdict, seen: Any) -> Iterator[tuple[str, bytes | None]]:
    from bot.checking.scan import crops, marked, scan

    yield "scan", scan(verdict, seen)
    yield from crops(verdict, seen).items()
    yield "marked", marked(verdict, seen)


def _write(name: str, content: bytes | None) -> bool:
    if content is not None:
        Path(name).write_bytes(content)
    return content is not None


def _told(verdict: Verdict) -> dict[str, Any]:
    names = ("letter", "page", "version", "whole", "legible", "altered", "signed", "stamped", "accepted", "reason",
             "seen", "quality", "px_per_mm")  # fmt: skip
    return {name: getattr(verdict, name) for name in names}


def _pictures(order: Mapping[str, Any]) -> Iterator[tuple[int, Image.Image | None]]:
    """Page number from 1 and its picture; None where it can't be drawn. Those named in `first` come first."""
    from bot.uploads import images
    from bot.uploads.refused import Refused

    if order["kind"] == "pdf":
        yield from _of_pdf(order["file"], order["first"])
        return
    try:
        picture = images.opened(order["file"], order["kind"], order["limits"])
    except Refused:
        yield 1, None
        return
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    yield 1, picture


def _of_pdf(file: str, first: list[int]) -> Iterator[tuple[int, Image.Image | None]]:
    import pypdfium2

    from bot.uploads.pdfs import drawn
    from bot.uploads.refused import Refused

    try:
        document = pypdfium2.PdfDocument(file)
        numbers = range(1, len(document) + 1)
    except pypdfium2.PdfiumError:
        yield 1, None
        return
    for number in sorted(numbers, key=lambda number: (number not in first, number)):
        try:
            yield number, drawn(document[number - 1], PDF_SIDE)
        except (pypdfium2.PdfiumError, Refused):
            yield number, None


def bound(order: Mapping[str, Any]) -> dict[str, Any]:
    """Write `bound.pdf`, no smaller than is legible. Says whether it fits into the bytes that are allowed."""
    from bot.checking.bound import TooLarge, pdf_of

    scans = [Path(scan).read_bytes() for scan in order["scans"]]
    fits = True
    try:
        pdf = pdf_of(scans, order["paper"], order["max_bytes"])
    except TooLarge as error:
        fits, pdf = False, pdf_of(scans, order["paper"], error.least)
    Path("bound.pdf").write_bytes(pdf)
    return {"fits": fits}


if __name__ == "__main__":
    obey(_obeys)
