"""Look into a file, and make the copy that is handed on: each in a child process of its own, started for one file.

The child parses what strangers send, so it gets little: a throwaway directory, limits on memory, time and size, an
environment without our settings. Whatever becomes of it, the answer here is an `Inspection`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.uploads import sniff
from bot.uploads.child import DISKS, NO_ROOM


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


@dataclass(frozen=True, slots=True)
class HandedOn:
    """The copy as a country wants it, or why there is none: `upload_too_big`, `upload_wrong_type`, `upload_broken`."""

    path: Path | None
    kind: str = ""
    size: int = 0
    problem: str = ""


def look_into(path: Path, name: str, media_type: str, workdir: Path, limits: Limits | None = None) -> Inspection:
    """Look into the file at `path`, called `name` by whoever sent it. Copy and previews are left in `workdir`.

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
    told = _child("look", path, workdir, limits, kind=kind)
    try:
        if told["problem"]:
            return Inspection(kind, str(told["problem"]), size, sha256)
        pages = tuple(
            Page(
                number,
                int(page["width"]),
                int(page["height"]),
                tuple(str(code) for code in page["codes"]),
                _made(workdir, f"page-{number}.png"),
            )
            for number, page in enumerate(told["pages"], 1)
        )
        copy_kind = str(told["copy_kind"])
        return Inspection(
            kind,
            "",
            size,
            sha256,
            pages,
            _made(workdir, f"copy.{sniff.EXTENSION[copy_kind]}"),
            copy_kind,
            bool(told["signed_pdf"]),
        )
    except (KeyError, TypeError, ValueError, OSError):
        return Inspection(kind, "upload_broken", size, sha256)


def hand_on(
    copy: Path, formats: Sequence[str], max_bytes: int | None, workdir: Path, limits: Limits | None = None
) -> HandedOn:
    """The copy in one of these formats (pdf, jpeg, png) and within this size; the same bytes when it already is.

    Pictures are made smaller step by step, a PDF is drawn anew from its pages, a picture becomes a PDF page or a PDF of
    one page a picture where the formats ask for it. The given copy is left as it is.
    """
    told = _child("hand_on", copy, workdir, limits or _HAND_ON, formats=list(formats), max_bytes=max_bytes)
    try:
        if told["problem"]:
            return HandedOn(None, problem=str(told["problem"]))
        kind = str(told["kind"])
        path = _made(workdir, f"handed-on.{sniff.EXTENSION[kind]}")
        return HandedOn(path, kind, path.stat().st_size)
    except (KeyError, TypeError, ValueError, OSError):
        return HandedOn(None, problem="upload_broken")


_HAND_ON = Limits(cpu=60, wall=120.0)  # fifty pages drawn in several sizes; the file was already found harmless


def _made(workdir: Path, name: str) -> Path:
    """A file the child was to make. Raises OSError when it is not there, or is not a plain file."""
    path = workdir / name
    if path.is_symlink() or not path.is_file():
        raise OSError(f"{name} was not made")
    return path


def _child(task: str, file: Path, workdir: Path, limits: Limits, **values: Any) -> Mapping[str, Any]:
    """What the child says of the file, as it wrote it: not to be trusted. `upload_broken` when it said nothing."""
    inside = workdir / "child"
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir(parents=True)
    order = {"task": task, "file": str(file.resolve()), "limits": asdict(limits), "parent": os.getpid(), **values}
    said = inside / "said.json"
    try:
        with said.open("wb") as output:  # a file, not a pipe: its size has a limit
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "bot.uploads.child", json.dumps(order)],
                cwd=inside,
                env=_environment(inside),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            code = process.wait(limits.wall)
        finally:
            _kill(process)
        if code == NO_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(inside))
        if code != 0:
            return {"problem": "upload_broken"}
        told = json.loads(said.read_bytes())
        for made in inside.iterdir():
            if made.name != said.name and made.is_file() and not made.is_symlink():
                made.replace(workdir / made.name)
        return told if isinstance(told, dict) else {"problem": "upload_broken"}
    except (subprocess.TimeoutExpired, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno in DISKS:
            raise
        return {"problem": "upload_broken"}
    finally:
        shutil.rmtree(inside, ignore_errors=True)


def _environment(inside: Path) -> dict[str, str]:
    root = Path(__file__).resolve().parents[2]
    return {
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.defpath,
        "HOME": str(inside),
        "TMPDIR": str(inside),
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",
    }


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and all it may have started; it leads a process group of its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
