"""Customers and staff with Slack clients, and the real process they write to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import customer_reading as reading
from customer_reading import MOST, PATIENCE, answer
from slack_api import SlackApi
from slack_hands import Person, SeenView
from slack_people import Room, Seen, seen

FORM = "Answer these as one form"
NEEDED = " *"  # behind the label of an input that may not stay empty for ever
ELLIPSIS = "…"


class Process(reading.Process):
    """`python -m bot run` with a workspace of its own: with Socket Mode, or posted to."""

    def __init__(self, api: SlackApi, folder: Path, *, socket: bool, **settings: str) -> None:
        self.api, self.socket = api, socket
        way = {"SLACK_APP_TOKEN": api.app_token} if socket else {"SLACK_SIGNING_SECRET": api.signing_secret}
        super().__init__(folder, SLACK_BOT_TOKEN=api.bot_token, SLACK_BASE_URL=api.base_url, **way, **settings)

    def started(self) -> Self:
        """Wait until Slack has a way to it."""
        super().started()
        if self.socket:
            self.api.waits(lambda api: api.connected, PATIENCE)
        else:
            self.api.deliver_http(f"http://127.0.0.1:{self.port}/slack/events")
        return self


class InSlack:
    """How a Slack client shows what there is."""

    person: Person

    def files(self, message: Seen) -> list[tuple[str, bytes]]:
        return message.files

    def backwards(self, room: Room | None = None) -> Iterator[Seen]:
        """What stands in the room, or in the private chat, the newest message first."""
        user = self.person.user
        for message in reversed((room or self.person).channel.shown()):
            if message.only_for in (None, user.id):
                yield seen(message, self.person.world, user.tz or "UTC")

    def hears(self, *words: str) -> Seen:
        """Wait until the bot has said all that in one message of the private chat, before or now."""

        def said(_: object) -> Seen | None:
            # What is said beside the blocks holds all that they say, and is read at once.
            for message in self.person.channel.shown():
                if message.sender.bot and all(word in message.text for word in words):
                    return seen(message, self.person.world, self.person.user.tz or "UTC")
            return None

        return self.person.waits(said, PATIENCE)


class Customer(InSlack, reading.Customer):
    """Somebody who registers a country in her direct messages with the app."""

    def now(self, message: Seen) -> Seen:
        return seen(self.person.channel.messages[message.id], self.person.world, self.person.user.tz or "UTC")

    def looks_up(self) -> None:
        self._newest = max(self.person.channel.messages, default=self._newest)

    def begins(self) -> None:
        self.says("hello")

    def offers(self, message: Seen) -> list[str]:
        return [*message.labels, *(option for options in message.menus.values() for option in options)]

    def presses(self, message: Seen, label: str) -> None:
        """Take it, be it a button or a line of a menu, and though it was too long for either."""
        self.looks_up()
        offers = [one for one in self.offers(message) if one == label] or [
            one for one in self.offers(message) if one.endswith(ELLIPSIS) and label.startswith(one.rstrip(ELLIPSIS))
        ]
        assert offers, f"no {label!r} in {message}"
        if offers[0] in message.labels:
            self.person.presses(message, offers[0])
        else:
            self.person.selects(message, offers[0])

    def sends_letters(self) -> None:
        """One message with all of them, in an order nobody can know."""
        self.looks_up()
        files = [(f"IMG_{place:04}.jpg", self.photos[place]) for place in self.any_order()]
        self.person.sends_files(files)

    def sends(self, path: Path) -> None:
        self.person.sends_files([path])

    def registers_again(self) -> None:
        """From what was sent back until nothing is wanted of her any more."""
        for _ in range(MOST):
            asked = self.is_asked()
            if asked.what == "tracking":
                return
            self.answers(asked)


class Presser(Customer):
    """She presses a button wherever there is one."""

    def chooses(self, message: Seen, label: str, word: str) -> None:
        self.presses(message, label)


class OneByOne(Presser):
    """Her photos come one by one."""

    def sends_letters(self) -> None:
        self.looks_up()
        for place in self.any_order():
            self.person.sends_files([(f"IMG_{place:04}.jpg", self.photos[place])])


class Typist(Customer):
    """She writes everything."""

    def chooses(self, message: Seen, label: str, word: str) -> None:
        self.says(word.removeprefix("/"))  # Slack keeps what begins so for its commands


class Filler(Presser):
    """She hates chat: as soon as there is a form she opens it, and fills in whatever it asks.

    Attributes:
        refused: what stood below the inputs, each time a form was not taken.
    """

    def __init__(self, *given: Any, wrongly: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(*given, **more)
        self.forms: list[list[str]] = []  # the inputs of each view, by block id
        self.refused: list[dict[str, str]] = []
        self.wrongly = dict(wrongly or {})  # what she enters first, by field

    def answers_field(self, field: Any, message: Seen) -> None:
        if FORM not in message.labels or self.forms:
            return super().answers_field(field, message)
        self.looks_up()
        self.person.presses(message, FORM)
        self.fills_in()

    def fills_in(self) -> None:
        """View after view, until it closes."""
        view = self.person.waits(lambda person: person.modal, PATIENCE)
        taken = 0
        while view is not None:
            self.forms.append([block["block_id"] for block in view.blocks if block["type"] == "input"])
            entered = self.enters(view)
            if wrong := self.person.submits():
                self.refused.append(wrong)
                assert self.wrongly, f"{wrong}, entered: {entered}"
                self.wrongly = {}
                continue
            taken += 1
            view = self.person.modal
        self._newest = self.person.waits(lambda _: self._noted(taken), PATIENCE)

    def _noted(self, times: int) -> str | None:
        """The id of the message that says so of the last view, once it is there: what is asked now comes behind it."""
        told = [one.ts for one in self.person.channel.shown() if "of the form are noted" in one.text]
        return told[-1] if len(told) == times else None

    def enters(self, view: SeenView) -> dict[str, str]:
        """Fill in every input of the view that she has something for."""
        entered = {}
        for block in view.blocks:
            if block["type"] == "input" and (said := self.entry(block["block_id"])):
                entered[block["block_id"]] = said
                self._enters(view, block, said)
        return entered

    def entry(self, name: str) -> str:
        """What she enters there: of a field, of the sender IDs, of their samples."""
        if name in self.wrongly:
            return self.wrongly[name]
        if name in self.wish.skipped:
            return ""
        if field := self.field(name):
            return answer(field, self.wish.answers)
        if name == "sender_ids":
            return "\n".join(self.wish.names)
        found = next((names for of, names in self.wish.names.items() if name.endswith(of)), ())
        return "\n".join(found)

    def _enters(self, view: SeenView, block: Any, said: str) -> None:
        element, options = block["element"], block["element"].get("options", ())
        if element["type"] == "external_select":
            found = self.person.searches(view, said, block["label"]["text"])
            self.person.fills(block["block_id"], found[0])
        elif options:
            shown = {option["value"]: option["text"]["text"] for option in options}
            self.person.fills(block["block_id"], shown[said])
        else:
            self.person.fills(block["block_id"], said)


# --- the desk ------------------------------------------------------------------------------------------------------


class Staff(InSlack, reading.Staff):
    """A staff member with direct messages and a place in the desk's channel."""

    def binds(self) -> Self:
        """Spend an invitation."""
        self.person.types(self.process.invitation(self.role))
        self.hears("Welcome to the desk")
        return self

    def gives_reasons(self, reference: str, label: str, *, ready: Sequence[str] = (), own: str = "", touches: Sequence[str] = ()) -> None:  # fmt: skip
        """Decide on the card, and say in the modal why: by the words that the modal offers."""
        self.decides(reference, label)
        view = self.person.waits(lambda person: person.modal, PATIENCE)
        said = {"ready": list(ready), "own": own, "touches": list(touches)}
        for block in view.blocks:
            if block["type"] == "input" and said.get(block["block_id"]):
                self.person.fills(block["block_id"], said[block["block_id"]])
        assert self.person.submits() is None


def put_into(api: SlackApi, channel: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every call that put something into a conversation, or changed it there."""
    for call in list(api.log):
        where = call.parameters.get("channel") or call.parameters.get("channel_id")
        if where == channel and call.method in PUTS:
            yield call.method, call.parameters


WITH_FILES = {"files.completeUploadExternal"}
PUTS = WITH_FILES | {"chat.postMessage", "chat.postEphemeral", "chat.update"}
