"""What is made of a checked photo: the page as a scan, its boxes, the photo with what is wrong outlined.

    scan(verdict, picture)     JPEG of the whole page, flat, 200 dpi; None where the page was not found
    crops(verdict, picture)    {"signature": JPEG, "stamp": JPEG}: the boxes that the page has
    marked(verdict, picture)   JPEG of the customer's own photo; None where no one place of it is to blame

`picture` is the one that was given to check(), RGB. Only inside the child.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking import Reason
from bot.checking.aligned import Alignment
from bot.checking.template import Picture, Points, smaller, wider
from bot.checking.verdict import Verdict
from bot.letters.sheet import Box

DPI = 200
PX = DPI / 25.4  # pixels a mm
SCAN_QUALITY = 80  # of JPEG
CROP_QUALITY = 88
MARKED_QUALITY = 82
WHITE, BLACK = 0.93, 0.04  # of the paper's light: lighter is paper, darker is black
UNDER_A_LETTER, UNDER_A_LOGO = 9, 41  # mm that are closed to see the paper below
COLOURED = 0.12  # difference between the colours' shares of light: a lamp's shadow has none
SOLID = 0.4  # part of the paper's light that is left: no shadow takes more
SHARPER, SHARPER_ROUND = 0.5, 1.1  # unsharp mask: how much, and sigma in pixels
ROUND_A_CROP = 9.0  # mm
MARKED_SIDE = 1280  # pixels, longest
DIMMED = 0.65
ROUND_A_PLACE = 4.0  # mm; places nearer to each other than twice this are shown as one
RED, PALE = (214, 32, 32), (255, 255, 255)


def scan(verdict: Verdict, picture: Picture) -> bytes | None:
    """The page flat, its light evened, ink and stamp in their colours: JPEG, 200 dpi."""
    if verdict.alignment is None or verdict.flat is None:
        return None
    wide, high = verdict.alignment.size
    page = verdict.alignment.cut(picture, (0, 0, wide, high), PX)
    return _jpeg(sharper(evened(page, _paper(verdict.flat.small))), SCAN_QUALITY)


def evened(page: Picture, paper: Picture) -> Picture:
    """Each colour against the paper's: shadows go, the paper is white, what is printed and stamped keeps its colour."""
    paper = cv2.resize(paper, page.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    level = 255 / (WHITE - BLACK)
    levels = np.clip((np.arange(256) / 255 - BLACK) * level, 0, 255).astype(np.uint8)
    return cv2.LUT(cv2.divide(page, paper, scale=255), levels)


def _paper(small: Picture) -> Picture:
    """The colour of the paper of a page, a pixel a mm. Large fields of ink, such as a logo's, are not taken for it."""
    near, far = (
        cv2.GaussianBlur(
            cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8)),
            (0, 0),
            3,
        )
        for size in (UNDER_A_LETTER, UNDER_A_LOGO)
    )
    red, green, blue = cv2.split(near.astype(np.float32) / np.maximum(far, 1))
    most, least = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    ink = (most - least > COLOURED) | (most < SOLID)
    ink = cv2.dilate(ink.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    return np.maximum(np.where(ink[..., None], far, near), 8)


def sharper(page: Picture) -> Picture:
    soft = cv2.GaussianBlur(page, (0, 0), SHARPER_ROUND)
    return cv2.addWeighted(page, 1 + SHARPER, soft, -SHARPER, 0)


def crops(verdict: Verdict, picture: Picture) -> dict[str, bytes]:
    """The boxes with what is round them, as they lie flat, in the photo's own light."""
    if verdict.template is None or verdict.alignment is None:
        return {}
    found = {}
    for name in ("signature", "stamp"):
        if box := verdict.template.box(f"{name}_box"):
            wide, high = verdict.alignment.size
            x0, y0, x1, y1 = wider(box, ROUND_A_CROP)
            seen = (max(0.0, x0), max(0.0, y0), min(wide, x1), min(high, y1))
            found[name] = _jpeg(verdict.alignment.cut(picture, seen, PX), CROP_QUALITY)
    return found


def marked(verdict: Verdict, picture: Picture) -> bytes | None:
    """The photo as it was sent, the failing place outlined and all else dimmed."""
    alignment = verdict.alignment
    if alignment is None or verdict.reason is None:
        return None
    factor = min(1.0, MARKED_SIDE / max(picture.shape[:2]))
    small = smaller(picture, factor)
    if verdict.reason is Reason.CUT_OFF:
        sides = _sides_cut(verdict, picture.shape)
        return _jpeg(_with_sides(small, sides), MARKED_QUALITY) if sides else None
    if not verdict.places:
        return None
    places = [_outline(alignment, place) * factor for place in joined(verdict.places)]
    return _jpeg(_with_places(small, places), MARKED_QUALITY)


def joined(places: Sequence[Box]) -> list[Box]:
    """The places with room round them, those that then overlap as one."""
    apart: list[Box] = []
    for place in places:
        one = wider(place, ROUND_A_PLACE)
        while near := [other for other in apart if _overlap(one, other)]:
            apart = [other for other in apart if other not in near]
            all_of_it = np.array([one, *near])
            low, high = all_of_it[:, :2].min(axis=0), all_of_it[:, 2:].max(axis=0)
            one = float(low[0]), float(low[1]), float(high[0]), float(high[1])
        apart.append(one)
    return apart


def _overlap(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _outline(alignment: Alignment, box: Box) -> Points:
    """Where the edge of a place of the page lies in the photo: the paper may be bent."""
    x0, y0, x1, y1 = box
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], np.float64)
    along = np.linspace(0, 1, 8, endpoint=False)[:, None]
    return alignment.seen(np.vstack([a + (b - a) * along for a, b in pairwise(corners)]))


