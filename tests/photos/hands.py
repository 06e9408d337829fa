"""What people put on paper with a pen: signatures of several hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.photos.cursive import joined

Box = tuple[float, float, float, float]  # mm from the top left of the paper
Line = NDArray[np.float64]  # points in mm


@dataclass(frozen=True, slots=True)
class Pen:
    name: str
    width: float  # mm
    colour: tuple[float, float, float]  # of the light that is left, RGB
    cover: float  # 1 = opaque
    uneven: float = 0.15


# A report is made with pens that no threshold was chosen on.
PENS = {
    "tuning": (
        Pen("blue ballpoint", 0.45, (0.16, 0.22, 0.55), 0.85),
        Pen("black ballpoint", 0.42, (0.12, 0.12, 0.14), 0.85),
        Pen("black gel", 0.6, (0.06, 0.06, 0.08), 0.97, 0.04),
        Pen("blue gel", 0.65, (0.10, 0.16, 0.60), 0.95, 0.05),
        Pen("thin blue", 0.35, (0.25, 0.30, 0.62), 0.75, 0.2),
    ),
    "report": (
        Pen("royal blue fountain", 0.7, (0.15, 0.25, 0.70), 0.9, 0.2),
        Pen("black rollerball", 0.5, (0.08, 0.08, 0.10), 0.95, 0.06),
        Pen("dark blue ballpoint", 0.38, (0.14, 0.18, 0.45), 0.8, 0.18),
        Pen("black marker", 1.1, (0.10, 0.10, 0.11), 0.9, 0.05),
        Pen("violet gel", 0.55, (0.30, 0.15, 0.55), 0.92, 0.08),
        Pen("green ballpoint", 0.42, (0.12, 0.42, 0.25), 0.8, 0.15),
    ),
    "final": (
        Pen("turquoise fountain", 0.6, (0.05, 0.35, 0.50), 0.9, 0.2),
        Pen("black ballpoint, worn", 0.4, (0.18, 0.17, 0.18), 0.82, 0.22),
        Pen("blue rollerball", 0.55, (0.12, 0.18, 0.52), 0.93, 0.06),
        Pen("black fineliner", 0.48, (0.08, 0.08, 0.09), 0.96, 0.04),
        Pen("red gel", 0.55, (0.62, 0.12, 0.14), 0.92, 0.08),
    ),
    "unseen": (
        Pen("navy gel", 0.62, (0.07, 0.11, 0.38), 0.94, 0.05),
        Pen("black felt tip", 0.85, (0.09, 0.09, 0.10), 0.92, 0.08),
        Pen("blue-black fountain", 0.5, (0.10, 0.16, 0.34), 0.88, 0.2),
        Pen("light blue ballpoint", 0.4, (0.22, 0.38, 0.70), 0.84, 0.15),
        Pen("black ballpoint, new", 0.45, (0.10, 0.10, 0.12), 0.88, 0.1),
    ),
}


class Paper:
    """A sheet to put ink on, at `px` pixels a millimetre: `light` is what is left of the light, a colour a pixel."""

    def __init__(self, height: int, width: int, px: float) -> None:
        self.px = px
        self.light = np.ones((height, width, 3), np.float32)

    def put(self, cover: NDArray[np.float32], colour: Sequence[float], at: tuple[int, int] = (0, 0)) -> None:
        """Ink of this colour where `cover` (0 to 1) is; its top left lies at x, y in pixels, perhaps off the sheet."""
        x, y = at
        height, width = self.light.shape[:2]
        left, top, right, bottom = max(0, x), max(0, y), min(width, x + cover.shape[1]), min(height, y + cover.shape[0])
        if right <= left or bottom <= top:
            return
        part = cover[top - y : bottom - y, left - x : right - x, None]
        self.light[top:bottom, left:right] *= 1 - part * (1 - np.asarray(colour, np.float32))


def curve(points: Line, steps: int) -> Line:
    """A smooth line through the points (Catmull and Rom's)."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    line = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t = np.linspace(0, 1, steps, endpoint=False)[:, None]
        line.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    return np.vstack([*line, points[-1:]])


def stroke(paper: Paper, line: Line, pen: Pen, chance: np.random.Generator) -> None:
    """Draw a line with the pen: thinner where the hand is fast, lighter here and there."""
    px, room = paper.px, 3.0
    low, high = line.min(0) - room, line.max(0) + room
    at = (int(low[0] * px), int(low[1] * px))
    cover = np.zeros((int((high[1] - low[1]) * px) + 1, int((high[0] - low[0]) * px) + 1), np.uint8)
    speed = np.hypot(*np.gradient(line, axis=0).T)
    pressed = np.clip(1.25 - 0.35 * speed / max(speed.mean(), 1e-6), 0.65, 1.2)
    for start, end, press in zip(line, line[1:], pressed, strict=False):
        a, b = (tuple(int((value * px - shift) * 16) for value, shift in zip(p, at, strict=True)) for p in (start, end))
        cv2.line(cover, a, b, int(255 * min(1.0, press)), max(1, round(pen.width * press * px)), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(cover, (0, 0), 0.08 * px).astype(np.float32) / 255
    patches = (max(4, cover.shape[0] // 30), max(4, cover.shape[1] // 30))
    grain = 1 - pen.uneven * cv2.resize(chance.random(patches, np.float32), soft.shape[::-1])
    paper.put(soft * pen.cover * grain, pen.colour, at)


# --- signatures ---------------------------------------------------------------------------------------------------


def _place(box: Box, chance: np.random.Generator, large: float) -> tuple[float, float, float, float]:
    """Left, middle, length and height in mm of a signature in the box."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    length = min(width * 0.9, chance.uniform(26, 62) * large)
    tall = min(height * 0.75, chance.uniform(8, 17) * large)
    return (
        x0 + chance.uniform(0.05, 0.95) * max(1.0, width - length),
        y0 + height * chance.uniform(0.42, 0.62),
        length,
        tall,
    )


def running(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """A running hand: up and down, sometimes a loop, in one or two strokes, often with a line under it."""
    left, middle, length, tall = _place(box, chance, large)
    letters = int(chance.integers(5, 12))
    slope = chance.uniform(-0.12, 0.06)
    points = []
    for number in range(letters):
        high = tall * (
            chance.uniform(0.7, 1.0) if number < 2 else chance.uniform(0.2, 0.6) if chance.random() < 0.75 else 0.9
        )
        step = length / letters
        x = left + number * step
        y = middle + slope * (x - left)
        points += [
            (x + step * chance.uniform(0.0, 0.3), y + high * chance.uniform(0.1, 0.45)),
            (x + step * chance.uniform(0.25, 0.7), y - high * chance.uniform(0.35, 0.65)),
        ]
        if chance.random() < 0.35:
            points.append((x + step * chance.uniform(-0.3, 0.2), y + high * chance.uniform(-0.2, 0.3)))
    cut = len(points) if chance.random() < 0.5 else int(len(points) * chance.uniform(0.35, 0.7))
    for part in (points[:cut], points[cut:]):
        if len(part) >= 3:
            stroke(paper, curve(np.array(part), 14), pen, chance)
    _flourish(paper, left, middle, length, tall, pen, chance)


def _flourish(
    paper: Paper, left: float, middle: float, length: float, tall: float, pen: Pen, chance: np.random.Generator
) -> None:
    if chance.random() < 0.5:
        y = middle + tall * chance.uniform(0.35, 0.6)
        line = [(left + length * f, y + chance.normal(0, 0.5) - 2.5 * f) for f in (0.05, 0.4, 0.75, 1.02)]
        stroke(paper, curve(np.array(line), 20), pen, chance)


def looped(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """A large first letter of loops, and a wave that runs out behind it."""
    left, middle, length, tall = _place(box, chance, large)
    turns = chance.uniform(1.2, 2.6)
    t = np.linspace(0, 1, 90)
    angle = 2 * np.pi * turns * t + chance.uniform(0, 2 * np.pi)
    wide = length * chance.uniform(0.18, 0.3)
    first = np.column_stack(
        [left + wide * (0.6 + 0.5 * t + 0.5 * np.cos(angle)), middle + tall * 0.5 * (1 - 0.3 * t) * np.sin(angle)]
    )
    waves = int(chance.integers(4, 9))
    xs = np.linspace(first[-1, 0], left + length, 12 * waves)
    fade = np.linspace(0.5, 0.12, len(xs))
    ys = middle + tall * 0.5 * fade * np.sin(np.linspace(0, 2 * np.pi * waves, len(xs)))
    stroke(paper, np.vstack([first, np.column_stack([xs, ys])]), pen, chance)
    _flourish(paper, left, middle, length, tall, pen, chance)


def scripted(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """A name in a legible hand, its letters joined."""
    left, middle, length, tall = _place(box, chance, large)
    name = chance.choice(["Anna Berg", "S. Otieno", "Wei Tan", "Harald Hess", "P. Keller", "Grace Silva", "M. Haddad"])
    words, slant = joined(str(name), chance), chance.uniform(-0.1, 0.4)
    low, high = np.vstack(words).min(0), np.vstack(words).max(0)
    size = min(length / (high[0] - low[0]), tall * 1.15 / (high[1] - low[1]))
    for word in words:
        at = (word - (low[0], 0)) * size
        line = np.column_stack([left + at[:, 0] - slant * at[:, 1], middle + tall * 0.25 + at[:, 1]])
        stroke(paper, curve(line, 8), pen, chance)
    _flourish(paper, left, middle, length, tall, pen, chance)


def spiked(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """Sharp peaks in two or three strokes, one of them struck through."""
    left, middle, length, tall = _place(box, chance, large)
    peaks = int(chance.integers(6, 13))
    xs = left + np.sort(chance.uniform(0, 1, 2 * peaks)) * length
    high = np.where(np.arange(2 * peaks) % 2, -1, 1) * chance.uniform(0.12, 0.55, 2 * peaks) * tall
    for part in np.array_split(np.column_stack([xs, middle + high]), int(chance.integers(2, 4))):
        stroke(paper, curve(part, 8), pen, chance)
    at = left + length * chance.uniform(0.1, 0.5)
    bar = [(at, middle + chance.normal(0, 2)), (at + length * 0.3, middle - 2), (at + length * 0.55, middle - 4)]
    stroke(paper, curve(np.array(bar), 16), pen, chance)


def knotted(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """Loops that lean and lie in one another, drawn without lifting the pen."""
    left, middle, length, tall = _place(box, chance, large)
    t = np.linspace(0, 1, 220)
    loops = chance.uniform(4, 9)
    turn = 2 * np.pi * loops * t
    size = 0.5 * tall * (0.45 + 0.55 * np.abs(np.cos(turn / chance.uniform(3, 6))))
    xs = left + length * (0.1 + 0.8 * t) + 0.5 * size * np.cos(turn) + 0.3 * size * np.sin(turn)
    stroke(paper, np.column_stack([xs, middle + size * np.sin(turn)]), pen, chance)


def flowing(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """A hand as it moves: each push of the muscles is an arc, fast in its middle, and begins before the last has ended."""
    left, middle, length, tall = _place(box, chance, large)
    pushes, t = 2 * int(chance.integers(5, 10)), np.linspace(0, 1, 420)
    lean, wild = chance.uniform(-0.1, 0.4), chance.uniform(0.25, 0.7)
    flow = np.zeros((len(t), 2))
    for number in range(pushes):
        since = np.maximum(1e-3, t * (pushes + 1) - number)  # in pushes
        far = np.log(since / 0.8) / 0.3
        speed = np.exp(-0.5 * far**2) / since
        down = number % 2
        way = (-1.75 if down else 1.0) - lean + chance.normal(0, 0.18)
        bend = chance.normal(1.5 if down else 0.6, wild) * (1.8 if chance.random() < 0.2 else 1.0)
        angle = way + bend * (1 / (1 + np.exp(-1.7 * far)) - 0.5)
        tall_one = number < 2 or (number % 2 == 0 and chance.random() < 0.2)
        size = chance.uniform(1.3, 1.9) if tall_one else chance.uniform(0.6, 1.0)
        flow += (size * speed)[:, None] * np.column_stack([np.cos(angle), -np.sin(angle)])
    line = np.cumsum(flow, axis=0)
    line[:, 1] -= np.polyval(np.polyfit(line[:, 0], line[:, 1], 2), line[:, 0])
    line -= line.min(0)
    line *= (length, tall) / np.maximum(line.max(0), 1e-6)
    line += (left, middle - tall * 0.5)
    cut = int(len(line) * chance.uniform(0.25, 0.6))
    for part in (line[:cut], line[cut + 12 :]) if chance.random() < 0.4 else (line,):
        stroke(paper, part, pen, chance)
    _flourish(paper, left, middle, length, tall, pen, chance)


def capitals(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator, large: float = 1.0) -> None:
    """Two or three tall capitals that lean, and a tail with hardly a letter in it."""
    left, middle, length, tall = _place(box, chance, large)
    count, lean = int(chance.integers(2, 4)), chance.uniform(0.1, 0.4)
    step = length * 0.45 / count
    for number in range(count):
        x, top, low = left + number * step, middle - tall * chance.uniform(0.45, 0.55), middle + tall * 0.45
        stem = [(x + lean * tall, top), (x + lean * tall * 0.45, middle), (x - chance.uniform(0, 1), low)]
        stroke(paper, curve(np.array(stem), 20), pen, chance)
        far, dip = x + lean * tall + step * chance.uniform(0.7, 1.2), middle + tall * chance.uniform(-0.12, 0.15)
        bow = [(x + lean * tall * 0.7 - 2, top + 1.5), (far, top + tall * chance.uniform(0.05, 0.2)), (x + 1, dip)]
        if chance.random() < 0.6:
            bow += [(far, middle + tall * 0.3), (x + 1.5, low - chance.uniform(0, 1.5))]
        stroke(paper, curve(np.array(bow), 18), pen, chance)
    bumps = int(chance.integers(4, 9))
    xs = np.linspace(left + length * 0.45, left + length, 2 * bumps)
    high = (
        tall
        * chance.uniform(0.06, 0.16)
        * np.where(np.arange(2 * bumps) % 2, 1, -1)
        * chance.uniform(0.4, 1, 2 * bumps)
    )
    tail = np.column_stack([xs, middle + tall * 0.25 + high - (xs - left) * chance.uniform(-0.02, 0.1)])
    stroke(paper, curve(tail, 10), pen, chance)


Hand = Callable[..., None]
HANDS: dict[str, tuple[Hand, ...]] = {
    "tuning": (running, running, looped), "report": (running, looped, scripted), "final": (spiked, knotted, scripted),
    "unseen": (flowing, flowing, capitals),
}  # fmt: skip


def initials(paper: Paper, box: Box, pen: Pen, chance: np.random.Generator) -> None:
    """Two letters or a scrawl of half the size of a signature."""
    running(paper, box, pen, chance, 0.5)
