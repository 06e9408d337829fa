"""Telegram's Bot API on loopback, for tests of the real process: it refuses what Telegram refuses.

Written from core.telegram.org/bots/api and what is known of the server behind it, not from our adapter.

    with BotApi(seed=1) as api:                  # api.token, api.base_url, api.file_url
        anna = api.person("Anna", language="en")
        anna.starts()
        question = anna.waits(lambda anna: anna.answers)[-1]
        anna.presses(question, "Thailand")
    assert api.complaints == []
"""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from bot_answers import Answers
from bot_clock import Clock, Pace
from bot_faults import Fault, Faults
from bot_files import Files
from bot_http import Server
from bot_methods import BY_LOWER_CASE, BotApiError, Misuse, Params, read
from bot_people import Group, Person, wait
from bot_updates import Bell, Updates
from bot_world import Press, User, World

T = TypeVar("T")
TOKEN = "7123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"


@dataclass
class Call:
    """One request, and how it was answered."""

    method: str
    parameters: Params
    status: int = 0  # 0: not answered, or not yet
    answer: Any = None
    words: str = ""
    at: float = 0.0

    def __str__(self) -> str:
        return f"{self.status or '...'} {self.method} {str(self.parameters)[:160]} {self.words}"


class BotApi:
    """The server, the people and the groups.

    Args:
        seed: of ids, of faults by chance, and of the order between webhook queues.
        local: take a webhook address Telegram's cloud would not: http, any port, loopback.
        token: of the bot; its first part is the bot's id.
        retry_base: seconds before a webhook is tried a third time; twice as many before each time after that.
        patience: seconds a webhook may take to answer.
    """

    def __init__(
        self,
        token: str = TOKEN,
        seed: int = 1,
        *,
        local: bool = False,
        retry_base: float = 2.0,
        patience: float = 60.0,
        username: str = "sender_desk_bot",
    ) -> None:
        self.token = token
        self._lock = threading.Condition()
        self.bell = Bell(self._lock)
        self.clock, self.pace, self.faults = Clock(self.bell.ring), Pace(), Faults(seed)
        self.files = Files(self.clock, seed)
        self.updates = Updates(self.clock, self.bell, self._lock, seed, local=local)
        self.updates.retry_base, self.updates.patience = retry_base, patience
        bot = User(int(token.partition(":")[0]), "Sender Desk", username, is_bot=True)
        self.world = World(bot, self.clock, self.files, seed, self._lock)
        self.world.emit, self.world.ring = self.updates.add, self.bell.ring
        self.updates.complain = self.world.complain
        self._answers = Answers(self.world)
        self.log: list[Call] = []
        self.too_fast = 0
        self._server = Server(self)
        self.base_url = f"http://127.0.0.1:{self._server.port}/bot"
        self.file_url = f"http://127.0.0.1:{self._server.port}/file/bot"

    # --- the server

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.updates.closing = True
        self.bell.ring()
        self._server.stop()

    # --- who there is

    def person(self, name: str, language: str | None = None) -> Person:
        """Somebody the bot cannot write to until she has written to it."""
        with self._lock:
            user = self.world.new_user(name, language)
            chat = self.world.new_private(user)
            return Person(self.world, chat, self.story, user)

    def group(self, title: str, members: Sequence[Person], *, forum: bool = False, supergroup: bool = True) -> Group:
        """A group of people, the first its owner; the bot is not in it yet."""
        with self._lock:
            places = {person.id: "creator" if i == 0 else "member" for i, person in enumerate(members)}
            chat = self.world.new_chat("supergroup" if supergroup or forum else "group", title, forum=forum, members=places)  # fmt: skip
            return Group(self.world, chat, self.story, members[0].user)

    def menu_of(self, person: Person) -> list[str]:
        """The commands her client offers in the private chat."""
        return self._answers.menu_of(person.user)

    @property
    def routes(self) -> dict[str, str]:
        """The start of a public address -> where it is in truth, as the proxy before a server knows it.

        `api.routes["https://desk.example.com"] = "http://127.0.0.1:8080"`
        """
        return self.updates.routes

    # --- what happened

    @property
    def complaints(self) -> list[str]:
        """What Telegram would let pass or never see, but nobody can have meant. A test asserts it is empty."""
        return self.world.complaints

    def calls(self, method: str) -> list[Call]:
        with self._lock:
            return [call for call in self.log if call.method == method]

    @property
    def refused(self) -> list[Call]:
        """The calls answered with an error."""
        with self._lock:
            return [call for call in self.log if call.status >= 400]

    @property
    def unanswered_presses(self) -> list[Press]:
        with self._lock:
            return [press for press in self.world.presses.values() if press.answered is None]

    def waits(self, until: Callable[[BotApi], T], timeout: float = 10.0) -> T:
        """Return what `until(api)` gives as soon as it is true. Raises AssertionError with the last calls."""
        return wait(self.world, lambda: until(self), timeout, self.story)

    def story(self) -> str:
        lines = ["--- last calls", *(f"  {call}" for call in self.log[-15:])]
        lines += [
            f"  {len(self.updates.waiting)} updates wait",
            *(f"  complaint: {words}" for words in self.complaints),
        ]
        return "\n".join(lines)

    # --- what goes wrong

    def refuses(self, method: str, code: int, *, retry_after: int = 0, **how: Any) -> Fault:
        """429 with `retry_after`, 500, 502 ... How: `times`, `chance`, `chat` (an id); see Fault."""
        return self.faults.add(Fault(method, "refuse", code=code, retry_after=retry_after, **how))

    def resets(self, method: str, **how: Any) -> Fault:
        """The connection breaks before anything was done."""
        return self.faults.add(Fault(method, "reset", **how))

    def loses_answer(self, method: str, **how: Any) -> Fault:
        """It is done, but the connection breaks before the answer."""
        return self.faults.add(Fault(method, "lose", **how))

    def slows(self, method: str, seconds: float, **how: Any) -> Fault:
        """It is done, and answered so many seconds later."""
        return self.faults.add(Fault(method, "slow", seconds=seconds, **how))

    def delivers_twice(self, times: int = 1) -> None:
        """So many answers to getUpdates hold their updates twice; so many posts come again although taken."""
        self.updates.doubles += times

    def forgets_confirmation(self, times: int = 1) -> None:
        """So many offsets confirm nothing: what lay below them is delivered again."""
        self.updates.forgets += times

    @contextmanager
    def downtime(self) -> Iterator[None]:
        """Telegram is out of reach: every connection breaks, no webhook is called, updates wait."""
        self.updates.away = True
        fault = self.faults.add(Fault("*", "reset", times=None))
        polls = self.faults.add(Fault("getUpdates", "reset", times=None))
        try:
            yield
        finally:
            fault.times, polls.times, self.updates.away = 0, 0, False
            self.bell.ring()

    @contextmanager
    def holds(self, *, messages_of: int | None = None, presses_of: int | None = None) -> Iterator[None]:
        """No webhook gets a chat's messages, or a person's presses, meanwhile: what comes later may overtake."""
        keys = {f"chat {messages_of}"} if messages_of is not None else {f"user {presses_of}"}
        self.updates.held |= keys
        try:
            yield
        finally:
            self.updates.held -= keys
            self.bell.ring()

    def expire_links(self) -> None:
        """Every link to a file handed out so far is of no use."""
        self.files.expire_links()

    # --- one request

    async def answer(self, method: str, sent: Params) -> tuple[int, Params] | None:
        """Return status and body, or None when the connection is to break."""
        name = BY_LOWER_CASE.get(method.lower())
        call = Call(name or method, sent, at=self.clock.now())
        with self._lock:
            self.log.append(call)
        try:
            self._read(name, call)
            fault = self._fault(call)
            if fault and fault.what == "reset":
                return None
            if fault and fault.what == "refuse":
                after = {"retry_after": fault.retry_after} if fault.retry_after else {}
                raise BotApiError(fault.code, fault.words(), **after)
            call.answer = await self._done(call)
            if fault and fault.what == "slow":
                await asyncio.sleep(fault.seconds)
            if fault and fault.what == "lose":
                return None
            call.status, body = 200, {"ok": True, "result": call.answer}
        except BotApiError as refused:
            call.status, call.words = refused.code, refused.words
            body = {"ok": False, "error_code": refused.code, "description": refused.words}
            body |= {"parameters": refused.parameters} if refused.parameters else {}
        self.bell.ring()
        return call.status, body

    async def download(self, path: str) -> bytes | None:
        """Return the bytes behind a link, none of them when the connection is to break, or None for not found.

        In the log it stands as the method "download", and faults befall it by that name.
        """
        call = Call("download", {"path": path}, at=self.clock.now())
        with self._lock:
            self.log.append(call)
            fault, content = self.faults.befalling("download", {}), self.files.download(path)
        if fault and fault.what in ("reset", "lose"):
            return b""
        if fault and fault.what == "slow":
            await asyncio.sleep(fault.seconds)
        call.status = 404 if content is None else 200
        self.bell.ring()
        return content

    def _read(self, name: str | None, call: Call) -> None:
        if name is None:
            self.world.complain(f"no method {call.method}")
            raise BotApiError(404, "Not Found")
        with self._minding(call):
            call.parameters = read(name, call.parameters)

    def _fault(self, call: Call) -> Fault | None:
        with self._lock:
            return self.faults.befalling(call.method, call.parameters)

    async def _done(self, call: Call) -> Any:
        with self._minding(call):
            if call.method == "getUpdates":
                return await self.updates.poll(call.parameters)
            with self._lock:
                self._check_pace(call.method, call.parameters)
                return self._act(call.method, call.parameters)

    @contextmanager
    def _minding(self, call: Call) -> Iterator[None]:
        """What Telegram would pass over in silence is refused, and told to the test."""
        try:
            yield
        except Misuse as misuse:
            self.world.complain(f"{call.method}: {misuse}")
            raise BotApiError(400, f"Bad Request: {misuse}") from misuse
        except BotApiError:
            raise
        except Exception as bug:
            self.world.complain(f"a fault of this server in {call.method}: {bug!r}\n{traceback.format_exc()}")
            raise BotApiError(500, "Internal Server Error") from bug

    def _act(self, name: str, params: Params) -> Any:
        if name == "setWebhook":
            return self.updates.set_webhook(params)
        if name == "deleteWebhook":
            return self.updates.set_webhook(params | {"url": ""})
        if name == "getWebhookInfo":
            return self.updates.webhook_info()
        return getattr(self._answers, name)(params)

    def _check_pace(self, name: str, params: Params) -> None:
        if not name.startswith("send") or name == "sendChatAction" or not isinstance(params["chat_id"], int):
            return
        count = len(params["media"]) if name == "sendMediaGroup" else 1
        if after := self.pace.seconds_too_soon(params["chat_id"], count, self.clock.now()):
            self.too_fast += 1
            raise BotApiError(429, f"Too Many Requests: retry after {after}", retry_after=after)
