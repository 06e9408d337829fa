"""Photos of signed letters, checked and made into scans, as `letters check` and `letters scan` tell of them.

The work is done here, in child processes, as jobs do it; of the running process only the letters are asked.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.checking import FOR_A_PERSON, Answer, PageVerdict, Reason
from bot.checking.asked import Awaited, Limits, awaited, bind, check_upload
from bot.control import CommandError
from bot.drawing import layout, layout_of, paper_of
from bot.uploads.intake import look_into
from conversations.model import PageCheck, UploadPage
from conversations.papers.page_verdicts import is_as_sent

UNHURRIED = Limits(patience=200.0, wall=300.0, cpu=250)  # nobody waits in a chat
IN_WORDS = {
    Reason.UNREADABLE: "the file can't be opened",
    Reason.WRONG_LETTER: "it is a page of another letter",
    Reason.OLD_VERSION: "it is a page of an older version",
    Reason.NO_CODE: "the code at the bottom right can't be read, or there is none",
    Reason.CUT_OFF: "a part of the page is outside the picture",
    Reason.TOO_SMALL: "the page is too small in the picture",
    Reason.BLURRED: "the picture is blurred",
    Reason.DARK: "the picture is too dark",
    Reason.GLARE: "glare, or a thing that lies on it, hides a part",
    Reason.ALTERED: "something in the text is not as it was printed",
    Reason.UNSIGNED: "it is not signed",
    Reason.UNSTAMPED: "it has no stamp",
    Reason.UNSURE: "it can't be told whether it is signed and stamped",
}
UNREADABLE = {
    "upload_heic": "HEIC is read after `pip install pillow-heif`", "upload_empty": "it is empty",
    "upload_too_big": "it has more than 20,000,000 bytes", "upload_locked": "a password locks it",
    "upload_too_many_pages": "it has more than 50 pages",
}  # fmt: skip
UNCHECKED = "the check did not come to an end"
BESIDES = {
    "as_sent": "it is the file as we sent it", "on_screen": "it seems to be signed on a screen",
    "digital": "it is signed digitally", "blank": "it is a blank sheet", "other": "it shows no letter of ours",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A letter that photos are held against."""

    name: str  # as lines call it
    version: int
    letter: Awaited
    reference: str = ""  # of its registration, where it is of the store

    @property
    def file(self) -> str:
        """What a scan of it is called."""
        name = "-".join(part for part in (self.reference, self.name, f"v{self.version}", "signed") if part)
        return name.replace(":", "-").replace("/", "-") + ".pdf"


@dataclass(slots=True)
class Checked:
    """One page of a file: the line that is told of it, the same in words, and its scan."""

    line: Mapping[str, Any]
    verdict: str
    why: str
    letter: Known | None = None
    scan: Path | None = None


@dataclass(slots=True)
class Checks:
    """Files held against letters, in order. Use it as a context: what it makes lies in a folder that goes with it."""

    letters: Sequence[Known]
    keys: Sequence[str]
    _folder: tempfile.TemporaryDirectory[str] = field(init=False)

    def __enter__(self) -> Checks:
        self._folder = tempfile.TemporaryDirectory(prefix="senderdesk-")
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def of(self, files: Sequence[Path]) -> Iterator[Checked]:
        """Each page of each file."""
        for number, file in enumerate(files):
            folder = Path(self._folder.name, str(number))
            folder.mkdir()
            yield from self._of_one(file, folder)

    def _of_one(self, file: Path, folder: Path) -> Iterator[Checked]:
        found = look_into(file, file.name, "", folder / "looked")
        if found.problem:
            unreadable = PageVerdict(1, None, None, None, *UNKNOWN, reason=Reason.UNREADABLE)
            yield self._told(file, unreadable, folder, UNREADABLE.get(found.problem, ""))
            return
        verdicts = {
            verdict.number: verdict
            for verdict in check_upload(found, [known.letter for known in self.letters], self.keys, folder, UNHURRIED)
        }
        for page in found.pages:
            if verdict := verdicts.get(page.number):
                yield self._told(file, verdict, folder)
            else:
                unsure = PageVerdict(page.number, None, None, None, *UNKNOWN, reason=Reason.UNSURE)
                yield self._told(file, unsure, folder, UNCHECKED)

    def _told(self, file: Path, verdict: PageVerdict, folder: Path, why: str = "") -> Checked:
        known = next((known for known in self.letters if known.letter.letter == verdict.letter), None)
        line = {
            "file": str(file), "letter": known.name if known else None, "page": verdict.page,
            "version": verdict.version,
            **{name: _word(getattr(verdict, name)) for name in ("whole", "legible", "altered", "signed", "stamped")},
            "accepted": verdict.accepted, "reason": _word(verdict.reason), "ms": verdict.ms,
        }  # fmt: skip
        scan = folder / verdict.scan if verdict.scan else None
        if verdict.accepted and _came_back(verdict):
            line |= {"accepted": False, "reason": str(Reason.UNSIGNED)}
            return Checked(line, "no", BESIDES["as_sent"], known)
        if verdict.accepted or verdict.reason is None:
            return Checked(line, "accepted", "", known, scan)
        why = "; ".join(filter(None, (why or IN_WORDS[verdict.reason], BESIDES.get(verdict.seen))))
        return Checked(line, "a person looks" if verdict.reason in FOR_A_PERSON else "no", why, known, scan)


