"""The JSON schemas by which an editor completes and checks rule files while they are written: `rules schema`.

They are made from rules/schema.py and rules/common.toml, and describe what stands in the files: names in the place of
shared fields, sources and stops, tables with some of the keys only. What an editor shows beside a key is the comment
beside it in rules/schema.py.
"""

from __future__ import annotations

import ast
import inspect
import io
import json
import tokenize
from collections.abc import Iterator, Mapping
from typing import Any

from rules import conditions, schema
from rules.editions import STAYS
from rules.reading import MADE, OURS, Shelf, read
from rules.schema import Change, Document, Facts, Field, LetterTemplate, Pack, SenderIdRules, Stop

DRAFT = "http://json-schema.org/draft-07/schema#"
REF = "#/definitions/{model}"
SOURCE, STOP = {"$ref": REF.format(model="Source")}, {"$ref": REF.format(model="Stop")}
FIELD, DOCUMENT = {"$ref": REF.format(model="Field")}, {"$ref": REF.format(model="Document")}
CITED = "Cited"
RULES = {"$ref": REF.format(model="Rules")}

Json = dict[str, Any]


def schemas() -> dict[str, str]:
    """The text of each schema by its file's name in rules/."""
    shelf = read([OURS])
    made = {"country": _country(shelf), "common": _common(shelf), "letter": _letter()}
    return {f"{name}.schema.json": json.dumps(one, indent=1, ensure_ascii=False) + "\n" for name, one in made.items()}


def _country(shelf: Shelf) -> Json:
    """A country's file. One that does not name its country is laid over another, and may leave anything out."""
    definitions = _definitions(Pack, shelf)
    pack = definitions.pop("Pack")
    rules = _tables({name: one for name, one in pack["properties"].items() if name not in MADE}, shelf)
    dated = {name: one for name, one in rules.items() if name not in STAYS}
    definitions["Rules"] = {"type": "object", "additionalProperties": False, "properties": dated}
    change = definitions["Change"] = _definitions(Change, shelf)["Change"]
    change["properties"] |= {"source": {"$ref": REF.format(model=CITED)}, "rules": RULES}
    changes = {"type": "array", "items": {"$ref": REF.format(model="Change")}, "description": _doc(Change)}
    required = [name for name in pack["required"] if name != "country"]
    return {
        "$schema": DRAFT, "title": "A country's rules", "description": _doc(Pack), "type": "object",
        "additionalProperties": False, "properties": {**rules, "changes": changes},
        "if": {"required": ["country"]}, "then": {"required": required}, "definitions": definitions,
    }  # fmt: skip


def _common(shelf: Shelf) -> Json:
    """common.toml: what country files name."""
    definitions = _definitions(Pack, shelf)
    pack = _tables(definitions.pop("Pack")["properties"], shelf)
    sets = {"type": "object", "additionalProperties": pack["fields"], "description": 'Named "@form" in a country file.'}
    stops = {"type": "object", "additionalProperties": STOP, "description": "Named in stops_when of a field."}
    kept = {name: pack[name] for name in ("sources", "cited", "field", "document", "sender_id", "samples")}
    return {
        "$schema": DRAFT, "title": "What many countries share", "type": "object", "additionalProperties": False,
        "properties": {**kept, "sets": sets, "stop": stops}, "definitions": definitions,
    }  # fmt: skip


def _letter() -> Json:
    """A letter's file. One that does not name its template is laid over another, and may leave anything out."""
    definitions = _definitions(LetterTemplate, Shelf())
    letter = definitions.pop("LetterTemplate")
    required = [name for name in letter.pop("required") if name != "template"]
    return {
        "$schema": DRAFT, "title": "A letter", **letter, "if": {"required": ["template"]},
        "then": {"required": required}, "definitions": definitions,
    }  # fmt: skip


def _tables(properties: Mapping[str, Any], shelf: Shelf) -> Json:
    """The keys of a pack as its file has them: names listed, and tables that lay keys over what is named."""
    common = shelf.common
    names = {kind: list(common.get(kind, {})) for kind in ("field", "document")}
    sets = [f"@{name}" for name in common.get("sets", {})]
    listed = {
        "fields": ([*sets, *names["field"]], "Asked, in this order within each phase."),
        "documents": (names["document"], "Needed, or brought when asked for."),
        "handoff_fields": (names["field"], properties["handoff_fields"]["description"]),
    }
    lists = {
        key: {"type": "array", "items": _one_of(known), "description": text} for key, (known, text) in listed.items()
    }
    tables = {
        kind: {
            "type": "object", "properties": dict.fromkeys(names[kind], one), "additionalProperties": one,
            "description": f"Keys laid over the shared {kind} of that name, or a {kind} of the country's own.",
        }
        for kind, one in (("field", FIELD), ("document", DOCUMENT))
    }  # fmt: skip
    return {
        **properties, **lists, **tables,
        "sources": {"type": "array", "items": {"$ref": REF.format(model=CITED)}, "description": "Pages read."},
        "cited": {"type": "object", "additionalProperties": SOURCE, "description": "Sources, named to be cited."},
        "paused": {"anyOf": [{"$ref": REF.format(model="Paused")}, {"const": False}]},
    }  # fmt: skip


