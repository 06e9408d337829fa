"""Requests nobody signed: each kind of mutation by name, made by chance.

None of them is what a platform would send: whatever else is right about one, it is not to be believed.
"""

from __future__ import annotations

import copy
import gzip
import random
import time
from collections.abc import Callable
from typing import Any

from forged_house import signed
from forged_wires import FORM, Headers, Sent, chunked, request

LATE = 300  # seconds: older than this nothing of Slack's counts
JSON = b"application/json"
TYPES = (
    JSON, FORM, b"multipart/form-data; boundary=x", b"text/plain", b"", b"application/json; charset=utf-16",
    b"application/json; charset=\xff", b"application/x-www-form-urlencoded; charset=utf-7", b"a" * 9000,
    b"multipart/form-data", b"multipart/form-data; boundary=" + b"y" * 3000, b"; ; =", b"application/\x80json",
)  # fmt: skip
METHODS = (b"GET", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"post", b"POSTT", b"!")

Body = Callable[[random.Random], bytes]

# What a parser stumbles over, or would be kept busy by.
RUBBISH: dict[str, Body] = {
    "nothing": lambda chance: b"",
    "noise": lambda chance: chance.randbytes(chance.randrange(1, 4000)),
    "NULs": lambda chance: b"\0" * chance.randrange(1, 4000),
    "no UTF-8": lambda chance: b'{"update_id": 1, "message": "\xc3\x28\xff\xfe"}',
    "UTF-16": lambda chance: '{"update_id": 1}'.encode("utf-16"),
    "byte order mark": lambda chance: b'\xef\xbb\xbf{"update_id": 1}',
    "lone surrogates": lambda chance: b'{"type": "event_callback", "event": {"text": "\\ud800 \\udfff"}}',
    "doubled keys": lambda chance: (
        b'{"update_id": 1, "update_id": 2, "type": "a", "type": "b", "event": 1, "event": {}}'
    ),
    "huge number": lambda chance: b'{"update_id": ' + b"9" * chance.randrange(20, 200_000) + b"}",
    "huge power": lambda chance: b'{"update_id": 1e' + b"9" * chance.randrange(3, 9) + b"}",
    "no number": lambda chance: b'{"update_id": NaN, "event": {"ts": -Infinity}}',
    "deep": lambda chance: chance.choice([b"[", b'{"a":']) * chance.randrange(1000, 100_000),
    "deep, whole": lambda chance: b'{"event":' * (deep := chance.randrange(900, 20_000)) + b"1" + b"}" * deep,
    "not an object": lambda chance: chance.choice([b"[]", b"7", b"null", b'"a"', b"true", b'[{"update_id": 1}]']),
    "zipped": lambda chance: gzip.compress(b'{"update_id": 1}'),
    "zip bomb": lambda chance: _BOMB,
    "payload twice": lambda chance: b"payload=%7B%7D&payload=%7B%22type%22%3A1%7D&payload",
    "bad escapes": lambda chance: b"payload=%zz%1&%=%&text=%E2%82&command=%00",
    "many fields": lambda chance: b"&".join(b"f%d=1" % number for number in range(chance.randrange(200, 10_000))),
    "multipart": lambda chance: b'--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--\r\n',
    "XML": lambda chance: b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;&b;</a>',
}
_BOMB = gzip.compress(bytes(10_000_000))


def rubbish(chance: random.Random) -> bytes:
    return RUBBISH[chance.choice(sorted(RUBBISH))](chance)


# --- proofs that are none


def _telegrams(chance: random.Random, secret: bytes) -> Headers:
    """The header with the word, which is not the word."""
    name = b"X-Telegram-Bot-Api-Secret-Token"
    at = chance.randrange(1, len(secret))
    words: list[list[bytes]] = [
        [], [b""], [secret[:at]], [secret + b"x"], [secret.upper()], [secret[:at] + b" " + secret[at:]],
        [b"wrong", b"wrong"], [b"\xff\xfe" * 20], ["ä".encode() * 30], [b"x" * chance.randrange(1000, 60_000)],
        [secret[::-1]], [b'"' + secret + b'"'], [secret[:at] + b"\t" + secret[at:]], [chance.randbytes(8).hex().encode()],
        [secret + b", " + secret], [b"wrong", secret],
    ]  # fmt: skip
    wrong = [(name, word) for word in chance.choice(words)]
    return wrong + [(name.replace(b"-", b"_"), secret)] * chance.randrange(2)  # what some servers take for the same


