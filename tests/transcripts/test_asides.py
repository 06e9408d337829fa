"""What may be said at every question without answering it: it is answered, and the same question is asked again."""

from __future__ import annotations

import dataclasses

import pytest
from playing import Chat, House
from steps_to_reach import WAYS, reach

from conversations.model import Step

STEPS = sorted(WAYS)
ASIDES = [
    "help",
    "why",
    "example",
    "status",
    "list",
    "person",
    "my time zone is Asia/Bangkok",
    "my time zone is Nowhere/Land",
    "open TH-0000",
    "apply again XX-9999",
]


@pytest.mark.parametrize("step", STEPS)
def test_asides_are_answered_and_the_same_question_is_asked_again(chat: Chat, step: Step) -> None:
    reach(chat, step)
    question, field, kept = chat.last.key, chat.summary.field, state_of(chat)
    for said in ASIDES:
        for spelt in (said, f"/{said}", said.upper()):
            keys = chat.types(spelt)
            same = keys[-1] == question or {keys[-1], question} <= {"ask_field", "ask_country", "came_too_early"}
            assert same, f"{spelt!r} at {step}: {keys}, not again {question}"
            assert len(keys) > 1 or keys[-1].startswith("status_is"), f"{spelt!r} at {step} got only the question"
            assert (chat.step, chat.summary.field) == (step.value, field)
    assert state_of(chat) == kept


def state_of(chat: Chat) -> dict[str, object]:
    """All that was said so far, without times and texts."""
    told = {}
    for one in chat.case.registrations.values():
        values = dataclasses.asdict(one)
        for name in ("last_word_at", "ends_at", "end_set_at", "zone"):
            values.pop(name)
        told[one.reference] = values
    return {**told, "cursor": dataclasses.asdict(chat.case.conversation.cursor)}


@pytest.mark.parametrize("step", STEPS)
def test_the_same_words_work_pressed_also_on_an_older_button(chat: Chat, step: Step) -> None:
    reach(chat, step)
    question = chat.last.key
    for pressed in ("help", "status", "list", "person"):
        assert chat.presses(pressed, asked=0)[-1] == question
        assert chat.step == step.value


