"""A page as it was printed, signed, stamped and photographed, with what is true of the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from tests.photos import hands, stamps
from tests.photos.camera import Picture, Shot, photograph
from tests.photos.letters import SETS, Printed, sheets
from tests.photos.lying import Points

GRID = np.array(
    [(x, y) for y in np.linspace(0.05, 0.95, 5) for x in np.linspace(0.08, 0.92, 5)]
)  # of the page as drawn
SPILLED = {
    "tuning": 70,
    "report": 20,
    "final": 70,
    "unseen": 75,
}  # mm from the box's right edge that a spilled stamp may lie
PX = 6.0  # pixels a mm of the sheet that is photographed


@dataclass(slots=True)
class Case:
    """One picture. `signed` and `stamped`: what is on the paper (None: no box)."""

    kind: str
    picture: Picture
    letter: Printed | None  # what it is a picture of; None: no letter of ours
    page: int
    signed: bool | None = None
    stamped: bool | None = None
    good: bool = False  # should be accepted by itself
    reasons: frozenset[str] = frozenset()  # the true ones not to accept it
    awaited: Printed | None = None  # the letter it should be one of, where that is another
    grid: Points | None = None  # where GRID lies in the picture
    clear: bool = False  # taken by somebody who tries
    seen: str = ""  # what it is when no letter: blank, other


@dataclass(slots=True)
class Ask:
    """What is done to a page before its photo."""

    shot: Shot
    signed: bool = True
    stamped: bool = True
    marks: Callable[..., None] | None = None
    faint: float = 0.0
    embossed: bool = False
    spill: bool = False  # a stamp where the signature belongs, or over its edge
    together: bool = False  # one colour for both, the stamp put over the signature
    elsewhere: str = ""  # the signature: "stamp_box" or "beside"
    hide_code: bool = False
    scale: float | None = None


def chance_of(kind: str, name: str, number: int) -> np.random.Generator:
    return np.random.default_rng([SETS[kind], number, *name.encode()])


def clear_shot(chance: np.random.Generator, long_side: int) -> Shot:
    """A photo as people take it who try."""
    return Shot(
        long_side=long_side, tilt=abs(chance.normal(0, 7)),
        turn=float(chance.choice([0, 0, 0, 0, 90, 180, 270])) + chance.normal(0, 5), fill=chance.uniform(0.86, 0.98),
        curl=max(0.0, chance.normal(0, 2.5)), folds=int(chance.choice([0, 0, 1, 2])),
        shadow=float(chance.choice([0, 0, chance.uniform(0.1, 0.35)])), blur=chance.uniform(0.0, 0.12),
        noise=chance.uniform(1, 5), light=chance.uniform(0.75, 1.05), warmth=chance.normal(0.02, 0.05),
        quality=int(chance.integers(78, 92)), sharpened=float(chance.choice([0, 0, chance.uniform(0.2, 0.9)])),
        fingers=int(chance.choice([0, 0, 0, 1, 2])), clutter=int(chance.integers(0, 6)),
        greyscale=bool(chance.random() < 0.05),
    )  # fmt: skip


def careless_shot(chance: np.random.Generator, long_side: int) -> Shot:
    """A photo as people take it who do not care much."""
    return replace(
        clear_shot(chance, long_side), tilt=chance.uniform(10, 35), curl=chance.uniform(0, 9),
        shadow=chance.uniform(0, 0.55), blur=chance.uniform(0.05, 0.3),
        motion=float(chance.choice([0, chance.uniform(0, 0.6)])), noise=chance.uniform(3, 12),
        light=chance.uniform(0.4, 1.05), fill=chance.uniform(0.65, 0.97),
    )  # fmt: skip


def printed_out(sheet: Picture, chance: np.random.Generator, scale: float | None) -> tuple[Picture, float]:
    """As a printer does it: perhaps fitted to the page, with less toner, on paper that is not quite white."""
    if scale is None:
        scale = 1.0 if chance.random() < 0.5 else chance.uniform(0.88, 1.06)
    height, width = sheet.shape[:2]
    if scale != 1.0:
        move = np.array([[scale, 0, width * (1 - scale) / 2], [0, scale, height * (1 - scale) / 2]], np.float32)
        sheet = cv2.warpAffine(sheet, move, (width, height), flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    light = 255 - (255 - sheet.astype(np.float32)) * chance.uniform(0.8, 1.0)
    tone = np.array([1.0, chance.uniform(0.98, 1.0), chance.uniform(0.94, 1.0)], np.float32) * chance.uniform(0.94, 1.0)
    return np.clip(light * tone, 0, 255).astype(np.uint8), float(scale)


def letterhead(sheet: Picture, chance: np.random.Generator) -> None:
    """A company's own head: a mark, a name, a rule."""
    colour = chance.uniform(0, 160, 3).tolist()
    x = int(chance.uniform(15, 110) * PX)
    font = stamps.FONTS[int(chance.integers(4))]
    cv2.circle(sheet, (x, int(20 * PX)), int(8 * PX), colour, -1, cv2.LINE_AA)
    cv2.putText(sheet, "NORTHERN GROUP", (x + int(12 * PX), int(22 * PX)), font, 0.275 * PX, colour, 4, cv2.LINE_AA)
    cv2.line(sheet, (int(12 * PX), int(36 * PX)), (int(198 * PX), int(36 * PX)), colour, 3, cv2.LINE_AA)


