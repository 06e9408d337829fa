"""A made-up photo of a signed and stamped page, for a first try without a printer."""

from __future__ import annotations

import io
import math
import random
from typing import TYPE_CHECKING

from bot.letters.preview import rendered
from bot.letters.sheet import Box, PageLayout

if TYPE_CHECKING:
    from PIL import Image

_WIDTH = 1240  # pixels of the page: 150 dpi on A4, about what a phone's photo keeps of it in a chat
_PEN = (38, 56, 128)
_INK = (150, 38, 62)


def signed_photo(pdf: bytes, page: int, layout: PageLayout, seed: int, *, signed: bool = True) -> bytes:
    """A JPEG of this page (from 1), its boxes filled, lying slightly turned on a table. Equal input, equal bytes.

    Not `signed`: the stamp is there and the signature was forgotten.
    """
    from PIL import Image, ImageChops, ImageFilter

    chance = random.Random(seed)
    sheet = rendered(pdf, _WIDTH)[page - 1]
    ink = Image.new("RGB", sheet.size, "white")
    if layout.signature_box and signed:
        _sign(ink, _pixels(layout.signature_box, sheet.size), chance)
    if layout.stamp_box:
        _stamp(ink, _pixels(layout.stamp_box, sheet.size), chance)
    sheet = ImageChops.multiply(
        sheet, ink.filter(ImageFilter.GaussianBlur(0.6))
    )  # ink darkens paper, never lightens it
    sheet = ImageChops.multiply(sheet, Image.new("RGB", sheet.size, (250, 246, 236)))
    room = 90
    table = Image.new("RGB", (sheet.width + 2 * room, sheet.height + 2 * room), (112, 88, 68))
    turned = sheet.convert("RGBA").rotate(chance.uniform(-2.0, 2.0), Image.Resampling.BICUBIC, expand=True)
    table.paste(turned, ((table.width - turned.width) // 2, (table.height - turned.height) // 2), turned)
    shade = Image.linear_gradient("L").resize(table.size).point([215 + value * 40 // 255 for value in range(256)])
    photo = ImageChops.multiply(table, Image.merge("RGB", (shade, shade, shade))).filter(ImageFilter.GaussianBlur(0.5))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=85)
    return file.getvalue()


def _pixels(box: Box, size: tuple[int, int]) -> tuple[float, float, float, float]:
    return box[0] * size[0], box[1] * size[1], box[2] * size[0], box[3] * size[1]


def _sign(ink: Image.Image, box: tuple[float, float, float, float], chance: random.Random) -> None:
    """A running hand: loops that grow smaller towards the end, and a stroke under them."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(ink)
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    turns, wobble = chance.uniform(5, 7), [chance.uniform(0.55, 1.0) for _ in range(12)]
    line = []
    for step in range(400):
        t = step / 399
        loop = wobble[int(t * 11)] * (1 - 0.55 * t)
        angle = 2 * math.pi * turns * t
        line.append(
            (
                x0 + width * (0.14 + 0.62 * t + 0.045 * math.sin(angle + 0.6)),
                y0 + height * (0.52 - 0.05 * t + 0.27 * loop * math.cos(angle)),
            )
        )
    draw.line(line, _PEN, 5, joint="curve")
    under = [
        (x0 + width * (0.2 + 0.62 * t / 40), y0 + height * (0.84 - 0.1 * math.sin(t / 40 * math.pi))) for t in range(41)
    ]
    draw.line(under, _PEN, 4, joint="curve")


def _stamp(ink: Image.Image, box: tuple[float, float, float, float], chance: random.Random) -> None:
    """A round rubber stamp: two rims, letters between them, a star inside, ink thinner here and there."""
    from PIL import Image, ImageDraw, ImageFont

    x0, y0, x1, y1 = (round(value) for value in box)
    side = int(min(x1 - x0, y1 - y0) * 0.74)
    mark = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(mark)
    centre = side / 2
    draw.ellipse((3, 3, side - 4, side - 4), outline=255, width=5)
    draw.ellipse((side * 0.2, side * 0.2, side * 0.8, side * 0.8), outline=255, width=3)
    words = "SAMPLE COMPANY * SAMPLE STAMP * "
    font = ImageFont.load_default(size=side * 0.09)
    for place, letter in enumerate(words):
        angle = 360 * place / len(words)
        tile = Image.new("L", (side, side), 0)
        ImageDraw.Draw(tile).text((centre, side * 0.115), letter, 255, font=font, anchor="mm")
        mark.paste(255, (0, 0), tile.rotate(-angle, Image.Resampling.BICUBIC))
    star = [
        (
            centre + side * (0.2 if point % 2 == 0 else 0.085) * math.sin(math.pi * point / 5),
            centre - side * (0.2 if point % 2 == 0 else 0.085) * math.cos(math.pi * point / 5),
        )
        for point in range(10)
    ]
    draw.polygon(star, fill=255)
    thin = Image.frombytes("L", (32, 32), chance.randbytes(32 * 32)).resize((side, side), Image.Resampling.BICUBIC)
    worn = Image.composite(mark, Image.new("L", mark.size, 0), thin.point([90 + value // 2 for value in range(256)]))
    worn = worn.rotate(chance.uniform(-20, 20), Image.Resampling.BICUBIC)
    spot = (x0 + (x1 - x0 - side) // 2 + chance.randint(-8, 8), y0 + (y1 - y0 - side) // 2 + chance.randint(-2, 10))
    ink.paste(_INK, spot, worn)
