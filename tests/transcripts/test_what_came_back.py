"""Files that are no photo of a signed page: our own file again, a cat, one too long to be looked at. What is said first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playing import Chat, House, Pdf, Photographed, Unclear, photo

from conversations.desk.page_labels import why
from conversations.model import Event, Kind
from conversations.uploads.page_lines import ranges
from storage.store import job_event_id


@pytest.fixture
def thai(chat: Chat, house: House) -> Chat:
    """A registration that wants one letter of two pages, stamped, and nothing else."""
    house.letter_pages["loa"] = 2
    chat.drafts("TH")
    chat.submits()
    return chat


@pytest.fixture
def licensed(chat: Chat) -> Chat:
    """One that wants a licence of the customer's own beside the letter."""
    chat.drafts("TH", messages_carry_links="no", loan_content="yes")
    chat.submits()
    assert [line.slot for line in chat.summary.checklist if line.required] == ["loa", "bot_licence"]
    return chat


def as_sent(chat: Chat, *numbers: int) -> list[Photographed]:
    """Pages of the file we sent, as the check finds them: the first has no box, on the last nobody signed."""
    first = photo(chat.page("loa", 1), seen="as_sent", signed=None, stamped=None)
    last = photo(chat.page("loa", 2), "unsigned", seen="as_sent", signed="no", stamped="no")
    return [(first, last)[number - 1] for number in numbers]


def verdicts(chat: Chat) -> dict[int, tuple[str, str]]:
    pages = [page for upload in chat.on.uploads for page in upload.pages if page.slot == "loa"]
    return {page.page or 0: (str(page.verdict), page.reason) for page in pages}


def told(chat: Chat) -> str:
    """The words of the message before the list."""
    assert chat.last.key.startswith("ask_documents"), chat.last.key
    return chat.messages[-2].text


# --- our own file -------------------------------------------------------------------------------------------------


def test_our_file_sent_back_gets_one_answer_and_no_page_of_it_counts(thai: Chat) -> None:
    keys = thai.sends_files({"letter.pdf": Pdf(as_sent(thai, 1, 2))})
    assert keys == ["files_received", "pages_again", "ask_documents"]
    assert told(thai).count("Letter of authorization") == 1
    assert "this is the file I sent, still unsigned, so none of it counts" in told(thai)
    assert "sign it with a pen, stamp it, and photograph the paper, every page" in told(thai)
    assert "✔" not in told(thai) and "✔" not in thai.last.text
    assert verdicts(thai) == {1: ("refused", "as_sent"), 2: ("refused", "as_sent")}
    assert thai.on.letters[0].scan_of == ()
    thai.plays(("submit", "documents_missing"))


def test_our_file_goes_to_a_person_when_the_customer_insists_and_says_why_it_was_refused(thai: Chat) -> None:
    thai.sends_files({"letter.pdf": Pdf(as_sent(thai, 1, 2))})
    assert thai.types("why")[0] == "why_pages"
    assert thai.messages[-2].text.count("What I sent is for printing") == 1
    thai.plays(("send anyway", "ask_documents_complete"))
    assert verdicts(thai) == {1: ("with_person", "as_sent"), 2: ("with_person", "as_sent")}
    assert {why(page).key for upload in thai.on.uploads for page in upload.pages} == {"desk_seen_as_sent"}


def test_our_file_changes_nothing_for_pages_that_are_good(thai: Chat) -> None:
    thai.sends_files({f"{n}.jpg": [photo(thai.page("loa", n))] for n in (1, 2)})
    thai.sends_files({"letter.pdf": Pdf(as_sent(thai, 1, 2))})
    assert verdicts(thai) == {1: ("accepted", ""), 2: ("accepted", "")}
    assert told(thai).count("The earlier photo is good") == 2


def test_a_page_of_our_file_beside_the_photo_of_the_signed_one_is_asked_for_alone(thai: Chat) -> None:
    thai.sends_files({"both.pdf": Pdf([as_sent(thai, 1)[0], photo(thai.page("loa", 2))])})
    assert "page 1 of 2: this page came back as I sent it" in told(thai) and "✔" in told(thai)
    assert verdicts(thai) == {1: ("refused", "as_sent"), 2: ("accepted", "")}


def test_a_picture_of_the_screen_is_not_taken_either_where_nobody_signs(thai: Chat) -> None:
    thai.sends_files({"shot.png": as_sent(thai, 1)})
    assert "page 1 of 2: this is a picture of a screen, not of paper" in told(thai)
    assert verdicts(thai) == {1: ("refused", "as_sent")}


