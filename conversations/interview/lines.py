"""The lines of a review: what is answered, each with the number or name it is changed by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from conversations.interview import question
from conversations.interview.plan import SENDER_ID, applicable, is_required, wants_samples
from conversations.interview.several import Interview
from conversations.interview.together import interview_of
from conversations.lifecycle import CAN_BE_EDITED
from conversations.model import Registration, Status, Text, Value
from conversations.talk import Talk
from rules.schema import Route

EDITABLE = (*CAN_BE_EDITED, Status.DRAFT, Status.SELF_REGISTERING)
SAMPLE = "sample:"  # begins the name of a sender ID's samples


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `number` is what `edit` takes: "3", or "TH 3" for what is one country's own."""

    registration: Registration
    name: str  # a field's, SENDER_ID, or "sample:<sender ID>"
    label: Text | str
    number: str
    alone: bool = False  # changed for this country only

    @property
    def command(self) -> str:
        return f"edit {self.registration.country} {self.name}" if self.alone else f"edit {self.name}"


def named(talk: Talk, registration: Registration) -> list[tuple[str, Text | str]]:
    """(name, label) of every line of a registration, in its order: the pack's own words, or a text of ours."""
    pack = talk.pack(registration)
    lines: list[tuple[str, Text | str]] = [(field.name, field.label) for field in applicable(registration, pack)]
    if pack.registry:
        lines.insert(0, (pack.registry.number_field, pack.field(pack.registry.number_field).label))
    if pack.route is not Route.TEMPLATE_APPROVAL:
        lines.append((SENDER_ID, Text("label_sender_id")))
    if not wants_samples(pack):
        return lines
    names = [one.text for one in registration.sender_ids]
    return lines + [(f"{SAMPLE}{name}", Text("line_samples", {"name": name})) for name in names]


def drafts(interview: Interview) -> list[Registration]:
    return [one for one in interview.registrations if one.status is Status.DRAFT]


def _at_once(interview: Interview, registration: Registration) -> bool:
    """Whether it is reviewed at once with others."""
    together = drafts(interview)
    return registration in together and len(together) > 1


def single(talk: Talk, registration: Registration) -> list[Line]:
    """The lines of one registration alone."""
    return [Line(registration, *one, str(at)) for at, one in enumerate(named(talk, registration), 1)]


def of(talk: Talk, registration: Registration) -> tuple[list[Line], dict[int, list[Line]]]:
    """The lines of what is reviewed at once: those of all its countries, then what each has of its own."""
    interview = interview_of(talk, registration)
    if not _at_once(interview, registration):
        return single(talk, registration), {}
    common: list[Line] = []
    parts: dict[int, list[Line]] = {}
    for one in drafts(interview):
        own = parts.setdefault(one.id, [])
        for name, label in named(talk, one):
            if not _is_shared(interview, one, name):
                own.append(Line(one, name, label, f"{one.country} {len(own) + 1}", alone=True))
            elif name not in {line.name for line in common}:
                common.append(Line(one, name, label, ""))
    common.sort(key=lambda line: -len(sharing(talk, line)))  # what all of them share first
    return [replace(line, number=str(at)) for at, line in enumerate(common, 1)], parts


def label(line: Line) -> Text | str:
    """As a button of its own says it."""
    if not line.alone:
        return line.label
    return Text("line_of_country", {"country": line.registration.country, "label": line.label})


def _is_shared(interview: Interview, one: Registration, name: str) -> bool:
    if name == SENDER_ID:
        alike = [other for other in interview.naming() if other.sender_ids]
        return len(alike) > 1 and one in alike
    if name.startswith(SAMPLE):
        alike = [other for other in interview.registrations if _has_samples_for(interview, other, name)]
        same = len(alike) > 1 and one in alike and name not in one.apart
        return same and _samples(one, name) == _samples(alike[0], name)
    return interview.common(one, name)


def _has_samples_for(interview: Interview, one: Registration, name: str) -> bool:
    return wants_samples(interview.packs[one.id]) and any(f"{SAMPLE}{other.text}" == name for other in one.sender_ids)


def _samples(one: Registration, name: str) -> list[str]:
    return next((other.samples for other in one.sender_ids if f"{SAMPLE}{other.text}" == name), [])


def sharing(talk: Talk, line: Line) -> list[Registration]:
    """The countries that share a common line."""
    interview = interview_of(talk, line.registration)
    return [one for one in drafts(interview) if _is_shared(interview, one, line.name)]


def shown(talk: Talk, lines: Iterable[Line]) -> list[Value]:
    """The lines with their answers."""
    found: list[Value] = []
    for line in lines:
        mark = "line_answer_to_mend" if line.name in line.registration.to_mend else "line_answer"
        found.append(Text(mark, {"number": line.number, "label": line.label, "value": _value(talk, line)}))
    return found