def _definitions(model: type[Facts], shelf: Shelf) -> Json:
    """The schema of the model and of all it holds, by name, as they are written in the files."""
    whole = model.model_json_schema(by_alias=True, ref_template=REF)
    found: Json = {name: _written(one) for name, one in {model.__name__: whole, **whole.pop("$defs", {})}.items()}
    for name, one in found.items():
        of = getattr(schema, name, None) or getattr(conditions, name)
        comments = _comments(of)
        for key, about in one.get("properties", {}).items():
            if key in comments:
                about["description"] = comments[key]
        one |= {"description": _doc(of)} if _doc(of) else {}
    if "SenderIdRules" in found:
        found[CITED] = _named(shelf.common, "cited", SOURCE)
        for name in ("SenderIdRules", "Paused"):
            found[name]["properties"]["source"] = {"$ref": REF.format(model=CITED)}
    for name in (Field.__name__, Document.__name__):  # their names are those of their tables
        if name in found:
            found[name]["properties"].pop("name" if name == "Field" else "code")
            found[name].pop("required")
    if "Field" in found:
        stops = _named(shelf.common, "stop", STOP)
        found["Field"]["properties"]["stops_when"] = {"type": "array", "items": stops, "description": _doc(Stop)}
        found["Document"]["properties"]["template"] = {**_one_of(_letters(shelf)), "description": _doc(LetterTemplate)}
    if "NameCase" in found:
        own = [name for name in SenderIdRules.model_fields if name not in ("cases", "source")]
        rules = {name: found["SenderIdRules"]["properties"][name] for name in own}
        found["NameCase"]["properties"]["rules"] = {
            "type": "object", "additionalProperties": False, "properties": rules, "description": _doc(SenderIdRules),
        }  # fmt: skip
    return found


def _written(one: Any) -> Any:
    """The schema without what TOML does not have (null), and without names made from the keys themselves."""
    if isinstance(one, list):
        return [_written(part) for part in one if part != {"type": "null"}]
    if not isinstance(one, dict):
        return one
    kept = {
        key: {name: _written(part) for name, part in value.items()} if key == "properties" else _written(value)
        for key, value in one.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and not isinstance(value, str | bool | int))
    }
    if kept.get("format") in ("time", "date"):  # a local time, which the format of JSON schemas has not
        kept = {**kept, "format": "date"} if kept["format"] == "date" else {"type": "string"}
    if "prefixItems" in kept:  # the word of newer drafts
        kept["items"] = kept.pop("prefixItems")
    if len(kept.get("anyOf", ())) == 1:
        kept |= kept.pop("anyOf")[0]
    return kept


def _named(common: Mapping[str, Any], table: str, written_out: Json) -> Json:
    """Either a name in that table of common.toml or of the file itself, or the thing written out."""
    return {"anyOf": [*_one_of(list(common.get(table, {})))["anyOf"], written_out]}


def _one_of(known: list[str]) -> Json:
    """A text: one of those that are offered, or another."""
    return {"anyOf": [{"enum": known}, {"type": "string"}]}


def _letters(shelf: Shelf) -> list[str]:
    return [file.removesuffix(".toml") for file in shelf.letters]


def _doc(of: Any) -> str:
    """The first sentence of a docstring of its own."""
    text = of.__doc__ if of.__doc__ and "__doc__" in vars(of) else ""
    return " ".join((inspect.cleandoc(text).split("\n\n")[0]).split())


def _comments(of: type) -> dict[str, str]:
    """What stands beside each key of a class, or in the lines above it, by the key's name in a file."""
    source = inspect.cleandoc("\n" + inspect.getsource(of))
    remarks = {
        token.start[0]: (token.string.lstrip("# ").strip(), not token.line[: token.start[1]].strip())
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return {name: text for name, first, last in _keys(source) if (text := " ".join(_beside(remarks, first, last)))}


def _keys(source: str) -> Iterator[tuple[str, int, int]]:
    """(name in a file, first line, last line) of every key."""
    (of,) = ast.parse(source).body
    for node in of.body if isinstance(of, ast.ClassDef) else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            words = node.value.keywords if isinstance(node.value, ast.Call) else ()
            alias = next(
                (word.value.value for word in words if word.arg == "alias" and isinstance(word.value, ast.Constant)),
                None,
            )
            yield str(alias or node.target.id), node.lineno, node.end_lineno or node.lineno


def _beside(remarks: Mapping[int, tuple[str, bool]], first: int, last: int) -> Iterator[str]:
    above = first - 1
    while above in remarks and remarks[above][1]:
        above -= 1
    yield from (remarks[line][0] for line in range(above + 1, first))
    yield from (remarks[line][0] for line in range(first, last + 1) if line in remarks)
