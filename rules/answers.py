"""Whether the answers that a rule file itself gives would be taken: examples, and ready sentences to pick."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rules.checks import PLACEHOLDER, refusals
from rules.lookup import Found
from rules.schema import Field, FieldType
from rules.shortcuts import Also

KNOWN = ("brand", "company", "website", "country")
BRAND, COMPANY, WEBSITE = (1, 30), (2, 60), (4, 60)  # the shortest and the longest that is plausible, in characters


def check_ready_answers(field: Field, longest_country: int, find: Callable[[str], Found]) -> Iterator[tuple[str, str]]:
    """(key, text) of examples and phrases that would be refused. `longest_country`: characters of its name."""
    if field.type is FieldType.COUNTRY and field.example and find(field.example).kind != "one":
        yield "example", f"{field.example} is no country: write one by its English name"
    for number, following in enumerate(field.follows):
        value = {True: "yes", False: "no"}[following.value] if isinstance(following.value, bool) else following.value
        for text in refusals(field, str(value)) if value is not None else ():
            yield f"follows.{number}.value", f"{text}: give an answer that is taken"
    if field.also:
        yield from _also(field, field.also)
    for number, phrase in enumerate(field.phrases):
        yield from ((f"phrases.{number}", text) for text in _phrase(field, phrase, longest_country))


def _also(field: Field, also: Also) -> Iterator[tuple[str, str]]:
    parts = also.parts(also.example)
    if parts is None:
        yield "also.example", "is read by none of its expressions: give an answer to both"
    else:
        yield from (("also.example", f"{text}: give one that is taken") for text in refusals(field, parts[0]))


def _phrase(field: Field, phrase: str, longest_country: int) -> Iterator[str]:
    unknown = sorted(set(PLACEHOLDER.findall(phrase)) - set(KNOWN))
    if unknown or re.search(r"[{}]", PLACEHOLDER.sub("", phrase)):
        known = ", ".join(f"{{{name}}}" for name in KNOWN)
        yield f"{', '.join(unknown) or 'a brace'} is filled in by nothing: the placeholders are {known}"
        return
    lengths = dict(zip(KNOWN, (BRAND, COMPANY, WEBSITE, (4, longest_country)), strict=True))
    for end, size in enumerate(("shortest", "longest")):
        filled = PLACEHOLDER.sub(lambda found, end=end: "x" * lengths[found[1]][end], phrase)  # type: ignore[misc]
        for text in refusals(field, filled):
            yield f"with the {size} brand the limits refuse it: {text}"