def _with_places(photo: Picture, places: list[Points]) -> Picture:
    lit = np.zeros(photo.shape[:2], np.uint8)
    thick = _thick(photo)
    lines = [np.round(place).astype(np.int32) for place in places]
    cv2.fillPoly(lit, lines, 1)
    shown = np.where(lit[..., None] > 0, photo, (photo * DIMMED).astype(np.uint8))
    for width, colour in ((thick + thick // 2 + 2, PALE), (thick, RED)):
        cv2.polylines(shown, lines, True, colour, width, cv2.LINE_AA)
    return shown


def _sides_cut(verdict: Verdict, shape: tuple[int, ...]) -> list[str]:
    """The sides of the photo beyond which print lies."""
    if verdict.template is None or verdict.alignment is None:
        return []
    seen = verdict.alignment.seen(verdict.template.outline)
    height, width = shape[:2]
    beyond = {
        "left": seen[:, 0] < 0, "top": seen[:, 1] < 0, "right": seen[:, 0] > width, "bottom": seen[:, 1] > height,
    }  # fmt: skip
    return [side for side, points in beyond.items() if points.any()]


def _with_sides(photo: Picture, sides: list[str]) -> Picture:
    """A bar along each side where the page goes on outside the photo."""
    shown = (photo * (1 + DIMMED) / 2).astype(np.uint8)
    height, width = shown.shape[:2]
    lines = {
        "left": ((0, 0), (0, height)), "top": ((0, 0), (width, 0)),
        "right": ((width - 1, 0), (width - 1, height)), "bottom": ((0, height - 1), (width, height - 1)),
    }  # fmt: skip
    thick = 4 * _thick(photo)
    for bar, colour in ((thick + thick // 3, PALE), (thick, RED)):
        for side in sides:
            cv2.line(shown, *lines[side], colour, bar)
    return shown


def _thick(photo: Picture) -> int:
    """Pixels of a bold line."""
    return int(max(3, max(photo.shape[:2]) // 180))


def _jpeg(picture: Picture, quality: int) -> bytes:
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), flags)
    if not done:
        raise ValueError("a picture could not be written as JPEG")
    content: NDArray[Any] = encoded
    return content.tobytes()