EXPECTED_BACK = {
    Step.COUNTRY: ["nothing_before", "ask_country"],
    Step.WHICH_COUNTRY: ["ask_country"],
    Step.BRIEFING: ["ask_country"],
    Step.PROFILE: ["nothing_before", "ask_profile"],
    Step.ASKING: ["ask_again_field"],
    Step.SENDER_IDS: ["ask_again_field"],
    Step.SENDER_ID_DOUBT: ["ask_sender_id"],
    Step.SAMPLES: ["ask_again_field"],
    Step.REVIEW: ["ask_again_field"],
    Step.REGISTRY: ["nothing_before", "ask_number"],
    Step.RENDERING: ["nothing_before", "drawing_letters"],
    Step.PREVIEW: ["ask_which_line"],
    Step.DOCUMENTS: ["ask_which_line"],
    Step.PLACING: ["files_left_for_later", "ask_documents"],
    Step.TRACKING: ["nothing_before", "status_is_UNDER_REVIEW"],
    Step.CANCELLING: ["ask_field"],
    Step.WITHDRAWING: ["ask_field"],
}
EXPECTED_LATER = {
    Step.COUNTRY: ["nothing_to_park", "ask_country"],
    Step.WHICH_COUNTRY: ["nothing_to_park", "ask_which_country"],
    Step.BRIEFING: ["nothing_to_park", "briefing_form", "ask_start"],
    Step.PROFILE: ["nothing_to_park", "ask_profile"],
    Step.ASKING: ["parked", "ask_field"],
    Step.SENDER_IDS: ["parked", "ask_review_missing"],
    Step.SENDER_ID_DOUBT: ["nothing_to_park", "ask_keep_name"],
    Step.SAMPLES: ["parked", "ask_review_missing"],
    Step.REVIEW: ["ask_review"],
    Step.REGISTRY: ["ask_number_waiting"],
    Step.RENDERING: ["nothing_to_park", "drawing_letters"],
    Step.PREVIEW: ["nothing_to_park", "ask_all_correct"],
    Step.DOCUMENTS: ["nothing_to_park", "ask_documents"],
    Step.PLACING: ["files_left_for_later", "ask_documents"],
    Step.TRACKING: ["nothing_to_park", "status_is_UNDER_REVIEW"],
    Step.CANCELLING: ["kept_for_later", "ask_country"],
    Step.WITHDRAWING: ["nothing_to_park", "ask_withdraw"],
}
EXPECTED_SKIP = {
    Step.COUNTRY: ["nothing_to_skip", "ask_country"],
    Step.WHICH_COUNTRY: ["nothing_to_skip", "ask_which_country"],
    Step.BRIEFING: ["skipped_country", "ask_country"],
    Step.PROFILE: ["nothing_to_skip", "ask_profile"],
    Step.ASKING: ["cannot_skip"],
    Step.SENDER_IDS: ["sender_id_needed"],
    Step.SENDER_ID_DOUBT: ["nothing_to_skip", "ask_keep_name"],
    Step.SAMPLES: ["sample_needed"],
    Step.REVIEW: ["nothing_to_skip", "ask_review"],
    Step.REGISTRY: ["ask_number_waiting"],
    Step.RENDERING: ["nothing_to_skip", "drawing_letters"],
    Step.PREVIEW: ["nothing_to_skip", "ask_all_correct"],
    Step.DOCUMENTS: ["nothing_to_skip", "ask_documents"],
    Step.PLACING: ["files_left_for_later", "ask_documents"],
    Step.TRACKING: ["nothing_to_skip", "status_is_UNDER_REVIEW"],
    Step.CANCELLING: ["nothing_to_skip", "ask_cancel"],
    Step.WITHDRAWING: ["nothing_to_skip", "ask_withdraw"],
}
EXPECTED_CANCEL = {
    **{step: ["ask_cancel"] for step in STEPS},
    Step.COUNTRY: ["nothing_to_cancel", "ask_country"],
    Step.WHICH_COUNTRY: ["nothing_to_cancel", "ask_which_country"],
    Step.BRIEFING: ["nothing_to_cancel", "ask_start"],
}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("back", EXPECTED_BACK),
        ("later", EXPECTED_LATER),
        ("skip", EXPECTED_SKIP),
        ("cancel", EXPECTED_CANCEL),
    ],
)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_answers_back_later_skip_and_cancel(
    chat: Chat, step: Step, word: str, expected: dict[Step, list[str]]
) -> None:
    reach(chat, step)
    assert chat.types(word) == expected[step]


@pytest.mark.parametrize("step", STEPS)
def test_another_country_can_be_started_at_every_step_and_nothing_is_lost(chat: Chat, step: Step) -> None:
    reach(chat, step)
    before = {one.reference for one in chat.case.registrations.values()}
    assert chat.types("another")[-1] == "ask_country"
    assert {one.reference for one in chat.case.registrations.values()} == before
    chat.plays(("Kenya", "ask_start"), ("[start]", "ask_profile" if step is Step.PROFILE else "ask_field message_type"))
    if step is Step.PROFILE:
        chat.plays(("fresh", "ask_field message_type"))
    chat.plays(("list", "ask_field message_type"))
    assert len(chat.messages[-2].choices) == len(before) + 1


@pytest.mark.parametrize("step", STEPS)
def test_a_start_command_or_an_opened_page_shows_where_one_is(chat: Chat, step: Step) -> None:
    reach(chat, step)
    question = chat.last.key
    if step is not Step.BRIEFING:  # there "start" begins
        assert chat.types("/start") == ["welcome_back", question]
    assert chat.opens()[-1] == question


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_words_for_what_it_does_not_understand(chat: Chat, step: Step) -> None:
    reach(chat, step)
    for typed in ("?!", "zxqv", "…", "0", "-1", "99999999999", "{braces} {", "<b>", "%s %d", "' or 1=1 --", "a" * 5000):
        keys = chat.types(typed)
        assert keys and chat.last.text.strip()
        if chat.step != step.value:
            break  # it was an answer


def test_help_names_the_words_that_work_and_a_way_to_people(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("help", ["help_country", "help", "ask_country"]))
    for word in ("why", "example", "back", "skip", "later", "edit", "status", "list", "another", "cancel", "person"):
        assert f'"{word}"' in chat.messages[-2].text


