"""What people put on paper who did not sign: ticks, notes, tabs, and what lies on a page by accident."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tests.photos.hands import Box, Paper, Pen, curve, stroke


def tick(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    x, y = chance.uniform(box[0] + 6, box[2] - 14), chance.uniform(box[1] + 8, box[3] - 6)
    size = chance.uniform(4, 9)
    stroke(
        paper,
        curve(np.array([(x, y), (x + size * 0.35, y + size * 0.4), (x + size * 1.1, y - size * 0.7)]), 20),
        pen,
        chance,
    )


def cross(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    x, y = chance.uniform(box[0] + 6, box[2] - 10), chance.uniform(box[1] + 6, box[3] - 6)
    size = chance.uniform(3, 6)
    for way in (1, -1):
        stroke(
            paper, curve(np.array([(x - size, y - size * way), (x, y), (x + size, y + size * way)]), 20), pen, chance
        )


def smudge(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    px = paper.px
    cover = np.zeros(paper.light.shape[:2], np.float32)
    for _ in range(int(chance.integers(2, 6))):
        at = (int(chance.uniform(box[0] + 5, box[2] - 5) * px), int(chance.uniform(box[1] + 4, box[3] - 4) * px))
        size = (int(chance.uniform(2, 9) * px), int(chance.uniform(1, 3.5) * px))
        cv2.ellipse(cover, at, size, float(chance.uniform(0, 180)), 0, 360, float(chance.uniform(0.1, 0.4)), -1)
    paper.put(cv2.GaussianBlur(cover, (0, 0), 1.2 * px), (0.35, 0.33, 0.32))


def guide_line(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A ruled or dotted line to sign on, drawn by somebody who then forgot to."""
    y = chance.uniform(box[1] + 12, box[3] - 4)
    line = np.array([(box[0] + 6 + i, y + chance.normal(0, 0.1)) for i in range(int(box[2] - box[0] - 12))])
    if chance.random() < 0.5:
        stroke(paper, line, pen, chance)
    else:
        for part in range(0, len(line) - 1, 3):
            stroke(paper, line[part : part + 2], pen, chance)


