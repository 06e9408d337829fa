"""What we sign is good for one use, one person and one chat, and only while its key is ours; links are spent by POST."""

from __future__ import annotations

import itertools
import re
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from matrix_web import Reader, begun, enters, httpx2, opened, post, revoked, served, visitor
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.slack_parts import Seals
from bot.channels.telegram_address import secrets as webhook_secrets
from bot.channels.tokens import Tokens
from bot.demo import Demo, settings_for
from bot.letters import codes
from bot.settings import load
from bot.web.session import Forged, Sessions, Visitor
from conversations.model import Role
from tests.seeded import Share

OLD, NEW, OTHER = "an older key for tests", "a newer key for tests", "a key of somebody else"
PUBLIC = "https://desk.example"


def request(cookies: str = "", **headers: str) -> Request:
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "scheme": "http",
             "server": ("127.0.0.1", 80), "headers": [*given, (b"cookie", cookies.encode())]}  # fmt: skip
    return Request(scope)


def cookie(sessions: Sessions, who: Visitor) -> str:
    response = Response()
    sessions.remember(response, who)
    return response.headers["set-cookie"].partition(";")[0]


def flash(sessions: Sessions, who: Visitor, said: str) -> str:
    response = Response()
    sessions.flash(response, who, said)
    return response.headers["set-cookie"].partition(";")[0]


class Signed:
    """Everything that these keys sign: a maker of it, and every reader, by its use."""

    def __init__(self, *keys: str) -> None:
        self.sessions, self.tokens, self.seals = Sessions(keys, None), Tokens(keys), Seals(keys)
        self.keys = keys
        self.telegram = webhook_secrets(load(
            SECRET_KEYS=",".join(keys), telegram_bot_token="123:" + "a" * 35, _env_file=None,
        ))  # fmt: skip

    def made(self, who: str = "anna") -> dict[str, str]:
        visitor = self.sessions.as_visitor(who)
        return {
            "cookie": cookie(self.sessions, visitor).partition("=")[2],
            "a desk's cookie": cookie(self.sessions, self.sessions.as_visitor(who, 7)).partition("=")[2],
            "csrf": visitor.csrf,
            "file": self.sessions.file_token(visitor, "r1/aa/x.png", "x.png", "image/png"),
            "flash": flash(self.sessions, visitor, "Approved.").partition("=")[2],
            "button": str(self.tokens.made(f"telegram:1:{who}", 1, 2, "yes")),
            "form": self.seals.sealed("form", who, f"slack:T1:{who}", "U", "GB-2222", []),
            "reasons": self.seals.sealed("reasons", who, "U", "reject", "GB-2222", None, None),
            "home": self.seals.sealed("home", who, f"slack:T1:{who}", "U", None),
            "webhook": self.telegram[0],
            "page code": codes.make("AAAAAAAA", 1, 2, 1, self.keys),
        }

    def readers(self, value: str, who: str = "anna") -> dict[str, bool]:
        """Which readers take the value, as that person's."""
        visitor = self.sessions.as_visitor(who)
        mine = self.sessions.visitor(request(f"senderdesk={value}"))
        return {
            "cookie": mine is not None and (mine.id, mine.desk) == (who, None),
            "a desk's cookie": mine is not None and (mine.id, mine.desk) == (who, 7),
            "csrf": self._checks(visitor, value),
            "file": self.sessions.file_of(visitor, value) is not None,
            "flash": self.sessions.flashed(request(f"senderdesk-flash={value}"), visitor) is not None,
            "button": self.tokens.read(f"telegram:1:{who}", value) is not None,
            "form": self.seals.opened("form", who, value) is not None,
            "reasons": self.seals.opened("reasons", who, value) is not None,
            "home": self.seals.opened("home", who, value) is not None,
            "webhook": value in self.telegram,
            "page code": codes.read(value, self.keys) is not None,
        }

    def _checks(self, visitor: Visitor, value: str) -> bool:
        try:
            return self.sessions.check(visitor, value) is visitor
        except Forged:
            return False


def test_what_is_signed_for_one_use_is_good_for_no_other() -> None:
    signed = Signed(NEW, OLD)
    made = signed.made()
    for use, value in made.items():
        taken = {name for name, takes in signed.readers(value).items() if takes}
        assert taken == {use}, use


