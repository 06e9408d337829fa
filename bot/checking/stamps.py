"""Rubber stamps among the ink: a closed rim, round or square, or rows of small letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking import Answer
from bot.checking.ink import Marks, area_of, disc, without_crumbs
from bot.checking.template import FINE, Mask
from bot.letters.sheet import Box

CORE = 11.0  # mm: strokes that stick out of a filled rim are thinner
SMALLEST = 350.0  # mm2 of a stamp
LARGE = 400.0  # mm2 of something round or square that nobody writes
ROUND_THE_BOX = 9.0  # mm in which a stamp that belongs to its box may lie
SOME = 14.0  # mm2 of ink in the box, and no stamp: a person looks


@dataclass(frozen=True)
class Stamp:
    """Something stamp-like anywhere among the marks."""

    hull: Mask  # filled, as large as the marks
    sure: bool
    regular: float  # how much it is like an ellipse or a rectangle
    rim: float  # part of that shape's outline that has ink
    letters: int
    ink: float  # mm2
    size: float  # mm2


def stamps(marks: Marks) -> list[Stamp]:
    """Every stamp among the marks."""
    ink = marks.faint
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, disc(3.0))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number in range(1, count):
        x, y, wide, high, _ = (int(value) for value in stats[number])
        if min(wide, high) < 7 * FINE or max(wide, high) < 14 * FINE:
            continue
        room = round(2 * FINE)
        part = (slice(max(0, y - room), y + high + room), slice(max(0, x - room), x + wide + room))
        group = (labels[part] == number).astype(np.uint8)
        if one := _as_stamp(group & ink[part], group, marks, part):
            found.append(one)
    return found


def _as_stamp(ink: Mask, joined: Mask, marks: Marks, part: tuple[slice, slice]) -> Stamp | None:
    whole = filled(joined)
    core = _largest(cv2.morphologyEx(whole, cv2.MORPH_OPEN, disc(CORE)))
    if core is None or area_of(core) < SMALLEST * 0.4:
        return None
    outline = max(cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=cv2.contourArea)
    regular, rim = max(_fit(core, ink, shape) for shape in _shapes(outline))
    letters = letters_in(marks.ink[part] & joined)
    size, inked = area_of(core), area_of(ink & core)
    shaped = regular > 0.86 and rim > 0.6 and size > SMALLEST
    lettered = letters >= 10 and size > 150
    perhaps = regular > 0.8 and rim > 0.4 and size > LARGE
    if not (shaped or lettered or perhaps):
        return None
    hull = np.zeros(marks.dark.shape, np.uint8)
    cv2.fillConvexPoly(hull[part], cv2.convexHull(outline), 1)
    sure = (shaped and inked > 30) or letters >= 14
    return Stamp(cv2.dilate(hull, disc(1.6)), bool(sure), regular, rim, letters, inked, size)


def filled(mask: Mask) -> Mask:
    """With its holes."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros_like(mask)
    cv2.drawContours(whole, outlines, -1, 1, -1)
    return whole


def _largest(mask: Mask) -> Mask | None:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return None
    return np.asarray(labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])), np.uint8)


def _shapes(outline: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The rectangle and the ellipse that fit best."""
    yield cv2.boxPoints(cv2.minAreaRect(outline)).astype(np.int32)
    hull = cv2.convexHull(outline)
    if len(hull) >= 5:
        (x, y), (a, b), turn = cv2.fitEllipse(hull)
        axes = max(1, round(a / 2)), max(1, round(b / 2))
        yield np.asarray(cv2.ellipse2Poly((round(x), round(y)), axes, round(turn), 0, 360, 6), np.int32)


def _fit(core: Mask, ink: Mask, shape: NDArray[Any]) -> tuple[float, float]:
    """Shared area by area of both, and how much of the shape's outline has ink near."""
    other, line = np.zeros_like(core), np.zeros_like(core)
    cv2.fillPoly(other, [shape], 1)
    cv2.polylines(line, [shape], True, 1, 1)
    near = cv2.dilate(ink, disc(1.2))
    alike = area_of(core & other) / max(1e-6, area_of(core | other))
    return alike, area_of(line & near) / max(1e-6, area_of(line))


def letters_in(ink: Mask) -> int:
    """Small bits of one height that have others near them, as stamped or printed letters do."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(without_crumbs(ink, 0.3), connectivity=8)
    wide, high = stats[1:, cv2.CC_STAT_WIDTH] / FINE, stats[1:, cv2.CC_STAT_HEIGHT] / FINE
    small = (high > 1.2) & (high < 5.0) & (wide > 0.4) & (wide < 6.0)
    places = centres[1:][small] / FINE
    if len(places) < 4:
        return len(places)
    near = np.hypot(places[:, None, 0] - places[:, 0], places[:, None, 1] - places[:, 1]) < 10
    return int((near.sum(1) > 3).sum())


def stamped(marks: Marks, seen: Sequence[Stamp], box: Box) -> Answer:
    """Whether the box is stamped."""
    rows, columns = marks.part(box, ROUND_THE_BOX)
    here = [one for one in seen if area_of(one.hull[rows, columns]) > 0.45 * area_of(one.hull)]
    if here:
        return Answer.YES if any(one.sure for one in here) else Answer.UNSURE
    if seen:  # somewhere else on the page
        return Answer.UNSURE
    return Answer.NO if area_of(marks.faint[rows, columns]) < SOME else Answer.UNSURE