def _slacks(chance: random.Random, secret: str, body: bytes) -> Headers:
    """Slack's two headers, of which one is wrong or both are."""
    now = time.time()
    (stamp_name, stamp), (name, word) = signed(body, secret, now)
    at = chance.randrange(3, len(word) - 1)
    other = signed(body + b" ", secret, now)[1][1]
    flipped = word[:at] + bytes([word[at] ^ 1]) + word[at + 1 :]
    words: list[list[bytes]] = [
        [], [b""], [word[:at]], [word + b"0"], [word.upper()], [b"V" + word[1:]], [b"v1" + word[2:]], [word[3:]],
        [b"v0= " + word[3:]], [word[:at] + b" " + word[at:]], [other], [flipped], [other, word], [b"v0=" + b"\xff" * 64],
        ["v0=ä".encode() * 20], [b"v0=" + b"a" * chance.randrange(1000, 60_000)], [b"v0=" + b"0" * 64], [b"v0="],
        [word + b"," + word], [signed(body, "", now)[1][1]], [signed(body, secret, now - 1)[1][1]],
    ]  # fmt: skip
    wrong: Headers = [(stamp_name, stamp)] + [(name, one) for one in chance.choice(words)]
    if chance.random() < 0.5:
        return wrong
    # A signature that is right for its time, and no time for it.
    far = chance.choice([-LATE - 2, LATE + 5, -86_400, 86_400, -int(now), 10**10])
    stale = signed(body, secret, now + far)
    times: list[Headers] = [
        stale, [stale[1]], [(stamp_name, b""), stale[1]], [(stamp_name, stale[0][1]), (stamp_name, stamp), stale[1]],
        *([(stamp_name, odd), (name, word)] for odd in (
            b"now", b"-" + stamp, b"+" + stamp, stamp + b".0", b"1e9", b"9" * chance.choice([19, 20, 400, 5000]),
            "١٢٣٤٥٦٧٨٩٠".encode(), b"\xff" * 10, b"0x" + stamp, stamp[:5] + b"_" + stamp[5:], stamp + b" 1", b"NaN",
            b"inf", b"\xb2" * 10, b"0" * 15 + stamp,
        )),
    ]  # fmt: skip
    return chance.choice(times)


def proof(platform: str, chance: random.Random, secrets: dict[str, str], body: bytes) -> Headers:
    if platform == "telegram":
        return _telegrams(chance, secrets["telegram"].encode())
    return _slacks(chance, secrets["slack"], body)


# --- requests

PATHS = {"telegram": b"/telegram/webhook", "slack": b"/slack/events"}


def forged(platform: str, chance: random.Random, secrets: dict[str, str], payload: bytes) -> Sent:
    """A request to the platform's address that the platform did not send."""
    kind = chance.choice(sorted(_KINDS))
    body = payload if chance.random() < 0.4 else rubbish(chance)
    headers = [(b"Content-Type", chance.choice(TYPES) if kind == "encoding" else JSON)]
    return _KINDS[kind](chance, PATHS[platform], headers + proof(platform, chance, secrets, body), body)


def page_forged(chance: random.Random, path: bytes, cookies: list[bytes], tokens: list[bytes]) -> Sent:
    """A post to one of the page's addresses that does not come from a page of ours."""
    kind = chance.choice(sorted(_KINDS))
    fields = {"event": "5d2b2c0e-0000-4000-8000-000000000000", "text": "hello", "choice": "yes", "order": "1"}
    body = b"&".join(f"{name}={value}".encode() for name, value in fields.items())
    headers: Headers = [(b"Content-Type", FORM if chance.random() < 0.5 else chance.choice(TYPES))]
    if (cookie := chance.choice([b"", *cookies])) or chance.random() < 0.3:
        headers.append((b"Cookie", cookie))
    token = chance.choice([b"", b"\xff", *tokens])
    if chance.random() < 0.5:
        headers.append((b"X-CSRF-Token", token))
    else:
        body += b"&csrf=" + token
    if chance.random() < 0.5:
        body = rubbish(chance)
    if chance.random() < 0.3:
        origins = [b"null", b"http://evil.example", b"http://desk.example.evil", b"\xff", b""]
        headers.append((b"Origin", chance.choice(origins)))
    return _KINDS[kind](chance, path, headers, body)


