"""A country's papers, line by line: who makes each, in which cases it is wanted, who signs and stamps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conversations.countries.conditions import in_words
from conversations.model import Text, Value
from conversations.papers.wanted import named
from rules.schema import Document, Pack


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences for a paper of ours and of the customer's, wanted in any case and in some."""

    ours: str
    own: str
    ours_when: str
    own_when: str


IN_CHAT = Wording("paper_ours", "paper_own", "paper_ours_when", "paper_own_when")
TO_FORWARD = Wording("sheet_ours", "sheet_brought", "sheet_ours_when", "sheet_brought_when")  # whoever reads it


def lines(
    pack: Pack, is_one: Callable[[Document], bool] = lambda document: True, wording: Wording = IN_CHAT
) -> list[Value]:
    """A line for each paper that is asked for, always or in some cases, of those wanted."""
    asked = [one for one in pack.documents if one.required or one.required_when is not None]
    return [_line(pack, document, wording) for document in asked if is_one(document)]


def _line(pack: Pack, document: Document, wording: Wording) -> Text:
    """One paper: what it is, who makes it, in which cases it is wanted, who signs."""
    values: dict[str, Value] = {"title": title(document), "signing": signed(document)}
    if document.required_when is None or document.required:
        return Text(wording.ours if document.template else wording.own, values)
    values["when"] = in_words(pack, document.required_when)
    return Text(wording.ours_when if document.template else wording.own_when, values)


def title(document: Document) -> str:
    return named(document, document.addressees)


def signed(document: Document) -> Text:
    """Who signs and stamps it; of a paper the customer has, that a copy will do."""
    if not document.signed and not document.stamped:
        return Text("paper_copy")
    stamped = "paper_signed_stamped" if document.stamped else "paper_signed"
    who = Text("paper_by", {"by": document.signed_by}) if document.signed_by else ""
    return Text(stamped, {"by": who})
