"""Whether the printed words are still those that we printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking.aligned import peak
from bot.checking.flat import SOFT, Flat
from bot.checking.template import FINE, Grey, Template
from bot.letters.sheet import Box

PIECE = 7.0  # mm of a line that are compared at once
REACH, FAR = 3, 12  # pixels that a piece may lie off
DOUBTFUL = 0.4  # from here on a piece is looked for further off
LETTER = (8, 10)  # pixels: about one letter
TALLEST = 26  # pixels of a piece; what is taller is compared in parts
SHADE = 2.5  # mm, sigma: what changes no faster is light
LEAST_UNLIKE, MOST_UNLIKE = 0.27, 0.9  # from here it may, or must, be another letter
OUTSTANDING = 5.0  # times what is usual in this photo
STRANGE = 5.0  # mm2
ANOTHER = 0.55  # of a letter's ink that differs: another letter


@dataclass(frozen=True, slots=True)
class Change:
    unlike: float  # 1 and more: another letter
    box: Box  # mm


def altered(flat: Flat) -> list[Box]:
    """Where a word or a figure is another than we printed, or where somebody wrote among our words (mm)."""
    told = changes(flat)
    if not told:
        return []
    usual = float(np.percentile([change.unlike for change in told], 90))
    limit = min(max(OUTSTANDING * usual, LEAST_UNLIKE), MOST_UNLIKE)
    return [change.box for change in told if change.unlike > limit] + strange_ink(flat)


def strange_ink(flat: Flat) -> list[Box]:
    """Places with ink of more than STRANGE mm2 where nobody but us should leave any."""
    template = flat.template
    room = 2 * round((1.0 + flat.blur) * FINE) + 1
    own = cv2.dilate((template.fine < 0.93).astype(np.uint8), np.ones((room, room), np.uint8)).astype(bool)
    soft = cv2.GaussianBlur(flat.grey, (0, 0), 0.25 * FINE)
    dark = soft < _shade(soft) - max(0.1, 5 * flat.noise)
    dark &= soft < 1 - max(0.15, 6 * flat.noise)
    ink = (dark & template.quiet & ~own).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return [
        (float(x) / FINE, float(y) / FINE, float(x + wide) / FINE, float(y + high) / FINE)
        for x, y, wide, high, area in stats[1:] if area > STRANGE * FINE**2
    ]  # fmt: skip


def _shade(grey: Grey) -> Grey:
    """What changes no faster than light: worked out on a small picture."""
    small = cv2.resize(grey, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), SHADE)
    return cv2.resize(soft, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def changes(flat: Flat) -> list[Change]:
    """How unlike each piece of a printed line is, after it was moved to where it fits best."""
    wanted = 1 - flat.print_as_blurred * flat.depth
    grey = cv2.GaussianBlur(flat.grey, (0, 0), SOFT * FINE)  # phones sharpen: halos are no letters
    floor = LETTER[0] * LETTER[1] * (2 * flat.noise) ** 2 + 0.2
    told = []
    for top, bottom, left, right in pieces(flat.template):
        piece = wanted[top:bottom, left:right]
        unlike, at = _unlike(1 - _moved(_around(grey, top, bottom, left, right, REACH), piece), 1 - piece, floor)
        if unlike > DOUBTFUL:  # a corner that curls may lie further off: what is found there as it should be is ours
            again = _unlike(1 - _moved(_around(grey, top, bottom, left, right, FAR), piece), 1 - piece, floor)
            unlike, at = min((unlike, at), again)
        x0, y0 = left + at[0] - LETTER[0] / 2, top + at[1] - LETTER[1] / 2
        told.append(Change(unlike, (x0 / FINE, y0 / FINE, (x0 + LETTER[0]) / FINE, (y0 + LETTER[1]) / FINE)))
    return told


def _around(grey: Grey, top: int, bottom: int, left: int, right: int, reach: int) -> Grey:
    return grey[max(0, top - reach) : bottom + reach, max(0, left - reach) : right + reach]


def _moved(around: Grey, piece: Grey) -> Grey:
    """What is seen where the piece fits best, to a part of a pixel."""
    off = cv2.matchTemplate(around, piece, cv2.TM_SQDIFF)
    _, _, (x, y), _ = cv2.minMaxLoc(off)
    dx, dy = x + peak(-off[y], x), y + peak(-off[:, x], y)
    move = np.array([[1, 0, dx], [0, 1, dy]])
    return cv2.warpAffine(around, move, piece.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def pieces(template: Template) -> Iterator[tuple[int, int, int, int]]:
    """Top, bottom, left and right (pixels at FINE) of overlapping pieces of the lines of the body."""
    dark = (template.fine < 0.75) & template.body
    side = round(PIECE * FINE)
    for y0, y1 in _rows(np.asarray(dark.any(axis=1))):
        top, bottom = max(REACH, y0 - 2), min(dark.shape[0] - REACH, y1 + 3)
        columns = np.nonzero(dark[y0:y1].any(axis=0))[0]
        for left in range(max(REACH, int(columns[0])), int(columns[-1]), side // 2):
            right = min(left + side, int(columns[-1]) + 2, dark.shape[1] - REACH)
            if right - left >= 6 and np.count_nonzero(dark[y0:y1, left:right]) > 0.02 * (y1 - y0) * (right - left):
                yield top, bottom, left, right


def _rows(has_print: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """From and to of each line of print."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], has_print.astype(np.int8), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= 4:  # else a rule of a table
            for part in range(start, end, TALLEST):
                yield int(part), int(min(part + TALLEST, end))


def _unlike(seen: Grey, wanted: Grey, floor: float) -> tuple[float, tuple[int, int]]:
    """The largest letter-sized difference against what a letter is, and where."""
    gain = min(max(float(np.vdot(seen, wanted)) / max(1e-6, float(np.vdot(wanted, wanted))), 0.5), 1.6)
    ours = wanted * gain
    other = seen - ours
    high, wide = other.shape
    other -= _softly(high) @ other @ _softly(wide).T
    off = cv2.sqrBoxFilter(other, -1, LETTER, normalize=False, borderType=cv2.BORDER_CONSTANT)
    there = cv2.sqrBoxFilter(ours, -1, LETTER, normalize=False, borderType=cv2.BORDER_CONSTANT)
    _, most, _, at = cv2.minMaxLoc(off / np.maximum(there, floor + 0.35 * float(there.max())))
    return float(most) / ANOTHER, (at[0], at[1])


@lru_cache(64)
def _softly(length: int) -> NDArray[Any]:
    """Blurs by SHADE what is so many pixels long: of a piece so small this is quicker than a filter as wide as it."""
    return cv2.GaussianBlur(np.eye(length, dtype=np.float32), (1, 0), SHADE * FINE)
