"""What is said of every kind of page that comes back: one true reason each, what to do, and always a way to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playing import Chat, House, Pdf, Photographed, photo

from conversations.model import Event, Kind, Letter, PageCheck, Role, Text, Upload, UploadPage, Verdict
from conversations.papers.page_verdicts import LOOKS, REFUSALS, judged
from rules.book import Book
from storage.store import Job, job_event_id


@pytest.fixture
def thai(chat: Chat, house: House) -> Chat:
    """A registration that wants one letter of two pages, stamped, and nothing else."""
    house.letter_pages["loa"] = 2
    chat.drafts("TH")
    chat.submits()
    assert [line.slot for line in chat.summary.checklist if line.required] == ["loa"]
    return chat


@pytest.fixture
def inked(chat: Chat, house: House, book: Book) -> Chat:
    """The same where the country takes no digital signature."""
    thailand = book.pack("TH")
    changes = {"digital_signature": False, "digital_tools": ()}
    documents = tuple(one.model_copy(update=changes if one.code == "loa" else {}) for one in thailand.documents)
    packs = {code: book.pack(code) for code in book.codes} | {
        "TH": thailand.model_copy(update={"documents": documents})
    }
    house.book = house.app.book = Book(packs, book.templates, book._places, None, book.watchlist)
    house.book.unprintable = book.unprintable
    house.letter_pages["loa"] = 2
    chat.drafts("TH")
    chat.submits()
    return chat


def verdicts(chat: Chat, reference: str | None = None) -> dict[tuple[str, int], tuple[str, str]]:
    """By paper and page: the verdict that counts, and the reason kept with it."""
    about = chat.registration(reference) if reference else chat.on
    return {
        (page.slot, page.page or 0): (str(page.verdict), page.reason)
        for upload in about.uploads
        for page in upload.pages
        if page.slot is not None
    }


def letter(chat: Chat, slot: str = "loa") -> Letter:
    return next(one for one in chat.on.letters if one.slot == slot)


def told(chat: Chat) -> str:
    """The words of the message before the list."""
    assert chat.last.key.startswith("ask_documents"), chat.last.key
    return chat.messages[-2].text


def good(chat: Chat, *pages: int) -> dict[str, Any]:
    return {f"{page}.jpg": [photo(chat.page("loa", page))] for page in pages}


# --- good ones ----------------------------------------------------------------------------------------------------


def test_clear_signed_pages_are_accepted_at_once_and_the_scan_is_bound(thai: Chat, house: House) -> None:
    keys = thai.sends_files(good(thai, 2, 1), album="a")
    assert keys == ["files_received", "pages_placed", "ask_documents_complete"]
    assert verdicts(thai) == {("loa", 1): ("accepted", ""), ("loa", 2): ("accepted", "")}
    assert letter(thai).scan_of == tuple(
        page.check.scan for upload in reversed(thai.on.uploads) for page in upload.pages if page.check
    )
    assert letter(thai).scan is not None
    thai.plays(("submit", "status_is_UNDER_REVIEW"))


def test_the_list_names_what_is_missing(thai: Chat) -> None:
    thai.sends_files(good(thai, 1))
    assert "Letter of authorization: page 2 of 2 is missing" in thai.last.text
    thai.sends_files({"2.jpg": [photo(thai.page("loa", 2), "blurred")]})
    assert "Letter of authorization: page 2 of 2 again, the photo is blurred" in thai.last.text
    thai.plays(("submit", "documents_missing"))


# --- asked for again ----------------------------------------------------------------------------------------------

SAID = {
    "cut_off": "all four corners",
    "too_small": "Go closer",
    "blurred": "Hold the phone still",
    "dark": "by a window",
    "glare": "Turn away from the lamp",
    "unsigned": "Sign with a pen",
    "unstamped": 'Write "no stamp"',
    "no_code": "square code",
    "unreadable": "I can't open it",
}


@pytest.mark.parametrize("reason", SAID)
def test_a_page_is_asked_for_again_with_its_one_reason_and_its_picture(thai: Chat, reason: str) -> None:
    keys = thai.sends_files({"IMG.jpg": [photo(thai.page("loa", 2), reason)]}, as_photo=True)
    assert keys == ["files_received", "pages_again", "ask_documents"]
    message = thai.messages[-2]
    assert SAID[reason] in message.text and "page 2 of 2" in message.text
    assert all(words not in message.text for other, words in SAID.items() if other != reason)
    assert [(file.name, file.media_type) for file in message.say.files] == [("IMG.jpg", "image/jpeg")]
    assert message.say.files[0].file == thai.on.uploads[0].pages[0].check.marked  # type: ignore[union-attr]
    assert ("tap the paper clip" in message.text) == (reason in ("too_small", "blurred"))
    assert "send anyway" in message.values and ("no stamp" in message.values) == (reason == "unstamped")
    assert verdicts(thai) == {("loa", 2): ("refused", reason)}
    assert letter(thai).scan_of == ()


def test_who_sent_a_file_is_not_told_to_send_a_file(thai: Chat) -> None:
    thai.sends_files({"IMG.jpg": [photo(thai.page("loa", 2), "blurred")]})
    assert "blurred" in told(thai) and "as a file" not in told(thai)


def test_an_album_is_one_message_with_the_worst_fault_first(thai: Chat) -> None:
    album = {
        "a.jpg": [photo(thai.page("loa", 1), "dark")],
        "b.jpg": [photo(thai.page("loa", 2), "unsigned")],
        "c.jpg": [photo(("ABCDEFGH", 1, 1), "wrong_letter")],
    }
    keys = thai.sends_files(album, album="a")
    assert keys == ["files_received", "pages_again", "ask_documents"]
    text = told(thai)
    assert text.index("does not belong") < text.index("no signature") < text.index("too dark")
    assert [file.name for file in thai.messages[-2].say.files] == ["c.jpg", "b.jpg", "a.jpg"]


def test_why_explains_the_reason(thai: Chat) -> None:
    thai.sends_files({"a.jpg": [photo(thai.page("loa", 1), "unsigned")]})
    assert thai.types("why") == ["why_pages", "ask_documents"]
    assert "worth nothing" in thai.messages[-2].text
    thai.sends_files(good(thai, 1))
    assert thai.types("why") == ["why_documents", "ask_documents"]


def test_an_old_version_is_named_with_the_newest_and_the_way_to_it(thai: Chat, house: House) -> None:
    old = thai.page("loa", 1)
    thai.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    house.works()
    thai.types("yes")
    thai.sends_files({"old.jpg": [photo(old, "old_version")]})
    assert "is of version 1" in told(thai) and "sign version 2" in told(thai)
    assert "letters" in thai.messages[-2].values and "send anyway" not in thai.messages[-2].values
    assert verdicts(thai) == {}
    assert thai.types("send anyway") == ["not_sent_anyway", "ask_documents"], "an old version never counts"
    assert verdicts(thai) == {}


def test_a_photo_checked_against_the_version_before_counts_for_nothing_when_the_letter_is_drawn_anew(
    thai: Chat, house: House
) -> None:
    old = photo(thai.page("loa", 1))
    thai.sends_files({"1.jpg": [old], **{"2.jpg": [photo(thai.page("loa", 2))]}})
    assert letter(thai).scan is not None
    thai.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    assert letter(thai).scan is None and letter(thai).scan_of == ()
    house.works()
    thai.types("yes")
    assert "print, sign" in thai.last.text


@pytest.mark.parametrize(
    ("kind", "words"), [("pdf", "this is the file I sent, still unsigned"), ("photo", "a picture of a screen")]
)
def test_our_own_file_sent_back_unsigned_is_recognized(thai: Chat, kind: str, words: str) -> None:
    page = photo(thai.page("loa", 2), "unsigned", seen="as_sent", signed="no")
    thai.sends_files({"letter": Pdf([page]) if kind == "pdf" else [page]})
    assert words in told(thai) and "photograph the paper" in told(thai)


@pytest.mark.parametrize(
    ("reason", "seen", "words"),
    [
        ("no_code", "blank", "this sheet is blank"),
        ("no_code", "other", "I don't see a page of one of your letters"),
        ("dark", "", "too dark to see what it is"),
    ],
)
def test_what_shows_no_letter_is_said_plainly_where_only_letters_are_wanted(
    thai: Chat, reason: str, seen: str, words: str
) -> None:
    keys = thai.sends_files({"cat.jpg": [photo(None, reason, seen=seen)]})
    assert keys == ["files_received", "pages_again", "ask_documents"]
    assert f"cat.jpg: {words}" in told(thai) or words in told(thai)


def test_what_shows_no_letter_may_be_another_document_after_all(thai: Chat) -> None:
    thai.sends_files({"brochure.jpg": [photo(None, "no_code", seen="other")]})
    assert "move 1" in thai.messages[-2].values
    thai.plays(("move 1", "ask_is_it_this_paper"), ("other", "ask_documents"))
    assert thai.on.uploads[0].free


def test_where_own_documents_are_wanted_a_page_without_a_code_is_asked_about(chat: Chat) -> None:
    chat.drafts("TH", messages_carry_links="no", loan_content="yes")
    chat.submits()
    chat.sends_files({"x.jpg": [photo(None, "no_code", seen="other")]})
    assert chat.last.key in ("ask_which_paper", "ask_is_it_this_paper")
    assert chat.types("loa") == ["pages_again", "ask_documents"], "the customer says it is the letter: it is not"
    assert "I don't see a page of this letter" in chat.messages[-2].text
    chat.plays(("send anyway", "ask_documents"))
    assert verdicts(chat) == {("loa", 1): ("with_person", "no_letter")}


def test_a_sheet_that_looks_blank_may_be_a_document_that_is_wanted(chat: Chat) -> None:
    chat.drafts("TH", messages_carry_links="no", loan_content="yes")
    chat.submits()
    chat.sends_files({"pale.jpg": [photo(None, "no_code", seen="blank")]}, caption="Licence from the Bank of Thailand")
    chat.plays(("yes", "ask_documents"))
    assert verdicts(chat) == {("bot_licence", 1): ("with_person", "")}
    chat.sends_files({"white.jpg": [photo(None, "no_code", seen="blank")]})
    assert "this sheet is blank" in told(chat) and "move 2" in chat.messages[-2].values


# --- for a person -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "seen", "words"),
    [
        ("altered", "", "looks different from the letter I drew"),
        ("unsure", "", "not sure about the signature or the stamp"),
        ("unsure", "on_screen", "signed on a screen"),
    ],
)
def test_what_only_a_person_can_tell_goes_to_one_and_counts(thai: Chat, reason: str, seen: str, words: str) -> None:
    keys = thai.sends_files({**good(thai, 1), "2.jpg": [photo(thai.page("loa", 2), reason, seen=seen)]})
    assert keys == ["files_received", "pages_placed", "ask_documents_complete"]
    assert "One thing a person will look at" in told(thai) and words in told(thai)
    assert "a person will look at page 2" in thai.last.text and thai.messages[-2].say.files == ()
    assert verdicts(thai)["loa", 2] == ("with_person", reason)
    thai.plays(("submit", "status_is_UNDER_REVIEW"))


def test_what_was_not_checked_goes_to_a_person_without_a_word(thai: Chat) -> None:
    thai.sends_files({"a.jpg": [thai.page("loa", 1)]})
    assert verdicts(thai) == {("loa", 1): ("with_person", "")}
    assert "a person" not in told(thai)


def test_send_anyway_gives_what_is_asked_again_to_a_person_who_sees_why(thai: Chat, house: House) -> None:
    pages = {"1.jpg": [photo(thai.page("loa", 1), "glare")], "2.jpg": [photo(thai.page("loa", 2), "unsigned")]}
    thai.sends_files(pages)
    assert "send anyway" in thai.messages[-2].values
    assert thai.presses("send anyway")[0] == "sent_anyway"
    assert "page 1 of 2: a part of the page is hidden" in thai.messages[-2].text
    assert thai.last.key == "ask_documents_complete" and "send anyway" not in thai.buttons
    assert verdicts(thai) == {("loa", 1): ("with_person", "glare"), ("loa", 2): ("with_person", "unsigned")}
    notes = [line.trigger for line in house.found(thai.reference).history]
    assert notes.count("send_anyway") == 2
    house.works()
    assert letter(thai).scan is not None
    thai.plays(("send anyway", "ask_documents_complete"), ("submit", "status_is_UNDER_REVIEW"))


def test_send_anyway_of_a_cat_takes_the_only_page_that_is_missing(thai: Chat) -> None:
    thai.sends_files({**good(thai, 1), "cat.jpg": [photo(None, "no_code", seen="other")]})
    thai.plays(("send it to a person anyway", "ask_documents_complete"))
    assert verdicts(thai)["loa", 2] == ("with_person", "no_letter")


def test_send_anyway_of_a_cat_asks_which_page_it_is_where_several_are_missing(thai: Chat) -> None:
    thai.sends_files({"cat.jpg": [photo(None, "no_code", seen="other")]})
    thai.plays(("send anyway", "ask_is_it_this_paper"), ("yes", "ask_documents"))
    assert verdicts(thai) == {("loa", 1): ("with_person", "no_letter")}


def test_no_page_of_a_letter_that_was_drawn_anew_is_asked_for_again(thai: Chat, house: House) -> None:
    thai.sends_files({"2.jpg": [photo(thai.page("loa", 2), "unstamped")]})
    assert {"send anyway", "no stamp"} <= set(thai.messages[-2].values)
    thai.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    house.works()
    thai.types("yes")
    assert not {"send anyway", "no stamp"} & set(thai.buttons)
    assert thai.types("send anyway")[0] == "nothing_to_send_anyway"


def test_a_cat_called_the_letter_is_not_said_to_be_placed(chat: Chat, house: House) -> None:
    house.letter_pages["loa"] = 2
    chat.drafts("KE", brand_origin="local")
    chat.submits()
    chat.sends_files({**good(chat, 1), "2.jpg": [photo(chat.page("loa", 2), "unsigned", quality=60)]})
    chat.sends_files({"cat.jpg": [photo(None, "no_code", seen="other", quality=0)]})
    chat.types("loa")
    assert "files_placed" not in [message.key for message in chat.messages[-2:]]
    assert "cat.jpg: I don't see a page of one of your letters" in told(chat)
    assert verdicts(chat)["loa", 2] == ("refused", "unsigned")


def test_of_more_pages_than_a_letter_lacks_the_rest_is_asked_about(chat: Chat, house: House) -> None:
    house.letter_pages["loa"] = 2
    chat.drafts("KE", brand_origin="local")
    chat.submits()
    chat.sends_files({"scan.pdf": [None, None, None]})
    assert chat.types("loa") == ["files_placed", "ask_is_it_this_paper"]
    assert set(verdicts(chat)) == {("loa", 1), ("loa", 2)}
    (scan,) = chat.on.uploads
    assert [(page.slot, page.page, page.reason) for page in scan.pages] == [
        ("loa", 1, ""),
        ("loa", 2, ""),
        (None, None, ""),
    ]


def test_a_page_placed_by_hand_is_no_strange_letter_when_another_is_removed(chat: Chat, house: House) -> None:
    house.letter_pages["loa"] = 1
    chat.drafts("KE", brand_origin="local")
    chat.submits()
    chat.sends_files({"blurred.jpg": [photo(None, "no_code", seen="", quality=10)]})
    chat.types("loa")
    chat.sends_files(good(chat, 1))
    by_hand = chat.on.uploads[0].pages[0]
    assert by_hand.reason == "superseded"
    chat.types("remove 2")
    assert chat.on.uploads[0].pages[0].reason != "wrong_letter"


def test_buttons_of_pages_asked_again_work_at_any_later_question(thai: Chat) -> None:
    thai.sends_files({"1.jpg": [photo(thai.page("loa", 1), "blurred")]})
    asked = thai.messages[-2].asked
    thai.plays(("edit city", "ask_again_field city"))
    assert thai.presses("send anyway", asked=asked)[0] == "sent_anyway"
    assert thai.summary.field == "city"


def test_nothing_to_send_anyway_is_said(thai: Chat) -> None:
    assert thai.types("send anyway") == ["nothing_to_send_anyway", "ask_documents"]


# --- stamps and digital signatures --------------------------------------------------------------------------------


def test_no_stamp_goes_to_a_person_where_the_country_has_no_other_way(inked: Chat, house: House) -> None:
    inked.sends_files({"2.jpg": [photo(inked.page("loa", 2), "unstamped", stamped="no")]})
    assert "no stamp" in inked.messages[-2].values
    assert inked.presses("no stamp")[-1] == "ask_documents"
    assert verdicts(inked) == {("loa", 2): ("with_person", "no_stamp")}
    assert "no_stamp" in [line.trigger for line in house.found(inked.reference).history]
    inked.sends_files({**good(inked, 1), "again.jpg": [photo(inked.page("loa", 2), "unstamped", stamped="no")]})
    assert verdicts(inked)["loa", 2] == ("with_person", "no_stamp"), "another photo without a stamp changes nothing"


def test_no_stamp_is_answered_by_the_digital_way_where_the_country_has_it(chat: Chat) -> None:
    chat.drafts("QA")
    chat.submits()
    slot = chat.on.letters[0].slot
    chat.sends_files({"1.jpg": [photo(chat.page(slot), "unstamped", stamped="no")]})
    assert chat.types("we have no stamp") == ["no_stamp_but_digital", "ask_documents"]
    assert "Adobe / DocuSign" in chat.messages[-2].text and "pasted ones are refused" in chat.messages[-2].text
    assert verdicts(chat) == {(slot, 1): ("refused", "unstamped")}
    chat.sends_files({"signed.pdf": Pdf([photo(chat.page(slot), "unsure", seen="digital")], signed=True)})
    assert "the digital signature" in told(chat)
    assert verdicts(chat) == {(slot, 1): ("with_person", "digital")}


@pytest.mark.parametrize(("country", "key"), [("TH", "no_stamp_but_digital"), ("EG", "stamp_not_wanted")])
def test_no_stamp_is_answered_before_a_page_came_too(chat: Chat, country: str, key: str) -> None:
    chat.drafts(country)
    chat.submits()
    assert chat.types("no stamp") == [key, "ask_documents"]


def test_no_stamp_before_a_page_came_tells_how_a_person_gets_to_see_it(inked: Chat) -> None:
    assert inked.types("we don't have a stamp") == ["stamp_wanted", "ask_documents"]
    assert "Letter of authorization" in inked.messages[-2].text


def test_a_digital_signature_is_refused_where_ink_is_wanted_unless_the_customer_insists(inked: Chat) -> None:
    pages = [photo(inked.page("loa", page), "unsure", seen="digital") for page in (1, 2)]
    inked.sends_files({"signed.pdf": Pdf(pages, signed=True)})
    assert "Thailand wants ink on paper" in told(inked)
    inked.plays(("send anyway", "ask_documents_complete"))
    assert set(verdicts(inked).values()) == {("with_person", "ink_only")}


# --- a page sent twice --------------------------------------------------------------------------------------------


def counting(chat: Chat) -> list[str]:
    return [upload.name for upload in chat.on.uploads for page in upload.pages if page.slot == "loa" and page.page == 1]


@pytest.mark.parametrize(
    ("first", "second", "counts", "key"),
    [
        (("", 50), ("", 40), "b.jpg", "page_placed_best"),  # both good: the newer
        (("", 50), ("unsure", 90), "a.jpg", "page_earlier_good"),
        (("", 50), ("blurred", 90), "a.jpg", "page_earlier_good"),
        (("unsure", 50), ("unsure", 40), "a.jpg", "page_earlier_clearer"),
        (("unsure", 40), ("unsure", 50), "b.jpg", "page_with_person"),
        (("blurred", 20), ("unsure", 10), "b.jpg", "page_with_person"),
        (("unsure", 50), ("blurred", 90), "a.jpg", "page_earlier_with_person"),
        (("unsigned", 20), ("dark", 10), "a.jpg", "page_again_earlier"),
    ],
)
def test_the_better_of_two_photos_counts_and_that_is_said(
    thai: Chat, first: tuple[str, int], second: tuple[str, int], counts: str, key: str
) -> None:
    for number, (name, (reason, quality)) in enumerate({"a.jpg": first, "b.jpg": second}.items()):
        thai.sends_files({name: [photo(thai.page("loa", 1), reason, number=number, quality=quality)]})
    assert counting(thai) == [counts]
    lines: Any = thai.messages[-2].say.values["lines"]
    assert [line.key for line in lines] == [key]


def test_what_the_removed_photo_was_better_than_counts_again(thai: Chat) -> None:
    thai.sends_files({"a.jpg": [photo(thai.page("loa", 1), number=1)]})
    thai.sends_files({"b.jpg": [photo(thai.page("loa", 1), number=2)]})
    thai.plays(("remove 2", "ask_documents"))
    assert counting(thai) == ["a.jpg"]


def test_a_better_photo_of_a_page_binds_the_scan_anew(thai: Chat) -> None:
    thai.sends_files(good(thai, 1, 2))
    before = letter(thai).scan
    thai.sends_files({"new.jpg": [photo(thai.page("loa", 1), number=2)]})
    assert letter(thai).scan not in (None, before)
    assert letter(thai).scan_of[0] == thai.on.uploads[2].pages[0].check.scan  # type: ignore[union-attr]


def test_a_scan_of_pages_that_were_replaced_meanwhile_is_dropped(thai: Chat, house: House) -> None:
    thai.sends_files(good(thai, 1, 2), works=False)
    (look,) = house.store.claim_jobs(house.now, 10, 600.0)
    done(house, look, *house._plain(look, False))  # type: ignore[misc]
    (first,) = house.store.claim_jobs(house.now, 10, 600.0)
    assert first.name == "bind_scans" and first.payload["max_bytes"] == 500_000 and first.payload["paper"] == "A4"
    thai.sends_files({"new.jpg": [photo(thai.page("loa", 1), number=2)]})
    newest = letter(thai).scan
    assert newest is not None
    old = house.files.put(f"r{first.registration}", b"an older scan", ".pdf")
    done(house, first, "scans_bound", {"slot": "loa", "version": 1, "file": old, "scans": first.payload["scans"]})
    assert letter(thai).scan == newest
    house.works()
    assert not house.files.path(old).exists() and house.files.path(newest).exists()


def test_a_scan_of_an_older_version_is_dropped(thai: Chat, house: House) -> None:
    thai.sends_files(good(thai, 1, 2), works=False)
    (look,) = house.store.claim_jobs(house.now, 10, 600.0)
    done(house, look, *house._plain(look, False))  # type: ignore[misc]
    (first,) = house.store.claim_jobs(house.now, 10, 600.0)
    thai.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    old = house.files.put(f"r{first.registration}", b"an older scan", ".pdf")
    done(house, first, "scans_bound", {"slot": "loa", "version": 1, "file": old, "scans": first.payload["scans"]})
    assert letter(thai).version == 2 and letter(thai).scan is None
    house.works()
    assert not house.files.path(old).exists()


def done(house: House, job: Job, name: str, result: Mapping[str, Any]) -> None:
    """The job's one event."""
    house.happens(
        Event(
            job_event_id(job.id), Kind.JOB, house.now, registration=job.registration, conversation=job.conversation,
            name=name, result=result,
        )
    )  # fmt: skip


