"""A page as it was printed: what a photo of it is held against. Only inside the child: it needs OpenCV."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from bot.letters import codes
from bot.letters.pen import HEIGHT, LETTERHEAD, QR, WIDTH
from bot.letters.sheet import Box, PageLayout

Picture = NDArray[Any]  # height x width x 3, RGB, 0 to 255
Grey = NDArray[Any]  # height x width, float32, 0 = black, 1 = white
Mask = NDArray[Any]  # height x width, bool or 0 and 1
Points = NDArray[Any]  # rows of x, y

MM = 25.4 / 72  # a point
FINE = 4.0  # pixels a mm at which pages are compared
COARSE = 3.0  # ... and at which what stands out is looked for
DRAWN = 3  # times FINE at which a page is drawn
FEATURES = 1500
CELLS = 16  # along the longer side, for features to be spread over
MOST_OF_A_CELL = 0.02  # of all features
PRINT = 0.82  # lighter than this is paper
ROUND_A_BOX = 12.0  # mm; nothing of ours is printed there, and a pen may have slipped


@dataclass(frozen=True)
class Template:
    """One page of a letter of ours. Lengths in mm from the top left of the paper."""

    drawn: Callable[[], Picture]  # grey, the whole page at FINE: drawn when it is needed, for few of many pages are
    width: float
    height: float
    layout: PageLayout
    letter: str = ""  # its name for whoever asks

    @cached_property
    def picture(self) -> Picture:
        return self.drawn()

    @property
    def code(self) -> tuple[str, int, int]:
        """Letter id, page and version."""
        text = self.layout.code
        return text[len(codes.PRODUCT) : len(codes.PRODUCT) + codes.LETTER_ID], self.layout.page, self.layout.version

    def box(self, name: str) -> Box | None:
        """ "signature_box" or "stamp_box" in mm."""
        box: Box | None = getattr(self.layout, name)
        if box is None:
            return None
        return box[0] * self.width, box[1] * self.height, box[2] * self.width, box[3] * self.height

    @property
    def code_box(self) -> Box:
        right, bottom = (self.width + WIDTH) / 2, (self.height + HEIGHT) / 2
        return right - QR, bottom - QR, right, bottom

    @cached_property
    def fine(self) -> Grey:
        return self.picture.astype(np.float32) / 255

    def at(self, px: float) -> tuple[Grey, NDArray[Any]]:
        """The page and where it is printed (0 to 1), both soft, at so many pixels a mm."""
        if px not in self._sizes:
            size = (round(self.width * px), round(self.height * px))  # at FINE the size it has: it is only copied
            page, printed = (
                cv2.resize(one, size, interpolation=cv2.INTER_AREA)
                for one in (self.fine, self.printed.astype(np.float32))
            )
            self._sizes[px] = cv2.GaussianBlur(page, (0, 0), 0.15 * px), printed
        return self._sizes[px]

    @cached_property
    def _sizes(self) -> dict[float, tuple[Grey, NDArray[Any]]]:
        return {}

    @cached_property
    def features(self) -> tuple[Points, NDArray[Any]]:
        """Places (mm) and descriptions of what stands out on the page."""
        size = (round(self.width * COARSE), round(self.height * COARSE))
        grey = cv2.resize(self.picture, size, interpolation=cv2.INTER_AREA)
        points, described = standing_out(grey, FEATURES)
        return points / COARSE, described

    @cached_property
    def printed(self) -> Mask:
        """Where there is print, at FINE; the head of the page, which is the company's own, left out."""
        mask = self.fine < PRINT
        mask[: round(self.head * FINE)] = False
        return mask

    @cached_property
    def head(self) -> float:
        """mm from the top that are left to the company's letterhead."""
        rows = np.nonzero((self.fine < PRINT).any(axis=1))[0]
        first = rows[0] / FINE if len(rows) else 0.0
        # Else print begins at the margin, 21 mm or less; the pale line in the free space says what it is for.
        return LETTERHEAD + 1 if first > LETTERHEAD - 12 else 0.0

    @cached_property
    def area(self) -> Box:
        """What all print lies in (mm)."""
        ys, xs = np.nonzero(self.printed)
        if not len(ys):
            return 0.0, 0.0, self.width, self.height
        return xs.min() / FINE, ys.min() / FINE, (xs.max() + 1) / FINE, (ys.max() + 1) / FINE

    @cached_property
    def body(self) -> Mask:
        """Where our words are, at FINE: not in the head, the boxes, the margins."""
        mask = np.zeros(self.fine.shape, bool)
        x0, y0, x1, y1 = (round(edge * FINE) for edge in self.area)
        mask[y0:y1, x0:x1] = True
        for box in self.boxes:
            x0, y0, x1, y1 = (round(edge * FINE) for edge in wider(box, 2.0))
            mask[max(0, y0) : y1, max(0, x0) : x1] = False
        return mask

    @cached_property
    def quiet(self) -> Mask:
        """Where nobody but us should leave ink, at FINE: the body without the strip that is signed and stamped in."""
        mask = self.body.copy()
        if self.boxes:
            top, bottom = min(box[1] for box in self.boxes), max(box[3] for box in self.boxes)
            mask[round((top - ROUND_A_BOX) * FINE) : round((bottom + ROUND_A_BOX) * FINE)] = False
        return mask

    @property
    def boxes(self) -> list[Box]:
        return [box for name in ("signature_box", "stamp_box") if (box := self.box(name))]

    @cached_property
    def outline(self) -> Points:
        """Points (mm) round everything printed: all of them must be in the picture."""
        x0, y0, x1, y1 = self.area
        side = np.linspace(0, 1, 7)
        across = [(x0 + (x1 - x0) * t, y) for t in side for y in (y0, y1)]
        return np.array(across + [(x, y0 + (y1 - y0) * t) for t in side for x in (x0, x1)])


