"""What newer rules mean for one registration: what of it no longer fits, and what is asked beside it.

`before` are the rules it was led by so far. Where a file was changed without a date they are not known any more:
`before` is then the present pack itself, and everything given is held against it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from conversations.errors import BadAnswer
from conversations.interview import names, stops
from conversations.interview.plan import (
    SENDER_ID,
    applicable,
    drop_what_no_longer_applies,
    is_required,
    settled,
    wants_samples,
)
from conversations.judgement.judging_samples import Setting, read_sample, setting
from conversations.model import Registration, SenderId, Status, Text, Value
from conversations.papers.wanted import form, judged, slots
from conversations.talk import Talk
from rules.schema import Field, FieldType, Pack, Route

BY = "rules"  # `by` of a history line
QUOTED = 60  # characters of a sample that is named
BEING_FILLED_IN = (Status.DRAFT, Status.SELF_REGISTERING)
WITH_LETTERS = (Status.DOCUMENTS_TO_BE_RENDERED, Status.DOCUMENTS_RENDERED)


@dataclass(slots=True)
class Difference:
    """What changed for the customer, in lines to be told."""

    asked: list[Value] = field(default_factory=list)  # labels of questions that are new
    again: list[Value] = field(default_factory=list)  # answers that fit no more, each with why
    dropped: list[Value] = field(default_factory=list)  # labels of what is not asked any more
    names: list[Value] = field(default_factory=list)  # sender IDs that are refused now, each with why
    samples: list[Value] = field(default_factory=list)
    wanted: Sequence[Value] = ()  # titles of papers that are wanted now
    spared: Sequence[Value] = ()  # ... and of those that are not any more
    letters: bool = False  # they are drawn anew

    @property
    def lines(self) -> list[Value]:
        """All of it in words; empty where nothing given is touched and nothing more is asked."""
        kinds = {
            "rules_ask": self.asked, "rules_ask_again": self.again, "rules_drop": self.dropped,
            "rules_refuse_names": self.names, "rules_refuse_samples": self.samples,
            "rules_want_papers": self.wanted, "rules_spare_papers": self.spared,
        }  # fmt: skip
        told: list[Value] = [
            Text(key, {"lines": [_line(one) for one in lines]}) for key, lines in kinds.items() if lines
        ]
        return [*told, Text("rules_draw_letters")] if self.letters else told


def _line(one: Value) -> Value:
    return Text("briefing_line", {"text": one}) if isinstance(one, str) else one


def bring_into_line(talk: Talk, registration: Registration, before: Pack) -> Difference:
    """Make what was given fit the rules the registration is led by now; what that changes for its customer."""
    after, found = talk.pack(registration), Difference()
    asked = {one.name for one in applicable(registration, before)}
    wanted = _wanted(registration, before)
    unfit = _take_out_unfit(talk, registration, before)
    found.again = list(unfit.values())
    found.dropped = _drop(talk, registration, before)
    registration.skipped = [name for name in registration.skipped if not _is_wanted(registration, after, name)]
    found.names = _refuse_names(talk, registration)
    found.samples = _take_out_samples(talk, registration, before)
    found.asked = [one.label for one in _new(registration, after, asked, before is after) if one.name not in unfit]
    found.wanted = sorted(_wanted(registration, after) - wanted)
    found.spared = sorted(wanted - _wanted(registration, after))
    found.letters = _draw_again(talk, registration)
    return found


def _wanted(registration: Registration, pack: Pack) -> set[str]:
    return {slot.title for slot in slots(pack, judged(registration)) if slot.required}


# --- answers ------------------------------------------------------------------------------------------------------


def _take_out_unfit(talk: Talk, registration: Registration, before: Pack) -> dict[str, Value]:
    """Take out the answers that the rules refuse now, so that they are asked again; lines on them by field."""
    after, former = talk.pack(registration), {one.name: one for one in before.fields}
    lines: dict[str, Value] = {}
    for one in applicable(registration, after):
        is_new = before is after or former.get(one.name) != one
        if one.name in registration.answers and is_new and (why := _why_unfit(talk, registration, one)) is not None:
            del registration.answers[one.name]
            registration.overruled.pop(one.name, None)
            lines[one.name] = Text("rules_line_why", {"what": one.label, "why": why})
    return lines


def _why_unfit(talk: Talk, registration: Registration, field: Field) -> Value:
    """What the rules have against the answer that is there; None: nothing."""
    value, answers = registration.answers[field.name], registration.answers
    if field.type is FieldType.COUNTRY and isinstance(value, str):  # a code, and no text that somebody typed
        stop = field.stop(answers, value)
        return stop.text if stop else None
    try:
        stops.read(field, stops.typed(value), answers, talk.book)
    except stops.Stopped as stopped:
        return stopped.stop.text
    except BadAnswer as bad:
        return _in_words(bad)
    return None


def _in_words(bad: BadAnswer) -> Text:
    return Text(bad.key, {**bad.values, "label": "", "example": ""})


def _drop(talk: Talk, registration: Registration, before: Pack) -> list[Value]:
    """Let go of what is not asked any more; the labels of the answers among it."""
    after = talk.pack(registration)
    labels = {one.name: one.label for one in (*before.fields, *after.fields)}
    known = {one.name for one in after.fields}
    had = list(registration.answers)
    for given in (registration.answers, registration.overruled):
        for name in given.keys() - known:
            del given[name]
    for put_off in (registration.parked, registration.skipped, registration.to_mend):
        put_off[:] = [name for name in put_off if name in known or name not in labels]
    for _ in had:  # what depended on a dropped answer is dropped too
        drop_what_no_longer_applies(registration, after)
    gone = [name for name in had if name not in registration.answers]
    for name in gone:
        _forget_messages(talk, registration, name)
    return [labels.get(name, name.replace("_", " ")) for name in gone]


def _is_wanted(registration: Registration, pack: Pack, name: str) -> bool:
    """Whether the field is required now: then it can't stay skipped."""
    return any(one.name == name and is_required(one, registration) for one in applicable(registration, pack))


