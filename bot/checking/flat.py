"""A page of a photo as it would lie flat, and how well it can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking.aligned import ALIKE, BLOCK, Alignment
from bot.checking.template import FINE, Grey, Mask, Picture, Template

BLURS = (0.0, 0.1, 0.16, 0.22, 0.28, 0.34, 0.42, 0.52, 0.65, 0.85)  # mm, sigma
SOFT = 0.15  # mm, sigma of what print and photo are blurred by to be compared
TILES = 24  # of the page, by which its sharpness is told


@dataclass
class Flat:
    """The page at FINE."""

    template: Template
    alignment: Alignment
    colour: Picture  # RGB

    @classmethod
    def of(cls, picture: Picture, template: Template, alignment: Alignment) -> Flat:
        return cls(template, alignment, alignment.cut(picture, (0, 0, template.width, template.height), FINE))

    @cached_property
    def small(self) -> Picture:
        """The page, a pixel a mm."""
        size = (round(self.template.width), round(self.template.height))
        return cv2.resize(self.colour, size, interpolation=cv2.INTER_AREA)

    @cached_property
    def paper(self) -> Picture:
        """The colour of the paper under the print, a pixel a mm: what is dark and narrow is closed."""
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (11, 11))
        return cv2.GaussianBlur(cv2.morphologyEx(self.small, cv2.MORPH_CLOSE, brush), (0, 0), 3)

    @cached_property
    def light(self) -> Grey:
        """How light the paper is, one pixel a mm, 0 to 1."""
        return cv2.cvtColor(self.paper, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255

    @cached_property
    def grey(self) -> Grey:
        """Against its paper: 1 is paper."""
        grey = cv2.cvtColor(self.colour, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        paper = cv2.resize(np.maximum(self.light, 0.03), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return np.minimum(cv2.divide(grey, paper), 1.1)

    @cached_property
    def clean(self) -> Mask:
        """Paper with no print of ours near, outside the boxes."""
        printed = cv2.dilate(self.template.printed.astype(np.uint8), np.ones((25, 25), np.uint8)).astype(bool)
        clean = self.template.body & ~printed
        return clean if clean.any() else self.template.body

    @cached_property
    def grain(self) -> NDArray[Any]:
        """What is finer than a mm of each clean spot of the paper."""
        return np.asarray((self.grey - cv2.GaussianBlur(self.grey, (0, 0), 3))[self.clean])

    @cached_property
    def noise(self) -> float:
        """Of clean paper, against it: standard deviation of its grain."""
        return float(np.std(self.grain)) if self.grain.size else 0.0

    @cached_property
    def shade(self) -> float:
        """Light of the paper, 0 to 1, median."""
        return float(np.median(self.light[::2, ::2]))

    @cached_property
    def blurs(self) -> NDArray[Any]:
        """How blurred each of some tiles of print is: rows of x, y, sigma (mm)."""
        blocks = self.alignment.blocks
        if blocks is None or not len(blocks):
            return np.zeros((0, 3))
        good = blocks[blocks[:, 2] > ALIKE * 0.8]
        tiles = good[np.linspace(0, len(good) - 1, min(TILES, len(good))).astype(int)] if len(good) else good
        if not len(tiles):
            return np.zeros((0, 3))
        side = round(BLOCK * FINE)
        corners = np.round(tiles[:, :2] * FINE - side / 2).astype(int)
        parts = [(slice(top, top + side), slice(left, left + side)) for left, top in corners]
        printed, seen = (np.stack([1 - page[part] for part in parts]) for page in (self.template.fine, self.grey))
        fits = [_alike(_blurred(printed, blur), seen) for blur in BLURS]
        return np.column_stack([tiles[:, :2], np.array(BLURS)[np.argmax(fits, axis=0)]])

    @cached_property
    def blur(self) -> float:
        """Sigma in mm: of the worse half of the page."""
        return float(np.percentile(self.blurs[:, 2], 75)) if len(self.blurs) else BLURS[-1]

    @cached_property
    def print_as_blurred(self) -> Grey:
        """The template's ink, 0 to 1, as blurred as the photo shows it, and a little more."""
        blur = float(np.hypot(np.median(self.blurs[:, 2]), SOFT)) if len(self.blurs) else SOFT
        return np.asarray(cv2.GaussianBlur(1 - self.template.fine, (0, 0), blur * FINE))

    @cached_property
    def depth(self) -> float:
        """How black the print is in the photo: 1 as the template's."""
        ink = self.print_as_blurred
        strong = self.template.body & (ink > 0.1)
        return float((ink[strong] * (1 - self.grey[strong])).sum() / max(1e-6, float((ink[strong] ** 2).sum())))

    @cached_property
    def unfound(self) -> float:
        """Part of the printed blocks that are not what they should be."""
        blocks = self.alignment.blocks
        return 1.0 if blocks is None or not len(blocks) else float((blocks[:, 2] < ALIKE).mean())


def _blurred(tiles: NDArray[Any], blur: float) -> NDArray[Any]:
    """All tiles at once, blurred by so many mm, by what that makes of the points of a line."""
    if not blur:
        return tiles
    line = cv2.GaussianBlur(np.eye(tiles.shape[1], dtype=np.float32), (1, 0), blur * FINE)
    return np.asarray(line @ tiles @ line.T)


def _alike(tiles: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Correlation of each tile with its other."""
    first, second = (one - one.mean(axis=(1, 2), keepdims=True) for one in (tiles, others))
    shared, *own = (np.einsum("nij,nij->n", *pair) for pair in ((first, second), (first, first), (second, second)))
    return np.asarray(shared / np.maximum(1e-9, np.sqrt(own[0] * own[1])))
