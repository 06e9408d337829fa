"""The desk's chat: a card for each case, kept true in place; who took it gets the rest alone. Cards hold no answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from playing import SETTINGS, Chat, House, Message

from bot.words import Catalogs
from conversations.model import Kind, Role
from rules.book import Book

GROUP = "group:desk"
ANSWERS = ("Hamburg", "anna@freshbakery.example", "+49 40 32012345", "FRESHBAKERY", "4711")


@pytest.fixture
def house(tmp_path: Path, book: Book, catalogs: Catalogs) -> House:
    return House(tmp_path / "house", book, catalogs, {**SETTINGS, "desk_chat": GROUP})


@pytest.fixture
def chat(house: House) -> Chat:
    return house.customer()


def cards(house: House) -> list[Message]:
    return house.said.get(GROUP, [])


def in_group(who: Chat, command: str, choice: str | None = None) -> str:
    """A command written, or on a button pressed, in the desk's chat; the key of what is answered at once."""
    (taken,) = who.house.happens(who.event(Kind.DESK, text=command, choice=choice))
    if taken.error is not None:
        raise taken.error
    assert taken.turn is not None and taken.turn.answer is not None
    return taken.turn.answer.key


def test_a_case_has_one_card_that_is_kept_true(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    assert cards(house) == []
    reference = chat.reaches_review_desk("GB")
    (card,) = cards(house)
    assert card.key == "desk_card" and card.edits is None and card.values == [f"take {reference}"]
    assert "Fresh Bakery GmbH" in card.text and "United Kingdom" in card.text and reference in card.text
    assert in_group(rita, f"take {reference}") == "desk_taken"
    changed = cards(house)[-1]
    assert changed.edits == card.id and "Taken by rita." in changed.text
    commands = ("approve", "refuse", "pass on", "send back", "reject")
    assert changed.values == [f"{command} {reference}" for command in commands]
    assert in_group(rita, f"approve {reference}") == "desk_approved"
    closed = cards(house)[-1]
    assert closed.edits == card.id and closed.values == [] and closed.say.values["closed"]
    assert "Successful" in closed.text


def test_no_answer_and_no_document_stands_in_the_desks_chat(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("TH")
    in_group(rita, f"take {reference}")
    in_group(rita, f"send back {reference}: Unsigned")
    chat.types("person")
    chat.presses("submit")
    for card in cards(house):
        assert not card.say.files
        assert not [answer for answer in ANSWERS if answer in card.text]


def test_where_sources_disagree_the_desk_reads_what_the_customer_was_told(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("SA")
    in_group(rita, f"take {reference}")
    shown = next(message.text for message in rita.messages if message.key == "desk_dossier")
    pack = house.book.pack("SA")
    assert pack.uncertain and all(f"Not certain: {text}" in shown for text in pack.uncertain)
    (drawn,) = [one for one in pack.documents if one.code == "loa"]
    assert drawn.uncertain and shown.count(f"Not certain, {drawn.title}: {drawn.uncertain}") == 1


def test_answers_and_documents_go_only_to_who_took_it_alone(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("TH")
    in_group(rita, f"take {reference}")
    (dossier,) = [message for message in rita.messages if message.key == "desk_dossier"]
    assert "Hamburg" in dossier.text and "FRESHBAKERY" in dossier.text
    assert [file.media_type for file in dossier.say.files] == ["image/jpeg"]
    assert f"send back {reference}" in dossier.values
    assert "desk_dossier" not in {message.key for name in (GROUP, chat.name) for message in house.said[name]}


def test_on_the_page_the_dossier_is_the_desks_page(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita")
    rita.plays((f"take {chat.reaches_review_desk('GB')}", ["desk_taken"]))


def test_a_decision_is_a_button_in_the_private_chat_and_asks_for_its_reason(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("TH")
    rita.plays((f"take {reference}", ["desk_dossier", "desk_taken"]))
    assert rita.presses(f"send back {reference}") == ["desk_why_missing"]
    assert rita.last.text.startswith(f"send back {reference}:\n")
    assert f"send back {reference}: signature" in rita.last.values
    assert rita.presses(f"send back {reference}: signature") == ["desk_sent_back"]
    sentence = house.catalogs.catalog("en")["desk_reason_signature"].forms[0]
    told = next(message for message in chat.messages if message.key == "outcome_sent_back")
    assert f"• {sentence}" in told.text


def test_each_name_has_its_buttons_where_there_are_several(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.drafts("GB", names=("FRESHONE", "FRESHTWO"))
    chat.types("submit")
    reference = chat.reference
    rita.types(f"take {reference}")
    dossier = next(message for message in rita.messages if message.key == "desk_dossier")
    assert {f"approve {reference} FRESHONE", f"refuse {reference} FRESHTWO"} <= set(dossier.values)
    assert f"refuse {reference}" not in dossier.values
    assert rita.presses(f"approve {reference} FRESHONE") == ["desk_still_open"]
    assert rita.presses(f"refuse {reference} FRESHTWO") == ["desk_why_missing"]
    assert rita.presses(f"refuse {reference} FRESHTWO: brand") == ["desk_approved"]
    sentence = house.catalogs.catalog("en")["desk_reason_brand"].forms[0]
    assert sentence in next(message for message in chat.messages if message.key == "outcome_successful").text


def test_an_old_button_decides_nothing_about_a_case_that_came_back(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("GB")
    assert rita.presses(f"approve {reference}") == ["desk_take_first"], "never seen"
    assert rita.last.values == [f"take {reference}"]
    rita.types(f"take {reference}")
    rita.types(f"send back {reference}: Is this your name?")
    chat.plays(("edit company_name", "ask_again_field company_name"), ("Other GmbH", "ask_review_mend"))
    chat.types("submit")
    assert chat.status == "UNDER_REVIEW"
    for press in (rita.presses, lambda value: [in_group(rita, value, choice=value)]):
        assert press(f"approve {reference}") == ["desk_take_first"]
    assert chat.status == "UNDER_REVIEW"
    rita.presses(f"take {reference}")
    assert "Other GmbH" in next(one for one in rita.messages[::-1] if one.key == "desk_dossier").text
    assert rita.presses(f"approve {reference}") == ["desk_approved"]


def test_only_what_a_role_may_decide_is_offered(chat: Chat, house: House) -> None:
    max_ = house.staff(Role.ACCOUNT_MANAGER, "max", "group")
    chat.drafts("VN")
    chat.types("submit")
    max_.types(f"take {chat.reference}")
    dossier = next(one for one in max_.messages if one.key == "desk_dossier")
    assert [value.rpartition(" ")[0] for value in dossier.values] == ["approve", "refuse", "reject", "hand back"]


def test_a_sender_id_with_a_colon_is_decided_like_others(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.drafts("GB", names=("A:BRAND", "A"))
    chat.types("submit")
    reference = chat.reference
    assert chat.status == "UNDER_REVIEW"
    rita.types(f"take {reference}")
    assert rita.presses(f"approve {reference} A:BRAND") == ["desk_still_open"]
    assert rita.types(f"refuse {reference} A: too short: really")[-1] == "desk_approved"
    assert [(one.text, one.outcome, one.reason) for one in house.found(reference).registration.sender_ids] == [
        ("A:BRAND", "approved", ""), ("A", "refused", "too short: really")
    ]  # fmt: skip


def test_a_case_at_the_desk_gets_its_card_whatever_happens_to_it(
    tmp_path: Path, book: Book, catalogs: Catalogs
) -> None:
    house = House(tmp_path / "late", book, catalogs)
    admin, chat = house.staff(Role.ADMIN, "ada", "group"), house.customer()
    reference = chat.reaches_review_desk("GB")
    house.happens(admin.event(Kind.GROUP, chat=GROUP, text="desk here", result={}))
    assert in_group(admin, f"take {reference}") == "desk_taken"
    assert cards(house)[-1].key == "desk_card" and "Taken by ada." in cards(house)[-1].text


def test_what_is_decided_on_the_page_shows_on_the_card(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.plays(("Kenya", "ask_start"), ("start", "ask_field message_type"), ("person", "ask_field message_type"))
    (handoff,) = house.found(chat.reference).open_handoffs
    assert rita.desk("close_handoff", chat.reference, handoff=handoff.id) == "desk_handoff_closed"
    assert cards(house)[-1].values == [] and "asks for a person" not in cards(house)[-1].text


def test_nobody_closes_a_case_that_waits_for_people(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.drafts("VN")
    chat.types("submit")
    assert in_group(rita, f"close {chat.reference}") == "desk_not_now"
    assert house.found(chat.reference).open_handoffs and house.found(chat.reference).registration.taken_by is None


def test_what_is_said_before_everybody_names_no_sender_id(chat: Chat, house: House) -> None:
    from conversations.desk.actions import in_group as told_to_all

    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.drafts("GB", names=("FRESHONE", "FRESHTWO"))
    chat.types("submit")
    for command in ("take", "approve FRESHONE", "approve NOSUCH", "refuse: why"):
        verb, _, rest = command.partition(" ")
        words = f"{verb} {chat.reference} {rest}" if ":" not in verb else f"refuse {chat.reference}: why"
        (taken,) = house.happens(rita.event(Kind.DESK, text=words))
        assert taken.turn is not None and taken.turn.answer is not None
        text = house.catalogs.words().text(told_to_all(taken.turn.answer))
        assert "FRESH" not in text and chat.reference in text


def test_strangers_other_roles_and_the_customer_get_nothing_from_a_card(chat: Chat, house: House) -> None:
    manager = house.staff(Role.ACCOUNT_MANAGER, "max", "group")
    stranger = house.customer("eve")
    reference = chat.reaches_review_desk("GB")
    before = len(cards(house))
    for who, said in ((stranger, "desk_not_there"), (manager, "desk_not_there"), (chat, "desk_not_there")):
        for command in ("take", "approve", "open", "reject"):
            assert in_group(who, f"{command} {reference}: no") == said
    assert in_group(stranger, "take TH-ZZZZ") == "desk_not_there"
    assert chat.status == "UNDER_REVIEW" and len(cards(house)) == before
    assert "desk_dossier" not in {message.key for messages in house.said.values() for message in messages}


def test_a_manager_takes_a_paid_country_from_its_card(chat: Chat, house: House) -> None:
    manager = house.staff(Role.ACCOUNT_MANAGER, "max", "group")
    chat.drafts("VN")
    chat.types("submit")
    reference = chat.reference
    (card,) = cards(house)
    assert "waits for an account manager" in card.text
    assert in_group(manager, f"take {reference}") == "desk_taken"
    assert "manager_took_it" in [message.key for message in chat.messages]
    assert cards(house)[-1].values == [
        f"{command} {reference}" for command in ("approve", "refuse", "reject", "hand back")
    ]


def test_what_is_new_about_a_case_stands_under_its_card(chat: Chat, house: House) -> None:
    house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("GB")
    (card,) = cards(house)
    chat.types("person")
    changed, news = cards(house)[1:]
    assert (changed.key, changed.edits) == ("desk_card", card.id)
    assert (news.key, news.under, news.edits) == ("desk_news", card.id, None)
    assert news.text == f"{reference}: A customer asks for a person."


def test_a_person_asked_for_in_a_draft_is_taken_and_done_from_the_card(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.plays(("Thailand", "ask_start"), ("start", "ask_field message_type"), ("person", "ask_field message_type"))
    reference = chat.reference
    (card,) = cards(house)
    assert "Company not named yet" in card.text and card.values == [f"take {reference}"]
    assert in_group(rita, f"take {reference}") == "desk_taken"
    assert cards(house)[-1].values == [f"close {reference}"]
    assert in_group(rita, f"close {reference}") == "desk_handoff_closed"
    assert cards(house)[-1].values == [] and not house.found(reference).open_handoffs


def test_a_question_without_a_registration_has_a_card_of_its_own(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    chat.plays(("hello", "ask_country"), ("person", "ask_country"))
    (card,) = cards(house)
    assert card.key == "desk_question" and card.values == ["take question 1"]
    assert in_group(chat, "take question 1") == "desk_not_there"
    assert in_group(rita, "take question 1") == "desk_handoff_taken"
    assert cards(house)[-1].edits == card.id and cards(house)[-1].values == ["close question 1"]
    assert in_group(rita, "close question 1") == "desk_handoff_closed"
    assert cards(house)[-1].values == [] and house.store.handoffs() == []
    assert in_group(rita, "close question 1") == "desk_not_there"


def test_when_a_case_is_deleted_its_card_forgets_the_company(chat: Chat, house: House) -> None:
    reference = chat.reaches_review_desk("GB")
    (card,) = cards(house)
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    gone = cards(house)[-1]
    assert gone.key == "desk_card_gone" and gone.edits == card.id
    assert reference in gone.text and "Fresh Bakery" not in gone.text


def test_a_card_waits_with_the_store_until_the_group_can_be_written_to(chat: Chat, house: House) -> None:
    rita = house.staff(Role.REVIEWER, "rita", "group")
    reference = chat.reaches_review_desk("GB")
    house.offline = True
    in_group(rita, f"take {reference}")
    in_group(rita, f"pass on {reference}")
    house.offline = False
    house.delivers()
    assert [card.key for card in cards(house)] == ["desk_card", "desk_card"]  # two changes, one edit
    assert "carrier" in cards(house)[-1].text.lower()


def test_without_a_desks_chat_nothing_is_said_there(tmp_path: Path, book: Book, catalogs: Catalogs) -> None:
    house = House(tmp_path / "quiet", book, catalogs)
    house.customer().reaches_review_desk("GB")
    assert set(house.said) == {"web:anna"}


def test_an_admin_brings_the_desk_to_a_group_and_nobody_else_can(
    tmp_path: Path, book: Book, catalogs: Catalogs
) -> None:
    house = House(tmp_path / "new", book, catalogs)
    admin, reviewer = house.staff(Role.ADMIN, "ada", "group"), house.staff(Role.REVIEWER, "rita", "group")
    for who in (reviewer, house.customer("eve")):
        house.happens(who.event(Kind.GROUP, chat=GROUP, text="desk here", result={"link": "https://x.example/?start="}))
        assert cards(house)[-1].key == "come_in_private"
    assert "desk_chat" not in house.store.settings()
    house.happens(admin.event(Kind.GROUP, chat=GROUP, text="desk here", result={"link": ""}))
    assert cards(house)[-1].key == "desk_is_here"
    house.customer().reaches_review_desk("GB")
    assert cards(house)[-1].key == "desk_card"


def test_who_is_on_duty_for_a_country_is_called_until_somebody_takes_the_case(
    tmp_path: Path, catalogs: Catalogs
) -> None:
    from rules.book import load

    (tmp_path / "places.toml").write_text('[on_duty]\nVN = ["slack:T1:U2"]\nanyone = ["slack:T1:U1"]\n')
    house = House(tmp_path / "duty", load(tmp_path), catalogs, {**SETTINGS, "desk_chat": GROUP})
    max_, chat = house.staff(Role.ACCOUNT_MANAGER, "max", "group"), house.customer()
    chat.drafts("VN")
    chat.types("submit")
    assert cards(house)[-1].say.calls == ("slack:T1:U2",)
    in_group(max_, f"take {chat.reference}")
    assert cards(house)[-1].say.calls == ()
    ben = house.customer("ben")
    ben.reaches_review_desk("GB")
    assert cards(house)[-1].say.calls == (), "a review waits in the queue, nobody is called"
    ben.types("person")
    assert cards(house)[-2].say.calls == ("slack:T1:U1",)
