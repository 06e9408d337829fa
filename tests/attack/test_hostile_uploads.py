"""Files made to harm: the right reason for each, a parse that is bounded, and nothing that acts in the copy."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import hostile_files_made as made
import pikepdf
import pytest
from PIL import Image

from bot.uploads import intake
from bot.uploads.intake import Inspection, Limits, look_into
from bot.uploads.names import LONGEST, LONGEST_BYTES, clean

LIMITS = Limits()
CORPUS = made.corpus()
# What makes a PDF act, reach out or hide: keys and kinds of actions and annotations.
KEYS = {
    "/JS", "/JavaScript", "/OpenAction", "/AA", "/URI", "/EF", "/FS", "/EmbeddedFiles", "/AF", "/XFA", "/RichMediaContent", "/Metadata",
    "/Movie", "/Collection", "/PieceInfo", "/Encrypt", "/Info", "/3DD", "/Ref", "/OPI", "/FFilter", "/AlternatePresentations", "/Sound",
}  # fmt: skip
KINDS = {"/JavaScript", "/Launch", "/URI", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
         "/RichMediaExecute", "/GoTo3DView"}  # fmt: skip
HOLDERS = {"/PS", "/EmbeddedFile", "/Filespec"}  # and what holds a file or a program


@dataclass
class Looks:
    """Looks into files as the job does, and measures what that took at most."""

    folder: Path
    longest: float = 0.0  # seconds
    cpu: float = 0.0
    written: int = 0  # bytes
    spent: float = 0.0  # seconds of processors, in all
    found: Counter[str] = field(default_factory=Counter)

    def __call__(self, content: bytes, name: str, media_type: str = "") -> Inspection:
        file, work = self.folder / "original", self.folder / "work"
        file.write_bytes(content)
        for old in work.iterdir() if work.exists() else ():
            old.unlink()
        work.mkdir(exist_ok=True)
        began, before = time.monotonic(), _cpu()
        seen = look_into(file, name, media_type, work)
        took = _cpu() - before
        self.longest, self.cpu = max(self.longest, time.monotonic() - began), max(self.cpu, took)
        self.written = max(self.written, sum(one.stat().st_size for one in work.iterdir()))
        self.spent += took
        self.found[seen.problem or "taken"] += 1
        assert all(one.is_file() and not one.is_symlink() for one in work.iterdir())
        assert (seen.copy is None) == bool(seen.problem)
        if seen.copy:
            assert harmless(seen.copy, seen.copy_kind) == ""
        return seen

    def kept_its_bounds(self) -> None:
        """Every one of them."""
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        print(
            f"{self.found.total()} files, at most {self.longest:.1f} s each, {self.cpu:.1f} s of a processor, "
            f"{memory / 1e6:.0f} MB of memory, {self.written / 1e6:.0f} MB written; {self.spent:.0f} s in all; {dict(self.found)}"
        )
        assert self.longest < LIMITS.wall + 5 and self.cpu < LIMITS.cpu + 2
        assert memory < LIMITS.memory
        assert self.written < LIMITS.file_size


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def harmless(copy: Path, kind: str) -> str:
    """What in the copy acts, tells or hides; empty when nothing does."""
    content = copy.read_bytes()
    if made.EICAR in content or (b"CANARY" in content and kind != "pdf") or made.SCRIPT in content:
        return "what was behind or between"
    if kind != "pdf":
        with Image.open(copy) as picture:
            kept = {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)
            return f"{kept}" if kept or dict(picture.getexif()) else ""
    with pikepdf.open(copy) as document:
        if document.is_encrypted:
            return "locked"
        things: list[object] = [document.trailer, *document.objects]
        seen = 0
        while things:
            thing, seen = things.pop(), seen + 1
            assert seen < 1_000_000
            if isinstance(thing, pikepdf.Stream) and "/F" in thing:
                return "a stream in another file"
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
                for key, value in thing.items():
                    if key in KEYS and not (key == "/Info" and thing is not document.trailer):
                        return f"{key}"
                    acting = {"/S": KINDS, "/Subtype": HOLDERS, "/Type": HOLDERS}.get(key, set())
                    if isinstance(value, pikepdf.Name) and any(value == pikepdf.Name(one) for one in acting):
                        return f"{key} {value}"
                    if isinstance(value, pikepdf.Object) and not value.is_indirect:
                        things.append(value)
            elif isinstance(thing, pikepdf.Array):
                things += [one for one in thing if isinstance(one, pikepdf.Object) and not one.is_indirect]
    return ""


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    return Looks(tmp_path)


PARTS = 4
# Those that cost seconds of a processor each: not all of them in a short run.
HEAVY = ("flate", "flate in flate", "flate in ASCII 85", "flate in hex", "run length", "many streams", "xref stream", "50 pages",
         "PNG with a huge text", "PNG with a huge profile", "twenty million brackets", "a million objects", "a page again and again")  # fmt: skip


@pytest.mark.parametrize("part", range(PARTS))
def test_every_kind_gets_its_reason(part: int, looks: Looks, chance: random.Random, share) -> None:
    mistakes = {}
    for name, hostile in list(CORPUS.items())[part::PARTS]:
        if name in HEAVY and chance.random() > share.part * 2:
            continue
        seen = looks(hostile.make(), hostile.name, hostile.media_type)
        if seen.problem not in hostile.expected:
            mistakes[name] = (seen.problem or "taken", hostile.expected)
    looks.kept_its_bounds()
    assert not mistakes


# A PDF costs its child three times what a picture does.
CHANGED = {"photo.jpg": 500, "photo.png": 500, "photo.webp": 600, "paper.pdf": 500, "scan.pdf": 280, "active.pdf": 200}


@pytest.mark.parametrize("name", sorted(made.GOOD))
def test_good_files_with_bytes_changed_are_taken_or_refused_in_time(
    name: str, looks: Looks, chance: random.Random, share
) -> None:
    good = made.GOOD[name]()
    assert looks(good, name).problem == ""
    for _ in range(share.of(CHANGED[name])):
        changed = made.mutated(good, chance)
        assert looks(changed, name).problem in made.ANY
    looks.kept_its_bounds()


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "photo.webp", "paper.pdf"])
def test_files_cut_off_anywhere_are_broken_or_whole_enough(
    name: str, looks: Looks, chance: random.Random, share
) -> None:
    good = made.GOOD[name]()
    for _ in range(share.of(75)):
        part = made.cut(good, chance)
        allowed = {"upload_broken", ""} if len(part) > 12 else {"upload_empty", "upload_name_lies", "upload_broken"}
        assert looks(part, name).problem in allowed, len(part)
    looks.kept_its_bounds()


def test_names_are_safe_to_keep_and_to_show(chance: random.Random, share) -> None:
    letters = [
        *"aA1 ./\\:;<>|\"'?*%$&~-_\0\n\r\t\x7f\u202e\u2066\u200d\ufeff\ud800é👩ﷺ",
        *("CON", "nul", ".pdf", "..", "COM1", ".exe"),
    ]
    names = [
        *made.NAMES,
        *("".join(chance.choices(letters, k=chance.randrange(0, 300))) for _ in range(share.of(20_000))),
    ]
    for name in names:
        for kind in ("", "pdf", "jpeg", "heic"):
            safe = clean(name, kind)
            assert 0 < len(safe) <= LONGEST and len(safe.encode()) <= LONGEST_BYTES, name
            assert (
                not set(safe) & set('/\\<>:"|?*\0\n\r\t')
                and not safe.startswith((".", "-", " "))
                and not safe.endswith((" ", "."))
            ), (name, safe)
            assert all(unicodedata.category(one)[0] != "C" for one in safe), (name, safe)
            assert safe.partition(".")[0].strip().upper() not in ("CON", "NUL", "PRN", "AUX", "COM1", "LPT1", "COM¹"), (
                name,
                safe,
            )
            assert kind == "" or safe.endswith(
                {"pdf": ".pdf", "jpeg": (".jpg", ".jpeg", ".jfif"), "heic": (".heic", ".heif")}[kind]
            ), safe


def _sleeping(folder: Path) -> list[int]:
    """Children at work in that folder."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            if (
                one.name.isdecimal()
                and str(folder) in str((one / "cwd").readlink())
                and (one / "stat").read_text().split(")")[1].split()[0] != "Z"
            ):
                found.append(int(one.name))
        except OSError:
            pass
    return found


def wait_until(true: Callable[[], object], patience: float = 20.0) -> None:
    last = time.monotonic() + patience
    while not true():
        assert time.monotonic() < last
        time.sleep(0.01)


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    file, work = tmp_path / "slow", tmp_path / "work"
    file.write_bytes(made.image("JPEG", made.files.photo((5000, 6600), "HELLO"), quality=70))  # seconds of work
    work.mkdir()
    program = "import sys; from pathlib import Path; from bot.uploads.intake import look_into; look_into(Path(sys.argv[1]), 'a.jpg', '', Path(sys.argv[2]))"
    root = Path(intake.__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", program, str(file), str(work)], cwd=root)
    wait_until(lambda: _sleeping(work))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not _sleeping(work), 2.0)
