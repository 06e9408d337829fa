"""The desk: closed to strangers, open to whoever took a registration, and every decision an event."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
import pytest
from browser import Served, screen
from forms_to_post import Reader, opened, post
from playwright.sync_api import Browser, expect

from conversations.model import Role
from storage.opened import HELD

Visit = Callable[[], httpx2.Client]


def registered(client: httpx2.Client) -> str:
    """A chat that began a registration for Thailand and asked for a person; its reference."""
    page = Reader(post(client, "/messages", text="Thailand").text)
    html = post(client, "/press", page, choice="start").text
    post(client, "/messages", text="person")
    return re.search(r"\bTH-[A-Z0-9]{4}\b", html)[0]  # type: ignore[index]


def staff(house: Served, client: httpx2.Client, role: Role = Role.REVIEWER, name: str = "Ravi") -> httpx2.Client:
    answer = post(client, "/desk", opened(client, "/desk"), code=house.invitation(role), name=name)
    assert "To review" in answer.text
    return client


def test_a_stranger_finds_a_door_and_nothing_behind_it(visit: Visit) -> None:
    customer, stranger = visit(), visit()
    reference = registered(customer)
    assert reference not in stranger.get("/desk").text
    answers = [stranger.get(f"/desk/{reference}"), stranger.get("/desk/TH-0000"), customer.get(f"/desk/{reference}")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    page = opened(stranger)
    for path in (f"/desk/{reference}/take", "/desk/cards/1", "/desk/handoffs/1/take"):
        assert post(stranger, path, page).status_code == 404


def test_the_desk_is_told_while_a_restore_holds_what_would_leave(house: Served, visit: Visit) -> None:
    rita, told = staff(house, visit(), name="Held"), "python -m bot resume"
    store = house.house.app.store
    assert told not in rita.get("/desk").text
    house.write(store.put_setting, HELD, house.house.app.clock.now().isoformat())
    try:
        assert told in rita.get("/desk").text and told not in visit().get("/desk").text
    finally:
        house.write(store.let_go, False, house.house.app.clock.now())
    assert told not in rita.get("/desk").text


@pytest.mark.parametrize("code", ["DESK-AAAA-AAAA", "open", ""])
def test_a_wrong_invitation_opens_nothing(visit: Visit, code: str) -> None:
    client = visit()
    assert "does not work" in post(client, "/desk", opened(client, "/desk"), code=code, name="Eve").text


def test_an_invitation_works_once_and_a_role_taken_back_is_gone_at_once(house: Served, visit: Visit) -> None:
    first, second = visit(), visit()
    code = house.invitation()
    assert "To review" in post(first, "/desk", opened(first, "/desk"), code=code, name="Once").text
    assert "does not work" in post(second, "/desk", opened(second, "/desk"), code=code, name="Twice").text
    name = next(one.name for one, _ in house.house.app.store.staff() if one.name.casefold() == "once")
    assert house.write(house.house.app.store.revoke, name)
    assert "To review" not in first.get("/desk").text


def test_an_invitation_works_in_the_chat_too(house: Served, visit: Visit) -> None:
    client = visit()
    post(client, "/messages", text=house.invitation())
    assert "To review" in client.get("/desk").text


def test_answers_open_for_whoever_took_the_registration(house: Served, visit: Visit) -> None:
    reviewer, other = staff(house, visit(), name="Rita"), staff(house, visit(), name="Otto")
    reference = registered(visit())
    path = f"/desk/{reference}"
    assert "are closed" in reviewer.get(path).text
    assert reviewer.get(f"{path}/files/r1/aa/none.png").status_code == 404
    taken = post(reviewer, f"{path}/take", opened(reviewer, path))
    assert "are closed" not in taken.text and "Answers" in taken.text
    assert "Where our sources disagree" in taken.text and "AWS asks for one letter of authorization" in taken.text
    assert "are closed" in other.get(path).text
    assert reference in reviewer.get("/desk?view=customer").text


def test_a_closed_handoff_waits_for_nobody(house: Served, visit: Visit) -> None:
    reviewer, reference = staff(house, visit(), name="Hanna"), registered(visit())
    path = f"/desk/{reference}"
    shown = post(reviewer, f"{path}/take", opened(reviewer, path)).text
    assert reference in reviewer.get("/desk?view=handoffs").text
    close = re.search(r"/desk/handoffs/\d+/", shown)[0]  # type: ignore[index]
    for word in ("take", "close"):
        post(reviewer, close + word, opened(reviewer, path))
    assert "Wants a person" not in reviewer.get(path).text
    assert reference not in reviewer.get("/desk?view=handoffs").text


def test_a_notice_waits_until_its_matter_is_dealt_with(house: Served, visit: Visit) -> None:
    reviewer, references = staff(house, visit(), name="Nora"), [registered(visit()), registered(visit())]

    def told(reference: str) -> bool:
        return f'href="/desk/{reference}"' in reviewer.get("/desk?view=cards").text

    assert [told(one) for one in references] == [True, True]
    path = f"/desk/{references[0]}"
    post(reviewer, f"{path}/take", opened(reviewer, path))
    assert [told(one) for one in references] == [False, True]


def test_a_question_before_any_registration_is_read_and_answered_into_the_chat(house: Served, visit: Visit) -> None:
    reviewer, customer = staff(house, visit(), name="Petra"), visit()
    post(customer, "/messages", text="Do you speak Dutch?")
    assert "answer here, in this chat" in post(customer, "/messages", text="person").text
    assert "Your colleague here sees" in post(customer, "/messages", text="jan@bakery.example").text
    queue = reviewer.get("/desk?view=handoffs").text
    path = re.findall(r"/desk/handoffs/\d+/", queue)[-1]
    assert "Do you speak Dutch?" not in queue
    taken = post(reviewer, f"{path}take", opened(reviewer, "/desk?view=handoffs")).text
    assert "Do you speak Dutch?" in taken and "jan@bakery.example" in taken
    page = opened(reviewer, "/desk?view=handoffs")
    assert "and closed" in post(reviewer, f"{path}close", page, answer="Ja, <b>zeker</b>.").text
    house.settled()
    assert "Petra answers:" in customer.get("/").text and "Ja, &lt;b&gt;zeker&lt;/b&gt;." in customer.get("/").text


def test_a_draft_nobody_asked_help_with_is_not_to_be_taken(house: Served, visit: Visit) -> None:
    reviewer, customer = staff(house, visit(), name="Dora"), visit()
    page = Reader(post(customer, "/messages", text="Thailand").text)
    begun = re.search(r"\bTH-[A-Z0-9]{4}\b", post(customer, "/press", page, choice="start").text)
    shown = reviewer.get(f"/desk/{begun[0]}").text  # type: ignore[index]
    assert "still at it" in shown and "/take" not in shown


def test_nobody_sees_their_own_registration_from_the_other_side(house: Served, visit: Visit) -> None:
    client = visit()
    reference = registered(client)
    post(client, "/messages", text=house.invitation(Role.ADMIN))
    assert client.get(f"/desk/{reference}").status_code == 404
    assert reference not in client.get("/desk?view=customer").text


def test_a_decision_without_reasons_changes_nothing(house: Served, visit: Visit) -> None:
    reviewer = staff(house, visit(), name="Rosa")
    reference = registered(visit())
    path = f"/desk/{reference}"
    post(reviewer, f"{path}/take", opened(reviewer, path))
    assert "at least one reason" in post(reviewer, f"{path}/reject", why=" \n ").text
    assert post(reviewer, f"{path}/burn").status_code == 404
    assert post(reviewer, f"{path}/take", csrf="x").status_code == 403


def test_a_search_finds_by_reference_at_once(house: Served, visit: Visit) -> None:
    reviewer = staff(house, visit(), name="Sven")
    reference = registered(visit())
    assert str(reviewer.get("/desk", params={"q": reference.lower()}).url).endswith(f"/desk/{reference}")
    assert "Nothing has that" in reviewer.get("/desk", params={"q": "no such thing"}).text


def test_the_desk_is_worked_by_keys(house: Served, visit: Visit, browser: Browser) -> None:
    registered(visit())
    with screen(browser, house.url) as desk:
        desk.go("/desk")
        desk.page.get_by_label("Your name").fill("Kim")
        desk.page.get_by_label("Invitation").fill(house.invitation())
        desk.page.get_by_role("button", name="Enter").click()
        desk.go("/desk?view=handoffs")
        desk.page.keyboard.press("?")
        expect(desk.page.get_by_role("dialog", name="Keys")).to_be_visible()
        desk.page.keyboard.press("Escape")
        desk.page.keyboard.press("j")
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_url("**/desk/*-*")
        desk.page.keyboard.press("t")
        expect(desk.page.get_by_role("heading", name="Answers", exact=True)).to_be_visible()
