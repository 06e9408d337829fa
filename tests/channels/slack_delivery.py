"""What happens is brought to the app, posted to its URL or through a socket, again when it was not acknowledged."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import aiohttp
from bot_clock import Clock
from bot_faults import Fault, Faults
from bot_methods import Params
from bot_updates import Bell

RETRY_WAITS = (0.0, 60.0, 300.0)  # seconds before the first, second and third try again
PATIENCE = 3.0  # seconds, of real time


@dataclass(eq=False)
class Outcome:
    """What came of one try."""

    ok: bool
    reason: str = ""  # Slack's word for why not
    body: Any = None  # of the answer, where one is expected
    no_retry: bool = False


@dataclass(eq=False)
class Delivery:
    """Something the app is told: events_api, interactive or slash_commands."""

    kind: str
    payload: Params  # as it was when it happened
    at: float
    channel: str = ""
    answered: Callable[[Outcome], None] = lambda outcome: None
    due: float = 0.0
    tries: list[Outcome] = field(default_factory=list)
    under_way: bool = False
    acknowledged: bool = False
    lost: bool = False  # nobody will try again
    body: Any = None

    @property
    def is_event(self) -> bool:
        return self.kind == "events_api"

    @property
    def name(self) -> str:
        """The type of the event or of the interaction, or the command."""
        inner = self.payload.get("event", self.payload)
        return str(inner.get("type") or inner.get("command"))

    @property
    def settled(self) -> bool:
        return self.acknowledged or self.lost

    @property
    def retry_attempt(self) -> int:
        return len(self.tries)

    @property
    def retry_reason(self) -> str:
        return self.tries[-1].reason or "http_timeout" if self.tries else ""

    def __str__(self) -> str:
        state = "acknowledged" if self.acknowledged else "lost" if self.lost else "waits"
        return f"{self.name} {state} {[outcome.reason or 'ok' for outcome in self.tries]}"


class Carrier(Protocol):
    async def carry(self, delivery: Delivery) -> Outcome: ...


class Deliveries:
    """All of them. Everything but the carrying itself happens under the server's lock."""

    def __init__(self, clock: Clock, bell: Bell, lock: threading.Condition, seed: int) -> None:
        self._clock, self._bell, self._lock, self.faults = clock, bell, lock, Faults(seed + 1)
        self._random = random.Random(f"deliveries {seed}")
        self.all: list[Delivery] = []
        self.waiting: list[Delivery] = []  # neither acknowledged nor lost
        self.carrier: Carrier | None = None
        self.retry_waits: tuple[float, ...] = RETRY_WAITS
        self.away = self.closing = False
        self._held: list[Delivery] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, kind: str, payload: Params, **values: Any) -> Delivery:
        now = self._clock.now()
        delivery = Delivery(kind, copy.deepcopy(payload), now, due=now, **values)
        self.all.append(delivery)
        self.waiting.append(delivery)
        if self._held is not None:
            self._held.append(delivery)
        self._bell.ring()
        return delivery

    # --- faults

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Nothing is brought to the app; what could not be brought until the last try is lost."""
        self.away = True
        try:
            yield
        finally:
            with self._lock:
                self._fail_all_due()
                self.away = False
            self._bell.ring()

    @contextmanager
    def shuffle(self) -> Iterator[None]:
        """What happens meanwhile is brought afterwards, in another order, one after the other."""
        with self._lock:
            held: list[Delivery] = []
            self._held = held
        try:
            yield
        finally:
            with self._lock:
                before = list(held)
                self._random.shuffle(held)
                if held == before:
                    held.reverse()
                self._held = None
                for delivery in held:
                    delivery.under_way = True
            asyncio.run_coroutine_threadsafe(self._one_by_one(held), self._bell.loop)  # type: ignore[arg-type]

    async def _one_by_one(self, held: list[Delivery]) -> None:
        for delivery in held:
            await self._try(delivery)

    # --- the work

    async def run(self) -> None:
        """Bring what is due as long as the server lives."""
        while not self.closing:
            with self._lock:
                if self.away:
                    self._fail_all_due()
                ready, next_due = self._ready()
                for delivery in ready:
                    delivery.under_way = True
                    task = asyncio.create_task(self._try(delivery))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            await self._bell.rung(next_due)
        for task in list(self._tasks):
            task.cancel()

    def _ready(self) -> tuple[list[Delivery], float | None]:
        """What is due now, and the seconds until something else is."""
        now = self._clock.now()
        free = [delivery for delivery in self.waiting if not delivery.under_way and delivery not in (self._held or [])]
        later = [delivery.due - now for delivery in free if delivery.due > now]
        return [delivery for delivery in free if delivery.due <= now], min(later, default=None)

    def _fail_all_due(self) -> None:
        """During an outage each try fails at its own time, however far the clock has leapt."""
        while ready := self._ready()[0]:
            for delivery in ready:
                self._settle(delivery, Outcome(False, "connection_failed"), at=delivery.due)
            self._bell.ring()

    async def _try(self, delivery: Delivery) -> None:
        with self._lock:
            fault = self._fault(delivery)
        outcome = await self._carried(delivery, fault)
        with self._lock:
            if self.away:
                outcome = Outcome(False, "connection_failed")
            if fault and fault.what == "twice" and outcome.ok and delivery.is_event:
                # It comes as if the acknowledgement had been too late.
                outcome = Outcome(False, "http_timeout")
            delivery.under_way = False
            self._settle(delivery, outcome, at=self._clock.now())
        self._bell.ring()

    async def _carried(self, delivery: Delivery, fault: Fault | None) -> Outcome:
        if self.away or self.carrier is None or (fault and fault.what == "drop"):
            return Outcome(False, "connection_failed")
        if fault and fault.what == "slow":
            await asyncio.sleep(fault.seconds)
        return await self.carrier.carry(delivery)

    def _fault(self, delivery: Delivery) -> Fault | None:
        return self.faults.befalling(delivery.name, {"chat_id": delivery.channel})

    def _settle(self, delivery: Delivery, outcome: Outcome, at: float) -> None:
        delivery.tries.append(outcome)
        if outcome.ok:
            delivery.acknowledged, delivery.body = True, outcome.body
        elif delivery.is_event and not outcome.no_retry and len(delivery.tries) <= len(self.retry_waits):
            delivery.due = at + self.retry_waits[len(delivery.tries) - 1]
            return
        else:
            delivery.lost = True
        self.waiting.remove(delivery)
        delivery.answered(outcome)


class Http:
    """Posts to a URL, signed."""

    def __init__(self, url: str, signing_secret: str, session: aiohttp.ClientSession) -> None:
        self.url, self._secret, self._session = url, signing_secret, session
        self.patience = PATIENCE
        self.now: Callable[[], float] = time.time  # the receiver's clock is the real one

    async def carry(self, delivery: Delivery) -> Outcome:
        body, kind = encoded(delivery)
        retry = {"X-Slack-Retry-Num": str(delivery.retry_attempt), "X-Slack-Retry-Reason": delivery.retry_reason}
        headers = {"Content-Type": kind, **self.signed(body), **(retry if delivery.tries else {})}
        try:
            status, given, content = await self.post(body, headers)
        except TimeoutError:
            return Outcome(False, "http_timeout")
        except aiohttp.TooManyRedirects:
            return Outcome(False, "too_many_redirects")
        except aiohttp.ClientError:
            return Outcome(False, "connection_failed")
        if not 200 <= status < 300:
            return Outcome(False, "http_error", no_retry=given.get("X-Slack-No-Retry") == "1")
        return Outcome(True, body=None if delivery.is_event else _answer(content))

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer."""
        timeout = aiohttp.ClientTimeout(total=self.patience)
        async with self._session.post(self.url, data=body, headers=headers, timeout=timeout, max_redirects=2) as answer:
            return answer.status, {**answer.headers}, await answer.read()

    def signed(self, body: bytes, at: int | None = None) -> dict[str, str]:
        stamp = str(int(self.now()) if at is None else at)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature(self._secret, stamp, body)}