def test_why_and_example_are_the_packs_own_words(chat: Chat) -> None:
    chat.starts("TH")
    field = chat.on.country and chat.house.book.pack("TH").field("message_type")
    chat.types("why")
    assert chat.messages[-2].text == field.why
    chat.types("example")
    assert field.example in chat.messages[-2].text


def test_a_person_is_called_once_and_the_desk_sees_it(chat: Chat, house: House) -> None:
    chat.starts("TH")
    chat.plays(("talk to a person", ["person_is_called", "ask_field"]), ("person", ["person_is_called", "ask_field"]))
    assert house.cards() == ["handoff_asked"]
    assert "help@example.com" in chat.messages[-2].text


def test_a_person_can_be_called_before_there_is_a_registration(chat: Chat, house: House) -> None:
    chat.plays(("hello", "ask_country"), ("person", "ask_country"))
    ((handoff, where),) = house.store.handoffs()
    assert where == chat.name and handoff.registration_id is None
    chat.plays(("jan@bakery.example", ["person_sees_address", "ask_country"]))
    chat.plays(("Thailand", ["briefing_form", "ask_start"]))
    chat.plays(("jan@bakery.example", ["person_sees_address", "ask_start"]))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("I want a human", "person_is_called"),
        ("Can I talk to somebody?", "person_is_called"),
        ("human please", "person_is_called"),
        ("Hello, I'd like to speak with a real person please", "person_is_called"),
        ("What do you mean?", "example_field"),
        ("What should I write here?", "example_field"),
        ("why do you need to know this?", "why_field"),
        ("I don't understand", "help_asking"),
    ],
)
def test_a_sentence_about_the_question_is_no_answer_to_it(chat: Chat, typed: str, told: str) -> None:
    chat.starts("TH")
    chat.answers(until="city")
    assert chat.types(typed)[0] == told
    assert chat.summary.field == "city" and "city" not in chat.on.answers


@pytest.mark.parametrize("position", ["Operator", "Agency person", "Support", "Real estate agent", "Human resources"])
def test_a_position_is_no_wish_for_a_person(chat: Chat, position: str) -> None:
    chat.starts("TH")
    chat.answers(until="signatory_title")
    chat.types(position)
    assert chat.on.answers["signatory_title"] == position


def test_an_aside_before_the_start_does_not_repeat_what_the_country_asks(chat: Chat) -> None:
    chat.plays(("Thailand", ["greeting", "briefing_form", "ask_start"]), ("person", ["person_is_called", "ask_start"]))
    chat.plays(("help", ["help_briefing", "help", "ask_start"]), ("list", "ask_start"))


def test_a_time_zone_is_taken_by_its_name_a_city_or_a_country(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"))
    for said, zone in (
        ("Asia/Bangkok", "Asia/Bangkok"),
        ("europe/berlin", "Europe/Berlin"),
        ("Kenya", "Africa/Nairobi"),
        ("UTC", "UTC"),
        ("Tokyo", "Asia/Tokyo"),
    ):
        chat.plays((f"my time zone is {said}", ["time_zone_is", "ask_country"]))
        assert chat.case.conversation.time_zone == zone, said


def test_cancel_keeps_for_later_or_withdraws_for_good(chat: Chat, house: House) -> None:
    chat.starts("TH")
    reference = chat.reference
    chat.plays(
        ("cancel", "ask_cancel"),
        ("[back]", "ask_field message_type"),
        ("cancel", "ask_cancel"),
        ("what?", "ask_cancel"),
        ("[keep]", ["kept_for_later", "ask_country"]),
        (f"open {reference.lower()}", "ask_field message_type"),
        ("cancel", "ask_cancel"),
        ("[withdraw]", "ask_withdraw"),
        ("[no]", "ask_field message_type"),
        ("cancel", "ask_cancel"),
        ("[withdraw]", "ask_withdraw"),
        ("hm", "ask_withdraw"),
        ("[yes]", ["withdrawn", "ask_country"]),
    )
    assert house.store.found(reference) is None
    receipt = house.store.receipt(reference)
    assert receipt is not None and receipt.status == "WITHDRAWN"
    chat.plays(("list", ["list_empty", "ask_country"]), (f"open {reference}", ["no_such_registration", "ask_country"]))
