"""Events of one moment, taken in one batch: neither is lost, and nobody's word overwrites another's."""

from __future__ import annotations

from playing import Chat, House

from conversations.model import Kind


def test_a_customers_word_and_a_reviewers_click_of_one_moment_both_count(
    chat: Chat, house: House, reviewer: Chat
) -> None:
    reference = chat.reaches_review_desk("TH")
    about = chat.on.id
    word = chat.event(Kind.TEXT, text="my time zone is Asia/Bangkok")
    click = reviewer.event(
        Kind.DESK, chat=None, registration=about, name="send_back", result={"why": ["The city is wrong"]}
    )
    house.happens(word, click)
    assert chat.case.company.time_zone == "Asia/Bangkok"
    assert chat.registration(reference).status == "NEEDS_CORRECTION" and chat.registration(reference).reasons == [
        "The city is wrong"
    ]
    keys = [message.key for message in chat.messages[-4:]]
    assert keys == ["time_zone_is", "status_is_UNDER_REVIEW", "outcome_sent_back", "ask_review_mend"]


def test_a_take_back_and_an_opening_of_one_moment_are_decided_by_who_came_first(
    chat: Chat, house: House, reviewer: Chat
) -> None:
    reference = chat.reaches_review_desk("GB")
    about = chat.on.id
    for first_is_the_customer in (False, True):
        take_back = chat.event(Kind.TEXT, text="take back")
        opening = reviewer.event(Kind.DESK, chat=None, registration=about, name="open")
        house.happens(*((take_back, opening) if first_is_the_customer else (opening, take_back)))
        if first_is_the_customer:
            assert chat.status == "DRAFT" and chat.messages[-2].key == "taken_back"
        else:
            assert chat.status == "UNDER_REVIEW" and chat.messages[-2].key == "cannot_take_back"
            reviewer.desk("send_back", reference, why=["Nothing yet"])
            chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_an_edit_and_the_drawn_letters_of_one_moment_show_no_old_answer(chat: Chat, house: House) -> None:
    chat.drafts("TH")
    chat.plays(("submit", "drawing_letters"), ("edit city", "ask_again_field city"))
    (job,) = house.store.claim_jobs(house.now, 1, 600.0)
    from conversations.model import Event

    name, result = house._plain(job, False) or ("", {})
    house.happens(
        chat.event(Kind.TEXT, text="Bremen"),
        Event(
            f"job:{job.id}",
            Kind.JOB,
            house.now,
            registration=job.registration,
            conversation=job.conversation,
            name=name,
            result=result,
        ),
    )
    assert chat.status == "DOCUMENTS_TO_BE_RENDERED"
    house.works()
    assert chat.status == "DOCUMENTS_RENDERED" and [letter.version for letter in chat.on.letters] == [2]
    assert chat.on.letters[0].shows["city"] == "Bremen"


def test_two_files_and_a_word_of_one_moment_are_all_taken(chat: Chat, house: House) -> None:
    from conversations.model import IncomingFile

    chat.starts("TH")
    refs = [f"stored:{house.files.put('incoming', name.encode())}" for name in ("one", "two")]
    house.happens(
        *(chat.event(Kind.FILES, files=(IncomingFile(ref, ref, 3),), album="a1") for ref in refs),
        chat.event(Kind.TEXT, text="transactional"),
    )
    assert len(chat.on.uploads) == 2 and chat.on.answers == {"message_type": "transactional"}


def test_the_same_event_twice_in_one_moment_is_one(chat: Chat, house: House) -> None:
    chat.starts("TH")
    said = chat.event(Kind.TEXT, text="transactional")
    house.happens(said, said)
    assert chat.summary.field == "country" and "country" not in chat.on.answers
