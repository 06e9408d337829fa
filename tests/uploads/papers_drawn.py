"""Made-up papers of a company, as a scanner or a phone would show them. Equal values, equal pixels."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import fontpkg_noto_sans
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

FONT = str(next((Path(fontpkg_noto_sans.__file__).parent / "files").glob("NotoSans[[]wdth*")))
# fmt: off
WORDS = (
    "trade", "licence", "number", "issued", "company", "named", "below", "under", "law", "of", "commerce", "valid",
    "for", "the", "activity", "of", "baking", "and", "selling", "bread", "manager", "partners", "registered", "capital",
    "address", "department", "economy", "stamp", "of", "the", "registrar",
)
# fmt: on
A4 = (210, 297)  # millimetres


@cache
def licence(pixels: int = 1400, points: float = 10, seed: int = 1, lines: int = 0) -> Image.Image:
    """A page of A4 of that long side: a heading, ragged paragraphs, a frame, a stamp, a line to sign on."""
    chance = random.Random(seed)
    scale = pixels / A4[1] * 2  # drawn at twice the size, for smooth letters
    width, height = round(A4[0] * scale), round(A4[1] * scale)
    page = Image.new("L", (width, height), 250)
    draw = ImageDraw.Draw(page)
    size = points * 0.3528 * scale
    font, large = ImageFont.truetype(FONT, round(size)), ImageFont.truetype(FONT, round(size * 2))
    draw.text((60 * scale, 22 * scale), "TRADE LICENCE", font=large, fill=20)
    y, number = 50 * scale, 0
    while y < 245 * scale and (not lines or number < lines):
        words = [chance.choice(WORDS) for _ in range(40)]
        text, right = "", chance.uniform(120, 170) * scale if chance.random() < 0.3 else 170 * scale
        while words and draw.textlength(f"{text} {words[-1]}", font=font) < right:
            text = f"{text} {words.pop()}".strip()
        draw.text((20 * scale, y), text.capitalize(), font=font, fill=30)
        y += size * (1.4 if chance.random() < 0.85 else 2.6)
        number += 1
    draw.ellipse((130 * scale, 250 * scale, 160 * scale, 280 * scale), outline=90, width=round(scale))
    draw.line((20 * scale, 275 * scale, 80 * scale, 275 * scale), fill=60, width=max(1, round(scale / 3)))
    return page.resize((width // 2, height // 2), Image.Resampling.BOX)


def blank(pixels: int = 1400) -> Image.Image:
    return Image.new("L", (pixels * 210 // 297, pixels), 245)


def photo(page: Image.Image, light: float = 0.85, tilt: float = 2.0, noise: float = 4.0, seed: int = 1) -> Image.Image:
    """The page on a wooden table, a little tilted, unevenly lit, with the grain of a phone."""
    chance = random.Random(seed)
    width, height = page.width * 10 // 9, page.height * 10 // 9
    table = Image.new("L", (width, height), 110)
    grain = Image.frombytes("L", (1, height), chance.randbytes(height)).resize((width, height)).point(lambda v: v // 8)
    table = ImageChops.add(table, grain)
    mask = Image.new("L", page.size, 255).rotate(tilt, expand=True)
    turned = page.rotate(tilt, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(turned, ((width - turned.width) // 2, (height - turned.height) // 2), mask)
    shade = Image.linear_gradient("L").resize((width, height)).point(lambda v: 255 - v // 4)
    lit = ImageChops.multiply(table, shade).point(lambda v: v * light)
    return with_noise(lit, noise)


def with_noise(picture: Image.Image, sigma: float) -> Image.Image:
    """With the grain of a camera, the same for the same size."""
    if not sigma:
        return picture
    grain = np.random.default_rng(1).normal(0, sigma, (picture.height, picture.width))
    return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))


def blurred(picture: Image.Image, sigma: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(sigma))


def shaken(picture: Image.Image, pixels: int) -> Image.Image:
    """As a hand moves it sideways while the shutter is open."""
    total = picture.copy()
    for step in range(1, pixels):
        total = Image.blend(total, ImageChops.offset(picture, step, 0), 1 / (step + 1))
    return total
