"""Several countries, several registrations of one company, and two chats at once."""

from __future__ import annotations

import pytest
from playing import Chat, House


def test_several_countries_in_one_message_open_a_registration_each(chat: Chat) -> None:
    chat.plays(
        ("UAE, Kenya and Thailand", ["greeting", "plan", "ask_start"]),
        ("[start]", ["opened_several", "ask_field"]),
    )
    assert [one.country for one in chat.case.registrations.values()] == ["KE", "TH", "AE"]  # paused ones last
    assert len({one.company_id for one in chat.case.registrations.values()}) == 1
    assert chat.on.country == "KE"


def test_of_several_countries_those_that_need_nothing_are_said_and_not_opened(chat: Chat) -> None:
    chat.plays(("France, USA and Kenya", "ask_start"), ("start", "ask_field"))
    assert [one.country for one in chat.case.registrations.values()] == ["KE"]


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("TH", "TH"),
        ("thailand", "TH"),
        ("Bangkok", "TH"),
        ("UK", "GB"),
        ("Russia", "RU"),
        ("Ivory Coast", "CI"),
        ("Turkey", "TR"),
        ("Kosovo", "XK"),
        ("tha", "TH"),
        ("Siam Reap", None),
    ],
)
def test_a_country_is_found_by_name_code_capital_or_alias(chat: Chat, typed: str, country: str | None) -> None:
    chat.types(typed)
    assert chat.case.conversation.cursor.countries[:1] == (
        [country] if country else chat.case.conversation.cursor.countries[:1]
    )
    assert chat.step == ("briefing" if country else chat.step)


def test_a_misspelt_country_is_confirmed_before_anything_else(chat: Chat) -> None:
    chat.plays(
        ("Thialand", "ask_is_it_this_country"), ("what?", "ask_is_it_this_country"), ("[no]", "ask_country"),
        ("Thialand", "ask_is_it_this_country"), ("yes", "ask_start"), ("back", "ask_country"),
        ("Thialand", "ask_is_it_this_country"), ("[TH]", "ask_start"), ("[start]", "ask_field message_type"),
    )  # fmt: skip


def test_an_ambiguous_country_is_asked_about(chat: Chat) -> None:
    chat.plays(("Congo", "ask_which_country"))
    assert set(chat.buttons) == {"CD", "CG", "no"}
    chat.plays(("2", "ask_start"), ("back", "ask_country"), ("Congo", "ask_which_country"), ("[CD]", "ask_start"))


def test_another_country_named_at_the_briefing_is_briefed_on(chat: Chat) -> None:
    chat.plays(("Thailand", "ask_start"), ("no, Kenya please", "ask_start"), ("start", "ask_field message_type"))
    assert chat.on.country == "KE"


def test_an_unknown_country_is_said_with_what_to_write(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("Atlantis", "country_unknown"), ("Thailand", "ask_start"))


def test_what_is_no_country_leaves_the_plan_where_it_was(chat: Chat) -> None:
    chat.plays(
        ("OTP to Kenya and Thailand", "ask_start"),
        ("country Atlantis", "ask_start"),
        ("yes, start them all", "ask_field country"),
    )


def test_a_country_looked_up_that_is_none_is_named_without_the_word(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("country Atlantis", "country_unknown"))
    assert 'called "Atlantis"' in chat.last.text


def test_one_switches_between_two_registrations_and_each_goes_on_where_it_was(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers(until="city")
    first = chat.reference
    chat.types("another")
    chat.starts("KE")
    chat.answers(until="company_name")
    second = chat.reference
    chat.plays(
        ("list", "ask_field company_name"),
        (f"open {first}", "ask_field city"),
        ("Hamburg", "ask_optional_field region"),
        (f"open {second.lower()}", "ask_field company_name"),
        (f"open {second}", "ask_field company_name"),
    )
    assert "city" not in chat.on.answers and chat.registration(first).answers["city"] == "Hamburg"


def test_a_button_of_the_list_opens_that_registration_also_later(chat: Chat) -> None:
    chat.starts("TH")
    first = chat.reference
    chat.types("another")
    chat.starts("KE")
    chat.types("list")
    listed = chat.messages[-2]
    assert listed.key == "list" and set(listed.values) == {f"open {first}", f"open {chat.reference}"}
    chat.types("transactional")
    assert chat.presses(f"open {first}", asked=listed.asked)[-1] == "ask_field"
    assert chat.reference == first


def test_a_country_named_while_one_registration_is_tracked_begins_the_next(chat: Chat) -> None:
    chat.reaches_review_desk("GB")
    chat.plays(("Thailand", "ask_start"), ("[start]", "ask_field message_type"))
    assert len(chat.case.registrations) == 2


def test_letters_that_are_ready_while_one_is_elsewhere_are_announced_with_the_way_there(
    chat: Chat, house: House
) -> None:
    first = chat.drafts("TH")
    chat.types("submit")
    chat.types("another")
    house.works()
    assert chat.last.key == "letters_ready" and chat.buttons == [f"open {first}"]
    chat.plays((f"[open {first}]", "ask_all_correct"))


def test_two_customers_know_nothing_of_each_other(chat: Chat, house: House) -> None:
    reference = chat.drafts("TH")
    bob = house.customer("bob")
    bob.plays(
        ("hello", "ask_country"),
        ("list", ["list_empty", "ask_country"]),
        (f"open {reference}", ["no_such_registration", "ask_country"]),
        ("open TH-ZZZZ", ["no_such_registration", "ask_country"]),
        (f"apply again {reference}", ["nothing_to_repeat", "ask_country"]),
    )
    bob.starts("TH")
    assert (
        bob.case.company is not None and chat.case.company is not None and bob.case.company.id != chat.case.company.id
    )


def test_a_company_can_have_only_so_many_at_once(chat: Chat) -> None:
    for _ in range(4):
        chat.types("another")
        chat.types("Thailand, Kenya, Nigeria, Ghana, Egypt, Turkey, Ireland, Spain, India, Uganda")
        chat.types("start")
    assert len(chat.case.registrations) == 40
    chat.plays(("another", "ask_country"), ("Thailand", "ask_start"), ("start", "too_many_registrations"))
