"""The packs as plain values: what `rules list --json` and `rules show XX --json` print."""

from __future__ import annotations

from typing import Any

from rules.book import Book
from rules.conditions import All, Any_, Condition, OneOf
from rules.schema import Document, Field, Pack

LIMITS = ("min_length", "max_length", "min", "max", "pattern", "choices")


def listed(book: Book) -> list[dict[str, Any]]:
    """One line a country, in the order of the codes; lead_time_days is [fastest, slowest] in calendar days, or null."""
    return [
        {
            "country": pack.country,
            "name": pack.name,
            "route": pack.route.value,
            "registration": pack.registration,
            "lead_time_days": _days(pack),
        }
        for pack in map(book.pack, book.codes)
    ]


def shown(pack: Pack) -> dict[str, Any]:
    """Everything one country's pack says, with its shared parts in place, ready for JSON."""
    plain = pack.model_dump(mode="json")
    return {
        **plain,
        "lead_time_days": _days(pack),
        "fields": [field(one) for one in pack.fields],
        "documents": [document(one) for one in pack.documents],
    }


def field(one: Field) -> dict[str, Any]:
    """One field; `limits` always has all its keys, null where there is no limit."""
    plain = one.model_dump(mode="json", exclude={"required_when"})
    return {
        **plain,
        "required_when": condition(one.required_when),
        "limits": {key: plain["limits"][key] for key in LIMITS},
    }


def document(one: Document) -> dict[str, Any]:
    """One document; `stamped` is null where no source says anything."""
    return {**one.model_dump(mode="json", exclude={"required_when"}), "required_when": condition(one.required_when)}


def condition(one: Condition | None) -> dict[str, Any] | None:
    """A condition as a rule file writes it."""
    match one:
        case OneOf(field=name, among=values):
            return {"field": name, "in": list(values)}
        case All(all=parts):
            return {"all": [condition(part) for part in parts]}
        case Any_(any=parts):
            return {"any": [condition(part) for part in parts]}
    return None


def _days(pack: Pack) -> list[int] | None:
    return list(pack.lead_time.days) if pack.lead_time.days else None
