"""What the child does with a file: tells pages and codes, and makes previews and the cleaned copy.

Runs under limits, in a directory of its own. Raises `Refused` for what we know; anything else ends the child.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

PATIENCE = 0.3  # of the time allowed, for codes that are hard to read


def look(file: str, kind: str, limits: Mapping[str, Any], company: str = "") -> dict[str, Any]:
    """Pages with their codes and looks, the kind of the copy, whether it is a digitally signed PDF, whom it names."""
    if kind == "pdf":
        return _look_at_pdf(file, limits, company)
    from bot.uploads import images

    picture = images.opened(file, kind, limits)
    copy_kind = "png" if kind == "png" else "jpeg"
    images.save(picture, copy_kind, f"copy.{'png' if copy_kind == 'png' else 'jpg'}")
    page = describe(picture, 1, picture.size, limits["preview"])
    unread = "no text" if company else ""  # nothing here reads a picture
    return {"problem": "", "pages": [page], "copy_kind": copy_kind, "signed_pdf": False, "company": unread}


def _look_at_pdf(file: str, limits: Mapping[str, Any], company: str) -> dict[str, Any]:
    from bot.uploads import pdfs, wording

    until = float(limits["cpu"]) * PATIENCE

    def has_time() -> bool:
        return time.process_time() < until

    signed = pdfs.cleaned(file, "copy.pdf", limits)
    # Drawn and read from the cleaned copy: what is shown is what is handed on.
    text = wording.layer("copy.pdf", has_time)
    pages = []
    for number, size, picture in pdfs.pictures("copy.pdf", limits["preview"]):
        # Our letters have few pages. Fifty without a code, looked at in every way, would use up the time.
        pages.append(describe(picture, number, size, patient=has_time(), printed=number in text.printed))
    named = text.names(company)
    return {"problem": "", "pages": pages, "copy_kind": "pdf", "signed_pdf": signed, "company": named}


def describe(
    picture: Image.Image,
    number: int,
    size: tuple[float, float],
    preview: int = 0,
    *,
    patient: bool = True,
    printed: bool = False,
) -> dict[str, Any]:
    """Writes `page-<number>.png`, at most `preview` pixels long where that is given. Changes the picture.

    A page that may be a letter of ours is looked at by the check of letters, a `printed` one is legible.
    """
    from bot.letters.codes import shaped
    from bot.uploads.legible import Look, look
    from bot.uploads.reading import codes_in

    codes = codes_in(picture, patient)
    seen = Look("") if printed or any(map(shaped, codes)) else look(picture)
    if preview:
        picture.thumbnail((preview, preview))
    picture.save(f"page-{number}.png", "PNG", compress_level=1)
    return {
        "codes": codes, "width": round(size[0]), "height": round(size[1]),
        "legible": seen.legible, "turned": seen.turned,
    }  # fmt: skip


def hand_on(file: str, formats: list[str], max_bytes: int | None, limits: Mapping[str, Any]) -> dict[str, Any]:
    """See `intake.hand_on`. Writes `handed-on.*`."""
    from bot.uploads import shrink
    from bot.uploads.sniff import HEAD, kind_of

    with Path(file).open("rb") as content:
        kind = kind_of(content.read(HEAD))
    return {"problem": "", "kind": shrink.handed_on(file, kind, formats, max_bytes, limits)}
