"""What the sources of a country's rules do not agree on, said to whoever decides as it is to the customer."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.model import Text
from conversations.papers.wanted import Slot
from rules.schema import Field, Pack


def doubts(pack: Pack, slots: Iterable[Slot], fields: Iterable[Field] = ()) -> list[Text]:
    """A line each: of the country, then of these papers and questions, by what they are called."""
    found = [Text("desk_doubt", {"text": text}) for text in pack.uncertain]
    named = [(slot.document.title, slot.document.uncertain) for slot in slots]
    named += [(field.label, field.uncertain) for field in fields]
    told = dict.fromkeys((what, text) for what, text in named if text)  # a letter to each carrier has one doubt
    return found + [Text("desk_doubt_of", {"what": what, "text": text}) for what, text in told]
