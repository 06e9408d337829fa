"""Look into a file, and make the copy that is handed on: each in a child process of its own, started for one file.

The child parses what strangers send; children.py says what it gets. Whatever becomes of it, the answer here is an
`Inspection`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.uploads import sniff
from bot.uploads.children import made, told


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be, and what looking into it may take."""

    max_bytes: int = 20_000_000  # as received
    pages: int = 50
    image_pixels: int = 50_000_000
    page_points: float = 14_400.0  # side of a PDF page: the most the PDF specification allows
    inflated: int = 1_000_000_000  # bytes all streams of a PDF may grow to
    preview: int = 1400  # pixels of a preview's long side
    memory: int = 1_000_000_000  # bytes of address space
    cpu: int = 20  # seconds
    wall: float = 40.0  # seconds
    file_size: int = 100_000_000  # bytes of one written file
    open_files: int = 64


@dataclass(frozen=True, slots=True)
class Page:
    number: int  # from 1
    width: int  # pixels of an image as it is held, points of a PDF page
    height: int
    codes: tuple[str, ...]  # what the QR codes on it say, not checked
    preview: Path  # PNG
    legible: str = ""  # or why not: one of UNCLEAR
    turned: int = 0  # degrees it lies on its side


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is. With a `problem` (a key of the texts) it is refused, and the rest may be empty."""

    kind: str  # pdf, jpeg, png, webp, heic, or "" when it is none of them
    problem: str
    size: int  # bytes
    sha256: str
    pages: tuple[Page, ...] = ()
    copy: Path | None = None  # without active content and metadata
    copy_kind: str = ""  # pdf, jpeg or png
    signed_pdf: bool = False  # digitally; the copy's signature is broken, the original's is not
    company: str = ""  # whether its text names the company: one of NAMED


@dataclass(frozen=True, slots=True)
class HandedOn:
    """The copy as a country wants it, or why there is none: `upload_too_big`, `upload_wrong_type`, `upload_broken`."""

    path: Path | None
    kind: str = ""
    size: int = 0
    problem: str = ""


UNCLEAR = ("too_small", "dark", "blurred", "blank", "no_text")
NAMED = ("found", "not found", "no text")


def look_into(
    path: Path, name: str, media_type: str, workdir: Path, limits: Limits | None = None, company: str = ""
) -> Inspection:
    """Look into the file at `path`, called `name` by whoever sent it. Copy and previews are left in `workdir`.

    With the name of a company the text of a PDF is searched for it.

    Never raises for what is in the file: a child that crashed, was killed or took too long is `upload_broken`. Raises
    OSError when the disk refuses.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size > limits.max_bytes:  # before anything is read
        return Inspection("", "upload_too_big", size, "")
    if size == 0:
        return Inspection("", "upload_empty", 0, hashlib.sha256().hexdigest())
    with path.open("rb") as file:
        head = file.read(sniff.HEAD)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    kind = sniff.kind_of(head)
    if problem := sniff.problem_of(head, name, media_type):
        return Inspection(kind, problem, size, sha256)
    said = _child("look", path, workdir, limits, kind=kind, company=company)
    try:
        if said["problem"]:
            return Inspection(kind, str(said["problem"]), size, sha256)
        pages = tuple(
            Page(
                number,
                int(page["width"]),
                int(page["height"]),
                tuple(str(code) for code in page["codes"]),
                made(workdir, f"page-{number}.png"),
                _one_of(UNCLEAR, page["legible"]),
                90 if page["turned"] else 0,
            )
            for number, page in enumerate(said["pages"], 1)
        )
        copy_kind = str(said["copy_kind"])
        return Inspection(
            kind,
            "",
            size,
            sha256,
            pages,
            made(workdir, f"copy.{sniff.EXTENSION[copy_kind]}"),
            copy_kind,
            bool(said["signed_pdf"]),
            _one_of(NAMED, said["company"]),
        )
    except (KeyError, TypeError, ValueError, OSError):
        return Inspection(kind, "upload_broken", size, sha256)


def _one_of(known: Sequence[str], said: Any) -> str:
    """What the child said, where it is a word of ours."""
    return said if said in known else ""


def hand_on(
    copy: Path, formats: Sequence[str], max_bytes: int | None, workdir: Path, limits: Limits | None = None
) -> HandedOn:
    """The copy in one of these formats (pdf, jpeg, png) and within this size; the same bytes when it already is.

    Pictures are made smaller step by step, a PDF is drawn anew from its pages, a picture becomes a PDF page or a PDF of
    one page a picture where the formats ask for it. The given copy is left as it is.
    """
    said = _child("hand_on", copy, workdir, limits or _HAND_ON, formats=list(formats), max_bytes=max_bytes)
    try:
        if said["problem"]:
            return HandedOn(None, problem=str(said["problem"]))
        kind = str(said["kind"])
        path = made(workdir, f"handed-on.{sniff.EXTENSION[kind]}")
        return HandedOn(path, kind, path.stat().st_size)
    except (KeyError, TypeError, ValueError, OSError):
        return HandedOn(None, problem="upload_broken")


_HAND_ON = Limits(cpu=60, wall=120.0)  # fifty pages drawn in several sizes; the file was already found harmless


def _child(task: str, file: Path, workdir: Path, limits: Limits, **values: Any) -> Mapping[str, Any]:
    """What the child says of the file, as it wrote it: not to be trusted. `upload_broken` when it said nothing."""
    order = {"task": task, "file": str(file.resolve()), "limits": asdict(limits), **values}
    said = told("bot.uploads.child", order, workdir, limits.wall)
    return said if said is not None else {"problem": "upload_broken"}