def test_what_is_signed_for_one_person_or_chat_is_nobody_elses() -> None:
    signed = Signed(NEW)
    for use, value in signed.made("anna").items():
        taken = {name for name, takes in signed.readers(value, "eve").items() if takes}
        assert taken <= {"webhook", "page code"}, use  # the platform's, and printed: their readers ask whose page it is


def test_keys_are_changed_newest_first_and_one_that_is_gone_ends_what_it_signed() -> None:
    old, both, new = Signed(OLD), Signed(NEW, OLD), Signed(NEW)
    for use, value in old.made().items():
        assert both.readers(value)[use], f"{use}: signed before the change"
        assert not new.readers(value)[use], f"{use}: its key is gone"
    for use, value in both.made().items():
        assert new.readers(value)[use], f"{use}: signed with the newest"
        assert not old.readers(value)[use], use


def test_changed_values_are_nobodys(chance: Random, share: Share) -> None:
    """Every character of each counts."""
    signed, tried = Signed(NEW), 0
    for use, value in signed.made().items():
        for _ in range(share.of(400)):
            at = chance.randrange(len(value))
            other = chance.choice([c for c in "ABCDEFabcdef0123456789-_.~ é\0" if c != value[at]])
            kind = chance.randrange(3)
            bad = value[:at] + (other if kind == 0 else "" if kind == 1 else value[at] + other) + value[at + 1 :]
            taken = {name for name, takes in signed.readers(bad).items() if takes}
            assert taken == set() or _is_the_same(use, bad, value, signed), (use, bad)
            tried += 1
    assert tried == 11 * share.of(400)


def _is_the_same(use: str, bad: str, value: str, signed: Signed) -> bool:
    """The last character of base64 has bits to spare: another spelling of the same signature changes nothing said."""
    if use == "page code":  # hyphens, spaces and small letters do not matter; four letters of check, by design
        return bad.upper().replace("-", "").replace(" ", "") == value
    if use == "button":
        return signed.tokens.read("telegram:1:anna", bad) == signed.tokens.read("telegram:1:anna", value)
    return bad[:-1] == value[:-1] or re.sub(r"[^\w.-]", "", bad, flags=re.ASCII) == value


# --- cookies on the page ----------------------------------------------------------------------------------------------


def test_a_guessed_or_borrowed_cookie_is_nobodys(tmp_path: Path) -> None:
    with served(tmp_path) as house, httpx2.Client(base_url=house.url, follow_redirects=True) as anna:
        begun(anna)
        good = anna.cookies["senderdesk"]
        foreign = cookie(Sessions([OTHER], None), Sessions([OTHER], None).as_visitor("anna")).partition("=")[2]
        for bad in ("", "x", good[:-3], good + "A", foreign, f'"{good}x"', good.partition(".")[0], "a" * 3000):
            with httpx2.Client(base_url=house.url) as eve:
                headers = {"cookie": f"senderdesk={bad}"}
                assert eve.get("/", headers=headers).headers["location"] == "/?hello=1"
                assert eve.get("/events", headers=headers).status_code == 403
                assert eve.get("/desk/GB-2222", headers=headers).status_code == 404
                data = {"csrf": opened(anna).hidden["csrf"], "text": "help"}
                assert eve.post("/messages", data=data, headers=headers).status_code == 403


def test_who_enters_the_desk_gets_a_new_cookie_and_the_one_before_is_nobodys(tmp_path: Path) -> None:
    """Somebody planted their own cookie in a browser, or copied it there: it does not become a reviewer's."""
    with served(tmp_path) as house:
        for by in ("the door", "the chat"):
            with (
                httpx2.Client(base_url=house.url, follow_redirects=True) as rita,
                httpx2.Client(base_url=house.url) as eve,
            ):
                opened(rita)
                planted = rita.cookies["senderdesk"]
                eve.headers["cookie"] = f"senderdesk={planted}"
                token = opened(eve).hidden["csrf"]
                with eve.stream("GET", "/events") as stream:
                    lines = stream.iter_lines()
                    next(line for line in lines if line.startswith("data:"))
                    if by == "the door":
                        assert "To review" in enters(house, rita, Role.ADMIN, "Rita").text
                    else:
                        post(rita, "/messages", text=house.invitation(Role.ADMIN))
                    assert not any(line.startswith("data:") and "GB-" in line for line in lines)  # it has ended
                assert rita.cookies["senderdesk"] != planted and "To review" in rita.get("/desk").text
                assert eve.get("/").headers["location"] == "/?hello=1"
                assert "To review" not in eve.get("/desk").text
                wrong = {"csrf": token, "event": str(uuid.uuid4()), "code": "DESK-2222-2222", "name": "Eve"}
                for _ in range(2):  # no more does any code but a good one
                    answer = eve.post("/desk", data=wrong)
                    assert answer.headers["location"] == "/desk?wrong=1" and "set-cookie" not in answer.headers
                assert eve.get("/events").status_code == 403
                assert eve.post("/messages", data={"csrf": token, "text": "help"}).status_code == 403
                assert "To review" in rita.get("/desk").text


