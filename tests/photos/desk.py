"""What is round the page and on it: a desk, other papers, fingers, things that were forgotten there."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.photos.lying import Place

Light = NDArray[np.float32]
_DESKS = ((120, 85, 55), (60, 60, 65), (200, 195, 185), (90, 100, 80), (160, 130, 100), (30, 30, 34))
_SKINS = ((224, 172, 140), (141, 85, 54), (198, 134, 96), (255, 205, 180))


def desk(height: int, width: int, clutter: int, chance: np.random.Generator) -> Light:
    """Wood, cloth or a plain colour, with things lying about."""
    base = np.array(_DESKS[int(chance.integers(len(_DESKS)))], np.float32)
    small = chance.normal(0, 1, (height // 40 + 2, width // 8 + 2)).astype(np.float32)
    if chance.random() < 0.5:
        grain = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    else:
        grain = cv2.resize(small, (height, width), interpolation=cv2.INTER_CUBIC).T
    found = np.ascontiguousarray(base + grain[..., None] * chance.uniform(2, 14), np.float32)
    for _ in range(clutter):
        colour = chance.uniform(10, 245, 3)
        at = (int(chance.uniform(0, width)), int(chance.uniform(0, height)))
        size = chance.uniform(0.05, 0.3) * width
        corners = cv2.boxPoints((at, (size, size * chance.uniform(0.1, 1.2)), float(chance.uniform(0, 180)))).astype(
            int
        )
        cv2.fillPoly(found, [corners], colour.tolist(), cv2.LINE_AA)
        if chance.random() < 0.4:
            _paper(found, corners, chance)
    return found


def _paper(found: Light, corners: NDArray[np.int64], chance: np.random.Generator) -> None:
    """Another paper with print on it."""
    cv2.fillPoly(found, [corners], (235, 235, 232), cv2.LINE_AA)
    for line in range(6):
        a = corners[0] + (corners[3] - corners[0]) * (line + 1) / 8 + (corners[1] - corners[0]) * 0.1
        b = a + (corners[1] - corners[0]) * chance.uniform(0.3, 0.8)
        cv2.line(found, tuple(a.astype(int)), tuple(b.astype(int)), (60, 60, 60), 2, cv2.LINE_AA)


def fingers(photo: Light, place: Place, number: int, chance: np.random.Generator) -> None:
    """Finger tips that hold the paper at its sides."""
    skin = _SKINS[int(chance.integers(len(_SKINS)))]
    for _ in range(number):
        left = chance.random() < 0.5
        y = chance.uniform(0.25, 0.75) * place.height
        tip = place.seen(np.array([(chance.uniform(2, 9) if left else place.width - chance.uniform(2, 9), y)]))[0]
        root = place.seen(np.array([(-40.0 if left else place.width + 40.0, y + chance.uniform(-10, 25))]))[0]
        cv2.line(
            photo, tuple(tip.astype(int)), tuple(root.astype(int)), skin, max(3, int(15 * place.scale)), cv2.LINE_AA
        )


def things_on(photo: Light, place: Place, box: tuple[float, float, float, float], chance: np.random.Generator) -> None:
    """A hand, a phone or another sheet that covers a part of the page (mm)."""
    x, y, width, height = box
    corners = place.seen(np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], float)).astype(
        int
    )
    what = int(chance.integers(3))
    if what == 0:
        cv2.fillPoly(photo, [corners], _SKINS[int(chance.integers(len(_SKINS)))], cv2.LINE_AA)
    elif what == 1:
        cv2.fillPoly(photo, [corners], chance.uniform(10, 90, 3).tolist(), cv2.LINE_AA)
    else:
        _paper(photo, corners, chance)
