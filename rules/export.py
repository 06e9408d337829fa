"""The packs as plain values: what `rules list --json` and `rules show XX --json` print."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rules.book import Book
from rules.schema import Pack


def listed(book: Book, routes: Collection[str] = (), registration: Collection[str] = ()) -> list[dict[str, Any]]:
    """One line a country, in the order of the codes; lead_time_days is [fastest, slowest] in calendar days, or null.

    With `routes` or `registration` only the countries that have one of them.
    """
    return [
        {
            "country": pack.country,
            "name": pack.name,
            "route": pack.route.value,
            "registration": pack.registration,
            "lead_time_days": _days(pack),
        }
        for pack in map(book.pack, book.codes)
        if (not routes or pack.route in routes) and (not registration or pack.registration in registration)
    ]


def shown(pack: Pack) -> dict[str, Any]:
    """Everything one country's pack says, with its shared parts in place, ready for JSON.

    Conditions are written as in a rule file; `limits` has all its keys, null where there is no limit, and `stamped`
    of a document is null where no source says anything.
    """
    return {**pack.model_dump(mode="json", by_alias=True), "lead_time_days": _days(pack)}


def _days(pack: Pack) -> list[int] | None:
    return list(pack.lead_time.days) if pack.lead_time.days else None
