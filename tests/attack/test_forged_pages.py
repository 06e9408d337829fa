"""Posts to the page that come from no page of ours, on raw sockets to the real process: refused, and no trace."""

from __future__ import annotations

import random
import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import forged_mutations as mutations
import pytest
from forged_house import KEY, House, running
from forged_posting import untouched, what_is_wrong
from forged_wires import FORM, answers, request, talked
from itsdangerous import URLSafeSerializer
from starlette.routing import Route

from bot.settings import load
from bot.web.render import Pages
from bot.web.server import make_app
from bot.wiring import opened

VISITORS = 20
ORIGIN = (b"Origin", b"http://desk.example")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("forged")) as house:
        yield house


@pytest.fixture(scope="module")
def visitors(house: House) -> list[tuple[bytes, bytes]]:
    """The cookie of each, and the token of their page."""
    return [_visitor(house) for _ in range(VISITORS)]


def _visitor(house: House) -> tuple[bytes, bytes]:
    met = talked(house.port, request(b"GET", b"/", []))
    cookie = re.search(rb"set-cookie: ([^;]+)", met).group(1)
    page = talked(house.port, request(b"GET", b"/", [(b"Cookie", cookie)]))
    return cookie, re.search(rb'name="csrf" value="([^"]+)"', page).group(1)


async def posts_of(folder: Path) -> list[bytes]:
    """Every address of the server that takes posts from a page, with something in the place of its parameters."""
    settings = load(database_url=f"sqlite:///{folder}/desk.db", files_url=f"file:{folder}/files", given_keys=(KEY,))
    async with opened(settings) as house:
        web = make_app(house.app, settings, house.page, Pages(house.catalogs.words(), "en"))
        routes = [route for route in web.routes if isinstance(route, Route) and "POST" in (route.methods or ())]
    known = {"card:int": "1", "handoff:int": "1", "action": "take", "reference": "TH-4K7Q"}
    return [re.sub(r"{(.+?)}", lambda found: known[found[1]], route.path).encode() for route in routes]


async def test_nothing_is_taken_that_comes_from_no_page_of_ours(
    house: House, visitors: list[tuple[bytes, bytes]], chance: random.Random, share, tmp_path: Path
) -> None:
    paths = await posts_of(tmp_path)
    assert {b"/messages", b"/press", b"/desk", b"/desk/TH-4K7Q/take"} <= set(paths)
    other = URLSafeSerializer("another key", salt="senderdesk:visitor").dumps("anna").encode()
    forged = [
        b"senderdesk=" + other,
        b"senderdesk=x.y",
        b"senderdesk=" + b"x" * 9000,
        b"senderdesk=\xff",
        b"__Host-" + visitors[0][0],
    ]
    odd = [b"x.y", other, visitors[0][0].partition(b"=")[2], b"x" * 9000]
    before, sent = house.rows(), []
    for number in range(share.of(1400)):
        (cookie, _), (_, token) = visitors[number % VISITORS], visitors[(number + 1) % VISITORS]
        sent.append(
            mutations.page_forged(
                chance, chance.choice(paths), [cookie, chance.choice(forged)], [token, chance.choice(odd)]
            )
        )
    print(Counter(one.what for one in sent))
    posts = (one for one in sent if not one.raw.startswith((b"GET /desk ", b"HEAD /desk ")))  # the door is looked at
    mistakes = [wrong for one in posts if (wrong := what_is_wrong(house, one))]
    assert not mistakes, "\n".join(mistakes[:20])
    untouched(house, before)


def test_without_a_cookie_and_from_elsewhere_nothing_of_the_body_is_read(
    house: House, visitors: list[tuple[bytes, bytes]]
) -> None:
    before, (cookie, token) = house.rows(), visitors[0]
    for headers in (
        [], [(b"X-CSRF-Token", token)], [(b"Cookie", cookie), (b"X-CSRF-Token", visitors[1][1])],
        [(b"Cookie", cookie), (b"X-CSRF-Token", token), (b"Origin", b"http://evil.example")],
        [(b"Cookie", cookie), (b"Origin", b"null")], [(b"Cookie", cookie), (b"Sec-Fetch-Site", b"cross-site")],
    ):  # fmt: skip
        head = request(
            b"POST", b"/messages", [*headers, (b"Content-Type", FORM), (b"Content-Length", b"100000")], length=False
        )
        with socket.create_connection(("127.0.0.1", house.port), timeout=10) as wire:
            wire.sendall(head)  # and nothing of the body
            assert wire.recv(65536).startswith(b"HTTP/1.1 403"), head
    untouched(house, before)


# A form of this visitor's own page, and what may be wrong with it all the same.
SIGNED = {
    "no boundary": (b"multipart/form-data", b"--x--\r\n"),
    "another boundary": (b"multipart/form-data; boundary=y", b"--x\r\n\r\n--x--\r\n"),
    "no end": (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello'),
    "no head": (b"multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--\r\n"),
    "a huge head": (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: " + b"a" * 9_000_000 + b"\r\n\r\n\r\n--x--\r\n"),
    "many heads": (b"multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 300_000 + b"\r\n\r\n--x--\r\n"),
    "many parts": (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 50_000 + b"--x--"),
    "many files": (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nb\r\n' * 50 + b"--x--"),
    "a file without end": (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n' + b"c" * 100_000),
    "a long boundary": (b"multipart/form-data; boundary=" + b"b" * 60_000, b"--x--"),
    "an odd boundary": (b"multipart/form-data; boundary=\xff\xfe", b"--\xff\xfe--"),
    "an odd disposition": (b"multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name*=utf-99''%ff; filename*=x\r\n\r\n\r\n--x--\r\n"),
    "a long field": (FORM, b"text=" + b"a" * 100_000),
    "a long name": (FORM, b"a" * 200_000 + b"=1"),
    "many fields": (FORM, b"&".join(b"f%d=1" % number for number in range(1000))),
    "bad escapes": (FORM, b"text=%zz%&event=%00&%="),
    "no form": (b"application/json", b"{}"),
    "no type": (b"", b"text=a"),
    "large": (b"multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n' + bytes(202_000_000)),
}  # fmt: skip


def test_an_odd_form_of_ones_own_page_is_refused_too(house: House, visitors: list[tuple[bytes, bytes]]) -> None:
    before, held = house.rows(), house.peak
    for number, (name, (kind, body)) in enumerate(SIGNED.items()):
        cookie, token = visitors[number % VISITORS]
        headers = [(b"Cookie", cookie), (b"X-CSRF-Token", token), ORIGIN, (b"Content-Type", kind)]
        got = answers(house.port, request(b"POST", b"/messages", headers, body))
        assert len(got) == 1 and (400 <= got[0] < 500 or got == [303]), (name, got)
        half = request(
            b"POST", b"/messages", [*headers, (b"Content-Length", b"%d" % (len(body) + 9))], body[:5000], length=False
        )
        assert answers(house.port, half, whole=False) in ([], [400]), name
    assert house.peak - held < 100_000_000
    assert list(house.process.folder.glob("senderdesk-*")) == []  # nothing of them is left on the disk
    untouched(house, before)


def test_a_true_form_is_taken(house: House, visitors: list[tuple[bytes, bytes]]) -> None:
    cookie, token = visitors[0]
    before = house.rows()
    body = b"text=hello&event=5d2b2c0e-0000-4000-8000-000000000000&csrf=" + token
    headers = [(b"Cookie", cookie), (b"Content-Type", FORM), ORIGIN]
    assert answers(house.port, request(b"POST", b"/messages", headers, body)) == [303]
    assert house.rows()["inbox"] > before["inbox"]
