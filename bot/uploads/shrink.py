"""Make the copy that is handed on fit the formats and the size a country takes. Only inside the child."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from bot.uploads import images
from bot.uploads.refused import Refused
from bot.uploads.sniff import EXTENSION

# Long side in pixels (None: as it is) and JPEG quality, the best first. The last still shows the words of a page.
_STEPS: tuple[tuple[int | None, int], ...] = (
    (None, 92),
    (None, 82),
    (2600, 82),
    (2200, 78),
    (1800, 75),
    (1500, 72),
    (1300, 65),
    (1100, 60),
)


def handed_on(file: str, kind: str, formats: list[str], max_bytes: int | None, limits: Mapping[str, Any]) -> str:
    """Write `handed-on.*` and return its kind.

    Raises:
        Refused: `upload_wrong_type` when no format fits (a PDF of several pages where only pictures are taken),
            `upload_too_big` when even the smallest readable copy is too large.
    """
    content = Path(file).read_bytes()
    wanted = ["jpeg" if name == "jpg" else name for name in formats]
    if kind in wanted and (max_bytes is None or len(content) <= max_bytes):
        return _write(content, kind)
    for made, data in _smaller(file, kind, wanted, max_bytes, limits):
        if max_bytes is None or len(data) <= max_bytes:
            return _write(data, made)
    raise Refused("upload_too_big")


def _write(content: bytes, kind: str) -> str:
    Path(f"handed-on.{EXTENSION[kind]}").write_bytes(content)
    return kind


def _smaller(
    file: str, kind: str, wanted: list[str], max_bytes: int | None, limits: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """Ever smaller copies in the kind that suits best."""
    if kind == "pdf":
        yield from _smaller_pdf(file, wanted, max_bytes)
        return
    picture = images.opened(file, kind, limits)
    to = next((name for name in (kind, "jpeg", "png", "pdf") if name in wanted), None)
    if to == "png" and "jpeg" in wanted and kind in wanted:
        to = "jpeg"  # a photo as PNG hardly gets smaller
    if to is None:
        raise Refused("upload_wrong_type")
    for side, quality in _STEPS if to != "png" else [(side, 0) for side in dict(_STEPS)]:  # PNG knows no quality
        smaller = _reduced(picture, side)
        if to == "pdf":
            yield to, _pdf([_jpeg(smaller, quality)])
        else:
            output = io.BytesIO()
            images.save(smaller, to, output, quality)
            yield to, output.getvalue()


def _smaller_pdf(file: str, wanted: list[str], max_bytes: int | None) -> Iterator[tuple[str, bytes]]:
    from bot.uploads.pdfs import pictures

    to = next((name for name in ("pdf", "jpeg", "png") if name in wanted), None)
    if to is None:
        raise Refused("upload_wrong_type")
    for side, quality in _STEPS[2:]:
        pages: list[bytes] = []
        for number, _, picture in pictures(file, side or 0):
            if to != "pdf" and number > 1:
                raise Refused("upload_wrong_type")
            output = io.BytesIO()
            images.save(picture, "png" if to == "png" else "jpeg", output, quality)
            pages.append(output.getvalue())
            if max_bytes is not None and sum(map(len, pages)) > max_bytes:
                break  # the other pages need not be drawn to know
        else:
            yield to, _pdf(pages) if to == "pdf" else pages[0]


def _reduced(picture: Image.Image, side: int | None) -> Image.Image:
    if side is None or max(picture.size) <= side:
        return picture
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    return smaller


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    output = io.BytesIO()
    images.save(picture, "jpeg", output, quality)
    return output.getvalue()


def _pdf(pictures: list[bytes]) -> bytes:
    """A PDF of JPEG pictures, each on an A4 page as large as it fits."""
    import pikepdf

    pdf = pikepdf.new()
    for picture in pictures:
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
            width, height, grey = image.width, image.height, image.mode == "L"
        paper = (595.28, 841.89) if height >= width else (841.89, 595.28)
        scale = min(paper[0] / width, paper[1] / height)
        shown = (width * scale, height * scale)
        pdf.add_blank_page(page_size=paper)
        page = pdf.pages[-1]
        image_object = pdf.make_stream(
            picture,
            {
                "/Type": pikepdf.Name.XObject,
                "/Subtype": pikepdf.Name.Image,
                "/Width": width,
                "/Height": height,
                "/ColorSpace": pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB,
                "/BitsPerComponent": 8,
                "/Filter": pikepdf.Name.DCTDecode,
            },
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image_object))
        left, bottom = (paper[0] - shown[0]) / 2, (paper[1] - shown[1]) / 2
        page.Contents = pdf.make_stream(
            f"q {shown[0]:.2f} 0 0 {shown[1]:.2f} {left:.2f} {bottom:.2f} cm /Page Do Q".encode()
        )
    output = io.BytesIO()
    pdf.save(output)
    return output.getvalue()
