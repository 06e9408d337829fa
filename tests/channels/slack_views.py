"""Modals and Home tabs: opened, pushed, updated, published, submitted, closed."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from bot_methods import Params
from slack_answers import filled
from slack_blocks import checked_view
from slack_elements import State, label, state_of
from slack_methods import SlackError
from slack_world import User, World

STACK_MAX = 3
TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(eq=False)
class View:
    """A view as the server has it, and what its reader has entered."""

    id: str
    user: User
    definition: Params
    hash: str
    root: str
    previous: str | None = None
    state: State = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # of the last submission, by label

    @property
    def kind(self) -> str:
        return str(self.definition["type"])

    @property
    def blocks(self) -> list[Params]:
        return list(self.definition["blocks"])

    def json(self, world: World) -> Params:
        known: Params = {
            "id": self.id, "team_id": world.team, "private_metadata": "", "callback_id": "", "external_id": "",
            "close": None, "submit": None, "clear_on_close": False, "notify_on_close": False,
            **copy.deepcopy(self.definition), "state": {"values": copy.deepcopy(self.state)}, "hash": self.hash,
            "root_view_id": self.root, "previous_view_id": self.previous, "app_id": world.app.id,
            "app_installed_team_id": world.team, "bot_id": world.app.bot_id,
        }  # fmt: skip
        if self.kind == "home":
            del known["submit"]
        return known


class Views:
    """Of each person the stack of modals and the Home tab."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stacks: dict[str, list[View]] = {}  # by the person's id
        self.homes: dict[str, View] = {}

    def top(self, user: User) -> View | None:
        stack = self.stacks.get(user.id)
        return stack[-1] if stack else None

    # --- the methods

    def views_open(self, params: Params) -> Params:
        trigger = self.world.exchange(params.get("trigger_id") or params.get("interactivity_pointer", ""))
        view = self._made(params["view"], trigger.user)
        self.stacks[trigger.user.id] = [view]
        self.world.ring()
        return {"view": view.json(self.world)}

    def views_push(self, params: Params) -> Params:
        trigger = self.world.exchange(params.get("trigger_id") or params.get("interactivity_pointer", ""))
        view = self._push(params["view"], trigger.user, trigger.view)
        return {"view": view.json(self.world)}

    def views_update(self, params: Params) -> Params:
        views = [view for stack in self.stacks.values() for view in stack]
        if "view_id" in params:
            found = [view for view in views if view.id == params["view_id"]]
        elif "external_id" in params:
            found = [view for view in views if view.definition.get("external_id") == params["external_id"]]
        else:
            raise SlackError("invalid_arguments", "[ERROR] one of view_id and external_id")
        if not found:
            raise SlackError("not_found")
        if params.get("hash", found[0].hash) != found[0].hash:
            raise SlackError("hash_conflict")
        self._change(found[0], params["view"])
        return {"view": found[0].json(self.world)}

    def views_publish(self, params: Params) -> Params:
        user = self.world.users.get(params["user_id"])
        if user is None:
            raise SlackError("user_not_found")
        before = self.homes.get(user.id)
        if before and params.get("hash", before.hash) != before.hash:
            raise SlackError("hash_conflict")
        if before:
            self._change(before, params["view"])
        else:
            self.homes[user.id] = self._made(params["view"], user, "home")
        self.world.ring()
        return {"view": self.homes[user.id].json(self.world)}

    # --- their parts

    def _made(self, definition: Any, user: User, kind: str = "modal", **values: Any) -> View:
        self._check(definition, kind)
        open_now = [view for stack in self.stacks.values() for view in stack]
        external = definition.get("external_id")
        if external and any(view.definition.get("external_id") == external for view in open_now):
            raise SlackError("duplicate_external_id")
        id = self.world.new_id("V")
        kept = copy.deepcopy(definition) | {"blocks": filled(definition["blocks"], self.world)}
        return View(id, user, kept, self._hash(), values.pop("root", id), state=state_of(kept["blocks"]), **values)

    def _push(self, definition: Any, user: User, below: View | None) -> View:
        stack = self.stacks.get(user.id) or []
        if below is None or below not in stack:
            raise SlackError("not_found")
        if len(stack) >= STACK_MAX:
            raise SlackError("push_limit_reached")
        view = self._made(definition, user, root=stack[0].id, previous=stack[-1].id)
        stack.append(view)
        self.world.ring()
        return view

    def _change(self, view: View, definition: Any) -> None:
        self._check(definition, view.kind)
        view.definition = copy.deepcopy(definition) | {"blocks": filled(definition["blocks"], self.world)}
        view.state, view.hash, view.errors = state_of(view.blocks, view.state), self._hash(), {}
        self.world.ring()

    def _check(self, definition: Any, kind: str) -> None:
        checker = checked_view(definition, self.world.complain, kind)
        if checker.mentions:
            self.world.complain(f"a view mentions {', '.join(checker.mentions)}")

    def _hash(self) -> str:
        return f"{int(self.world.clock.now())}.{self.world.word(8)}"

    # --- what a submission is answered with

    def submitted(self, view: View, answer: Any) -> str:
        """Do what the app answers. Return what her client says instead, if the answer is of no use."""
        view.errors = {}
        try:
            self._obey(view, answer)
        except SlackError as refused:
            self.world.complain(f"a view_submission answered with what Slack refuses: {refused}")
            return TROUBLE
        return ""

    def _obey(self, view: View, answer: Any) -> None:
        stack = self.stacks.get(view.user.id) or []
        action = answer.get("response_action") if isinstance(answer, dict) else None
        if view not in stack:
            return
        if answer in (None, {}, ""):
            self.stacks[view.user.id] = stack[: stack.index(view)]
        elif action == "clear":
            self.stacks[view.user.id] = []
        elif action == "update":
            self._change(view, answer.get("view"))
        elif action == "push":
            self._push(answer.get("view"), view.user, view)
        elif action == "errors":
            view.errors = self._errors(view, answer.get("errors"))
        else:
            raise SlackError("invalid_response", f"{answer!r:.200}")

    def _errors(self, view: View, errors: Any) -> dict[str, str]:
        inputs = {block["block_id"]: block for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors:
            raise SlackError("invalid_response", "errors must name a block")
        if unknown := errors.keys() - inputs.keys():
            raise SlackError("invalid_response", f"errors of blocks that are no inputs: {', '.join(sorted(unknown))}")
        return {label(inputs[id], inputs[id]["element"]): str(words) for id, words in errors.items()}

    def close(self, user: User, *, all: bool = False) -> list[View]:
        """Close the modal on top, or all. Return those whose closing the app wants to know of."""
        stack = self.stacks.get(user.id) or []
        everything = all or bool(stack and stack[-1].definition.get("clear_on_close"))
        gone = stack[:] if everything else stack[-1:]
        self.stacks[user.id] = stack[: len(stack) - len(gone)]
        self.world.ring()
        return [view for view in gone if view.definition.get("notify_on_close")]
