"""Every problem in a folder of rule files, for whoever writes them: `rules lint`.

What the program can't start with is found by rules/checks.py at every start, and here; the rest only here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from rules.answers import check_ready_answers
from rules.book import Book, Gathered, gather
from rules.checks import check_field
from rules.cited import STALE_AFTER, check_sources
from rules.fit import check_document_fits, check_field_fits, check_pack_fits
from rules.reached import check_reached
from rules.reading import COMMON, OURS, Common, Problem, RulesError, Shelf
from rules.schema import Document, Field, Pack

KOSOVO = "XK"  # has no code of ISO 3166-1 of its own; everybody uses this one


class Look(NamedTuple):
    """What a country is looked at with."""

    common: Common
    book: Book
    longest_country: int  # characters of its name


def lint(directory: Path, on: date | None = None, stale_after: int = STALE_AFTER) -> list[dict[str, str]]:
    """The problems as {"file", "key", "level", "text"}, in the order of the files; level is "error" or "warning".

    A folder other than ours is looked at as RULES_DIR is: laid over our files; what of ours it can't have changed is
    not looked at again. With the day `on`, sources from the future and sources read more than `stale_after` days before
    it are problems too.
    """
    over = None if directory.resolve() == OURS.resolve() else directory
    gathered = gather([OURS] if over is None else [OURS, over])
    found = {*gathered.problems, *check_sources(gathered.shelf, on, stale_after)}
    try:
        common = Common(gathered.shelf.common)
    except RulesError:
        pass  # told by gather already: no country can be looked at without it
    else:
        longest = max((len(pack.name) for pack in gathered.packs.values()), default=0)
        look = Look(common, Book(gathered.packs, gathered.templates, gathered.places), longest)
        found.update(_in_common(look, gathered.shelf))
        for packs in gathered.editions.values():
            if over is None or _is_changed(_file(packs[0]), gathered.shelf, over):
                found.update(_from_day_to_day(packs, look))
        found.update(_unused(gathered))
    return [
        {"file": one.file, "key": one.key, "level": one.level, "text": one.text}
        for one in sorted(found, key=lambda one: (one.file, one.key, one.text))
    ]


def _file(pack: Pack) -> str:
    return f"{pack.country.lower()}.toml"


def _is_changed(file: str, shelf: Shelf, over: Path) -> bool:
    """Whether the operator's folder says anything of that country, or of what all countries share."""
    own = len(shelf.layers.get(file, ())) > 1 or not (OURS / "countries" / file).exists()
    return own or (over / COMMON).exists() or any(over.glob("letters/*.toml"))


def _from_day_to_day(packs: Sequence[Pack], look: Look) -> Iterator[Problem]:
    """What is wrong with a country now, and what a dated entry brings that was not wrong before it."""
    told: set[Problem] = set()
    for pack in packs:
        new = [problem for problem in _in_country(pack, look) if problem not in told]
        told.update(new)
        for problem in new:
            yield problem if pack is packs[0] else replace(problem, text=f"from {pack.version} on: {problem.text}")


def _in_country(pack: Pack, look: Look) -> Iterator[Problem]:
    file, common = _file(pack), look.common
    if pack.country not in _iso_codes():
        text = f"{pack.country} is no code of ISO 3166-1, nor {KOSOVO} for Kosovo: use the country's own"
        yield Problem(file, "country", text)
    yield from _told(pack, file)
    yield from _twice(pack, file)
    yield from _registry(pack, file)
    yield from check_reached(pack, look.book.templates, file)
    yield from (Problem(file, key, text, level) for key, level, text in check_pack_fits(pack))
    own_fields = [field for field in pack.fields if common.fields.get(field.name) != field]
    own_documents = [document for document in pack.documents if common.documents.get(document.code) != document]
    yield from _worded(own_fields, own_documents, file, look)


def _in_common(look: Look, shelf: Shelf) -> Iterator[Problem]:
    """What is wrong with the shared fields and documents, told once; sets and stops that nobody names."""
    common = look.common
    for field in common.fields.values():
        yield from (Problem(COMMON, f"field.{field.name}.{key}", text) for key, text in check_field(field))
    yield from _worded(common.fields.values(), common.documents.values(), COMMON, look)
    named = {name for raw in (shelf.common, *shelf.countries.values()) for name in _listed(raw)}
    unused = (
        *((f"sets.{name}", f"@{name}" in named) for name in common.raw.get("sets", {})),
        *((f"stop.{name}", name in named) for name in common.raw.get("stop", {})),
    )
    for key, used in unused:
        if not used:
            yield Problem(COMMON, key, "no country names it: remove it, or name it somewhere", "warning")


