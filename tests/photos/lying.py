"""How a sheet lies before the lens: bent, folded, seen from an angle."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
ROWS, COLUMNS = 36, 26  # pieces of the sheet, each seen by a plane map of its own


class Place:
    """Where each point of the sheet is seen. `shot` is a camera.Shot."""

    def __init__(
        self, width: float, height: float, out: tuple[int, int], shot: Any, chance: np.random.Generator
    ) -> None:
        self.width, self.height = width, height
        self.out_h, self.out_w = out
        self.axis = chance.uniform(0, np.pi) if chance.random() < 0.5 else (0.0 if chance.random() < 0.5 else np.pi / 2)
        self.curl, self.phase = shot.curl, chance.uniform(-0.5, 0.5)
        self.folds = [(chance.uniform(0.25, 0.75), chance.uniform(-1.5, 1.5)) for _ in range(shot.folds)]
        self.fold_across = chance.random() < 0.7
        tilt, way = np.radians(shot.tilt), chance.uniform(0, 2 * np.pi)
        self.rotation = _about((np.cos(way), np.sin(way), 0), tilt) @ _about((0, 0, 1), np.radians(shot.turn))
        self.distance = chance.uniform(1.25, 1.9) * height
        self.scale = 1.0  # pixels a mm
        self.offset = np.zeros(2)
        corners = self._projected(np.array([(0, 0), (width, 0), (0, height), (width, height)], float))
        low, high = corners.min(0), corners.max(0)
        self.scale = float(min(self.out_w / (high[0] - low[0]), self.out_h / (high[1] - low[1])) * shot.fill)
        middle = (low + high) / 2 * self.scale
        self.offset = (
            np.array([self.out_w / 2, self.out_h / 2]) - middle + np.array(shot.shift) * (self.out_w, self.out_h)
        )

    def lift(self, points: Points) -> NDArray[np.float64]:
        """mm above the desk."""
        x, y = points[:, 0] / self.width - 0.5, points[:, 1] / self.height - 0.5
        along = x * np.cos(self.axis) + y * np.sin(self.axis)
        lift = self.curl * (np.cos(np.pi * (along + self.phase * 0.5)) - 0.5)
        for at, high in self.folds:
            position = (y if self.fold_across else x) + 0.5
            lift = lift + high * np.maximum(0, 1 - np.abs(position - at) / 0.25)
        return lift

    def _projected(self, points: Points) -> Points:
        space = np.column_stack([points[:, 0] - self.width / 2, points[:, 1] - self.height / 2, -self.lift(points)])
        space = space @ self.rotation.T
        depth = self.distance + space[:, 2]
        return space[:, :2] * (self.distance / depth)[:, None]

    def seen(self, points: Points) -> Points:
        """Pixels for points in mm."""
        return self._projected(points) * self.scale + self.offset

    def laid(self, sheet: NDArray[np.uint8], px: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The sheet as it lies in the picture, and how much of each pixel it covers."""
        map_x = np.full((self.out_h, self.out_w), -1e4, np.float32)
        map_y = np.full((self.out_h, self.out_w), -1e4, np.float32)
        cover = np.zeros((self.out_h, self.out_w), np.float32)
        xs, ys = np.meshgrid(np.linspace(0, self.width, COLUMNS + 1), np.linspace(0, self.height, ROWS + 1))
        seen = self.seen(np.column_stack([xs.ravel(), ys.ravel()])).reshape(ROWS + 1, COLUMNS + 1, 2)
        for row in range(ROWS):
            for col in range(COLUMNS):
                quad = seen[[row, row, row + 1, row + 1], [col, col + 1, col + 1, col]].astype(np.float32)
                own = (xs[row, col], ys[row, col], xs[row, col + 1], ys[row + 1, col])
                self._piece(quad, own, px, map_x, map_y, cover)
        shrunk = self.scale / px
        source = cv2.GaussianBlur(sheet, (0, 0), 0.4 / shrunk) if shrunk < 0.8 else sheet
        page = cv2.remap(source, map_x - 0.5, map_y - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.GaussianBlur(cv2.morphologyEx(cover, cv2.MORPH_CLOSE, np.ones((3, 3))), (0, 0), 0.6)
        return page * self._shades(map_x / px, map_y / px)[..., None], cover

    def _piece(
        self, quad: NDArray[np.float32], own: tuple[float, float, float, float], px: float,
        map_x: NDArray[np.float32], map_y: NDArray[np.float32], cover: NDArray[np.float32],
    ) -> None:  # fmt: skip
        """Exact at its corners, smooth between."""
        left, top, right, bottom = own
        x0, y0 = np.floor(quad.min(0)).astype(int)
        x1, y1 = np.ceil(quad.max(0)).astype(int) + 1
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(self.out_w, x1), min(self.out_h, y1)
        if x1 <= x0 or y1 <= y0:
            return
        corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
        back = cv2.getPerspectiveTransform(quad, corners)
        gx, gy = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
        w = back[2, 0] * gx + back[2, 1] * gy + back[2, 2]
        at_x = (back[0, 0] * gx + back[0, 1] * gy + back[0, 2]) / w
        at_y = (back[1, 0] * gx + back[1, 1] * gy + back[1, 2]) / w
        inside = (at_x >= left - 1e-3) & (at_x <= right + 1e-3) & (at_y >= top - 1e-3) & (at_y <= bottom + 1e-3)
        map_x[y0:y1, x0:x1][inside] = at_x[inside] * px
        map_y[y0:y1, x0:x1][inside] = at_y[inside] * px
        cover[y0:y1, x0:x1][inside] = 1

    def _shades(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        """A slope turned from the lamp is darker."""
        xs, ys = np.meshgrid(np.linspace(0, self.width, 60), np.linspace(0, self.height, 80))
        high = self.lift(np.column_stack([xs.ravel(), ys.ravel()])).reshape(80, 60).astype(np.float32)
        slope = np.gradient(high, self.width / 59, axis=1) * 0.8 + np.gradient(high, self.height / 79, axis=0) * 0.6
        slope = cv2.resize(slope.astype(np.float32), (240, 320))  # folds keep an edge of a mm or so
        there = cv2.remap(
            slope, x / self.width * 239, y / self.height * 319, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.clip(1 + 2.2 * there, 0.72, 1.18)


def _about(axis: tuple[float, float, float], angle: float) -> NDArray[np.float64]:
    return cv2.Rodrigues(np.asarray(axis, float) * angle)[0]
