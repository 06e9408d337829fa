"""What was put on the paper by hand: the ink in and round the boxes, told from print, paper and shade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking.flat import Flat
from bot.checking.template import FINE, Grey, Mask, Picture
from bot.letters.sheet import Box

ABOVE_AND_BELOW = 22.0  # mm: half a stamp that was put beside its box
MARGIN = 8.0  # mm beside the print where ink may still be somebody's
LEAST_DARK = 0.105  # of the paper's light taken
LEAST_FAINT = 0.065  # ... by a stamp that took badly
DEVIATIONS = 5.5  # of what is clean paper
CRUMB = 0.12  # mm2
OWN = 0.05  # darkness of our own print from which a place is not clean paper
HIDDEN = 0.45  # ... and from which nothing can be told


@dataclass
class Marks:
    """A strip of the page with both boxes in it, at FINE."""

    colour: Picture  # RGB
    even: NDArray[Any]  # the same against its paper, 1 = paper
    dark: Grey  # light taken, 0 to 1
    own: Grey  # as dark as our own print may be there
    edge: Mask  # so far out that fingers lie there, and the desk begins
    top: float  # mm

    @classmethod
    def of(cls, flat: Flat) -> Marks | None:
        """The marks of a page; None where it has no boxes."""
        template = flat.template
        boxes = template.boxes
        if not boxes:
            return None
        top = max(0, round((min(box[1] for box in boxes) - ABOVE_AND_BELOW) * FINE))
        bottom = min(flat.colour.shape[0], round((max(box[3] for box in boxes) + ABOVE_AND_BELOW) * FINE))
        colour = flat.colour[top:bottom]
        paper = cv2.resize(flat.paper, flat.colour.shape[1::-1], interpolation=cv2.INTER_LINEAR)[top:bottom]
        even = np.minimum(colour.astype(np.float32) / np.maximum(paper, 4), 1.2)
        red, green, blue = cv2.split(even)
        dark = np.clip(1 - cv2.min(cv2.min(red, green), blue), 0, 1)
        edge = np.ones(dark.shape, bool)
        edge[:, max(0, round((template.area[0] - MARGIN) * FINE)) : round((template.area[2] + MARGIN) * FINE)] = False
        return cls(colour, even, dark, _own_print(flat, top, bottom), edge, top / FINE)

    def part(self, box: Box, room: float) -> tuple[slice, slice]:
        """Rows and columns of a box (mm of the page) and so much round it."""
        rows = slice(max(0, round((box[1] - room - self.top) * FINE)), max(0, round((box[3] + room - self.top) * FINE)))
        return rows, slice(max(0, round((box[0] - room) * FINE)), max(0, round((box[2] + room) * FINE)))

    @cached_property
    def ink(self) -> Mask:
        """Where there is ink beyond doubt."""
        return without_crumbs(
            (self._above(self.dark) > self._threshold(self.dark, LEAST_DARK, DEVIATIONS)).astype(np.uint8)
        )

    @cached_property
    def faint(self) -> Mask:
        """Where there may be ink."""
        soft = cv2.GaussianBlur(self.dark, (0, 0), 0.25 * FINE)
        faint = self._above(soft) > self._threshold(soft, LEAST_FAINT, DEVIATIONS + 1)
        return without_crumbs((faint | (self.ink > 0)).astype(np.uint8), 4 * CRUMB)

    def _above(self, dark: Grey) -> Grey:
        """What is darker than our own print would be; under our words nothing can be told."""
        return np.where((self.own > HIDDEN) | self.edge, 0, dark - 1.25 * self.own)

    def _threshold(self, dark: Grey, least: float, deviations: float) -> float:
        clean = dark[(self.own < OWN) & ~self.edge]
        middle = float(np.median(clean))
        spread = float(np.median(np.abs(clean - middle))) * 1.4826
        return max(least, middle + deviations * spread)


def _own_print(flat: Flat, top: int, bottom: int) -> Grey:
    """How dark our own words and frames may be, with the room that a last inaccuracy takes."""
    soft = cv2.GaussianBlur(1 - flat.template.fine[top:bottom], (0, 0), max(0.3, flat.blur * FINE))
    return np.asarray(cv2.dilate(soft, disc(0.9)))


def without_crumbs(ink: Mask, crumb: float = CRUMB) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    keep = stats[:, cv2.CC_STAT_AREA] >= crumb * FINE * FINE
    keep[0] = False
    return np.asarray(keep[labels], np.uint8)


def disc(mm: float) -> Mask:
    """A round brush of that diameter."""
    size = max(3, round(mm * FINE) | 1)
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))


def area_of(mask: Mask) -> float:
    """mm2"""
    return float(cv2.countNonZero(mask)) / FINE**2
