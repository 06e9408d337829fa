"""What waits for the bot: handed out to a poll or posted to a webhook, until it is confirmed or too old."""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from bot_clock import Clock
from bot_methods import BotApiError, Params, bad

KEPT = {"callback_query": 150.0}  # seconds; all else:
KEPT_A_DAY = 24 * 3600.0
ONLY_IF_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}
KINDS = {
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
    "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
    "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
    "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost", "managed_bot", "guest_message",
}  # fmt: skip
POLL_MAX = 50  # seconds


class Bell:
    """Wakes whoever waits, in any thread, when something has changed."""

    def __init__(self, lock: threading.Condition) -> None:
        self._lock, self._sleepers = lock, set[asyncio.Future[None]]()
        self.loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        with self._lock:
            self._lock.notify_all()
        if self.loop and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_result(None)

    async def rung(self, seconds: float | None) -> None:
        """Wait until it rings, so many seconds at most."""
        sleeper = asyncio.get_running_loop().create_future()
        self._sleepers.add(sleeper)
        try:
            await asyncio.wait_for(sleeper, seconds)
        except TimeoutError:
            pass
        finally:
            self._sleepers.discard(sleeper)


@dataclass(eq=False)
class Waiting:
    """An update the bot has not confirmed."""

    id: int
    kind: str
    payload: str  # as it was when it happened
    key: str  # a webhook gets one update of a key at a time
    expires: float
    due: float = 0.0
    tries: int = 0

    def json(self) -> Params:
        return {"update_id": self.id, self.kind: json.loads(self.payload)}


@dataclass
class Webhook:
    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    last_error_at: int = 0