def _listed(value: Any, key: str = "") -> Iterator[str]:
    """The names in the lists that may hold sets and stops, wherever they stand."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _listed(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, str) and key in ("fields", "documents", "stops_when"):
                yield inner
            else:
                yield from _listed(inner)


def _worded(fields: Iterable[Field], documents: Iterable[Document], file: str, look: Look) -> Iterator[Problem]:
    """The texts of fields and documents: whether they fit, and whether their examples would be taken."""
    for field in fields:
        key = f"field.{field.name}"
        yield from (Problem(file, f"{key}.{part}", text, level) for part, level, text in check_field_fits(field))
        ready = check_ready_answers(field, look.longest_country, lambda text: look.book.find(text, anywhere=True))
        yield from (Problem(file, f"{key}.{part}", text) for part, text in ready)
    for document in documents:
        key = f"document.{document.code}"
        yield from (Problem(file, f"{key}.{part}", text, level) for part, level, text in check_document_fits(document))


def _told(pack: Pack, file: str) -> Iterator[Problem]:
    """Fields that would be asked without a word of explanation, and sender ID rules nobody vouches for."""
    for field in pack.fields:
        for key in ("question", "why"):
            if not getattr(field, key):
                text = "is missing: the customer is told nothing"
                yield Problem(file, f"field.{field.name}.{key}", text, "warning")
    if pack.sender_id.source is None:
        yield Problem(file, "sender_id.source", "is missing: name the page the rules were read on", "warning")


def _twice(pack: Pack, file: str) -> Iterator[Problem]:
    """What stands in a file two times, or bears the name of something else."""
    lists: dict[str, Sequence[Any]] = {
        "notes": pack.notes, "uncertain": pack.uncertain, "prepare": pack.prepare, "samples.rules": pack.samples.rules,
        "sender_id.notes": pack.sender_id.notes, "sender_id.forbidden": pack.sender_id.forbidden,
        "sender_id.reserved": pack.sender_id.reserved, "handoff_fields": pack.handoff_fields,
        "sources": [source.url for source in pack.sources],
    }  # fmt: skip
    for field in pack.fields:
        lists[f"field.{field.name}.limits.choices"] = field.limits.choices or ()
        lists[f"field.{field.name}.phrases"] = field.phrases
    for document in pack.documents:
        lists[f"document.{document.code}.addressees"] = document.addressees
    for key, listed in lists.items():
        for one in _repeated(listed):
            yield Problem(file, key, f"has {one} twice: remove one")
    for label in _repeated([field.label for field in pack.fields]):
        yield Problem(
            file, "fields", f"two fields are called {label}: nobody can tell them apart on the review", "warning"
        )
    for title in _repeated([(document.title, document.addressees) for document in pack.documents]):
        text = f"two papers are called {title[0]}: nobody can tell them apart on the checklist"
        yield Problem(file, "documents", text, "warning")


def _registry(pack: Pack, file: str) -> Iterator[Problem]:
    if pack.registry is None:
        return
    if not pack.registry.steps:
        yield Problem(file, "registry.steps", "are missing: say what the customer does there, in order", "warning")
    if not pack.registry.bring_back:
        yield Problem(file, "registry.bring_back", "is missing: say what the customer comes back with", "warning")


def _unused(gathered: Gathered) -> Iterator[Problem]:
    """Letters that no country sends, and fields that no country asks, though something is to come of their answers."""
    packs = [pack for packs in gathered.editions.values() for pack in packs]
    used = {document.template for pack in packs for document in pack.documents}
    asked = {field.name for pack in packs for field in pack.fields}
    for name, template in gathered.templates.items():
        if name not in used:
            yield Problem(f"{name}.toml", "template", "no country uses this letter: remove it, or name it", "warning")
        for fact in template.facts:
            if fact not in asked:
                yield Problem(f"{name}.toml", "facts", f"{fact} is asked by no country: remove it", "warning")

    for pack in packs:
        for field in pack.fields:
            for number, following in enumerate(field.follows):
                if missing := sorted(set(following.fields()) - asked):
                    text = f"{', '.join(missing)} is asked by no country: name another field, or remove it"
                    yield Problem(_file(pack), f"field.{field.name}.follows.{number}", text)
            if field.also and field.also.field not in asked:
                text = f"{field.also.field} is asked by no country: name another field, or remove it"
                yield Problem(_file(pack), f"field.{field.name}.also.field", text)


def _repeated(values: Iterable[Any]) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


@cache
def _iso_codes() -> frozenset[str]:
    """The codes of ISO 3166-1, as the time zone database lists them, and Kosovo's."""
    lines = files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8").splitlines()
    return frozenset({KOSOVO, *(line[:2] for line in lines if not line.startswith("#"))})
