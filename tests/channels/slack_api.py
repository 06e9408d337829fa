"""Slack on loopback, for tests of the real process: Web API, Socket Mode, signed posts. It refuses what Slack refuses.

Written from docs.slack.dev and what is known of the server behind it, not from our adapter.

    with SlackApi(seed=1) as api:                # api.base_url, api.bot_token, api.app_token, api.signing_secret
        anna = api.person("Anna")
        anna.types("hello")
        question = anna.waits(lambda anna: anna.answers)[-1]
        anna.presses(question, "Thailand")
    assert api.complaints == [] and api.unacknowledged == []
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from bot_clock import Clock
from bot_faults import Fault, Faults
from bot_methods import Params
from bot_people import wait
from bot_updates import Bell
from slack_delivery import FORGERIES, Deliveries, Delivery, Http
from slack_files import Files
from slack_hands import Person
from slack_http import Server
from slack_pace import Pace
from slack_people import Conversation
from slack_requests import Call, Requests
from slack_socket import Sockets
from slack_views import Views
from slack_world import SCOPES, SUBSCRIBED, App, World

T = TypeVar("T")


class SlackApi:
    """The server, the people and the channels.

    Args:
        scopes: of the bot's token; those of the app's manifest unless told.
        events: the app has subscribed to; `message.channels` and others are not among the usual ones.
        retry_waits: seconds of `api.clock` before an event is tried again.
        patience: seconds of real time the app has to acknowledge.
    """

    def __init__(
        self, signing_secret: str = "8f742231b10e8888abcd99yyyzzz85a5", bot_token: str = "xoxb-1-2-bot",
        app_token: str = "xapp-1-A1-2-app", scopes: Sequence[str] = SCOPES, seed: int = 1, *,
        events: Sequence[str] = SUBSCRIBED, retry_waits: Sequence[float] = (0.0, 60.0, 300.0), patience: float = 3.0,
    ) -> None:  # fmt: skip
        self.signing_secret, self.bot_token, self.app_token = signing_secret, bot_token, app_token
        self._lock = threading.Condition()
        self.bell = Bell(self._lock)
        self.clock, self.pace, self.faults = Clock(self.bell.ring), Pace(), Faults(seed)
        self.deliveries = Deliveries(self.clock, self.bell, self._lock, seed)
        self.deliveries.retry_waits = tuple(retry_waits)
        self.app = App(signing_secret, bot_token, app_token, list(scopes), set(events))
        self.world = World(self.app, self.clock, self.deliveries, self._lock, seed)
        self.world.ring = self.bell.ring
        self.sockets = Sockets(self.app.id, self.clock, self.bell, self._lock, seed)
        self.sockets.complain, self.sockets.patience = self.world.complain, patience
        self.deliveries.carrier = self.sockets
        self.http: Http | None = None
        self.files, self.views = Files(self.world), Views(self.world)
        self.requests = Requests(self.world, self.files, self.views, self.sockets, self.faults, self.pace)
        self.people: list[Person] = []
        self.patience = patience
        self._server = Server(self)
        self.host = self.requests.host = self.files.base = f"http://127.0.0.1:{self._server.port}"
        self.base_url = f"{self.host}/api/"

    # --- the server

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.deliveries.closing = True
        self.bell.ring()
        self._server.stop()

    # --- who there is

    @property
    def team(self) -> str:
        return self.world.team

    @property
    def bot_user(self) -> str:
        return self.world.bot.id

    def person(self, name: str, tz: str | None = "Asia/Bangkok", locale: str = "en-US", *, guest: bool = False, stranger: bool = False) -> Person:  # fmt: skip
        """Somebody of the workspace; a stranger is of another one, through Slack Connect."""
        with self._lock:
            user = self.world.new_user(name, tz=tz, locale=locale, guest=guest, stranger=stranger)
            person = Person(self.requests, self.views, self.world.direct(user), self.story, user)
            self.people.append(person)
            return person

    def channel(self, name: str, members: Sequence[Person], *, bot: bool = True, private: bool = False) -> Conversation:
        with self._lock:
            ids = [person.user.id for person in members] + ([self.world.bot.id] if bot else [])
            channel = self.world.new_channel("group" if private else "channel", name, ids)
            return Conversation(self.world, channel, self.story)

    # --- what happened

    @property
    def complaints(self) -> list[str]:
        """What Slack would let pass or never see, but nobody can have meant. A test asserts it is empty."""
        return self.world.complaints

    @property
    def mentions(self) -> list[str]:
        """Whom the bot's messages called: `@U...`, `!channel` ..."""
        with self._lock:
            messages = [m for channel in self.world.channels.values() for m in channel.messages.values()]
            return [who for message in messages if message.sender.bot for who in message.mentions]

    @property
    def log(self) -> list[Call]:
        """Every request, in order."""
        return self.requests.log

    @property
    def too_fast(self) -> int:
        """So many calls were answered with 429 because they came too fast."""
        return self.requests.too_fast

    def calls(self, method: str) -> list[Call]:
        with self._lock:
            return [call for call in self.log if call.method == method]

    @property
    def refused(self) -> list[Call]:
        """The calls answered with an error."""
        with self._lock:
            return [call for call in self.log if call.status >= 400 or call.answer.get("ok") is False]

    @property
    def unacknowledged(self) -> list[Delivery]:
        """What the app was, or was to be, told and has not acknowledged."""
        with self._lock:
            return [delivery for delivery in self.deliveries.all if not delivery.acknowledged]

    @property
    def connected(self) -> int:
        """How many sockets of the app are open."""
        return len(self.sockets.links)

    @property
    def retried(self) -> list[Delivery]:
        """What was brought more than once."""
        with self._lock:
            return [delivery for delivery in self.deliveries.all if len(delivery.tries) > 1]

    def waits(self, until: Callable[[SlackApi], T], timeout: float = 10.0) -> T:
        """Return what `until(api)` gives as soon as it is true. Raises AssertionError with the last calls."""
        return wait(self.world, lambda: until(self), timeout, self.story)  # type: ignore[arg-type]

    def story(self) -> str:
        lines = ["--- last calls", *(f"  {call}" for call in self.log[-15:])]
        lines += ["--- last deliveries", *(f"  {delivery}" for delivery in self.deliveries.all[-8:])]
        lines += [f"  {len(self.sockets.links)} sockets", *(f"  complaint: {words}" for words in self.complaints)]
        return "\n".join(
            lines + [f"  {person.user.name} was told: {words}" for person in self.people for words in person.errors]
        )

    # --- how the app is told

    def deliver_http(self, url: str, *, verify: bool = True) -> None:
        """From now on post everything there. `verify` asks for the challenge first, and waits for it."""
        self.http = Http(url, self.signing_secret, self._server.session)
        self.http.patience = self.patience
        if verify:
            self.verifies_url()
        self.deliveries.carrier = self.http
        self.bell.ring()

    def verifies_url(self) -> None:
        """Raises AssertionError when the challenge does not come back."""
        challenge = self.world.word(40)
        body = {"token": self.app.verification_token, "challenge": challenge, "type": "url_verification"}
        status, answer = self.posts(json.dumps(body).encode())
        assert status == 200 and challenge in answer, f"url_verification: {status} {answer:.200}"

    def posts(
        self, body: bytes, content_type: str = "application/json", headers: Params | None = None
    ) -> tuple[int, str]:
        """Post anything to the app's URL, rightly signed unless `headers` say otherwise. Return status and text."""
        assert self.http, "deliver_http() first"
        given = {"Content-Type": content_type, **self.http.signed(body), **(headers or {})}
        sent = {name: value for name, value in given.items() if value is not None}
        status, _, answer = self._server.call(self.http.post(body, sent))
        return status, answer.decode(errors="replace")

    def forged(self, how: str, body: bytes | None = None) -> tuple[int, str]:
        """Post what Slack never would: see FORGERIES for `how`. Return status and text of the answer."""
        assert self.http, "deliver_http() first"
        event = {"type": "event_callback", "team_id": self.team, "event_id": "Ev0FORGED", "event": {"type": "message"}}
        other, seconds, headers = FORGERIES[how]
        body = other if other is not None else body or json.dumps(event).encode()
        stamped = self.http.signed(body, int(self.http.now()) + seconds)
        return self.posts(body, headers={**stamped, **headers})

    def refreshes_sockets(self, reason: str = "refresh_requested", grace: float = 3.0) -> None:
        """Ask every connection to leave: `refresh_requested` or `warning`. The old ones end when new ones are there.

        For so many seconds of real time what happens waits for a new one. With no grace it is lost on the old ones, and
        tried again after a minute: what befalls an app with a single connection that closes before it opens.
        """
        self._server.call(self.sockets.ask_to_leave(reason, grace))

    def drops_sockets(self) -> None:
        """Break every connection."""
        self._server.call(self.sockets.drop())

    def uninstalls(self) -> None:
        """The app is told, and its token is dead."""
        with self._lock:
            somebody = self.world.bot
            self.world.emit("tokens_revoked", {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [somebody.id]}, "event_ts": self.world.new_ts()}, somebody)  # fmt: skip
            self.world.emit("app_uninstalled", {"type": "app_uninstalled", "event_ts": self.world.new_ts()}, somebody)
            self.app.dead = "account_inactive"

    # --- what goes wrong

    def refuses(self, method: str, status: int = 500, *, retry_after: int = 0, **how: Any) -> Fault:
        """429 with `retry_after`, 500, 503. How: `times`, `chance`, `channel`; see Fault."""
        return self._add(Fault(method, "refuse", code=status, retry_after=retry_after), how)

    def fails(self, method: str, error: str, **how: Any) -> Fault:
        """The answer is 200 with any error of Slack's: internal_error, token_revoked ..."""
        return self._add(Fault(method, f"error {error}"), how)

    def resets(self, method: str, **how: Any) -> Fault:
        """The connection breaks before anything was done. Methods besides those of Slack: download, upload."""
        return self._add(Fault(method, "reset"), how)

    def loses_answer(self, method: str, **how: Any) -> Fault:
        """It is done, but the connection breaks before the answer."""
        return self._add(Fault(method, "lose"), how)

    def slows(self, method: str, seconds: float, **how: Any) -> Fault:
        """It is done, and answered so many seconds later."""
        return self._add(Fault(method, "slow", seconds=seconds), how)

    def delivers_twice(self, kind: str = "message", **how: Any) -> Fault:
        """Events of that type come again though acknowledged."""
        return self._add(Fault(kind, "twice"), how, self.deliveries.faults)

    def drops_delivery(self, kind: str = "message", **how: Any) -> Fault:
        """A try does not reach the app."""
        return self._add(Fault(kind, "drop"), how, self.deliveries.faults)

    def delays_delivery(self, seconds: float, kind: str = "message", **how: Any) -> Fault:
        """It comes so many seconds later, and what comes after may overtake it."""
        return self._add(Fault(kind, "slow", seconds=seconds), how, self.deliveries.faults)

    def _add(self, fault: Fault, how: dict[str, Any], faults: Faults | None = None) -> Fault:
        for name, value in how.items():
            setattr(fault, {"channel": "chat"}.get(name, name), value)
        return (faults or self.faults).add(fault)

    def redirects_files(self, to: str) -> None:
        """Every download is sent there from now on; with "" none is."""
        self.requests.file_redirect = to

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Deliveries do not reach the app. When `clock.passes` the last try, only conversations.history has them."""
        with self.deliveries.outage():
            yield

    @contextmanager
    def shuffled(self) -> Iterator[None]:
        """What happens meanwhile is delivered at the end, in another order."""
        with self.deliveries.shuffle():
            yield

    @contextmanager
    def downtime(self) -> Iterator[None]:
        """Slack is out of reach: no call, no socket, no delivery."""
        fault = self.faults.add(Fault("*", "reset", times=None))
        self.drops_sockets()
        try:
            with self.deliveries.outage():
                yield
        finally:
            fault.times = 0
