"""What once let somebody in, or told them something: a planted cookie, a foreign name, a number, another role's case."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import httpx2
import pytest
from browser import Served
from forms_to_post import Reader, opened, post

from conversations.model import Role

Visit = Callable[[], httpx2.Client]


def test_the_cookie_from_before_the_desk_is_nobodys_afterwards(house: Served, visit: Visit) -> None:
    rita = visit()
    page = opened(rita, "/desk")
    planted = {"cookie": f"senderdesk={rita.cookies['senderdesk']}"}
    post(rita, "/desk", page, code=house.invitation(), name="Planted")
    assert "To review" in rita.get("/desk").text
    with httpx2.Client(base_url=house.url, headers=planted) as eve:
        assert eve.get("/").headers["location"] == "/?hello=1" and "To review" not in eve.get("/desk").text
        form = {"csrf": page.hidden["csrf"], "event": str(uuid.uuid4()), "text": "help", "code": "DESK-2222-2222"}
        assert eve.post("/messages", data=form).status_code == 403
        assert eve.post("/desk", data=form).headers["location"] == "/desk?wrong=1"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::1].evil.example"])
def test_a_foreign_name_that_leads_here_is_not_answered(visit: Visit, host: str) -> None:
    assert visit().get("/", headers={"host": host}).status_code == 421


def test_a_number_nothing_has_is_no_error_of_ours(house: Served, visit: Visit) -> None:
    rita = visit()
    page = opened(rita, "/desk")
    post(rita, "/desk", page, code=house.invitation(), name="Numbers")
    for path in (f"/desk/cards/{'9' * 30}", f"/desk/handoffs/{'9' * 30}/take", "/desk/cards/0"):
        assert post(rita, path, opened(rita)).status_code == 404
    assert post(rita, "/messages", opened(rita), text="help", order="9" * 30).status_code == 200
    assert post(rita, "/press", opened(rita), choice="help", asked="9" * 30).status_code == 200


def test_an_account_manager_does_not_find_what_is_the_reviewers(house: Served, visit: Visit) -> None:
    customer, max_ = visit(), visit()
    html = post(customer, "/press", Reader(post(customer, "/messages", text="Thailand").text), choice="start").text
    reference = html.partition('class="reference">')[2][:7]
    assert reference.startswith("TH-")
    post(customer, "/messages", text="person")
    post(max_, "/desk", opened(max_, "/desk"), code=house.invitation(Role.ACCOUNT_MANAGER), name="Max")
    assert max_.get(f"/desk/{reference}").text == max_.get("/desk/TH-0000").text
    assert reference not in max_.get("/desk?view=cards").text + max_.get("/desk?view=customer").text


def test_nobody_answers_a_question_of_their_own(house: Served, visit: Visit) -> None:
    client = visit()
    post(client, "/messages", text="person")
    own = max(one.id for one, _ in house.house.app.store.handoffs())
    post(client, "/desk", opened(client, "/desk"), code=house.invitation(Role.ADMIN), name="Asker")
    assert f"/desk/handoffs/{own}/" not in client.get("/desk?view=handoffs").text
    assert post(client, f"/desk/handoffs/{own}/take", opened(client)).status_code == 404


def test_an_error_of_ours_carries_the_guards_too(house: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    client = visit()
    opened(client)

    def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(house.house.app.store, "history", breaks)
    answer = client.get("/", headers={"connection": "close"})
    assert answer.status_code == 500 and "frame-ancestors 'none'" in answer.headers["content-security-policy"]
