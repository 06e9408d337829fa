"""How many strokes it takes to believe a signature: more where the ink may be a stamp's, known as one or not."""

from __future__ import annotations

import cv2
import numpy as np

from bot.checking.ink import Marks, area_of, disc
from bot.checking.stamps import CORE, filled, letters_in
from bot.checking.strokes import pieces
from bot.checking.template import FINE, Mask
from bot.letters.sheet import Box

OVER_THE_FRAME = 4.0  # mm round the box in which pieces count
ROUND_IT = 8.0  # ... and letters
A_HAND = 1.5  # strokes: blocks, bars and waves of a stamp have a half at most
AMONG_LETTERS = 5.0  # ... rows of letters that run into each other have 4
ON_A_STAMP = 8.0  # ... a rim with its words has 6.5; who writes in large loops is taken for a stamp, and has more
OF_STAMP = 15.0  # mm2 of stamp in the box: it is no stray bit of its rim
RIM = 100.0  # mm2 shut in by one line for which each stroke vouches: a stamp has far fewer
GAP = 1.2  # mm that a rim may miss
LETTERS = 5  # so many small ones near each other are printed, stamped or written in block letters
ROW = 6.5  # mm: a piece so flat is a row of words, or a rule


def strokes_wanted(marks: Marks, box: Box, of_stamp: float) -> float:
    """None of it asks what stamp, colour or shape it is. `of_stamp`: mm2 in the box that belong to a known one."""
    near = marks.ink[marks.part(box, ROUND_IT)]
    worded = letters_in(near) >= LETTERS or _mostly_rows(marks.ink[marks.part(box, OVER_THE_FRAME)])
    return max(
        A_HAND,
        AMONG_LETTERS if worded else 0.0,
        ON_A_STAMP if of_stamp >= OF_STAMP else 0.0,
        _shut_in(marks, box) / RIM,
    )


def _mostly_rows(ink: Mask) -> bool:
    """Whether most of the line is in flat pieces."""
    flat = high = 0.0
    for piece in pieces(ink):
        length = sum(cv2.arcLength(outline, True) for outline in piece)
        if min(cv2.minAreaRect(np.vstack(piece))[1]) < ROW * FINE:
            flat += length
        else:
            high += length
    return flat > high


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