SIGNED_ON_SCREEN = {"seen": "on_screen", "signed": "unsure", "stamped": "unsure"}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", [1, 2])
def test_a_letter_signed_on_a_screen_goes_to_a_person_as_a_whole_in_whatever_order(
    thai: Chat, first: int, together: bool
) -> None:
    pages = {1: as_sent(thai, 1)[0], 2: photo(thai.page("loa", 2), "unsure", **SIGNED_ON_SCREEN)}
    order = (first, 3 - first)
    if together:
        thai.sends_files({"signed.pdf": Pdf([pages[number] for number in order])})
    for number in () if together else order:
        thai.sends_files({f"{number}.png": [pages[number]]})
    assert verdicts(thai) == {1: ("with_person", "as_sent"), 2: ("with_person", "unsure")}
    assert thai.last.key == "ask_documents_complete"


def test_without_the_page_signed_on_a_screen_the_others_count_no_more(thai: Chat) -> None:
    thai.sends_files({"1.png": as_sent(thai, 1)})
    thai.sends_files({"2.png": [photo(thai.page("loa", 2), "unsure", **SIGNED_ON_SCREEN)]})
    thai.types("remove 2")
    assert verdicts(thai) == {1: ("refused", "as_sent")}


def test_a_digitally_signed_file_goes_to_a_person_as_before(thai: Chat) -> None:
    pages = [replace(page, check={**page.check, "seen": "digital"}) for page in as_sent(thai, 1, 2)]
    thai.sends_files({"signed.pdf": Pdf(pages, signed=True)})
    assert set(verdicts(thai).values()) == {("with_person", "digital")}


def test_a_page_that_only_wants_a_stamp_is_no_better_for_that(thai: Chat) -> None:
    first = photo(thai.page("loa", 1), "unstamped", seen="on_screen", signed=None, stamped="no")
    thai.sends_files({"letter.pdf": Pdf([first, *as_sent(thai, 2)])})
    assert told(thai).count("✘") == 1 and "none of it counts" in told(thai)


# --- what shows no letter -----------------------------------------------------------------------------------------


def cat(legible: str = "no_text") -> Photographed:
    return replace(photo(None, "no_code", seen="other"), unclear=legible)


@pytest.mark.parametrize(
    ("legible", "words"),
    [
        ("", "I see no page of your letters in it."),
        ("no_text", "I see no page of your letters in it, and hardly any text."),
        ("blurred", "it is too blurred to see whether it is a page of your letters. Whatever it is, a sharper photo"),
        ("dark", "it is too dark"),
        ("too_small", "it is too small"),
        ("blank", "I see no page of your letters in it, only a blank sheet."),
    ],
)
def test_where_own_papers_are_open_it_is_said_first_what_is_seen(licensed: Chat, legible: str, words: str) -> None:
    assert licensed.sends_files({"IMG_1.jpg": [cat(legible)]}) == ["files_received", "ask_which_paper"], (
        "in one message"
    )
    text = licensed.last.text
    assert f"IMG_1.jpg: {words}" in text and text.index(words) < text.index("What is this?")
    licensed.plays(("[bot_licence]", "ask_documents"))
    assert [page.slot for page in licensed.on.uploads[0].pages] == ["bot_licence"]


def test_who_says_by_its_name_which_own_paper_it_is_is_not_told_that_it_is_no_letter(licensed: Chat) -> None:
    licensed.sends_files({"licence bank of thailand.jpg": [cat("")]})
    assert licensed.last.key == "ask_is_it_this_paper" and "no page of your letters" not in licensed.last.text
    licensed.sends_files({"signed letter of authorization.jpg": [cat("")]})
    assert "authorization.jpg: I see no page of your letters in it." in licensed.last.text
    assert licensed.last.key == "ask_which_paper", "the two names say different things"


def test_where_no_letter_is_awaited_only_what_has_no_text_is_remarked_on(chat: Chat) -> None:
    chat.drafts("HK")
    chat.submits()
    chat.sends_files({"paper.jpg": [Unclear("")]})
    assert "I see" not in chat.last.text
    chat.types("later")
    chat.sends_files({"cat.jpg": [Unclear("no_text")]})
    assert "cat.jpg: I see hardly any text in it." in chat.last.text


def test_what_is_asked_of_a_file_names_the_pages_that_have_no_place(licensed: Chat) -> None:
    licensed.sends_files({"scan.pdf": Pdf([photo(licensed.page("loa", 1)), cat(""), cat("")])})
    assert "• scan.pdf, pages 2–3\n" in licensed.last.text, "no letter is awaited any more"


def test_of_a_file_to_remove_it_is_told_where_it_lies(licensed: Chat) -> None:
    licensed.sends_files({"a.jpg": [photo(licensed.page("loa", 1))], "b.jpg": [cat("")]})
    licensed.plays(("later", "ask_documents"), ("remove", "ask_which_file"))
    assert "1. a.jpg: Letter of authorization\n2. b.jpg" in licensed.last.text