def test_the_door_answers_the_same_post_twice_alike(tmp_path: Path) -> None:
    """A button pressed twice, or an answer that got lost, locks nobody out; the same code from another page does not work."""
    with served(tmp_path) as house, httpx2.Client(base_url=house.url) as rita:
        rita.follow_redirects = True
        page = opened(rita, "/desk")
        form = {"csrf": page.hidden["csrf"], "event": page.hidden["event"], "name": "Rita"}
        form["code"] = house.invitation(Role.REVIEWER)
        before = {"cookie": f"senderdesk={rita.cookies['senderdesk']}"}
        for event, lets_in in ((form["event"], True), (form["event"], True), (str(uuid.uuid4()), False)):
            answer = httpx2.post(f"{house.url}/desk", data={**form, "event": event}, headers=before)
            assert answer.headers["location"] == ("/desk" if lets_in else "/desk?wrong=1")
            assert ("set-cookie" in answer.headers) == lets_in


def test_a_role_taken_back_ends_every_copy_of_the_cookie(tmp_path: Path) -> None:
    """There is no other way out of the desk than the one that ends it everywhere."""
    with served(tmp_path) as house, httpx2.Client(base_url=house.url, follow_redirects=True) as rita:
        enters(house, rita, Role.ADMIN, "Rita")
        copied = rita.cookies["senderdesk"]
        revoked(house, rita)
        for value in (copied, rita.cookies["senderdesk"]):
            with httpx2.Client(base_url=house.url, cookies={"senderdesk": value}, follow_redirects=True) as any_of_them:
                assert "To review" not in any_of_them.get("/desk").text
                assert any_of_them.get("/desk/GB-2222").status_code == 404


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[str, Demo]]:
    made: list[Demo] = []

    def make(house: object) -> Demo:
        made.append(Demo(house))  # type: ignore[arg-type]
        return made[0]

    with served(tmp_path, demo=make) as house:
        yield house.url, made[0]


def test_looking_never_spends_a_link_and_posting_spends_it_once(demo: tuple[str, Demo]) -> None:
    url, made = demo
    path = f"/demo/{made.link('desk')}"
    with httpx2.Client(base_url=url) as anna:
        for _ in range(3):
            assert anna.get(path).status_code == anna.head(path).status_code == 200
            assert anna.request("OPTIONS", path).status_code == 405
        page = Reader(anna.get(path).text)
        for bad in ({"csrf": ""}, {"csrf": "x"}, {"csrf": page.hidden["csrf"] + "x"}):
            assert anna.post(path, data=bad).status_code == 403
        elsewhere = anna.post(path, data={"csrf": page.hidden["csrf"]}, headers={"origin": "https://evil.example"})
        assert elsewhere.status_code == 403
        before = anna.cookies["senderdesk"]
        assert anna.post(path, data={"csrf": page.hidden["csrf"]}).status_code == 303
        assert anna.cookies["senderdesk"] != before
        with httpx2.Client(base_url=url, follow_redirects=True) as eve:
            for again in (eve.get(path), eve.get("/demo/nothing"), post(eve, path), post(eve, "/demo/nothing")):
                assert again.status_code == 404
            assert eve.get(path).text == eve.get("/demo/nothing").text


