"""What the rules say of a registration's names and texts, in few lines: so that nobody has to read forty texts."""

from __future__ import annotations

from collections.abc import Iterator

from conversations.judgement import judging
from conversations.judgement.judging_samples import remarks, setting
from conversations.model import Registration, SenderId, Text, Value
from rules.schema import Pack
from rules.watchlist import Watchlist


def judged(registration: Registration, pack: Pack, watched: Watchlist) -> list[Value]:
    """A line for each doubt about a name, how it belongs to the company, and each remark on its texts."""
    lines: list[Value] = []
    for name in registration.sender_ids:
        lines += of_name(registration, pack, watched, name)
        lines += of_samples(registration, pack, watched, name)
    return lines


def of_name(registration: Registration, pack: Pack, watched: Watchlist, name: SenderId) -> Iterator[Text]:
    """Its relation to the company, and what speaks against it."""
    relation = judging.relation_of(name.text, pack, registration.answers, watched)
    if relation is None:
        yield Text("desk_judged_no_relation", {"name": name.text})
    else:
        yield Text("desk_judged_relation", {"name": name.text, "relation": relation})
    told = name.doubted.split()
    for doubt in judging.doubts(name.text, pack, registration.answers, watched):
        key = "desk_judged_kept" if doubt.key in told else "desk_judged_doubt"
        yield Text(key, {"name": name.text, "reason": Text(doubt.key, doubt.values), "source": doubt.source})


def of_samples(registration: Registration, pack: Pack, watched: Watchlist, name: SenderId) -> Iterator[Text]:
    """A line for each kind of remark on its texts, with the numbers of the texts."""
    by = setting(registration, pack, watched, name)
    found: dict[str, tuple[list[int], Text]] = {}
    for number, sample in enumerate(name.samples, 1):
        for remark in remarks(sample, by):
            numbers, _ = found.setdefault(remark.key + str(remark.values.get("topic", "")), ([], remark))
            numbers.append(number)
    for numbers, remark in found.values():
        shown = ", ".join(map(str, dict.fromkeys(numbers)))
        yield Text("desk_judged_sample", {"name": name.text, "numbers": shown, "remark": remark})