def templates_of(letter: str, pdf: bytes, layouts: Sequence[PageLayout]) -> list[Template]:
    """The pages of a PDF of ours, called `letter`."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        sizes = [(page.get_width() * MM, page.get_height() * MM) for page in document]
    finally:
        document.close()
    return [
        Template(partial(_drawn, pdf, number, size), *size, layout, letter)
        for number, (size, layout) in enumerate(zip(sizes, layouts, strict=True))
    ]


def _drawn(pdf: bytes, number: int, size: tuple[float, float]) -> Picture:
    wide, high = (round(edge * FINE) for edge in size)
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        page = document[number]
        # Larger, and made smaller: pdfium puts each letter on whole pixels, a printer does not.
        picture = page.render(scale=DRAWN * wide / page.get_width(), grayscale=True).to_numpy()
        return np.array(cv2.resize(picture.reshape(picture.shape[:2]), (wide, high), interpolation=cv2.INTER_AREA))
    finally:
        document.close()


def standing_out(grey: NDArray[Any], number: int) -> tuple[Points, NDArray[Any]]:
    """Places (pixels) and ORB descriptions of what stands out, spread over the picture.

    Left to itself ORB takes them all from the code, and a page is not held by one corner.
    """
    orb = cv2.ORB.create(3 * number, fastThreshold=8)
    cell = max(grey.shape) / CELLS
    room: dict[tuple[int, int], int] = {}
    kept = []
    for point in sorted(orb.detect(grey, None), key=lambda point: -point.response):
        at = int(point.pt[0] / cell), int(point.pt[1] / cell)
        room[at] = room.get(at, 0) + 1
        if room[at] <= number * MOST_OF_A_CELL:
            kept.append(point)
    points, described = orb.compute(grey, kept[:number])
    if described is None:
        return np.zeros((0, 2)), np.zeros((0, 32), np.uint8)
    return np.array([point.pt for point in points], np.float64), described


def smaller(picture: Picture, factor: float) -> Picture:
    """The picture itself at 1. To the half OpenCV is ten times as quick as to any other size, so that is done first."""
    if factor <= 0.5:
        high, wide = picture.shape[:2]
        half = cv2.resize(picture[: high // 2 * 2, : wide // 2 * 2], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        return smaller(half, factor * 2)
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else picture


def wider(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by
