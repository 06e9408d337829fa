"""One country's rules as a page of plain text, for people: what `rules show XX` prints."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from rules.conditions import All, Any_, Condition, OneOf
from rules.editions import FIRST
from rules.schema import Document, Fee, Field, Pack, Phase, SampleRules, SenderIdRules, Source, Validity
from rules.shortcuts import Follows

WIDTH = 100  # columns
NAMES = 16  # columns of the names at the left
BULLET = "-"
PHASES = {Phase.FIRST: "Asked first", Phase.BASIC: "Then", Phase.AFTER_SENDER_IDS: "After the sender IDs"}


def page(pack: Pack, later: Iterable[Pack] = ()) -> str:
    """Everything the country's pack says, with its shared parts in place; and what is known to change `later`."""
    sections = (
        ("", _country(pack)),
        ("What will change", _changes(later)),
        ("Good to know", _plain(pack.notes)),
        ("Have ready", _plain(pack.prepare)),
        ("Uncertain", _plain(pack.uncertain)),
        ("The registry", _registry(pack)),
        *((f"{title} ({len(asked)})", _fields(asked, pack)) for title, asked in _by_phase(pack)),
        (f"Papers ({len(pack.documents)})", _documents(pack.documents)),
        ("Sender IDs", _sender_ids(pack.sender_id)),
        ("Texts", _samples(pack.samples)),
        ("Sources", ((str(source.read_on), f"{source.title}\n{source.url}") for source in pack.sources)),
    )
    found = [f"{pack.name} ({pack.country})", "=" * len(f"{pack.name} ({pack.country})")]
    for title, lines in sections:
        written = list(_laid_out(lines))
        if title and written:
            found += ["", title, "-" * len(title)]
        found += written
    return "\n".join(found)


def in_words(condition: Condition | None) -> str:
    """A condition as people say it: "brand_origin is local and is_bank is yes"."""
    match condition:
        case OneOf(field=name, among=values):
            return f"{name} is {' or '.join(map(_value, values))}"
        case All(all=joined):
            return " and ".join(f"({in_words(part)})" if isinstance(part, Any_) else in_words(part) for part in joined)
        case Any_(any=joined):
            return " or ".join(f"({in_words(part)})" if isinstance(part, All) else in_words(part) for part in joined)
    return ""


Lines = Iterable[tuple[str, str]]  # what stands at the left, and the text beside it


def _laid_out(lines: Lines) -> Iterator[str]:
    """The lines with their texts wrapped beside the names; a name that is too long has a line of its own."""
    for name, text in lines:
        indent = " " * (4 if name == BULLET else NAMES + 2)
        left = f"  {name}"
        for part in text.split("\n"):
            for wrapped in textwrap.wrap(part, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False):
                if len(left) >= len(indent):
                    yield left
                    left = ""
                yield f"{left:<{len(indent)}}{wrapped}"
                left = ""


def _country(pack: Pack) -> Iterator[tuple[str, str]]:
    days = pack.lead_time.days
    yield "route", pack.route.value.replace("_", " ")
    yield "registration", pack.registration.replace("_", " ")
    yield "delivered", f"names: {pack.alpha_sender}, digits only: {pack.numeric_sender}"
    if pack.instead:
        yield "instead", pack.instead
    if pack.paused:
        since, until = pack.paused.since, pack.paused.until
        dates = f"{f' since {since}' if since else ''}{f' until {until}' if until else ''}"
        yield (
            "paused",
            f"Closed{dates}: {pack.paused.text}\n{pack.paused.source.url} (read {pack.paused.source.read_on})",
        )
    if pack.version != FIRST:
        yield "changed", "\n".join((pack.version, *pack.changed, *_cited(pack.changed_source)))
    vendors = f" ({'; '.join(pack.lead_time.by_source)})" if pack.lead_time.by_source else ""
    yield (
        "time",
        f"{_range(*days)} calendar {'day' if days == (1, 1) else 'days'}{vendors}" if days else f"not known{vendors}",
    )
    if pack.validity:
        yield "valid", _validity(pack.validity)
    for fee in pack.fees:
        yield "costs", _fee(fee)
    for hours in pack.quiet_hours:
        times = f" ({hours.begin:%H:%M} to {hours.end:%H:%M})" if hours.begin and hours.end else ""
        yield "quiet hours", f"{hours.text}{times}, {', '.join(hours.message_types)}"
    brand = pack.brand_origin
    if brand.distinguished:
        told = (("local: ", brand.local), ("international: ", brand.international), ("", brand.note))
        yield "brands", "\n".join(f"{label}{text}" for label, text in told if text) or "local and international differ"
    elif brand.note:
        yield "brands", brand.note
    if pack.handoff_fields:
        yield "beforehand", f"asked before a person takes over: {', '.join(pack.handoff_fields)}"
    if not pack.detailed and pack.fields:
        yield "details", "the common questions only: more may be asked"


def _changes(later: Iterable[Pack]) -> Lines:
    return ((pack.version, "\n".join((*pack.changed, *_cited(pack.changed_source)))) for pack in later)