def test_of_two_who_post_a_link_at_once_one_gets_in(demo: tuple[str, Demo]) -> None:
    url, made = demo
    for _ in range(5):
        path, answers = f"/demo/{made.link('customer')}", []
        clients = [httpx2.Client(base_url=url) for _ in range(4)]
        tokens = [Reader(client.get(path).text).hidden["csrf"] for client in clients]
        start = threading.Barrier(len(clients))

        def goes(client: httpx2.Client, token: str, path: str = path, start: threading.Barrier = start) -> None:
            start.wait()
            answers.append(client.post(path, data={"csrf": token}).status_code)  # noqa: B023

        threads = [threading.Thread(target=goes, args=pair) for pair in zip(clients, tokens, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303, 404, 404, 404]
        for client in clients:
            client.close()


def test_an_invitation_is_one_use_bound_to_its_role_and_over_after_a_day(tmp_path: Path) -> None:
    from datetime import timedelta

    with served(tmp_path) as house:
        store, now = house.house.app.store, house.house.app.clock.now()
        codes = {role: house.write(store.invite, role, now - timedelta(hours=23)).code for role in Role}
        over = house.write(store.invite, Role.ADMIN, now - timedelta(hours=24, minutes=1)).code
        answers = []
        for role, code in codes.items():
            with httpx2.Client(base_url=house.url, follow_redirects=True) as one, \
                 httpx2.Client(base_url=house.url, follow_redirects=True) as two:  # fmt: skip
                assert "To review" in post(one, "/desk", opened(one, "/desk"), code=code, name="A").text
                staff = store.staff_of(visitor(house, one))
                assert staff is not None and staff.role is role
                answers.append(post(two, "/desk", opened(two, "/desk"), code=code, name="B"))
        with httpx2.Client(base_url=house.url, follow_redirects=True) as eve:
            for code in (over, "DESK-2222-2222", "DESK-2222-222", f"{codes[Role.ADMIN]}X", ""):
                answers.append(post(eve, "/desk", opened(eve, "/desk"), code=code, name="B"))
        said = [Reader(answer.text).lines or answer.text.partition('role="alert"')[2][:120] for answer in answers]
        assert all("does not work" in answer.text for answer in answers) and len(set(map(str, said))) == 1


def test_two_who_type_one_invitation_at_once_are_not_both_let_in(tmp_path: Path) -> None:
    with served(tmp_path) as house:
        for _ in range(3):
            code, clients = house.invitation(Role.ADMIN), [httpx2.Client(base_url=house.url) for _ in range(4)]
            pages = []
            for client in clients:
                client.follow_redirects = True
                pages.append(opened(client, "/desk"))
            start, got = threading.Barrier(len(clients)), []

            def enter(at: int, start: threading.Barrier = start) -> None:
                start.wait()
                got.append("To review" in post(clients[at], "/desk", pages[at], code=code, name="N").text)  # noqa: B023

            threads = [threading.Thread(target=enter, args=(at,)) for at in range(len(clients))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(got) == [False, False, False, True]
            for client in clients:
                client.close()


# --- the demonstration is for this computer alone --------------------------------------------------------------------


def test_the_demonstration_listens_on_this_computer_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says."""
    for name, value in {
        "HTTP_HOST": "0.0.0.0", "PUBLIC_URL": "https://desk.example", "DESK_CHAT": "telegram:-100123",
        "TELEGRAM_BOT_TOKEN": "123:" + "a" * 35, "SLACK_BOT_TOKEN": "xoxb-1234567890-abcdefghij", "SLACK_APP_TOKEN": "xapp-1-A0-abcdef", "TELEGRAM_MODE": "webhook", "DATABASE_URL": "sqlite:///kept.db",
        "SECRET_KEYS": "a key that signs in earnest",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    settings = settings_for(tmp_path, 8080)
    assert (settings.http_host, settings.public_url, settings.desk_chat) == ("127.0.0.1", None, None)
    assert settings.telegram_bot_token is settings.slack_bot_token is settings.slack_app_token is None
    assert settings.database == tmp_path / "demo.db"
    assert "a key that signs in earnest" not in settings.secret_keys


def test_the_demonstration_answers_to_no_other_name(demo: tuple[str, Demo]) -> None:
    url, made = demo
    path = f"/demo/{made.link('desk')}"
    port = url.rpartition(":")[2]
    for host, name in itertools.product(
        ("evil.example", "localhost.evil.example", "127.0.0.1.nip.example"), (path, "/")
    ):
        for asked in (host, f"{host}:{port}"):
            answer = httpx2.get(url + name, headers={"host": asked})
            assert answer.status_code == 421 and "set-cookie" not in answer.headers and "demo" not in answer.text
    assert httpx2.get(url + path).status_code == 200
