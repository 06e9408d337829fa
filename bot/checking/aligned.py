"""Undo how a page was held, bent and printed: the exact map from the paper to the photo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking.plane import Plane
from bot.checking.template import FINE, Grey, Points, Template
from bot.letters.sheet import Box

BLOCK = 14.0  # mm
ALIKE = 0.45  # correlation of a block that was found
MOST_FOUND = 0.75  # of the blocks: then the plane needs no refitting
ENOUGH = 0.9  # ... that agree with each other: then no other plane needs to be tried
ROUNDS = 6
REACHES = (14.0, 10.0, 8.0)  # mm that a block's move counts around it
UNLIKELY = 0.5  # mm off its neighbours
LEAST_PRINT = 0.02  # of a block
DOUBTFUL = 0.75  # of the others' correlation
MOST_DOUBTFUL = 80  # blocks
FEWEST = 6  # blocks that hold a page
SLID = 1.0  # mm along which a block is compared with itself
PLAIN = 0.15  # of correlation: so much better here than there
UNSURE, SURE = 0.02, 0.4
ASTRAY = 1.5  # mm off a smooth surface through all blocks
STEP = 1.5  # mm: the map is smooth, so it is worked out at so many points only
STRIP = 8  # ... rows of which are mapped at once: the map of a whole page would not fit into a processor's cache
# Powers of y and of x that a cubic surface is made of.
POWERS = ((0, 0, 1, 0, 1, 2, 0, 1, 2, 3), (0, 1, 0, 2, 1, 0, 3, 2, 1, 0))


@dataclass
class Alignment:
    """Where each point of the paper lies in the photo."""

    homography: NDArray[Any]  # mm -> pixels of the photo
    size: tuple[float, float]  # mm
    agreed: int = 0
    bend: NDArray[Any] | None = None  # 10 x 2 coefficients: mm on the paper -> mm further
    local: NDArray[Any] | None = None  # rows x columns x 2 (mm), every BLOCK / 2
    blocks: NDArray[Any] | None = None  # rows of x, y (mm), score
    off: float = 0.0  # mm that the last round still moved, median

    def seen(self, points: Points) -> Points:
        """Pixels of the photo for points of the paper in mm."""
        moved = points
        if self.bend is not None:
            moved = points + _powers(points, self.size) @ self.bend
        moved = moved + self.pulled(points)
        return cv2.perspectiveTransform(moved.reshape(-1, 1, 2), self.homography).reshape(-1, 2)

    def seen_grid(self, xs: NDArray[Any], ys: NDArray[Any]) -> NDArray[Any]:
        """The same for a grid, rows x columns x 2: by its axes it is far quicker than by its points."""
        points = np.stack(np.meshgrid(xs, ys), axis=-1)
        moved = points.copy()
        if self.bend is not None:
            across, down = (_cubes(axis, size) for axis, size in zip((xs, ys), self.size, strict=True))
            surface = np.zeros((2, 4, 4))
            surface[:, *POWERS] = self.bend.T
            moved += np.moveaxis(down @ surface @ across.T, 0, -1)
        if self.local is not None:
            moved += _between(self.local, points)
        return cv2.perspectiveTransform(moved.reshape(-1, 1, 2), self.homography).reshape(moved.shape)

    def pulled(self, points: Points) -> Points:
        """mm that points are moved by the local bends."""
        return np.zeros_like(points) if self.local is None else _between(self.local, points[:, None])[:, 0]

    def cut(self, photo: NDArray[Any], box: Box, px: float) -> NDArray[Any]:
        """A box of the paper (mm) as it would look flat, at that many pixels a mm."""
        x0, y0, x1, y1 = box
        wide, high = round((x1 - x0) * px), round((y1 - y0) * px)
        step = round(STEP * px)
        # The middles of squares of so many pixels, one square more all round: resize() has nothing beyond the last.
        xs, ys = ((np.arange(-1, -(-size // step) + 1) + 0.5) * step for size in (wide, high))
        seen = (self.seen_grid(x0 + xs / px, y0 + ys / px) - 0.5).astype(np.float32)
        page = np.empty((high, wide, *photo.shape[2:]), photo.dtype)
        photo, corner = _around(photo, seen)
        seen -= corner
        in_colour = photo.ndim == 3
        if in_colour:
            photo = cv2.cvtColor(photo, cv2.COLOR_RGB2RGBA)  # of four channels remap() takes half the time of three
        for top in range(0, high, STRIP * step):
            rows = seen[top // step : top // step + STRIP + 2]
            whole = cv2.resize(rows, (len(xs) * step, len(rows) * step), interpolation=cv2.INTER_LINEAR)
            whole = whole[step : step + min(STRIP * step, high - top), step : step + wide]
            part = cv2.remap(photo, whole, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
            page[top : top + len(part)] = cv2.cvtColor(part, cv2.COLOR_RGBA2RGB) if in_colour else part
        return page

    def at(self, scale: float) -> Alignment:
        """The same for the photo enlarged by that."""
        return replace(self, homography=np.diag([scale, scale, 1.0]) @ self.homography)

    def sharpness(self) -> NDArray[Any]:
        """Pixels of the photo a mm of paper, at its worst in any direction, on a grid over the page."""
        xs, ys = np.meshgrid(np.linspace(15, self.size[0] - 15, 6), np.linspace(15, self.size[1] - 15, 8))
        grid = np.column_stack([xs.ravel(), ys.ravel()])
        at, right, down = self.seen(grid), self.seen(grid + np.array((1, 0))), self.seen(grid + np.array((0, 1)))
        steps = np.stack([right - at, down - at], axis=1)
        return np.asarray(np.linalg.svd(steps, compute_uv=False)[:, 1])


def aligned(grey: NDArray[Any], template: Template, planes: Iterable[Plane]) -> Alignment | None:
    """The first plane by which most of the page is found, or the best, bent as the paper is.

    Blocks of print are looked for near where they should be, coarsely to begin with.
    """
    best: tuple[int, Alignment, NDArray[Any]] | None = None
    for plane in planes:
        found, blocks = _grown(grey, template, plane)
        good = _agreeing(blocks, found.size)
        if best is None or good.sum() > best[0]:
            best = int(good.sum()), found, blocks
        if (good & (blocks[:, 5:7].min(axis=1) > SURE)).mean() > ENOUGH:
            break
    if best is None or best[0] < FEWEST:
        return None
    _, found, blocks = best
    found.bend = _fit(blocks[blocks[:, 4] > ALIKE], found.size)
    for px, reach in ((2.0, 4.0), (FINE, 1.75)):
        blocks = _looked_for(grey, template, found, px, reach, 0.5)
        blocks[:, 2:4] += found.pulled(blocks[:, :2])
        if (blocks[:, 4] > ALIKE).sum() < FEWEST:
            return None
        _settle(found, blocks)
    _look_again(grey, template, found, blocks)
    found.blocks = blocks[:, [0, 1, 4]]
    return found


def _around(photo: NDArray[Any], seen: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The part of a photo that all these pixels lie in, and the pixel at its corner."""
    size = np.array(photo.shape[1::-1])
    low = np.clip(np.floor(seen.min(axis=(0, 1))) - 1, 0, size - 1).astype(int)
    most = np.clip(np.ceil(seen.max(axis=(0, 1))) + 2, low + 1, size).astype(int)
    return photo[low[1] : most[1], low[0] : most[0]], low


