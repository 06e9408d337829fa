"""The plan of several countries in the chat: one message to forward, the ways on from it, and the same as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from conversations import deadlines
from conversations.countries import lookup, plan_sheet, plan_words
from conversations.countries.overview import Overview, overview
from conversations.limits import PLANS, has_room_for_a_plan
from conversations.model import Attachment, Choice, Conversation, Country, Discard, DrawPlan, Text
from conversations.talk import Talk

PDF = "application/pdf"


def say_plan(
    talk: Talk, codes: Sequence[str], purpose: str | None, *, guesses: Sequence[str] = (), here: bool = False
) -> Overview:
    """The plan, with its ways on. `here`: it is the present step's own matter, which asks by itself."""
    plan = plan_of(talk, codes, purpose)
    talk.say(
        "plan",
        {
            "guessed": lookup.took_as(guesses),
            "title": plan_words.heading(plan),
            "stages": plan_words.stages(plan),
            "together": [
                *plan_words.together(plan, talk.book),
                *(plan_words.shared(plan, talk.book) if len(plan.stages) <= plan_words.FEW else ()),
            ],
            "days": plan_words.days(plan, talk.book),
        },
        choices=() if here else _ways_on(plan, codes),
    )
    return plan


def plan_of(talk: Talk, codes: Sequence[str], purpose: str | None) -> Overview:
    return overview(talk.book, codes, purpose, _today(talk))


def _today(talk: Talk) -> date:
    """The day it is where the customer is."""
    zone = deadlines.zone(talk.chat.time_zone, talk.case.settings.get("default_time_zone"), "UTC")
    return talk.now.astimezone(zone).date()


def _ways_on(plan: Overview, codes: Sequence[str]) -> tuple[Choice, ...]:
    """Buttons that say by themselves which countries they mean: they are pressed at any step, and later."""
    purpose = [plan.purpose] if plan.purpose else []
    choices = []
    if plan.startable:
        choices.append(Choice(" ".join(["start", *purpose, *plan.startable]), start_label(plan)))
    choices.append(Choice(" ".join(["pdf", *purpose, *codes]), Text("choice_plan_pdf")))
    choices.append(Choice("another", Text("choice_another_country")))
    return tuple(choices)


def start_label(plan: Overview) -> Text:
    """Of the button that starts all that can be started."""
    if len(plan.startable) == 1:
        return Text("choice_start_country", {"country": Country(plan.startable[0])})
    return Text("choice_start_all", {"n": len(plan.startable)})


# --- as a PDF -----------------------------------------------------------------------------------------------------


def draw(talk: Talk, codes: Sequence[str], purpose: str | None) -> None:
    """Have the plan drawn: it comes as a file when it is ready."""
    if not has_room_for_a_plan(talk):
        talk.say("too_many_plans", {"n": PLANS})
        return
    settings = talk.case.settings
    operator = {
        "operator": settings.get("operator_name") or "",
        "operator_address": settings.get("operator_address") or "",
    }
    plan = plan_of(talk, codes, purpose)
    facts = plan_sheet.facts(plan, talk.book, _today(talk), _paper(talk), operator)
    talk.effects.append(DrawPlan(talk.chat.id, {**facts, "locale": talk.chat.locale, "time_zone": talk.chat.time_zone}))
    talk.say("plan_being_drawn")


def _paper(talk: Talk) -> str:
    """What the customer's printer holds, as far as a registration of theirs says where they are."""
    told = (one.answers.get("country") for one in talk.case.registrations.values())
    return talk.book.paper(next((str(country) for country in told if country), ""))


def drawn(talk: Talk) -> None:
    """The PDF is there: send it, and keep no other of this chat."""
    result = talk.event.result
    if talk.event.name == "plan_failed":
        talk.say("plan_not_drawn")
        return
    _replace(talk, talk.chat, str(result["file"]))
    file = Attachment(str(result["file"]), str(result["name"]), PDF)
    talk.say("plan_drawn_ready", {"n": int(result["pages"])}, files=(file,))


def _replace(talk: Talk, chat: Conversation, file: str) -> None:
    """The same plan drawn again is the same file."""
    if chat.plan_file and chat.plan_file != file:
        talk.effects.append(Discard((chat.plan_file,)))
    chat.plan_file = file
