"""What people do with buttons, menus, modals, commands and the Home tab."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot_methods import Params
from bot_people import wait
from slack_blocks import options_of
from slack_delivery import Delivery, Outcome
from slack_elements import HOLDS, State, client_refuses, elements, label, option_text, render, state_of, with_value
from slack_people import Room, Seen, Writer
from slack_requests import Requests
from slack_views import TROUBLE, View, Views
from slack_world import Channel, Message, User

PATIENCE = 10.0  # seconds her client waits at most; the server gives up on the app sooner
OPTIONS_MAX = 100


@dataclass(frozen=True)
class SeenView:
    """A modal or a Home tab as its reader has it before her."""

    id: str
    kind: str
    title: str
    text: str
    buttons: list[list[str]]
    menus: dict[str, list[str]]
    inputs: list[str]  # labels
    links: list[tuple[str, str]]
    submit: str  # the words on the buttons below
    close: str
    errors: dict[str, str]  # by label
    values: dict[str, Any]  # what the inputs hold, by label
    callback_id: str
    private_metadata: str
    hash: str
    blocks: list[Params]

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label in row]


@dataclass(eq=False)
class Place:
    """Where something is pressed: a message or a view."""

    blocks: list[Params]
    state: State
    about: Params  # what the payload says of it
    message: Message | None = None
    view: View | None = None


Where = Seen | SeenView | str | None


class Person(Writer):
    """All of her. Nothing here waits for the app but `searches` and `submits`."""

    def __init__(
        self, requests: Requests, views: Views, channel: Channel, story: Callable[[], str], user: User
    ) -> None:
        super().__init__(requests.world, requests.files, channel, story, user)
        self._views = views
        self._found: list[Params] = []  # the options of her last search
        self._states: dict[str, State] = {}  # of messages with inputs, by ts
        self._requests = requests

    # --- the Home tab and modals, as she sees them

    @property
    def home(self) -> SeenView | None:
        return self._seen(self._views.homes.get(self.user.id))

    @property
    def modal(self) -> SeenView | None:
        """The one on top."""
        return self._seen(self._views.top(self.user))

    @property
    def modals(self) -> int:
        """How many lie on each other."""
        return len(self._views.stacks.get(self.user.id) or [])

    def _seen(self, view: View | None) -> SeenView | None:
        if view is None:
            return None
        with self.world.lock:
            shown = render(view.blocks, self.world.name_of, self.user.tz or "UTC")
            definition = view.definition
            words = {key: (definition.get(key) or {}).get("text", "") for key in ("title", "submit", "close")}
            held = {label(b, e): self._held(view, b, e) for b, e in elements(view.blocks) if e["type"] in HOLDS}
            return SeenView(
                id=view.id, kind=view.kind, text=shown.text, buttons=shown.buttons, menus=shown.menus,
                inputs=shown.inputs, links=shown.links, errors=dict(view.errors), values=held,
                callback_id=definition.get("callback_id", ""), private_metadata=definition.get("private_metadata", ""),
                hash=view.hash, blocks=view.blocks, **words,
            )  # fmt: skip

    def _held(self, view: View, block: Params, element: Params) -> Any:
        held = view.state[block["block_id"]][element["action_id"]][HOLDS[element["type"]]]
        if isinstance(held, dict):
            return option_text(held)
        return [option_text(h) if "text" in h else h.get("name") for h in held] if isinstance(held, list) else held

    def opens_home(self) -> None:
        """Opens the Home tab."""
        view = self._views.homes.get(self.user.id)
        self._opens("home", {"view": view.json(self.world)} if view else {})

    # --- presses and chooses

    def presses(self, where: Where, button: str, *, in_: Room | None = None, confirms: bool = True) -> Delivery | None:
        """Press a button by its label or action_id, in a message as it is NOW, a view, or (None) the newest message.

        A link is opened, and the app is told of that too. With `confirms=False` she says no to the question the
        button asks, and nothing is sent.
        """
        with self.world.lock:
            place, block, element = self._button(where, button, in_)
            if "confirm" in element and not confirms:
                return None
            action: Params = {
                key: element[key] for key in ("type", "action_id", "text", "value", "style", "url") if key in element
            }
            return self._acts(place, block, action)

    def _button(self, where: Where, button: str, room: Room | None) -> tuple[Place, Params, Params]:
        for place in [self._place(where, room)] if where is not None else self._newest(room):
            for block, element in elements(place.blocks):
                if element["type"] == "button" and button in (label(block, element), element["action_id"]):
                    return place, block, element
        raise AssertionError(f"no button [{button}]\n{self.transcript()}")

    def presses_home(self, button: str) -> Delivery | None:
        assert self.home, "no Home tab was published"
        return self.presses(self.home, button)

    def opens(self, where: Where, button: str, *, in_: Room | None = None) -> str:
        """The address behind a button; the app is told as with any button."""
        with self.world.lock:
            _, _, element = self._button(where, button, in_)
            assert "url" in element, f"[{button}] opens nothing"
            self.presses(where, button, in_=in_)
            return str(element["url"])

    def selects(self, where: Where, option: str, menu: str | None = None, *, in_: Room | None = None) -> Delivery:
        """Choose an option by its text: in a menu, among what was searched, of radio buttons, checkboxes, an overflow.

        `menu` is its placeholder or action_id, needed only when two offer the same.
        """
        with self.world.lock:
            place = self._place(where, in_)
            for block, element in elements(place.blocks):
                if menu not in (None, label(block, element), element["action_id"]):
                    continue
                offered = options_of(element) + (self._found if "external" in element["type"] else [])
                chosen = [o for o in offered if option_text(o) == option]
                if chosen:
                    return self._chooses(place, block, element, chosen[0])
            raise AssertionError(f"no option {option!r}\n{self.transcript()}")

    picks = selects  # after `searches`

    def _chooses(self, place: Place, block: Params, element: Params, option: Params) -> Delivery:
        kind, action = element["type"], {"type": element["type"], "action_id": element["action_id"]}
        if kind in HOLDS:
            texts: Any = option_text(option)
            if HOLDS[kind] == "selected_options":
                before = place.state[block["block_id"]][element["action_id"]][HOLDS[kind]]
                texts = [option_text(o) for o in before if o != option] + ([] if option in before else [texts])
            value = place.state[block["block_id"]][element["action_id"]] = with_value(element, texts, [option])
            if block["type"] == "input" and not block.get("dispatch_action"):
                raise AssertionError(f"choosing in {label(block, element)!r} tells the app nothing: fills(...)")
            return self._acts(place, block, action | value | self._placeholder(element))
        return self._acts(place, block, action | {"selected_option": option} | self._placeholder(element))

    def _placeholder(self, element: Params) -> Params:
        return {"placeholder": element["placeholder"]} if "placeholder" in element else {}

    def searches(self, where: Where, typed: str, menu: str | None = None, *, in_: Room | None = None) -> list[str]:
        """Type into a menu whose options the app finds. Return their texts; waits for the app."""
        with self.world.lock:
            place = self._place(where, in_)
            found = [
                (block, element)
                for block, element in elements(place.blocks)
                if "external" in element["type"] and menu in (None, label(block, element), element["action_id"])
            ]
            assert found, f"nothing to search in\n{self.transcript()}"
            block, element = found[0]
            self._found = []
            if len(typed) < element.get("min_query_length", 3):
                return []
            payload = self._payload("block_suggestion", place.about)
            payload |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
            if place.view:
                payload["view"] = place.view.json(self.world)
            for absent in ("trigger_id", "response_url"):
                payload.pop(absent, None)
        delivery = self._sends("interactive", payload)
        self._awaits(delivery)
        if delivery.acknowledged:
            self._found = self._options(delivery.body)
        return [option_text(option) for option in self._found]

    def _options(self, body: Any) -> list[Params]:
        if not isinstance(body, dict) or not ({"options"} == body.keys() or {"option_groups"} == body.keys()):
            self.world.complain(f"options answered with {body!r:.200}")
            self.errors.append(TROUBLE)
            return []
        found = options_of(body)
        too_long = [o for o in found if len(option_text(o)) > 75 or not 0 < len(o.get("value", "")) <= 150]
        if len(found) > OPTIONS_MAX or too_long:
            self.world.complain(f"{len(found)} options found, of which {len(too_long)} are too long")
            self.errors.append(TROUBLE)
            return []
        return found

    # --- modals

    def fills(self, input: str, value: Any, *, in_: SeenView | None = None, enter: bool = False) -> None:
        """Enter a value by the input's label: a text, an option's text or several, a date, a list of files.

        `enter`: she presses the key after it, which the app is told if the input says so.
        """
        with self.world.lock:
            place = self._place(in_ or self.modal)
            found = [
                (b, e)
                for b, e in elements(place.blocks)
                if e["type"] in HOLDS and input in (label(b, e), b["block_id"])
            ]
            assert found, f"no input {input!r} among {[label(b, e) for b, e in elements(place.blocks)]}"
            block, element = found[0]
            if element["type"] == "file_input":
                value = [self._files.keep(source, self.user.id, shared=True).json() for source in value]
            held = with_value(element, value, self._found)
            place.state[block["block_id"]][element["action_id"]] = held
            chosen = HOLDS[element["type"]] != "value"
            if block["type"] != "input" or (block.get("dispatch_action") and (enter or chosen)):
                self._acts(place, block, {"action_id": element["action_id"], **held})

    def submits(self) -> dict[str, str] | None:
        """Press the button that submits. Return the errors by label, or None; waits for the app."""
        with self.world.lock:
            view = self._views.top(self.user)
            assert view, f"no modal is open\n{self.transcript()}"
            assert view.definition.get("submit"), "the modal cannot be submitted"
            refused = {
                label(b, e): words
                for b, e in elements(view.blocks)
                if b["type"] == "input" and (words := client_refuses(b, e, view.state[b["block_id"]][e["action_id"]]))
            }
            if refused:
                return refused
            payload = self._payload("view_submission", {"view": view.json(self.world), "response_urls": []}, view)
        before, answered = len(self.errors), list[str]()

        def done(outcome: Outcome) -> None:
            if outcome.ok and (words := self._views.submitted(view, outcome.body)):
                self.errors.append(words)
            answered.append("")

        delivery = self._sends("interactive", payload, done)
        self._awaits(delivery)
        return view.errors or ({"": self.errors[-1]} if len(self.errors) > before else None)

    def closes(self, *, all: bool = False) -> None:
        """Press Close, or with `all` the cross, which closes those below too."""
        with self.world.lock:
            assert self.modal, "no modal is open"
            for view in self._views.close(self.user, all=all):
                payload = self._payload("view_closed", {"view": view.json(self.world), "is_cleared": all}, view)
                payload.pop("trigger_id")
                self._sends("interactive", payload)

    # --- commands and shortcuts

    def commands(self, command: str, text: str = "", channel: Room | None = None) -> Delivery:
        """What the app answers within its acknowledgement is shown to her alone."""
        with self.world.lock:
            assert "commands" in self.world.app.scopes, "the app has no commands"
            where = (channel or self).channel
            payload = {
                "token": self.world.app.verification_token, "team_id": self.world.team, "team_domain": self.world.domain,
                "channel_id": where.id, "channel_name": where.name, "user_id": self.user.id,
                "user_name": self.user.username, "command": command, "text": text, "api_app_id": self.world.app.id,
                "is_enterprise_install": "false", "response_url": self._requests.response_url(self, where, None, "commands"),
                "trigger_id": self.world.new_trigger(self.user),
            }  # fmt: skip

        def done(outcome: Outcome) -> None:
            if outcome.ok and outcome.body:
                self._requests.command_answered(self, where, outcome.body)

        return self._sends("slash_commands", payload, done, f"{command} failed")

    def shortcut(self, callback_id: str, message: Seen | str | None = None) -> Delivery:
        """A global one, or one of a message."""
        with self.world.lock:
            about: Params = {"callback_id": callback_id, "action_ts": self.world.new_ts()}
            if message is not None:
                found = self._message(message)
                about |= {"message": found.json(self.world.app), "message_ts": found.ts, **self._where(found)}
            return self._sends("interactive", self._payload("message_action" if message else "shortcut", about))

    # --- the parts

    def _place(self, where: Where, room: Room | None = None) -> Place:
        if isinstance(where, SeenView):
            stack = self._views.stacks.get(self.user.id) or []
            home = self._views.homes.get(self.user.id)
            view = next((view for view in [*stack, *([home] if home else [])] if view.id == where.id), None)
            assert view, "the view is closed"
            about: Params = {"container": {"type": "view", "view_id": view.id}}
            return Place(view.blocks, view.state, about, view=view)
        assert where is not None, f"nothing is open\n{self.transcript()}"
        message = self._message(where, room)
        assert message.only_for in (None, self.user.id), "it is not for her"
        state = self._states[message.ts] = state_of(message.blocks, self._states.get(message.ts))
        container = {
            "type": "message", "message_ts": message.ts, "channel_id": message.channel.id,
            "is_ephemeral": message.only_for is not None,
        } | ({"thread_ts": message.thread} if message.thread else {})  # fmt: skip
        about = {"container": container, **self._where(message)}
        if not message.only_for:
            about["message"] = message.json(self.world.app)
        return Place(message.blocks, state, about, message=message)

    def _newest(self, room: Room | None) -> Sequence[Place]:
        shown = self.sees_in(room or self)
        return [self._place(message.ts, room) for message in reversed(shown) if message.from_bot]

    def _where(self, message: Message) -> Params:
        url = self._requests.response_url(self, message.channel, message, "actions")
        return {"channel": {"id": message.channel.id, "name": message.channel.name}, "response_url": url}

    def _acts(self, place: Place, block: Params, action: Params) -> Delivery:
        payload = self._payload("block_actions", dict(place.about), place.view)
        if place.view:
            payload["view"] = place.view.json(self.world)
        else:
            payload["state"] = {"values": copy.deepcopy(place.state)}
        action = {**action, "block_id": block["block_id"], "action_ts": self.world.new_ts()}
        return self._sends("interactive", payload | {"actions": [action]})

    def _payload(self, kind: str, about: Params, view: View | None = None) -> Params:
        world = self.world
        return {
            "type": kind, "token": world.app.verification_token, "api_app_id": world.app.id, "enterprise": None,
            "is_enterprise_install": False, "team": {"id": world.team, "domain": world.domain},
            "user": {"id": self.user.id, "username": self.user.username, "name": self.user.username, "team_id": self.user.team},
            "trigger_id": world.new_trigger(self.user, view), **about,
        }  # fmt: skip

    def _sends(
        self, kind: str, payload: Params, done: Callable[[Outcome], None] = lambda outcome: None, trouble: str = TROUBLE
    ) -> Delivery:
        def answered(outcome: Outcome) -> None:
            if not outcome.ok:
                self.errors.append(trouble)
            elif payload.get("type") == "block_actions" and outcome.body:
                self.world.complain(f"a press answered with {outcome.body!r:.100}, of which Slack takes no notice")
            done(outcome)

        channel = payload.get("channel", {}).get("id") or payload.get("channel_id", "")
        with self.world.lock:
            return self.world.deliveries.add(kind, payload, channel=channel, answered=answered)

    def _awaits(self, delivery: Delivery) -> None:
        wait(self.world, lambda: delivery.settled, PATIENCE, self.transcript)  # type: ignore[arg-type]