UNKNOWN = (Answer.UNSURE, Answer.UNSURE, Answer.UNSURE, None, None, False)  # whole to accepted


def _came_back(verdict: PageVerdict) -> bool:
    """Whether it is our own file, on a page where nobody signs: the chat counts no page of that either."""
    check = PageCheck(signed=_word(verdict.signed), stamped=_word(verdict.stamped), seen=verdict.seen)
    return is_as_sent(UploadPage(verdict.number, check=check))


def _word(value: Any) -> str | None:
    return None if value is None else str(value)


def in_folder(folder: Path) -> list[Known]:
    """The letters that `letters render` put into a folder.

    Raises:
        CommandError: there are none, or they are not as it left them.
    """
    try:
        told = json.loads((folder / "letters.json").read_text(encoding="utf-8"))
        found = [
            Known(
                str(one["letter"]),
                int(one["version"]),
                awaited(str(one["letter_id"]), folder / one["file"], [layout(page) for page in one["pages"]]),
            )
            for one in told
        ]
    except OSError as error:
        raise CommandError(f"--letters: {error.filename} can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"--letters: {folder / 'letters.json'} is not what letters render writes") from None
    for known in found:
        if not known.letter.pdf.is_file() or not known.letter.layouts:
            raise CommandError(f"--letters: {known.letter.pdf} is not there")
    return found


def of_store(lines: Sequence[Mapping[str, Any]]) -> list[Known]:
    """The letters that the running process told of."""
    found = []
    for line in lines:
        pdf = Path(line["file"])
        letter = awaited(line["letter_id"], pdf, layout_of(pdf))
        found.append(Known(line["letter"], line["version"], letter, line["reference"]))
    return found


def there(files: Sequence[Path]) -> Sequence[Path]:
    """The files.

    Raises:
        CommandError: one is none.
    """
    for file in files:
        try:
            file.open("rb").close()
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from None
    return files


def in_words(page: Checked, width: int) -> str:
    """A page on one line of a table whose first column is so wide."""
    which = f"{page.line['letter']} page {page.line['page']}" if page.letter else "-"
    return f"{page.line['file']:<{width}}  {which:<20}  {page.verdict:<14}  {page.why}".rstrip()


def scanned(checks: Checks, files: Sequence[Path], out: Path, force: bool = False) -> Iterator[dict[str, Any]]:
    """A line for each letter of which a PDF was made in the folder: of each page the last photo that was accepted.

    Pages that were not accepted, and those that are missing, are named on the standard error.

    Raises:
        CommandError: it would replace a PDF by one that lacks pages, and no `force`. Nothing was made.
    """
    scans: dict[str, dict[int, Path]] = {}
    for page in checks.of(files):
        if page.letter is None or page.scan is None or page.verdict != "accepted":
            print(f"not in a scan: {in_words(page, 0)}", file=sys.stderr)
        else:
            scans.setdefault(page.letter.letter.letter, {})[page.line["page"]] = page.scan
    for known in checks.letters:
        missing = _missing(known, scans.get(known.letter.letter, {}))
        if known.letter.letter in scans and missing and not force and (out / known.file).exists():
            raise CommandError(
                f"{out / known.file} is there, and what would replace it lacks page {missing}: nothing was made. "
                "Give the photos of all pages, or --force",
                1,
            )
    for known in checks.letters:
        if pages := scans.get(known.letter.letter):
            yield _bound(known, pages, out)


def _missing(known: Known, pages: Mapping[int, Path]) -> str:
    return ", ".join(str(page.page) for page in known.letter.layouts if page.page not in pages)


def _bound(known: Known, pages: Mapping[int, Path], out: Path) -> dict[str, Any]:
    if missing := _missing(known, pages):
        print(f"{known.name} lacks page {missing}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="senderdesk-") as folder:
        scans = [pages[number] for number in sorted(pages)]
        bound = bind(scans, paper_of(known.letter.pdf), None, Path(folder))
        if bound is None:
            raise CommandError(f"{known.name}: its pages could not be made into one file", 1)
        try:
            out.mkdir(parents=True, exist_ok=True)
            half = out / f".{known.file}.part"  # beside it, so that a full disk costs no PDF that is there
            try:
                shutil.copyfile(bound.path, half)
                half.replace(out / known.file)
            finally:
                half.unlink(missing_ok=True)
        except OSError as error:
            raise CommandError(f"--out: {error.filename} can't be written: {error.strerror}") from None
    return {
        "letter": known.name, "version": known.version, "file": str((out / known.file).resolve()),
        "pages": bound.pages, "bytes": bound.bytes,
    }  # fmt: skip
