"""What the text layer of a PDF is good for: such a page is legible, and may name the company. Only inside the child.

The text itself goes nowhere: what is told of it is yes or no.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

PAGES = 3  # a document names whose it is on its first pages
LONGEST = 20_000  # characters of a page that are looked through
PRINT = 20  # letters and digits: fewer are a page number or a scanner's mark, and not what the page says
# What stands behind a name and is written in many ways, or left out.
# fmt: off
_FORMS = frozenset({
    "ag", "bv", "co", "company", "corp", "corporation", "fze", "fzco", "gmbh", "inc", "incorporated", "kg", "limited",
    "llc", "llp", "lp", "ltd", "nv", "oy", "plc", "private", "pte", "pty", "pvt", "sa", "sae", "sal", "sarl", "sas",
    "spa", "srl", "the", "wll",
})
# fmt: on


@dataclass(frozen=True, slots=True)
class Layer:
    """The text of a PDF."""

    printed: frozenset[int]  # numbers of the pages that have text, from 1
    first: str  # of the first pages

    def names(self, company: str) -> str:
        """ "found", "not found" or "no text"; "" where no name is given. A hint: names are written in many ways."""
        wanted = plain(company)
        if not wanted:
            return ""
        if not self.first:
            return "no text"
        return "found" if f" {wanted} " in f" {plain(self.first)} " else "not found"


def layer(file: str, goes_on: Callable[[], bool]) -> Layer:
    """The text layer, page by page for as long as it `goes_on`. A page whose text can't be had has none."""
    import pypdfium2

    printed, first = set(), []
    document = pypdfium2.PdfDocument(file)
    for number in range(1, len(document) + 1):
        if not goes_on():
            break
        try:
            page = document[number - 1]
            text = page.get_textpage().get_text_bounded()[:LONGEST]
            page.close()
        except pypdfium2.PdfiumError:
            continue
        if sum(character.isalnum() for character in text) >= PRINT:
            printed.add(number)
            if number <= PAGES:
                first.append(text)
    return Layer(frozenset(printed), "\n".join(first))


def plain(text: str) -> str:
    """Its words alone, without accents, signs and legal forms, a space between. Nothing where it has no others."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(character for character in parts if not unicodedata.combining(character))
    words = re.findall(r"\w+", re.sub(r"(?<=\b\w)\.(?=\w\b)", "", kept))
    return " ".join(word for word in words if word not in _FORMS)