def coffee(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    px = paper.px
    cover = np.zeros(paper.light.shape[:2], np.float32)
    at = (int(chance.uniform(box[0], box[2]) * px), int(chance.uniform(box[1], box[3]) * px))
    cv2.circle(cover, at, int(chance.uniform(20, 35) * px), 0.28, int(2.2 * px))
    paper.put(cv2.GaussianBlur(cover, (0, 0), 0.7 * px), (0.62, 0.48, 0.33))


def crease(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """Sharp folds through the box: dark thin lines with a light side."""
    px = paper.px
    cover = np.zeros(paper.light.shape[:2], np.float32)
    for _ in range(int(chance.integers(1, 4))):
        a = (int((box[0] - 20) * px), int(chance.uniform(box[1], box[3]) * px))
        b = (int((box[2] + 20) * px), int(chance.uniform(box[1], box[3]) * px))
        if chance.random() < 0.3:
            x = int(chance.uniform(box[0] + 5, box[2] - 5) * px)
            a, b = (x, int((box[1] - 30) * px)), (x + int(chance.normal(0, 3) * px), int((box[3] + 30) * px))
        cv2.line(cover, a, b, float(chance.uniform(0.15, 0.35)), max(1, int(0.4 * px)), cv2.LINE_AA)
    paper.put(cv2.GaussianBlur(cover, (0, 0), 0.25 * px), (0.5, 0.5, 0.5))


def dated(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A date written into the box, and nothing else."""
    _written(paper, box, pen, chance, f"{int(chance.integers(1, 29))}.{int(chance.integers(1, 13))}.26")


def _written(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, text: str) -> None:
    px = paper.px
    cover = np.zeros((int(9 * px), int(30 * px)), np.uint8)
    cv2.putText(
        cover,
        text,
        (int(px), int(6 * px)),
        cv2.FONT_HERSHEY_SIMPLEX,
        4.0 * px / 22,
        255,
        max(1, round(pen.width * px)),
        cv2.LINE_AA,
    )
    soft = cv2.GaussianBlur(cover, (0, 0), 0.1 * px).astype(np.float32) / 255
    at = (int(chance.uniform(box[0] + 2, box[2] - 32) * px), int(chance.uniform(box[1] + 6, box[3] - 10) * px))
    paper.put(soft * pen.cover, pen.colour, at)


def sign_here(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A cross and an arrow where one should sign."""
    cross(paper, (box[0], box[1], (box[0] + box[2]) / 2, box[3]), pen, chance)
    x, y, long = chance.uniform(box[0] + 40, box[2] - 12), (box[1] + box[3]) / 2, chance.uniform(10, 22)
    for line in (
        [(x, y), (x - long / 2, y + 1), (x - long, y)],
        [(x - long + 3, y - 3), (x - long, y), (x - long + 3, y + 3)],
    ):
        stroke(paper, curve(np.array(line), 16), pen, chance)


def put_off(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """An "N/A", "p.p." or a page number, and no name."""
    _written(paper, box, pen, chance, str(chance.choice(["N/A", "p.p.", "2 / 2", "TBC", "later"])))


# --- of "unseen" alone --------------------------------------------------------------------------------------------


def thumb(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A finger that had ink on it."""
    px, wide, high = paper.px, chance.uniform(11, 16), chance.uniform(15, 20)
    ys, xs = np.mgrid[0 : int(high * px), 0 : int(wide * px)] / px
    bent = cv2.GaussianBlur(chance.normal(0, 60, xs.shape).astype(np.float32), (0, 0), 2.2 * px)
    far = np.hypot((xs - wide / 2) * 1.2, ys - high * chance.uniform(0.4, 0.7)) + bent
    inside = np.clip(4 * (1 - np.hypot(2 * xs / wide - 1, 2 * ys / high - 1)), 0, 1)
    ridges = np.clip(0.5 + 1.4 * np.sin(2 * np.pi * far / 0.95), 0, 1) * inside
    cover = cv2.GaussianBlur(ridges.astype(np.float32), (0, 0), 0.12 * px) * chance.uniform(0.4, 0.85)
    at = chance.uniform(box[0] + 3, box[2] - wide - 3), chance.uniform(box[1], box[3] - high)
    paper.put(cover, pen.colour, (int(at[0] * px), int(at[1] * px)))


def tab(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A coloured "sign here" tab that was left on the page."""
    px, high, wide = paper.px, chance.uniform(9, 13), chance.uniform(28, 42)
    cover = np.zeros((int(high * px), int(wide * px)), np.float32)
    tip = [(0, high / 2), (high / 2, 0), (wide, 0), (wide, high), (high / 2, high)]
    cv2.fillPoly(cover, [(np.array(tip) * px).astype(np.int32)], 0.9, cv2.LINE_AA)
    at = int(chance.uniform(box[2] - 45, box[2] - 10) * px), int(chance.uniform(box[1], box[3] - high) * px)
    paper.put(cover, ((0.98, 0.85, 0.25), (0.95, 0.45, 0.40), (0.55, 0.85, 0.95))[int(chance.integers(3))], at)
    words = np.zeros(cover.shape, np.uint8)
    font, size, low = cv2.FONT_HERSHEY_DUPLEX, 3.0 * px / 22, int((high / 2 + 1.5) * px)
    cv2.putText(words, "SIGN HERE", (int(high * 0.7 * px), low), font, size, 230, max(1, round(0.35 * px)), cv2.LINE_AA)
    paper.put(words.astype(np.float32) / 255, (0.15, 0.15, 0.15), at)


def highlighted(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A broad bright band or two, to show where to sign."""
    px = paper.px
    for _ in range(int(chance.integers(1, 3))):
        cover = np.zeros(paper.light.shape[:2], np.float32)
        x, y = chance.uniform(box[0] + 2, box[0] + 20), chance.uniform(box[1] + 6, box[3] - 4)
        points = curve(np.array([(x, y), (x + 20, y + chance.normal(0, 1)), (x + chance.uniform(35, 55), y)]), 20)
        cv2.polylines(cover, [(points * px).astype(np.int32)], False, 0.85, int(chance.uniform(3.5, 5) * px))
        paper.put(
            cv2.GaussianBlur(cover, (0, 0), 0.2 * px), ((0.95, 0.95, 0.3), (0.95, 0.6, 0.75))[int(chance.integers(2))]
        )


def block_letters(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A name, a title or a telephone number in capitals, one letter after the other, and no signature."""
    px, size = paper.px, chance.uniform(3.5, 6.5)
    text = str(chance.choice(["ANNA BERG", "MR KELLER", "DIRECTOR", "0791 224 51", "GRACE SILVA"]))
    x, y = chance.uniform(box[0] + 3, box[0] + 18), chance.uniform(box[1] + 14, box[3] - 4)
    for letter in text:
        cover = np.zeros((int(3 * size * px), int(2 * size * px)), np.uint8)
        at, thick = (int(0.5 * size * px), int(2 * size * px)), max(1, round(pen.width * px))
        cv2.putText(cover, letter, at, cv2.FONT_HERSHEY_SIMPLEX, size * px / 22, 255, thick, cv2.LINE_AA)
        move = np.array([[1, chance.normal(0, 0.12), 0], [chance.normal(0, 0.08), 1, chance.normal(0, 0.3 * px)]])
        soft = cv2.GaussianBlur(cv2.warpAffine(cover, move, cover.shape[::-1]), (0, 0), 0.08 * px)
        paper.put(
            soft.astype(np.float32) / 255 * pen.cover,
            pen.colour,
            (int((x - 0.5 * size) * px), int((y - 2 * size) * px)),
        )
        x += size * (0.5 if letter == " " else chance.uniform(0.85, 1.1))


def ringed(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A ring drawn round the place where one should sign, once or twice round, with a question mark."""
    across, down = chance.uniform(12, 30), chance.uniform(5, 10)
    x, y = chance.uniform(box[0] + across, box[2] - across), (box[1] + box[3]) / 2 + chance.normal(0, 2)
    t = np.linspace(0, 2 * np.pi * chance.uniform(1.02, 2.1), 120)
    grow = 1 + 0.06 * np.sin(t * 0.7) + 0.02 * t
    stroke(paper, np.column_stack([x + across * grow * np.cos(t), y + down * grow * np.sin(t)]), pen, chance)
    if chance.random() < 0.5:
        hook = [(x - 2, y - 2.5), (x, y - 4), (x + 2, y - 2.5), (x + 0.3, y), (x, y + 2)]
        stroke(paper, curve(np.array(hook), 12), pen, chance)


def pen_test(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A short zigzag or a few circles, to see whether the pen writes."""
    x, y = chance.uniform(box[0] + 5, box[2] - 25), chance.uniform(box[1] + 8, box[3] - 8)
    t = np.linspace(0, int(chance.integers(3, 7)) * 2 * np.pi, 140)
    size, far = chance.uniform(1.2, 2.4), chance.uniform(0.4, 0.9)
    round_it = chance.random() < 0.5
    stroke(paper, np.column_stack([x + far * t / 2 + round_it * size * np.cos(t), y + size * np.sin(t)]), pen, chance)


def clipped(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """A paper clip, with its shade."""
    x, y = chance.uniform(box[0] + 5, box[2] - 35), chance.uniform(box[1] + 6, box[3] - 8)
    bends = [(28, 0), (4, 0), (0, 3.5), (4, 7), (26, 7), (29, 4), (26, 1.5), (8, 1.5), (6, 3.5), (8, 5.5), (22, 5.5)]
    line, lean = curve(np.array(bends, float), 10), chance.normal(0, 0.15)
    line = np.column_stack([x + line[:, 0] - lean * line[:, 1], y + line[:, 1] + lean * line[:, 0]])
    for away, wide, dark in ((0.7, 1.3, (0.75, 0.75, 0.75)), (0.0, 0.9, (0.45, 0.46, 0.5))):
        stroke(paper, line + away, Pen("", wide, dark, 0.9, 0.1), chance)


# The facts' "tick or smudge": what lies on a page by accident, or is put there by somebody who did not sign.
NOT_SIGNED: dict[str, tuple[Callable[[Paper, Box, Pen, np.random.Generator], None], ...]] = {
    "tuning": (tick, cross, smudge, guide_line, coffee, crease),
    "report": (tick, cross, smudge, guide_line, coffee, crease, dated),
    "final": (tick, smudge, guide_line, coffee, crease, dated, sign_here, put_off),
    "unseen": (thumb, tab, highlighted, block_letters, ringed, pen_test, clipped, smudge, crease),
}
