"""Who is at the page: a signed cookie, a token against forged posts, and how often one may write."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

FLASH = "senderdesk-flash"
HOST = re.compile(r"(?:\[(?P<bracketed>[0-9a-f:.]+)\]|(?P<name>[a-z0-9.-]+))(?::[0-9]{1,5})?")
PORTS = {"http": 80, "https": 443}
KEPT = 400 * 24 * 3600  # seconds; the longest browsers keep a cookie


class Forged(Exception):
    """The post does not come from a page of ours that this visitor has open."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser. The same string names the person and their chat."""

    id: str
    csrf: str
    desk: int | None = None  # number of the staff member its cookie was made for, when they entered the desk

    @property
    def principal(self) -> str:
        return f"web:{self.id}"

    chat = principal


class Sessions:
    """Reads and writes the cookie, and signs what only this visitor may ask for."""

    def __init__(self, keys: Sequence[str], public_url: str | None) -> None:
        self._keys = list(reversed(keys))  # itsdangerous signs with the last one and reads with any
        self._origin = _origin(public_url) if public_url else None
        self.secure = bool(public_url and public_url.startswith("https:"))
        self._cookie = self.cookie("senderdesk")

    def cookie(self, name: str) -> str:
        """As the cookie is called: one that begins with __Host- can't be planted by a neighbouring subdomain.

        Browsers allow that over https only.
        """
        return f"__Host-{name}" if self.secure else name

    def visitor(self, request: HTTPConnection) -> Visitor | None:
        """Who the cookie says is asking, or None without a cookie of ours."""
        try:
            who = self.sealed("visitor").loads(request.cookies.get(self._cookie, ""))
        except BadData:
            return None
        return self.as_visitor(*who) if isinstance(who, list) else self.as_visitor(who)

    def as_visitor(self, id: str, desk: int | None = None) -> Visitor:
        return Visitor(id, str(self.sealed("csrf").dumps(id)), desk)

    def newcomer(self) -> Visitor:
        return self.as_visitor(secrets.token_urlsafe(18))

    def remember(self, response: Response, visitor: Visitor) -> None:
        who = visitor.id if visitor.desk is None else [visitor.id, visitor.desk]
        value = str(self.sealed("visitor").dumps(who))
        response.set_cookie(
            self._cookie, value, max_age=KEPT, httponly=True, samesite="lax", secure=self.secure, path="/"
        )

    def check_origin(self, request: HTTPConnection) -> None:
        """Raises Forged when another site posts. Needs no body: asked before one is read."""
        origin = request.headers.get("origin")
        own = self._origin or f"{request.url.scheme}://{request.headers.get('host', '')}"
        if origin is not None and origin != own:
            raise Forged
        if origin is None and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Forged

    def check(self, visitor: Visitor | None, token: str) -> Visitor:
        """The visitor, when the token is of a page of theirs. Raises Forged: it is not, or there is no cookie."""
        if visitor is None or not self._is_of(token, visitor):
            raise Forged
        return visitor

    def _is_of(self, token: str, visitor: Visitor) -> bool:
        try:
            return bool(self.sealed("csrf").loads(token) == visitor.id)
        except BadData:
            return False

    def file_token(self, visitor: Visitor, key: str, name: str, media_type: str) -> str:
        """A word that opens this file to this visitor and to nobody else."""
        return str(self.sealed("file", visitor.id).dumps([key, name, media_type]))

    def file_of(self, visitor: Visitor, token: str) -> tuple[str, str, str] | None:
        """(key, name, media type) of a file shown to this visitor, or None when it was not shown to them."""
        try:
            key, name, media_type = self.sealed("file", visitor.id).loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return key, name, media_type

    def flash(self, response: Response, visitor: Visitor, said: str) -> None:
        """Give this visitor a word to be shown on the page that is fetched next; none takes back what was given."""
        value = str(self.sealed("flash", visitor.id).dumps(said)) if said else ""
        response.set_cookie(
            self.cookie(FLASH), value, max_age=60 if said else 0, httponly=True, samesite="lax", secure=self.secure,
            path="/",
        )  # fmt: skip

    def flashed(self, request: HTTPConnection, visitor: Visitor) -> str | None:
        """The word this visitor was given, or None."""
        try:
            return str(self.sealed("flash", visitor.id).loads(request.cookies.get(self.cookie(FLASH), "")))
        except BadData:
            return None

    def sealed(self, *use: str) -> URLSafeSerializer:
        """Signs values for one use, so that none of them passes for another."""
        return URLSafeSerializer(self._keys, salt="senderdesk:" + ":".join(use))


def _origin(url: str) -> str:
    """As browsers write it: in small letters, other scripts as IDNA, without the port that needs no saying."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, PORTS[parts.scheme]) else "")


def is_own_name(host: str, own: str) -> bool:
    """Whether a Host header names this computer and not a site whose name was made to lead here.

    Such a page would be let into ours by its browser. It can't do that under an address of numbers, nor as localhost.
    """
    found = HOST.fullmatch(host.casefold())
    if found is None:
        return False
    name = found["name"] or found["bracketed"]
    try:
        return name in ("localhost", own.casefold()) or bool(ipaddress.ip_address(name))
    except ValueError:
        return False


class Rate:
    """How often one chat, or one address, may do it: `burst` at once, then `per_second` for as long as it likes."""

    CHATS = 10_000  # remembered at a time; the one silent longest is forgotten first

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst, self._per_second = burst, per_second
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, chat: str, times: int = 1) -> bool:
        now = time.monotonic()
        left, at = self._left.pop(chat, (float(self._burst), now))
        left = min(float(self._burst), left + (now - at) * self._per_second)
        allowed = left >= times
        self._left[chat] = (left - times if allowed else left, now)
        if len(self._left) > self.CHATS:
            self._left.popitem(last=False)
        return allowed
