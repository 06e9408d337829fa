"""Whether a photo is good enough to judge, and the one reason that it is not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking import Reason
from bot.checking.aligned import ALIKE, BLOCK
from bot.checking.flat import Flat
from bot.checking.ink import disc
from bot.checking.template import FINE, Mask, Points, wider
from bot.letters.sheet import Box

SMALLEST = 1.9  # pixels a mm at the worst spot
MOST_BLUR = 0.38  # mm, sigma
DARKEST = 0.15  # light of the paper
MOST_NOISE = 0.11  # of the paper's light
MOST_UNFOUND = 0.12  # of the printed blocks
BURNT = 0.985  # light of paper under a lamp's reflection
DARKER = 0.97  # light of the paper round it
MOST_BURNT = 0.08  # of a box
LEAST_OF_A_FRAME = 0.55  # of its length must be seen
FAINT_FRAME = 0.1  # ... unless nothing is: then the phone took it for paper
ROUND_A_PLACE = 2.0  # mm
MORE_INK = 1.25  # times what was printed there
MOST_PLACES = 3
LOST = 3.0 * BLOCK**2 / 4  # mm2 of neighbouring blocks that are gone: something lies there


@dataclass
class Quality:
    flat: Flat
    shape: tuple[int, ...]  # of the photo

    @cached_property
    def reason(self) -> Reason | None:
        if self.outside:
            return Reason.CUT_OFF
        if self.sharpness < SMALLEST:
            return Reason.TOO_SMALL
        if self.flat.blur > MOST_BLUR:
            return Reason.BLURRED
        if self.flat.shade < DARKEST or self.flat.noise > MOST_NOISE:
            return Reason.DARK
        if self.flat.unfound > MOST_UNFOUND or self.hidden_box is not None:
            return Reason.GLARE
        return None

    @cached_property
    def sharpness(self) -> float:
        """Pixels of the photo a mm of paper at the worst spot."""
        return float(self.flat.alignment.sharpness().min())

    @cached_property
    def outside(self) -> bool:
        """Whether something printed lies outside the photo."""
        seen = self.flat.alignment.seen(self.flat.template.outline)
        height, width = self.shape[:2]
        return bool((seen < 0).any() or (seen[:, 0] > width).any() or (seen[:, 1] > height).any())

    @cached_property
    def hidden_box(self) -> Box | None:
        """A box that a reflection or a thing hides."""
        for box in self.flat.template.boxes:
            if self._share(self.burnt, box) > MOST_BURNT or FAINT_FRAME < self._frame_seen(box) < LEAST_OF_A_FRAME:
                return box
        return None

    @cached_property
    def burnt(self) -> Mask:
        """Where a lamp is reflected, a pixel a mm: white spots with darker paper all round, as a white edge has not."""
        light = self.flat.light
        count, labels = cv2.connectedComponents((light > BURNT).astype(np.uint8))
        spots = np.zeros(light.shape, np.uint8)
        for number in range(1, count):
            spot = (labels == number).astype(np.uint8)
            if 150 < spot.sum() < 10_000:
                ring = (cv2.dilate(spot, np.ones((25, 25))) - cv2.dilate(spot, np.ones((11, 11)))).astype(bool)
                if (light[ring] < DARKER).mean() > 0.75:
                    spots |= spot
        return spots

    @cached_property
    def lost(self) -> Mask:
        """Where print is gone over more than a word, a pixel a mm."""
        lost = np.zeros_like(self.burnt)
        blocks = self.flat.alignment.blocks
        for x, y, score in blocks if blocks is not None else ():
            if score < ALIKE:
                half = BLOCK / 4  # they overlap by half
                lost[round(y - half) : round(y + half), round(x - half) : round(x + half)] = 1
        joined = cv2.dilate(lost, disc(1.0))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        keep = stats[:, cv2.CC_STAT_AREA] > LOST
        keep[0] = False
        gone = (keep[labels] & (lost > 0)).astype(np.uint8)
        return np.asarray(gone | cv2.dilate(self.burnt, np.ones((9, 9), np.uint8)))

    @property
    def lost_places(self) -> list[Box]:
        """Those of `lost` as boxes in mm, the largest first, each by itself: a thumb is not to blame for a lamp."""
        _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(self.lost, disc(2.0)), connectivity=8)
        largest = sorted(stats[1:], key=lambda spot: -int(spot[cv2.CC_STAT_AREA]))[:MOST_PLACES]
        return [(float(x), float(y), float(x + wide), float(y + high)) for x, y, wide, high, _ in largest]

    def hides(self, box: Box) -> bool:
        """Whether this place of the page is under a reflection or a thing, and not written over."""
        return self._share(self.lost, box) > 0.3 and not self._written_over(box)

    def _written_over(self, box: Box) -> bool:
        """Whether there is more ink than was printed: what hides print takes ink away."""
        x0, y0, x1, y1 = (round(edge * FINE) for edge in wider(box, ROUND_A_PLACE))
        part = slice(max(0, y0), y1), slice(max(0, x0), x1)
        seen, printed = 1 - self.flat.grey[part], 1 - self.flat.template.fine[part]
        return float(seen.mean()) > MORE_INK * float(printed.mean())

    @cached_property
    def score(self) -> int:
        """0 to 100: which of two photos to keep."""
        parts = (
            min(1.0, self.sharpness / 5), min(1.0, 0.16 / max(0.08, self.flat.blur)), min(1.0, self.flat.shade / 0.6),
            min(1.0, 0.02 / max(0.005, self.flat.noise)), max(0.0, 1 - 4 * self.flat.unfound),
        )  # fmt: skip
        return round(100 * math.prod(parts) ** (1 / len(parts)))

    def _share(self, mask: Mask, box: Box) -> float:
        x0, y0, x1, y1 = (round(edge) for edge in box)
        part = mask[max(0, y0) : max(y0 + 1, y1), max(0, x0) : max(x0 + 1, x1)]
        return float(part.mean()) if part.size else 0.0

    def _frame_seen(self, box: Box) -> float:
        """Part of the thin frame of a box that can be told from the paper beside it."""
        x0, y0, x1, y1 = box
        lines = (((x0, y0), (x1, y0)), ((x1, y0), (x1, y1)), ((x1, y1), (x0, y1)), ((x0, y1), (x0, y0)))
        seen = np.concatenate([self._line(np.array(start), np.array(end)) for start, end in lines])
        return float((seen > max(0.012, 0.5 * self.flat.noise)).mean())

    def _line(self, start: Points, end: Points) -> NDArray[Any]:
        """How much darker than beside it a line is, for each 6 mm of it."""
        length = float(np.hypot(*(end - start)))
        along, count = (end - start) / length, int(length / 6)
        across = np.array([-along[1], along[0]])
        t = (np.arange(count * 24) + 0.5) / 4
        off = np.arange(-3.0, 3.01, 0.25)
        at = start + along * t[:, None, None] + across * off[:, None]
        grey = cv2.remap(self.flat.grey, (at * FINE).astype(np.float32), None, cv2.INTER_LINEAR)  # type: ignore[call-overload]
        rows = grey.reshape(count, 24, len(off)).mean(axis=1)
        near = np.abs(off) <= 1.0
        return np.asarray(np.median(rows[:, ~near], axis=1) - rows[:, near].min(axis=1))
