"""Pages of several letters and registrations, in any order, any number of times: the same best set counts in the end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from playing import Chat, House, Pdf, Photographed, photo

from conversations.model import Letter, PageCheck, Registration, Upload, UploadPage
from conversations.papers.placed import put_by_code
from conversations.summary import checklist
from rules.book import Book
from rules.schema import Pack

TWO_LETTERS = {"messages_carry_links": "yes", "content_urls": "www.freshbakery.example/orders",
               "link_purpose": "To follow the delivery of an order."}  # fmt: skip


@pytest.fixture
def both(chat: Chat, house: House) -> tuple[Chat, str, str]:
    """Thailand with two letters, Egypt with one of two pages: the chat is on Egypt."""
    house.letter_pages["loa"] = 2
    chat.drafts("TH", **TWO_LETTERS)
    chat.submits()
    thailand = chat.reference
    chat.types("another")
    chat.drafts("EG")
    chat.submits()
    return chat, thailand, chat.reference


def good(chat: Chat, slot: str, page: int, reference: str) -> Photographed:
    return photo(chat.page(slot, page, reference=reference))


def there(chat: Chat, reference: str) -> dict[str, int]:
    lines = checklist(chat.registration(reference), chat.house.book)
    return {line.slot: line.there for line in lines if line.there}


def test_an_album_of_two_registrations_is_told_in_one_summary_that_names_both(
    both: tuple[Chat, str, str],
) -> None:
    chat, thailand, egypt = both
    album = {
        "a.jpg": [good(chat, "loa", 2, thailand)],
        "b.jpg": [good(chat, "loa", 1, egypt)],
        "c.jpg": [photo(chat.page("url_form", 1, reference=thailand), "blurred")],
        "d.jpg": [photo(chat.page("loa", 2, reference=egypt), "unsigned")],
    }
    keys = chat.sends_files(album, album="a")
    assert keys == ["files_received", "pages_of_several", "pages_marked", "ask_documents"]
    summary, marked = chat.messages[-3], chat.messages[-2]
    assert thailand in summary.text and egypt in summary.text
    assert {"send anyway", f"send anyway {thailand}", f"open {thailand}"} <= set(summary.values)
    assert [file.name for file in summary.say.files] == ["d.jpg"], "a picture dies with what it is of"
    assert [file.name for file in marked.say.files] == ["c.jpg"] and thailand in marked.text
    assert there(chat, thailand) == {"loa": 1} and there(chat, egypt) == {"loa": 1}
    chat.plays((f"send anyway {thailand}", "ask_documents"))
    assert there(chat, thailand) == {"loa": 1, "url_form": 1} and there(chat, egypt) == {"loa": 1}
    chat.plays(("send anyway", "ask_documents_complete"))


def test_one_pdf_of_two_registrations_serves_both(both: tuple[Chat, str, str], house: House) -> None:
    chat, thailand, egypt = both
    pages = [good(chat, "loa", 1, egypt), good(chat, "url_form", 1, thailand), good(chat, "loa", 2, egypt), None]
    keys = chat.sends_files({"scan.pdf": Pdf(pages)})
    assert keys[1] == "pages_of_several"
    assert there(chat, thailand) == {"url_form": 1} and there(chat, egypt) == {"loa": 2}
    here, copy = chat.registration(egypt).uploads[0], chat.registration(thailand).uploads[0]
    assert copy.copy_of == here.id and copy.file != here.file, "each has the file under its own roof"
    assert "does not belong" not in chat.messages[-2].text
    assert chat.last.key in ("ask_which_paper", "ask_is_it_this_paper"), "of the page without a code, where it came"
    assert not [page for page in copy.pages if page.slot is None and not page.reason]
    chat.plays(("other", "ask_documents_complete"), ("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))  # fmt: skip
    house.works()
    assert there(chat, thailand) == {"url_form": 1}


def test_an_album_that_comes_photo_by_photo_waits_for_what_went_elsewhere(both: tuple[Chat, str, str]) -> None:
    chat, thailand, egypt = both
    house, before = chat.house, len(chat.messages)
    for name, page in {"a.jpg": good(chat, "loa", 1, thailand), "b.jpg": good(chat, "loa", 1, egypt)}.items():
        chat.sends_files({name: [page]}, album="a", works=False)
    house.works()
    assert [message.key for message in chat.messages[before:]] == [
        "files_received",
        "pages_of_several",
        "ask_documents",
    ]


def test_pages_sent_while_the_chat_is_on_no_registration_find_theirs(both: tuple[Chat, str, str]) -> None:
    chat, thailand, egypt = both
    chat.types("another")
    pages = [good(chat, "loa", 1, egypt), good(chat, "url_form", 1, thailand)]
    keys = chat.sends_files({"scan.pdf": Pdf(pages)})
    assert keys[-1] == "pages_of_several" and {f"open {thailand}", f"open {egypt}"} <= set(chat.last.values)
    assert there(chat, thailand) == {"url_form": 1} and there(chat, egypt) == {"loa": 1}
    assert chat.case.conversation.early == []


def test_every_file_is_held_against_the_letters_of_all_open_registrations(both: tuple[Chat, str, str]) -> None:
    chat, thailand, egypt = both
    chat.sends_files({"a.jpg": [None]}, works=False)
    (job,) = chat.house.store.claim_jobs(chat.house.now, 10, 600.0)
    told = {(one["letter_id"], one["slot"], one["version"]) for one in job.payload["letters"]}
    assert told == {
        (one.letter_id, one.slot, one.version)
        for reference in (thailand, egypt)
        for one in chat.registration(reference).letters
    }


# --- whatever the order -------------------------------------------------------------------------------------------

REASONS = ("", "", "unsure", "altered", "blurred", "dark", "unsigned")


def registration(number: int, pack: Pack) -> Registration:
    letters = [
        Letter(f"{slot}", "loa", f"{slot.upper():A<7}{number}", 1, {}, drawn=1, pages=2, file="f")
        for slot in ("a", "b")
    ]
    return Registration(number, f"TH-000{number}", 1, 1, "TH", pack.route.value, letters=letters)


def photos(chance: random.Random, two: Sequence[Registration]) -> list[tuple[Registration, UploadPage]]:
    """Several photos of every page of every letter: each its own quality, so that there is a best."""
    found = []
    for one in two:
        for letter in one.letters:
            for number in (1, 2):
                for quality in chance.sample(range(100), 4):
                    reason = chance.choice(REASONS)
                    check = PageCheck(letter.letter_id, number, 1, reason=reason, quality=quality, accepted=not reason)
                    found.append((one, UploadPage(1, letter.letter_id, number, 1, check=check)))
    return found


def counting(two: Sequence[Registration]) -> dict[tuple[int, str, int], tuple[str, int]]:
    """What counts: its verdict, and its quality unless all good ones are alike."""
    return {
        (one.id, page.slot, page.page or 0): (
            str(page.verdict),
            page.check.quality if page.verdict != "accepted" else 0,
        )
        for one in two
        for upload in one.uploads
        for page in upload.pages
        if page.slot is not None and page.check is not None
    }


@pytest.mark.parametrize("seed", range(20))
def test_in_whatever_order_and_however_often_pages_come_the_same_best_ones_count(book: Book, seed: int) -> None:
    pack, ends = book.pack("TH"), []
    for order in range(4):
        two = [registration(1, pack), registration(2, pack)]
        sent = photos(random.Random(seed), two)
        chance = random.Random(seed * 100 + order)
        sent += [(one, UploadPage(1, page.letter_id, page.letter_page, 1, check=page.check)) for one, page in sent]
        chance.shuffle(sent)
        arrived = []
        for id, (one, page) in enumerate(sent):
            upload = Upload(id, f"{id}.jpg", datetime(2026, 11, 22, tzinfo=UTC), "ref", pages=[page], checked=True)
            one.uploads.append(upload)
            arrived.append((one, upload, page))
        chance.shuffle(arrived)  # results come in another order than the files
        for one, upload, page in arrived:
            put_by_code(one, pack, upload, page)
        newest = {}
        for id, (one, page) in enumerate(sent):
            if page.check is not None and page.check.accepted:
                newest[one.id, page.letter_id, page.letter_page] = id
        for one in two:
            for upload in one.uploads:
                if upload.pages[0].slot is not None and upload.pages[0].verdict == "accepted":
                    assert newest[one.id, upload.pages[0].letter_id, upload.pages[0].letter_page] == upload.id
        ends.append(counting(two))
    assert len(ends[0]) == 8 and all(end == ends[0] for end in ends)