class Updates:
    """The queue. Everything but the posting itself happens under the server's lock."""

    def __init__(self, clock: Clock, bell: Bell, lock: threading.Condition, seed: int, *, local: bool) -> None:
        self._clock, self._bell, self._lock, self._local = clock, bell, lock, local
        self._random = random.Random(f"updates {seed}")
        self._next_id = self._random.randrange(10**8, 9 * 10**8)
        self.waiting: list[Waiting] = []
        self.confirmed: list[Waiting] = []
        self.dropped: list[Waiting] = []  # too old, or of no interest any more
        self.allowed = KINDS - ONLY_IF_ASKED
        self.webhook = Webhook()
        self.routes: dict[str, str] = {}  # the start of a public address -> where it is in truth
        self.held: set[str] = set()  # keys no webhook gets now
        self.doubles = 0  # so many answers give their updates twice
        self.forgets = 0  # so many confirmations are forgotten
        self.closing = self.away = False
        self.complain: Callable[[str], None] = lambda words: None
        self.retry_base, self.patience = 2.0, 60.0  # seconds
        self._poller: object | None = None
        self._in_flight: set[str] = set()
        self._posts: set[asyncio.Task[None]] = set()

    def add(self, kind: str, payload: Params, key: str) -> None:
        if kind not in self.allowed:
            return
        expires = self._clock.now() + KEPT.get(kind, KEPT_A_DAY)
        self.waiting.append(Waiting(self._next_id, kind, json.dumps(payload), key, expires))
        self._next_id += 1
        self._bell.ring()

    def drop_old(self) -> None:
        now = self._clock.now()
        self.dropped += [update for update in self.waiting if update.expires <= now]
        self.waiting = [update for update in self.waiting if update.expires > now]

    def drop_all(self) -> None:
        self.dropped += self.waiting
        self.waiting = []

    def allow(self, kinds: Any) -> None:
        """Which updates to keep from now on; None leaves it as it was, an empty list is the usual ones."""
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad("can't parse allowed_updates: expected an Array of String")
        if unknown := set(kinds) - KINDS:
            raise bad(f"unknown update types {', '.join(sorted(unknown))}")
        self.allowed = set(kinds) or KINDS - ONLY_IF_ASKED

    # --- polling

    async def poll(self, params: Params) -> list[Params]:
        """Return what waits from an offset on; what is below it is confirmed and gone."""
        me = self._poller_of(params)
        until = time.monotonic() + min(max(params.get("timeout", 0), 0), POLL_MAX)
        while True:
            with self._lock:
                if self._poller is not me:
                    raise BotApiError(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")  # fmt: skip
                if self.webhook.url:
                    raise BotApiError(409, "Conflict: terminated by setWebhook request")
                batch, left = self._batch(params), until - time.monotonic()
                if batch or left <= 0 or self.closing:
                    self._poller = None
                    return batch
            await self._bell.rung(left)

    def _poller_of(self, params: Params) -> object:
        with self._lock:
            if self.webhook.url:
                raise BotApiError(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")  # fmt: skip
            self.allow(params.get("allowed_updates"))
            self._poller = me = object()
            self._confirm(params.get("offset", 0))
        self._bell.ring()  # the poll before this one ends
        return me

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.confirmed, self.waiting = self.confirmed + self.waiting[:offset], self.waiting[offset:]
            return
        done = [update for update in self.waiting if update.id < offset]
        if done and self.forgets > 0:
            self.forgets -= 1
            return
        self.confirmed += done
        self.waiting = [update for update in self.waiting if update.id >= offset]

    def _batch(self, params: Params) -> list[Params]:
        if self.away:
            return []
        self.drop_old()
        batch = [update.json() for update in self.waiting[: min(max(params.get("limit", 100), 1), 100)]]
        if batch and self.doubles > 0:
            self.doubles -= 1
            batch = [update for update in batch for _ in range(2)]
        return batch

    # --- the webhook

    def set_webhook(self, params: Params) -> bool:
        url, secret = params["url"], params.get("secret_token", "")
        if url:
            self._check_address(url)
        if len(secret) > 256:
            raise bad("secret token is too long")
        if re.search(r"[^A-Za-z0-9_-]", secret):
            raise bad("secret token contains unallowed characters")
        self.allow(params.get("allowed_updates"))
        if params.get("drop_pending_updates"):
            self.drop_all()
        self.webhook = Webhook(url, secret, min(max(params.get("max_connections", 40), 1), 100))
        for update in self.waiting:
            update.due, update.tries = 0.0, 0
        self._bell.ring()
        return True

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        if self._local and parts.scheme in ("http", "https"):
            return
        if parts.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if parts.port not in (None, 443, 80, 88, 8443):
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if parts.hostname in ("localhost", "127.0.0.1", "::1"):
            raise bad(f"bad webhook: IP address {parts.hostname} is reserved")

    def webhook_info(self) -> Params:
        self.drop_old()
        hook = self.webhook
        known: Params = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(self.waiting)}
        if hook.url:
            known |= {"max_connections": hook.connections, "ip_address": "203.0.113.7"}
        if hook.last_error_at:
            known |= {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
        if self.allowed != KINDS - ONLY_IF_ASKED:
            known["allowed_updates"] = sorted(self.allowed)
        return known

    async def post_forever(self) -> None:
        """Bring updates to the webhook as long as there is one."""
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=self.patience) as client:
            while not self.closing:
                with self._lock:
                    ready, next_due = self._ready()
                    for update in ready:
                        self._in_flight.add(update.key)
                        task = asyncio.create_task(self._post(client, update))
                        self._posts.add(task)
                        task.add_done_callback(self._posts.discard)
                await self._bell.rung(next_due)
            for task in list(self._posts):
                task.cancel()

    def _ready(self) -> tuple[list[Waiting], float | None]:
        """The first of each key, if its time has come, and the seconds until another's comes."""
        if not self.webhook.url or self.away:
            return [], None
        self.drop_old()
        first = {update.key: update for update in reversed(self.waiting)}
        free = [update for key, update in first.items() if key not in self._in_flight | self.held]
        self._random.shuffle(free)  # there is no order between keys
        now = self._clock.now()
        later = [update.due - now for update in free if update.due > now]
        room = self.webhook.connections - len(self._in_flight)
        return [update for update in free if update.due <= now][:room], min(later, default=None)

    async def _post(self, client: httpx.AsyncClient, update: Waiting) -> None:
        hook, update.tries = self.webhook, update.tries + 1
        url = next((hook.url.replace(a, b, 1) for a, b in self.routes.items() if hook.url.startswith(a)), hook.url)
        secret = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
        wrong, after = "", None
        try:
            answer = await client.post(url, json=update.json(), headers=secret)
            if not answer.is_success:
                wrong = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
                after = answer.headers.get("Retry-After")
            if answer.status_code == 410:
                self.complain("the webhook answered 410: after a day of it Telegram drops the webhook")
            if answer.is_success and b'"method"' in answer.content:
                self.complain("a method called in the answer to the webhook: its result would never be known")
        except httpx.TimeoutException:
            wrong = "Read timeout expired"
        except httpx.HTTPError as error:
            wrong = "Connection refused" if isinstance(error, httpx.ConnectError) else "Connection closed"
        with self._lock:
            self._in_flight.discard(update.key)
            self._failed(hook, update, wrong, after) if wrong else self._taken(update)
        self._bell.ring()

    def _taken(self, update: Waiting) -> None:
        if self.doubles > 0:
            self.doubles -= 1
        elif update in self.waiting:
            self.waiting.remove(update)
            self.confirmed.append(update)

    def _failed(self, hook: Webhook, update: Waiting, wrong: str, after: str | None) -> None:
        """Again at once after the first failure, then after 2, 4, 8 ... seconds, a minute or two at most."""
        hook.last_error, hook.last_error_at = wrong, int(self._clock.now())
        wait = 0.0 if update.tries == 1 else self.retry_base * 2 ** (update.tries - 2)
        if after and after.isdigit():
            wait = min(float(after), 3600.0)
        update.due = self._clock.now() + min(wait, self._random.uniform(60, 120) if not after else wait)
