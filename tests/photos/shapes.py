"""The rims and words of further rubber stamps: those of the set "tuning", and others that only "final" has."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mark = NDArray[np.uint8]
Font = int | str  # one of OpenCV's, "plain", or a "noto" of these weights and widths
_AXES = {  # weight, width
    "noto bold": (700, 100), "noto narrow": (800, 65), "noto light": (250, 95), "noto thin": (150, 75), "noto black": (900, 100),
}  # fmt: skip
Shape = Callable[[Font, float, np.random.Generator], Mark]

FONTS: dict[str, tuple[Font, ...]] = {
    "tuning": (
        cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX, "noto",
    ),
    "final": (
        cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_COMPLEX_SMALL | cv2.FONT_ITALIC,
        cv2.FONT_HERSHEY_DUPLEX | cv2.FONT_ITALIC, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, "noto bold", "plain",
    ),
}  # fmt: skip
_ROWS = {
    "tuning": ("FRESH BAKERY LTD", "Managing Director", "P.O. Box 4471", "PAID", "For and on behalf of", "REG. 123456"),
    "final": (
        "Silver Oak Motors Co., Ltd.", "APPROVED", "Authorised Signatory", "VAT 100 233 887 900", "Hafenstrasse 4",
        "DULY SIGNED", "TIN 0045-991",
    ),
    "letters": ("ООО СЕВЕР", "ДИРЕКТОР", "Ελληνική ΑΕ", "ПЕЧАТЬ"),
}  # fmt: skip


def words(font: Font, px: float, chance: np.random.Generator, rows: str = "tuning") -> Mark:
    """One to four rows without a rim, large or small."""
    size, count = chance.uniform(2.0, 4.4), int(chance.integers(1, 5))
    lines = [line_of(str(chance.choice(_ROWS[rows])), font, size, px) for _ in range(count)]
    gap = int(size * chance.uniform(0.5, 0.9) * px)
    mark = np.zeros((sum(line.shape[0] + gap for line in lines), max(line.shape[1] for line in lines)), np.uint8)
    y, middle = 0, chance.random() < 0.5
    for line in lines:
        x = (mark.shape[1] - line.shape[1]) // 2 if middle else 0
        mark[y : y + line.shape[0], x : x + line.shape[1]] = line
        y += line.shape[0] + gap
    return mark


def rimmed(corners: int, rims: int) -> Shape:
    """Rows of words in a rim of so many corners (0: oval), single or doubled."""

    def shape(font: Font, px: float, chance: np.random.Generator, rows: str = "tuning") -> Mark:
        wide = int(chance.uniform(32, 50) * px)
        high = int(wide * (chance.uniform(0.4, 0.6) if corners in (0, 4) else chance.uniform(0.75, 0.95)))
        mark, thick = np.zeros((high, wide), np.uint8), max(2, round(chance.uniform(0.4, 0.9) * px))
        for rim in range(rims):
            outline = _outline(corners, wide, high, (1 + rim * chance.uniform(1.3, 2.0)) * px)
            cv2.polylines(mark, [outline], True, 255, thick if rim == 0 else max(1, thick // 2), cv2.LINE_AA)
        count = int(chance.integers(1, 4))
        for row in range(count):
            line = line_of(str(chance.choice(_ROWS[rows])), font, chance.uniform(2.2, 3.2), px)
            y = high * (0.5 if corners != 3 else 0.7) + (row - (count - 1) / 2) * 4.4 * px
            lay(mark, line, y, (0.72 if corners != 3 else 0.5) * wide)
        return mark

    return shape


def date(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A large date between two rules, small words above and below."""
    wide, high = int(chance.uniform(34, 46) * px), int(chance.uniform(18, 26) * px)
    mark = np.zeros((high, wide), np.uint8)
    day = f"{int(chance.integers(1, 29)):02d} {chance.choice(['JAN', 'MAY', 'OCT'])} 2026"
    for text, at, size in (("RECEIVED", 0.15, 3.0), (day, 0.5, 4.2), ("Accounts Dept.", 0.85, 2.6)):
        lay(mark, line_of(text, font, size, px), high * at, wide * 0.95)
    for at in (0.3, 0.7):
        cv2.line(mark, (0, int(high * at)), (wide, int(high * at)), 255, max(1, round(0.4 * px)), cv2.LINE_AA)
    return mark


