"""Scans of a letter's pages as one flat PDF, no larger than is allowed and still legible. Only inside the child."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
import pikepdf
from PIL import Image

from bot.checking.scan import DPI
from bot.checking.template import Picture
from bot.letters.codes import shaped
from bot.letters.pen import SIZES
from bot.uploads.reading import codes_seen

# Resolution and JPEG quality, the best first. Below 150 dpi a clerk's screen blurs the small print.
STEPS: tuple[tuple[int, int], ...] = ((200, 68), (200, 55), (170, 60), (170, 48), (150, 50), (150, 38), (150, 28))
ALIKE = 0.85  # correlation of the print with the scan's, from which on letters keep their shapes
PRINT_SIZE = 1.5  # pixels, sigma: what is coarser than print does not tell of it
POINTS = 72 / 25.4  # a mm


class TooLarge(ValueError):
    """The pages don't fit into so many bytes and stay legible. `least` is what they would take."""

    def __init__(self, least: int) -> None:
        super().__init__(f"the pages need {least} bytes to stay legible")
        self.least = least


def pdf_of(scans: Sequence[bytes], paper: str, max_bytes: int | None = None) -> bytes:
    """A PDF of these scans (JPEGs as scan() makes them), in their order, a page each, on "A4" or "Letter".

    The scans go in as they are where they fit; else each is made smaller, step by step, as long as it is legible.

    Raises:
        TooLarge: even the last legible step is more than `max_bytes`.
    """
    made = _pdf(scans, paper)
    if max_bytes is None or len(made) <= max_bytes:
        return made
    pictures = [_opened(scan) for scan in scans]
    for dpi, quality in STEPS:
        pages = [_smaller(picture, dpi, quality) for picture in pictures]
        if not all(legible(picture, _opened(page)) for picture, page in zip(pictures, pages, strict=True)):
            break
        made = min(made, _pdf(pages, paper), key=len)
        if len(made) <= max_bytes:
            return made
    raise TooLarge(len(made))


def legible(scan: Picture, smaller: Picture) -> bool:
    """Whether a smaller copy still has the scan's letters: its code, where the scan's is read, and the fine shapes."""
    code = _code(scan)
    if code is not None and _code(smaller) != code:
        return False
    size = smaller.shape[1], smaller.shape[0]
    first, second = (_fine(cv2.resize(one, size, interpolation=cv2.INTER_AREA)) for one in (scan, smaller))
    return float((first * second).sum()) >= ALIKE * float(np.linalg.norm(first) * np.linalg.norm(second))


def _code(picture: Picture) -> str | None:
    return next((seen.text for seen in codes_seen(Image.fromarray(picture), patient=False) if shaped(seen.text)), None)


def _fine(picture: Picture) -> np.ndarray:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), PRINT_SIZE))


def _opened(jpeg: bytes) -> Picture:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        return np.asarray(image.convert("RGB"))


def _smaller(picture: Picture, dpi: int, quality: int) -> bytes:
    image = Image.fromarray(picture)
    if dpi < DPI:
        size = (round(image.width * dpi / DPI), round(image.height * dpi / DPI))
        image = image.resize(size, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def _pdf(scans: Sequence[bytes], paper: str) -> bytes:
    pdf = pikepdf.new()
    width, height = (edge * POINTS for edge in SIZES[paper])
    for scan in scans:
        pdf.add_blank_page(page_size=(width, height))
        page = pdf.pages[-1]
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=_picture(pdf, scan)))
        page.Contents = pdf.make_stream(f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Page Do Q".encode())
    file = io.BytesIO()
    pdf.save(file, deterministic_id=True)
    return file.getvalue()


def _picture(pdf: pikepdf.Pdf, jpeg: bytes) -> pikepdf.Stream:
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        width, height, grey = image.width, image.height, image.mode == "L"
    return pdf.make_stream(
        jpeg, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=width, Height=height,
        ColorSpace=pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB, BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