def _value(talk: Talk, line: Line) -> Value:
    registration, name = line.registration, line.name
    if name == SENDER_ID:
        return ", ".join(one.text for one in registration.sender_ids) or Text("value_missing")
    if name.startswith(SAMPLE):
        return " / ".join(_samples(registration, name)) or Text("value_missing")
    field, answer = talk.pack(registration).field(name), registration.answers.get(name)
    required = is_required(field, registration) or name in registration.parked
    if answer in (None, "", []):
        return Text("value_missing" if required else "value_none")
    return question.shown(talk, field, answer)


# --- to change one ------------------------------------------------------------------------------------------------


def edit(talk: Talk, wanted: str) -> bool:
    """Ask a line of the review again, by its number, its name or its label; False when there is no such line."""
    line = find(talk, talk.registration, wanted)
    if line is None:
        return False
    registration, cursor = line.registration, talk.chat.cursor
    talk.chat.on = registration.id
    cursor.alone = line.alone
    if line.alone and line.name not in registration.apart and not _is_field(line.name):
        registration.apart.append(line.name)
    if line.name == SENDER_ID:
        registration.names_done = False
        return talk.go("add_name")
    if line.name.startswith(SAMPLE):
        texts = [f"{SAMPLE}{one.text}" for one in registration.sender_ids]
        cursor.sender_id = texts.index(line.name)
        registration.sender_ids[cursor.sender_id].sampled = False
        return talk.go("add_sample")
    cursor.field = line.name
    return talk.go("edit")


def _is_field(name: str) -> bool:
    return name != SENDER_ID and not name.startswith(SAMPLE)


def find(talk: Talk, registration: Registration, wanted: str) -> Line | None:
    """The line meant: "3", "city"; of one country of several: "TH 3", "Thailand city"."""
    common, parts = of(talk, registration)
    one, rest = _country(talk, registration, wanted.strip())
    if one is None:
        every = [*common, *parts.get(registration.id, ()), *(line for part in parts.values() for line in part)]
        return _numbered(common, rest) or _called(every, rest)
    shared = interview_of(talk, registration)
    every = [Line(one, *named_one, "", alone=shared.several) for named_one in named(talk, one)]
    return _numbered(parts.get(one.id, []), rest) or _called(every, rest)


def of_another(talk: Talk, wanted: str) -> tuple[str, Registration | None, str] | None:
    """The country or reference before a line that is not of this chat's registration, and the line: "TH city".

    The registration is None where the company has none there. A line of the present one that is called so is meant
    first ("India GST number"), and a code in small letters only where there is a registration ("is", "my", "no").
    """
    present, wanted = talk.on, wanted.strip()
    if present is None or _begins_a_label(talk, present, wanted) or _country(talk, present, wanted)[1] != wanted:
        return None
    registrations = sorted(talk.case.registrations.values(), key=lambda one: (one.status in EDITABLE, one.id))
    for one in reversed(registrations):
        for called in (one.reference, talk.book.country_name(one.country), one.country):
            if rest := _behind(called, wanted, re.IGNORECASE):
                return one.country, one, rest
    for code in talk.book.codes:
        if rest := _behind(code, wanted) or _behind(talk.book.country_name(code), wanted, re.IGNORECASE):
            return code, None, rest
    return None


def _begins_a_label(talk: Talk, registration: Registration, wanted: str) -> bool:
    labels = [label for _, label in named(talk, registration) if isinstance(label, str)]
    return any(label.casefold().startswith(wanted.casefold()) for label in labels)


def _behind(called: str, wanted: str, flags: int = 0) -> str:
    """The words behind what they begin with; "" where they don't."""
    found = re.match(rf"{re.escape(called)}[\s:,]+(?=\S)", wanted, flags)
    return wanted[found.end() :] if found else ""


def _country(talk: Talk, registration: Registration, wanted: str) -> tuple[Registration | None, str]:
    """The country of an interview that the words begin with, and the words behind it."""
    interview = interview_of(talk, registration)
    several = _at_once(interview, registration)
    if not several and _begins_a_label(talk, registration, wanted):
        return None, wanted
    for one in drafts(interview) if several else (registration,):
        for called in (one.reference, talk.book.country_name(one.country), one.country):
            if rest := _behind(called, wanted, re.IGNORECASE):
                return one if several else None, rest
    return None, wanted


def _numbered(lines: list[Line], wanted: str) -> Line | None:
    return lines[int(wanted) - 1] if wanted.isdecimal() and 1 <= int(wanted) <= len(lines) else None


def _called(lines: list[Line], wanted: str) -> Line | None:
    from rapidfuzz import fuzz, process, utils

    for line in lines:
        if line.name == wanted:
            return line
    spoken = {
        at: line.label if isinstance(line.label, str) else re.sub(r"[_:]", " ", line.name)
        for at, line in enumerate(lines)
    }
    found = process.extractOne(wanted, spoken, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=75)
    return lines[found[2]] if found else None
