"""A sender ID read by its country's rules: kept exactly as typed, or refused with the mended form where one passes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from conversations.errors import BadAnswer
from conversations.model import Country, Registration, Text, Value
from rules.schema import Pack, SenderIdRules

SAMPLE_NAMES = ("FRESHBAKERY", "FRESHBAKE", "FRESHB", "FRESH", "FRSH", "FRB", "FB", "F", "FRESHBAKERYSHOP")
FEWEST_DIGITS = 7  # of a phone number; shorter ones are short codes
MOST_MENDED = 10  # one thing is mended at a time: spaces, accents, symbols, ends, length, digits, case, marker


def read_sender_id(text: str, rules: SenderIdRules, message_type: str = "", country: str = "") -> str:
    """The sender ID exactly as it will be filed. `rules`: as they are with the answers given so far.

    Raises:
        BadAnswer: key, values for the sentence, and a mended form to offer when there is one that passes.
    """
    try:
        return _checked(text, rules, message_type)
    except BadAnswer as bad:
        here: Value = Country(country) if country else Text("this_country")
        bad.values = {**bad.values, "such": example(rules, message_type), "country": here}
        bad.offer = nearest(bad.offer, rules, message_type)
        raise


def example(rules: SenderIdRules, message_type: str = "") -> str:
    """A name that the rules take, to show what is meant."""
    mended = (nearest(name, rules, message_type) for name in SAMPLE_NAMES)
    return next((name for name in mended if name), SAMPLE_NAMES[0])


def nearest(name: str | None, rules: SenderIdRules, message_type: str = "") -> str | None:
    """The name as it would pass: as it is, or mended as often as it has to be; None where it can't be."""
    for _ in range(MOST_MENDED):
        try:
            return _checked(name, rules, message_type) if name is not None else None
        except BadAnswer as bad:
            name = bad.offer
    return None


def _checked(text: str, rules: SenderIdRules, message_type: str) -> str:
    if text != text.strip():
        raise BadAnswer("sender_id_outer_spaces", offer=text.strip() or None)
    if not text:
        raise BadAnswer("bad_empty")
    odd = [char for char in text if not " " <= char <= "~"]
    if odd:
        raise BadAnswer("sender_id_not_ascii", offer=_without_accents(text), characters=_shown(odd))
    prefix, suffix = markers(rules, message_type)
    inside = unmarked(text, rules, message_type)
    marked = (prefix, suffix) if inside != text else ("", "")
    for check in (_symbols, _ends, _length, _digits, _number, _shortness, _case):
        check(text, inside, marked, rules)
    if inside == text and (prefix or suffix):
        marker = " … ".join(filter(None, (prefix, suffix)))
        offer = _with_markers(text, prefix, suffix)
        raise BadAnswer("sender_id_marker", offer=offer, marker=marker, limit=rules.max_length)
    return text


def markers(rules: SenderIdRules, message_type: str) -> tuple[str, str]:
    """What names for messages of that type begin and end with."""
    return rules.prefixes.get(message_type, ""), rules.suffixes.get(message_type, "")


def unmarked(text: str, rules: SenderIdRules, message_type: str) -> str:
    """The name without its markers; the whole of it where they are not there, or there is nothing else."""
    prefix, suffix = markers(rules, message_type)
    there = text.startswith(prefix) and text.endswith(suffix) and len(text) > len(prefix) + len(suffix)
    return text[len(prefix) : len(text) - len(suffix)] if there else text


def _with_markers(text: str, prefix: str, suffix: str) -> str | None:
    """The markers put on, in the place of ones written in another case; None where there is nothing else."""
    inside = text[len(prefix) :] if prefix and text.casefold().startswith(prefix.casefold()) else text
    if suffix and inside.casefold().endswith(suffix.casefold()):
        inside = inside[: -len(suffix)]
    return f"{prefix}{inside}{suffix}" if inside else None


Markers = tuple[str, str]


