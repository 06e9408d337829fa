"""The life of a registration, status by status: where each may end, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from playing import Chat, House

from conversations.lifecycle import OPEN, WAITS_ON_CUSTOMER
from conversations.model import Role, Status


def draft(chat: Chat) -> None:
    chat.starts("TH")


def self_registering(chat: Chat) -> None:
    chat.starts("IE")
    chat.plays(("later", "ask_number_waiting"))


def with_account_manager(chat: Chat) -> None:
    chat.drafts("VN")
    chat.plays(("submit", "status_is_WITH_ACCOUNT_MANAGER"))


def to_be_rendered(chat: Chat) -> None:
    chat.drafts("TH")
    chat.plays(("submit", "drawing_letters"))


def rendered(chat: Chat) -> None:
    to_be_rendered(chat)
    chat.house.works()


def needs_correction(chat: Chat) -> None:
    to_be_rendered(chat)
    chat.house.works(fail=True)


def under_review(chat: Chat) -> None:
    chat.reaches_review_desk("GB")


def with_carrier(chat: Chat) -> None:
    under_review(chat)
    chat.house.staff(Role.REVIEWER, "carla").plays((f"pass on {chat.reference}", "desk_passed_on"))


WAYS: Mapping[Status, Callable[[Chat], None]] = {
    Status.DRAFT: draft, Status.SELF_REGISTERING: self_registering, Status.WITH_ACCOUNT_MANAGER: with_account_manager,
    Status.DOCUMENTS_TO_BE_RENDERED: to_be_rendered, Status.DOCUMENTS_RENDERED: rendered,
    Status.NEEDS_CORRECTION: needs_correction, Status.UNDER_REVIEW: under_review, Status.WITH_CARRIER: with_carrier,
}  # fmt: skip


def test_every_open_status_has_a_way_there() -> None:
    assert set(WAYS) == set(OPEN)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_a_registration_can_be_withdrawn_in_every_open_status(chat: Chat, house: House, status: Status) -> None:
    WAYS[status](chat)
    assert chat.status == status
    reference = chat.reference
    chat.plays(("cancel", "ask_cancel"), ("[withdraw]", "ask_withdraw"), ("[yes]", ["withdrawn", "ask_country"]))
    receipt = house.store.receipt(reference)
    assert house.store.found(reference) is None and receipt is not None and receipt.status == "WITHDRAWN"


@pytest.mark.parametrize("status", sorted(WAITS_ON_CUSTOMER))
def test_what_waits_on_its_customer_ends_after_thirty_days_of_silence(chat: Chat, house: House, status: Status) -> None:
    WAYS[status](chat)
    assert chat.status == status
    reference = chat.reference
    for days in (24, 5, 1, 1):
        house.ticks(timedelta(days=days))
    receipt = house.store.receipt(reference)
    assert house.store.found(reference) is None and receipt is not None and receipt.status == "EXPIRED"
    assert chat.last.key == "expired"


@pytest.mark.parametrize("status", sorted(set(OPEN) - set(WAITS_ON_CUSTOMER)))
def test_what_is_with_people_does_not_end_by_itself(chat: Chat, house: House, status: Status) -> None:
    WAYS[status](chat)
    house.passes(60)
    assert chat.status == status


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.WITH_CARRIER, Status.WITH_ACCOUNT_MANAGER])
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_whoever_has_it_decides_it(chat: Chat, house: House, status: Status, decision: str) -> None:
    WAYS[status](chat)
    admin = house.staff(Role.ADMIN, "ada")
    reference = chat.reference
    admin.types(f"take {reference}")
    admin.types(f"{decision} {reference}: because")
    assert chat.status == ("SUCCESSFUL" if decision == "approve" else "FAILED")


@pytest.mark.parametrize("status", [Status.UNDER_REVIEW, Status.WITH_CARRIER])
def test_it_comes_back_from_the_review_and_from_the_carrier(chat: Chat, house: House, status: Status) -> None:
    WAYS[status](chat)
    admin = house.staff(Role.ADMIN, "ada")
    admin.types(f"take {chat.reference}")
    admin.plays((f"send back {chat.reference}: because", "desk_sent_back"))
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


@pytest.mark.parametrize(
    "status", [Status.DOCUMENTS_RENDERED, Status.DOCUMENTS_TO_BE_RENDERED, Status.NEEDS_CORRECTION]
)
def test_an_answer_no_letter_shows_is_edited_where_it_is(chat: Chat, status: Status) -> None:
    WAYS[status](chat)
    chat.plays(("edit loan_content", "ask_again_field loan_content"))
    drawings = chat.on.letters_asked
    chat.types("yes")
    assert chat.status == status and chat.on.letters_asked == drawings
    assert chat.on.answers["loan_content"] is True
    assert house_history(chat)[-1] == ("edit", status, status)


def house_history(chat: Chat) -> list[tuple[str, str, str]]:
    return [(line.trigger, line.source, line.dest) for line in chat.house.found(chat.reference).history]


def test_an_answer_a_letter_shows_draws_the_letters_anew(chat: Chat, house: House) -> None:
    rendered(chat)
    chat.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    assert chat.status == "DOCUMENTS_TO_BE_RENDERED"
    house.works()
    chat.plays(("yes", "ask_documents"))


def test_an_old_drawing_that_comes_late_is_dropped(chat: Chat, house: House) -> None:
    to_be_rendered(chat)
    chat.plays(("edit city", "ask_again_field city"), ("Bremen", "drawing_letters"))
    assert house.works() == ["render", "render"]
    assert chat.status == "DOCUMENTS_RENDERED" and [letter.version for letter in chat.on.letters] == [2]
    assert [message.key for message in chat.messages].count("ask_all_correct") == 1


def test_a_correction_of_an_answer_without_letters_and_with_a_paper_missing(chat: Chat, house: House) -> None:
    chat.reaches_review_desk("HK")
    admin = house.staff(Role.ADMIN, "ada")
    admin.desk("send_back", chat.reference, why=["Not readable"], papers=["company_registration"])
    chat.plays(("submit", "ask_documents"))
    assert chat.status == "DOCUMENTS_RENDERED"


def test_a_stranger_to_the_present_status_changes_nothing(chat: Chat, house: House) -> None:
    under_review(chat)
    for said in ("submit", "yes", "no", "done", "keep", "withdraw", "continue", "remove 1", "letters", "move 1"):
        assert chat.types(said)[-1] == "status_is_UNDER_REVIEW"
    assert chat.status == "UNDER_REVIEW"


def test_the_history_tells_every_step_of_the_way(chat: Chat, house: House) -> None:
    with_carrier(chat)
    history = house.found(chat.reference).history
    moves = [(line.trigger, line.source, line.dest, line.by) for line in history if line.source != line.dest]
    assert moves == [
        ("open", "", "DRAFT", "customer"), ("submit", "DRAFT", "UNDER_REVIEW", "customer"),
        ("pass_on", "UNDER_REVIEW", "WITH_CARRIER", "carla"),
    ]  # fmt: skip


def test_a_question_brought_by_a_late_edit_must_be_answered_before_the_documents_go(chat: Chat, house: House) -> None:
    rendered(chat)
    chat.plays(("edit messages_carry_links", "ask_again_field messages_carry_links"), ("yes", "ask_field content_urls"),
               ("later", "ask_field link_purpose"), ("To follow an order.", "drawing_letters"))  # fmt: skip
    house.works()
    chat.types("yes")
    chat.sends_papers()
    chat.plays(("submit", "not_ready"), ("[continue]", "ask_field content_urls"))
    chat.types("www.freshbakery.example/orders")
    house.works()
    chat.types("yes")
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_a_letter_nobody_needs_any_more_is_not_sent_again(chat: Chat, house: House) -> None:
    chat.drafts(
        "TH", messages_carry_links="yes", content_urls="www.freshbakery.example", link_purpose="To follow an order."
    )
    chat.submits()
    assert {letter.slot for letter in chat.on.letters} == {"loa", "url_form"}
    chat.plays(("edit messages_carry_links", "ask_again_field messages_carry_links"))
    chat.types("no")
    house.works()
    assert {letter.slot for letter in chat.on.letters} == {"loa"}