def test_what_was_made_of_a_page_whose_registration_is_gone_is_deleted_too(chat: Chat, house: House) -> None:
    chat.sends_files({"a.jpg": [photo(None, "no_code", seen="other")]}, works=False)
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    chat.starts("TH")
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    made = [
        house.files.put(f"c{job.conversation}", name.encode(), ".jpg") for name in ("file", "scan", "crop", "marked")
    ]
    check = {"scan": made[1], "crops": {"signature": made[2]}, "marked": made[3]}
    page = {"number": 1, "letter_id": None, "preview": made[0], "check": check}
    result = {"id": job.payload["uploads"][0][0], "file": made[0], "copy": made[0], "problem": "", "pages": [page]}
    done(house, job, "looked_into", {"uploads": [result]})
    house.works()
    assert not [key for key in made if house.files.path(key).exists()]


def test_a_page_a_reviewer_sent_back_gives_way_to_any_newer_photo(thai: Chat, house: House) -> None:
    thai.sends_files(good(thai, 1, 2))
    thai.types("submit")
    reviewer = house.staff(Role.REVIEWER, "rita")
    reviewer.desk("take", thai.reference)
    assert reviewer.desk("send_back", thai.reference, why=["unreadable"], papers=["loa"]) == "desk_sent_back"
    thai.sends_files({"b.jpg": [photo(thai.page("loa", 1), "dark", quality=1)]})
    assert counting(thai) == ["b.jpg"]
    thai.sends_files({"c.jpg": [photo(thai.page("loa", 1), quality=1)]})
    assert counting(thai) == ["c.jpg"]


# --- the rules of it ----------------------------------------------------------------------------------------------


def test_every_reason_has_its_words(house: House) -> None:
    words = house.catalogs.words()
    for reason in (*REFUSALS, *LOOKS):
        assert words.text(Text(f"fault_{reason}"))
    for reason in REFUSALS:
        assert words.text(Text(f"why_again_{reason}"))
        assert words.text(Text(f"page_of_{'old_version' if reason == 'old_version' else 'another'}",
                               {"title": "t", "page": 1, "version": 1, "newest": 2, "name": "n"}))  # fmt: skip


def test_a_check_of_another_letter_says_nothing_of_this_one(house: House) -> None:
    """A page whose letter was not awaited yet when it was checked goes to a person."""
    document = house.book.pack("TH").document("loa")
    page = UploadPage(1, letter_id="ABCDEFGH", check=PageCheck(reason="wrong_letter"))
    assert judged(Upload(1, "a.jpg", house.now, "ref"), page, document) == (Verdict.WITH_PERSON, "")
    assert isinstance(photo(None), Photographed)
