"""The words of a plan, for chat and PDF: how each country goes, what it wants, what it comes to together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conversations.countries import lookup
from conversations.countries.overview import Overview, Session, Span, Stage
from conversations.countries.papers_in_words import title
from conversations.model import Country, Day, Text, Value
from rules.book import Book
from rules.schema import HANDED_OVER, Origin, Route
from rules.traits import Holds

# The sentence for the papers of one kind: who makes them, and whether they are wanted in any case.
PAPERS = (
    ("plan_drawn", Origin.PROVIDER_TEMPLATE, True),
    ("plan_drawn_maybe", Origin.PROVIDER_TEMPLATE, False),
    ("plan_brought", Origin.CUSTOMER, True),
    ("plan_brought_maybe", Origin.CUSTOMER, False),
)
FEW = 4  # countries whose papers are named one by one; of more the PDF names them


def heading(plan: Overview) -> Text:
    n = len(plan.stages)
    if plan.purpose is None:
        return Text("plan_title", {"n": n})
    return Text("plan_title_for", {"purpose": Text(f"purpose_{plan.purpose}"), "n": n})


def stages(plan: Overview) -> list[Value]:
    """Every country: a line that says how it goes, and under it what is wanted there."""
    shown = len(plan.stages) <= FEW
    return [line for stage in plan.stages for line in _stage(stage, shown)]


def _stage(stage: Stage, shown: bool) -> list[Value]:
    pack = stage.pack
    values: dict[str, Value] = {"country": Country(stage.code), "number": stage.number, "route": route(stage)}
    if not stage.can_start:
        return [Text("plan_stage_without", values), *_under(against(stage))]
    fees = [Text("plan_cost", {"text": fee}) for fee in lookup.fees(pack)[: FEW if shown else 1]]
    lines = [*against(stage), *_papers(stage, shown), *fees]
    if shown:
        lines += lookup.prohibited(pack)
    if shown and pack.uncertain:
        lines.append(Text("plan_uncertain", {"text": pack.uncertain[0]}))
    return [Text("plan_stage", {**values, "time": short_time(stage)}), *_under(lines)]


def _under(lines: Iterable[Value]) -> list[Value]:
    return [Text("briefing_line", {"text": line}) for line in lines]


def route(stage: Stage) -> Text:
    """How a country is registered, in a few words."""
    pack = stage.pack
    if stage.pack.route is not Route.UNSUPPORTED and stage.fits.holds is Holds.NO:
        return Text("plan_route_stopped")
    values: dict[str, Value] = {"registry": pack.registry.name if pack.registry else "", "instead": pack.instead or ""}
    return Text(f"plan_route_{pack.route.value}", values)


def short_time(stage: Stage) -> Text:
    days = stage.pack.lead_time.days
    if days is None:
        return Text("plan_time_unknown")
    return Text("plan_time", {"days": span(Span(*days)), "n": days[1]})


def against(stage: Stage) -> list[Value]:
    """What stands in the way: a pause, a rule against the purpose, and what is possible instead."""
    found: list[Value] = []
    if stage.pack.paused and stage.can_start:
        found.append(Text("plan_paused", {"text": stage.pack.paused.text}))
    if stage.fits.stop is not None:
        key = "plan_stopped" if stage.fits.holds is Holds.NO else "plan_may_stop"
        found.append(Text(key, {"text": stage.fits.stop.text, "instead": stage.fits.stop.alternative}))
    return found


def _papers(stage: Stage, shown: bool) -> list[Value]:
    """How many letters and papers; which they are, where there is room to say it."""
    pack = stage.pack
    if pack.route in HANDED_OVER:
        return [Text("plan_papers_later")]
    if not stage.papers:
        return [Text("plan_no_papers" if pack.detailed else "plan_papers_unknown")]
    if not shown:
        values: dict[str, Value] = {
            "letters": count("letters", stage.tally.letters), "own": count("own", stage.tally.own)
        }  # fmt: skip
        return [Text("plan_counts", values)]
    lines: list[Value] = []
    for key, origin, is_sure in PAPERS:
        papers = [one for one in stage.papers if one.origin is origin and one.required is is_sure]
        if papers:
            lines.append(Text(key, {"titles": "; ".join(dict.fromkeys(map(title, papers)))}))
    return lines


def count(what: str, counted: Span) -> Text:
    """ "2 to 3 letters": the noun goes by the larger number."""
    return Text(f"count_{what}", {"n": counted.high, "count": span(counted)})


def span(counted: Span) -> Value:
    if counted.low == counted.high:
        return counted.low
    return Text("span", {"low": counted.low, "high": counted.high})


def together(plan: Overview, book: Book) -> list[Value]:
    """What it comes to: how much to sign, stamp and bring; what one sitting covers."""
    if not plan.startable:
        return []
    counted = {what: count(what, getattr(plan.tally, what)) for what in ("letters", "signatures", "stamps", "own")}
    lines: list[Value] = [Text("plan_together", counted)]
    return lines + [_session(one, book) for one in plan.sessions if one.count.high > 1]


def _session(signed: Session, book: Book) -> Text:
    """What one sitting covers: whose signature, how many letters of which countries."""
    return Text(
        "plan_session",
        {
            "who": Text("plan_signed_by", {"who": signed.signed_by}) if signed.signed_by else "",
            "letters": count("letters", signed.count),
            "countries": _names(book, [code for code, _ in signed.letters]),
            "stamps": Text("plan_stamps", {"stamps": count("stamps", signed.stamps)}) if signed.stamps.high else "",
            "letterhead": Text("plan_letterhead") if signed.letterhead else "",
        },
    )


def shared(plan: Overview, book: Book) -> list[Value]:
    """Papers to bring once for several countries."""
    return [Text("plan_shared", {"title": name, "countries": _names(book, codes)}) for name, codes in plan.shared]


def days(plan: Overview, book: Book) -> list[Value]:
    """When all of it is done, and what is not reckoned in."""
    lines: list[Value] = []
    if plan.first_day is not None and plan.last_day is not None:
        key = "plan_days" if plan.first_day != plan.last_day else "plan_day"
        lines.append(Text(key, {"first": Day(plan.first_day), "last": Day(plan.last_day)}))
    for key, codes in (("plan_days_unknown", plan.unknown), ("plan_days_paused", plan.waiting)):
        if codes:
            lines.append(Text(key, {"countries": _names(book, codes)}))
    return lines


def _names(book: Book, codes: Sequence[str]) -> str:
    return ", ".join(map(book.country_name, codes))