def _new(registration: Registration, after: Pack, asked_before: Set[str], undated: bool) -> list[Field]:
    """The questions that come beside those of before.

    Where those are not known, all that is open is new to a customer who had answered everything.
    """
    if undated and registration.status in BEING_FILLED_IN:
        return []
    done_with, known = settled(registration), frozenset() if undated else asked_before
    return [one for one in applicable(registration, after) if one.name not in done_with and one.name not in known]


# --- names, samples, letters --------------------------------------------------------------------------------------


def _refuse_names(talk: Talk, registration: Registration) -> list[Value]:
    """The names that the rules refuse now: they stay to be mended or removed, and nothing is submitted with them."""
    registration.refused = []
    lines: list[Value] = []
    if talk.pack(registration).route is Route.TEMPLATE_APPROVAL:
        return lines  # there the name is the signature
    for one in registration.sender_ids:
        try:
            names.read_name(talk, registration, one.text)
        except BadAnswer as bad:
            registration.refused.append(one.text)
            lines.append(Text("rules_line_why", {"what": one.text, "why": _in_words(bad)}))
    if lines:
        registration.names_done = False
        _mend(registration, SENDER_ID)
    return lines


def _take_out_samples(talk: Talk, registration: Registration, before: Pack) -> list[Value]:
    """Take out the samples that the rules refuse now, so that they are asked again; lines on them."""
    after = talk.pack(registration)
    lines: list[Value] = []
    if not wants_samples(after) or (before is not after and before.samples == after.samples):
        return lines
    for name in registration.sender_ids:
        refused = list(_refused_samples(name, setting(registration, after, talk.book.watchlist, name)))
        if refused:
            name.samples = [text for text in name.samples if text not in [sample for sample, _ in refused]]
            name.sampled = False
            _mend(registration, f"sample:{name.text}")
            _forget_messages(talk, registration, f"sample:{name.text}")
        lines += [Text("rules_line_why", {"what": sample[:QUOTED], "why": why}) for sample, why in refused]
    return lines


def _refused_samples(name: SenderId, by: Setting) -> Iterator[tuple[str, Text]]:
    for number, sample in enumerate(name.samples):
        try:
            read_sample(sample, name, by, instead=number)
        except BadAnswer as bad:
            yield sample, _in_words(bad)


def _mend(registration: Registration, line: str) -> None:
    if line not in registration.to_mend:
        registration.to_mend.append(line)
    if line in registration.parked:
        registration.parked.remove(line)


def _forget_messages(talk: Talk, registration: Registration, line: str) -> None:
    """An edit of the messages that gave it would now change another one."""
    talk.chat.given = [one for one in talk.chat.given if (one.registration, one.field) != (registration.id, line)]


def _draw_again(talk: Talk, registration: Registration) -> bool:
    """Have letters drawn whose words, boxes or answers are others now; whether the customer had any."""
    after, templates = talk.pack(registration), talk.book.templates
    known = {letter.slot: letter for letter in registration.letters}
    for slot in slots(after, judged(registration)):
        letter = known.get(slot.key) if slot.ours else None
        if letter is None or letter.form == (now := form(slot, after, templates)):
            continue
        if letter.form:
            letter.shows = {}  # as if everything it shows had changed
        else:
            letter.form = now  # drawn before forms were noted
    if registration.status not in WITH_LETTERS or not talk.papers(registration).changed:
        return False
    was_being_drawn = registration.status is Status.DOCUMENTS_TO_BE_RENDERED
    talk.fire(registration, "edit", BY, letter_changed=True)
    if was_being_drawn:
        talk.draw(registration)  # what is being drawn shows the former: its result will not count
    return True
