"""Pages of a PDF as pictures, for a chat and for the desk."""

from __future__ import annotations

import io
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_PDFIUM = Lock()  # pdfium breaks when two threads are inside it, even with different documents
SIZE = 1080  # pixels wide: a phone shows the words of a page readably, and a page takes about 100 kB
GREYS = 16  # of a page without colour: half a byte a pixel
COLOURS = 32  # of one with the operator's logo on it


def previews(pdf: bytes, width: int = SIZE) -> list[bytes]:
    """Each page as a PNG of this width in pixels. Only for PDFs that we drew: others are opened in a child process."""
    pictures = []
    for page in rendered(pdf, width):
        file = io.BytesIO()
        _of_few_colours(page).save(file, "PNG")
        pictures.append(file.getvalue())
    return pictures


def _of_few_colours(page: Image.Image) -> Image.Image:
    """The same to the eye: black on white needs few greys. They are known beforehand, and so need not be looked for."""
    red, green, blue = page.split()
    if not red == green == blue:
        return page.quantize(COLOURS)
    highest = GREYS - 1
    few = red.point([round(value * highest / 255) for value in range(256)])
    few.putpalette([round(grey * 255 / highest) for grey in range(GREYS) for _ in range(3)])
    return few


def rendered(pdf: bytes, width: int) -> list[Image.Image]:
    """Each page as an RGB picture of this width in pixels."""
    import pypdfium2

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [page.render(scale=width / page.get_width()).to_pil().convert("RGB") for page in document]
        finally:
            document.close()
