"""Several questions at once, for those who would rather fill in a form: the same fields, the same readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from conversations import deadlines
from conversations.edition import pack_of
from conversations.errors import BadAnswer
from conversations.interview import asking, names, samples, stops
from conversations.interview.plan import SENDER_ID, is_required, plan, wants_samples
from conversations.judgement import judging_samples, phrases, sender_ids
from conversations.judgement.judged import of_samples
from conversations.judgement.judging_samples import read_sample, setting
from conversations.lifecycle import CAN_BE_EDITED
from conversations.model import Case, Registration, SenderId, Status, Text, Value
from conversations.talk import Talk
from rules.book import Book
from rules.schema import Field, FieldType, Pack, Phase

NAMES = "sender_ids"
LATE = Phase.AFTER_SENDER_IDS
SAMPLES = "sample:"  # begins the name of a sender ID's samples
CAN_BE_FILLED = (Status.DRAFT, *CAN_BE_EDITED)
LONGEST = 3000  # characters of an answer without a limit of its own


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of a form."""

    name: str  # a field's; "sender_ids", one a line; "sample:<sender ID>", one a line
    label: Text | str
    kind: str  # a FieldType, "sender_ids" or "samples"
    help: Value = ""
    placeholder: Text | str = ""
    value: str = ""  # what was typed before the form was closed
    choices: tuple[tuple[str, Text | str], ...] = ()  # (value, label)
    required: bool = False
    longest: int = LONGEST  # characters
    many: bool = False  # an answer a line


@dataclass(frozen=True, slots=True)
class Form:
    """What is still to be answered of one registration."""

    reference: str
    country: str
    entries: tuple[Entry, ...] = field(default=())


def form(case: Case, book: Book, reference: str | None = None) -> Form | None:
    """What is still asked of the registration, or of the one the chat is on; None when nothing can be filled in."""
    registration = _registration(case, reference)
    if registration is None:
        return None
    pack = pack_of(registration, book)
    entries = tuple(_entries(registration, pack, book))
    return Form(registration.reference, registration.country, entries) if entries else None


def problems(case: Case, book: Book, reference: str, answers: Mapping[str, str]) -> dict[str, Text]:
    """What is wrong with these answers, by name. An empty one is no problem: it stays missing."""
    registration = _registration(case, reference)
    if registration is None:
        return {}
    found: dict[str, Text] = {}
    pack = pack_of(registration, book)
    for name, text in answers.items():
        if text.strip():
            try:
                _read(registration, pack, book, name, text, answers)
            except BadAnswer as bad:
                problem = Text(bad.key, {**bad.values, "label": "", "example": ""})
                found[name] = Text("form_try", {"problem": problem, "offer": bad.offer}) if bad.offer else problem
    return found


def _registration(case: Case, reference: str | None) -> Registration | None:
    wanted = case.on if reference is None else None
    for one in case.registrations.values():
        if one.reference == reference:
            wanted = one
    return wanted if wanted is not None and wanted.status in CAN_BE_FILLED else None


def _entries(registration: Registration, pack: Pack, book: Book) -> Iterable[Entry]:
    now = plan(registration, pack)
    for asked in now.fields:
        if registration.answers.get(asked.name) in (None, "", []):
            yield _entry(registration, asked, book)
    if now.names_wanted or SENDER_ID in registration.parked:
        yield Entry(
            NAMES, Text("label_sender_ids"), NAMES, sender_ids.rules_in_words(registration, pack),
            Text("placeholder_sender_id"), registration.typed.get(NAMES, ""), required=True, many=True,
        )  # fmt: skip
    if wants_samples(pack):
        for one in registration.sender_ids:
            if not one.samples:
                name = f"{SAMPLES}{one.text}"
                yield Entry(
                    name, Text("line_samples", {"name": one.text}), "samples",
                    judging_samples.rules_in_words(setting(registration, pack, book.watchlist, one)),
                    Text("placeholder_sample"), registration.typed.get(name, ""), required=True, many=True,
                )  # fmt: skip


def _entry(registration: Registration, asked: Field, book: Book) -> Entry:
    ready = phrases.ready(asked, [registration], book) or [phrases.same(asked, registration.answers)]
    return Entry(
        asked.name, asked.question or asked.label, asked.type.value, asked.hint or asked.why or "",
        ready[0] or asked.example or "", registration.typed.get(asked.name, ""), _choices(asked),
        is_required(asked, registration), asked.limits.max_length or LONGEST, asked.many,
    )  # fmt: skip


def _choices(asked: Field) -> tuple[tuple[str, Text | str], ...]:
    if asked.type is FieldType.BOOLEAN:
        return ("yes", Text("choice_yes")), ("no", Text("choice_no"))
    return tuple((value, asked.choice_labels.get(value, value)) for value in asked.limits.choices or ())


