"""Pages of a PDF as pictures, for a chat and for the desk."""

from __future__ import annotations

import io
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_PDFIUM = Lock()  # pdfium breaks when two threads are inside it, even with different documents
SIZE = 1080  # pixels wide: a phone shows the words of a page readably, and a page takes about 100 kB


def previews(pdf: bytes, width: int = SIZE) -> list[bytes]:
    """Each page as a PNG of this width in pixels. Only for PDFs that we drew: others are opened in a child process."""
    pictures = []
    for page in rendered(pdf, width):
        file = io.BytesIO()
        page.quantize(32).save(file, "PNG", optimize=True)  # black on white: few greys are enough
        pictures.append(file.getvalue())
    return pictures


def rendered(pdf: bytes, width: int) -> list[Image.Image]:
    """Each page as an RGB picture of this width in pixels."""
    import pypdfium2

    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return [page.render(scale=width / page.get_width()).to_pil().convert("RGB") for page in document]
        finally:
            document.close()
