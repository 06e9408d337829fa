"""What `rules diff` prints: two days of one country, or an operator's files beside ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from bot.commands.rules import rules_of
from bot.control import CommandError
from bot.words import OURS, TextsError, read
from rules.differences import Changed, Difference, between, shipped
from rules.reading import RulesError

NOTHING = "no difference"


def of_days(folder: Path | None, country: str, first: str, last: str) -> dict[str, Any]:
    """What differs in a country between two days, under the dated entries it comes from.

    Raises:
        CommandError: there is no such country or day, or a rule file can't be used.
    """
    begin, end = _day(first), _day(last)
    if end < begin:
        raise CommandError(f"{last} is before {first}: give the earlier day first")
    try:
        found = between(rules_of(folder, ""), country.upper(), begin, end)
    except KeyError:
        raise CommandError(f"no country has the code {country}; see rules list", 1) from None
    entries = [_entry(one) for one in found]
    return {"country": country.upper(), "from": begin.isoformat(), "to": end.isoformat(), "entries": entries}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text or 'a missing day'} is not a day such as 2027-01-01") from None


def _entry(one: Changed) -> dict[str, Any]:
    source = one.pack.changed_source
    return {
        "from": one.pack.version, "text": list(one.pack.changed), "source": source.url if source else None,
        "differences": [_line(each) for each in one.differences],
    }  # fmt: skip


def _line(one: Difference) -> dict[str, Any]:
    """Key, values and words, ready for JSON: rule files have days in them."""
    return {**json.loads(json.dumps(asdict(one), default=str)), "text": str(one)}


def days_in_words(found: Mapping[str, Any]) -> Iterator[str]:
    for entry in found["entries"]:
        yield f"from {entry['from']}: {' '.join(entry['text']) or 'the pause is over'}"
        if entry["source"]:
            yield f"  source: {entry['source']}"
        yield from (f"  {one['text']}" for one in entry["differences"])
    if not found["entries"]:
        yield NOTHING


def of_files(folder: Path | None, country: str) -> list[dict[str, Any]]:
    """What RULES_DIR changes against our files, of all or of one country: a line a file and key.

    Raises:
        CommandError: a file can't be read.
    """
    if folder is None:
        return []
    try:
        found = shipped(folder) | _texts(folder)
    except (RulesError, TextsError) as error:
        raise CommandError(str(error)) from None
    wanted = f"{country.lower()}.toml"
    return [
        {"file": file, **_line(one)}
        for file, there in found.items() if not country or file == wanted
        for one in there
    ]  # fmt: skip


def _texts(folder: Path) -> dict[str, list[Difference]]:
    """The sentences that are others than ours, by language."""
    ours, found = read(OURS), {}
    for language, sentences in read(folder / "texts").items():
        known = ours.get(language, {})
        told = [
            Difference(key, _sentence(known[key].forms) if key in known else None, _sentence(one.forms))
            for key, one in sentences.items()
            if key not in known or known[key].forms != one.forms
        ]
        if told:
            found[f"texts/{language}"] = told
    return found


def _sentence(forms: Sequence[str]) -> str:
    return " / ".join(forms)


def files_in_words(found: Sequence[Mapping[str, Any]], folder: Path | None) -> Iterator[str]:
    if folder is None:
        yield "RULES_DIR is not set: nothing is laid over our files"
    elif not found:
        yield NOTHING
    file = ""
    for one in found:
        if one["file"] != file:
            yield (file := one["file"])
        yield f"  {one['text']}"
