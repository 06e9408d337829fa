"""Files: every one gets a place. By its code, by a word once a batch, or kept for when there is a place."""

from __future__ import annotations

import pytest
from playing import Chat, House, draws_in_this_process

from bot import jobs
from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo
from conversations.model import Event, Kind
from storage.store import job_event_id

TWO_LETTERS = {"messages_carry_links": "yes", "loan_content": "yes", "content_urls": "www.freshbakery.example/orders",
               "link_purpose": "To follow the delivery of an order."}  # fmt: skip


@pytest.fixture
def papers(chat: Chat, house: House) -> Chat:
    """A Thai registration that wants a letter of two pages, a link form and a licence."""
    house.letter_pages["loa"] = 2
    chat.drafts("TH", **TWO_LETTERS)
    chat.submits()
    assert [line.slot for line in chat.summary.checklist if line.required] == ["loa", "url_form", "bot_licence"]
    return chat


def there(chat: Chat) -> dict[str, int]:
    return {line.slot: line.there for line in chat.summary.checklist if line.there}


def test_pages_come_in_any_order_and_place_themselves(papers: Chat) -> None:
    keys = papers.sends_files({"b.jpg": [papers.page("url_form")], "a.jpg": [papers.page("loa", 2)]})
    assert keys == ["files_received", "pages_placed", "ask_documents"]
    assert "page 1 of 2 is missing" in papers.last.text
    papers.sends_files({"c.jpg": [papers.page("loa", 1)]})
    assert there(papers) == {"loa": 2, "url_form": 1}
    assert "2 of 3" in papers.last.text


def test_one_scan_of_all_pages_places_them_all(papers: Chat) -> None:
    papers.sends_files({"scan.pdf": [papers.page("loa", 2), papers.page("url_form"), papers.page("loa", 1)]})
    assert there(papers) == {"loa": 2, "url_form": 1}


def test_a_page_sent_twice_counts_once_and_the_newer_one_counts(papers: Chat) -> None:
    papers.sends_files({"a.jpg": [papers.page("loa", 1)]})
    papers.sends_files({"b.jpg": [papers.page("loa", 1)]})
    assert there(papers) == {"loa": 1}
    first, second = papers.on.uploads
    assert first.pages[0].slot is None and second.pages[0].slot == "loa"


def test_a_page_of_an_old_version_is_refused_by_name(papers: Chat, house: House) -> None:
    old = papers.page("loa", 1)
    papers.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    house.works()
    papers.types("yes")
    assert papers.sends_files({"old.jpg": [old]}) == ["files_received", "pages_placed", "ask_documents"]
    assert "Letter of authorization: page 1 is of version 1" in papers.messages[-2].text
    assert "sign version 2" in papers.messages[-2].text
    assert there(papers) == {}


def test_pages_signed_before_an_edit_stay_when_no_letter_shows_it(papers: Chat) -> None:
    papers.sends_files({"a.jpg": [papers.page("loa", 1), papers.page("loa", 2)]})
    papers.plays(("edit dba_name", "ask_optional_field dba_name"), ("skip", "ask_documents"))
    assert there(papers) == {"loa": 2}


def test_an_edit_that_a_letter_shows_draws_only_the_letters_that_show_it(papers: Chat, house: House) -> None:
    papers.sends_files({"a.jpg": [papers.page("loa", 1), papers.page("loa", 2)], "u.jpg": [papers.page("url_form")]})
    before = {letter.slot: letter.version for letter in papers.on.letters}
    papers.plays(
        ("edit link_purpose", "ask_again_field link_purpose"),
        ("To look at the receipt of an order.", "drawing_letters"),
    )
    house.works()
    after = {letter.slot: letter.version for letter in papers.on.letters}
    assert after["url_form"] == before["url_form"] + 1 and after["loa"] == before["loa"]
    papers.types("yes")
    assert there(papers) == {"loa": 2}


def test_a_page_of_somebody_elses_letter_is_said(papers: Chat) -> None:
    papers.sends_files({"strange.jpg": [("ABCDEFGH", 1, 1)]})
    assert "does not belong to this registration" in papers.messages[-2].text
    assert there(papers) == {}


