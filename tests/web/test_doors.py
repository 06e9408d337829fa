"""What once let somebody in, or told them something: a planted cookie, a foreign name, a number, another role's case."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

import httpx2
import pytest
from browser import Served
from forms_to_post import Reader, opened, post
from starlette.requests import Request

from bot.web.session import Forged, Rate, Sessions
from bot.web.web import Web
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
    for path in ("/", "/desk", "/events", "/desk/GB-2222"):
        refused = visit().get(path, headers={"host": host})
        assert refused.status_code == 421 and "set-cookie" not in refused.headers
    assert "PUBLIC_URL" in refused.text and not Reader(refused.text).links, "what to mend, and no way round in circles"


@pytest.mark.parametrize("path", ["/static/plain.css", "/healthz", "/readyz", "/metrics"])
def test_styles_and_monitoring_are_answered_under_any_name(visit: Visit, path: str) -> None:
    """A refusal is a page too, and `http://senderdesk:8080/healthz` is what a network of containers asks."""
    assert visit().get(path, headers={"host": "senderdesk:8080"}).status_code == 200


@pytest.mark.parametrize(
    ("public", "origin"),
    [
        ("https://senders.example.com", "https://senders.example.com"),
        ("https://Senders.Example.com:443/desk", "https://senders.example.com"),
        ("http://desk.local:80", "http://desk.local"),
        ("http://desk.local:443", "http://desk.local:443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"),
    ],
)
def test_however_public_url_is_written_its_own_posts_are_taken(public: str, origin: str) -> None:
    def posted(origin: str) -> Request:
        return Request({"type": "http", "headers": [(b"origin", origin.encode())]})

    sessions = Sessions(["a key that is for tests only"], public)
    sessions.check_origin(posted(origin))
    with pytest.raises(Forged):
        sessions.check_origin(posted(origin + "0"))


def test_a_post_that_is_sent_slowly_does_not_outlast_the_entry_into_the_desk(house: Served, visit: Visit) -> None:
    """Begun with the cookie from before, ended when its person is at the desk: it would be theirs."""
    rita = visit()
    page = opened(rita)
    body = urlencode({"csrf": page.hidden["csrf"], "event": str(uuid.uuid4()), "text": "help"}).encode()
    head = (
        "POST /messages HTTP/1.1", f"Host: {house.url.removeprefix('http://')}", "Connection: close",
        f"Cookie: senderdesk={rita.cookies['senderdesk']}", "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}", "Expect: 100-continue", "", "",
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), timeout=20) as eve:
        eve.sendall("\r\n".join(head).encode())
        assert b" 100 " in eve.recv(1000)  # whose cookie it is has been looked at, and the body is waited for
        post(rita, "/desk", opened(rita, "/desk"), code=house.invitation(), name="Slowly")
        eve.sendall(body)
        assert eve.recv(12) == b"HTTP/1.1 403"
    assert not any(line.mine and "help" in line.text for line in Reader(rita.get("/").text).lines)


def test_the_desk_is_not_shown_to_a_cookie_that_was_good_a_moment_ago(
    house: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stands(*_: object) -> bool:
        return True

    rita = visit()
    page = opened(rita, "/desk")
    planted = rita.cookies["senderdesk"]
    post(rita, "/desk", page, code=house.invitation(), name="Moment")
    monkeypatch.setattr(Web, "stands", stands)  # it was asked just before
    with httpx2.Client(base_url=house.url, headers={"cookie": f"senderdesk={planted}"}) as eve:
        assert "To review" not in eve.get("/desk").text and eve.get("/desk/GB-2222").status_code == 404
    assert "To review" in rita.get("/desk").text


def test_who_sent_a_days_files_is_told_so(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not to wait a few seconds."""
    client = visit()
    page = opened(client)
    monkeypatch.setattr(Rate, "allows", lambda self, chat, times=1: times == 1)
    files = [("file", (f"{number}.pdf", b"%PDF-1.4")) for number in range(2)]
    refused = post(client, "/messages", page, files=files, headers={"accept": "application/json"})
    assert refused.status_code == 429 and "in a day" in refused.json()["error"]


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
    client, other = visit(), visit()
    post(client, "/messages", text="person")
    own = max(one.id for one, _ in house.house.app.store.handoffs())
    post(client, "/desk", opened(client, "/desk"), code=house.invitation(Role.ADMIN), name="Asker")
    assert f"/desk/handoffs/{own}/" not in client.get("/desk?view=handoffs").text
    assert post(client, f"/desk/handoffs/{own}/take", opened(client)).status_code == 404
    post(other, "/desk", opened(other, "/desk"), code=house.invitation(Role.ADMIN), name="Other")
    for action in ("take", "close"):
        assert post(other, f"/desk/handoffs/{own}/{action}", opened(other)).status_code == 200
    assert own not in [one.id for one, _ in house.house.app.store.handoffs()]


def test_an_error_of_ours_carries_the_guards_too(house: Served, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    client = visit()
    opened(client)

    def breaks(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(house.house.app.store, "history", breaks)
    answer = client.get("/", headers={"connection": "close"})
    assert answer.status_code == 500 and "frame-ancestors 'none'" in answer.headers["content-security-policy"]
