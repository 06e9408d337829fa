"""Texts a customer may send to a question, each with what must be kept of it, or REFUSED.

A text carries a mark of its own, so that it is known again wherever it turns up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rules.schema import Field, FieldType, SenderIdRules

REFUSED = object()
MARKS = re.compile(r"MK[A-Z]{4}Q", re.IGNORECASE)
BAD = {
    FieldType.BOOLEAN: "perhaps tomorrow",
    FieldType.CHOICE: "zzzz qqqq",
    FieldType.COUNTRY: "Atlantis under the sea",
    FieldType.EMAIL: "nobody at all",
    FieldType.PHONE: "12",
    FieldType.URL: "not an address",
    FieldType.DATE: "some day",
    FieldType.NUMBER: "very many",
}


def mark(number: int) -> str:
    """`MKAABCQ`: letters only, since not every country takes digits in a name."""
    letters = ""
    for _ in range(4):
        number, digit = divmod(number, 26)
        letters = chr(ord("A") + digit) + letters
    return f"MK{letters}Q"


def texts_for(asked: Field, answers: Mapping[str, Any], sign: str) -> list[tuple[str, Any]]:
    """(text, what is kept): good ones first, then those on the border, then bad ones."""
    found = [(text, REFUSED if asked.stop(answers, value) else value) for text, value in _good(asked, sign)]
    return [*found, *((text, REFUSED) for text in _bad(asked, sign))]


def _good(asked: Field, sign: str) -> list[tuple[str, Any]]:
    limits = asked.limits
    match asked.type:
        case FieldType.BOOLEAN:
            yes, no = ("yes", True), ("no", False)
            return [yes, no] if asked.stop({}, False) or asked.name in ("signatory_in_registration",) else [no, yes]
        case FieldType.CHOICE:
            return [(choice, choice) for choice in limits.choices or ()]
        case FieldType.COUNTRY:
            return [("Germany", "DE"), ("kenya", "KE"), ("Bangkok", "TH")]
        case FieldType.EMAIL:
            return [(f"{sign.lower()}@freshbakery.example",) * 2]
        case FieldType.PHONE:
            return [("+49 40 32012345",) * 2, ("00254 712 123456", REFUSED), ("+254712123456", "+254 712 123456")]
        case FieldType.URL:
            url = f"https://{sign.lower()}.example/shop"
            return [(url, [url] if asked.many else url)]
        case FieldType.DATE:
            return [(text, text) for text in ("2020-02-29", "2001-01-31") if _year_fits(asked, int(text[:4]))]
        case FieldType.NUMBER:
            low = limits.min or 0
            middle = max(low, 5000) if limits.max is None else low
            return [(str(value), value) for value in (middle, low, limits.max) if value is not None]
        case _:
            return _texts(asked, sign)


def _year_fits(asked: Field, year: int) -> bool:
    return (asked.limits.min or 0) <= year <= (asked.limits.max or 9999)


def _texts(asked: Field, sign: str) -> list[tuple[str, Any]]:
    low, high = asked.limits.min_length or 1, asked.limits.max_length or 300
    if asked.limits.pattern is not None:
        return [(asked.example, asked.example)] if asked.example else []
    long = (f"{sign} " + "bread and cakes every day " * (high // 20 + 2))[:high].rstrip()
    short = (sign + "x" * low)[: max(low, len(sign))]
    long = long + "x" * (high - len(long))
    plain = f"{sign} bakery, {'and more ' * (low // 9 + 1)}"[: min(high, 120)].strip()
    texts = [plain] if len(plain) >= low else []
    texts += [long] if high < 2000 else []
    texts += [short] if len(short) <= high else []
    found: list[tuple[str, Any]] = [(text, [text] if asked.many else text) for text in texts]
    if found:
        found.append((f'"{texts[0]}"', found[0][1]))  # a text in quotes is the text
    return found


def _bad(asked: Field, sign: str) -> list[str]:
    limits = asked.limits
    if asked.type is not FieldType.TEXT:
        found = [BAD[asked.type]]
        if asked.type is FieldType.NUMBER:
            found += [str(limits.min - 1)] if limits.min else []
            found += [str(limits.max + 1)] if limits.max is not None else []
        return found
    found = ["\u200b"]
    if limits.pattern is None:
        found += [sign + "x" * (limits.max_length + 1 - len(sign))] if limits.max_length else []
        found += ["x" * (limits.min_length - 1)] if (limits.min_length or 0) > 1 else []
    else:
        found.append("???")
    return found + (["Пекарня у моря и ещё немного слов, чтобы было длиннее"] if asked.english else [])


def names_for(pack_rules: SenderIdRules, answers: Mapping[str, Any], sign: str) -> list[tuple[str, Any]]:
    """(sender ID, itself or REFUSED)."""
    rules, message_type = pack_rules.given(answers), str(answers.get("message_type") or "")
    before, behind = rules.prefixes.get(message_type, ""), rules.suffixes.get(message_type, "")
    name = f"{before}{sign.lower() if rules.case == 'lower' else sign}{behind}"
    room = rules.max_length - len(name)
    longest = f"{before}{'x' * room if rules.case == 'lower' else 'X' * room}{name.removeprefix(before)}"
    return [
        (name, name if room >= 0 else REFUSED),
        (longest, longest if room >= 0 else REFUSED),
        (f"{sign}X{'X' * rules.max_length}", REFUSED),
        (f" {name}", REFUSED),
        (f"{sign[:4]}é", REFUSED),
    ]