def arch(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Words on a half circle over a row, no rim."""
    side = int(chance.uniform(30, 42) * px)
    mark = np.zeros((side, side), np.uint8)
    along(mark, str(chance.choice(_ROWS["final"])), font, px, side * 0.42, chance.uniform(150, 200))
    lay(mark, line_of("SEAL", font, 3.6, px), side * 0.5, side * 0.6)
    return mark


def scalloped(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A seal with teeth or scallops, words on a ring, a star in its middle."""
    side = int(chance.uniform(32, 44) * px)
    mark = np.zeros((side, side), np.uint8)
    turn = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    far = side * (0.46 + 0.025 * np.sin(turn * int(chance.integers(16, 40))))
    rim = np.column_stack([side / 2 + far * np.cos(turn), side / 2 + far * np.sin(turn)]).astype(np.int32)
    cv2.polylines(mark, [rim], True, 255, max(2, round(0.5 * px)), cv2.LINE_AA)
    along(mark, str(chance.choice(_ROWS["final"])) + " *", font, px, side * 0.36, 345)
    points = [(side * (0.16 if n % 2 else 0.07), np.pi * n / 5) for n in range(10)]
    star = np.array([(side / 2 + r * np.sin(a), side / 2 + r * np.cos(a)) for r, a in points], np.int32)
    cv2.fillPoly(mark, [star], 255, cv2.LINE_AA)
    return mark


def wavy(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Cancelling waves beside a row of words, as on an envelope."""
    wide, high = int(chance.uniform(40, 52) * px), int(chance.uniform(14, 22) * px)
    mark = np.zeros((high, wide), np.uint8)
    xs = np.arange(0, wide)
    for row in range(int(chance.integers(3, 6))):
        ys = high * (row + 0.5) / 5 + 0.9 * px * np.sin(xs / px / chance.uniform(1.2, 2.2))
        line = np.column_stack([xs, ys])[: wide // 2].astype(np.int32)
        cv2.polylines(mark, [line], False, 255, max(1, round(0.45 * px)), cv2.LINE_AA)
    text = line_of(str(chance.choice(_ROWS["final"])), font, 3.2, px)
    text = cv2.resize(text, (wide // 2, text.shape[0])) if text.shape[1] > wide // 2 else text
    mark[high // 3 : high // 3 + text.shape[0], wide // 2 : wide // 2 + text.shape[1]] = text[: high - high // 3]
    return mark


def block(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A block of ink, its letters left white."""
    line = line_of(str(chance.choice(_ROWS["final"])), font, chance.uniform(3.0, 4.5), px)
    return np.asarray(255 - cv2.copyMakeBorder(line, *[round(1.6 * px)] * 4, cv2.BORDER_CONSTANT, value=0), np.uint8)


def broken(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Rows in a frame of which only the corners are there, and a line of dots to fill in."""
    mark = words(font, px, chance, "final")
    mark = cv2.copyMakeBorder(mark, *[round(3 * px)] * 4, cv2.BORDER_CONSTANT, value=0)
    high, wide, arm = *mark.shape, round(6 * px)
    for x, y, way_x, way_y in ((2, 2, 1, 1), (wide - 3, 2, -1, 1), (2, high - 3, 1, -1), (wide - 3, high - 3, -1, -1)):
        for end in ((x + arm * way_x, y), (x, y + arm * way_y)):
            cv2.line(mark, (x, y), end, 255, max(1, round(0.6 * px)), cv2.LINE_AA)
    for x in range(arm, wide - arm, max(2, round(1.2 * px))):
        cv2.circle(mark, (x, high - 4), max(1, round(0.25 * px)), 255, -1)
    return mark


def _of_final(shape: Callable[..., Mark], rows: str = "final") -> Shape:
    return lambda font, px, chance: shape("noto bold" if rows == "letters" else font, px, chance, rows)


SHAPES: dict[str, Shape] = {
    "words": words, "frame": rimmed(4, 1), "frames": rimmed(4, 2), "ovals": rimmed(0, 2), "rim": rimmed(0, 1),
    "triangle": rimmed(3, 1), "date": date,
    # of "final" alone
    "title": _of_final(words), "other letters": _of_final(words, "letters"), "six corners": _of_final(rimmed(6, 1)),
    "eight corners": _of_final(rimmed(8, 2)), "lozenge": _of_final(rimmed(-4, 1)), "arch": arch,
    "scalloped": scalloped, "wavy": wavy, "block": block, "broken": broken,
}  # fmt: skip


def _outline(corners: int, wide: int, high: int, room: float) -> NDArray[np.int32]:
    """Of an oval (0), a rectangle (4), a lozenge (-4), a triangle (3) or a shape of so many corners."""
    if corners == 4:
        low, right, bottom = int(room), int(wide - room), int(high - room)
        return np.array([(low, low), (right, low), (right, bottom), (low, bottom)], np.int32)
    turn = np.arange(abs(corners) or 72) * 2 * np.pi / (abs(corners) or 72) - (np.pi / 2 if corners in (3, -4) else 0)
    across, down = wide / 2 - room, high / 2 - room
    return np.column_stack([wide / 2 + across * np.cos(turn), high / 2 + down * np.sin(turn)]).astype(np.int32)


def lay(mark: Mark, line: Mark, y: float, most: float) -> None:
    """The row with its middle at `y`, made narrower where it is wider than `most`."""
    if line.shape[1] > most:
        line = cv2.resize(line, (int(most), max(2, round(line.shape[0] * max(0.6, most / line.shape[1])))))
    top, left = int(y - line.shape[0] / 2), (mark.shape[1] - line.shape[1]) // 2
    top = max(0, min(top, mark.shape[0] - line.shape[0]))
    part = mark[top : top + line.shape[0], left : left + line.shape[1]]
    np.maximum(part, line[: part.shape[0]], out=part)


def along(mark: Mark, text: str, font: Font, px: float, radius: float, degrees: float) -> None:
    """The words on an arc of so many degrees over the middle."""
    side = mark.shape[0]
    for place, letter in enumerate(text):
        tile, one = np.zeros_like(mark), line_of(letter, font, 2.8, px)
        top, left = round(side / 2 - radius), (side - one.shape[1]) // 2
        tile[top : top + one.shape[0], left : left + one.shape[1]] = one
        angle = degrees * (0.5 - place / max(1, len(text) - 1))
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), angle, 1)
        np.maximum(mark, cv2.warpAffine(tile, turn, (side, side)), out=mark)


def line_of(text: str, font: Font, size: float, px: float) -> Mark:
    """The words, capitals `size` mm high."""
    if isinstance(font, str):
        face = _face(font, round(size * px / 0.72))
        _, top, wide, bottom = face.getbbox(text or " ")
        image = Image.new("L", (int(wide) + 4, int(bottom - top) + 4))
        ImageDraw.Draw(image).text((2, 2 - top), text, 255, face)
        return np.asarray(image, np.uint8)
    (_, high), _ = cv2.getTextSize("H", font, 4.0, 1)
    scale, thick = 4.0 * size * px / high, max(1, round(px * size / 10))
    (wide, high), low = cv2.getTextSize(text, font, scale, thick)
    mark = np.zeros((high + low + 4, wide + 4), np.uint8)
    cv2.putText(mark, text, (2, high + 2), font, scale, 255, thick, cv2.LINE_AA)
    return mark


@lru_cache(200)
def _face(name: str, size: int) -> ImageFont.FreeTypeFont:
    if name == "plain":
        face = ImageFont.load_default(size)
        assert isinstance(face, ImageFont.FreeTypeFont)
        return face
    package = find_spec("fontpkg_noto_sans")
    assert package is not None and package.origin is not None
    file = "NotoSans-Italic[wdth,wght].ttf" if name == "noto italic" else "NotoSans[wdth,wght].ttf"
    face = ImageFont.truetype(str(Path(package.origin).parent / "files" / file), size)
    face.set_variation_by_axes(list(_AXES.get(name, (400, 100))))
    return face
