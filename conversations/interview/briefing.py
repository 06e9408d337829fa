"""What a country asks, said before anything is begun; of several countries the plan; and the ways on."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.countries import lookup, papers_in_words, planning
from conversations.countries.answers import answer
from conversations.countries.overview import Overview
from conversations.countries.questions import Question
from conversations.countries.vocabulary import Subject
from conversations.interview import stops
from conversations.model import Choice, Country, Day, Text, Value
from conversations.talk import Talk, route_of
from rules import traits
from rules.schema import Pack, Route
from rules.traits import WITHOUT_REGISTRATION, Holds


def ask_briefing(talk: Talk, guesses: Sequence[str] = ()) -> None:
    """Route, papers, time, things to have ready; then start, or another country."""
    codes = talk.chat.cursor.countries
    purpose = talk.chat.cursor.purpose or None
    if len(codes) > 1:
        planning.say_plan(talk, codes, purpose, guesses=guesses, here=True)
        ask_again(talk)
        return
    pack = talk.book.pack(codes[0])
    if pack.paused:  # first: nothing of what follows can be filed before it ends
        paused: dict[str, Value] = {
            "country": Country(pack.country),
            "since": Text("paused_since", {"day": Day(pack.paused.since)}) if pack.paused.since else "",
            "text": pack.paused.text,
            "source": pack.paused.source.url,
            "read_on": pack.paused.source.read_on.isoformat(),
        }
        talk.say("briefing_paused", paused)
    talk.say(f"briefing_{pack.route.value}", _briefing(talk, pack, purpose))
    ask_again(talk)


def ask_again(talk: Talk) -> None:
    """Only whether to start: what the country asks stands there already."""
    codes = talk.chat.cursor.countries
    if len(codes) > 1:
        _ask_plan(talk, planning.plan_of(talk, codes, talk.chat.cursor.purpose or None))
        return
    pack = talk.book.pack(codes[0])
    choices = []
    if pack.route not in WITHOUT_REGISTRATION:
        choices.append(Choice("start", Text("choice_prepare" if pack.paused else "choice_start")))
        if pack.paused:
            choices.append(Choice("later", Text("choice_tell_me")))
    if pack.route is Route.RECOMMENDED:
        choices.append(Choice("skip", Text("choice_no_registration")))
    _ask(talk, choices, "ask_other_country" if pack.route in WITHOUT_REGISTRATION else "ask_start")


def _ask_plan(talk: Talk, plan: Overview) -> None:
    """Of several countries: start them all, take the plan along as a PDF."""
    choices = []
    if plan.startable:
        choices.append(Choice("start", planning.start_label(plan)))
        if plan.waiting:
            choices.append(Choice("later", Text("choice_tell_me")))
    choices.append(Choice("pdf", Text("choice_plan_pdf")))
    stopped = any(stage.pack.route not in WITHOUT_REGISTRATION for stage in plan.stages)
    _ask(talk, choices, "ask_start" if plan.startable else "ask_other_purpose" if stopped else "ask_other_country")


def _ask(talk: Talk, choices: list[Choice], key: str) -> None:
    choices.append(Choice("another", Text("choice_another_country")))
    talk.say(key, choices=tuple(choices), asks=True)


def startable(talk: Talk) -> list[str]:
    """Those of the countries just briefed on that can be started, for the purpose named."""
    codes, purpose = talk.chat.cursor.countries, talk.chat.cursor.purpose or None
    if len(codes) > 1:
        return list(planning.plan_of(talk, codes, purpose).startable)
    return [code for code in codes if talk.book.pack(code).route not in WITHOUT_REGISTRATION]


def _briefing(talk: Talk, pack: Pack, purpose: str | None) -> dict[str, Value]:
    texts: list[Value] = [Text("briefing_line", {"text": line}) for line in (*pack.prepare, *pack.notes[:4])]
    texts += [Text("briefing_line", {"text": Text("card_fee", {"text": fee})}) for fee in lookup.fees(pack)]
    texts += [Text("briefing_line", {"text": hours.text}) for hours in pack.quiet_hours]
    texts += [Text("briefing_line", {"text": line}) for line in lookup.prohibited(pack)]
    if pack.uncertain:
        texts.append(Text("briefing_uncertain", {"text": pack.uncertain[0]}))
    if not pack.detailed and pack.fields:
        texts.append(Text("briefing_more_may_be_asked"))
    texts += stops.in_advance(pack)
    heading = [Text("briefing_to_know")] if texts else []
    return {
        "country": Country(pack.country),
        "route": route_of(pack),
        "papers": papers_in_words.lines(pack) or [Text("paper_none")],
        "time": lookup.lead_time(pack),
        "instead": pack.instead or "",
        "notes": [*_for_purpose(pack, purpose), *heading, *texts],
        "source": pack.sources[0].url,
        "read_on": pack.sources[0].read_on.isoformat(),
        "registry": pack.registry.name if pack.registry else "",
        "url": pack.registry.url if pack.registry else "",
        "steps": [Text("briefing_line", {"text": step}) for step in pack.registry.steps] if pack.registry else [],
    }


def _for_purpose(pack: Pack, purpose: str | None) -> list[Value]:
    """What was understood of the purpose named with the country, and what the rules say to it."""
    if purpose is None:
        return []
    if traits.purpose(pack, purpose).holds in (Holds.NO, Holds.SOMETIMES):
        return answer(pack, Question(Subject.PURPOSE, (pack.country,), purpose=purpose))
    return [Text("briefing_purpose", {"purpose": Text(f"purpose_{purpose}")})]