def test_while_it_is_asked_what_a_file_is_another_one_can_be_moved_and_removed_by_its_number(licensed: Chat) -> None:
    licensed.sends_files({"a.jpg": [photo(licensed.page("loa", 1))]})
    licensed.sends_files({"b.jpg": [cat()], "c.jpg": [cat()]})
    licensed.plays(("remove 2", "ask_is_it_this_paper"))
    assert [upload.name for upload in licensed.on.uploads] == ["a.jpg", "c.jpg"] and "• c.jpg" in licensed.last.text
    licensed.plays(("move 1", "ask_which_paper"))
    assert "• a.jpg" in licensed.last.text and verdicts(licensed) == {}


# --- a person anyway ----------------------------------------------------------------------------------------------


def test_a_person_is_offered_once_where_it_is_told_what_is_wrong_and_later_on_the_list(thai: Chat) -> None:
    thai.sends_files({"2.jpg": [photo(thai.page("loa", 2), "unstamped")]})
    verdict, checklist = thai.messages[-2:]
    assert {"send anyway", "no stamp"} <= set(verdict.values)
    assert not {"send anyway", "no stamp"} & set(checklist.values)
    thai.plays(("status", "ask_documents"))
    assert {"send anyway", "no stamp"} <= set(thai.buttons), "the verdict is out of sight by then"


# --- too long -----------------------------------------------------------------------------------------------------


def test_of_a_long_file_is_told_which_pages_were_not_looked_at_and_what_to_do(thai: Chat) -> None:
    pages = [*(cat("") for _ in range(30)), *(None for _ in range(20))]
    keys = thai.sends_files({"all.pdf": Pdf(pages, unlooked=range(31, 51))})
    assert keys == ["files_received", "pages_again", "ask_documents"]
    seen, late = [line for line in told(thai).splitlines() if line.startswith("✘")]
    assert "all.pdf, pages 1–30: I don't see a page of one of your letters" in seen
    assert "all.pdf, pages 31–50: the file is too long" in late and "send that page alone" in late
    assert {"send anyway", "move 1"} <= set(thai.messages[-2].values)
    assert thai.types("why")[0] == "why_pages" and "limit to the time" in thai.messages[-2].text
    assert thai.types("send anyway") == ["sent_anyway", "ask_is_it_this_paper"]
    assert thai.messages[-2].text.count("all.pdf") == 1


def test_a_page_with_a_code_that_was_not_looked_at_goes_to_a_person_all_the_same(thai: Chat) -> None:
    thai.sends_files({"all.pdf": Pdf([cat(""), thai.page("loa", 1)], unlooked=(2,))})
    assert verdicts(thai) == {1: ("with_person", "")}


def test_where_it_may_be_an_own_paper_the_question_names_the_pages_not_looked_at(licensed: Chat) -> None:
    licensed.sends_files({"all.pdf": Pdf([cat(""), cat(""), None, None, None], unlooked=(3, 4, 5))})
    assert "no page of your letters on pages 1–2" in licensed.last.text and "look at pages 3–5" in licensed.last.text
    licensed.plays(("[bot_licence]", "ask_documents"))
    assert [page.slot for page in licensed.on.uploads[0].pages] == ["bot_licence"] * 5


def test_page_numbers_are_shortened() -> None:
    assert ranges([3, 1, 2, 7, 9, 10]) == "1–3, 7, 9–10"


# --- scans --------------------------------------------------------------------------------------------------------


def unbound(chat: Chat, house: House, scans: object = None) -> None:
    """All tries to bind the scan failed."""
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    assert job.name == "bind_scans"
    result = {"slot": "loa", "version": 1, "file": None, "scans": scans or job.payload["scans"], "bytes": 0}
    house.happens(
        Event(
            job_event_id(job.id), Kind.JOB, house.now, registration=job.registration, name="scans_bound", result=result
        )
    )


def signs(chat: Chat, house: House) -> None:
    """Both pages come back, and their scan is about to be bound."""
    chat.sends_files({f"{n}.jpg": [photo(chat.page("loa", n))] for n in (1, 2)}, works=False)
    (look,) = house.store.claim_jobs(house.now, 10, 600.0)
    name, result = house._plain(look, False)  # type: ignore[misc]
    house.happens(
        Event(job_event_id(look.id), Kind.JOB, house.now, registration=look.registration, name=name, result=result)
    )


def test_the_desk_hears_of_a_scan_that_could_not_be_made_and_the_pages_count_all_the_same(
    thai: Chat, house: House
) -> None:
    signs(thai, house)
    unbound(thai, house)
    assert house.cards() == ["card_no_scan"]
    assert thai.on.letters[0].scan is None and set(verdicts(thai).values()) == {("accepted", "")}
    thai.plays(("submit", "status_is_UNDER_REVIEW"))


def test_of_a_scan_that_is_wanted_no_more_nobody_hears(thai: Chat, house: House) -> None:
    signs(thai, house)
    unbound(thai, house, scans=["r1/other.jpg"])
    assert house.cards() == []
