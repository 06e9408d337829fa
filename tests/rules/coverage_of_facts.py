"""Every fact of the collected sources, and where the packs say it: the figures behind docs/coverage.md.

What is a value (a limit, a yes or no, a carrier, an address of a source) is compared by itself. What is prose has a
line in told/<country>.toml that points to the key of the pack where it went; numbers and names of the prose must be
found there. Where a pack says something else on purpose, that line says why.

python tests/rules/coverage_of_facts.py     writes the page
"""

from __future__ import annotations

import csv
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))  # the project is not installed, it is run from its folder

from rules.book import Book, load  # noqa: E402
from rules.export import shown  # noqa: E402
from rules.schema import Origin, Pack  # noqa: E402

TOLD = HERE / "told"
SOURCE = HERE / "source"
PAGE = ROOT / "docs" / "coverage.md"
BECAME = ("same", "told", "explained", "dropped")
NOTHING = frozenset({
    "", "not stated", "none stated", "at least one sample of the real text",
    "Shared short form of 22 fields; nothing beyond the common fields is asked by AWS",
})  # fmt: skip
# Asked by the dialogue itself, or known from it.
DIALOGUE = frozenset({"destination_country", "sender_id", "sample_message_1", "sample_message_2", "sample_message_3"})
# Vendors are cited as sources; a note need not name them again.
VENDORS = frozenset(
    [
        "AWS",
        "Twilio",
        "Infobip",
        "Bird",
        "Telnyx",
        "Pushtech",
        "Alibaba",
        "ClickSend",
        "Unifonic",
        "Messente",
        "Messaggio",
        "Revicom",
        "TeleSign",
    ]
)
WORD = re.compile(r"\d[\d.,:]*|\b[A-Z][\w&+-]*")


@dataclass(frozen=True, slots=True)
class Fact:
    country: str
    key: str  # as in the ledger, such as "notes: Unregistered blocked since 6 Oct 2025"
    said: bool | None  # whether the pack has the same value; None: prose, see the ledger


@dataclass(frozen=True, slots=True)
class Line:
    """One fact and what became of it: "same", "told" (in other words), "explained", or "dropped"."""

    fact: Fact
    became: str
    where: str = ""
    because: str = ""


def rows() -> dict[str, dict[str, str]]:
    """countries.csv by ISO code."""
    with (SOURCE / "countries.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: row for row in csv.DictReader(file)}


def requirements() -> dict[str, Any]:
    """requirements.yaml; "countries" by ISO code."""
    text = (SOURCE / "requirements.yaml").read_text(encoding="utf-8")
    found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {**found, "countries": {country["iso2"]: country for country in found["countries"]}}


def told(country: str) -> Mapping[str, Any]:
    """The ledger of a country: fact -> path, or table with `by` and `because`."""
    file = TOLD / f"{country.lower()}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def coverage(book: Book, table: Mapping[str, Mapping[str, str]], facts: Mapping[str, Any]) -> list[Line]:
    """Every fact of both files with what became of it, in the order of the countries."""
    anywhere = told("any")
    lines: list[Line] = []
    for code in sorted({*table, *facts["countries"]}):
        pack = book.pack(code)
        plain, ledger = shown(pack), told(code)
        found = [*of_row(table[code], pack)] if code in table else []
        if code in facts["countries"]:
            found += of_country(facts["countries"][code], pack)
        lines += [became(fact, plain, ledger, anywhere) for fact in dict.fromkeys(found)]
    return lines


def became(fact: Fact, plain: Mapping[str, Any], ledger: Mapping[str, Any], anywhere: Mapping[str, Any]) -> Line:
    if fact.said:
        return Line(fact, "same")
    entry = ledger.get(fact.key)
    if entry is None and fact.key in anywhere:  # the same words in many countries: found by what they mean
        pattern = anywhere[fact.key]
        return Line(fact, "told" if re.search(pattern, json.dumps(plain), re.IGNORECASE) else "dropped")
    if entry is None:
        return Line(fact, "dropped")
    by = entry if isinstance(entry, str) else entry.get("by", "")
    because = "" if isinstance(entry, str) else entry.get("because", "")
    if by:
        at = look(plain, by)
        if at in (None, "", [], {}):
            return Line(fact, "dropped", by, "there is nothing at that place")
        lost = missing_words(fact.key.partition(": ")[2], at)
        if lost and not because:
            return Line(fact, "dropped", by, f"lost on the way: {', '.join(sorted(lost))}")
    return Line(fact, "explained" if because else "told" if by else "dropped", by, because)


def look(plain: Any, path: str) -> Any:
    """What lies at a dotted path of `rules show --json`; entries of lists are named, or numbered."""
    at = plain
    for part in path.split("."):
        if isinstance(at, list):
            named = [one for one in at if isinstance(one, dict) and part in (one.get("name"), one.get("code"))]
            at = named[0] if named else at[int(part)] if part.isdigit() and int(part) < len(at) else None
        else:
            at = at.get(part) if isinstance(at, dict) else None
        if at is None:
            return None
    return at


def missing_words(fact: str, at: Any) -> set[str]:
    """Numbers and names of the fact that are not said there, however they are written."""
    there = folded(json.dumps(at, ensure_ascii=False))
    first = fact.split(" ")[0]  # a capital that only begins the sentence is no name
    words = {word.strip(".,:") for word in WORD.findall(fact)} - VENDORS
    if not (first.isupper() or any(char.isdigit() for char in first)):
        words.discard(first.strip(".,:"))
    return {word for word in words if folded(word) not in there}


def folded(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3})", "", text).casefold()