def _agreeing(blocks: NDArray[Any], size: tuple[float, float]) -> NDArray[Any]:
    """Which of the blocks were found, and lie about where the others let one expect."""
    good = blocks[:, 4] > ALIKE
    if good.sum() < FEWEST:
        return good
    off = blocks[:, 2:4] - _powers(blocks[:, :2], size) @ _fit(blocks[good], size)
    return np.asarray(good & (np.hypot(*(off * blocks[:, 5:7]).T) < ASTRAY))


def _grown(grey: NDArray[Any], template: Template, plane: Plane) -> tuple[Alignment, NDArray[Any]]:
    """The plane, refitted to what is found by it until no more is found: it grows from where it is right."""
    found = Alignment(plane.homography, (template.width, template.height), plane.agreed)
    blocks = _looked_for(grey, template, found, 2.0, 6.0, 1.0)
    for _ in range(ROUNDS):
        good = blocks[:, 4] > ALIKE
        if good.mean() > MOST_FOUND or good.sum() < 4:
            break
        sure = good & (blocks[:, 5:7].min(axis=1) > SURE)
        better = _refitted(found, blocks[sure if sure.sum() >= FEWEST else good])
        if better is None:
            break
        again = _looked_for(grey, template, better, 2.0, 6.0, 1.0)
        if (again[:, 4] > ALIKE).sum() <= good.sum():
            break
        found, blocks = better, again
    return found, blocks


def _refitted(found: Alignment, blocks: NDArray[Any]) -> Alignment | None:
    places = np.ascontiguousarray(blocks[:, :2])
    seen = np.ascontiguousarray(found.seen(places + blocks[:, 2:4]))
    room = 2.5 * float(found.sharpness().mean())
    if len(blocks) < 10:  # too few to tell how the page leans
        affine, _ = cv2.estimateAffine2D(places, seen, ransacReprojThreshold=room)
        homography = None if affine is None else np.vstack([affine, [0, 0, 1]])
    else:
        homography, _ = cv2.findHomography(places, seen, cv2.USAC_MAGSAC, room)
    return None if homography is None else Alignment(homography, found.size, found.agreed)


