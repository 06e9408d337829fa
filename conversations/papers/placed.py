"""Pages in their places: each page of a paper once, the best that came. In whatever order they come, it ends alike."""

from __future__ import annotations

from conversations.model import Letter, Registration, Upload, UploadPage, Verdict
from conversations.papers.page_verdicts import is_as_sent, is_signed_on_screen, judged, was_turned_down
from conversations.papers.wanted import placed_pages
from rules.schema import Document, Pack

ORDER = {Verdict.REFUSED: 1, Verdict.WITH_PERSON: 2, Verdict.ACCEPTED: 3}


def put(
    registration: Registration, upload: Upload, page: UploadPage, slot: str, number: int, document: Document | None
) -> None:
    """Place one page and judge it; of a letter's page sent twice the better one counts."""
    letter = letter_at(registration, slot)
    page.slot, page.page = slot, number
    page.verdict, page.reason = judged(upload, page, document, _is_inked(registration, slot))
    upload.free = False
    if letter is not None:
        if page.letter_version is None:
            page.letter_version = letter.version  # of a page without a code: drawn anew, the letter wants another
        for of, other in placed_pages(registration, slot):
            if other is not page and other.page == number:
                _lay_aside(page if _counts_before(of, other, upload, page) else other)
        _weigh_again(registration, slot, document)
    if page.slot is not None and page.verdict is not Verdict.REFUSED and slot in registration.to_mend:
        registration.to_mend.remove(slot)


def _is_inked(registration: Registration, slot: str) -> bool:
    """Whether a page of that letter, as it is now, was signed on a screen."""
    letter = letter_at(registration, slot)
    newest = letter.version if letter is not None else None
    placed = [page for _, page in placed_pages(registration, slot) if page.letter_version in (None, newest)]
    return any(is_signed_on_screen(page) for page in placed)


def _weigh_again(registration: Registration, slot: str, document: Document | None) -> None:
    """Judge once more the pages that came as we sent them: what they are worth the signed page beside them tells."""
    inked = _is_inked(registration, slot)
    for upload, page in placed_pages(registration, slot):
        if is_as_sent(page) and not page.label and not was_turned_down(page):
            page.verdict, page.reason = judged(upload, page, document, inked)


def _lay_aside(page: UploadPage) -> None:
    page.slot = page.page = None
    page.reason = "superseded"


def _counts_before(of: Upload, there: UploadPage, upload: Upload, page: UploadPage) -> bool:
    """Whether the page that lies there counts before the one that comes."""
    if there.check is None and page.check is None:
        return False  # nothing tells them apart but what was said last
    return _rank(of, there) > _rank(upload, page)


def _rank(upload: Upload, page: UploadPage) -> tuple[int, int, int, int, int]:
    """The higher counts: by version, by verdict, by how clear it is unless both are good, else the newer one."""
    verdict = page.verdict or Verdict.WITH_PERSON
    order = 0 if was_turned_down(page) else ORDER[verdict]
    clear = page.check.quality if page.check is not None and verdict is not Verdict.ACCEPTED else 0
    return page.letter_version or 0, order, clear, upload.id, page.number


def letter_of(registration: Registration, page: UploadPage) -> Letter | None:
    """The letter it says it is a page of."""
    return next((one for one in registration.letters if one.letter_id == page.letter_id), None)


def letter_at(registration: Registration, slot: str | None) -> Letter | None:
    """The letter that lies at a paper."""
    return next((one for one in registration.letters if one.slot == slot), None)


def put_by_code(registration: Registration, pack: Pack, upload: Upload, page: UploadPage) -> None:
    """Put a page where its code, or its print, says; of an old version, and of a strange letter, none is taken."""
    letter = letter_of(registration, page)
    if letter is None:
        page.verdict, page.reason = Verdict.REFUSED, "wrong_letter"
    elif page.letter_version not in (None, letter.version):
        page.verdict, page.reason = Verdict.REFUSED, "old_version"
    else:
        put(registration, upload, page, letter.slot, page.letter_page or 1, document_of(pack, letter))


def document_of(pack: Pack, letter: Letter) -> Document | None:
    return next((one for one in pack.documents if one.code == letter.code), None)


def put_again(registration: Registration, pack: Pack) -> None:
    """A page was taken away: what it was better than counts again, and what it vouched for does not."""
    for upload in registration.uploads:
        for page in upload.pages:
            # Of one that was placed by hand nobody knows any more where it lay.
            if page.reason == "superseded" and page.check is not None and page.letter_id is not None:
                put_by_code(registration, pack, upload, page)
    for letter in registration.letters:
        _weigh_again(registration, letter.slot, document_of(pack, letter))


def loose(upload: Upload) -> list[UploadPage]:
    """Pages of a file that have no place yet, and of which nothing is known that speaks against one."""
    return [page for page in upload.pages if page.slot is None and page.verdict is None and not page.reason]


def unplaced(registration: Registration) -> list[Upload]:
    """Files that wait for a word on what they are."""
    return [
        upload
        for upload in registration.uploads
        if upload.checked and not upload.problem and not upload.free and loose(upload)
    ]
