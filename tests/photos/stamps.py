"""Rubber stamps: round, oval, square, of words alone, dated; inked well or badly."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.photos import seals, shapes
from tests.photos.hands import Paper

COLOURS = {
    "tuning": ((0.15, 0.20, 0.60), (0.70, 0.12, 0.18), (0.12, 0.12, 0.14)),
    "report": ((0.40, 0.15, 0.55), (0.75, 0.20, 0.12), (0.10, 0.35, 0.62), (0.10, 0.45, 0.30)),
    "unseen": ((0.85, 0.15, 0.12), (0.10, 0.12, 0.45), (0.02, 0.30, 0.22), (0.45, 0.22, 0.10), (0.30, 0.33, 0.40)),
    "final": ((0.20, 0.10, 0.35), (0.62, 0.10, 0.35), (0.08, 0.20, 0.42), (0.05, 0.40, 0.42), (0.2, 0.2, 0.2)),
}
SHAPES = {
    "tuning": ("round", "box", "oval", "words", "frame", "frames", "ovals", "rim", "triangle", "date"),
    "report": ("double", "plain", "dated", "round"),
    "final": (
        "title", "other letters", "six corners", "eight corners", "lozenge", "arch", "scalloped", "wavy", "block",
        "broken",
    ),
    "unseen": tuple(seals.SHAPES),
}  # fmt: skip
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX)
_WORDS = ("FRESH BAKERY LTD * REGISTERED * ", "ACME TRADING CO * LAGOS * ", "SUNRISE GMBH * KOELN * SEAL * ")
Mark = NDArray[np.uint8]


def stamp(
    paper: Paper, centre: tuple[float, float], kind: str, chance: np.random.Generator, faint: float = 0.0,
    colour: tuple[float, float, float] | None = None,
) -> None:  # fmt: skip
    """A stamp of that set with its middle at `centre` (mm); `faint` is the part of the ink that is missing."""
    px = paper.px
    shape = str(chance.choice(SHAPES[kind]))
    colours = COLOURS[kind]
    colour = colour or colours[int(chance.integers(len(colours)))]
    if shape in seals.SHAPES:
        mark = seals.SHAPES[shape](seals.FONTS[int(chance.integers(len(seals.FONTS)))], px, chance)
    elif shape in shapes.SHAPES:
        fonts = shapes.FONTS[kind]
        mark = shapes.SHAPES[shape](fonts[int(chance.integers(len(fonts)))], px, chance)
    else:
        font = FONTS[int(chance.integers(len(FONTS)))]
        shaped = _round if shape in ("round", "double", "oval") else _square
        mark = shaped(shape, font, px, chance)
    mark = _turned(mark, float(chance.normal(0, 9)))
    soft = cv2.GaussianBlur(mark, (0, 0), 0.10 * px).astype(np.float32) / 255
    took = (seals.inked if shape in seals.SHAPES else _inked)(soft.shape, chance) * (1 - faint)
    at = int(centre[0] * px - soft.shape[1] / 2), int(centre[1] * px - soft.shape[0] / 2)
    paper.put(soft * took, colour, at)


def _inked(size: tuple[int, int], chance: np.random.Generator) -> NDArray[np.float32]:
    """How much of the ink each place took: worn here and there."""
    worn = cv2.resize(chance.random((24, 24), np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(chance.random((140, 140), np.float32), size[::-1])
    return np.asarray(np.clip(1.15 - 0.5 * worn - 0.35 * fine, 0.1, 1), np.float32)


def embossed(paper: Paper, centre: tuple[float, float], chance: np.random.Generator) -> None:
    """A dry seal: pressed into the paper, seen only by its shades."""
    px = paper.px
    mark = _round("double", FONTS[0], px, chance)
    soft = cv2.GaussianBlur(mark, (0, 0), 0.15 * px).astype(np.float32) / 255
    shade = np.clip(soft - np.roll(soft, (int(0.3 * px), int(0.3 * px)), (0, 1)), 0, 1)
    at = int(centre[0] * px - soft.shape[1] / 2), int(centre[1] * px - soft.shape[0] / 2)
    paper.put(shade * 0.22, (0.3, 0.3, 0.3), at)


def _round(shape: str, font: int, px: float, chance: np.random.Generator) -> Mark:
    side = int(chance.uniform(30, 42) * px)
    mark = np.zeros((side, side), np.uint8)
    thick = max(2, int(chance.uniform(0.5, 1.0) * px))
    cv2.circle(mark, (side // 2, side // 2), side // 2 - thick - 1, 255, thick, cv2.LINE_AA)
    if shape == "double" or chance.random() < 0.6:
        cv2.circle(mark, (side // 2, side // 2), int(side * 0.30), 255, max(1, thick // 2), cv2.LINE_AA)
    _ring_of_words(mark, str(chance.choice(_WORDS)), side * 0.385, 2.9 * px, font)
    for row, text in enumerate(("COMPANY", "SEAL")[: int(chance.integers(1, 3))]):
        scale = 3.0 * px / 22
        (w, h), _ = cv2.getTextSize(text, font, scale, max(1, round(px * 0.3)))
        at = (side // 2 - w // 2, side // 2 + int((row * 1.8 - 0.2) * h))
        cv2.putText(mark, text, at, font, scale, 255, max(1, round(px * 0.3)), cv2.LINE_AA)
    return cv2.resize(mark, (side, int(side * 0.68))) if shape == "oval" else mark


def _ring_of_words(mark: Mark, words: str, radius: float, size: float, font: int) -> None:
    side = mark.shape[0]
    scale, thick = size / 22, max(1, round(size / 9))
    for place, letter in enumerate(words):
        tile = np.zeros_like(mark)
        (w, h), _ = cv2.getTextSize(letter, font, scale, thick)
        cv2.putText(
            tile, letter, (int(side / 2 - w / 2), int(side / 2 - radius + h / 2)), font, scale, 255, thick, cv2.LINE_AA
        )
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), -360 * place / len(words), 1)
        np.maximum(mark, cv2.warpAffine(tile, turn, (side, side)), out=mark)


def _square(shape: str, font: int, px: float, chance: np.random.Generator) -> Mark:
    wide, high = int(chance.uniform(38, 48) * px), int(chance.uniform(17, 26) * px)
    mark = np.zeros((high, wide), np.uint8)
    if shape in ("box", "dated"):
        cv2.rectangle(
            mark, (int(px), int(px)), (wide - int(px), high - int(px)), 255, max(2, int(0.6 * px)), cv2.LINE_AA
        )
    rows = (
        ("RECEIVED", "14 NOV 2026", "ACME TRADING")
        if shape == "dated"
        else ("FRESH BAKERY LTD", "12 MILL LANE", "REG. NO 123456")
    )
    thick = max(1, round(px * 0.3))
    for row, text in enumerate(rows):
        scale = chance.uniform(2.6, 3.2) * px / 22
        (w, _), _ = cv2.getTextSize(text, font, scale, thick)
        scale *= min(1.0, (wide - 5 * px) / max(w, 1))
        (w, _), _ = cv2.getTextSize(text, font, scale, thick)
        y = int(high * (row + 0.75) / (len(rows) + 0.35))
        cv2.putText(mark, text, ((wide - w) // 2, y), font, scale, 255, thick, cv2.LINE_AA)
    return mark


def _turned(mark: Mark, degrees: float) -> Mark:
    height, width = mark.shape
    side = int(np.hypot(height, width)) + 2
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = mark
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), degrees, 1)
    return cv2.warpAffine(square, turn, (side, side), flags=cv2.INTER_LINEAR)