def signature(secret: str, stamp: str, body: bytes) -> str:
    return "v0=" + hmac.new(secret.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256).hexdigest()


def encoded(delivery: Delivery) -> tuple[bytes, str]:
    """Return the body and its content type: events are JSON, the rest are forms."""
    if delivery.is_event:
        return json.dumps(delivery.payload).encode(), "application/json"
    fields = delivery.payload if delivery.kind == "slash_commands" else {"payload": json.dumps(delivery.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _answer(content: bytes) -> Any:
    """JSON, or a text as it is, or None for an empty body."""
    text = content.decode(errors="replace").strip()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return {"text": text}


# Of each the body if it is another, seconds added to the timestamp, and headers (None leaves one out).
FORGERIES: dict[str, tuple[bytes | None, int, dict[str, str | None]]] = {
    "wrong signature": (None, 0, {"X-Slack-Signature": "v0=" + "0" * 64}),
    "no signature": (None, 0, {"X-Slack-Signature": None}),
    "no timestamp": (None, 0, {"X-Slack-Request-Timestamp": None}),
    "bad timestamp": (None, 0, {"X-Slack-Request-Timestamp": "abc"}),
    "empty timestamp": (None, 0, {"X-Slack-Request-Timestamp": ""}),
    "old timestamp": (None, -301, {}),
    "future timestamp": (None, 301, {}),
    "bad json": (b"{not json", 0, {}),
    "null": (b"null", 0, {}),
    "a list": (b"[]", 0, {}),
    "no body": (b"", 0, {}),
}  # fmt: skip