def _read(
    registration: Registration, pack: Pack, book: Book, name: str, text: str, answers: Mapping[str, str]
) -> object:
    """The answer as it will be kept. Raises BadAnswer."""
    if name == NAMES:
        purpose = str(registration.answers.get("message_type") or answers.get("message_type") or "")
        rules = pack.sender_id.given(registration.answers)
        return [sender_ids.read_sender_id(line, rules, purpose, registration.country) for line in _lines(text)]
    if name.startswith(SAMPLES):
        one = _named(registration, name)
        by = setting(registration, pack, book.watchlist, one) if one else None
        return [read_sample(line, one, by) for line in _lines(text)] if one and by else []
    asked = next((one for one in pack.fields if one.name == name), None)
    if asked is None:
        return None
    # Fields are read in the light of one another: the country of the address settles what a phone number may be.
    known = {**{key: value for key, value in answers.items() if value.strip()}, **registration.answers}
    return stops.read(asked, phrases.meant(asked, text, known, []), known, book)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _named(registration: Registration, name: str) -> SenderId | None:
    return next((one for one in registration.sender_ids if f"{SAMPLES}{one.text}" == name), None)


# --- filled in ----------------------------------------------------------------------------------------------------


def filled_in(talk: Talk) -> None:
    """Take every answer that reads; what does not, and what was typed into a form that was closed, is shown again."""
    result = talk.event.result
    registration = talk.by_reference(str(result.get("reference") or ""))
    if registration is None or registration.status not in CAN_BE_FILLED:
        talk.quiet = not result.get("submitted")
        if result.get("submitted"):
            talk.say("form_too_late")
        return
    answers = {str(name): str(text) for name, text in dict(result.get("answers") or {}).items()}
    registration.typed = {name: text for name, text in {**registration.typed, **answers}.items() if text.strip()}
    deadlines.heard(registration, talk.now)
    if not result.get("submitted"):
        talk.quiet = True
        return
    taken = _take(talk, registration, set(answers))
    talk.say("form_taken", {"n": taken, "reference": registration.reference}, about=registration)
    if talk.chat.on != registration.id:
        talk.chat.on = registration.id
        talk.chat.cursor = type(talk.chat.cursor)()
        talk.go("switch")
    asking.go_on(talk)


def _take(talk: Talk, registration: Registration, given: Set[str]) -> int:
    """Keep what reads, in the order it is asked: an answer may bring a question or take one away. How many."""
    pack = talk.pack(registration)
    wanted = [one for one in pack.fields if one.name in given]
    taken = _take_fields(talk, registration, pack, [one for one in wanted if one.phase is not LATE])
    taken += _take_names(talk, registration, pack) if NAMES in given else 0
    taken += _take_fields(talk, registration, pack, [one for one in wanted if one.phase is LATE])
    return taken + _take_samples(talk, registration, pack, given)


def _take_fields(talk: Talk, registration: Registration, pack: Pack, asked_now: Iterable[Field]) -> int:
    taken = 0
    for asked in asked_now:
        text = registration.typed.get(asked.name)
        if text is None or asked not in plan(registration, pack).fields:
            continue
        try:
            value = _read(registration, pack, talk.book, asked.name, text, registration.typed)
        except BadAnswer:
            continue
        asking.keep(talk, registration, asked, value)
        taken += 1
    return taken


def _take_names(talk: Talk, registration: Registration, pack: Pack) -> int:
    """The sender IDs nobody doubts; one in doubt is asked about in the chat, when it is typed there."""
    taken, left = 0, []
    for line in _lines(registration.typed.pop(NAMES, "")):
        try:
            name = names.read_name(talk, registration, line)
        except BadAnswer:
            left.append(line)
            continue
        there = any(one.text == name for one in registration.sender_ids)
        if there or len(registration.sender_ids) >= names.MOST_NAMES:
            continue
        if names.doubts_about(talk, registration, name):
            left.append(line)
            continue
        names.add(talk, registration, name)
        taken += 1
    if left:
        talk.say("form_names_left", {"names": left}, about=registration)
    elif taken:
        registration.names_done = True
    return taken


def _take_samples(talk: Talk, registration: Registration, pack: Pack, given: Set[str]) -> int:
    taken = 0
    remarks: list[Value] = []
    for one in [one for one in registration.sender_ids if f"{SAMPLES}{one.text}" in given]:
        by = setting(registration, pack, talk.book.watchlist, one)
        for line in _lines(registration.typed.pop(f"{SAMPLES}{one.text}", "")):
            try:
                samples.add(registration, one, read_sample(line, one, by))
            except BadAnswer:
                continue
            one.sampled = True
            taken += 1
        remarks += of_samples(registration, pack, talk.book.watchlist, one)
    if remarks:
        talk.say("form_samples_judged", {"lines": remarks}, about=registration)
    if taken:
        asking.edited(talk, registration)
    return taken
