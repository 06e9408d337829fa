"""The customer's own papers: advice on what is hard to read, pages counted, dates asked once; what the desk sees."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playing import Chat, House, Pdf, Unclear, photo

from conversations.model import Registration, Role
from conversations.uploads import own_papers
from rules.book import load
from rules.schema import Document, Origin

ID = "Photo ID of the representative"


@pytest.fixture
def papers(chat: Chat) -> Chat:
    """An Australian registration: it wants an ID that is valid, and an extract that may be of any date."""
    chat.drafts("AU")
    chat.submits()
    assert [line.slot for line in chat.summary.checklist] == ["photo_id", "company_registration"]
    return chat


@pytest.fixture
def dated(papers: Chat) -> Chat:
    """The ID is there, and its date is asked."""
    papers.sends_files(["id.jpg"])
    papers.plays(("[photo_id]", "ask_date_expiry"))
    return papers


def dates(chat: Chat) -> dict[str, str]:
    return chat.on.paper_dates


def of_desk(house: House, registration: Registration) -> list[str]:
    """What the desk is told of its own papers, in words."""
    from conversations.edition import pack_of
    from conversations.papers.wanted import papers

    found = papers(registration, pack_of(registration, house.book), house.book.templates)
    words = house.catalogs.words("en", "UTC")
    return [
        words.text(line)
        for lines in own_papers.remarks(registration, found, house.now.date()).values()
        for line in lines
    ]


# --- pages that are hard to read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("legible", "says"),
    [("too_small", "too small"), ("dark", "too dark"), ("blurred", "is blurred"), ("blank", "looks blank")],
)
def test_a_page_that_is_hard_to_read_is_told_at_once_and_taken_all_the_same(
    papers: Chat, legible: str, says: str
) -> None:
    keys = papers.sends_files({"licence.pdf": [None, Unclear(legible)]})
    assert keys == ["files_received", f"own_{legible}", "ask_which_paper"]
    assert says in papers.messages[-2].text and papers.messages[-2].text.startswith("Page 2 of licence.pdf")
    papers.plays(("[company_registration]", "ask_documents"))
    assert "Full company extract with the directors: 2 pages" in papers.last.text


def test_of_an_album_it_is_said_once(papers: Chat, house: House) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        papers.sends_files({name: [Unclear("" if name == "a.jpg" else "blurred")]}, album="one", works=False)
    house.works()
    advice = [message.text for message in papers.messages if message.key.startswith("own_")]
    assert len(advice) == 1 and advice[0].startswith("b.jpg is blurred, and 1 more can hardly be read")


def test_a_better_one_is_kept_beside_it_and_the_worse_one_can_be_taken_out(papers: Chat) -> None:
    papers.sends_files({"bad.jpg": [Unclear("dark")]})
    papers.plays(("[company_registration]", "ask_documents"))
    papers.sends_files(["good.jpg"])
    papers.plays(("[company_registration]", "ask_documents"))
    assert "Full company extract with the directors: 2 pages" in papers.last.text
    papers.plays(("remove 1", "ask_documents"))
    assert "Full company extract with the directors: 1 page\n" in papers.last.text


def test_a_letter_of_ours_gets_no_advice_beside_its_check(chat: Chat) -> None:
    chat.drafts("TH")
    chat.submits()
    keys = chat.sends_files({"a.jpg": [photo(chat.page("loa"), "blurred")]})
    assert not [key for key in keys if key.startswith("own_")]


# --- dates --------------------------------------------------------------------------------------------------------


def test_the_date_of_a_paper_is_asked_once_when_it_is_there(dated: Chat) -> None:
    assert ID in dated.last.text
    dated.plays(("30 November 2027", "ask_documents"))
    assert f"✔ {ID}: 1 page, date 2027-11-30" in dated.last.text and dates(dated) == {"photo_id": "2027-11-30"}
    dated.sends_files(["back.jpg"])
    dated.plays(("[photo_id]", "ask_documents"))
    assert f"✔ {ID}: 2 pages, date 2027-11-30" in dated.last.text


def test_a_paper_whose_date_does_not_matter_is_not_asked_about(papers: Chat) -> None:
    papers.sends_files(["extract.pdf"])
    papers.plays(("[company_registration]", "ask_documents"))


@pytest.mark.parametrize("word", ["later", "I don't know", "skip", "[later]"])
def test_a_date_that_is_not_known_is_left_to_the_desk(dated: Chat, house: House, word: str) -> None:
    dated.plays((word, "ask_documents"))
    assert dates(dated) == {"photo_id": ""} and f"✔ {ID}: 1 page\n" in dated.last.text
    assert of_desk(house, dated.on) == ["The customer has not told its date."]


def test_a_date_that_can_be_read_two_ways_is_asked_again_and_one_way_is_offered(dated: Chat) -> None:
    dated.plays(("04/05/2027", "bad_date"), ("31/12/2027", "bad_date"), ("[2027-12-31]", "ask_documents"))
    assert dates(dated) == {"photo_id": "2027-12-31"}


def test_files_words_and_submitting_go_on_while_a_date_is_asked(dated: Chat) -> None:
    dated.plays(("help", "ask_date_expiry"), ("hello there", "bad_date"), ("status", "ask_date_expiry"))
    dated.sends_files(["extract.pdf"])
    dated.plays(("[company_registration]", "ask_date_expiry"))
    assert "submit" in dated.buttons
    dated.plays(("[submit]", "status_is_UNDER_REVIEW"))
    assert dates(dated) == {}


def test_a_paper_that_has_expired_is_told_with_its_source_and_taken(dated: Chat, house: House) -> None:
    dated.plays(("2026-11-21", "ask_documents"))
    told = dated.messages[-2]
    assert told.key == "paper_too_old_expiry" and "expired on 2026-11-21" in told.text and "https://" in told.text
    dated.sends_files(["extract.pdf"])
    dated.plays(("[company_registration]", "ask_documents_complete"), ("submit", "status_is_UNDER_REVIEW"))
    assert of_desk(house, dated.on) == ["⚠ Expired on 2026-11-21, as the customer says"]


def test_of_a_paper_sent_in_the_place_of_an_old_one_the_date_is_asked_again(dated: Chat) -> None:
    dated.plays(("2020-01-01", "ask_documents"))
    dated.sends_files(["new.jpg"])
    dated.plays(("[photo_id]", "ask_date_expiry"), ("2029-01-01", "ask_documents"))
    assert dates(dated) == {"photo_id": "2029-01-01"}


def test_of_a_paper_that_was_taken_out_nothing_is_kept_when_another_comes(dated: Chat) -> None:
    dated.plays(("2029-01-01", "ask_documents"), ("remove 1", "ask_documents"))
    dated.sends_files(["other.jpg"])
    dated.plays(("[photo_id]", "ask_date_expiry"))


def test_an_edited_message_changes_the_date_it_gave(dated: Chat) -> None:
    dated.types("2029-01-01", message="m1")
    dated.edits("m1", "2028-01-01")
    assert dates(dated) == {"photo_id": "2028-01-01"} and "1 page, date 2028-01-01" in dated.last.text
    dated.edits("m1", "soon")
    assert dates(dated) == {"photo_id": "2028-01-01"}


def test_an_age_is_counted_from_the_day_on_the_paper(chat: Chat, house: House, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "au.toml").write_text("[document.company_registration]\nmax_age_days = 90\n")
    unprintable = house.book.unprintable
    house.book = house.app.book = load(tmp_path / "rules")
    house.book.unprintable = unprintable
    chat.drafts("AU")
    chat.submits()
    chat.sends_files(["extract.pdf"])
    chat.plays(("[company_registration]", "ask_date_age"))
    assert "90 days" in chat.last.text
    chat.plays(("2027-01-01", "paper_date_ahead"), ("2026-08-23", "ask_documents"))
    assert chat.messages[-2].key == "paper_too_old_age" and "91 days ago" in chat.messages[-2].text
    assert of_desk(house, chat.on) == ["⚠ Too old: its date is 2026-08-23, as the customer says"]


@pytest.mark.parametrize(
    ("rule", "day", "is_old"),
    [
        ({"max_age_days": 30}, "2026-10-23", False), ({"max_age_days": 30}, "2026-10-22", True),
        ({"not_expired": True}, "2026-11-22", False), ({"not_expired": True}, "2026-11-21", True),
        ({"current_year": True}, "2026-01-01", False), ({"current_year": True}, "2025-12-31", True),
        ({}, "1999-01-01", False),
    ],
)  # fmt: skip
def test_what_is_too_old(rule: dict[str, int], day: str, is_old: bool) -> None:
    document = Document.model_validate({"code": "c", "title": "t", "origin": Origin.CUSTOMER, **rule})
    assert own_papers.is_too_old(document, date.fromisoformat(day), date(2026, 11, 22)) == is_old
    assert own_papers.wants_date(document) == bool(rule)


# --- the desk -----------------------------------------------------------------------------------------------------


def test_whoever_takes_it_is_told_of_looks_dates_and_names(papers: Chat, house: House) -> None:
    reviewer = house.staff(Role.REVIEWER, "rita", "group")  # of whose channel no history is ours to show
    papers.sends_files({"id.jpg": [Unclear("blurred", turned=90)]})
    papers.plays(("[photo_id]", "ask_date_expiry"), ("2020-01-01", "ask_documents"))
    papers.sends_files({"extract.pdf": Pdf([None], company="not found")})
    papers.plays(("[company_registration]", "ask_documents_complete"), ("submit", "status_is_UNDER_REVIEW"))
    reviewer.types(f"take {papers.reference}", private=True)
    told = next(message.text for message in reviewer.messages if message.key == "desk_dossier")
    for line in (
        f"{ID}: ⚠ Expired on 2020-01-01", f"{ID}: id.jpg: blurred", f"{ID}: id.jpg: lies on its side",
        "extract.pdf does not have the company's name in its text",
    ):  # fmt: skip
        assert line in told


def test_the_company_s_name_goes_with_the_order(papers: Chat, house: House) -> None:
    papers.sends_files(["extract.pdf"], works=False)
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    assert job.payload["company"] == "Fresh Bakery GmbH"
