"""What is said of one page that came back, in a line: where it went, or what is wrong with it and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from conversations.model import Country, Registration, Text, Upload, UploadPage, Value, Verdict
from conversations.papers.page_verdicts import LOOKS, NEVER, REFUSALS, is_as_sent, is_asked_again
from conversations.papers.placed import document_of, letter_at, letter_of
from conversations.talk import Talk


@dataclass(slots=True)
class Line:
    """One page, or several of one file of which the same is said. The higher the rank, the later it is told."""

    rank: int
    text: Text
    page: UploadPage
    upload: Upload
    again: bool = False  # it is asked for again


def lines_of(talk: Talk, registration: Registration, upload: Upload) -> Iterable[Line]:
    """A line a page. What is the same for many pages of a file is said once."""
    together: dict[str, list[UploadPage]] = {}
    for page in upload.pages:
        if page.reason != "elsewhere" and (group := _group(registration, upload, page)):
            together.setdefault(group, []).append(page)
        elif found := line(talk, registration, upload, page):
            yield found
    for pages in together.values():
        yield _one_for_all(talk, registration, upload, pages)


def line(talk: Talk, registration: Registration, upload: Upload, page: UploadPage) -> Line | None:
    """Where a page of a letter went, or why it is asked for again; None where there is nothing to say of it."""
    letter = letter_of(registration, page) or letter_at(registration, page.slot)
    refused = is_asked_again(page)
    if page.reason == "elsewhere" or (letter is None and not refused):
        return None
    values = _values(talk, registration, upload, page)
    if page.reason == "superseded":
        return _of_two(registration, upload, page, values)
    if refused:
        return _refused(upload, page, page.reason, values)
    if page.slot is None:
        return None
    if page.verdict is Verdict.WITH_PERSON and page.reason in (*LOOKS, *REFUSALS):
        return Line(50, Text("page_with_person", {**values, "what": what(page)}), page, upload)
    again = any(one.reason == "superseded" and one is not page for one in _same(registration, page))
    return Line(0, Text("page_placed_best" if again else "page_placed", values), page, upload)


def _values(talk: Talk, registration: Registration, upload: Upload, page: UploadPage) -> dict[str, Value]:
    letter = letter_of(registration, page) or letter_at(registration, page.slot)
    values: dict[str, Value] = {
        "name": upload.name,
        "page": page.page or page.letter_page,
        "version": page.letter_version,
        "country": Country(registration.country),
        "tools": "",
    }
    if letter is not None:
        titles = {slot.key: slot.title for slot in talk.papers(registration).letters}
        document = document_of(talk.pack(registration), letter)
        values |= {"title": titles.get(letter.slot, letter.slot), "pages": letter.pages, "newest": letter.version}
        if document is not None and document.digital_tools:
            values["tools"] = ", ".join(document.digital_tools)
    return values


def _same(registration: Registration, page: UploadPage) -> list[UploadPage]:
    """All photos of this page of its letter, in this version."""
    said = (page.letter_id, page.letter_page, page.letter_version)
    return [
        one
        for upload in registration.uploads
        for one in upload.pages
        if page.letter_id is not None and (one.letter_id, one.letter_page, one.letter_version) == said
    ]


def _of_two(registration: Registration, upload: Upload, page: UploadPage, values: Mapping[str, Value]) -> Line | None:
    """An earlier photo of the page stays; where the newer one counts, its own line says so."""
    stays = next((one for one in _same(registration, page) if one.slot is not None), None)
    if stays is None or not any(one is stays for of in registration.uploads if of.id < upload.id for one in of.pages):
        return None
    reason = page.check.reason if page.check is not None and page.check.reason in REFUSALS else "ink_only"
    reason = "as_sent" if is_as_sent(page) else reason
    if stays.verdict is Verdict.REFUSED and page.verdict is Verdict.REFUSED:
        refused = _refused(upload, page, reason, values)
        refused.text = Text("page_again_earlier", {"again": refused.text})
        return refused
    if stays.verdict is Verdict.ACCEPTED:
        return Line(10, Text("page_earlier_good", values), page, upload)
    if stays.verdict is page.verdict:
        return Line(10, Text("page_earlier_clearer", values), page, upload)
    return Line(10, Text("page_earlier_with_person", {**values, "what": Text(f"fault_{reason}")}), page, upload)


# --- asked for again ----------------------------------------------------------------------------------------------


def _refused(upload: Upload, page: UploadPage, reason: str, values: Mapping[str, Value]) -> Line:
    return Line(100 + REFUSALS.index(reason), Text(_refusal(upload, page, reason), values), page, upload, again=True)


def _refusal(upload: Upload, page: UploadPage, reason: str) -> str:
    """The sentence for what is wrong with a page: one reason, and what to do."""
    if reason == "as_sent" and upload.kind != "pdf":
        return "again_screenshot"
    if reason in NEVER or (page.letter_id is None and page.slot is None):
        return UNPLACED[reason]
    return f"again_{reason}"


UNPLACED = {
    "old_version": "page_of_old_version",
    "wrong_letter": "page_of_another",
    "blank": "file_is_blank",
    "unlooked": "file_is_unlooked",
    "dark": "file_is_dark",
    "no_letter": "file_is_no_letter",
}


def what(page: UploadPage) -> Text:
    """What a person looks at, or what is wrong, in a few words."""
    if page.check is not None and page.reason == "unsure" and page.check.seen == "on_screen":
        return Text("fault_on_screen")
    return Text(f"fault_{page.reason}")


# --- several pages ------------------------------------------------------------------------------------------------


def _group(registration: Registration, upload: Upload, page: UploadPage) -> str:
    """What pages of a file have in common of which the same is said; "" of one that is spoken of by itself."""
    if not is_asked_again(page):
        return ""
    if page.reason == "as_sent" and upload.kind == "pdf":
        rest = [one for one in upload.pages if one.letter_id == page.letter_id]
        return f"as_sent {page.slot}" if all(_is_back_unsigned(one) for one in rest) else ""
    is_nothing = page.slot is None and page.letter_id is None and page.reason not in NEVER
    return page.reason if is_nothing and len(upload.pages) > 1 else ""


def _is_back_unsigned(page: UploadPage) -> bool:
    return is_asked_again(page) and page.reason == "as_sent"


def _one_for_all(talk: Talk, registration: Registration, upload: Upload, pages: list[UploadPage]) -> Line:
    first = next((page for page in pages if page.check is not None and page.check.marked), pages[0])
    values = _values(talk, registration, upload, first)
    if first.reason == "as_sent":
        letter = letter_at(registration, first.slot)
        document = document_of(talk.pack(registration), letter) if letter is not None else None
        stamp = Text("and_stamp_it") if document is not None and document.stamped else ""
        text = Text("again_file_as_sent", {**values, "stamp": stamp})
    else:
        if len(pages) < len(upload.pages):
            numbers = ranges(page.number for page in pages)
            values["name"] = Text("file_pages", {"name": upload.name, "pages": numbers, "n": len(pages)})
        text = Text(UNPLACED[first.reason], values)
    return Line(100 + REFUSALS.index(first.reason), text, first, upload, again=True)


def ranges(numbers: Iterable[int]) -> str:
    """Page numbers in order, runs of them shortened: "1–12, 14"."""
    runs = [
        [number for _, number in run] for _, run in groupby(enumerate(sorted(numbers)), lambda one: one[1] - one[0])
    ]
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
