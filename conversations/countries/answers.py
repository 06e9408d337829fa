"""What is said of one country to a question about it: the fact in a sentence, and the lines it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conversations.countries import lookup, papers_in_words
from conversations.countries.questions import Question
from conversations.countries.vocabulary import Subject
from conversations.judgement.judging_samples import topics_in_words
from conversations.model import Country, Text, Value
from conversations.talk import route_of
from rules import traits
from rules.schema import HANDED_OVER, Document, Origin, Pack, Route
from rules.traits import WITHOUT_REGISTRATION


def answer(pack: Pack, question: Question) -> list[Value]:
    """The answer for that country, a line each."""
    if pack.route is Route.UNSUPPORTED and question.subject not in (Subject.REGISTRATION, Subject.NAMES):
        return [Text("answer_not_delivered", {**_named(pack), "instead": pack.instead or ""})]
    return ANSWERS[question.subject](pack, question)


def _named(pack: Pack) -> dict[str, Value]:
    return {"country": Country(pack.country)}


def _item(text: Value) -> Text:
    return Text("briefing_line", {"text": text})


def _items(lines: list[Value]) -> list[Value]:
    return [_item(line) for line in lines]


# --- registration -------------------------------------------------------------------------------------------------


def _registration(pack: Pack, question: Question) -> list[Value]:
    lines: list[Value] = [Text("answer_registration", {**_named(pack), "route": route_of(pack)})]
    if pack.instead:
        lines.append(_item(pack.instead))
    if pack.route not in WITHOUT_REGISTRATION:
        lines.append(Text("card_time", {"time": lookup.lead_time(pack)}))
    if pack.paused:
        lines.append(lookup.paused(pack.paused))
    return lines


def _names(pack: Pack, question: Question) -> list[Value]:
    found = traits.names(pack)
    return [Text(f"answer_names_{found.holds}", {**_named(pack), "instead": pack.instead or ""})]


def _account_manager(pack: Pack, question: Question) -> list[Value]:
    if pack.route in HANDED_OVER:
        return [Text("answer_account_manager", _named(pack))]
    return [Text("answer_registration", {**_named(pack), "route": route_of(pack)})]


def _registry(pack: Pack, question: Question) -> list[Value]:
    registry = pack.registry
    if registry is None:
        return [Text("answer_no_registry", _named(pack))]
    values = {**_named(pack), "registry": registry.name, "url": registry.url}
    return [Text("answer_registry", values), *_items([*registry.needs, *registry.steps])]


def _paused(pack: Pack, question: Question) -> list[Value]:
    if pack.paused is None:
        return [Text("answer_not_paused", _named(pack))]
    return [Text("answer_paused", _named(pack)), lookup.paused(pack.paused)]


def _time(pack: Pack, question: Question) -> list[Value]:
    if pack.route in WITHOUT_REGISTRATION:
        return _registration(pack, question)
    lines: list[Value] = [Text("answer_time", {**_named(pack), "time": lookup.lead_time(pack)})]
    if pack.lead_time.by_source:
        lines.append(Text("answer_time_by_source", {"figures": "; ".join(pack.lead_time.by_source)}))
    return lines


def _cost(pack: Pack, question: Question) -> list[Value]:
    told = lookup.fees(pack)
    if not told:
        return [Text("answer_no_fee", _named(pack))]
    return [Text("answer_fees", _named(pack)), *_items(told)]


def _validity(pack: Pack, question: Question) -> list[Value]:
    if pack.validity is None:
        return [Text("answer_no_validity", _named(pack))]
    return [Text("answer_validity", {**_named(pack), "text": pack.validity.text})]


# --- papers -------------------------------------------------------------------------------------------------------


def _papers_like(key: str, is_one: Callable[[Document], bool]) -> Callable[[Pack, Question], list[Value]]:
    """An answer about the papers of one kind: which they are, or that there is none."""

    def told(pack: Pack, question: Question) -> list[Value]:
        if pack.route in WITHOUT_REGISTRATION:
            return _registration(pack, question)
        found = papers_in_words.lines(pack, is_one)
        if found:
            return [Text(f"answer_{key}", _named(pack)), *found]
        if pack.route in HANDED_OVER or not pack.documents:
            return [Text("answer_papers_unknown", _named(pack))]
        return [Text(f"answer_no_{key}", _named(pack))]

    return told


def _paper(pack: Pack, question: Question) -> list[Value]:
    wanted = set(question.words)
    return _papers_like("paper", lambda document: wanted <= traits.title_words(document))(pack, question)


# --- names and messages -------------------------------------------------------------------------------------------


def _links(pack: Pack, question: Question) -> list[Value]:
    rules = pack.samples
    allowed = rules.links or "unknown"
    lines: list[Value] = [Text(f"answer_links_{allowed}", _named(pack))]
    if rules.shorteners is False:
        lines.append(_item(Text("answer_no_shorteners")))
    if rules.chat_links is False:
        lines.append(_item(Text("answer_no_chat_links")))
    return lines


def _digits(pack: Pack, question: Question) -> list[Value]:
    rules = pack.sender_id
    if not rules.digits_allowed:
        key = "answer_digits_no"
    elif not rules.digits_only and not rules.mixed:
        key = "answer_digits_apart"
    elif not rules.digits_only or pack.numeric_sender == "no":
        key = "answer_digits_with_letters"
    elif not rules.mixed:
        key = "answer_digits_alone"
    else:
        key = "answer_digits_yes"
    return [Text(key, {**_named(pack), "n": rules.max_digits})]


def _length(pack: Pack, question: Question) -> list[Value]:
    rules = pack.sender_id
    marks = [*rules.prefixes.values(), *rules.suffixes.values()]
    values = {**_named(pack), "low": rules.min_length, "high": rules.max_length}
    lines: list[Value] = [Text("answer_length", values)]
    lines += [_item(Text("answer_length_mark", {"mark": mark})) for mark in dict.fromkeys(marks)]
    return lines


def _purpose(pack: Pack, question: Question) -> list[Value]:
    wanted = question.purpose or traits.PURPOSES[0]
    found = traits.purpose(pack, wanted)
    values = {**_named(pack), "purpose": Text(f"purpose_{wanted}")}
    lines: list[Value] = [Text(f"answer_purpose_{found.holds}", values)]
    if found.stop:
        lines += _items([found.stop.text, found.stop.alternative])
    for marks, key in ((pack.sender_id.prefixes, "answer_begins_with"), (pack.sender_id.suffixes, "answer_ends_with")):
        if mark := marks.get(wanted):
            lines.append(_item(Text(key, {"mark": mark})))
    if wanted == "promotional" and pack.samples.opt_out:
        lines.append(_item(Text("answer_opt_out")))
    lines += _items([hours.text for hours in pack.quiet_hours if wanted in hours.message_types])
    return lines


def _content(pack: Pack, question: Question) -> list[Value]:
    barred = pack.samples.prohibited
    if question.topic is None and barred:
        return [Text("answer_content", {**_named(pack), "topics": topics_in_words(barred)})]
    if question.topic is None:
        return [Text("answer_no_content", _named(pack))]
    found = traits.content(pack, question.topic)
    said = Text(f"answer_content_{found.holds}", {**_named(pack), "topic": Text(f"topic_{question.topic}")})
    return [said, *_items(lookup.prohibited(pack))]


def _quiet_hours(pack: Pack, question: Question) -> list[Value]:
    if not pack.quiet_hours:
        return [Text("answer_no_quiet_hours", _named(pack))]
    return [Text("answer_quiet_hours", _named(pack)), *_items([hours.text for hours in pack.quiet_hours])]


ANSWERS: Mapping[Subject, Callable[[Pack, Question], list[Value]]] = {
    Subject.REGISTRATION: _registration,
    Subject.NAMES: _names,
    Subject.ACCOUNT_MANAGER: _account_manager,
    Subject.REGISTRY: _registry,
    Subject.PAUSED: _paused,
    Subject.COST: _cost,
    Subject.TIME: _time,
    Subject.VALIDITY: _validity,
    Subject.PAPERS: _papers_like("papers", lambda document: True),
    Subject.PAPER: _paper,
    Subject.LETTER: _papers_like("letter", lambda document: document.origin is Origin.PROVIDER_TEMPLATE),
    Subject.STAMP: _papers_like("stamp", lambda document: bool(document.stamped)),
    Subject.SIGNATURE: _papers_like("signature", lambda document: document.signed),
    Subject.DIGITAL_SIGNATURE: _papers_like("digital_signature", lambda document: document.digital_signature),
    Subject.LETTERHEAD: _papers_like("letterhead", lambda document: document.letterhead),
    Subject.LINKS: _links,
    Subject.DIGITS: _digits,
    Subject.LENGTH: _length,
    Subject.QUIET_HOURS: _quiet_hours,
    Subject.CONTENT: _content,
    Subject.PURPOSE: _purpose,
}
