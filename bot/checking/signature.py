"""Whether a hand signed: the ink in the signature box that is no stamp, held against what writing is like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking import Answer
from bot.checking.ink import Marks, area_of, without_crumbs
from bot.checking.stamplike import OVER_THE_FRAME, like_a_stamp
from bot.checking.stamps import Stamp
from bot.checking.template import FINE, Mask
from bot.letters.sheet import Box

NEAR = 24.0  # mm: whoever misses the box signs below it or beside it
OTHER_COLOUR = 22.0  # in the a and b of LAB
PIECE = 3.0  # mm: smaller bits are no strokes
OF_STAMP = 15.0  # mm2 of stamp in the box: it is no stray bit of its rim


@dataclass(frozen=True, slots=True)
class Stroke:
    """The ink that may be a signature. Lengths in mm."""

    area: float = 0.0
    length: float = 0.0
    wide: float = 0.0
    high: float = 0.0
    span: float = 0.0  # inside the frame
    dark: float = 0.0  # light taken
    turns: float = 0.0  # half turns of the line: writing turns all the time

    @property
    def thick(self) -> float:
        """As seen, the photo's blur included."""
        return self.area / max(self.length, 1e-3)

    @property
    def is_writing(self) -> bool:
        """Long, wide, turning, dark, and as thick as a pen: no tick, smudge, rule, fold or rest of a stamp."""
        return (
            self.area >= 45 and self.length >= 62 and self.span >= 22 and 6 <= self.high <= 24
            and self.turns >= 8 and self.dark >= 0.18 and 0.6 <= self.thick <= 2.6
            and not (self.length > 84 and self.area < 60)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in and near the signature box."""

    inside: Stroke
    near: Stroke  # in and up to NEAR round it
    of_stamp: float = 0.0  # mm2 in the box that belong to a stamp
    like_a_stamp: bool = False  # something in it may be one


def looked_at(marks: Marks, box: Box, seen: Sequence[Stamp]) -> Seen:
    """The ink in the box and round it that is no stamp."""
    rows, columns = marks.part(box, OVER_THE_FRAME)
    ink = marks.ink.copy()
    of_stamp = 0.0
    for one in seen:
        under = (one.hull > 0) & (ink > 0)
        of_stamp += area_of(under[rows, columns].astype(np.uint8))
        ink[under & ~_of_another_colour(marks, one)] = 0
    near = marks.part(box, NEAR)
    inside = _stroke(marks, ink, (rows, columns), OVER_THE_FRAME)
    return Seen(inside, _stroke(marks, ink, near, NEAR), of_stamp, inside.is_writing and like_a_stamp(marks, box))


def _stroke(marks: Marks, ink: Mask, part: tuple[slice, slice], room: float) -> Stroke:
    here = _pieces(without_crumbs(ink[part]))
    if not here.any():
        return Stroke()
    ys, xs = np.nonzero(here)
    edge = round(room * FINE) if room == OVER_THE_FRAME else 0
    inner = np.nonzero(here[edge : here.shape[0] - edge, edge : here.shape[1] - edge].any(axis=0))[0]
    outlines, _ = cv2.findContours(here, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return Stroke(
        area=area_of(here), length=sum(cv2.arcLength(line, True) for line in outlines) / 2 / FINE,
        wide=float(np.ptp(xs)) / FINE, high=float(np.ptp(ys)) / FINE,
        span=float(np.ptp(inner)) / FINE if len(inner) else 0.0,
        dark=float(np.median(marks.dark[part][here > 0])), turns=_turns(outlines),
    )  # fmt: skip


def signed(seen: Seen) -> Answer:
    """A wrong yes is worse than ten unsures."""
    inside, near = seen.inside, seen.near
    if inside.is_writing:  # what is left of a stamp looks like writing at times, so with one there a person looks
        return Answer.YES if seen.of_stamp < OF_STAMP and not seen.like_a_stamp else Answer.UNSURE
    if inside.length < 7 or inside.area < 2.0:  # nothing; but perhaps somebody signed beside it, or through a stamp
        return Answer.NO if seen.of_stamp < OF_STAMP and near.length < 25 else Answer.UNSURE
    return Answer.UNSURE


def _pieces(ink: Mask) -> Mask:
    """Without what is too short for a stroke."""
    joined = cv2.dilate(ink, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= PIECE * FINE
    long[0] = False
    return np.asarray(long[labels] & (ink > 0), np.uint8)


def _turns(outlines: Sequence[NDArray[Any]]) -> float:
    """How often the lines turn round, in half turns. An outline runs along both sides of its stroke."""
    total, step = 0.0, max(3, round(1.2 * FINE))
    for outline in outlines:
        if len(outline) >= 20:
            points = outline[:, 0].astype(np.float64)
            ways = (np.roll(points, -step, 0) - points)[::step]
            angle = np.arctan2(ways[:, 1], ways[:, 0])
            total += float(np.abs(np.angle(np.exp(1j * np.diff(angle)))).sum()) / np.pi
    return total


def _of_another_colour(marks: Marks, stamp: Stamp) -> NDArray[Any]:
    """Where the ink is plainly not the stamp's."""
    lab = cv2.cvtColor(np.clip(marks.even, 0, 1), cv2.COLOR_RGB2LAB)
    own = lab[(stamp.hull > 0) & (marks.ink > 0)]
    if not len(own):
        return np.zeros(marks.dark.shape, bool)
    middle = np.median(own, axis=0)
    return np.asarray(np.hypot(lab[..., 1] - middle[1], lab[..., 2] - middle[2]) > OTHER_COLOUR)