def of_row(row: Mapping[str, str], pack: Pack) -> Iterator[Fact]:
    """The facts of one line of countries.csv."""

    def fact(key: str, said: bool | None = None) -> Fact:
        return Fact(row["iso2"], key, said)

    yield fact(f"name: {row['name']}", pack.name == row["name"])
    yield fact(f"alpha: {row['alpha_sender_supported']}", pack.alpha_sender == row["alpha_sender_supported"])
    yield fact(f"numeric: {row['numeric_sender_supported']}", pack.numeric_sender == row["numeric_sender_supported"])
    yield fact(f"registration: {row['registration']}", pack.registration == row["registration"])
    if slowest := row["lead_time_days_max"]:
        fastest = row["lead_time_days_min"] or slowest
        yield fact(f"lead time: {fastest}-{slowest} days", pack.lead_time.days == (int(fastest), int(slowest)))
    urls = {source.url for source in pack.sources}
    for source in row["source"].split(" | "):
        url = source.rsplit(" ", 1)[1]
        yield fact(f"source: {url}", url in urls)
    for note in row["notes"].split(";"):
        if note.strip() not in NOTHING:
            yield fact(f"csv: {note.strip()}")


def of_country(country: Mapping[str, Any], pack: Pack) -> Iterator[Fact]:
    """The facts of one country of requirements.yaml."""
    code = country["iso2"]
    yield Fact(code, f"route: {country['route']}", pack.route == country["route"])
    yield Fact(code, f"registration: {country['registration']}", pack.registration == country["registration"])
    for estimate in country["lead_time"]["by_source"]:
        yield Fact(code, f"lead time: {estimate}", estimate in pack.lead_time.by_source)
    origin = country["brand_origin"]
    yield Fact(code, "brand: distinguished", pack.brand_origin.distinguished is origin["distinguished"])
    urls = {source.url for source in pack.sources}
    for source in country["sources"]:
        yield Fact(code, f"source: {source['url']}", source["url"] in urls)
    yield from _asked(country, pack)
    for document in country["documents"]:
        yield from _paper(code, document, pack)
    yield from _letters(code, country["authorisation_letters"], pack)
    yield from _names(code, country["sender_id_rules"], pack)
    prose = [("sample", text) for text in country["sample_message_rules"]]
    prose += [("notes", text) for text in country["notes"]]
    prose += [("validity", country["validity"])]
    prose += [(f"brand: {key}", origin[key]) for key in ("local", "international", "note") if key in origin]
    for kind, text in prose:
        if text not in NOTHING:
            yield Fact(code, f"{kind}: {text}", None)


