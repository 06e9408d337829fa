"""Letters with anything typed into them: drawn whole with every word readable, or refused by name, and never broken."""

from __future__ import annotations

import io
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "letters"))

import pikepdf
import pypdfium2
import pytest
from hostile_text_strings import hostile
from letters_to_draw import GENERAL, KEYS, OPERATOR

from bot.letters.draw import draw
from bot.letters.font import composed, unknown, unprintable
from bot.letters.samples import fingerprint
from bot.letters.sheet import LetterFacts, TooLong, Unprintable
from tests.seeded import Share

FIELDS = ("company_name", "signatory_name", "signatory_title", "place", "addressee", "subject", "title")
ACTIVE = ("/JavaScript", "/JS", "/AA", "/Launch", "/URI", "/EmbeddedFile", "/RichMedia")


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))


def dense(text: str) -> str:
    """As a PDF's reader gives it: without gaps, and without the signs a reader takes for a word broken at a line's end."""
    return "".join(composed(text).split()).replace("-", "").replace("\u00ad", "").replace("\u2010", "")


def checked(pdf: bytes, typed: list[str], described: list[str]) -> None:
    read = (
        text_of(pdf)
        .replace("-", "")
        .replace("\u00ad", "")
        .replace("\u2010", "")
        .replace("\ufffe", "")
        .replace("\x02", "")
    )
    for text in typed:  # a long one may run on to the next page
        words = [text] if len(text) <= 100 else [word[:20] for word in text.split()]
        assert all(dense(word) in read for word in words), "what was typed can't be read in the letter"
    assert all(dense(fingerprint(text)) in read for text in described), "what no font prints is not bound to the letter"
    with pikepdf.open(io.BytesIO(pdf)) as document:
        names = {str(key) for thing in document.objects if isinstance(thing, pikepdf.Dictionary) for key in thing}
        assert not names & set(ACTIVE), "the letter does something"
        assert isinstance(document.Root.get("/OpenAction", pikepdf.Array()), pikepdf.Array), "more than a view"


@pytest.mark.parametrize("part", range(4))
def test_what_is_typed_is_printed_or_refused(chance: random.Random, share: Share, part: int) -> None:
    """Facts as the dialogue lets them through; now and then as it would not."""
    chance.seed(f"{chance.random()} {part}")
    came: Counter[str] = Counter()
    for number in range(share.of(60)):
        anything = number % 3 == 2
        lines = [text for text in (hostile(chance)[:400].strip() for _ in range(12)) if text]
        typed = [text for text in lines if not unprintable(text)]
        facts = lines if anything else typed
        mapping: dict[str, Any] = {
            **GENERAL, "facts": [["Answer", text] for text in facts],
            "samples": [["FRESHBAKE", hostile(chance)[:600] or "x"] for _ in range(3)],
            "company_lines": typed[:2] or ["x"],
        }  # fmt: skip
        for name in chance.sample(FIELDS, 2):
            mapping[name] = chance.choice(typed or ["Fresh Bakery"]).replace("\n", " ")
        try:
            letter = draw(LetterFacts.from_mapping(mapping), OPERATOR, KEYS)
        except Unprintable:
            came["unprintable"] += 1
            assert anything or any(unprintable(text) for text in facts), "what may be typed can't be printed"
        except TooLong:
            came["too long"] += 1
        else:
            came["drawn"] += 1
            checked(letter.pdf, typed, [text for text in facts if unknown(text)])
    assert came["drawn"] > came["too long"], came