def test_a_page_of_another_registration_of_the_company_goes_there(papers: Chat, house: House) -> None:
    first = papers.reference
    papers.types("another")
    papers.drafts("EG")
    papers.submits()
    assert papers.sends_files({"a.jpg": [papers.page("loa", 2, reference=first)]})[-1] != "apology"
    assert there(papers) == {}
    assert [page.slot for upload in papers.registration(first).uploads for page in upload.pages] == ["loa"]
    keys = [message.key for message in papers.messages[-3:]]
    assert "pages_placed" in keys and first in next(m.text for m in papers.messages[-3:] if m.key == "pages_placed")


def test_files_without_a_code_are_asked_about_once_per_album(papers: Chat, house: House) -> None:
    for name in ("x1.jpg", "x2.jpg", "x3.jpg"):
        papers.sends_files([name], album="a1", works=False)
    house.works()
    questions = [message for message in papers.messages if message.key in ("ask_which_paper", "ask_is_it_this_paper")]
    assert questions and questions[-1] is papers.last
    assert all(name in papers.last.text for name in ("x1.jpg", "x2.jpg", "x3.jpg"))
    assert [message.key for message in papers.messages].count("files_received") == 1
    assert set(papers.buttons) == {
        "loa",
        "url_form",
        "bot_licence",
        "sender_form",
        "other",
        "one by one",
        "remove",
    } & set(papers.buttons)
    papers.plays(("[bot_licence]", "ask_documents"))
    assert there(papers) == {"bot_licence": 3}


def test_files_can_be_told_apart_one_by_one(papers: Chat) -> None:
    papers.sends_files(["x1.jpg", "x2.jpg", "x3.jpg"])
    papers.plays(
        ("[one by one]", "ask_which_paper"), ("[loa]", "ask_which_paper"), ("[other]", "ask_which_paper"),
        ("[remove]", "ask_documents"),
    )  # fmt: skip
    assert there(papers) == {"loa": 1} and len(papers.on.uploads) == 2
    assert [upload.free for upload in papers.on.uploads] == [False, True]


def test_a_caption_or_a_file_name_proposes_what_it_is(papers: Chat) -> None:
    papers.sends_files(["x.jpg"], caption="the licence from the Bank of Thailand")
    assert papers.last.key == "ask_is_it_this_paper" and "Licence from the Bank of Thailand" in papers.last.text
    papers.plays(("yes", "ask_documents"))
    papers.sends_files(["link registration form.pdf"])
    assert "Is this: Link registration form?" in papers.last.text
    papers.plays(("yes", "ask_documents"))
    assert there(papers) == {"bot_licence": 1, "url_form": 1}


def test_the_only_open_paper_is_proposed(papers: Chat) -> None:
    papers.sends_files({"a.pdf": [papers.page("loa", 1), papers.page("loa", 2), papers.page("url_form")]})
    papers.sends_files(["x.jpg"])
    assert papers.last.key == "ask_is_it_this_paper"
    papers.plays(("[bot_licence]", "ask_documents_complete"))


def test_a_file_can_be_named_in_words_or_by_number(papers: Chat) -> None:
    papers.sends_files(["x.jpg"])
    papers.plays(("the thing", "ask_which_paper"), ("licence bank thailand", "ask_documents"))
    papers.sends_files(["y.jpg"])
    papers.plays(("1", "ask_documents"))
    assert there(papers) == {"bot_licence": 1, "loa": 1}


def test_a_file_can_be_removed_and_moved(papers: Chat) -> None:
    papers.sends_files(["x.jpg"])
    papers.plays(("loa", "ask_documents"), ("remove", "ask_which_file"))
    assert papers.buttons == ["remove 1", "move 1"]
    papers.plays(("[move 1]", "ask_which_paper"), ("bot_licence", "ask_documents"))
    assert there(papers) == {"bot_licence": 1}
    papers.plays(
        ("move", "ask_which_file"),
        ("remove 9", "ask_which_file"),
        ("remove 1", "ask_documents"),
        ("remove", "ask_documents"),
    )
    assert papers.messages[-2].key == "no_files" and papers.on.uploads == []


def test_what_was_put_off_is_asked_again_when_the_next_file_comes(papers: Chat) -> None:
    papers.sends_files(["x.jpg"])
    papers.plays(("later", "ask_documents"))
    papers.sends_files(["y.jpg"])
    assert "x.jpg" in papers.last.text and "y.jpg" in papers.last.text


