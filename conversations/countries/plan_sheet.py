"""What the plan's PDF is drawn from: a page that shows all countries, a part for each, a specimen of each letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from conversations.countries import lookup, papers_in_words, plan_words
from conversations.countries.overview import Overview, Stage
from conversations.countries.papers_in_words import TO_FORWARD
from conversations.countries.specimens import specimens
from conversations.model import Country, Day, Text, Value
from rules.book import Book
from rules.schema import HANDED_OVER

COLUMNS = ("number", "country", "way", "letters", "signatures", "stamps", "own", "time")  # of the table, in order
NOTES = 8  # of a country: the PDF is a summary, and names its sources


def facts(plan: Overview, book: Book, day: date, paper: str, operator: Mapping[str, str]) -> dict[str, Any]:
    """Everything the drawing needs: sentences by their keys, letters as their facts."""
    return {
        "name": f"Sender-ID-plan-{'-'.join(stage.code for stage in plan.stages)}.pdf",
        "paper": paper,
        "day": day.isoformat(),
        "title": plan_words.heading(plan),
        "made": Text("sheet_made", {"day": Day(day)}),
        "operator": operator.get("operator") or "",
        "head": [Text(f"sheet_{column}") for column in COLUMNS],
        "rows": [_row(stage) for stage in plan.stages],
        "together": [*plan_words.together(plan, book), *plan_words.shared(plan, book), *plan_words.days(plan, book)],
        "order": Text("sheet_order"),
        "countries": [_country(stage) for stage in plan.stages],
        "specimens": [_specimens(stage, book, day, paper, operator, plan.purpose) for stage in plan.stages],
        "mark": Text("sheet_specimen"),
        "foot": Text("sheet_foot"),
    }


def _row(stage: Stage) -> list[Value]:
    """One country's line of the table."""
    if not stage.can_start:
        return ["–", Country(stage.code), plan_words.route(stage), "–", "–", "–", "–", "–"]
    tally = stage.tally
    by_others = stage.pack.route in HANDED_OVER
    counts: list[Value] = [
        "–" if by_others else plan_words.span(one) for one in (tally.letters, tally.signatures, tally.stamps, tally.own)
    ]
    time = Text("sheet_paused") if stage.pack.paused else plan_words.short_time(stage)
    return [stage.number, Country(stage.code), plan_words.route(stage), *counts, time]


def _country(stage: Stage) -> dict[str, Any]:
    """One country's part: its heading, and what is to be known under headings of their own."""
    pack = stage.pack
    parts: list[tuple[str, list[Value]]] = [
        ("sheet_against", plan_words.against(stage)),
        ("sheet_facts", lookup.facts(pack, with_pause=not stage.can_start)),
    ]
    if pack.registry and stage.can_start:
        parts.append(("sheet_registry", [*pack.registry.needs, *pack.registry.steps]))
    if stage.can_start:
        by_manager: list[Value] = [Text("papers_by_account_manager")] if pack.route in HANDED_OVER else []
        parts.append(
            ("sheet_papers", [*papers_in_words.lines(pack, wording=TO_FORWARD), *by_manager] or [Text("paper_none")])
        )
    notes = [*pack.prepare, *pack.notes] if stage.can_start else [*pack.notes]
    parts.append(("sheet_notes", [*notes[:NOTES]]))
    parts.append(("sheet_uncertain", [*pack.uncertain]))
    parts.append(("sheet_sources", lookup.sources(pack, len(pack.sources))))
    key = "sheet_heading" if stage.can_start else "sheet_heading_without"
    return {
        "heading": Text(
            key, {"number": stage.number, "country": Country(stage.code), "route": plan_words.route(stage)}
        ),
        "parts": [
            {"title": Text(title), "lines": lines, "small": title == "sheet_sources"} for title, lines in parts if lines
        ],
    }


def _specimens(
    stage: Stage, book: Book, day: date, paper: str, operator: Mapping[str, str], purpose: str | None
) -> list[dict[str, Any]]:
    """The letters of one country, each with the line that says which paper it is."""
    if not stage.can_start:
        return []
    found = specimens(stage.pack, book.templates, operator, book.country_name, day.isoformat(), paper, purpose)
    return [
        {**letter, "caption": Text("sheet_specimen_of", {"country": Country(stage.code), "titles": _titles(letter)})}
        for letter in found
    ]


def _titles(letter: Mapping[str, Any]) -> str:
    return "; ".join(dict.fromkeys(letter["titles"]))
