"""One reader for each field type: text in, value out, or BadAnswer with what is wrong and the way out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from conversations.errors import BadAnswer
from conversations.judgement import links
from rules.book import Book
from rules.schema import Field, FieldType

# fmt: off
FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com",
    "gmx.com", "gmx.net", "proton.me", "protonmail.com", "mail.com", "mail.ru", "yandex.com", "yandex.ru",
    "qq.com", "163.com", "126.com", "zoho.com",
})
# fmt: on
YES = frozenset({"yes", "y", "yes please", "true", "ok", "okay", "sure", "correct", "right", "yep", "yeah"})
NO = frozenset({"no", "n", "false", "nope", "not", "wrong"})
_IT = r"(?:we|i|it|they|he|she)"
YES_AGAIN = re.compile(
    rf"(?:yes|yeah|yep)[ ,]+(?:{_IT} (?:do|does|are|am|is|will|have|has)|always|all(?: of (?:them|it))?)"
)
YES_PARTLY = re.compile(r"(?:yes|yeah|yep)[ ,]+(?:some(?: of (?:them|it))?|sometimes|a few|many|most(?: of them)?)")
NO_AGAIN = re.compile(
    rf"(?:no|nope)[ ,]+(?:{_IT} (?:(?:do|does|are|is|will|have|has)(?:n't| not)|won't|am not|'m not)|none(?: of them)?"
    r"|never|not at all|nothing)"
)
DAYS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d")
URL = re.compile(
    r"(?:https?://)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](?::\d{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


def read(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> Any:
    """The answer as it is kept: str, bool, int, or a list of str for `many`.

    Raises:
        BadAnswer: what is wrong with it.
    """
    cleaned = tidy(text)
    if not cleaned:
        raise BadAnswer("bad_empty")
    if field.many:
        return [_one(field, line, answers, book) for line in _each(field, cleaned) if line.strip()]
    return _one(field, cleaned, answers, book)


def _each(field: Field, text: str) -> list[str]:
    """The answers of a list: one a line; links, which hold no space, also beside each other."""
    if field.type is FieldType.URL:
        beside = re.split(r"[,;]?\s+|[,;](?=https?://|www\.)", text)
        if all(URL.fullmatch(one) for one in beside):
            return beside
    return text.splitlines()


def _one(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> Any:
    value = READERS[field.type](field, text.strip(), answers, book)
    if isinstance(value, str) and field.type not in (FieldType.CHOICE, FieldType.COUNTRY):
        within(field, value)
        if field.english:
            check_script(value)
            unprintable = book.unprintable(value)
            if unprintable:
                raise BadAnswer("bad_unprintable", characters=" ".join(dict.fromkeys(unprintable)))
    return value


def tidy(text: str) -> str:
    """The text without invisible and direction-changing characters, in composed form."""
    kept = (
        char
        for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return "".join(kept).replace("\t", " ").strip()


def within(field: Field, value: str) -> None:
    """Raises BadAnswer when the text is too short, too long, or not of the pattern."""
    limits = field.limits
    if limits.max_length is not None and len(value) > limits.max_length:
        raise BadAnswer("bad_too_long", n=len(value), limit=limits.max_length)
    if limits.min_length is not None and len(value) < limits.min_length:
        raise BadAnswer("bad_too_short", n=len(value), limit=limits.min_length)
    if limits.pattern is not None and not re.fullmatch(limits.pattern, value):
        compact = re.sub(r"[\s.\-/]", "", value)
        offer = compact if compact != value and re.fullmatch(limits.pattern, compact) else None
        raise BadAnswer("bad_pattern", offer=offer, hint=field.hint or field.example or field.label)


def check_script(value: str) -> None:
    """Carriers read English: letters of other scripts are refused, with the letters named."""
    foreign = [
        char
        for char in value
        if char.isalpha() and not unicodedata.name(char, "").startswith("LATIN") and char not in "ªº"
    ]
    if foreign:
        raise BadAnswer("bad_not_latin", characters=" ".join(dict.fromkeys(foreign[:5])))


def _text(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    return re.sub(r" {2,}", " ", text)


def _email(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        mended = re.sub(r"^mailto:|[\s<>,;]|[.,;]+$", "", text).replace("(at)", "@").replace("[at]", "@")
        raise BadAnswer("bad_email", offer=_valid_email(mended) if mended != text else None) from None
    if field.forbid_free_mail and found.domain.lower() in FREE_MAIL:
        raise BadAnswer("bad_free_mail", domain=found.domain)
    return found.normalized


def _valid_email(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _phone(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    import phonenumbers

    region = str(answers.get("country") or "") or None
    given = re.sub(r"^00", "+", text)
    try:
        number = phonenumbers.parse(given, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise BadAnswer("bad_phone")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if not text.startswith("+"):
        raise BadAnswer("bad_phone_no_country", offer=written)
    return written


def _url(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    if URL.fullmatch(text):
        if field.many and any(links.is_shortened(link, book.watchlist) for link in links.links(text, book.watchlist)):
            raise BadAnswer("bad_short_link", link=text)  # of links in messages: a short one is refused in them too
        return text
    words = [word.strip("<>,;()") for word in text.split()]
    mended = next((word for word in words if URL.fullmatch(word)), None)
    raise BadAnswer("bad_url", offer=mended if mended != text else None)


def _date(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b|,", "", text)
    for form in DAYS:
        try:
            day = datetime.strptime(plain, form).date()
        except ValueError:
            continue
        break
    else:
        raise BadAnswer("bad_date", offer=_slashed(plain))
    limits = field.limits
    if (limits.min is not None and day.year < limits.min) or (limits.max is not None and day.year > limits.max):
        raise BadAnswer("bad_date_range", low=limits.min or 1900, high=limits.max or 2100)
    return day.isoformat()


def _slashed(text: str) -> str | None:
    """31/12/2026 can be read one way only; 04/05/2026 cannot, and is not guessed."""
    found = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text)
    if not found:
        return None
    first, second, year = map(int, found.groups())
    readings = set()
    for month, day in ((first, second), (second, first)):
        try:
            readings.add(date(year, month, day).isoformat())
        except ValueError:
            continue
    return readings.pop() if len(readings) == 1 else None


def _choice(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    choices = field.limits.choices or ()
    labels = {choice: field.choice_labels.get(choice, choice) for choice in choices}
    wanted = _folded(text)
    for number, choice in enumerate(choices, 1):
        if wanted in (_folded(choice), _folded(labels[choice]), str(number)):
            return choice
    near = [choice for choice in choices if wanted and (wanted in _folded(labels[choice]) or wanted in _folded(choice))]
    raise BadAnswer("bad_choice", offer=near[0] if len(near) == 1 else None, choices=list(labels.values()))


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _country(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> str:
    found = book.find(text, anywhere=True)
    if found.kind == "one":
        return str(found.countries[0])
    offer = book.country_name(found.countries[0]) if found.kind == "guess" else None
    raise BadAnswer("bad_country", offer=offer)


def _number(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> int:
    plain = re.sub(r"(?<=\d)[ ,.'’_](?=\d{3}(?!\d))", "", text)
    if not re.fullmatch(r"\d+", plain):
        found = re.fullmatch(r"(?:about|around|approx\.?|~)?\s*(\d+(?:\.\d+)?)\s*([km])?", plain, re.IGNORECASE)
        scale = {"k": 1_000, "m": 1_000_000}.get((found[2] or "").lower(), 1) if found else 1
        raise BadAnswer("bad_number", offer=str(int(float(found[1]) * scale)) if found else None)
    value = int(plain)
    limits = field.limits
    if (limits.min is not None and value < limits.min) or (limits.max is not None and value > limits.max):
        key = "bad_number_range" if limits.max is not None else "bad_number_small"
        raise BadAnswer(key, low=limits.min or 0, high=limits.max)
    return value


def _boolean(field: Field, text: str, answers: Mapping[str, Any], book: Book) -> bool:
    said = truth(text)
    if said is None:
        said = _truth_and_more(text, partly=not field.stops_when)
    if said is None:
        raise BadAnswer("bad_yes_no")
    return said


def truth(text: str) -> bool | None:
    """True for a yes, False for a no, None for anything else."""
    word = re.sub(r"[\s.!]+$", "", text.strip().casefold())
    return True if word in YES else False if word in NO else None


def _truth_and_more(text: str, partly: bool) -> bool | None:
    """The same of a yes or no with words behind it that only say it again; `partly`: "yes, some" is a yes here."""
    words = re.sub(r"[\s.!]+$", "", text.strip().casefold().replace("’", "'"))
    if YES_AGAIN.fullmatch(words) or (partly and YES_PARTLY.fullmatch(words)):
        return True
    return False if NO_AGAIN.fullmatch(words) else None


READERS: Mapping[FieldType, Callable[[Field, str, Mapping[str, Any], Book], Any]] = {
    FieldType.TEXT: _text,
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.URL: _url,
    FieldType.DATE: _date,
    FieldType.CHOICE: _choice,
    FieldType.COUNTRY: _country,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
}
