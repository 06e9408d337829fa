"""What Slack tells us is taken into the App, after whatever must be known of it, and answered after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import ClientSession, ClientTimeout, TCPConnector
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App
from bot.channels.slack import Slack
from bot.channels.slack_catchup import FIRST_PAUSE, SWEEP, CatchUp, History
from bot.channels.slack_courtesies import Courtesies
from bot.channels.slack_in import (
    Here,
    Payload,
    from_history,
    message_id,
    misses_its_reference,
    private_chat_of,
    team_of,
    to_event,
    user_of,
)
from bot.channels.slack_listening import QUIET, Listening
from bot.channels.slack_options import options
from bot.channels.slack_people import People, Person
from bot.channels.slack_shown import shown
from bot.channels.slack_views import Views
from bot.channels.tokens import Tokens
from bot.sender import Sender
from bot.settings import Settings, SettingsError
from bot.writer import Overloaded, Taken
from conversations.model import Event, Kind, Text

if TYPE_CHECKING:
    from bot.words import Catalogs

log = structlog.get_logger()

CONNECTIONS = 96  # as many as messages are in hand at once, and some for courtesies
LANDING = 0.5  # seconds to wait for our own message to arrive before an answer to it is taken
FIRST_TRY = 5.0  # seconds the start of the process waits for Slack to say who we are
PAUSE = 2.0  # seconds between two tries to ask
# What Slack says of a token that is none, or none any more.
REFUSED = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type")

Answer = dict[str, Any]  # what Slack is answered beside the acknowledgement


class Intake:
    """Slack both ways: the channel out with its sender, and what comes in. It asks for nothing before `begin`."""

    def __init__(self, settings: Settings, app: App, catalogs: Catalogs) -> None:
        assert settings.slack_bot_token is not None
        self.settings, self.app, self._catalogs = settings, app, catalogs
        self.team = self.user = self.bot = ""  # until Slack has told
        self._socket: str | None = None  # an address for the first connection: it gives out few of them
        timeout = ClientTimeout(total=60, sock_connect=10)
        self._session = ClientSession(timeout=timeout, connector=TCPConnector(limit=CONNECTIONS))
        # Its own tries after an error could post twice: the sender tries again, and knows what is out.
        self.client = AsyncWebClient(
            settings.slack_bot_token.get_secret_value(), settings.slack_base_url, session=self._session,
            retry_handlers=[], logger=QUIET,
        )  # fmt: skip
        self._tokens = Tokens(settings.secret_keys)
        self.channel = Slack(self.client, self._tokens, catalogs, base_url=settings.slack_base_url)
        self.sender = Sender(app, self.channel, catalogs)
        self.people = People(self.client)
        self.views = Views(
            app, catalogs, self._tokens, settings.secret_keys, self.client, public_url=settings.public_url
        )
        self.courtesies = Courtesies(self.client, catalogs)
        self.watchers: list[Callable[[str], None]] = []  # called with "taken", "unreadable", "refused", "outsider" ...
        catch_up = CatchUp(self.client, self._take_history)
        self.history = History(app, catch_up.read, self.count, by_socket=settings.slack_app_token is not None)
        self.listening = Listening(self)

    def count(self, what: str) -> None:
        for watcher in self.watchers:
            watcher(what)

    # who we are

    async def begin(self) -> None:
        """Ask Slack who we are. When it does not answer, `run` goes on asking.

        Raises:
            SettingsError: it refuses a token.
        """
        await self._tried(self._identify(), "SLACK_BOT_TOKEN")
        if (token := self.settings.slack_app_token) is not None and self.team:
            await self._tried(self._ask_for_socket(token.get_secret_value()), "SLACK_APP_TOKEN")

    async def _tried(self, asked: Awaitable[Any], setting: str) -> None:
        try:
            async with asyncio.timeout(FIRST_TRY):
                await asked
        except Exception as error:
            said = str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
            if said in REFUSED:
                raise SettingsError(
                    f"{setting}: Slack refuses it ({said}); take the present one from the app's settings (or "
                    "SLACK_BASE_URL leads to another server)"
                ) from None
            log.warning("slack_unreachable", error=said, what="tried again until it answers")

    async def _identify(self) -> None:
        told = await self.client.auth_test()
        self.user, self.bot, team = str(told["user_id"]), str(told.get("bot_id") or ""), str(told["team_id"])
        self.people.team = self.channel.team = team
        self.people.enterprise = told.get("enterprise_id")
        self.team = team  # last: from now on payloads are taken

    async def _ask_for_socket(self, token: str) -> None:
        self._socket = str((await self.client.apps_connections_open(app_token=token))["url"])

    async def run(self) -> None:
        """Take what comes until cancelled."""
        while not self.team:
            try:
                await self._identify()
            except Exception as error:
                log.warning("slack_unreachable", error=type(error).__name__)
                await asyncio.sleep(PAUSE)
        reading = asyncio.create_task(self.history.run(self.team), name="slack history")
        try:
            if (token := self.settings.slack_app_token) is not None:
                await self.listening.hold_socket(token.get_secret_value(), self._socket, self._socket_changed)
            while True:  # the posts come in by bot/channels/slack_http; what they missed we look for ourselves
                self.history.look_back()
                await asyncio.sleep(SWEEP)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self.views.stop()
            await self.courtesies.stop()

    def _socket_changed(self, is_up: bool) -> None:
        if is_up:
            self.history.look_back()
        else:
            self.history.lost()
            log.warning("socket_lost", channel="slack")
        self.count("connected" if is_up else "disconnected")

    async def close(self) -> None:
        """End what is under way, and every connection."""
        await self.courtesies.stop()
        await self.channel.close()
        await self._session.close()

    # taking

    async def take(self, payload: Payload) -> Answer:
        """Take what the payload says; return once that is committed, with what Slack is to be answered.

        Raises:
            Overloaded: nothing was taken.
            Exception: the disk, or what must be known of the payload is not to be had; nothing was taken either.
        """
        if team_of(payload) not in (None, self.team):
            self.count("foreign")
            return {}
        user = user_of(payload)
        if user is None:
            return self._nobodys(payload)
        if payload.get("type") == "block_suggestion":
            return await self._options(payload, user)
        async with self.people.one_at_a_time(user):  # nothing is waited for before this, so that none overtakes
            return await self._take(payload, user)

    async def _take(self, payload: Payload, user: str) -> Answer:
        here = await self._here()
        try:
            asked = private_chat_of(payload, here)
        except Exception as error:
            return self.cannot_read(payload, error)
        if asked is not None:
            here = replace(here, private=await self._private(asked, payload))
        try:
            event = to_event(payload, here)
            showing = shown(payload, event, here, self.views)
        except Exception as error:
            return self.cannot_read(payload, error)
        person = await self.people.known(user)
        is_of_view, locale = "view" in payload and "event" not in payload, person.locale
        if person.is_outsider and (event is not None or showing is not None or is_of_view):
            self.count("outsider")
            return self._refused(payload, user, here, locale)
        self.count("taken")
        if is_of_view:
            return await self._of_view(payload)
        if showing is not None:  # nothing is decided by it yet
            self.courtesies.do(self.courtesies.show(showing(locale), payload, user, locale))
            return {}
        taken = None
        if event is not None and not await self._is_nothing_new(event, payload):
            taken = next(iter(await self._taken([_known(event, person)])), None)
        try:
            self._be_courteous(payload, user, person, here, event, taken)
            return self._word(payload, here, person)
        except Exception as error:  # it is taken, whatever comes of the rest
            log.error("courtesy_failed", channel="slack", error=type(error).__name__)
            return {}

    def _refused(self, payload: Payload, user: str, here: Here, locale: str | None) -> Answer:
        """Tell an outsider who may be a customer: once a day where they only look."""
        event = payload.get("event")
        only_looks = isinstance(event, Mapping) and event.get("type") == "app_home_opened"
        if only_looks and self.people.was_told(user):
            return {}
        if "command" in payload:
            words = self._catalogs.words(locale)
            return {"response_type": "ephemeral", "text": words.text(Text("slack_guest"))}
        self.courtesies.tell(payload, user, Text("slack_guest"), locale, else_in=here.private)
        return {}

    async def _of_view(self, payload: Payload) -> Answer:
        """What was entered into a view, or pressed in it."""
        if not isinstance(payload["view"], Mapping):
            return self.cannot_read(payload, TypeError())
        if payload.get("type") == "view_submission":
            return await self.views.submitted(payload) or {}
        await (self.views.closed(payload) if payload.get("type") == "view_closed" else self.views.changed(payload))
        return {}

    async def _options(self, payload: Payload, user: str) -> Answer:
        """The lines of a list that fit what was typed so far."""
        locale = self.people.locale(user)
        words = self._catalogs.words(locale)
        return {"options": options(self.app, str(payload.get("value") or ""), str(words.locale))}

    async def _here(self) -> Here:
        desk = (await asyncio.to_thread(self.app.store.settings)).get("desk_chat") or ""
        is_here = desk.startswith(f"slack:{self.team}:")
        return Here(self.team, self.user, self._tokens, desk if is_here else None, self.app.clock.now())

    async def _private(self, user: str, payload: Payload) -> str | None:
        """Our private chat with the user. At the desk a decision counts without it, for all but the papers."""
        try:
            return f"slack:{self.team}:{await self.people.private_chat(user)}"
        except Exception as error:
            log.warning("private_chat_unknown", channel="slack", error=type(error).__name__)
            if "event" in payload or payload.get("type") == "block_actions":
                return None
            raise

    async def _is_nothing_new(self, event: Event, payload: Payload) -> bool:
        """Somebody looks at a chat where we have spoken already."""
        if event.kind is not Kind.OPENED or "event" not in payload or event.chat is None:
            return False
        return await asyncio.to_thread(self.app.store.snapshot, event.chat) is not None

    async def _taken(self, events: Sequence[Event]) -> list[Taken]:
        """Commit them as one unit, with how far the messages were read."""
        for event in events:
            if event.private and event.chat is not None and event.principal is not None:
                self.people.met(event.principal.rpartition(":")[2], event.chat.rpartition(":")[2])
        written = {event.chat for event in events if event.chat and event.order is not None}
        await self.sender.landed(written, timeout=LANDING)
        orders = [event.order for event in events if event.order is not None]
        taken = await self.app.take_all(events, self.history.offset(orders))
        self.history.took(orders)
        return taken

    def _be_courteous(
        self, payload: Payload, user: str, person: Person, here: Here, event: Event | None, taken: Taken | None
    ) -> None:
        if event is not None:
            self.courtesies.answer(payload, user, taken)
        elif payload.get("type") == "block_actions":
            self.courtesies.tell(payload, user, Text("button_not_ours"), person.locale)
        elif misses_its_reference(payload, here):
            self.courtesies.tell(payload, user, Text("slack_how_to_write"), person.locale)

    def _word(self, payload: Payload, here: Here, person: Person) -> Answer:
        """What whoever wrote a command elsewhere is told: that the answer is in the private chat."""
        if "command" not in payload or here.private is None or here.private == here.name(payload["channel_id"]):
            return {}
        words = self._catalogs.words(person.locale)
        return {"response_type": "ephemeral", "text": words.text(Text("slack_in_private"))}

    def _nobodys(self, payload: Payload) -> Answer:
        """Something that happened and nobody did."""
        event = payload.get("event")
        kind = event.get("type") if isinstance(event, Mapping) else None
        if kind in ("app_uninstalled", "tokens_revoked"):
            log.error(
                "slack_uninstalled", kind=kind, what="install the app again, and set SLACK_BOT_TOKEN to its new token"
            )
        self.count("taken")
        return {}

    def cannot_read(self, payload: Payload, error: Exception) -> Answer:
        """Note it without its words. It is acknowledged: it would be no better the next time."""
        event = payload.get("event")
        kind = str((event.get("type") if isinstance(event, Mapping) else None) or payload.get("type"))[:40]
        log.error("update_unreadable", channel="slack", kind=kind, error=type(error).__name__)
        self.count("unreadable")
        return {}

    async def _take_history(self, user: str, channel: str, messages: list[Mapping[str, Any]]) -> None:
        """The messages of one private chat, as the events they were."""
        async with self.people.one_at_a_time(user):
            person = await self.people.known(user)
            if person.is_outsider:
                return
            here = await self._here()
            for message in messages:
                try:
                    is_known = await asyncio.to_thread(self.app.store.seen, message_id(channel, message, here))
                    events = from_history(channel, message, here, is_known=is_known)
                except Exception as error:
                    self.cannot_read({"type": "history"}, error)
                    continue
                while events:
                    try:
                        await self._taken([_known(event, person) for event in events])
                    except Overloaded:
                        await asyncio.sleep(FIRST_PAUSE)
                    else:
                        break


def _known(event: Event, person: Person) -> Event:
    """The event, with what is known of who did it."""
    return replace(event, person=person.name, time_zone=person.time_zone, locale=person.locale)
