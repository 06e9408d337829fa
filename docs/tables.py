"""Writes what is made of the code and the rules; --check only says whether all of it is as it would be written.

That is: the two tables and their diagrams in docs/architecture.md, docs/countries.md, and the schemas that editors
check rule files by.

python docs/tables.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from conversations.flow import ANY, FLOW, ON_ONE  # noqa: E402 - the project is not installed, it is run from its folder
from conversations.lifecycle import LIFECYCLE, OPEN  # noqa: E402
from conversations.model import Step  # noqa: E402
from rules import book, editor_schema, matrix  # noqa: E402
from rules.reading import OURS  # noqa: E402

NAMED = {ANY: "any step", ON_ONE: "any step on a registration", OPEN: "every open state"}
HELP = {
    Step.NEW: "nothing was said yet", Step.COUNTRY: "which country", Step.WHICH_COUNTRY: "a guess is confirmed",
    Step.BRIEFING: "what the country asks; start?", Step.PROFILE: "what is kept of the company: use it?",
    Step.ASKING: "one question of the pack, named by `field`",
    Step.SENDER_IDS: "sender IDs, one by one", Step.SENDER_ID_DOUBT: "a name carriers may refuse: keep it?",
    Step.SAMPLES: "sample texts of a sender ID", Step.REVIEW: "every line on one page; submit",
    Step.REGISTRY: "the national registry's number", Step.RENDERING: "the letters are being drawn",
    Step.PREVIEW: "the drawn letters: all correct?", Step.DOCUMENTS: "the checklist; files are awaited",
    Step.PLACING: "what is this file?", Step.TRACKING: "others hold the ball, or it is finished",
    Step.CANCELLING: "keep for later, or withdraw?", Step.WITHDRAWING: "really delete?",
}  # fmt: skip


def words(guard: Callable[..., bool] | None) -> str:
    return guard.__name__.replace("_", " ") if guard else ""


def sources(source: object) -> str:
    if isinstance(source, tuple):
        return NAMED.get(source) or ", ".join(str(one) for one in source)
    return str(source)


def table(rows: Iterable[tuple[object, ...]]) -> str:
    lines = ["| trigger | from | to | only if |", "| --- | --- | --- | --- |"]
    for trigger, source, dest, guard in rows:
        lines.append(f"| {trigger} | {sources(source)} | {dest or 'the same'} | {words(guard)} |")  # type: ignore[arg-type]
    return "\n".join(lines)


def diagram(rows: Iterable[tuple[object, ...]], initial: str) -> str:
    """A state diagram; rows that start nearly everywhere hang on one node, or no one could read it."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {initial}"]
    for trigger, source, dest, guard in rows:
        label = f"{trigger}: {words(guard)}" if guard else str(trigger)  # type: ignore[arg-type]
        if source in NAMED:
            starts: tuple[object, ...] = (NAMED[source].replace(" ", "_"),)  # type: ignore[index]
        else:
            starts = source if isinstance(source, tuple) else (source,)
        lines += [f"    {start} --> {dest or start}: {label}" for start in starts]
    return "\n".join([*lines, "```"])


def parts() -> dict[str, str]:
    """What stands between each pair of markers."""
    steps = "\n".join(f"| `{step.value}` | {HELP[step]} |" for step in Step)
    return {
        "steps": f"| `step` | what is asked |\n| --- | --- |\n{steps}",
        "flow": f"{table(FLOW)}\n\n{diagram(FLOW, Step.NEW)}",
        "lifecycle": f"{table(LIFECYCLE)}\n\n{diagram(LIFECYCLE, 'DRAFT')}",
    }


def written(text: str) -> str:
    """The page with its tables as the code has them now."""
    for name, part in parts().items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{part}\n{end}{after}"
    return text


def pages() -> dict[Path, str]:
    """The text of every file that is made, as it should be."""
    architecture = HERE / "architecture.md"
    return {
        architecture: written(architecture.read_text(encoding="utf-8")),
        HERE / "countries.md": matrix.matrix(book.load()),
        **{OURS / name: text for name, text in editor_schema.schemas().items()},
    }


def main() -> int:
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(pages()[path], encoding="utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(HERE.parent)} is not as it would be made now: run `python docs/tables.py`")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
