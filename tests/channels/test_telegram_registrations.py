"""Whole registrations in Telegram with the real process, by what the clients show.

The bot keeps Telegram's pace in every chat, so everybody registers at the same time, in two processes: one polls, the
other has a webhook. Each test then looks at one of the stories.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from bot_api import BotApi
from bot_people import Group
from bot_world import Seen
from customer_reading import (
    BERLIN,
    DECIDED,
    PATIENCE,
    REGISTERED,
    SHELF,
    THAI,
    WITHOUT_PAUSE,
    Does,
    Town,
    approved,
    approved_in_words,
    asks,
    forgets_to_sign,
    has_no_number_yet,
    hears_that_it_works,
    mends_the_city,
    misspells_the_city,
    pages_of,
    passed_on_and_approved,
    result,
    said_to,
    triggers,
    verdicts,
)
from PIL import Image
from telegram_customer import Customer, OneByOne, Presser, Process, Staff, Typist, sent_to

# --- what people do beside answering -------------------------------------------------------------------------------


def sends_a_voice_message(customer: Customer) -> None:
    customer.looks_up()
    customer.person.sends_voice()


def shares_her_phone(customer: Customer) -> None:
    assert "Share my phone number" in [key["text"] for row in customer.person.keyboard for key in row]
    customer.looks_up()
    customer.person.shares_contact(customer.wish.answers["contact_phone"].replace(" ", ""))


def presses_an_old_button(customer: Customer) -> None:
    old = customer.questions["message_type"]
    customer.presses(old, old.labels[0])


def looks_through_the_countries(customer: Customer) -> None:
    customer.presses(customer.questions["destination"], "All countries")
    page = customer.is_asked()
    assert page.what == "countries" and len(page.message.labels) > 20
    customer.presses(page.message, "More ›")
    customer.person.waits(lambda person: "page 2 of" in person.answers[-1].text, PATIENCE)
    customer.says(customer.pack["name"])


def comes_by_a_link(group: Group) -> Does:
    """She asks in a group and is led into her own chat, where the country is known."""

    def begins(customer: Customer) -> None:
        group.adds(customer.person)
        us = {"type": "mention", "offset": 0, "length": len("@sender_desk_bot")}
        customer.person.sends_raw({"text": "@sender_desk_bot Thailand", "entities": [us]}, in_=group)
        found = group.waits(
            lambda _: re.search(r"https://t\.me/sender_desk_bot\?start=(TH)\b", text_of(group)), PATIENCE
        )
        customer.person.starts(found[1])

    return begins


def text_of(group: Group) -> str:
    return "\n".join(message.text for message in group.answers)


# --- two towns -----------------------------------------------------------------------------------------------------

Towns = tuple[Town, Town]


def opened(stack: ExitStack, pool: ThreadPoolExecutor, folder: Path, seed: int, **settings: str) -> Town:
    """A process whose desk is a group with topics, where the bot is an administrator."""
    folder.mkdir()
    api = stack.enter_context(BotApi(seed=seed, local=True))
    people = {name: api.person(name.title(), language="en") for name in ("rita", "rob", "max", "eve")}
    group = api.group("Sender desk", list(people.values()), forum=True)
    group.adds_bot(admin=True)
    process = stack.enter_context(Process(api, folder / "desk", DESK_CHAT=f"telegram:{group.id}", **settings))
    roles = {"rita": "reviewer", "rob": "reviewer", "max": "account_manager"}
    staff = {name: Staff(process, group, people[name], role) for name, role in roles.items()}
    staff["eve"] = Staff(process, group, people["eve"], "")  # who reads along, and has no invitation

    def comes(name: str) -> Any:
        return api.person(name, language="en")

    return Town(process, group, staff, folder, pool, comes)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Towns]:
    """The one that polls and the one with a webhook, with everybody at it."""
    base = tmp_path_factory.getbasetemp()
    SHELF[:] = [base if worker_id == "master" else base.parent]
    folder = tmp_path_factory.mktemp("towns")
    ours = folder / "rules"
    ours.mkdir()
    (ours / "ae.toml").write_text(WITHOUT_PAUSE)
    webhook = {"TELEGRAM_MODE": "webhook", "PUBLIC_URL": "http://127.0.0.1:{port}"}
    with ExitStack() as stack, ThreadPoolExecutor(16) as pool:
        polled = opened(stack, pool, folder / "polled", 1, RULES_DIR=str(ours))
        posted = opened(stack, pool, folder / "posted", 2, RULES_DIR=str(ours), **webhook)
        for town in (polled, posted):
            town.process.started()
            for name in ("rita", "rob", "max"):
                town.staff[name].binds(by_link=name == "rita")
        people_press_buttons(polled)
        people_use_words(posted)
        somebody_does_everything_else(posted)
        yield polled, posted
        for town in (polled, posted):
            town.settled()
            print({name: round(seconds) for name, seconds in town.took.items()})


def people_press_buttons(town: Town) -> None:
    bakers = town.api.group("Bakers", [town.api.person("Owner")])
    bakers.adds_bot(admin=True)
    town.begins("TH", Presser, passed_on_and_approved, begins=[comes_by_a_link(bakers)], papers=[forgets_to_sign])
    town.begins("AE", OneByOne, approved)
    town.begins("VN", Presser, taken_by_a_manager, destination=[looks_through_the_countries])
    town.begins("SG", Presser, approved_in_words, ssir_reference=[has_no_number_yet], number_waiting=[asks("/status")])
    town.begins("KE", Presser, blocks_the_bot, until="company_name")


def people_use_words(town: Town) -> None:
    town.begins("TH by words", Typist, approved_in_words)
    town.begins(
        "AE by words", Typist, approved_in_words, company_name=[asks("/why")], city=[asks("/status")],
        postal_code=[asks("/back")], opt_in_description=[asks("/later")],
    )  # fmt: skip
    town.begins("VN by words", Typist, approved_in_words)
    town.begins("SG by words", Typist, approved_in_words, ssir_reference=[has_no_number_yet])


def somebody_does_everything_else(town: Town) -> None:
    town.begins(
        "GB", Presser, approved, city=[misspells_the_city], postal_code=[mends_the_city],
        contact_email=[sends_a_voice_message], contact_phone=[presses_an_old_button, shares_her_phone],
    )  # fmt: skip


# --- how stories end -----------------------------------------------------------------------------------------------


def taken_by_a_manager(town: Town, customer: Customer) -> None:
    manager, reference = town.staff["max"], customer.reference
    eve = town.staff["eve"]
    eve.decides(reference, "Take it")
    eve.person.waits(lambda person: person.notices, PATIENCE)
    manager.takes(reference)
    customer.hears("Max is now looking after Vietnam")
    manager.decides(reference, "Approve")
    hears_that_it_works(customer)
    card = manager.card(reference, "Successful")
    assert card.thread and card.labels == []
    town.api.waits(lambda _: town.room.chat.topics[card.thread].closed, PATIENCE)


def blocks_the_bot(town: Town, customer: Customer) -> None:
    reference = customer.reference
    customer.person.blocks()
    town.staff["rita"].card(reference, "The customer can't be reached in their chat.")


# --- what is looked at ---------------------------------------------------------------------------------------------


def test_thailand_is_registered_with_an_album_of_its_letters(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    assert triggers(ploy) == ["open", "submit", "rendered", "submit_documents", "pass_on", "approve"]
    assert len(ploy.letters) == 2
    assert set(verdicts(ploy)) == {"loa", "url_form", "bot_licence", "brand_proof"}
    assert all(pages and set(pages) == {"accepted"} for pages in verdicts(ploy).values())
    assert {one["outcome"] for one in ploy.shown["sender_ids"]} == {"approved"}


def test_the_checklist_changes_where_it_stands(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    assert ["0 of 4" in ploy.checklists[0], "1 of 4" in ploy.checklists[1]] == [True, True]
    first, second, *later = lists_of(ploy)
    assert first.edited and "1 of 4" in first.text, "the files that came changed it in its place"
    assert "✘ Letter of authorization: page 2 of 2 again, no signature" in first.text
    assert second.edited and "2 of 4" in second.text and "person" not in second.text, "and the page that came again"
    assert not any(message.edited for message in later), "who answers finds it below"
    assert "0 of 4" not in said_to(ploy)


def lists_of(customer: Customer) -> list[Seen]:
    return [one for one in customer.person.answers if re.match(r"Documents for|.+: every document", one.text)]


def test_a_page_that_is_not_signed_comes_back_as_a_photo_with_its_one_reason(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    (marked,) = ploy.marked
    with Image.open(io.BytesIO(marked)) as picture:
        assert picture.format == "JPEG" and min(picture.size) > 500
    told = next(one for one in ploy.person.answers if "I see no signature" in one.text)
    assert "Send it to a person anyway" in told.labels and not told.edited, "a phone tells of it"
    assert verdicts(ploy)["loa"] == ["accepted", "accepted"], "signed after all, it is accepted at once"


def test_that_files_are_looked_at_gives_way_to_what_was_seen(towns: Towns) -> None:
    for name in ("TH", "AE"):
        assert "I am looking at" not in said_to(towns[0].told(name))
    good = [one for one in towns[0].told("AE").person.answers if re.search(r"^✔ .+: page 1 of 2$", one.text, re.M)]
    assert good and all(one.edited for one in good)


def test_the_emirates_open_by_rules_of_the_operator_and_two_carriers_get_a_letter_each(towns: Towns) -> None:
    anna = towns[0].told("AE")
    assert "no new registrations" not in said_to(anna)
    assert triggers(anna) == ["open", "submit", "rendered", "submit_documents", "approve"]
    assert verdicts(anna) == {
        "loa_etisalat_intl": ["accepted"] * 2, "loa_du_intl": ["accepted"] * 2, "company_registration": ["accepted"]
    }  # fmt: skip
    etisalat, du = ("\n".join(pages_of(pdf)) for pdf in anna.letters.values())
    assert "Etisalat" in etisalat and "Etisalat" not in du


def test_vietnam_is_taken_by_an_account_manager_from_the_desks_group(towns: Towns) -> None:
    mai = towns[0].told("VN")
    assert triggers(mai) == ["open", "hand_over", "approve"]
    assert [line["by"] for line in mai.shown["history"] if line["trigger"] in DECIDED] == ["max", "max"]
    assert any("page 2 of" in message.text and message.edited for message in mai.person.answers), "pages are turned"


def test_singapore_waits_for_its_number_and_goes_to_an_account_manager(towns: Towns) -> None:
    wei = towns[0].told("SG")
    assert triggers(wei) == ["open", "start_self_registration", "registered_by_customer", "approve"]
    assert wei.shown["answers"]["ssir_reference"] == BERLIN["ssir_reference"]
    assert "waits for you to register with SGNIC" in said_to(wei)


def test_a_webhook_does_it_too(towns: Towns) -> None:
    town = towns[1]
    james = town.told("GB")
    assert triggers(james) == ["open", "submit", "approve"]
    hook = town.api.updates.webhook
    assert hook.url.endswith("/telegram/webhook") and hook.secret
    assert hook.last_error == ""  # we listen before Telegram is told where
    assert not town.api.calls("getUpdates")


@pytest.mark.parametrize("country", ["TH", "AE", "VN", "SG"])
def test_words_alone_lead_to_the_same(towns: Towns, country: str) -> None:
    polled, posted = towns
    by_words = posted.told(f"{country} by words")
    assert not [press for press in by_words.process.api.world.presses.values() if press.person is by_words.person.user]
    assert result(by_words) == result(polled.told(country)) == REGISTERED[country]


def test_words_at_any_question_are_answered_and_the_question_comes_again(towns: Towns) -> None:
    anna = towns[1].told("AE by words")
    told = said_to(anna)
    assert anna.field("company_name")["why"] in told
    assert "is a draft: it is your turn" in told
    assert "Noted for later: How people agree to get messages" in told and "Still missing:" in told
    assert [anna.asked.count(name) for name in ("company_name", "city", "region", "opt_in_description")] == [2, 2, 2, 2]


def test_whatever_else_is_sent_has_its_answer(towns: Towns) -> None:
    james = towns[1].told("GB")
    told, answers = said_to(james), james.shown["answers"]
    assert "I can't listen to or look at that." in told, "a voice message"
    assert "That step is done. Here is where we are now." in told, "an old button"
    assert "Changed: City." in told and answers["city"] == "Berlin", "an edit"
    assert answers["contact_phone"] == result(towns[0].told("AE"))["answers"]["contact_phone"], "a shared contact"
    assert "contact_phone" not in james.sent


def test_who_speaks_to_us_in_a_group_is_led_to_the_same_point_of_her_own_chat(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    assert ploy.person.sees[0].text == "/start TH" and ploy.asked[0] == "start"


def test_a_customer_who_blocks_us_makes_a_card_for_the_desk(towns: Towns) -> None:
    ben = towns[0].told("KE")
    (card,) = (message for message in towns[0].room.answers if message.text.startswith(ben.reference))
    assert "Kenya" in card.text and "can't be reached" in card.text
    assert ben.shown["status"] == "DRAFT"


def test_in_the_desks_group_stands_no_answer_and_no_document(towns: Towns) -> None:
    for town in towns:
        town.settled()
        sent = list(sent_to(town.api, town.room.id))
        assert sent and not [method for method, _ in sent if method in WITH_FILES]
        for secret in town.secrets:
            assert not [method for method, parameters in sent if secret in str(parameters)], secret


def test_documents_are_sent_to_their_customer_and_to_who_took_them(towns: Towns) -> None:
    for town in towns:
        town.settled()
        customers = {customer.person.id for customer in town.customers.values()}
        reached = {name for name, one in town.staff.items() if documents_to(town, one.person.id)}
        chats = {call.parameters["chat_id"] for call in town.api.log if call.method in WITH_FILES}
        assert chats <= customers | {one.person.id for one in town.staff.values()}
        assert reached == ({"rita"} if town is towns[0] else {"rob"})


WITH_FILES = {"sendDocument", "sendPhoto", "sendMediaGroup"}


def documents_to(town: Town, chat: int) -> list[str]:
    return [method for method, _ in sent_to(town.api, chat) if method in WITH_FILES]


def test_who_has_no_place_at_the_desk_gets_nothing_from_a_card(towns: Towns) -> None:
    eve = towns[0].staff["eve"].person
    towns[0].told("VN")
    assert [notice["text"] for notice in eve.notices] == ["There is nothing by that name."]
    assert eve.answers == []


def test_telegram_had_nothing_to_complain_about(towns: Towns) -> None:
    for town in towns:
        town.settled()
        assert town.api.complaints == []
        assert town.api.unanswered_presses == []
        assert town.api.too_fast == 0
        assert [str(call) for call in town.api.refused] == []


def test_no_answer_and_no_token_is_in_the_log(towns: Towns) -> None:
    for town in towns:
        town.settled()
        log = town.process.log
        assert "error" not in log, log
        assert not [secret for secret in (town.api.token, *town.secrets, THAI["company_name"]) if secret in log]
