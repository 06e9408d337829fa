"""Everything that is known of a country, on one card: nothing is opened or kept for looking at it."""

from __future__ import annotations

from collections.abc import Sequence

from conversations.countries import papers_in_words
from conversations.countries.conditions import in_words
from conversations.judgement.judging_samples import topics_in_words
from conversations.model import Choice, Country, Text, Value
from conversations.talk import Talk, route_of
from rules.schema import HANDED_OVER, Pack, Paused, Route, Source
from rules.traits import WITHOUT_REGISTRATION

SHOWN_SOURCES = 8
MOST_CARDS = 3  # in one answer


def say_card(talk: Talk, code: str, guessed: bool = False) -> None:
    """The card, with the ways on from it. The same question is asked again behind it."""
    pack = talk.book.pack(code)
    talk.say(
        "country_card",
        {
            "guessed": took_as([code]) if guessed else "",
            "country": Country(code),
            "route": route_of(pack),
            "facts": facts(pack),
            "papers": [Text("card_papers"), *_papers(pack)] if pack.route not in WITHOUT_REGISTRATION else "",
            "notes": _notes(pack),
            "sources": sources(pack),
        },
        choices=tuple(ways_on([pack])),
    )


def took_as(guesses: Sequence[str]) -> Value:
    """What a misspelling was taken for, so that nobody reads of the wrong country without noticing."""
    return [Text("took_as", {"country": Country(code)}) for code in guesses]


def ways_on(packs: list[Pack]) -> list[Choice]:
    """Buttons under what was said of countries: start, another. They work at every step, also later."""
    found = []
    startable = [pack for pack in packs if pack.route not in WITHOUT_REGISTRATION]
    if len(packs) > 1:
        codes = " ".join(pack.country for pack in packs)
        found.append(Choice(f"plan {codes}", Text("choice_plan")))
    elif startable:
        (pack,) = startable
        key = "choice_prepare_country" if pack.paused else "choice_start_country"
        found.append(Choice(f"start {pack.country}", Text(key, {"country": Country(pack.country)})))
    found.append(Choice("another", Text("choice_another_country")))
    return found


def facts(pack: Pack, with_pause: bool = True) -> list[Value]:
    """Names, time, fees and hours, a line each; what no source says is left out, or said to be unknown."""
    lines: list[Value] = []
    if pack.paused and with_pause:
        lines.append(paused(pack.paused))
    lines += [
        Text("card_registration", {"registration": Text(f"registration_{pack.registration}")}),
        Text("card_senders", {"names": _yes_or_no(pack.alpha_sender), "numbers": _yes_or_no(pack.numeric_sender)}),
    ]
    if pack.instead:
        lines.append(Text("card_instead", {"text": pack.instead}))
    if pack.route not in WITHOUT_REGISTRATION:
        lines.append(Text("card_time", {"time": lead_time(pack)}))
    if pack.registry:
        lines.append(Text("card_registry", {"registry": pack.registry.name, "url": pack.registry.url}))
    lines += [Text("card_fee", {"text": fee}) for fee in fees(pack)]
    lines += [Text("card_quiet_hours", {"text": hours.text}) for hours in pack.quiet_hours]
    lines += prohibited(pack)
    if pack.validity:
        lines.append(Text("card_validity", {"text": pack.validity.text}))
    return lines


def paused(by: Paused) -> Text:
    """Why no registrations are taken, where that was read and when."""
    source = by.source
    return Text("card_paused", {"text": by.text, "source": source.url, "read_on": source.read_on.isoformat()})


def lead_time(pack: Pack) -> Text:
    """The vendors' own estimates, in calendar days."""
    days = pack.lead_time.days
    if days is None:
        return Text("time_unknown")
    if days[0] == days[1]:
        return Text("time_one", {"n": days[1]})
    return Text("time_range", {"low": days[0], "high": days[1]})


def fees(pack: Pack) -> list[Value]:
    """What sources say it costs, a sentence each; the registry's own fee first."""
    told: list[Value] = [pack.registry.fee] if pack.registry and pack.registry.fee else []
    for fee in pack.fees:
        told.append(Text("fee_when", {"text": fee.text, "when": in_words(pack, fee.when)}) if fee.when else fee.text)
    if not told and pack.route is Route.ACCOUNT_MANAGER:
        told.append(Text("fee_by_account_manager"))
    return told


def prohibited(pack: Pack) -> list[Value]:
    """What texts may not be about here, in one line; nothing where no source says it."""
    topics = pack.samples.prohibited
    return [Text("card_prohibited", {"topics": topics_in_words(topics)})] if topics else []


def _papers(pack: Pack) -> list[Value]:
    found = papers_in_words.lines(pack)
    if pack.route in HANDED_OVER:
        return [*found, Text("papers_by_account_manager")]
    return found or [Text("paper_none")]


def _notes(pack: Pack) -> list[Value]:
    lines: list[Value] = [Text("briefing_line", {"text": line}) for line in (*pack.prepare, *pack.notes)]
    lines += [Text("briefing_uncertain", {"text": line}) for line in pack.uncertain]
    if not pack.detailed and pack.fields:
        lines.append(Text("briefing_more_may_be_asked"))
    return lines


def sources(pack: Pack, most: int = SHOWN_SOURCES) -> list[Value]:
    """Where it was read and when, a line each."""
    found: list[Value] = [source_line(source) for source in pack.sources[:most]]
    if len(pack.sources) > most:
        found.append(Text("sources_more", {"n": len(pack.sources) - most}))
    return found


def source_line(source: Source) -> Text:
    values: dict[str, Value] = {"title": source.title, "url": source.url, "read_on": source.read_on.isoformat()}
    return Text("source_line", values)


def _yes_or_no(said: str) -> Text:
    return Text(f"sender_{said}")
