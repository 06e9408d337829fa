"""Whether a hand signed: the ink in the signature box, held against what writing is like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from bot.checking import Answer
from bot.checking.ink import Marks, area_of, without_crumbs
from bot.checking.stamplike import OF_STAMP, OVER_THE_FRAME, strokes_wanted
from bot.checking.stamps import Stamp
from bot.checking.strokes import strokes
from bot.checking.template import FINE, Mask
from bot.letters.sheet import Box

NEAR = 24.0  # mm: whoever misses the box signs below it or beside it
PIECE = 3.0  # mm: smaller bits are no strokes


@dataclass(frozen=True, slots=True)
class Line:
    """Ink that may have been drawn. Lengths in mm."""

    area: float = 0.0
    length: float = 0.0
    span: float = 0.0  # inside the frame
    dark: float = 0.0  # light taken

    @property
    def thick(self) -> float:
        """As seen, the photo's blur included."""
        return self.area / max(self.length, 1e-3)

    @property
    def is_writing(self) -> bool:
        """Long, wide, dark, and no thicker than a pen: neither initials nor a smudge, a band or a blot."""
        return self.length >= 62 and self.span >= 22 and self.dark >= 0.2 and self.thick <= 2.6


@dataclass(frozen=True, slots=True)
class Seen:
    """What is in and near the signature box."""

    inside: Line  # of no stamp that is known
    near: Line  # in and up to NEAR round it
    of_stamp: float = 0.0  # mm2 in the box that belong to a stamp
    by_a_hand: bool = False


def looked_at(marks: Marks, box: Box, seen: Sequence[Stamp]) -> Seen:
    """The ink in the box and round it. Large loops may be taken for a stamp, so a hand is looked for in all of it."""
    part = marks.part(box, OVER_THE_FRAME)
    stamped = np.zeros(marks.ink.shape, bool)
    for one in seen:
        stamped |= one.hull > 0
    rest = np.where(stamped, 0, marks.ink).astype(np.uint8)
    of_stamp = area_of(marks.ink[part]) - area_of(rest[part])
    by_a_hand = _line(marks, marks.ink, part, OVER_THE_FRAME).is_writing and (
        strokes(marks.ink[part]) >= strokes_wanted(marks, box, of_stamp)
    )
    near = _line(marks, rest, marks.part(box, NEAR))
    return Seen(_line(marks, rest, part, OVER_THE_FRAME), near, of_stamp, by_a_hand)


def _line(marks: Marks, ink: Mask, part: tuple[slice, slice], room: float = 0.0) -> Line:
    here = _pieces(without_crumbs(ink[part]))
    if not here.any():
        return Line()
    edge = round(room * FINE)
    inner = np.nonzero(here[edge : here.shape[0] - edge, edge : here.shape[1] - edge].any(axis=0))[0]
    outlines, _ = cv2.findContours(here, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return Line(
        area=area_of(here), length=sum(cv2.arcLength(line, True) for line in outlines) / 2 / FINE,
        span=float(np.ptp(inner)) / FINE if len(inner) else 0.0, dark=float(np.median(marks.dark[part][here > 0])),
    )  # fmt: skip


def signed(seen: Seen) -> Answer:
    """A wrong yes is worse than ten unsures."""
    if seen.by_a_hand:
        return Answer.YES
    if seen.inside.length < 7 or seen.inside.area < 2.0:  # nothing; but perhaps beside it, or through a stamp
        return Answer.NO if seen.of_stamp < OF_STAMP and seen.near.length < 25 else Answer.UNSURE
    return Answer.UNSURE


def _pieces(ink: Mask) -> Mask:
    """Without what is too short for a stroke."""
    joined = cv2.dilate(ink, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    long = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= PIECE * FINE
    long[0] = False
    return np.asarray(long[labels] & (ink > 0), np.uint8)
