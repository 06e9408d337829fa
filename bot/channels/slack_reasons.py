"""The modal that asks somebody at the desk for the reasons of a decision: ready ones, own words, what they touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.slack_parts import (
    ANSWER,
    LONGEST_OPTION,
    MOST_OPTIONS,
    MOST_SHOWN,
    Block,
    View,
    asked,
    entered,
    modal,
    option,
    plain,
    section,
)
from bot.web import dossier
from conversations.desk.actions import command
from conversations.interview.plan import SENDER_ID
from conversations.model import Country, Text
from conversations.reasons import CANNED
from storage.store import Found

if TYPE_CHECKING:
    from bot.words import Words
    from rules.book import Book

KIND = "reasons"  # callback_id
READY, OWN, NAME, TOUCHES = "ready", "own", "sender_id", "touches"  # block ids
WANT_REASONS = ("send_back", "reject", "refuse")
MENDS = ("send_back", "reject")  # say what the customer is to mend
LONGEST_WHY = 2000  # characters of the reasons together
PAPER, FIELD = "paper:", "field:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision that was begun by a button."""

    name: str  # send_back, reject, refuse
    reference: str
    sender_id: str | None = None  # refuse: of which, where the button says it


def wanted(value: str) -> Wanted | None:
    """The decision on a button whose reasons are still to be given, or None when it needs none."""
    found = command(value)
    if found is None or found[1].name not in WANT_REASONS or found[1].values.get("why"):
        return None
    reference, decision = found
    said = str(decision.values.get("said") or "").removesuffix(":").strip()
    return Wanted(decision.name, reference, said or None)


def view(decision: Wanted, found: Found, words: Words, book: Book, sealed: str) -> View:
    """What is asked of whoever holds the registration."""
    registration = found.registration
    about = f"{registration.reference} · {words.value(Country(registration.country))}"
    company = " ".join(str(registration.answers.get("company_name") or "").split())
    blocks: list[Block] = [section(plain(f"{about}\n{company}".strip()))]
    names = [name.text for name in registration.sender_ids if name.outcome is None]
    if decision.name == "refuse":
        blocks += _which(decision, names, words)
    blocks.append(asked(READY, words.text(Text("reasons_ready")), _ready(words)))
    own = {"type": "plain_text_input", "action_id": ANSWER, "multiline": True, "max_length": LONGEST_WHY}
    blocks.append(asked(OWN, words.text(Text("reasons_own")), own, hint=words.text(Text("reasons_own_hint"))))
    if decision.name in MENDS and (groups := _groups(found, words, book)):
        element: Block = {"type": "multi_static_select", "action_id": ANSWER, "option_groups": groups}
        element["placeholder"] = plain(words.text(Text("form_choose")))
        blocks.append(asked(TOUCHES, words.text(Text("reasons_touch")), element))
    verb = words.text(Text(f"choice_desk_{decision.name}"))
    return modal(
        KIND, f"{verb} · {registration.reference}", blocks, sealed, submit=verb, close=words.text(Text("form_close"))
    )


def _which(decision: Wanted, names: Sequence[str], words: Words) -> list[Block]:
    """The sender ID that is refused: said, when the button named it or there is one only; else to choose."""
    named = decision.sender_id or (names[0] if len(names) == 1 else None)
    if named or not names:
        return [section(plain(words.text(Text("reasons_name", {"name": named}))))] if named else []
    options = [option(name, name) for name in names[:MOST_OPTIONS]]
    kind = "radio_buttons" if len(options) <= MOST_SHOWN else "static_select"
    element = {"type": kind, "action_id": ANSWER, "options": options}
    return [asked(NAME, words.text(Text("reasons_which_name")), element)]


def _ready(words: Words) -> Block:
    """The reasons that are said often, each in full: its first sentence, and the rest below that."""
    options = []
    for code in CANNED:
        said = words.text(Text(f"desk_reason_{code}"))
        first, stop, rest = said.partition(". ")
        options.append(option(code, first + stop.strip(), rest) if rest else option(code, said))
    if len(options) <= MOST_SHOWN:
        return {"type": "checkboxes", "action_id": ANSWER, "options": options}
    return {"type": "multi_static_select", "action_id": ANSWER, "options": options}


def _groups(found: Found, words: Words, book: Book) -> list[Block]:
    """The papers and the answers a customer can be asked to mend."""
    papers, fields = dossier.mendable(found.registration, book)
    labels = [
        (name, label or words.text(Text("label_sender_id"))) for name, label in fields if label or name == SENDER_ID
    ]
    groups = []
    for key, begins, lines in (("reasons_papers", PAPER, papers), ("reasons_answers", FIELD, labels)):
        options = [option(begins + name, label) for name, label in lines if len(begins + name) <= LONGEST_OPTION]
        if options:
            groups.append({"label": plain(words.text(Text(key)), LONGEST_OPTION), "options": options[:MOST_OPTIONS]})
    return groups


def values(view_values: Mapping[str, Any], decision: Wanted) -> dict[str, Any]:
    """The decision's values as they were entered: sender_id, why, papers, fields. `why` is exactly as written."""
    held = entered(view_values)
    own = [line.strip() for line in str(held.get(OWN) or "").splitlines() if line.strip()]
    touches = [str(one) for one in held.get(TOUCHES) or ()]
    return {
        "sender_id": decision.sender_id or held.get(NAME) or None,
        "why": [*(code for code in CANNED if code in (held.get(READY) or ())), *own],
        "papers": [one.removeprefix(PAPER) for one in touches if one.startswith(PAPER)],
        "fields": [one.removeprefix(FIELD) for one in touches if one.startswith(FIELD)],
    }
