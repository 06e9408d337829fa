"""How often a pen went up or down: what a hand does all the time, and the letters, rims and rules of a stamp do not."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking.template import FINE, Mask

HIGH = 4.2  # mm that a stroke rises or falls: a stamp's letters are lower, or stand apart
BACK = 2.6  # mm: who goes so far back has begun another stroke
WAY = 24.0  # mm of line for it at most: the side of a rim goes a longer way
JOINED = 15.0  # mm that a piece reaches: letters as high as a stroke and crosses stand apart, a hand joins them
LEANING = 30.0  # degrees: a line of writing that leans more is not taken for one
LONG = 2.0  # times as long as high: so much of a line that it has a direction


def strokes(ink: Mask) -> float:
    """Up and down, each one; seen from both its sides, so a half is one that was seen from one side."""
    joined = [piece for piece in pieces(ink) if max(cv2.boundingRect(np.vstack(piece))[2:]) >= JOINED * FINE]
    return sum(_ups_and_downs(outline, _lean(np.vstack(piece))) for piece in joined for outline in piece) / 2


def pieces(ink: Mask) -> list[list[Any]]:
    """The outlines of each piece that hangs together, of its holes too."""
    outlines, levels = cv2.findContours(
        cv2.dilate(ink, np.ones((3, 3), np.uint8)), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    found: dict[int, list[Any]] = {}
    for number, outline in enumerate(outlines):
        parent = int(levels[0][number][3])
        found.setdefault(number if parent < 0 else parent, []).append(outline)
    return list(found.values())


def _lean(points: NDArray[Any]) -> float:
    """The direction of the line that is written or printed, radians."""
    _, (wide, high), turn = cv2.minAreaRect(points)
    degrees = (turn if wide >= high else turn - 90) % 180
    degrees = degrees - 180 if degrees > 90 else degrees
    if max(wide, high) < LONG * min(wide, high) or abs(degrees) > LEANING:
        return 0.0
    return float(np.radians(degrees))


def _ups_and_downs(outline: NDArray[Any], lean: float) -> int:
    points = outline[:, 0] / FINE
    depth = points[:, 1] * np.cos(lean) - points[:, 0] * np.sin(lean)
    start = int(np.argmin(depth))
    points, depth = np.roll(points, -start, axis=0), np.roll(depth, -start)
    points, depth = np.vstack([points, points[:1]]), np.append(depth, depth[0])
    way = np.append(0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    ends = _turning_points(depth)
    return int(((np.abs(np.diff(depth[ends])) >= HIGH) & (np.diff(way[ends]) <= WAY)).sum())


def _turning_points(depth: NDArray[Any]) -> list[int]:
    """Where a line that begins at its top and ends there turns between down and up."""
    ends, far, way = [0], 0, 1.0
    for at, value in enumerate(depth.tolist()):
        if (value - depth[far]) * way > 0:
            far = at
        elif (depth[far] - value) * way >= BACK and (depth[far] - depth[ends[-1]]) * way >= BACK:
            ends.append(far)
            far, way = at, -way
    pairs = ends[: len(ends) // 2 * 2]  # a last turn at the top is that of the begin
    return [*pairs, len(depth) - 1] if pairs else [0]