def _as_it_is(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    return Sent("proof", request(b"POST", path, headers, body))


def _encoded(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    coding = chance.choice([b"gzip", b"deflate", b"br", b"identity, gzip", b"\xff", b"x" * 500])
    if coding == b"gzip":
        body = gzip.compress(body)
    return Sent("encoding", request(b"POST", path, [*headers, (b"Content-Encoding", coding)], body))


def _sized(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    """A length that is not the body's."""
    length = chance.choice([b"-1", b"+5", b"1e3", b"0x10", b"", b"9" * 30, b"1_0", b"5, 6", b"\xb2", b" ", b"NaN"])
    way = chance.randrange(7)
    if way == 0:
        return Sent(
            "length", request(b"POST", path, [*headers, (b"Content-Length", length)], body, length=False), False
        )
    if way == 1:  # more is announced than comes
        more = b"%d" % (len(body) + chance.choice([1, 1000, 10**6, 10**9, 10**15]))
        return Sent("short", request(b"POST", path, [*headers, (b"Content-Length", more)], body, length=False), False)
    if way == 2:
        return Sent("two lengths", request(b"POST", path, [*headers, (b"Content-Length", b"1")], body))
    if way == 3:  # more than one payload may have
        return Sent("large", request(b"POST", path, headers, body + b" " * chance.choice([1_000_000, 1_100_000])))
    if way == 4:
        pieces = [body[at : at + 97] for at in range(0, len(body), 97)] or [b""]
        pieces = [piece for piece in pieces if piece]
        return Sent(
            "chunks",
            request(b"POST", path, [*headers, (b"Transfer-Encoding", b"chunked")], length=False) + chunked(pieces),
        )
    if way == 5:
        lie = chance.choice(
            [b"ffffffffffffffff\r\n", b"-1\r\n", b"zz\r\n", b"5;" + b"x" * 5000 + b"\r\nhello\r\n", b"5\r\nhi"]
        )
        return Sent(
            "lying chunks",
            request(b"POST", path, [*headers, (b"Transfer-Encoding", b"chunked")], length=False) + lie,
            False,
        )
    both = [
        *headers,
        (b"Transfer-Encoding", chance.choice([b"chunked", b"gzip, chunked", b"xchunked", b"chunked\x0b"])),
    ]
    return Sent("both", request(b"POST", path, both, body), False)


def _methods(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    return Sent("method", request(chance.choice(METHODS), path, headers, body))


def _paths(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    first, last = path.rsplit(b"/", 1)
    odd = [
        b"/" + path, path + b"/", first + b"/../" + last, first + b"/./" + last, path.upper(), path + b"%00", path + b"%2f",
        path.replace(b"/", b"%2F"), path.replace(b"/", b"\\"), path + b";a=b", path + b"?a=" + b"b" * 5000, path + b"#x",
        b"http://desk.example" + path, b"*", path + b"/%2e%2e/" + last, b"/%ff%fe", path[1:], path + b"\xff", path + b" x",
        path.replace(b"e", b"%65"), b"/" + b"a" * 70_000, b"/" * 3000, b"/static/..%2f..%2f..%2fetc/passwd",
        b"/static/%2e%2e/%2e%2e/etc/passwd", b"/static/\\..\\..\\x", b"/desk/cards/" + b"9" * chance.choice([25, 5000]),
        b"/desk/handoffs/" + b"9" * chance.choice([25, 5000]) + b"/take", b"/files/" + b"x" * 9000,
    ]  # fmt: skip
    target = chance.choice(odd)
    return Sent("path", request(b"POST", target, headers, body))


def _heads(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    odd: list[Headers] = [
        [(b"X-%d" % number, b"y" * 500) for number in range(chance.choice([50, 120, 500]))],
        [(b"X-Long", b"y" * chance.choice([50_000, 70_000, 300_000]))],
        [(b"Bad Name", b"y")], [(b"", b"y")], [(b"X-Null", b"a\0b")], [(b"X-Fold", b"a\r\n b")], [(b"X-\xff", b"y")],
        [(b"Host", b"other.example")], [(b"Expect", b"100-continue")], [(b"Upgrade", b"websocket"), (b"Connection", b"Upgrade")],
        [(b"Content-Type", b"text/plain")] * 30, [(b"X-Forwarded-For", b"\xff"), (b"X-Forwarded-Proto", b"https, gopher")],
        [(b"Range", b"bytes=0-,0-,0-"), (b"If-None-Match", b"*")], [(b"Cookie", b";=;\xff; " * 900)], [(b"Accept", b"application/json")],
    ]  # fmt: skip
    return Sent("head", request(b"POST", path, chance.choice(odd) + headers, body))


def _half(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    raw = request(b"POST", path, headers, body)
    return Sent("half", raw[: chance.randrange(1, len(raw))], False)


def _flipped(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    """Any byte of the head but those of the proof, which is wrong already."""
    raw = bytearray(request(b"POST", path, headers, body))
    for _ in range(chance.randrange(1, 6)):
        raw[chance.randrange(len(raw) - len(body))] = chance.randrange(256)
    return Sent("flipped", bytes(raw), False)


def _not_http(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    odd = [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(200), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
           b"POST " + path + b" HTTP/9.9\r\n\r\n", b"POST " + path + b"\r\n\r\n", b"\r\n" * 500, b"\0" * 500, chance.randbytes(500),
           b"POST " + path + b" HTTP/1.0\r\n\r\n", b"POST " + path + b" HTTP/1.1\r\n\r\n"]  # fmt: skip
    return Sent("no HTTP", chance.choice(odd), False)


def _pipelined(chance: random.Random, path: bytes, headers: Headers, body: bytes) -> Sent:
    one = request(b"POST", path, headers, body).replace(b"Connection: close\r\n", b"", 1)
    return Sent("pipelined", one * chance.randrange(2, 20) + request(b"POST", path, headers, body))


_KINDS: dict[str, Callable[[random.Random, bytes, Headers, bytes], Sent]] = {
    "proof": _as_it_is, "encoding": _encoded, "size": _sized, "method": _methods, "path": _paths, "head": _heads,
    "half": _half, "flipped": _flipped, "no HTTP": _not_http, "pipelined": _pipelined,
}  # fmt: skip


# --- what is signed and yet nothing we know

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, "", " ", "\0", "a\0b", "\ud800",
    "\udfff\ud800", "\u202eevil", "x" * 70_000, "<!channel> <@U1>", "9" * 30, "9" * 5000, "-1", "١٢", "²", [], {}, [[]], [None],
    [{}], {"a": None}, {"": ""}, {"text": {"text": {}}}, ["x"] * 500, "2026-13-45", "DESK-AAAA-AAAA", "/start " + "a" * 500,
    "1795341600.000100", "9999999999999999999999.1", "nan", "inf", "../../etc/passwd", "http://127.0.0.1:1/",
)  # fmt: skip


def odd(payload: Any, chance: random.Random) -> Any:
    """The payload with a few of its leaves, branches or names changed."""
    changed = copy.deepcopy(payload)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        holder, key = _somewhere(changed, chance)
        way = chance.random()
        if way < 0.6:
            holder[key] = copy.deepcopy(chance.choice(HOSTILE))
        elif way < 0.75:
            del holder[key]
        elif isinstance(holder, dict):
            name = chance.choice(["", "\0", "type", "event", "message", "from", "chat", "user", "x" * 300, "\ud800"])
            holder[name] = copy.deepcopy(holder[key] if chance.random() < 0.5 else chance.choice(HOSTILE))
        else:
            holder.append(copy.deepcopy(holder[key]))
        if not changed:
            break
    return changed


def _somewhere(thing: Any, chance: random.Random) -> tuple[Any, Any]:
    places: list[tuple[Any, Any]] = []

    def walk(one: Any) -> None:
        for key, value in list(one.items()) if isinstance(one, dict) else list(enumerate(one)):
            places.append((one, key))
            if isinstance(value, dict | list):
                walk(value)

    walk(thing)
    return chance.choice(places)