def _asked(country: Mapping[str, Any], pack: Pack) -> Iterator[Fact]:
    code, asked = country["iso2"], {field.name: field for field in pack.fields}
    own = {field["name"]: field for field in country["fields"]}
    for kind, required in (("required", True), ("optional", False)):
        for name in country["common_fields"][kind]:
            if name in DIALOGUE or name in own:
                continue
            field = asked.get(name)
            # Whether the sender ID is plainly theirs is asked first: then the explanation is needed, or not at all.
            stricter = name == "sender_id_description" and not required and field is not None
            same = field is not None and (field.required is required and field.required_when is None)
            yield Fact(code, f"asks: {name} {kind}", bool(stricter or same))
    for name, told_of in own.items():
        field = asked.get(name)
        needed = (
            field is not None
            and (field.required, field.required_when is not None)
            == {True: (True, False), False: (False, False), "conditional": (False, True)}[told_of["required"]]
        )
        yield Fact(code, f"field {name}: {told_of['type']}", field is not None and field.type == told_of["type"])
        yield Fact(code, f"field {name}: required {told_of['required']}", needed)
        if text := told_of.get("required_when"):
            yield Fact(code, f"field {name}: {text}", True if field and field.required_when else None)
        for key, value in told_of.get("constraints", {}).items():
            yield Fact(code, f"field {name}: {key} {value}", field is not None and _limit(field, key, value))


def _limit(field: Any, key: str, value: Any) -> bool | None:
    match key:
        case "choices":
            return list(field.limits.choices or ()) == value
        case "must_be":
            return bool(field.stop({}, not value)) and not field.stop({}, value)
        case "min" | "max" | "min_length" | "max_length":
            return bool(getattr(field.limits, key) == value)
        case "length":
            return bool(field.limits.pattern or field.limits.min_length == field.limits.max_length == value)
        case "list":
            return bool(field.many)
        case "forbidden":
            return bool(field.forbid_free_mail)
    return None


def _paper(code: str, document: Mapping[str, Any], pack: Pack) -> Iterator[Fact]:
    name = f"document {document['code']}"
    paper = next((one for one in pack.documents if one.code == document["code"]), None)
    if paper is None:
        yield Fact(code, f"{name}: {document['title']}", False)
        return
    yield Fact(code, f"{name}: {document['origin']}", paper.origin == Origin(document["origin"]))
    needed = {True: (True, False), "conditional": (False, True), False: (False, False)}[document["required"]]
    same = (paper.required, paper.required_when is not None) == needed
    if document.get("required_when") == "always":
        same = paper.required
    yield Fact(code, f"{name}: required {document['required']}", same)
    if same and document.get("required_when"):
        yield Fact(code, f"{name}: {document['required_when']}", True)
    elif document.get("required_when"):
        yield Fact(code, f"{name}: {document['required_when']}", None)
    if "carrier" in document:
        yield Fact(code, f"{name}: carrier {document['carrier']}", " / ".join(paper.addressees) == document["carrier"])
    if paper.origin is Origin.PROVIDER_TEMPLATE:
        wanted = document["stamped"]
        yield Fact(code, f"{name}: stamped {wanted}", paper.stamped is (None if wanted == "not stated" else True))
        if isinstance(wanted, str) and "all pages" in wanted:
            yield Fact(code, f"{name}: stamped on all pages", paper.stamp_every_page)
        wanted = document.get("letterhead", False)
        yield Fact(code, f"{name}: letterhead {wanted}", paper.letterhead is (wanted is True))
        digital = bool(re.search(r"digital", document["signature"]))
        yield Fact(code, f"{name}: {document['signature']}", paper.digital_signature is digital)
        if "DocuSig" in document["signature"]:
            yield Fact(code, f"{name}: signed with Adobe or DocuSign", bool(paper.digital_tools))
    if isinstance(document["upload"], dict):
        limits = document["upload"]
        said = list(paper.upload.formats) == limits["formats"] and paper.upload.max_bytes == limits["max_kb"] * 1000
        yield Fact(code, f"{name}: {', '.join(limits['formats'])} up to {limits['max_kb']} kB", said)
    if text := document.get("notes"):
        yield Fact(code, f"{name}: {text}", None)