def _cited(source: Source | None) -> Iterator[str]:
    if source is not None:
        yield f"{source.title} (read {source.read_on})"
        yield source.url


def _plain(texts: Iterable[str]) -> Lines:
    return ((BULLET, text) for text in texts)


def _registry(pack: Pack) -> Iterator[tuple[str, str]]:
    registry = pack.registry
    if registry is None:
        return
    yield "name", f"{registry.name}\n{registry.url}"
    yield "gives", f"{registry.number_field}{f': {registry.bring_back}' if registry.bring_back else ''}"
    if registry.fee:
        yield "costs", registry.fee
    for name, texts in (("needs", registry.needs), ("choose", registry.choose)):
        yield from ((name if not number else "", text) for number, text in enumerate(texts))
    yield from ((f"step {number}", text) for number, text in enumerate(registry.steps, 1))


# --- what is asked ------------------------------------------------------------------------------------------------


def _by_phase(pack: Pack) -> Iterator[tuple[str, list[Field]]]:
    for phase, title in PHASES.items():
        if asked := [field for field in pack.fields if field.phase is phase]:
            yield title, asked


def _fields(fields: Iterable[Field], pack: Pack) -> Iterator[tuple[str, str]]:
    for field in fields:
        lines = [field.label, *([field.question] if field.question else ())]
        lines.append(
            "; ".join((_kind(field), _when(field.required, field.required_when, "may be skipped"), *_marks(field)))
        )
        lines += [f"- {choice}: {field.choice_labels.get(choice, choice)}" for choice in field.limits.choices or ()]
        for name, text in (
            ("hint", field.hint), ("why", field.why), ("example", field.example), ("refused", field.counter_example),
            ("uncertain", field.uncertain),
        ):  # fmt: skip
            if text:
                lines.append(f"{name}: {text}")
        lines += [f"ready: {phrase}" for phrase in field.phrases]
        lines += [_follows(one) for one in field.follows]
        if field.also:
            lines += [
                f"asked with {field.also.field}: {field.also.adds}",
                f"both: {field.also.example}",
                *(f"read by {expression}" for expression in field.also.reads),
            ]
        for stop in field.stops_when:
            offer = f" (offered: {_value(stop.offer)})" if stop.offer is not None else ""
            lines.append(f"STOPS when {in_words(stop.when)}: {stop.text} {stop.alternative}{offer}")
        yield field.name, "\n".join(lines)


def _follows(one: Follows) -> str:
    """From what the answer follows, and which."""
    holds = [in_words(one.when)] if one.when else []
    holds += [f"{one.abroad} is another country"] if one.abroad else []
    when = f" when {' and '.join(holds)}" if holds else ""
    answer = f"the answer to {one.answer_to}" if one.answer_to else _value(one.value)
    return f"follows, where several countries are asked for{when}: {answer}"


def _kind(field: Field) -> str:
    limits = field.limits
    parts = [field.type.value + (", several" if field.many else "")]
    if limits.min_length is not None or limits.max_length is not None:
        parts.append(f"{_range(limits.min_length, limits.max_length)} characters")
    if limits.min is not None or limits.max is not None:
        parts.append(_range(limits.min, limits.max))
    if limits.pattern:
        parts.append(f"matches {limits.pattern}")
    return ", ".join(parts)


def _marks(field: Field) -> Iterator[str]:
    if field.scope != "country":
        yield f"once for all of the {field.scope}" if field.scope == "company" else f"once for the {field.scope}"
    if field.same_as:
        yield f"the answer to {field.same_as} is offered"
    for holds, text in (
        (not field.english, "any script"), (field.judgement, "a judgement the desk may overrule"),
        (field.forbid_free_mail, "no free mail"),
    ):  # fmt: skip
        if holds:
            yield text


def _when(required: bool, condition: Condition | None, otherwise: str) -> str:
    return "always" if required else f"when {in_words(condition)}" if condition else otherwise


# --- papers -------------------------------------------------------------------------------------------------------


def _documents(documents: Iterable[Document]) -> Iterator[tuple[str, str]]:
    for document in documents:
        ours = f"our letter {document.template}" if document.template else "brought by the customer"
        lines = [
            document.title,
            "; ".join((ours, _when(document.required, document.required_when, "when asked for"), *_signing(document))),
        ]
        if document.addressees:
            together = (
                " in one letter" if document.one_for_all else ", a letter each" if len(document.addressees) > 1 else ""
            )
            lines.append(f"to {', '.join(document.addressees)}{together}")
        size = f", at most {document.upload.max_bytes:,} bytes" if document.upload.max_bytes else ""
        lines.append(f"handed on as {', '.join(document.upload.formats)}{size}")
        lines += [text for text in (document.notes, document.uncertain and f"uncertain: {document.uncertain}") if text]
        yield document.code, "\n".join(lines)


