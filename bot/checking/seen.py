"""What a picture is when it is no photo of a printed page: our own file, a blank sheet, something else."""

from __future__ import annotations

import cv2
import numpy as np

from bot.checking.flat import Flat
from bot.checking.plane import grey_of
from bot.checking.template import Picture

DARK_PICTURE = 45  # of 255: nothing of some size in it is lighter
SMALL = 48  # pixels of the long side at which only what has some size is left
WHITE = 0.997  # light of paper that is no paper
SILENT = 0.002  # noise of four fifths of it
STRAIGHT = 0.25  # mm that print lies off a page that was never printed
BLACK = 1.0  # times as dark as the template: blurred, a screen's letters stay black, a printer's do not
SHARP_EDGE = 18.0  # grey levels: an edge of print or of a thing
FEW_EDGES = 0.004  # of a blank sheet's pixels
FEW_HOLES = 0.002  # of the picture: dark places in the sheet, as print makes them


def looks_sent(flat: Flat) -> bool:
    """Whether this is our file as a screen shows it: pure white, straight, not printed and not photographed."""
    alignment = flat.alignment
    perspective = float(np.abs(alignment.homography[2, :2]).max()) * max(alignment.size)
    bend = 0.0 if alignment.bend is None else float(np.abs(alignment.bend[3:]).max())
    white = float(np.median(flat.light)) >= WHITE
    if not white or perspective >= 0.004 or bend >= STRAIGHT:
        return False
    silent = float(np.percentile(np.abs(flat.grain), 80)) < SILENT
    return silent and flat.depth > BLACK


def looks_dark(picture: Picture) -> bool:
    """Whether nothing can be seen. The page may be a small part of it, so the lightest part counts."""
    grey = grey_of(picture)
    factor = SMALL / max(grey.shape)
    size = max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return float(np.percentile(small, 97)) < DARK_PICTURE


def looks_blank(picture: Picture) -> bool:
    """Whether most of the picture is one light sheet with nothing on it."""
    grey = grey_of(picture)
    high = min(900, max(1, round(300 * grey.shape[0] / grey.shape[1])))
    small = cv2.resize(grey, (300, high), interpolation=cv2.INTER_AREA)
    light = float(np.percentile(small, 80))
    sheet = (small > 0.75 * light).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(sheet, connectivity=4)
    largest = (labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8) if len(stats) > 1 else sheet
    inner = cv2.erode(largest, np.ones((15, 15), np.uint8)).astype(bool)
    if inner.mean() < 0.2:
        return False
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(small, (0, 0), 0.8), cv2.CV_32F))
    outlines, _ = cv2.findContours(largest, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(largest), outlines, -1, 1, -1)
    holes = cv2.erode(filled, np.ones((9, 9), np.uint8)).astype(bool) & ~largest.astype(bool)
    return bool((edges[inner] > SHARP_EDGE).mean() < FEW_EDGES and holes.mean() < FEW_HOLES)
