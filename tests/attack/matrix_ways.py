"""Every way by which words or a signed button reach the desk's decisions: as the channels' own conversions read them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from matrix_people import BOT, TEAM, Matrix, Person
from telegram import Update

from bot.channels import slack_home, slack_in, slack_parts, slack_reasons, telegram_in
from bot.channels.slack_shown import shown
from bot.channels.slack_views import Views
from bot.channels.tokens import Tokens
from bot.commands.chat import Session
from bot.writer import Taken
from conversations.model import Event, Kind, Text

KEYS = ("a key that is only for tests",)
TOKENS = Tokens(KEYS)
NUMBERS = itertools.count(100_000)  # behind everything that was said before
OUR_GROUP, ELSEWHERE = -1001900000002, -1001900000001
US = "sender_desk_bot"
Acts = Callable[[Matrix, Person, str, str], "Sequence[Taken | Text]"]  # command in words, reference -> what came of it


@dataclass(frozen=True, slots=True)
class Way:
    channel: str
    acts: Acts
    private: bool = True  # nobody else reads there
    is_desk: bool = True  # decisions count there
    presses: bool = False
    verbs: frozenset[str] | None = None  # what can be said there at all; None: everything that has words


def _takes(matrix: Matrix, event: Event | None) -> Sequence[Taken | Text]:
    return matrix.house.happens(event) if event is not None else []


# --- the terminal, the page's chat ----------------------------------------------------------------------------------


def console(said: str) -> Acts:
    def acts(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
        session = Session(SimpleNamespace(app=matrix.house.app), who.name, None)  # type: ignore[arg-type]
        return _takes(matrix, asyncio.run(session._event(json.dumps({said: words}))))

    return acts


def page(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    """What the page's chat makes of a text; its routes have a matrix of their own."""
    return _takes(matrix, who.event(Kind.TEXT, text=words, private=False))


