"""The checklist: what of the papers is there, in words."""

from __future__ import annotations

from conversations.model import Text, Value
from conversations.papers import Item, Papers


def lines(papers: Papers) -> list[Value]:
    """A line a paper: done, partly, missing, refused, optional."""
    return [line(item) for item in papers.items]


def line(item: Item) -> Text:
    slot = item.slot
    values: dict[str, Value] = {
        "title": slot.title,
        "missing": ", ".join(map(str, item.missing)),
        "pages": item.pages,
        "n": len(item.there),
    }
    if item.refused and not item.done:
        return Text("check_refused", values)
    if item.done:
        return Text("check_done", values)
    if not slot.required:
        return Text("check_optional", values)
    if slot.ours and item.there:
        return Text("check_partly", values)
    stamp = slot.document.stamped
    values["do"] = Text("do_sign_and_stamp" if stamp else "do_sign" if slot.ours else "do_send")
    return Text("check_missing", values)
