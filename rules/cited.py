"""The sources of the rule files: dated, not from the future, not stale, and each one cited by somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from rules.reading import COMMON, Problem, Shelf

STALE_AFTER = 180  # days after which a source should be read again


def check_sources(shelf: Shelf, on: date | None, stale_after: int = STALE_AFTER) -> Iterator[Problem]:
    """Sources that say nothing or that nobody cites; with the day `on`, those from the future and the stale ones."""
    shared = _cited(shelf.common)
    used = set(_names(shelf.common))
    for file, raw in {**shelf.countries, **shelf.lists}.items():
        own = _cited(raw)
        used |= (names := set(_names(raw))) - set(own)
        for name in own:
            if name not in names:
                yield Problem(file, f"cited.{name}", "is cited by nothing in this file: remove it", "warning")
        yield from _dated(file, raw, on, stale_after)
    for name in shared:
        if name not in used:
            yield Problem(COMMON, f"cited.{name}", "is cited by no country: remove it", "warning")
    yield from _dated(COMMON, shelf.common, on, stale_after)


def _cited(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    found = raw.get("cited")
    return found if isinstance(found, Mapping) else {}  # anything else is told by the schema


def _dated(file: str, raw: Mapping[str, Any], on: date | None, stale_after: int) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for key, source in _sources(raw):
        url, read_on = str(source.get("url", "")), source.get("read_on")
        if not url.startswith(("https://", "http://")):
            yield Problem(file, f"{key}.url", "is no address of a page: write it with https://")
        elif url in seen:
            yield Problem(file, key, f"is the same page as {seen[url]}: cite that", "warning")
        seen.setdefault(url, key)
        if not str(source.get("title", "")).strip():
            yield Problem(file, f"{key}.title", "is empty: say whose page it is")
        if on is None or not isinstance(read_on, date) or isinstance(read_on, datetime):
            continue  # no day at all is told by the schema
        age = (on - read_on).days
        if age < 0:
            yield Problem(file, f"{key}.read_on", f"{read_on} has not come yet on {on}: write the day it was read")
        elif age > stale_after:
            text = f"was read on {read_on}, {age} days ago: read it again, mend what has changed, and write the new day"
            yield Problem(file, f"{key}.read_on", text, "warning")


def _sources(value: Any, key: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(dotted key, table) of every source that is written out, wherever it stands."""
    if isinstance(value, Mapping):
        if "url" in value and ("read_on" in value or "title" in value):
            yield key, value
            return
        for name, inner in value.items():
            yield from _sources(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _sources(inner, f"{key}.{number}")


def _names(value: Any) -> Iterator[str]:
    """The names under which sources are cited, wherever they stand."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "source" and isinstance(inner, str):
                yield inner
            elif key == "sources" and isinstance(inner, list):
                yield from (name for name in inner if isinstance(name, str))
            else:
                yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