def page_press(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    return _takes(matrix, who.event(Kind.PRESS, choice=words, asked=0, private=False))


def desk_page(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    """The event that the desk's page makes of a form; its routes turn most away before that."""
    verb = words.partition(f" {reference}")[0].replace(" ", "_")
    found = matrix.house.store.found(reference)
    values = {"why": ["signature"], "field": "nothing", "value": True, "papers": [], "fields": [], "label": "unsigned"}
    return _takes(matrix, who.event(
        Kind.DESK, chat=None, private=False, name=verb, result=values,
        registration=found.registration.id if found else None,
    ))  # fmt: skip


# --- Telegram -------------------------------------------------------------------------------------------------------


def _telegram(matrix: Matrix, raw: dict[str, Any]) -> Sequence[Taken | Text]:
    here = telegram_in.Here(BOT, US, TOKENS, matrix.desk, matrix.house.now)
    update = Update.de_json({"update_id": next(NUMBERS), **raw}, None)
    assert update is not None
    return _takes(matrix, telegram_in.to_event(update, here))


def _user(who: Person) -> dict[str, Any]:
    return {"id": who.number, "is_bot": False, "first_name": who.role, "language_code": "en"}


def _chat(id: int) -> dict[str, Any]:
    return (
        {"id": id, "type": "private", "first_name": "x"} if id > 0 else {"id": id, "type": "supergroup", "title": "D"}
    )


def _message(id: int, **more: Any) -> dict[str, Any]:
    number = next(NUMBERS)
    return {"message_id": number, "date": 1795341600, "chat": _chat(id), **more}


def _ours(id: int, **more: Any) -> dict[str, Any]:
    return _message(id, **{"from": {"id": int(BOT), "is_bot": True, "first_name": "D"}, "text": "a card", **more})


def _button(id: int, words: str) -> str:
    token = TOKENS.made(f"telegram:{BOT}:{id}", None, 0, words)
    assert token is not None, words
    return token


def telegram(group: int | None = None, mention: str = "") -> Acts:
    def acts(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
        text = f"{mention} {words}".strip()
        entities = [{"type": "mention", "offset": 0, "length": len(mention)}] if mention else []
        message = _message(group or who.number, **{"from": _user(who)}, text=text, entities=entities)
        return _telegram(matrix, {"message": message})

    return acts


def telegram_press(group: int | None = None) -> Acts:
    def acts(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
        id = group or who.number
        query = {"id": "1", "from": _user(who), "chat_instance": "1", "data": _button(id, words), "message": _ours(id)}
        return _telegram(matrix, {"callback_query": query})

    return acts


def telegram_reply(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    """The bare verb, in reply to the card in the desk's group."""
    button = {"text": "Take it", "callback_data": _button(OUR_GROUP, f"take {reference}")}
    card = _ours(OUR_GROUP, reply_markup={"inline_keyboard": [[button]]})
    return _said_under(matrix, who, words, reference, card)


def telegram_topic(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    """The bare verb, in the topic of the case."""
    topic = _ours(OUR_GROUP, forum_topic_created={"name": f"{reference} · X", "icon_color": 7322096}, text=None)
    return _said_under(matrix, who, words, reference, topic)


def _said_under(matrix: Matrix, who: Person, words: str, reference: str, above: Any) -> Sequence[Taken | Text]:
    text = words.replace(f" {reference}", "")
    above = {name: value for name, value in above.items() if value is not None}
    return _telegram(
        matrix, {"message": _message(OUR_GROUP, **{"from": _user(who)}, text=text, reply_to_message=above)}
    )  # fmt: skip


# --- Slack ----------------------------------------------------------------------------------------------------------


class App:
    """What the views ask of the App, taken at once."""

    def __init__(self, matrix: Matrix) -> None:
        house = matrix.house
        self.store, self.book, self.clock = house.store, house.book, house.clock
        self._house = house

    async def turned(self, event: Event) -> Taken | None:
        return next(iter(self._house.happens(event)), None)

    async def take(self, event: Event) -> Text | None:
        taken = await self.turned(event)
        return taken.answer if taken else None

    async def take_all(self, events: Sequence[Event]) -> list[Taken]:
        return self._house.happens(*events)


class Client:
    """Slack, where a modal is opened."""

    def __init__(self) -> None:
        self.opened: list[dict[str, Any]] = []

    async def views_open(self, *, trigger_id: str, view: dict[str, Any]) -> None:
        self.opened.append(view)

    async def views_publish(self, *, user_id: str, view: dict[str, Any]) -> None:
        self.opened.append(view)


def views_of(matrix: Matrix) -> tuple[Views, Client]:
    client = Client()
    return Views(App(matrix), matrix.house.catalogs, TOKENS, KEYS, client), client  # type: ignore[arg-type]


def _slack(matrix: Matrix, who: Person, payload: dict[str, Any]) -> Sequence[Taken | Text]:
    here = slack_in.Here(TEAM, "UBOT", TOKENS, matrix.desk, matrix.house.now)
    if slack_in.private_chat_of(payload, here) is not None:
        here = replace(here, private=who.name)
    event = slack_in.to_event(payload, here)
    views, _ = views_of(matrix)
    if (showing := shown(payload, event, here, views)) is not None:
        text = asyncio.run(showing(None))
        return [text] if text is not None else []
    return _takes(matrix, event)


def _ids(who: Person) -> dict[str, Any]:
    user = {"id": f"U{who.number}", "team_id": TEAM}
    return {"user": user, "team": {"id": TEAM}, "trigger_id": f"{next(NUMBERS)}.1.x"}


def _dm(who: Person) -> str:
    return f"D{who.number}"


def slack(channel: str | None = None, mention: str = "") -> Acts:
    def acts(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
        event = {
            "type": "app_mention" if mention else "message", "channel": channel or _dm(who), "user": f"U{who.number}",
            "text": f"{mention} {words}".strip(), "ts": f"1795341600.{next(NUMBERS):06}",
        }  # fmt: skip
        happened = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event_id": f"Ev{next(NUMBERS)}"}
        return _slack(matrix, who, {**happened, "event": event})

    return acts


def slack_press(channel: str | None = None) -> Acts:
    def acts(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
        id = channel or _dm(who)
        token = TOKENS.made(f"slack:{TEAM}:{id}", None, 0, words, longest=2000)
        action = {"type": "button", "action_id": f"{slack_parts.SAY}0", "block_id": "b", "value": token}
        payload = {"type": "block_actions", "channel": {"id": id}, "container": {"message_ts": "1795341600.000001"}}
        return _slack(matrix, who, {**payload, "actions": [action], **_ids(who)})

    return acts


def slack_command(channel: str | None = None) -> Acts:
    def acts(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
        place = {"channel_id": channel or _dm(who), "team_id": TEAM, "user_id": f"U{who.number}"}
        said = {"command": slack_in.COMMAND, "text": words, "trigger_id": f"{next(NUMBERS)}.1.x"}
        return _slack(matrix, who, {**said, **place})

    return acts


def slack_modal(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    """A button that wants reasons, and the modal it opens sent in."""
    views, client = views_of(matrix)
    bare = words.partition(":")[0]
    said = asyncio.run(views.open_reasons("1.1.x", who.principal, bare))
    if said is not None:
        return [said]
    own = {slack_reasons.OWN: {slack_parts.ANSWER: {"type": "plain_text_input", "value": "why not"}}}
    view = {**client.opened[-1], "id": "V1", "hash": "1", "state": {"values": own}}
    before = len(matrix.house.said.get(who.name, []))
    answer = asyncio.run(views.submitted({"type": "view_submission", "view": view, **_ids(who)}))
    assert answer is not None and before >= 0
    if answer.get("response_action") == "errors":
        return [Text("refused_in_the_modal", {"said": next(iter(answer["errors"].values()))})]
    return [Text("done_in_the_modal")]


def slack_home_press(matrix: Matrix, who: Person, words: str, reference: str) -> Sequence[Taken | Text]:
    """A button of the Home tab that was published for them."""
    views, client = views_of(matrix)
    taken: list[Taken] = []
    views._app.turned = _kept(views._app.turned, taken)  # type: ignore[method-assign]

    async def presses() -> None:
        await views.publish_home(who.principal, who.name)
        token = TOKENS.made(who.name, None, 0, words, longest=2000)
        action = {"type": "button", "action_id": slack_home.DESK, "block_id": "b", "value": token}
        view = {**client.opened[-1], "id": "V1", "hash": "1"}
        await views.changed({"type": "block_actions", "view": view, "actions": [action], **_ids(who)})
        await views.stop()

    asyncio.run(presses())
    return taken


def _kept(turned: Any, taken: list[Taken]) -> Any:
    async def keeping(event: Event) -> Taken | None:
        one: Taken | None = await turned(event)
        taken.extend([one] if one else [])
        return one

    return keeping


WITH_REASONS = frozenset({"refuse", "send_back", "reject"})
OF_PAGES = frozenset({"agree", "overrule_page"})
EVERYTHING = (
    frozenset({"open", "take", "close", "approve", "pass_on", "hand_back", "overrule"}) | WITH_REASONS | OF_PAGES
)
WAYS: dict[str, Way] = {
    "console, typed": Way("console", console("text")),
    "console, chosen": Way("console", console("choose"), presses=True),
    "page, typed": Way("web", page),
    "page, pressed": Way("web", page_press, presses=True),
    "page, the desk": Way("web", desk_page, private=False, verbs=EVERYTHING),
    "telegram, private": Way("telegram", telegram()),
    "telegram, private button": Way("telegram", telegram_press(), presses=True),
    "telegram, the desk's group": Way("telegram", telegram(OUR_GROUP), private=False),
    "telegram, the desk's group, naming us": Way("telegram", telegram(OUR_GROUP, f"@{US}"), private=False),
    "telegram, a card's button": Way("telegram", telegram_press(OUR_GROUP), private=False, presses=True),
    "telegram, a reply to a card": Way("telegram", telegram_reply, private=False),
    "telegram, a case's topic": Way("telegram", telegram_topic, private=False),
    "telegram, another group": Way("telegram", telegram(ELSEWHERE, f"@{US}"), private=False, is_desk=False),
    "telegram, a button in another group": Way("telegram", telegram_press(ELSEWHERE), private=False, is_desk=False),
    "slack, direct message": Way("slack", slack()),
    "slack, button in a direct message": Way("slack", slack_press(), presses=True),
    "slack, the desk's channel": Way("slack", slack("C7", "<@UBOT>"), private=False),
    "slack, a card's button": Way("slack", slack_press("C7"), private=False, presses=True),
    "slack, another channel": Way("slack", slack("C9", "<@UBOT>"), private=False, is_desk=False),
    "slack, a button in another channel": Way("slack", slack_press("C9"), private=False, is_desk=False),
    "slack, command": Way("slack", slack_command()),
    "slack, command in the desk's channel": Way("slack", slack_command("C7"), private=False),
    "slack, command in another channel": Way("slack", slack_command("C9")),
    "slack, modal": Way("slack", slack_modal, private=False, presses=True, verbs=WITH_REASONS),
    "slack, Home tab": Way("slack", slack_home_press, presses=True),
}