def page_photo(name: str, kind: str, printed: Printed, page: int, chance: np.random.Generator, ask: Ask) -> Case:
    """One page, printed, signed and stamped as asked, and photographed."""
    sheet, scale = printed_out(sheets(printed, PX)[page - 1], chance, ask.scale)
    if printed.facts.letterhead and chance.random() < 0.7:
        letterhead(sheet, chance)
    if ask.hide_code:
        _hide_code(sheet, chance)
    height, width = sheet.shape[:2]
    middle = np.array([width, height]) / PX / 2
    paper = hands.Paper(height, width, PX)
    sign = _moved(printed.box(page, "signature_box"), scale, middle)
    stamp = _moved(printed.box(page, "stamp_box"), scale, middle)
    if sign:
        _write(paper, sign, stamp, kind, chance, ask)
    final = np.clip(sheet * paper.light, 0, 255).astype(np.uint8)
    picture, grid = photograph(final, PX, ask.shot, chance, (GRID * middle * 2 - middle) * scale + middle)
    signed = None if sign is None else (ask.signed and not ask.elsewhere)
    return Case(name, picture, printed, page, signed, ask.stamped if stamp else None, grid=grid)


def _write(
    paper: hands.Paper, sign: hands.Box, stamp: hands.Box | None, kind: str, chance: np.random.Generator, ask: Ask
) -> None:
    pens, all_hands = hands.PENS[kind], hands.HANDS[kind]
    pen = pens[int(chance.integers(len(pens)))]
    hand = all_hands[int(chance.integers(len(all_hands)))]
    if ask.signed:
        hand(paper, _where(sign, stamp, ask.elsewhere), pen, chance)
    if ask.marks:
        ask.marks(paper, sign, pen, chance)
    if ask.together:
        at = ((sign[0] + sign[2]) / 2 + chance.normal(0, 6), (sign[1] + sign[3]) / 2 + chance.normal(0, 3))
        stamps.stamp(paper, at, kind, chance, colour=pen.colour if chance.random() < 0.6 else None)
    elif stamp and ask.stamped:
        at = ((stamp[0] + stamp[2]) / 2 + chance.normal(0, 3), (stamp[1] + stamp[3]) / 2 + chance.normal(0, 3))
        if ask.embossed:
            stamps.embossed(paper, at, chance)
        else:
            stamps.stamp(paper, at, kind, chance, ask.faint)
    if ask.spill:
        at = (sign[2] - chance.uniform(-8, SPILLED[kind]), (sign[1] + sign[3]) / 2 + chance.normal(0, 4))
        stamps.stamp(paper, at, kind, chance)


def _where(sign: hands.Box, stamp: hands.Box | None, elsewhere: str) -> hands.Box:
    if elsewhere == "stamp_box" and stamp:
        return stamp[0], stamp[1] + 12, stamp[2], stamp[3] - 10
    if elsewhere:
        return sign[0], sign[3] + 3, sign[2], sign[3] + 30
    return sign


def _moved(box: hands.Box | None, scale: float, middle: np.ndarray) -> hands.Box | None:
    """Where it is on paper, printed smaller or larger."""
    if box is None:
        return None
    x0, y0, x1, y1 = (np.array(box) - np.tile(middle, 2)) * scale + np.tile(middle, 2)
    return float(x0), float(y0), float(x1), float(y1)


def _hide_code(sheet: Picture, chance: np.random.Generator) -> None:
    """Something is stuck, written or torn where the code was."""
    height, width = sheet.shape[:2]
    x, y = int(width - 50 * PX), int(height - 48 * PX)
    colour = chance.uniform(60, 250, 3).tolist()
    cv2.rectangle(sheet, (x, y), (x + int(42 * PX), y + int(36 * PX)), colour, -1)