def _letters(code: str, letters: Mapping[str, Any], pack: Pack) -> Iterator[Fact]:
    addressed = {name for document in pack.documents for name in document.addressees}
    ours = [document for document in pack.documents if document.origin is Origin.PROVIDER_TEMPLATE]
    yield Fact(code, f"letters: {letters['copies']} copies", _is_enough(letters["copies"], ours))
    for carrier in letters["carriers"]:
        yield Fact(code, f"letters: to {carrier}", carrier in addressed)
    if letters["note"] not in NOTHING:
        yield Fact(code, f"letters: {letters['note']}", None)


def _is_enough(copies: int, ours: list[Any]) -> bool:
    return bool(ours) if copies else not ours


def _names(code: str, told_of: Mapping[str, Any], pack: Pack) -> Iterator[Fact]:
    rules = pack.sender_id
    yield Fact(
        code, f"name: min_length {told_of.get('min_length', 1)}", rules.min_length == told_of.get("min_length", 1)
    )
    yield Fact(
        code, f"name: max_length {told_of.get('max_length', 11)}", rules.max_length == told_of.get("max_length", 11)
    )
    for key, value in told_of.items():
        match key:
            case "numeric_only_allowed":
                yield Fact(code, f"name: {key} {value}", rules.digits_only is value)
            case "generic_allowed":
                wanted = {True: "allowed", False: "refused", "discouraged": "discouraged"}.get(value)
                yield Fact(code, f"name: {key} {value}", rules.generic == wanted if wanted else None)
            case "generic_examples":
                yield Fact(code, f"name: {key} {', '.join(value)}", set(rules.generic_examples) >= set(value))
            case "case_sensitive" if isinstance(value, bool):
                yield Fact(code, f"name: {key} {value}", rules.case_sensitive is value)
            case "reserved":
                yield Fact(code, f"name: {key} {', '.join(value)}", set(rules.reserved) >= set(value))
            case "min_length" | "max_length":
                pass
            case "forbidden":
                yield from (Fact(code, f"name: {one}", None) for one in value)
            case _:
                yield Fact(code, f"name: {value}" if isinstance(value, str) else f"name: {key} {value}", None)


def page(lines: list[Line]) -> str:
    """docs/coverage.md: the figures, then every difference with its reason."""
    kinds = Counter((_kind(line.fact), line.became) for line in lines)
    countries = Counter((line.fact.country, line.became) for line in lines)
    total = Counter(line.became for line in lines)
    parts = [
        "# What became of every fact",
        "",
        "The packs are made from two collected files, kept in `tests/rules/source/`. This page is written by",
        "`python tests/rules/coverage_of_facts.py` and compared by a test: *same* is the same value, *told* is prose said in our own words",
        "at a place a test looks at, *explained* is said otherwise on purpose, *dropped* would be a fact nobody is told.",
        "",
        f"**{len(lines):,} facts: {total['same']:,} same, {total['told']:,} told, {total['explained']:,} explained, "
        f"{total['dropped']:,} dropped.**",
        "",
        *_table("fact about", sorted({kind for kind, _ in kinds}), kinds),
        "",
        "## Said otherwise, and why",
        "",
        "| country | fact | in the pack | why |",
        "| --- | --- | --- | --- |",
        *(
            f"| {line.fact.country} | {_cell(line.fact.key)} | {f'`{line.where}`' if line.where else ''} | {_cell(line.because)} |"
            for line in lines
            if line.became == "explained"
        ),
        "",
        "## By country",
        "",
        *_table("country", sorted({code for code, _ in countries}), countries),
    ]
    return "\n".join(parts) + "\n"


def _kind(fact: Fact) -> str:
    kind = fact.key.split(":")[0].split(" ")[0]
    return {"csv": "notes of the table", "name": "sender ID rules", "sample": "samples", "asks": "common fields",
            "field": "own fields", "document": "documents", "lead": "lead times", "brand": "brand origin"}.get(kind, kind)  # fmt: skip


def _table(title: str, names: list[str], counts: Mapping[tuple[str, str], int]) -> list[str]:
    rows = [f"| {name} | {' | '.join(str(counts.get((name, became), 0)) for became in BECAME)} |" for name in names]
    return [f"| {title} | {' | '.join(BECAME)} |", f"| --- | {' | '.join(['---:'] * len(BECAME))} |", *rows]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(coverage(load(), rows(), requirements())), encoding="utf-8")
