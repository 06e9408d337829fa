"""Ink in the signature box that may be a stamp's, known as one or not: whatever else is there, a person looks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from bot.checking.ink import Marks, area_of, disc
from bot.checking.stamps import CORE, filled, letters_in
from bot.checking.template import FINE, Mask
from bot.letters.sheet import Box

OVER_THE_FRAME = 4.0  # mm round the box in which pieces count
ROUND_IT = 8.0  # ... and letters
LETTERS = 5  # so many small ones near each other are printed, stamped or written in block letters
ROW = 5.5  # mm: as high as a stamp's letters and rows are; a hand's pieces are higher
RULE = (2.5, 12.0)  # mm: so flat and so long, a line under a name, which says nothing
SHORTEST = 2.0  # mm of line
OPEN = 5.8  # mm2 round which each mm of line runs: a rim, or a part of one; a hand's lines lie closer
LEAST_HAND = 48.0  # mm of line in pieces that are higher than a row
GAP = 1.2  # mm that a rim may miss
RIM = 250.0  # mm2 shut in by one line and at least CORE wide everywhere: no loop of a hand is so large
BLOT = 5.0, 10.0  # mm and mm2: no pen fills so much


def like_a_stamp(marks: Marks, box: Box) -> bool:
    """Whether letters, rows, a rim or a block of ink are in the box: none asks what stamp, colour or shape it is."""
    ink = marks.ink[marks.part(box, OVER_THE_FRAME)]
    return (
        letters_in(marks.ink[marks.part(box, ROUND_IT)]) >= LETTERS
        or _mostly_rows(ink)
        or area_of(cv2.morphologyEx(ink, cv2.MORPH_OPEN, disc(BLOT[0]))) > BLOT[1]
        or _shut_in(marks, box) > RIM
    )


def _mostly_rows(ink: Mask) -> bool:
    """A signature is few long strokes; the words of a stamp are many short ones, or lie in flat rows."""
    flat = high = 0.0
    for piece in _pieces(ink):
        low, far = sorted(side / FINE for side in cv2.minAreaRect(np.vstack(piece))[1])
        length = sum(cv2.arcLength(line, True) for line in piece) / 2 / FINE
        if length < SHORTEST or (low < RULE[0] and far > RULE[1]):
            continue
        around = cv2.contourArea(cv2.convexHull(np.vstack(piece))) / FINE**2
        if low < ROW or around > OPEN * length:
            flat += length
        else:
            high += length
    return flat > high or high < LEAST_HAND


def _pieces(ink: Mask) -> list[list[Any]]:
    """The outlines of each piece that hangs together, of its holes too."""
    outlines, levels = cv2.findContours(
        cv2.dilate(ink, np.ones((3, 3), np.uint8)), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    pieces: dict[int, list[Any]] = {}
    for number, outline in enumerate(outlines):
        parent = int(levels[0][number][3])
        pieces.setdefault(number if parent < 0 else parent, []).append(outline)
    return list(pieces.values())


def _shut_in(marks: Marks, box: Box) -> float:
    """mm2 inside the largest rim that reaches into the box, however far it lies outside."""
    joined = cv2.morphologyEx(marks.faint, cv2.MORPH_CLOSE, disc(GAP))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    largest = 0.0
    for number in np.unique(labels[marks.part(box, OVER_THE_FRAME)]):
        _, _, wide, high, _ = (int(value) for value in stats[number])
        if number and min(wide, high) > CORE * FINE:
            whole = filled(_closed_at_the_edge((labels == number).astype(np.uint8), marks))
            largest = max(largest, area_of(cv2.morphologyEx(whole, cv2.MORPH_OPEN, disc(CORE))))
    return largest


def _closed_at_the_edge(piece: Mask, marks: Marks) -> Mask:
    """A rim that runs out of what is looked at is shut there."""
    seen = np.nonzero(~marks.edge.any(axis=0))[0]
    if len(seen):
        for line in (piece[:, seen[0]], piece[:, seen[-1]], piece[0], piece[-1]):  # views: drawn into the piece
            touched = np.nonzero(line)[0]
            if len(touched):
                line[touched[0] : touched[-1] + 1] = 1
    return piece