def test_a_file_sent_before_any_question_is_kept_and_placed_when_its_place_exists(chat: Chat, house: House) -> None:
    assert chat.sends_files(["licence.pdf"], caption="Licence from the Bank of Thailand") == [
        "greeting",
        "files_kept_early",
        "ask_country",
    ]
    chat.drafts("TH", **TWO_LETTERS)
    assert [upload.name for upload in chat.on.uploads] == ["licence.pdf"]
    chat.plays(("submit", "drawing_letters"))
    house.works()
    chat.plays(("yes", "ask_is_it_this_paper"), ("yes", "ask_documents"))
    assert there(chat) == {"bot_licence": 1}


def test_a_file_that_waits_to_be_looked_into_goes_with_the_registration_it_came_to(chat: Chat, house: House) -> None:
    chat.sends_files(["licence.pdf"], works=False)
    chat.starts("TH")
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    assert house.store.execute("select count(*) from jobs where name = 'look_into'").fetchone() == (0,)


def test_what_is_made_of_a_file_whose_registration_was_deleted_meanwhile_is_deleted_too(
    chat: Chat, house: House
) -> None:
    chat.sends_files(["licence.pdf"], works=False)
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    chat.starts("TH")
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    made = house.files.put(f"c{job.conversation}", b"the file", ".jpg")
    kept = house.files.put(f"c{job.conversation}", b"another file", ".jpg")
    result = {"id": job.payload["uploads"][0][0], "file": made, "copy": made, "problem": "", "pages": []}
    house.happens(
        Event(
            job_event_id(job.id), Kind.JOB, house.now, conversation=job.conversation, name="looked_into",
            result={"uploads": [result]},
        )
    )  # fmt: skip
    house.works()
    assert not house.files.path(made).exists() and house.files.path(kept).exists()


def test_a_file_sent_in_the_middle_of_the_questions_is_kept_and_the_question_asked_again(
    chat: Chat, house: House
) -> None:
    chat.starts("TH")
    assert chat.sends_files(["photo.jpg"]) == ["files_kept_early", "ask_field"]
    assert chat.summary.field == "message_type"
    chat.fills_in()
    chat.types("submit")
    house.works()
    chat.plays(("yes", "ask_is_it_this_paper"), ("loa", "ask_documents_complete"))


def test_a_signed_page_sent_while_an_answer_is_being_edited_is_placed(papers: Chat) -> None:
    papers.plays(("edit city", "ask_again_field city"))
    keys = papers.sends_files({"a.jpg": [papers.page("loa", 1)]})
    assert "pages_placed" in keys
    papers.types("later")
    assert there(papers) == {"loa": 1}


def test_own_papers_of_a_country_without_letters_need_no_code(chat: Chat) -> None:
    chat.drafts("HK")
    chat.submits()
    chat.sends_files(["p1.jpg", "p2.jpg"])
    chat.plays(("yes", "ask_documents_complete"), ("submit", "status_is_UNDER_REVIEW"))
    assert sum(len(upload.pages) for upload in chat.on.uploads) == 2


@pytest.mark.parametrize(("size", "key"), [(20_000_001, "upload_too_big"), (0, "upload_empty")])
def test_a_file_of_impossible_size_is_refused_before_it_is_read(
    papers: Chat, house: House, size: int, key: str
) -> None:
    assert papers.sends_files(["big.jpg"], size=size) == [key, "ask_documents"]
    assert papers.on.uploads == [] and house.works() == []


def test_a_file_that_cannot_be_used_is_refused_with_the_reason_and_not_kept(papers: Chat) -> None:
    for problem in (
        "upload_wrong_type",
        "upload_name_lies",
        "upload_broken",
        "upload_bomb",
        "upload_locked",
        "upload_too_many_pages",
        "upload_page_too_large",
        "upload_heic",
        "upload_too_big",
        "upload_empty",
    ):
        keys = papers.sends_files({"bad.bin": problem})
        assert keys == ["files_received", problem]
    assert papers.on.uploads == []


def test_more_files_than_one_registration_keeps_are_refused_by_name(papers: Chat) -> None:
    keys = papers.sends_files([f"n{number}.jpg" for number in range(61)], works=False)
    assert keys.count("upload_too_many") == 1 and "n60.jpg" in next(
        m.text for m in papers.messages if m.key == "upload_too_many"
    )


def test_other_documents_are_free_and_count_for_nothing(papers: Chat) -> None:
    papers.sends_files(["brochure.pdf"])
    papers.plays(("other", "ask_documents"), ("submit", "documents_missing"))
    assert papers.on.uploads[0].free and there(papers) == {}


