"""The checklist: what of the papers is there, in words."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.model import Text, Value
from conversations.papers.page_verdicts import LOOKS, REFUSALS
from conversations.papers.wanted import Item, Papers


def lines(papers: Papers) -> list[Value]:
    """A line a paper: done, partly, missing, refused, optional."""
    return [line(item) for item in papers.items]


def line(item: Item) -> Text:
    slot = item.slot
    values: dict[str, Value] = {
        "title": slot.title,
        "missing": _listed(item.missing),
        "pages": item.pages,
        "n": len(item.there),
    }
    if item.refused and not item.done:
        return _again(item, values)
    if item.done and not slot.ours:
        return Text("check_own_dated" if item.dated else "check_own", {**values, "date": item.dated})
    if item.done:
        looks = [page for page in item.there if item.reasons.get(page) in (*LOOKS, *REFUSALS)]
        seen: dict[str, Value] = {**values, "page": _listed(looks), "n": len(looks)}
        return Text("check_done_person" if looks else "check_done", seen)
    if not slot.required:
        return Text("check_optional", values)
    if slot.ours and item.there:
        return Text("check_partly", {**values, "n": len(item.missing)})
    stamp = slot.document.stamped
    values["do"] = Text("do_sign_and_stamp" if stamp else "do_sign" if slot.ours else "do_send")
    return Text("check_missing", values)


def _again(item: Item, values: dict[str, Value]) -> Text:
    """Pages that are asked for again, by number, and those that never came."""
    reasons = [item.reasons.get(page, "") for page in item.refused]
    if not item.slot.ours or any(reason not in REFUSALS for reason in reasons):
        return Text("check_refused", values)
    missing = [page for page in item.missing if page not in item.refused]
    still = Text("check_also_missing", {"missing": _listed(missing), "n": len(missing)}) if missing else ""
    told: dict[str, Value] = {**values, "page": _listed(item.refused), "still": still}
    if len(reasons) > 1:
        return Text("check_pages_again", told)
    return Text("check_page_again", {**told, "what": Text(f"fault_{reasons[0]}")})


def _listed(pages: Iterable[int]) -> str:
    return ", ".join(map(str, pages))
