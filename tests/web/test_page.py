"""The chat page over HTTP, without scripts: who is let in, what is taken, what every answer carries."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import httpx2
import pytest
from browser import Served
from forms_to_post import Reader, opened, post
from PIL import Image

from bot.web.intake import FILE_LIMIT
from bot.web.session import Sessions

Visit = Callable[[], httpx2.Client]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def test_a_new_visitor_is_greeted_once(visit: Visit) -> None:
    client = visit()
    first = opened(client)
    again = opened(client)
    assert [line.mine for line in first.lines] == [False, False]
    assert [line.text for line in again.lines] == [line.text for line in first.lines]


def test_a_look_without_keeping_cookies_opens_no_chat(house: Served) -> None:
    with httpx2.Client(base_url=house.url) as client:
        answer = client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?hello=1")
    with httpx2.Client(base_url=house.url) as client:
        assert "cookies" in client.get("/?hello=1").text


def test_a_chat_goes_on_without_scripts(visit: Visit) -> None:
    client = visit()
    answer = post(client, "/messages", text="Thailand")
    page = Reader(answer.text)
    assert page.lines[2].mine and page.lines[2].text == "Thailand"
    assert "Thailand" in page.lines[3].text
    pressed = post(client, "/press", page, choice="start")
    assert any(line.mine and line.text == "Start" for line in Reader(pressed.text).lines)
    assert "Papers" in pressed.text


def test_a_pause_stands_beside_the_chat(visit: Visit) -> None:
    client = visit()
    page = Reader(post(client, "/messages", text="UAE").text)
    pressed = post(client, "/press", page, choice="start")
    assert "This country takes no new registrations now." in pressed.text


def test_the_plan_of_several_countries_comes_as_a_pdf_to_forward(house: Served, visit: Visit) -> None:
    client = visit()
    page = Reader(post(client, "/messages", text="OTP to Kenya and Thailand").text)
    assert any(line.text.startswith("Plan for login and security codes to 2 countries") for line in page.lines)
    post(client, "/press", page, choice="pdf")
    house.settled()
    page = opened(client)
    assert "to forward" in page.lines[-1].text
    (link,) = [link for link in page.links if link.startswith("/files/")]
    answer = client.get(link)
    assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    stranger = visit()
    opened(stranger)
    assert stranger.get(link).status_code == 404


def test_a_retried_post_is_taken_once(visit: Visit) -> None:
    client = visit()
    page, event = opened(client), str(uuid.uuid4())
    for _ in range(3):
        post(client, "/messages", page, text="help", event=event)
    assert [line.text for line in opened(client).lines if line.mine] == ["help"]


def test_the_text_stays_as_it_was_typed(visit: Visit) -> None:
    client = visit()
    typed = ' <b>one</b> & "two"\n  three '
    post(client, "/messages", text=typed.replace("\n", "\r\n"))
    assert next(line.text for line in opened(client).lines if line.mine) == typed


def test_an_answer_written_before_its_question_was_shown_does_not_answer_it(house: Served, visit: Visit) -> None:
    client = visit()
    before = opened(client)
    page = Reader(post(client, "/messages", text="Thailand").text)
    page = Reader(post(client, "/press", page, choice="start").text)
    page = Reader(post(client, "/press", page, choice="otp").text)
    late = post(client, "/messages", before, text="Germany")
    assert "did not take it as its answer" in late.text
    asked = page.lines[-1].text
    house.settled()
    assert opened(client).lines[-1].text == asked
    on_time = Reader(post(client, "/messages", text="Germany").text)
    assert on_time.lines[-1].text != asked


@pytest.mark.parametrize("spoilt", [
    {"csrf": ""}, {"csrf": "made-up"}, {"headers": {"origin": "https://elsewhere.example"}},
    {"headers": {"origin": "null"}}, {"headers": {"sec-fetch-site": "cross-site"}},
])  # fmt: skip
def test_a_forged_post_is_refused_and_changes_nothing(visit: Visit, spoilt: dict[str, object]) -> None:
    client = visit()
    page = opened(client)
    assert post(client, "/messages", page, text="Thailand", **spoilt).status_code == 403
    assert not any(line.mine for line in opened(client).lines)


def test_anothers_token_is_refused(visit: Visit) -> None:
    client, other = visit(), visit()
    opened(client)
    assert post(client, "/messages", opened(other), text="help").status_code == 403


def test_a_post_without_a_cookie_is_refused(house: Served, visit: Visit) -> None:
    page = opened(visit())
    with httpx2.Client(base_url=house.url) as stranger:
        assert post(stranger, "/messages", page, text="help").status_code == 403


def test_a_changed_cookie_is_nobodys(house: Served, visit: Visit) -> None:
    client = visit()
    opened(client)
    cookie = client.cookies["senderdesk"]
    with httpx2.Client(base_url=house.url, cookies={"senderdesk": cookie[:-2] + "xx"}) as other:
        assert other.get("/events").status_code == 403
        assert other.get("/").headers["location"] == "/?hello=1"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(house: Served) -> None:
    with httpx2.Client(base_url=house.url) as client:
        cookie = client.get("/").headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie


@pytest.mark.parametrize("path", ["/", "/desk", "/nowhere", "/static/chat.js", "/healthz", "/events", "/files/none"])
def test_every_answer_carries_the_guards(visit: Visit, path: str) -> None:
    client = visit()
    opened(client)
    with client.stream("GET", path) as answer:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_no_page_has_anything_inline(visit: Visit) -> None:
    client = visit()
    for path in ("/", "/desk"):
        assert opened(client, path).inline == []


def test_a_message_too_large_for_anything_is_refused_in_words(visit: Visit) -> None:
    client = visit()
    assert "too long" in post(client, "/messages", text="a" * 10_001).text
    assert "nothing to send" in post(client, "/messages", text=" ").text
    assert not any(line.mine for line in opened(client).lines)


def test_a_file_over_the_limit_is_named_and_the_others_are_taken(visit: Visit) -> None:
    client = visit()
    files = [("files", ("big.jpg", b"\0" * (FILE_LIMIT + 1), "image/jpeg")), ("files", ("small.png", PNG, "image/png"))]
    answer = post(client, "/messages", files=files)
    assert "larger than 20 MB" in answer.text
    assert "small.png" in answer.text and "big.jpg" not in answer.text


def test_more_files_than_a_message_carries_are_refused(visit: Visit) -> None:
    client = visit()
    files = [("files", (f"{number}.png", PNG, "image/png")) for number in range(11)]
    assert post(client, "/messages", files=files).status_code == 413


def test_a_file_opens_for_its_own_chat_only(house: Served, visit: Visit) -> None:
    client, stranger = visit(), visit()
    opened(stranger)
    photo = BytesIO()
    Image.effect_noise((800, 1100), 60).save(photo, "png")
    post(client, "/messages", files=[("files", ("../my licence.png", photo.getvalue(), "text/html"))])
    house.settled()
    (link,) = [link for link in opened(client).links if link.startswith("/files/")]
    mine = client.get(link)
    assert mine.headers["content-type"] == "image/png"
    shown = mine.headers["content-disposition"]
    assert shown.startswith("inline") and "my%20licence.png" in shown
    assert "sandbox" in mine.headers["content-security-policy"] and "no-store" in mine.headers["cache-control"]
    theirs, nothing = stranger.get(link), stranger.get("/files/nothing")
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.text == nothing.text


def test_what_is_no_picture_of_ours_is_a_download(house: Served, visit: Visit) -> None:
    client = visit()
    opened(client)
    sessions = Sessions(house.settings.secret_keys, None)
    visitor = sessions.as_visitor(sessions.sealed("visitor").loads(client.cookies["senderdesk"]))
    key = house.house.app.files.put("incoming", b"<script>alert(1)</script>")
    answer = client.get(f"/files/{sessions.file_token(visitor, key, 'page.html', 'text/html')}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    gone = sessions.file_token(visitor, "../../etc/passwd", "passwd", "text/plain")
    assert client.get(f"/files/{gone}").status_code == 404


def test_what_happens_is_streamed_from_the_line_the_page_has(house: Served, visit: Visit) -> None:
    client = visit()
    opened(client)
    with client.stream("GET", "/events", headers={"last-event-id": "0"}) as stream:
        lines = stream.iter_lines()
        first = next_turn(lines)
        assert first["lines"].count("<article") == 2
        post(client, "/messages", text="help")
        later = next_turn(lines)
        while "theirs" not in later["lines"]:
            later = next_turn(lines)
        assert later["last"] > first["last"]
    house.settled()
    with client.stream("GET", "/events?after=0") as stream:
        later = next_turn(stream.iter_lines())
    with client.stream("GET", "/events", headers={"last-event-id": str(later["last"])}) as stream:
        assert next_turn(stream.iter_lines())["lines"].strip() == ""


def next_turn(lines: Iterator[str]) -> dict[str, Any]:
    for line in lines:
        if line.startswith("data: "):
            return json.loads(line[6:])  # type: ignore[no-any-return]
    raise AssertionError("the stream ended")


def test_a_flood_is_slowed_down_in_words(visit: Visit) -> None:
    client = visit()
    page = opened(client)
    answers = [post(client, "/messages", page, text=" ", headers={"accept": "application/json"}) for _ in range(120)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and "few seconds" in refused[0].json()["error"]


def test_monitoring_tells_counts_and_nothing_else(house: Served, visit: Visit) -> None:
    client = visit()
    post(client, "/messages", text="A secret name")
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200
    metrics = client.get("/metrics").text
    assert "senderdesk_waiting_messages" in metrics and "secret" not in metrics
