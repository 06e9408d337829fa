"""What staff decide, and what the customer hears of it: at once, word for word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playing import Chat, House

from conversations.model import Kind, Role, Verdict


def test_a_correction_names_the_reasons_and_the_papers_wanted_again(chat: Chat, reviewer: Chat, house: House) -> None:
    reference = chat.reaches_review_desk("TH")
    assert (
        reviewer.desk(
            "send_back", reference, why=["The stamp is missing", "The city is wrong"], papers=["loa"], fields=["city"]
        )
        == "desk_sent_back"
    )
    told, asked = chat.messages[-2:]
    assert (told.key, asked.key) == ("outcome_sent_back", "ask_review_mend")
    assert (
        "• The stamp is missing" in told.text
        and "• The city is wrong" in told.text
        and not told.values  # the chat is there already: what to do next is asked below
    )
    assert chat.on.to_mend == ["city", "loa"]
    assert chat.on.ends_at == house.now + timedelta(days=30)
    assert "⚠ City" in chat.last.text and "please send it again" in chat.last.text
    chat.plays(("city", "ask_again_field city"), ("Bremen", "ask_review_mend"), ("submit", "drawing_letters"))
    house.works()
    chat.types("yes")
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    assert chat.on.to_mend == []


def test_a_paper_asked_for_again_is_missing_until_it_is_sent(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    reviewer.desk("send_back", reference, why=["The photo is blurred"], papers=["loa"])
    assert not chat.summary.checklist[0].done
    chat.plays(("submit", "ask_documents"), ("submit", "documents_missing"))
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_a_paper_can_be_sent_again_right_after_the_correction(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    reviewer.desk("send_back", reference, why=["The photo is blurred"], papers=["loa"])
    assert chat.sends_files({"new.jpg": [chat.page("loa")]})[-1] == "ask_review_mend"
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_a_correction_answered_with_submit_alone_goes_back_to_review(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    reviewer.plays((f"send back {reference}: Is this your name?; Tell us", "desk_sent_back"))
    assert chat.on.reasons == ["Is this your name?", "Tell us"]
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_a_correction_without_a_reason_is_refused(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    reviewer.plays(
        (f"send back {reference}", "desk_why_missing"),
        (f"reject {reference}:  ", "desk_why_missing"),
        (f"refuse {reference} FRESHBAKERY", "desk_why_missing"),
    )
    assert chat.status == "UNDER_REVIEW"


def test_a_rejection_is_told_and_apply_again_keeps_everything_and_asks_only_what_the_reasons_touch(
    chat: Chat, reviewer: Chat, house: House
) -> None:
    failed = chat.reaches_review_desk("TH", loan_content="yes")
    answers = chat.on.answers
    reviewer.desk("reject", failed, why=["The city is not the one on the licence"], fields=["city"])
    assert chat.last.key == "outcome_failed" and "The city is not the one on the licence" in chat.last.text
    chat.plays((f"[apply again {failed}]", "ask_field city"))
    assert chat.reference != failed and chat.on.again_of == failed
    house.works()
    chat.plays(("Bremen", "ask_review"))
    assert chat.on.answers == {**answers, "city": "Bremen"}
    assert [(name.text, name.samples, name.outcome) for name in chat.on.sender_ids] == [
        ("FRESHBAKERY", ["FRESHBAKERY: your order 4711 is ready."], None)
    ]
    chat.plays(("submit", "drawing_letters"))
    house.works()
    chat.plays(("yes", "ask_is_it_this_paper"))
    assert "Licence from the Bank of Thailand" in chat.last.text
    chat.types("yes")
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_why_after_the_decision_does_not_say_that_somebody_works_on_it(chat: Chat, reviewer: Chat) -> None:
    reviewer.desk("reject", chat.reaches_review_desk("GB"), why=["Not your brand"])
    chat.plays(("why?", ["why_closed", "status_is_FAILED"]))


def test_apply_again_with_a_refused_name_asks_for_the_name(chat: Chat, reviewer: Chat) -> None:
    failed = chat.reaches_review_desk("GB")
    reviewer.plays(
        (f"refuse {failed} FRESHBAKERY: It is a common word", "desk_all_refused"),
        (f"reject {failed}: Another name, please", "desk_rejected"),
    )
    chat.plays(
        ("apply again", "ask_more_sender_ids"),
        ("remove FRESHBAKERY", "ask_sender_id"),
        ("FRESHBAKE", "ask_more_sender_ids"),
        ("done", "ask_sample"),
        ("A text", "ask_more_samples"),
        ("done", "ask_review"),
    )


def test_only_what_failed_can_be_applied_for_again(chat: Chat, reviewer: Chat) -> None:
    chat.plays(("apply again", "ask_country"))
    reference = chat.reaches_review_desk("GB")
    chat.plays(("apply again", ["nothing_to_repeat", "status_is_UNDER_REVIEW"]))
    reviewer.plays((f"approve {reference}", "desk_approved"))
    chat.plays((f"apply again {reference}", ["nothing_to_repeat", "status_is_SUCCESSFUL"]))


def test_an_apply_again_button_works_in_the_middle_of_another_registration(chat: Chat, reviewer: Chat) -> None:
    failed = chat.reaches_review_desk("GB")
    chat.types("another")
    chat.starts("TH")
    chat.answers()
    chat.types("FRESH")
    chat.types("done")
    assert chat.step == "samples"
    reviewer.plays((f"reject {failed}: No", "desk_rejected"))
    chat.plays((f"[apply again {failed}]", "ask_review"))
    assert chat.on.country == "GB" and chat.on.again_of == failed


def test_each_name_has_its_own_outcome(chat: Chat, reviewer: Chat) -> None:
    chat.drafts("GB", names=("FRESHONE", "FRESHTWO", "FRESHTHREE"))
    chat.types("submit")
    reference = chat.reference
    reviewer.plays(
        (f"approve {reference} FRESHONE", "desk_still_open"),
        (f"refuse {reference} FRESHTWO: Somebody else owns it", "desk_still_open"),
        (f"approve {reference} FRESHFOUR", "desk_no_such_name"),
        (f"refuse {reference}: no name said", "desk_which_name"),
        (f"approve {reference}", "desk_approved"),
    )
    assert "✔ FRESHONE works in" in chat.last.text
    assert "✘ FRESHTWO was refused: Somebody else owns it" in chat.last.text
    assert "✔ FRESHTHREE works in" in chat.last.text


def test_when_all_names_are_refused_nothing_is_approved(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    reviewer.plays(
        (f"refuse {reference} FRESHBAKERY: Not yours", "desk_all_refused"), (f"approve {reference}", "desk_all_refused")
    )
    assert chat.status == "UNDER_REVIEW"


def test_a_registration_is_taken_back_while_nobody_has_opened_it(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    assert "take back" in chat.buttons
    chat.plays(("[take back]", ["taken_back", "ask_documents_complete"]), ("submit", "status_is_UNDER_REVIEW"))
    reviewer.plays((f"open {reference}", "desk_opened"))
    chat.plays(("status", "status_is_UNDER_REVIEW"))
    assert "take back" not in chat.buttons
    chat.plays(("take back", ["cannot_take_back", "status_is_UNDER_REVIEW"]))


def test_taken_back_without_papers_it_is_a_draft_again(chat: Chat) -> None:
    chat.reaches_review_desk("GB")
    chat.plays(
        ("take back", ["taken_back", "ask_review"]),
        ("city", "ask_again_field city"),
        ("Bremen", "ask_review"),
        ("submit", "status_is_UNDER_REVIEW"),
    )


def test_nothing_can_be_edited_while_it_is_with_people(chat: Chat) -> None:
    chat.reaches_review_desk("GB")
    chat.plays(
        ("edit city", ["cannot_edit_now", "status_is_UNDER_REVIEW"]),
        ("edit", ["cannot_edit_now", "status_is_UNDER_REVIEW"]),
    )


@pytest.mark.parametrize("role", list(Role))
def test_nobody_decides_on_their_own_registration(chat: Chat, house: House, role: Role) -> None:
    reference = chat.drafts("VN")
    chat.types("submit")
    assert chat.types(house.store.invite(role, house.now).code)[0] == "desk_welcome"
    if role is Role.REVIEWER:
        assert chat.types(f"approve {reference}")[0] == "desk_own_registration"
    for action in ("approve", "take", "open", "reject"):
        assert chat.desk(action, reference, why=["because"]) == "desk_own_registration"
    assert chat.status == "WITH_ACCOUNT_MANAGER"


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        (Role.REVIEWER, "pass_on", True),
        (Role.REVIEWER, "send_back", True),
        (Role.REVIEWER, "reject", True),
        (Role.REVIEWER, "hand_back", False),
        (Role.REVIEWER, "overrule", True),
        (Role.REVIEWER, "approve", True),
        (Role.ACCOUNT_MANAGER, "pass_on", False),
        (Role.ACCOUNT_MANAGER, "send_back", False),
        (Role.ACCOUNT_MANAGER, "approve", False),
        (Role.ACCOUNT_MANAGER, "open", False),
        (Role.ACCOUNT_MANAGER, "overrule", False),
        (Role.ADMIN, "pass_on", True),
        (Role.ADMIN, "send_back", True),
        (Role.ADMIN, "reject", True),
        (Role.ADMIN, "overrule", True),
    ],
)
def test_each_role_may_do_what_is_its_own(chat: Chat, house: House, role: Role, action: str, allowed: bool) -> None:
    reference = chat.reaches_review_desk("GB")
    staff = house.staff(role, "sam")
    answer = staff.desk(action, reference, why=["because"], field="sender_id_link_plain", value=False)
    assert (answer in ("desk_not_your_role", "desk_not_there")) is not allowed, answer


def test_what_is_not_a_managers_is_answered_like_what_is_not_there(chat: Chat, manager: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    manager.plays((f"open {reference}", "desk_not_there"), ("open GB-2222", "desk_not_there"))


def test_staff_open_their_own_registration_as_the_customers_they_are(manager: Chat) -> None:
    manager.starts("TH")
    reference = manager.on.reference
    manager.plays(("another", "ask_country"), (f"open {reference}", "ask_field message_type"))


def test_a_manager_may_act_on_what_was_handed_over_and_a_reviewer_may_not_hand_it_back(
    chat: Chat, house: House, manager: Chat, reviewer: Chat
) -> None:
    reference = chat.drafts("VN")
    chat.types("submit")
    reviewer.plays((f"hand back {reference}", "desk_not_your_role"))
    manager.plays((f"pass on {reference}", "desk_not_your_role"), (f"reject {reference}: No proof", "desk_rejected"))
    assert chat.last.key == "outcome_failed"


def test_the_same_answer_for_not_there_and_not_staff(chat: Chat, house: House, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    reviewer.plays(("approve GB-ZZZZ", "desk_not_there"))
    assert house.customer("bob").types("hello")
    assert house.customer("bob").desk("approve", reference) == "desk_not_there"


def test_what_one_took_another_takes_over_only_by_saying_so(chat: Chat, house: House, reviewer: Chat) -> None:
    other = house.staff(Role.REVIEWER, "rob")
    reference = chat.reaches_review_desk("GB")
    reviewer.plays((f"take {reference}", "desk_taken"), (f"take {reference}", "desk_taken"))
    other.plays((f"pass on {reference}", "desk_taken_by_another"), (f"approve {reference}", "desk_taken_by_another"),
                (f"take {reference}", "desk_taken"), (f"pass on {reference}", "desk_passed_on"))  # fmt: skip
    assert [line.trigger for line in house.found(reference).history if line.by in ("rita", "rob")] == [
        "take",
        "take_over",
        "take",
        "pass_on",
    ]


def test_the_desk_overrules_a_judgement_and_the_answer_stays_on_record(
    chat: Chat, house: House, reviewer: Chat
) -> None:
    reference = chat.reaches_review_desk("TH")
    assert reviewer.desk("overrule", reference, field="sender_id_link_plain", value=False) == "desk_overruled"
    assert reviewer.desk("overrule", reference, field="city", value=False) == "desk_no_judgement"
    assert chat.on.answers["sender_id_link_plain"] is True and chat.on.overruled == {"sender_id_link_plain": False}
    reviewer.desk("send_back", reference, why=["Please prove that the name is yours"], papers=["brand_proof"])
    assert "brand_proof" in [line.slot for line in chat.summary.checklist if line.required and not line.done]
    assert (chat.last.key, chat.summary.field) == ("ask_field", "sender_id_description")
    chat.plays(("submit", ["word_not_here", "ask_field"]), ("It is our bakery in Hamburg.", "ask_review_mend"),
               ("submit", "drawing_letters"))  # fmt: skip


def test_a_decision_that_the_life_of_a_registration_does_not_allow_is_refused(chat: Chat, reviewer: Chat) -> None:
    reference = chat.drafts("GB")
    for said in (f"approve {reference}", f"pass on {reference}", f"send back {reference}: x", f"reject {reference}: x"):
        reviewer.plays((said, "desk_not_now"))
    assert chat.status == "DRAFT"


def test_from_the_carrier_it_can_come_back_or_fail(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    reviewer.plays(
        (f"pass on {reference}", "desk_passed_on"), (f"send back {reference}: AIS wants another name", "desk_sent_back")
    )
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    reviewer.plays((f"pass on {reference}", "desk_passed_on"), (f"reject {reference}: AIS refuses", "desk_rejected"))
    assert chat.status == "FAILED"


def test_a_question_to_a_person_is_taken_and_closed_at_the_desk(chat: Chat, house: House, reviewer: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("person", "ask_country"))
    ((handoff, _),) = house.store.handoffs()

    def acts(name: str) -> str:
        (taken,) = house.happens(
            reviewer.event(
                Kind.DESK, chat=None, name=name, result={"handoff": handoff.id}, conversation=handoff.conversation_id
            )
        )
        assert taken.turn is not None and taken.turn.answer is not None
        return taken.turn.answer.key

    assert acts("take_handoff") == "desk_handoff_taken"
    assert acts("close_handoff") == "desk_handoff_closed"
    assert house.store.handoffs() == []
    assert acts("close_handoff") == "desk_not_there"


def test_a_staff_members_own_words_about_a_reference_act_on_nothing(chat: Chat, house: House, reviewer: Chat) -> None:
    failed = chat.reaches_review_desk("GB")
    reviewer.plays((f"reject {failed}: No", "desk_rejected"), ("hello", "ask_country"))
    reviewer.types(f"apply again {failed}")
    assert len(house.store.registrations()) == 1, "somebody else's registration was repeated"
    reviewer.starts("TH")
    reviewer.answers(until="company_name")
    reviewer.plays((f"Bakery {failed}", "ask_optional_field dba_name"))
    assert reviewer.on.answers["company_name"] == f"Bakery {failed}"


def test_withdrawn_at_the_desks_hands_it_is_gone_for_the_desk_too(chat: Chat, house: House, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    reviewer.plays((f"approve {reference}", "desk_not_there"))
    assert house.store.found(reference) is None and house.works() == ["erase_files"]


def test_pages_are_accepted_when_the_registration_is_passed_on(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    assert {page.verdict for upload in chat.on.uploads for page in upload.pages} == {Verdict.WITH_PERSON}
    reviewer.plays((f"pass on {reference}", "desk_passed_on"))
    assert {page.verdict for upload in chat.on.uploads for page in upload.pages} == {Verdict.ACCEPTED}


def test_an_open_state_alone_is_not_taken_by_a_refused_decision(chat: Chat, reviewer: Chat) -> None:
    reference = chat.drafts("GB")
    reviewer.plays((f"approve {reference}", "desk_not_now"))
    assert chat.on.taken_by is None, "a decision that was refused took the registration"


def test_an_ok_to_the_outcome_answers_no_question_that_was_never_shown(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("TH")
    reviewer.desk("overrule", reference, field="sender_id_link_plain", value=False)
    reviewer.plays((f"send back {reference}: Is it yours?", "desk_sent_back"))
    question = chat.last
    assert question.say.asks and question.asked == chat.case.conversation.asked
    order = chat.house.store.history(chat.name)[-1].id
    assert chat.types("ok, thanks", order=order - 1) == ["came_too_early", "ask_field"]


def test_what_a_role_does_not_act_on_is_not_there_in_the_same_words(chat: Chat, house: House, manager: Chat) -> None:
    """Also for staff who are customers themselves, to whom "open" is their own word otherwise."""
    manager.drafts("GB")
    reference = chat.reaches_review_desk("GB")
    for action in ("open", "take", "approve"):
        said = []
        for about in (reference, "GB-2222"):
            assert manager.types(f"{action} {about}") == ["desk_not_there"]
            said.append((manager.last.text, manager.last.values, manager.last.say.registration))
        assert said[0] == said[1]


def test_a_decision_never_falls_on_another_registration_its_reasons_speak_of(chat: Chat, reviewer: Chat) -> None:
    reference = chat.reaches_review_desk("GB")
    for who in (lambda text: reviewer.types(text), lambda text: [in_desks_chat(reviewer, text)]):
        assert who(f"reject GB-2222: the same as {reference}") == ["desk_not_there"]
    assert chat.status == "UNDER_REVIEW"


def in_desks_chat(who: Chat, text: str) -> str:
    (taken,) = who.house.happens(who.event(Kind.DESK, text=text))
    assert taken.turn is not None and taken.turn.answer is not None
    return taken.turn.answer.key


def test_a_question_asked_in_ones_own_chat_is_answered_by_somebody_else(house: House) -> None:
    """Where the chat's name is not the person's, as in Slack, and before there is any company."""
    rita, chat = house.staff(Role.ADMIN, "rita"), "web:rita-elsewhere"
    house.happens(*(rita.event(Kind.TEXT, chat=chat, text=text) for text in ("hello", "person")))
    ((question, _),) = house.store.handoffs()
    assert in_desks_chat(rita, f"take question {question.id}") == "desk_not_there"
    other = house.staff(Role.ADMIN, "otto")
    assert in_desks_chat(other, f"take question {question.id}") == "desk_handoff_taken"
