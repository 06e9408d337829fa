"""Ask for a check, or for scans to be bound: each in a child process of its own, whatever is in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.checking import Answer, PageVerdict, Reason
from bot.letters import codes
from bot.letters.sheet import PageLayout
from bot.uploads.children import made, told
from bot.uploads.intake import Inspection

PROGRAM = "bot.checking.child"
# One thread; and memory that was freed is kept for the next picture, not given back and asked for again page by page.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "268435456",
}  # fmt: skip
MOST_UNNAMED = 12  # letters that a page without a code is held against, the newest: each takes a tenth of a second
CROPS = ("signature", "stamp")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the check of one file, or one binding, may take."""

    patience: float = 12.0  # seconds after which no further page is begun
    wall: float = 40.0  # seconds
    cpu: int = 40  # seconds
    memory: int = 1_500_000_000  # bytes of address space: libraries take a third before there is a picture
    file_size: int = 100_000_000  # bytes of one written file
    open_files: int = 64
    image_pixels: int = 50_000_000


BINDING = Limits(cpu=100, wall=150.0)  # nine pages, each in several sizes


@dataclass(frozen=True, slots=True)
class Awaited:
    """A letter that pages are held against: the newest version that was drawn."""

    letter: str  # as verdicts call it
    pdf: Path
    layouts: tuple[PageLayout, ...]

    @property
    def id(self) -> str:
        """What the codes of its pages say."""
        return self.layouts[0].code[len(codes.PRODUCT) :][: codes.LETTER_ID]


@dataclass(frozen=True, slots=True)
class Bound:
    """Scans as one PDF."""

    path: Path
    pages: int
    bytes: int
    fits: bool  # into the bytes allowed; else it is the smallest that is legible


def awaited(letter: str, pdf: Path, layouts: Sequence[PageLayout]) -> Awaited:
    """A letter to hold pages against, under the name that verdicts are to call it by."""
    return Awaited(letter, pdf, tuple(layouts))


def check_file(
    copy: Path,
    kind: str,
    letters: Sequence[Awaited],
    keys: Sequence[str],
    folder: Path,
    *,
    digital: bool = False,
    first: Sequence[int] = (),
    limits: Limits | None = None,
) -> list[PageVerdict]:
    """A verdict for each page of a cleaned copy (pdf, jpeg or png), in order; the files they name are in `folder`.

    A page without a verdict was not checked: there was no time for it, or the check crashed, was killed or took too
    long, and then there is none at all. Pages named in `first` are taken first. Never raises for what is in the file;
    raises OSError when the disk refuses.
    """
    limits = limits or Limits()
    order = {
        "task": "check", "file": str(copy.resolve()), "kind": kind, "digital": digital, "first": list(first),
        "keys": [codes.page_key(key) for key in keys], "limits": asdict(limits),
        "letters": [
            {"letter": one.letter, "pdf": str(one.pdf.resolve()), "layouts": [asdict(page) for page in one.layouts]}
            for one in letters
        ],
    }  # fmt: skip
    said = told(PROGRAM, order, folder, limits.wall, **ENVIRONMENT)
    try:
        verdicts = [_verdict(page, folder) for page in said["pages"]] if said else []
    except (KeyError, TypeError, ValueError, OSError):
        return []
    return sorted(verdicts, key=lambda verdict: verdict.number)


def check_upload(
    found: Inspection, letters: Sequence[Awaited], keys: Sequence[str], folder: Path, limits: Limits | None = None
) -> list[PageVerdict]:
    """The same for a file that was looked into: those of its pages come first whose code was read already."""
    if found.copy is None:
        return []
    read: dict[int, str] = {}
    for page in found.pages:
        if code := codes.first(page.codes, keys):
            read[page.number] = code.letter_id
    named = [letter for letter in letters if letter.id in read.values()]
    if not named or len(read) < len(found.pages):
        named += [letter for letter in letters if letter not in named][-MOST_UNNAMED:]
    return check_file(
        found.copy, found.copy_kind, named, keys, folder, digital=found.signed_pdf, first=sorted(read), limits=limits
    )


def _verdict(page: Mapping[str, Any], folder: Path) -> PageVerdict:
    """What the child says of a page, as it wrote it: not to be trusted."""
    number = int(page["number"])
    files = [name for name in ("scan", *CROPS, "marked") if name in page["files"]]
    for name in files:
        made(folder, f"{name}-{number}.jpg")
    reason = page["reason"]
    return PageVerdict(
        number=number,
        letter=None if page["letter"] is None else str(page["letter"]),
        page=_number(page["page"]),
        version=_number(page["version"]),
        whole=Answer(page["whole"]),
        legible=Answer(page["legible"]),
        altered=Answer(page["altered"]),
        signed=None if page["signed"] is None else Answer(page["signed"]),
        stamped=None if page["stamped"] is None else Answer(page["stamped"]),
        accepted=page["accepted"] is True,
        reason=None if reason is None else Reason(reason),
        seen=str(page["seen"]),
        quality=int(page["quality"]),
        px_per_mm=float(page["px_per_mm"]),
        ms=int(page["ms"]),
        scan=f"scan-{number}.jpg" if "scan" in files else "",
        crops=tuple(f"{name}-{number}.jpg" for name in CROPS if name in files),
        marked=f"marked-{number}.jpg" if "marked" in files else "",
    )


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def bind(
    scans: Sequence[Path], paper: str, max_bytes: int | None, folder: Path, limits: Limits | None = None
) -> Bound | None:
    """These scans, in their order, as one PDF in `folder`, a page each on "A4" or "Letter", as small as `max_bytes`.

    None when they can't be bound: one of them is no JPEG of ours, or it took too long. Raises OSError when the disk
    refuses.
    """
    limits = limits or BINDING
    order = {
        "task": "bind", "scans": [str(scan.resolve()) for scan in scans], "paper": paper, "max_bytes": max_bytes,
        "limits": asdict(limits),
    }  # fmt: skip
    said = told(PROGRAM, order, folder, limits.wall, **ENVIRONMENT)
    try:
        if said is None:
            return None
        path = made(folder, "bound.pdf")
        return Bound(path, len(scans), path.stat().st_size, said["fits"] is True)
    except (KeyError, TypeError, ValueError, OSError):
        return None
