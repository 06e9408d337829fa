"""Find the page in a photo: the flat map from the paper to the picture, by what stands out on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.checking.template import COARSE, FEATURES, Grey, Points, Template, standing_out
from bot.letters.pen import QR

RATIO = 0.85  # of the best match's distance to the next
ENOUGH = 12  # points that agree
NAMED = 40  # ... without a code, and so many times the next page's:
AHEAD = 1.6
PATIENCE = 2000  # steps of the search for a plane
OFF = 2.5  # mm that a point may lie off the plane: paper bends
A4 = 297.0  # mm
USUAL_FILL = 0.85  # of a photo by the page
ROUND_THE_PAGE = 70.0  # mm: by its code alone a page seen from the side is placed no better
LEAST_PX = 0.5  # pixels a mm: a smaller page is no page, for nothing on it could be told
LARGEST = 1.6  # times a small photo is enlarged to look for features


Corners = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Plane:
    homography: NDArray[Any]  # mm -> pixels of the photo
    agreed: int  # points


@dataclass(frozen=True)
class Photo:
    """What stands out in a photo. Turned upright by its code, where that is known, for then far more is found again."""

    grey: NDArray[Any]  # uint8
    points: Points  # as looked at
    described: NDArray[Any]
    back: NDArray[Any]  # 3 x 3: as looked at -> pixels of the photo
    scale: float  # pixels of the photo a mm, about

    @classmethod
    def of(cls, grey: NDArray[Any], page: Template | None, corners: Corners | None) -> Photo:
        """The photo as it is, or with the corners of the code of that page."""
        if corners is None or page is None:
            scale = max(grey.shape) / A4 * USUAL_FILL
            factor = min(LARGEST, COARSE / scale)
            way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
            small = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=way)
            back = np.diag([1 / factor, 1 / factor, 1.0])
        else:
            scale = float(np.sqrt(cv2.contourArea(np.array(corners, np.float32)))) / QR
            small, back = _upright(grey, page, corners, scale)
        small = cv2.createCLAHE(2.0, (8, 8)).apply(small)
        points, described = standing_out(small, int(FEATURES * 1.3))
        return cls(grey, points, described, back, scale)


def _upright(grey: NDArray[Any], page: Template, corners: Corners, scale: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """The photo at COARSE with the page about where the template has it, and the way back to the photo."""
    there = _affine(corners, page)
    high, wide = grey.shape
    whole = np.array([(0, 0, 1), (wide, 0, 1), (wide, high, 1), (0, high, 1)], np.float64) @ np.linalg.inv(there).T
    low = np.maximum(whole[:, :2].min(0), -ROUND_THE_PAGE)
    most = np.minimum(whole[:, :2].max(0), (page.width + ROUND_THE_PAGE, page.height + ROUND_THE_PAGE))
    size = np.maximum(1, ((most - low) * COARSE).astype(int))
    back = there @ np.array([[1 / COARSE, 0, low[0]], [0, 1 / COARSE, low[1]], [0, 0, 1]])
    soft = cv2.GaussianBlur(grey, (0, 0), 0.4 * scale / COARSE) if scale > 1.3 * COARSE else grey
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shape = (int(size[0]), int(size[1]))
    return cv2.warpAffine(soft, back[:2], shape, flags=way, borderMode=cv2.BORDER_REPLICATE), back


def found(photo: Photo, template: Template) -> Plane | None:
    """Where the page lies in the photo, or None."""
    places, described = template.features
    if len(photo.described) < ENOUGH or len(described) < ENOUGH:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(described, photo.described, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < ENOUGH:
        return None
    paper = np.array([places[one.queryIdx] for one in good], np.float64)
    seen = np.array([photo.points[one.trainIdx] for one in good], np.float64)
    homography, inside = cv2.findHomography(
        paper, seen, cv2.USAC_MAGSAC, OFF * COARSE, maxIters=PATIENCE, confidence=0.999
    )
    if homography is None or int(inside.sum()) < ENOUGH:
        return None
    homography = photo.back @ homography
    return Plane(homography, int(inside.sum())) if _can_lie(homography, template) else None


def by_code(corners: Corners, template: Template) -> Plane | None:
    """Where the page lies by its code alone: right near the code, and the further away the less."""
    affine = _affine(corners, template)
    return Plane(affine, 4) if _can_lie(affine, template) else None


def _affine(corners: Corners, template: Template) -> NDArray[Any]:
    """mm -> pixels by the code's corners. Four points would give a perspective too, but a wild one."""
    x0, y0, x1, y1 = template.code_box
    paper = np.array([(x0, y0, 1), (x1, y0, 1), (x1, y1, 1), (x0, y1, 1)], np.float64)
    affine = np.linalg.lstsq(paper, np.array(corners, np.float64), rcond=None)[0].T
    return np.vstack([affine, [0, 0, 1]])


def named(photo: Photo, templates: Sequence[Template]) -> tuple[Template, Plane] | None:
    """Which of the pages this is a photo of, told without a code; None unless it is plain."""
    planes = [(plane, template) for template in templates if (plane := found(photo, template))]
    planes.sort(key=lambda pair: -pair[0].agreed)
    if not planes or planes[0][0].agreed < NAMED:
        return None
    if len(planes) > 1 and planes[0][0].agreed < AHEAD * planes[1][0].agreed:
        return None
    return planes[0][1], planes[0][0]


def _can_lie(homography: NDArray[Any], template: Template) -> bool:
    """Whether a sheet can lie like this: not mirrored, not folded over, no corner at the horizon, and not a dot."""
    right, bottom = template.width, template.height
    corners = np.array([(0, 0), (right, 0), (right, bottom), (0, bottom)], np.float64)
    depth = corners @ homography[2, :2] + homography[2, 2]
    if depth.min() * depth.max() <= 0 or abs(depth).max() > 4 * abs(depth).min():
        return False
    seen = cv2.perspectiveTransform(corners.reshape(-1, 1, 2), homography).reshape(-1, 2).astype(np.float32)
    least = LEAST_PX**2 * template.width * template.height
    return bool(cv2.isContourConvex(seen) and cv2.contourArea(seen, True) > least)


def grey_of(picture: NDArray[Any]) -> Grey:
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
