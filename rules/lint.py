"""Every problem in a folder of rule files, for whoever writes them: `rules lint`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rules.book import gather
from rules.reading import OURS, Problem
from rules.schema import LetterTemplate, Pack


def lint(directory: Path) -> list[dict[str, str]]:
    """The problems as {"file", "key", "level", "text"}, in the order of the files; level is "error" or "warning".

    A folder other than ours is looked at as RULES_DIR is: laid over our files.
    """
    folders = [OURS] if directory.resolve() == OURS.resolve() else [OURS, directory]
    gathered = gather(folders)
    problems = [
        *gathered.problems,
        *_untold(gathered.packs.values()),
        *_unused(gathered.packs.values(), gathered.templates),
    ]
    return [
        {"file": one.file, "key": one.key, "level": one.level, "text": one.text}
        for one in sorted(set(problems), key=lambda one: (one.file, one.key, one.text))
    ]


def _untold(packs: Iterable[Pack]) -> Iterator[Problem]:
    """Fields that would be asked without a word of explanation, and sender ID rules nobody vouches for."""
    for pack in packs:
        file = f"{pack.country.lower()}.toml"
        for field in pack.fields:
            for key in ("question", "why"):
                if not getattr(field, key):
                    yield Problem(
                        file, f"field.{field.name}.{key}", "is missing: the customer is told nothing", "warning"
                    )
        if pack.sender_id.source is None:
            yield Problem(file, "sender_id.source", "is missing", "warning")


def _unused(packs: Iterable[Pack], templates: Mapping[str, LetterTemplate]) -> Iterator[Problem]:
    """Letters that no country sends."""
    used = {document.template for pack in packs for document in pack.documents}
    for name in templates:
        if name not in used:
            yield Problem(f"{name}.toml", "template", "no country uses this letter", "warning")
