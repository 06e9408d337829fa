"""From a group or a link into the private chat, to the same point; and the list of all countries."""

from __future__ import annotations

import pytest
from playing import Chat, House

from conversations.model import Kind, Role

LINK = "https://t.example/desk?start="


def said_in_group(house: House, who: Chat, text: str, link: str = LINK) -> str:
    house.happens(who.event(Kind.GROUP, chat="group:office", text=text, result={"link": link}))
    (message,) = house.said["group:office"][-1:]
    assert not message.say.asks and not message.choices
    return message.text


@pytest.mark.parametrize(
    ("text", "point"), [("Thailand", "TH"), ("", "group"), ("hello there", "group"), ("open TH-4K7Q please", "TH-4K7Q")]
)
def test_in_a_group_people_are_asked_into_their_own_chat_at_the_same_point(
    chat: Chat, house: House, text: str, point: str
) -> None:
    assert said_in_group(house, chat, text).endswith(f"{LINK}{point}")


def test_in_a_group_nothing_personal_is_said(chat: Chat, house: House) -> None:
    reference = chat.reaches_review_desk("GB")
    for text in ("status", "list", f"open {reference}", "person", "cancel"):
        told = said_in_group(house, chat, text)
        assert "Fresh" not in told and "United Kingdom" not in told
    assert house.cards() == ["card_to_review"] and chat.status == "UNDER_REVIEW"


def test_before_the_bots_name_is_known_the_way_is_said_without_a_link(chat: Chat, house: House) -> None:
    assert "http" not in said_in_group(house, chat, "Kenya", link="")


def test_a_link_with_a_country_leads_to_its_briefing(chat: Chat) -> None:
    assert chat.opens(text="KE") == ["greeting", "briefing_form", "ask_start"]


def test_a_link_with_a_country_starts_another_beside_what_there_is(chat: Chat) -> None:
    chat.drafts("GB")
    first = chat.reference
    assert chat.opens(text="KE") == ["briefing_form", "ask_start"]
    chat.plays(("start", "ask_field message_type"))
    assert chat.reference != first and chat.plays((f"open {first}", "ask_review")) is None


def test_a_link_with_a_reference_leads_there_and_only_the_owner(chat: Chat, house: House) -> None:
    chat.drafts("GB")
    reference = chat.reference
    chat.types("another")
    assert chat.opens(text=reference)[-1] == "ask_review"
    eve = house.customer("eve")
    assert eve.opens(text=reference) == ["greeting", "ask_country"]


def test_a_link_with_an_invitation_opens_the_desk(house: House) -> None:
    invitation = house.store.invite(Role.REVIEWER, house.now)
    rita = house.customer("rita")
    assert rita.opens(text=invitation.code) == ["desk_welcome"]
    assert house.store.staff_of(rita.name) is not None


def test_a_link_with_an_invitation_that_is_over_is_said_to_be(chat: Chat) -> None:
    assert chat.opens(text="DESK-ABCD-EFGH")[0] == "invitation_bad"
    assert chat.case.conversation.source == ""


def test_where_somebody_came_from_is_kept_and_stands_in_the_history(chat: Chat, house: House) -> None:
    assert chat.opens(text="autumn_fair-2026") == ["greeting", "ask_country"]
    assert chat.opens(text="another_one")[0] == "welcome_back"
    assert chat.case.conversation.source == "autumn_fair-2026"
    chat.plays(("Kenya", "ask_start"), ("start", "ask_field message_type"))
    assert house.found(chat.reference).history[0].text == "autumn_fair-2026"


def test_all_countries_are_reached_by_buttons_alone(chat: Chat, house: House) -> None:
    chat.types("hello")
    assert chat.buttons[-1] == "countries"
    seen: list[str] = []
    chat.presses("countries")
    for _ in range(20):
        assert chat.last.key == "country_list" and chat.last.say.slot == "countries"
        seen += [value for value in chat.buttons if not value.startswith("countries ")]
        further = [value for value in chat.buttons if value.startswith("countries ")]
        onward = max(further, key=lambda value: int(value.split()[1]))
        if int(onward.split()[1]) < int(str(chat.last.say.values["page"])):
            break
        chat.presses(onward)
    assert len(seen) == len(set(seen)) == len(house.book.codes)
    assert chat.presses("ZW")[-1] == "ask_start"


def test_the_list_begins_anew_where_it_was_asked_for(chat: Chat) -> None:
    chat.types("hello")
    chat.presses("countries")
    assert chat.last.say.anew
    chat.presses("countries 2")
    assert not chat.last.say.anew
    chat.types("qqqq")
    chat.presses("countries")
    assert chat.last.say.anew


def test_the_list_can_be_had_and_left_by_typing(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("countries 3", "country_list"), ("all countries", "country_list"))
    chat.plays(("countries 999", "country_list"), ("Kenya", "ask_start"))
