"""A question about countries at any step: answered, and what is asked there is asked again, without an answer to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from conversations.countries import lookup, planning, world
from conversations.countries.answers import answer
from conversations.countries.questions import Question, understand
from conversations.countries.vocabulary import OUR_TRADE, Subject
from conversations.interview import beginning, briefing, review
from conversations.model import CLOSED, Choice, Country, Kind, Step, Text, Value
from conversations.registration import tracking
from conversations.talk import Talk
from rules.schema import FieldType

# Here a name of countries, with or without a purpose, is what the step itself reads.
READS_COUNTRIES = frozenset({Step.NEW, Step.COUNTRY, Step.WHICH_COUNTRY, Step.BRIEFING, Step.TRACKING})
# Here nearly every text is an answer: a name, or a message to the customer's own customers.
NAMING = frozenset({Step.SENDER_IDS, Step.SAMPLES})


def answered(talk: Talk, text: str, choosing_line: bool = False) -> bool:
    """Answer the text when it is a question or a look-up; False when it is the present step's own business."""
    if tracking.heard_address(talk, text):
        if talk.chat.state is Step.BRIEFING:
            briefing.ask_again(talk)
        return True
    question = understand(text, talk.book, strictly=_is_free(talk), here=_here(talk))
    if question is None or not _is_meant(talk, question, text):
        return False
    asked = talk.chat.asked
    _say(talk, question)
    if choosing_line and talk.on is not None:
        review.ask_line(talk)
    elif talk.chat.state is Step.BRIEFING and talk.chat.asked == asked:
        briefing.ask_again(talk)
    return True


def _here(talk: Talk) -> tuple[str, ...]:
    """The countries that the chat is about now."""
    if talk.on is not None:
        return (talk.on.country,)
    return tuple(talk.chat.cursor.countries) if talk.chat.state is Step.BRIEFING else ()


def _is_meant(talk: Talk, question: Question, text: str) -> bool:
    """Whether it is a question here: the freer the answers of a step are, the plainer it must be one."""
    step = talk.chat.state
    if talk.event.kind is Kind.PRESS:
        return question.command
    if question.command and text.strip().startswith("/"):
        return True
    if question.command:
        return not _is_free(talk) or question.subject not in (Subject.PLAN, Subject.PDF, Subject.START)
    if step in READS_COUNTRIES and question.subject is Subject.PLAN:
        return question.asks and step not in (Step.NEW, Step.COUNTRY, Step.BRIEFING)
    if step in NAMING:
        return question.asks and question.clear and re.search(OUR_TRADE, text.casefold()) is not None
    if _is_free(talk):
        return question.asks and question.clear
    return question.asks or question.subject is Subject.PLAN


def _is_free(talk: Talk) -> bool:
    """Whether any text may be the answer."""
    return talk.chat.state in NAMING or (talk.chat.state is Step.ASKING and _asked_type(talk) is FieldType.TEXT)


def _asked_type(talk: Talk) -> FieldType | None:
    name = talk.chat.cursor.field
    return talk.pack(talk.registration).field(name).type if name and talk.on else None


def _say(talk: Talk, question: Question) -> None:
    unknown = [code for code in question.countries if code not in talk.book.codes]
    question = replace(question, countries=tuple(code for code in question.countries if code in talk.book.codes))
    if unknown:
        names: list[Value] = [Text("no_facts", {"country": Country(code)}) for code in unknown]
        talk.say("no_facts_of", {"lines": names})
    if question.countries or not unknown:
        SAYS.get(question.subject, _say_answers)(talk, question)


def _say_answers(talk: Talk, question: Question) -> None:
    """A question about something in particular: of these countries, or of which."""
    if not question.countries:
        world.say_where(talk, question)
        return
    packs = [talk.book.pack(code) for code in question.countries]
    told: list[Value] = []
    for pack in packs:
        told += answer(pack, question)
    begun = f"start {talk.on.country}" if talk.on is not None and talk.on.status not in CLOSED else ""
    choices = [choice for choice in lookup.ways_on(packs) if choice.value != begun]
    if len(packs) == 1:
        choices.insert(
            0, Choice(f"country {packs[0].country}", Text("choice_card", {"country": Country(packs[0].country)}))
        )
    talk.say(
        "answer_country",
        {
            "guessed": lookup.took_as(question.guesses),
            "lines": told,
            "sources": [line for pack in packs for line in lookup.sources(pack, 2 if len(packs) == 1 else 1)],
        },
        choices=tuple(choices),
    )


def _say_card(talk: Talk, question: Question) -> None:
    if not question.countries:
        given = " ".join(question.words)
        talk.say("country_how" if given else "country_how_empty", {"given": given})
        return
    if len(question.countries) == 1 or not question.guesses:
        for code in question.countries[: lookup.MOST_CARDS]:
            lookup.say_card(talk, code, guessed=code in question.guesses)
        return
    choices = [
        Choice(f"country {code}", talk.book.country_name(code)) for code in question.countries[: lookup.MOST_CARDS]
    ]
    talk.say("country_which", choices=tuple(choices))


def _say_plan(talk: Talk, question: Question) -> None:
    planning.say_plan(talk, question.countries, question.purpose, guesses=question.guesses)


def _draw_plan(talk: Talk, question: Question) -> None:
    planning.draw(talk, question.countries, question.purpose)


def _start(talk: Talk, question: Question) -> None:
    beginning.start_from(talk, list(question.countries), question.purpose)


SAYS: Mapping[Subject, Callable[[Talk, Question], None]] = {
    Subject.CARD: _say_card,
    Subject.PLAN: _say_plan,
    Subject.PDF: _draw_plan,
    Subject.START: _start,
}