def test_documents_are_submitted_only_when_all_are_there(papers: Chat) -> None:
    papers.plays(("submit", "documents_missing"), ("hello?", "ask_documents"), ("letters", "ask_documents"))
    assert papers.messages[-2].key == "letters_again" and len(papers.messages[-2].say.files) == 2
    papers.sends_papers()
    papers.plays(("[submit]", "status_is_UNDER_REVIEW"))


def test_a_signed_photo_is_drawn_read_and_placed_by_the_programs_own_hands(
    chat: Chat, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_child", draws_in_this_process)
    chat.drafts("EG")
    chat.plays(("submit", "drawing_letters"))
    assert house.really_works() == ["render"]
    assert chat.last.key == "ask_all_correct"
    names = [file.name for file in chat.last.say.files]
    assert names[0].endswith("-loa-v1.pdf") and names[1].endswith("-page-1.png")
    chat.plays(("yes", "ask_documents"))
    (letter,) = chat.on.letters
    assert letter.file is not None
    pdf = house.files.path(letter.file)
    photos = {
        f"IMG_{page}.jpg": signed_photo(pdf.read_bytes(), page, layout, seed=page)
        for page, layout in enumerate(layout_of(pdf), 1)
    }
    chat.sends_files({**photos, "notes.txt": b"this is no document"}, works=False)
    assert house.really_works() == ["look_into", "bind_scans"]
    keys = [message.key for message in chat.messages[-3:]]
    assert keys == ["upload_wrong_type", "pages_placed", "ask_documents_complete"]
    assert all(upload.copy and upload.file and upload.sha256 for upload in chat.on.uploads)
    (letter,) = chat.on.letters
    assert letter.scan is not None and house.files.path(letter.scan).read_bytes().startswith(b"%PDF")
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_an_album_that_comes_photo_by_photo_is_spoken_of_once(papers: Chat, house: House) -> None:
    pages = {"2.jpg": papers.page("loa", 2), "u.jpg": papers.page("url_form"), "1.jpg": papers.page("loa", 1)}
    answers = [papers.sends_files({name: [page]}, album="a", works=False) for name, page in pages.items()]
    assert answers == [["files_received"], [], []]
    before = len(papers.messages)
    house.works()
    assert [message.key for message in papers.messages[before:]] == ["pages_placed", "ask_documents"]
    assert papers.messages[-2].text.count("page") >= 3


def test_that_files_are_looked_at_gives_way_to_what_was_seen(papers: Chat) -> None:
    """Good news take its place, what is to be noticed comes below and it goes. Nothing else ever goes."""
    at = len(papers.messages)
    papers.sends_files({"1.jpg": [papers.page("loa", 1)], "scan.pdf": (None,), "bad.bin": "upload_broken"})
    looking, *told = (message.say for message in papers.messages[at:])
    assert [say.key for say in told] == ["upload_broken", "pages_placed", "ask_which_paper"]
    assert [say.slot == looking.slot for say in told] == [False, True, False] and not told[1].replaces
    at = len(papers.messages)
    papers.sends_files(["other.pdf"])
    looking, question = (message.say for message in papers.messages[at:])
    assert question.asks and question.slot == looking.slot and question.replaces
    at = len(papers.messages)
    papers.sends_files({"bad.bin": "upload_broken"})
    looking, problem = (message.say for message in papers.messages[at : at + 2])
    assert problem.slot == looking.slot and problem.replaces


def test_what_comes_late_of_an_album_is_an_addition(papers: Chat) -> None:
    assert papers.sends_files({"1.jpg": [papers.page("loa", 1)]}, album="a")[-1] == "ask_documents"
    late = papers.sends_files({"2.jpg": [papers.page("loa", 2)]}, album="a")
    assert late == ["pages_placed", "ask_documents"]
    assert papers.messages[-2].say.slot is None, "what was told of the first stays"
    assert "page 2" in papers.messages[-2].text and "page 1 " not in papers.messages[-2].text


def test_the_checklist_changes_where_it_stands_until_the_customer_speaks_or_may_submit(papers: Chat) -> None:
    papers.sends_files({"1.jpg": [papers.page("loa", 1)]})
    assert papers.last.say.slot == f"checklist:{papers.reference}" and not papers.last.say.anew
    papers.types("why")
    assert papers.last.key == "ask_documents" and papers.last.say.anew
    papers.sends_papers()
    assert papers.last.key == "ask_documents_complete" and papers.last.say.anew
