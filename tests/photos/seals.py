"""Stamps that only the set "unseen" has: chops, seals, postmarks, forms to fill in, drawings with a name below."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.photos.shapes import Font, Mark, Shape, along, lay, line_of

FONTS: tuple[Font, ...] = ("noto italic", "noto narrow", "noto light", "noto thin", "noto black")
_NAMES = (
    "Karibu Foods PLC",
    "ORION TEXTILES",
    "Lotus Pharmacy Pte. Ltd.",
    "CEDAR BANK S.A.",
    "Maple Travel",
    "HARBOUR CLINIC",
)
_NOTES = ("Certified true copy", "No. 004817", "For Director", "Legal Dept.", "Tel. 0791 22 45", "COPY", "Checked by")


def _name(chance: np.random.Generator) -> str:
    return str(chance.choice(_NAMES))


def _note(chance: np.random.Generator) -> str:
    return str(chance.choice(_NOTES))


def _lines(
    mark: Mark, lines: Sequence[Sequence[tuple[float, float]]], px: float, thick: float, shut: bool = False
) -> None:
    """Lines through points in mm."""
    for line in lines:
        points = (np.array(line) * px).astype(np.int32)
        cv2.polylines(mark, [points], shut, 255, max(1, round(thick * px)), cv2.LINE_AA)


def _arc(x: float, y: float, far: float, start: float, end: float) -> list[tuple[float, float]]:
    turns = np.radians(np.linspace(start, end, 72))
    return [(x + far * float(np.cos(turn)), y + far * float(np.sin(turn))) for turn in turns]


def chop(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A square seal of two or four signs made of many strokes; the strokes or the ground are inked."""
    side, count = chance.uniform(16, 26), int(chance.integers(1, 3))
    mark = np.zeros((int(side * px), int(side * px)), np.uint8)
    cell, room = (side - 4) / 2, 1.0
    for row in range(2):
        for column in range(count):
            wide = cell if count == 2 else 2 * cell
            x, y = 2 + column * wide + room, 2 + row * cell + room
            for _ in range(int(chance.integers(5, 9))):
                a, b = np.sort(chance.uniform(0, 1, 2))
                at = float(chance.choice([0.05, 0.3, 0.5, 0.7, 0.95]))
                right, low = wide - 2 * room, cell - 2 * room
                if chance.random() < 0.55:
                    line = [(x + a * 0.5 * right, y + at * low), (x + (0.5 + 0.5 * b) * right, y + (at - 0.05) * low)]
                else:
                    line = [(x + at * right, y + a * 0.5 * low), (x + (at - 0.1) * right, y + (0.5 + 0.5 * b) * low)]
                _lines(mark, [line], px, chance.uniform(0.5, 0.8))
    _lines(mark, [[(0.7, 0.7), (side - 0.7, 0.7), (side - 0.7, side - 0.7), (0.7, side - 0.7)]], px, 0.9, True)
    return np.asarray(255 - mark, np.uint8) if chance.random() < 0.3 else mark


