"""Pages as pictures: small files that show what is printed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from letters_to_draw import GENERAL, KEYS, OPERATOR, drawn
from PIL import Image

from bot.letters.draw import draw
from bot.letters.preview import GREYS, SIZE, previews, rendered
from bot.letters.sheet import LetterFacts, Operator


def test_a_page_without_colour_is_the_same_to_the_eye_in_few_greys():
    pdf = drawn("general").pdf
    for page, png in zip(rendered(pdf, SIZE), previews(pdf), strict=True):
        picture = Image.open(io.BytesIO(png))
        assert picture.size == page.size and len(picture.getcolors()) <= GREYS
        shown, printed = (np.asarray(one.convert("RGB")).astype(int) for one in (picture, page))
        assert abs(shown - printed).max() <= 255 / (GREYS - 1) / 2 + 1


def test_a_logo_keeps_its_colour(tmp_path: Path):
    file = tmp_path / "logo.png"
    Image.new("RGB", (300, 80), (200, 30, 30)).save(file)
    operator = Operator(OPERATOR.name, OPERATOR.address, str(file), OPERATOR.support)
    page = Image.open(io.BytesIO(previews(draw(LetterFacts.from_mapping(GENERAL), operator, KEYS).pdf)[0]))
    colours = {colour for _, colour in page.convert("RGB").getcolors()}
    assert any(abs(red - 200) < 10 and abs(green - 30) < 10 and abs(blue - 30) < 10 for red, green, blue in colours)