def _looked_for(
    grey: NDArray[Any], template: Template, found: Alignment, px: float, reach: float, stride: float
) -> NDArray[Any]:
    flat = _flat(grey, template, found, px)
    return _matches(template, flat, px, reach, _places(template, px, stride))


def _flat(grey: NDArray[Any], template: Template, found: Alignment, px: float) -> Grey:
    flat = found.cut(grey, (0.0, 0.0, template.width, template.height), px)
    return evened(flat.astype(np.float32) / 255, px)


def _settle(found: Alignment, blocks: NDArray[Any]) -> None:
    """Bend the page by how far the blocks lie off, first as one sheet, then here and there."""
    good = blocks[blocks[:, 4] > ALIKE]
    more = _fit(good, found.size)
    found.bend = more if found.bend is None else found.bend + more
    blocks[:, 2:4] -= _powers(blocks[:, :2], found.size) @ more
    good = blocks[blocks[:, 4] > ALIKE]
    found.local = _field(good, found.size)


def _look_again(grey: NDArray[Any], template: Template, found: Alignment, blocks: NDArray[Any]) -> None:
    """Look further off for blocks that fit worse than the others or lie otherwise: a corner that curls, mostly."""
    off = np.hypot(*((blocks[:, 2:4] - found.pulled(blocks[:, :2])) * blocks[:, 5:7]).T)
    doubtful = np.flatnonzero((blocks[:, 4] < DOUBTFUL * np.median(blocks[:, 4])) | (off > UNLIKELY))[:MOST_DOUBTFUL]
    if len(doubtful):
        smooth = replace(found, local=None)
        corners = np.round((blocks[doubtful, :2] - BLOCK / 2) * FINE).astype(int)
        again = _matches(template, _flat(grey, template, smooth, FINE), FINE, 6.0, corners)
        better = again[:, 4] > blocks[doubtful, 4] + 0.05
        blocks[doubtful[better]] = again[better]
        good = blocks[blocks[:, 4] > ALIKE]
        found.local = _field(good, found.size)
    found.off = float(np.median(np.hypot(*(blocks[:, 2:4] - found.pulled(blocks[:, :2])).T)))