def star_seal(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A ring, a name along it, a large star, a row below."""
    side = int(chance.uniform(36, 44) * px)
    mark, middle = np.zeros((side, side), np.uint8), side / px / 2
    _lines(mark, [_arc(middle, middle, middle - 1.2, 0, 360)], px, chance.uniform(0.7, 1.2))
    along(mark, _name(chance), font, px, side * 0.43, chance.uniform(200, 260))
    far = [(middle * (0.3 if n % 2 == 0 else 0.12), np.pi * n / 5 - np.pi / 2) for n in range(10)]
    star = np.array([(middle + r * np.cos(a), middle + r * np.sin(a)) for r, a in far]) * px
    cv2.fillPoly(mark, [star.astype(np.int32)], 255, cv2.LINE_AA)
    lay(mark, line_of(_note(chance), font, 2.6, px), side * 0.72, side * 0.6)
    return mark


def pill(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """One or two rows between two straight lines that half circles join."""
    wide, high = chance.uniform(36, 52), chance.uniform(10, 17)
    mark, r = np.zeros((int(high * px), int(wide * px)), np.uint8), high / 2 - 0.8
    rim = [*_arc(high / 2, high / 2, r, 90, 270), *_arc(wide - high / 2, high / 2, r, -90, 90)]
    _lines(mark, [rim], px, chance.uniform(0.4, 0.9), True)
    rows = [_name(chance)] if high < 13 else [_name(chance), _note(chance)]
    for row, text in enumerate(rows):
        lay(
            mark,
            line_of(text, font, 3.0, px),
            (high / 2 + (row - (len(rows) - 1) / 2) * 4.6) * px,
            (wide - high * 0.6) * px,
        )
    return mark


def ticket(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A frame whose corners are bitten off, with three rows or one large word in it."""
    wide, high, bite = chance.uniform(38, 54), chance.uniform(16, 24), chance.uniform(2.5, 4)
    mark = np.zeros((int(high * px), int(wide * px)), np.uint8)
    corners = (
        (0.6, 0.6, 90, 0),
        (wide - 0.6, 0.6, 180, 90),
        (wide - 0.6, high - 0.6, 270, 180),
        (0.6, high - 0.6, 360, 270),
    )
    _lines(mark, [[at for x, y, start, end in corners for at in _arc(x, y, bite, start, end)]], px, 0.6, True)
    if chance.random() < 0.5:
        lay(
            mark,
            line_of(str(chance.choice(["PAID", "ORIGINAL", "VOID"])), font, high * 0.4, px),
            high * px / 2,
            wide * 0.8 * px,
        )
    else:
        for row in range(3):
            lay(mark, line_of(_note(chance), font, 2.5, px), high * (0.25 + 0.25 * row) * px, wide * 0.8 * px)
    return mark


def form(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Small squares to tick and rules to write on, with a word before each; no rim."""
    wide, rows = chance.uniform(36, 54), int(chance.integers(2, 5))
    mark = np.zeros((int(rows * 6 * px), int(wide * px)), np.uint8)
    for row in range(rows):
        y, text = row * 6 + 1.0, line_of(_note(chance), font, 2.4, px)
        text = text[:, : int(wide * 0.5 * px)]
        if chance.random() < 0.5:
            _lines(mark, [[(0.5, y), (3.6, y), (3.6, y + 3.1), (0.5, y + 3.1)]], px, 0.35, True)
        top, left = int(y * px), int(5 * px)
        part = mark[top : top + text.shape[0], left : left + text.shape[1]]
        part[:] = np.maximum(part, text[: part.shape[0], : part.shape[1]])
        _lines(mark, [[(5.8 + text.shape[1] / px, y + 3.6), (wide - 0.5, y + 3.6)]], px, 0.35)
    return mark


def postmark(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Two rings with a date between two bars, straight or waved lines running out of them."""
    side, tail = chance.uniform(24, 30), chance.uniform(14, 28)
    mark, middle = np.zeros((int(side * px), int((side + tail) * px)), np.uint8), side / 2
    for far in (middle - 0.8, middle * 0.66):
        _lines(mark, [_arc(middle, middle, far, 0, 360)], px, 0.5)
    square = np.zeros((int(side * px), int(side * px)), np.uint8)
    along(square, _name(chance)[:14], font, px, side * 0.47 * px, 170)
    lay(
        square,
        line_of(f"{int(chance.integers(1, 29))}.11.26-{int(chance.integers(8, 19))}", font, 3.0, px),
        middle * px,
        side * 0.85 * px,
    )
    mark[:, : square.shape[1]] = np.maximum(mark[:, : square.shape[1]], square)
    waved = chance.uniform(0.8, 1.6) if chance.random() < 0.5 else 0.0
    for y in np.linspace(side * 0.2, side * 0.8, int(chance.integers(4, 7))):
        xs = np.linspace(side - 0.5, side + tail - 1, 60)
        _lines(mark, [list(zip(xs, y + waved * np.sin(xs / 1.6), strict=True))], px, 0.6)
    return mark


def shield(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Arms with a bar across, a name below."""
    wide = chance.uniform(16, 24)
    high, total = wide * 1.15, chance.uniform(34, 46)
    mark, left = np.zeros((int((high + 7) * px), int(total * px)), np.uint8), (total - wide) / 2
    side = [(1, 1), (1, 0.6), (0.85, 0.82), (0.5, 1.0)]
    rim = [(left + wide * x, 0.8 + (high - 1.6) * (y if n else 0)) for n, (x, y) in enumerate(side)]
    rim += [(2 * left + wide - x, y) for x, y in reversed(rim[:-1])]
    _lines(mark, [rim], px, 0.6, True)
    _lines(
        mark,
        [[(left, high * 0.25), (left + wide, high * 0.6)], [(left, high * 0.4), (left + wide, high * 0.75)]],
        px,
        0.5,
    )
    lay(mark, line_of(_name(chance), font, 2.8, px), (high + 4) * px, total * px)
    return mark


def gear(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A toothed wheel with large letters in it, a row beside it."""
    side, beside = chance.uniform(18, 26), line_of(_name(chance), font, 3.0, px)
    mark = np.zeros((int(side * px), int(side * px) + beside.shape[1] + int(2 * px)), np.uint8)
    turn, teeth = np.linspace(0, 2 * np.pi, 400), int(chance.integers(9, 15))
    far = side * (0.43 + 0.045 * np.sign(np.sin(turn * teeth)))
    _lines(mark, [list(zip(side / 2 + far * np.cos(turn), side / 2 + far * np.sin(turn), strict=True))], px, 0.5, True)
    wheel = mark[:, : int(side * px)].copy()
    lay(wheel, line_of(str(chance.choice(["KF", "OT", "HC&S"])), font, side * 0.26, px), side / 2 * px, side * 0.6 * px)
    mark[:, : wheel.shape[1]] = wheel
    top = int(side * px / 2) - beside.shape[0] // 2
    mark[top : top + beside.shape[0], mark.shape[1] - beside.shape[1] :] = beside[: mark.shape[0] - top]
    return mark


def drawing(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """Hills, waves or a leaf in a few bent lines, a name below; no rim."""
    wide, high = chance.uniform(30, 46), chance.uniform(10, 16)
    mark = np.zeros((int((high + 7) * px), int(wide * px)), np.uint8)
    what, thick, xs = int(chance.integers(3)), chance.uniform(0.5, 1.1), np.linspace(wide * 0.15, wide * 0.85, 90)
    if what == 0:
        for shift in (0.0, 0.25):
            ys = high - high * 0.8 * np.exp(-(((xs / wide - 0.4 - shift) / 0.13) ** 2)) * (1 - shift)
            _lines(mark, [list(zip(xs, ys, strict=True))], px, thick)
    elif what == 1:
        for row in range(3):
            ys = high * (0.3 + 0.25 * row) + 1.4 * np.sin(2 * np.pi * xs / wide * 3 + row)
            _lines(mark, [list(zip(xs, ys, strict=True))], px, thick)
    else:
        bent = high * 0.4 * np.sin(np.pi * (xs - xs[0]) / (xs[-1] - xs[0]))
        for way in (1.0, -1.0, 0.0):
            _lines(mark, [list(zip(xs, high / 2 + way * bent, strict=True))], px, thick)
    lay(mark, line_of(_name(chance), font, 3.0, px), (high + 3.5) * px, wide * px)
    return mark


def banner(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A ribbon with swallow tails and a word on it."""
    wide, high, tail = chance.uniform(40, 54), chance.uniform(9, 13), chance.uniform(5, 8)
    mark, low = np.zeros((int((high + 4) * px), int(wide * px)), np.uint8), high + 0.5
    _lines(mark, [[(tail, 0.5), (wide - tail, 0.5), (wide - tail, low), (tail, low)]], px, 0.5, True)
    for way in (1, -1):
        end = [(tail, 3.5), (0.5, 3.5), (3, (high + 7) / 2), (0.5, high + 3.5), (tail + 3, high + 3.5), (tail + 3, low)]
        _lines(mark, [[(x if way > 0 else wide - x, y) for x, y in end]], px, 0.5)
    lay(mark, line_of(_name(chance), font, high * 0.32, px), low / 2 * px, (wide - 2 * tail - 2) * px)
    return mark


def large_word(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """One word as high as a signature, perhaps with a line or two under it."""
    line = line_of(
        str(chance.choice(["Approved", "PAID", "Copy", "CONFIRMED", "Seen", "ok"])), font, chance.uniform(5.5, 9.5), px
    )
    mark = cv2.copyMakeBorder(line, 0, int(4 * px), 0, 0, cv2.BORDER_CONSTANT, value=0)
    for row in range(int(chance.integers(0, 3))):
        y = line.shape[0] / px + 0.6 + 1.4 * row
        _lines(mark, [[(0.5, y), (mark.shape[1] / px - 0.5, y)]], px, 0.5)
    return mark


def numbered(font: Font, px: float, chance: np.random.Generator) -> Mark:
    """A running number, large, in a row of dots or bars; perhaps the bars of a code below."""
    digits = line_of("".join(str(int(chance.integers(10))) for _ in range(6)), font, chance.uniform(4.0, 5.5), px)
    mark = cv2.copyMakeBorder(digits, *[int(4 * px)] * 4, cv2.BORDER_CONSTANT, value=0)
    high, wide = mark.shape
    step = max(3, round(chance.uniform(1.4, 2.4) * px))
    for x in range(int(px), wide - int(px), step):
        for y in (int(1.2 * px), high - int(1.2 * px)):
            cv2.circle(mark, (x, y), max(1, round(0.35 * px)), 255, -1, cv2.LINE_AA)
    if chance.random() < 0.4:
        for x in range(int(4 * px), wide - int(4 * px), max(2, round(0.9 * px))):
            mark[high - int(3.6 * px) : high - int(1.9 * px), x : x + int(chance.integers(1, 4))] = 255
    return mark


SHAPES: dict[str, Shape] = {
    "chop": chop, "star seal": star_seal, "pill": pill, "ticket": ticket, "form": form, "postmark": postmark,
    "shield": shield, "gear": gear, "drawing": drawing, "banner": banner, "large word": large_word, "numbered": numbered,
}  # fmt: skip


def inked(size: tuple[int, int], chance: np.random.Generator) -> NDArray[np.float32]:
    """How much of the ink each place took: evenly, from a pad in the stamp; or more on the side that was pressed."""
    even = np.full(size, chance.uniform(0.75, 1.0), np.float32)
    if chance.random() < 0.4:
        return even
    way, strong = chance.uniform(0, 2 * np.pi), chance.uniform(0.1, 0.5)
    ys, xs = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j].astype(np.float32)
    spots = cv2.resize(chance.random((60, 60), np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
    slope = 1 - strong * (0.5 + 0.5 * (xs * np.cos(way) + ys * np.sin(way)))
    return np.asarray(np.clip(even * slope * (1 - 0.35 * spots), 0.1, 1), np.float32)
