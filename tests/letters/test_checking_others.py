"""Papers that are no letter of ours are not taken for one, however little stands on them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bot.checking.template import templates_of
from bot.checking.verdict import check
from tests.photos.letters import KEYS, letter

PAPERS = ("loa\n\nmade up 1", "company_registration\nCommercial Register\nmade up 3", "x", "1\n2\n3\n4\n5\n6")


@pytest.mark.parametrize("words", PAPERS)
@pytest.mark.parametrize("wide", (900, 1350))
def test_a_page_with_a_few_words_is_no_page_of_a_letter(words: str, wide: int) -> None:
    page = Image.new("RGB", (900, 1200), "white")
    ImageDraw.Draw(page).text((80, 80), words, "black")
    page = page.resize((wide, wide * 4 // 3), Image.Resampling.BICUBIC)
    awaited = [letter("tuning", number) for number in range(3)]
    templates = [
        template for one in awaited for template in templates_of(one.facts.letter_id, one.drawn.pdf, one.drawn.layouts)
    ]
    found = check(np.asarray(page), templates, KEYS)
    assert found.letter is None and not found.accepted