def _signing(document: Document) -> Iterator[str]:
    if document.signed:
        yield f"signed by {document.signed_by}" if document.signed_by else "signed"
    if document.stamped is not None:
        every = " on every page" if document.stamp_every_page else ""
        yield f"stamped{every}" if document.stamped else "no stamp"
    if document.letterhead:
        yield "on letterhead"
    if document.digital_signature:
        tools = f" ({', '.join(document.digital_tools)})" if document.digital_tools else ""
        yield f"or signed digitally{tools}"
    if document.max_age_days is not None:
        yield f"not older than {document.max_age_days} days"
    if document.not_expired:
        yield "not expired"
    if document.current_year:
        yield "of the current year"
    if document.languages:
        yield f"in {' or '.join(document.languages)}, else with a certified translation"


# --- names and texts ----------------------------------------------------------------------------------------------


def _sender_ids(rules: SenderIdRules) -> Iterator[tuple[str, str]]:
    yield (
        "length",
        f"{_range(rules.min_length, rules.max_length)} characters; digits only: "
        + (f"up to {rules.max_digits}" if rules.digits_only else "refused"),
    )
    yield "signs", "any printable" if rules.symbols is None else _spelled(rules.symbols) or "letters and digits only"
    refusals = (
        (not rules.digits_allowed, "no digits"), (not rules.mixed, "letters and digits not mixed"),
        (bool(rules.not_first), f"not first: {_spelled(rules.not_first)}"),
        (bool(rules.not_last), f"not last: {_spelled(rules.not_last)}"),
        (rules.phone_like is False, "nothing that reads as a phone number"),
        (rules.case is not None, f"{rules.case} case only"),
        (rules.case_sensitive is not None, "the case registered" if rules.case_sensitive else "any case"),
        (rules.generic is not None, f"generic names {rules.generic}"), (rules.one_purpose, "a name for each purpose"),
    )  # fmt: skip
    if told := [text for holds, text in refusals if holds]:
        yield "also", "; ".join(told)
    for where, table in (("begins with", rules.prefixes), ("ends with", rules.suffixes)):
        yield from ((where, f"{marker} for {kind}") for kind, marker in table.items())
    for name, texts in (("generic", rules.generic_examples), ("reserved", rules.reserved)):
        if texts:
            yield name, ", ".join(texts)
    for name, text in (("brand", rules.brand_match), ("exclusive", rules.exclusivity)):
        if text:
            yield name, text
    yield from _plain((*rules.forbidden, *rules.notes))
    for case in rules.cases:
        changed = "; ".join(f"{name} = {_value(value)}" for name, value in case.rules.items())
        yield "when", f"{in_words(case.when)}: {'. '.join(filter(None, (case.text, changed)))}"
    if rules.source:
        yield "source", "\n".join(_cited(rules.source))


def _samples(rules: SampleRules) -> Iterator[tuple[str, str]]:
    yield (
        "length",
        f"up to {rules.max_length} characters{f', {rules.reserve} of them added by carriers' if rules.reserve else ''}",
    )
    links = {"listed": "only those registered", "own_domain": "only to the company's own domain", "none": "none"}
    marks = (
        (rules.transactional_only, "no marketing"), (rules.brand_inside, "the brand is named in every text"),
        (rules.brand_inside_when is not None, f"the brand is named when {in_words(rules.brand_inside_when)}"),
        (rules.links is not None, f"links: {links.get(rules.links or '')}"),
        (rules.shorteners is False, "no shortened links"), (rules.chat_links is False, "no chat links"),
        (rules.phone_numbers is False, "no phone numbers"), (rules.opt_out, "marketing says how to stop it"),
        (rules.template, "registered word by word, with its variables"),
    )  # fmt: skip
    if told := [text for holds, text in marks if holds]:
        yield "must", "; ".join(told)
    yield from (("begins with", f"{text} for {kind}") for kind, text in rules.begins_with.items())
    yield from (("language", f"{text} for {kind}") for kind, text in rules.languages.items())
    if rules.prohibited:
        yield "prohibited", ", ".join(topic.value.replace("_", " ") for topic in rules.prohibited)
    yield from _plain(rules.rules)


# --- single values ------------------------------------------------------------------------------------------------


def _validity(validity: Validity) -> str:
    marks = (
        (validity.months is not None, f"{validity.months} months at most"),
        (validity.min_messages is not None, f"at least {validity.min_messages} messages in {validity.per_days} days"),
        (validity.idle, "switched off when not used"), (validity.editable is False, "can't be changed once submitted"),
        (validity.returns_after_days is not None, f"a deleted name returns after {validity.returns_after_days} days"),
    )  # fmt: skip
    told = "; ".join(text for holds, text in marks if holds)
    return f"{validity.text}{f' ({told})' if told else ''}"


def _fee(fee: Fee) -> str:
    amount = f"{fee.amount:f}" if fee.amount is not None else ""
    per = fee.per if fee.per in (None, "once") else f"per {fee.per.replace('_', ' ')}"
    known = " ".join(filter(None, (amount, fee.currency if amount else "", per)))
    when = f", when {in_words(fee.when)}" if fee.when else ""
    return f"{fee.text}{f' ({known})' if known else ''}{when}"


def _range(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        return f"at most {most}" if least is None else f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"


def _spelled(signs: str) -> str:
    return " ".join("space" if sign == " " else sign for sign in signs)


def _value(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
