"""What every answer of the page carries, what a forged post meets, and that a browser holds to it."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from matrix_web import COMPANY, Doors, Served, chromium, doors, httpx2, opened, post, screen, served, visitor
from playwright.sync_api import Browser, Route

from bot.web.session import Sessions, is_own_name

PAGES = ("/", "/desk", "/desk?wrong=1", "/desk/GB-2222", "/nowhere", "/files/x", "/events", "/metrics", "/healthz", "/readyz",
         "/static/chat.js", "/static/none.js", "/favicon.ico")  # fmt: skip
GUARDS = {
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip
POSTS = ("/messages", "/press", "/desk", "/desk/cards/1", "/desk/handoffs/1/take", "/desk/{form}/take", "/desk/{form}/approve",
         "/desk/{form}/reject", "/desk/{none}/take")  # fmt: skip
RUNS = (
    '<script>window.ran = "script"</script><script src="https://evil.example/x.js"></script>'
    '<script src="data:text/javascript,window.ran=1"></script><img src="x" onerror="window.ran = \'onerror\'">'
    '<svg onload="window.ran = \'svg\'"></svg><body onload="window.ran = 1"><iframe srcdoc="<script>parent.ran = 1</script>">'
    '</iframe><a id="lure" href="javascript:window.ran=1">x</a><object data="data:text/html,x"></object>'
    '<embed src="data:text/html,x"><base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/x">'
    '<style>html { --evil: 1 }</style><b id="styled" style="--evil: 1">x</b><form id="sends" action="https://evil.example/">'
    "</form><meta http-equiv=\"refresh\" content=\"9;url=javascript:window.ran=1\">"
)  # fmt: skip


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("hygiene")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def inbox(house: Served) -> int:
    with closing(sqlite3.connect(house.settings.database)) as database:
        return int(database.execute("select count(*) from inbox").fetchone()[0])


# --- what every answer carries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["stranger", "member", "admin"])
def test_every_answer_carries_every_guard(at: Doors, role: str) -> None:
    client = at.clients[role]
    addresses = [*PAGES, f"/desk/{at.references['form']}", f"/desk/{at.references['erased']}", "/desk?view=cards"]
    for address in addresses:
        with client.stream("GET", address) as answer:
            guarded(answer, address)
            kept = "no-cache" if answer.status_code == 200 and address.startswith("/static/") else "no-store"
            assert answer.headers["cache-control"] == kept, address
    for method, address in (
        ("PUT", "/"),
        ("POST", "/nowhere"),
        ("POST", "/messages"),
        ("GET", f"/desk?q={'x' * 9000}"),
    ):
        guarded(client.request(method, address), address)
    guarded(client.get("/", headers={"host": "evil.example"}), "another name")


def test_an_error_of_ours_is_guarded_too_and_says_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as house, httpx2.Client(base_url=house.url, follow_redirects=True) as client:
        opened(client)

        def breaks(*_: object) -> None:
            raise RuntimeError("a secret value")

        monkeypatch.setattr(house.house.app.store, "history", breaks)
        for accept in ("text/html", "application/json"):
            answer = client.get("/", headers={"accept": accept, "connection": "close"})
            assert answer.status_code == 500 and "secret" not in answer.text and "Traceback" not in answer.text
            guarded(answer, accept)


def guarded(answer: Any, where: str) -> None:
    for name, value in GUARDS.items():
        assert answer.headers[name] == value, (where, name)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'" and policy["object-src"] == policy["base-uri"] == "'none'", where
    assert policy["frame-ancestors"] == "'none'" and policy["form-action"] == "'self'"
    assert set(policy) <= {"default-src", "img-src", "object-src", "base-uri", "form-action", "frame-ancestors"}
    assert not re.search(r"unsafe|\*|https?:|data:", answer.headers["content-security-policy"])
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(answer.headers["permissions-policy"].split(", "))
    assert not [name for name in answer.headers if name.startswith("access-control-")], where
    assert "server" not in answer.headers or answer.headers["server"] == "uvicorn", where  # `run` names no server


def test_nobody_elses_origin_may_read_us(at: Doors) -> None:
    for address in PAGES[:6]:
        asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        for method in ("GET", "OPTIONS", "HEAD"):
            with at.clients["member"].stream(method, address, headers=asked) as answer:
                assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_monitoring_tells_nothing_of_anybody(at: Doors) -> None:
    said = "".join(at.clients["stranger"].get(path).text for path in ("/metrics", "/healthz", "/readyz"))
    people = [staff.name for staff, _ in at.house.house.app.store.staff()]
    told = (COMPANY, "KESTREL", *at.references.values(), *at.own.values(), *people, "web:", "DESK-")
    assert "senderdesk_turns" in said and not [one for one in told if one in said]


@pytest.mark.parametrize("public", ["https://desk.example", "http://desk.example:8080", None])
def test_cookies_are_as_close_as_the_address_allows(tmp_path: Path, public: str | None) -> None:
    with served(tmp_path, public_url=public) as house, httpx2.Client(base_url=house.url) as client:
        secure, prefix = bool(public and public.startswith("https")), "__Host-" if public and public[4] == "s" else ""
        answer = client.get("/")
        given = answer.headers["set-cookie"].casefold()
        assert given.startswith(f"{prefix}senderdesk=".casefold())
        assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in given.split(";")}
        assert ("secure" in given.split("; ")) == secure and "domain" not in given
        assert ("strict-transport-security" in answer.headers) == secure
        name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
        headers = {"cookie": f"{name}={value}"}
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/desk", headers=headers).text)
        assert token is not None
        form = {"csrf": token[1], "event": str(uuid.uuid4()), "text": "help"}
        own = public or house.url
        for origin, status in ((own, 303), ("https://evil.example", 403), ("null", 403), (own + ".evil.example", 403)):
            assert client.post("/messages", data=form, headers={**headers, "origin": origin}).status_code == status
        elsewhere = {**headers, "host": "evil.example", "origin": "http://evil.example"}
        assert client.post("/messages", data=form, headers=elsewhere).status_code in (403, 421)


# --- forged posts ----------------------------------------------------------------------------------------------------


def test_a_forged_post_is_refused_on_every_route_and_changes_nothing(at: Doors) -> None:
    client, other = at.clients["admin"], at.clients["member"]
    own, others = at.csrf("admin"), at.csrf("member")
    foreign = Sessions(["another house's key"], None)
    made_up = foreign.as_visitor(visitor(at.house, client).partition(":")[2]).csrf
    before = inbox(at.house)
    for path in POSTS:
        address = path.format(**at.references)
        good = {"event": str(uuid.uuid4()), "text": "help", "choice": "help", "why": "x", "code": "DESK-2222-2222"}
        for token in ("", "x", others, made_up, own[:-2], own + "x"):
            assert client.post(address, data={**good, "csrf": token}).status_code == 403, (address, token)
            assert client.post(address, data=good, headers={"x-csrf-token": token}).status_code == 403, address
        for spoilt in (
            {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": at.house.url.replace("127", "128")},
            {"origin": at.house.url + "0"}, {"origin": at.house.url.replace("http", "https")},
            {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"},
        ):  # fmt: skip
            for how in ({"data": {**good, "csrf": own}}, {"data": good, "headers": {"x-csrf-token": own}}):
                headers = {**how.get("headers", {}), **spoilt}
                assert client.post(address, data=how["data"], headers=headers).status_code == 403, (address, spoilt)
        assert other.post(address, data={**good, "csrf": own}).status_code == 403
        assert httpx2.post(at.house.url + address, data={**good, "csrf": own}).status_code == 403  # no cookie at all
    assert inbox(at.house) == before


def test_another_sites_post_is_refused_before_its_body_is_read(at: Doors) -> None:
    """However large it claims to be."""
    headers = {
        "origin": "https://evil.example",
        "content-type": "multipart/form-data; boundary=x",
        "content-length": "1",
    }
    cookie = f"senderdesk={at.clients['member'].cookies['senderdesk']}"

    def never() -> Iterator[bytes]:
        yield b"-"
        raise AssertionError("the body was asked for")

    answer = at.clients["stranger"].post("/messages", content=b"-", headers={**headers, "cookie": cookie})
    assert answer.status_code == 403 and "csrf" not in answer.text


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "evil.example:80",
                                  "[::1].evil.example", "127.0.0.1@evil.example", "a" * 300, "evil.example/127.0.0.1"])  # fmt: skip
def test_a_name_made_to_lead_here_is_not_answered(at: Doors, host: str) -> None:
    """DNS rebinding: a foreign page whose name suddenly means this computer."""
    for address in ("/", "/desk", "/events", "/files/x", f"/desk/{at.references['form']}"):
        answer = at.clients["admin"].get(address, headers={"host": host})
        assert answer.status_code in (400, 421) and COMPANY not in answer.text and "set-cookie" not in answer.headers
    form = {"csrf": at.csrf("admin"), "event": str(uuid.uuid4()), "text": "help"}
    before = inbox(at.house)
    origin = {"host": host, "origin": f"http://{host}"}
    assert at.clients["admin"].post("/messages", data=form, headers=origin).status_code in (400, 421)
    assert inbox(at.house) == before


def test_our_own_names_are_answered(at: Doors) -> None:
    for host in ("127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:80", "[::1]:8080", "192.0.2.7:8080"):
        assert at.clients["stranger"].get("/healthz", headers={"host": host}).status_code == 200, host
    assert is_own_name("desk.lan:8080", "Desk.lan") and not is_own_name("desk.lan:8080", "127.0.0.1")


def test_we_send_nobody_anywhere_else(at: Doors) -> None:
    client = at.clients["admin"]
    for address in ("//evil.example", "//evil.example/", "/\\evil.example", "/%5Cevil.example/", "/desk//evil.example/",
                    "/desk/?q=//evil.example", "/?hello=https://evil.example", "/?notice=//evil.example", "/desk/",
                    "/desk?q=https://evil.example", f"/desk?q={at.references['manager']}", "/desk?view=//evil.example"):  # fmt: skip
        answer = client.get(at.house.url + address, follow_redirects=False)
        where = answer.headers.get("location", "/")
        assert re.match(r"/(?![/\\])|" + re.escape(at.house.url) + "/", where), (address, where)


# --- what people upload ----------------------------------------------------------------------------------------------

HOSTILE = {
    "letter.pdf": b"<!doctype html><script>alert(document.domain)</script>",
    "photo.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>',
    "x.html": b"<html><script>fetch('/desk')</script>",
    "x.js": b"alert(1)",
    "a\r\nset-cookie: x=1.png": b"<script>1</script>",
}


def test_what_somebody_uploads_never_runs(at: Doors) -> None:
    """Neither for themselves nor for the desk: a download, without a type a browser would show, in a sandbox."""
    customer, reviewer = at.clients["other"], at.clients["reviewer"]
    for name, data in HOSTILE.items():
        post(customer, "/messages", files=[("files", (name, data, "text/html"))])
    at.house.settled()
    links = {link for link in opened(customer).links if link.startswith("/files/")}
    reference = at.own["other"]
    post(reviewer, f"/desk/{reference}/take", opened(reviewer))
    page = opened(reviewer, f"/desk/{reference}")
    desk = {link for link in page.links if "/files/" in link}
    fetched = [customer.get(link) for link in links] + [reviewer.get(link) for link in desk]
    sessions, who = Sessions(at.house.settings.secret_keys, None), visitor(at.house, customer).partition(":")[2]
    for name, data in HOSTILE.items():  # and had one been kept: whatever we once called it
        key = at.house.house.app.files.put("incoming", data)
        for kind in ("text/html", "image/svg+xml", "application/javascript", ""):
            token = sessions.file_token(sessions.as_visitor(who), key, name, kind)
            fetched.append(customer.get(f"/files/{token}"))
    assert len(fetched) >= 4 * len(HOSTILE)
    for answer in fetched:
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            assert answer.headers["content-type"] in (
                "application/octet-stream",
                "image/png",
                "application/pdf",
                "image/jpeg",
            )
            if answer.headers["content-type"] != "image/png":
                assert answer.headers["content-disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["content-security-policy"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert (
                answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
            )
            assert "set-cookie" not in answer.headers or "x=1" not in answer.headers["set-cookie"]


# --- a real browser --------------------------------------------------------------------------------------------------


def test_a_script_that_came_into_a_page_does_not_run(at: Doors, browser: Browser) -> None:
    """Written into every place where something is displayed, as if nothing were escaped: the policy alone stops it."""
    addresses = {"member": ("/",), "stranger": ("/desk", "/nowhere"), "admin": (
        "/desk?view=customer", "/desk?view=cards", "/desk?view=closed", f"/desk/{at.references['manager']}",
        f"/desk/{at.references['erased']}",
    )}  # fmt: skip
    places, left = 0, []

    def spoilt(route: Route) -> None:
        """Asked of what the policy lets out to the network."""
        nonlocal places
        if "evil.example" in route.request.url:
            left.append(route.request.url)
            return route.abort()
        if route.request.resource_type != "document":
            return route.continue_()
        answer = route.fetch()
        body, count = re.subn(r"</(?:p|div|span|h1|h2|li|strong|button|td|dd|a|time)>", rf"{RUNS}\g<0>", answer.text())
        places += count
        return route.fulfill(response=answer, body=body)

    for role, paths in addresses.items():
        context = browser.new_context()
        context.add_cookies(
            [{"name": "senderdesk", "value": at.clients[role].cookies["senderdesk"], "url": at.house.url}]
        )
        context.route("**/*", spoilt)
        for path in paths:
            page = context.new_page()
            page.add_init_script(
                "window.broken = 0; addEventListener('securitypolicyviolation', () => { broken += 1 })"
            )
            page.goto(at.house.url + path, wait_until="domcontentloaded")
            page.evaluate(f"document.body.insertAdjacentHTML('beforeend', {RUNS!r})")
            page.evaluate("document.getElementById('lure')?.click()")
            page.evaluate("new Promise((done) => setTimeout(done, 60))")
            assert page.evaluate("window.ran") is None, path
            assert page.evaluate("broken") > 3, path
            styled = page.evaluate("getComputedStyle(document.getElementById('styled')).getPropertyValue('--evil')")
            assert styled == "" and page.evaluate("document.baseURI").startswith(at.house.url)
            page.evaluate("document.getElementById('sends').submit()")
            assert page.url.startswith(at.house.url)
            page.close()
        context.close()
    assert places > 40 and not left


def test_a_foreign_page_can_neither_frame_nor_post(at: Doors, browser: Browser) -> None:
    context, before = browser.new_context(), inbox(at.house)
    value = at.clients["member"].cookies["senderdesk"]
    context.add_cookies([{"name": "senderdesk", "value": value, "url": at.house.url, "sameSite": "Lax"}])
    form = "".join(
        f'<input name="{name}" value="{what}">' for name, what in
        {"csrf": at.csrf("member"), "event": str(uuid.uuid4()), "text": "cancel"}.items()
    )  # fmt: skip
    evil = (
        f'<iframe id="frame" src="{at.house.url}/"></iframe><iframe name="into"></iframe>'
        f'<form id="form" method="post" action="{at.house.url}/messages" target="into">{form}</form>'
    )
    context.route("https://evil.example/*", lambda route: route.fulfill(body=evil, content_type="text/html"))
    page = context.new_page()
    answers: list[tuple[str, int]] = []
    page.on("response", lambda one: answers.append((one.request.method, one.status)))
    page.goto("https://evil.example/")
    page.evaluate("document.getElementById('form').submit()")
    page.evaluate(
        """async (url) => { for (const mode of ["no-cors", "cors"])
      await fetch(url + "/messages", { method: "POST", mode, credentials: "include", body: new URLSearchParams({ text: "x" }) })
        .catch(() => null) }""",
        at.house.url,
    )
    page.evaluate("new Promise((done) => setTimeout(done, 200))")
    shown = [frame.content() for frame in page.frames[1:]]
    assert not [one for one in shown if 'role="log"' in one or "senderdesk" in one.casefold()]
    assert [status for method, status in answers if method == "POST"] in ([], [403], [403, 403], [403, 403, 403])
    assert inbox(at.house) == before
    with screen(browser, at.house.url) as own:  # the same browser goes on in our own page
        own.go("/")
        own.says("help")
    context.close()