def evened(grey: Grey, px: float) -> Grey:
    """Against its own paper: shadows go, print stays."""
    small = cv2.resize(grey, None, fx=1 / px, fy=1 / px, interpolation=cv2.INTER_AREA)  # a pixel a mm
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), (0, 0), 4)
    paper = cv2.resize(np.maximum(paper, 0.03), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.minimum(cv2.divide(grey, paper), 1.1)


def _places(template: Template, px: float, stride: float) -> NDArray[Any]:
    """Top left corners (pixels) of the blocks that have print."""
    _, printed = template.at(px)
    side, step = round(BLOCK * px), round(BLOCK * px * stride)
    share = cv2.boxFilter(printed, -1, (side, side), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    ys, xs = (
        np.arange(round(4 * px), share.shape[0] - side, step),
        np.arange(round(4 * px), share.shape[1] - side, step),
    )
    rows, columns = np.nonzero(share[np.ix_(ys, xs)] >= LEAST_PRINT)
    return np.column_stack([xs[columns], ys[rows]])


def _matches(template: Template, flat: Grey, px: float, reach: float, corners: NDArray[Any]) -> NDArray[Any]:
    """Rows of x, y, dx, dy (mm), score, and how sure dx and dy are (0 to 1): where each block is found."""
    page, _ = template.at(px)
    side, margin = round(BLOCK * px), round(reach * px)
    padded = cv2.copyMakeBorder(flat, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    best, at = np.empty(len(corners)), np.empty((2, len(corners)), int)
    lines = np.empty((2, len(corners), 2 * margin + 1), np.float32)  # of scores: through the best one, across and down
    for number, (x, y) in enumerate(corners.tolist()):
        around = padded[y : y + side + 2 * margin, x : x + side + 2 * margin]
        score = cv2.matchTemplate(around, page[y : y + side, x : x + side], cv2.TM_CCOEFF_NORMED)
        _, best[number], _, (bx, by) = cv2.minMaxLoc(score)
        at[:, number] = bx, by
        lines[0, number], lines[1, number] = score[by], score[:, bx]
    moves = [(found + _peaks(line, found) - margin) / px for line, found in zip(lines, at, strict=True)]
    sure = [_sure(line, found, round(SLID * px)) for line, found in zip(lines, at, strict=True)]
    return np.column_stack([(corners + side / 2) / px, *moves, best, *sure])


def _sure(lines: NDArray[Any], at: NDArray[Any], away: int) -> NDArray[Any]:
    """How sure it is that blocks lie there and not further along: a rule of a table looks the same all along it."""
    near = np.abs(np.arange(lines.shape[1]) - at[:, None]) <= away
    others = np.where(near, -1, lines).max(axis=1)
    return np.asarray(np.clip((lines[np.arange(len(lines)), at] - others) / PLAIN, UNSURE, 1.0))


def _peaks(lines: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    """peak() of each line."""
    inner = np.clip(at, 1, lines.shape[1] - 2)
    left, middle, right = (lines[np.arange(len(lines)), inner + by].astype(float) for by in (-1, 0, 1))
    curve = left - 2 * middle + right
    hill = (inner == at) & (curve < -1e-6)
    return np.asarray(np.where(hill, 0.5 * (left - right) / np.where(hill, curve, 1), 0))


def peak(line: NDArray[Any], at: int) -> float:
    """How far the top of the hill is from its highest pixel."""
    if not 0 < at < len(line) - 1:
        return 0.0
    left, middle, right = line[at - 1 : at + 2].tolist()
    curve = left - 2 * middle + right
    return 0.5 * (left - right) / curve if curve < -1e-6 else 0.0


def _powers(points: Points, size: tuple[float, float]) -> NDArray[Any]:
    down, across = POWERS
    return np.asarray(_cubes(points[:, 0], size[0])[:, across] * _cubes(points[:, 1], size[1])[:, down])


def _cubes(places: NDArray[Any], size: float) -> NDArray[Any]:
    """1, x, x2 and x3 of places on the page, from -1 to 1."""
    return np.vander(places / size * 2 - 1, 4, increasing=True)


def _between(field: NDArray[Any], points: Points) -> NDArray[Any]:
    """What a field with a value every BLOCK / 2 has at points (mm): rows x columns x 2, either less than 32,768."""
    at = (points / (BLOCK / 2)).astype(np.float32)
    return cv2.remap(field, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload, no-any-return]


def _fit(blocks: NDArray[Any], size: tuple[float, float]) -> NDArray[Any]:
    """A cubic surface through the moves; what does not fit loses its say."""
    places, moves, weight = blocks[:, :2], blocks[:, 2:4], blocks[:, 4:5] * blocks[:, 5:7]
    base = _powers(places, size)
    many = len(places) > 30
    ridge = np.diag([1e-6] * 3 + [1e-2 if many else 0.3] * 3 + [3e-2 if many else 3.0] * 4) * len(places) * 0.02
    say = weight.copy()
    fitted = np.zeros((10, 2))
    for _ in range(8):
        for axis in (0, 1):
            own = base.T * say[:, axis]
            fitted[:, axis] = np.linalg.solve(own @ base + ridge, own @ moves[:, axis])
        off = np.hypot(*((moves - base @ fitted) * blocks[:, 5:7]).T)
        say = weight / (1 + (off[:, None] / 0.6) ** 2)
    return fitted


def _field(blocks: NDArray[Any], size: tuple[float, float]) -> NDArray[Any]:
    """What is left, as a smooth field: each block pulls at its neighbourhood, and what that leaves pulls again."""
    places, left, weight = blocks[:, :2], blocks[:, 2:4], blocks[:, 4:5] * blocks[:, 5:7]
    step = BLOCK / 2
    grid = np.arange(0, size[0] + step, step), np.arange(0, size[1] + step, step)
    # Blocks lie in rows and columns, so the pull at all of them is worked out as for a grid.
    own, rows_of, columns_of = _lattice(places)
    field, say = np.zeros((len(grid[1]), len(grid[0]), 2)), weight
    for reaches in REACHES:
        field = field + _pulled(grid, places, left, say, reaches)
        left = left - _pulled(own, places, left, say, reaches)[rows_of, columns_of]
        off = ((left * blocks[:, 5:7]) ** 2).sum(-1, keepdims=True)
        say = weight / (1 + off / UNLIKELY**2)  # one against all its neighbours was mistaken
    return field.astype(np.float32)


Grid = tuple[NDArray[Any], NDArray[Any]]  # the x of its columns, the y of its rows


def _lattice(places: Points) -> tuple[Grid, NDArray[Any], NDArray[Any]]:
    xs, columns_of = np.unique(places[:, 0], return_inverse=True)
    ys, rows_of = np.unique(places[:, 1], return_inverse=True)
    return (xs, ys), rows_of, columns_of


def _pulled(grid: Grid, places: Points, moves: Points, say: NDArray[Any], reaches: float) -> NDArray[Any]:
    """The moves, weighted by how near and how sure they are, at each point of a grid."""
    across, down = (
        np.exp(-((axis[:, None] - places[:, number]) ** 2) / reaches**2) for number, axis in enumerate(grid)
    )
    axes = [
        ((down * (say[:, axis] * moves[:, axis])) @ across.T) / (0.4 + (down * say[:, axis]) @ across.T)
        for axis in (0, 1)
    ]
    return np.stack(axes, axis=-1)