def _symbols(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if rules.symbols is None:
        return
    bad = [char for char in inside if not char.isalnum() and char not in rules.symbols]
    if bad:
        mended = "".join(char for char in inside if char not in bad)
        raise BadAnswer(
            "sender_id_symbols" if rules.symbols else "sender_id_no_symbols",
            offer=f"{marked[0]}{mended}{marked[1]}" if mended else None,
            characters=_shown(bad),
            allowed=_shown(rules.symbols),
        )


def _ends(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if text[0] in rules.not_first:
        raise BadAnswer("sender_id_not_first", offer=text.lstrip(rules.not_first) or None, character=_shown(text[0]))
    if text[-1] in rules.not_last:
        raise BadAnswer("sender_id_not_last", offer=text.rstrip(rules.not_last) or None, character=_shown(text[-1]))


def _length(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if text.isdigit():
        if rules.digits_only and len(text) > rules.max_digits:
            raise BadAnswer("sender_id_too_many_digits", n=len(text), limit=rules.max_digits)
    elif len(text) > rules.max_length:
        compact = re.sub(r"[^A-Za-z0-9]", "", inside)
        offer = f"{marked[0]}{compact}{marked[1]}" if compact and compact != inside else None
        raise BadAnswer("sender_id_too_long", offer=offer, n=len(text), limit=rules.max_length, text=text)


def _digits(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if text.isdigit():
        if not rules.digits_only:
            raise BadAnswer("sender_id_digits_only", text=text)
    elif any(char.isdigit() for char in text):
        letters = re.sub(r"\d", "", inside)
        offer = f"{marked[0]}{letters}{marked[1]}" if letters else None
        if not rules.digits_allowed:
            raise BadAnswer("sender_id_no_digits", offer=offer, text=text)
        if not rules.mixed and any(char.isalpha() for char in text):
            raise BadAnswer("sender_id_mixed", offer=offer, text=text)


def _number(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if rules.phone_like is False and is_number(text):
        raise BadAnswer("sender_id_phone_like", text=text)


def _shortness(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if len(text) < rules.min_length:
        raise BadAnswer("sender_id_too_short", n=len(text), limit=rules.min_length, text=text)


def _case(text: str, inside: str, marked: Markers, rules: SenderIdRules) -> None:
    if rules.case in ("upper", "lower"):
        right = inside.upper() if rules.case == "upper" else inside.lower()
        if inside != right:
            raise BadAnswer(f"sender_id_{rules.case}_only", offer=f"{marked[0]}{right}{marked[1]}", text=text)


def is_number(text: str) -> bool:
    """Whether a name reads as a phone number and as nothing else: digits, and what numbers are written with."""
    digits = sum(char.isdigit() for char in text)
    return digits >= FEWEST_DIGITS and not any(char.isalpha() for char in text) and not set(text) & set("&@#%*=_~")


def _shown(characters: str | list[str]) -> str:
    return " ".join("space" if char == " " else char for char in dict.fromkeys(characters)) or "-"


def _without_accents(text: str) -> str | None:
    """Café -> Cafe; nothing to offer when letters of another script would be lost."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return plain if plain != text and plain.isascii() and plain.isprintable() and plain == plain.strip() else None


# --- the rules in words -------------------------------------------------------------------------------------------


def rules_in_words(registration: Registration, pack: Pack) -> list[Value]:
    """What holds for the registration's names, a short line each."""
    answers = registration.answers
    own = [case.text for case in pack.sender_id.cases if case.text and case.when.holds(answers)]
    lines = in_words(pack.sender_id.given(answers), str(answers.get("message_type") or ""))
    return [*lines, *(Text("briefing_line", {"text": text}) for text in own)]


def in_words(rules: SenderIdRules, message_type: str = "") -> Iterator[Value]:
    drawn_from = "letters" if not rules.digits_allowed else "unmixed" if not rules.mixed else "length"
    yield Text(f"rule_name_{drawn_from}", {"low": rules.min_length, "high": rules.max_length})
    if not rules.digits_only:
        if rules.digits_allowed:
            yield Text("rule_name_needs_letter")
    elif rules.max_digits != rules.max_length:
        yield Text("rule_name_digits", {"high": rules.max_digits})
    if rules.symbols == "":
        yield Text("rule_name_no_symbols")
    elif rules.symbols is not None:
        yield Text("rule_name_symbols", {"allowed": _shown(rules.symbols)})
    if rules.not_first:
        yield Text("rule_name_not_first", {"characters": _shown(rules.not_first)})
    if rules.not_last:
        yield Text("rule_name_not_last", {"characters": _shown(rules.not_last)})
    if rules.phone_like is False:
        yield Text("rule_name_phone_like")
    if rules.case in ("upper", "lower"):
        yield Text(f"rule_name_{rules.case}")
    elif rules.case_sensitive:
        yield Text("rule_name_case_sensitive")
    prefix, suffix = markers(rules, message_type)
    if prefix:
        yield Text("rule_name_prefix", {"marker": prefix})
    if suffix:
        yield Text("rule_name_suffix", {"marker": suffix})
    if rules.one_purpose:
        yield Text("rule_name_one_purpose")
    if rules.generic == "refused":
        yield Text("rule_name_generic", {"examples": ", ".join(rules.generic_examples[:3]) or "INFO, OTP"})
    for line in (rules.brand_match, *rules.forbidden):
        if line:
            yield Text("briefing_line", {"text": line})
