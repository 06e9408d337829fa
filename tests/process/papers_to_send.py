"""Papers as customers send them: our letters printed, signed and photographed, and documents of their own."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo


def signed_photos(pages: Sequence[Mapping[str, Any]], out: Path) -> dict[tuple[str, int], Path]:
    """A JPEG of each page of `letters render --json`, by the letter and the page."""
    out.mkdir(parents=True, exist_ok=True)
    found = {}
    for number, page in enumerate(pages):
        pdf = Path(page["file"])
        photo = out / f"IMG_{number:03}-v{page['version']}.jpg"
        if not photo.exists():
            layout = layout_of(pdf)[page["page"] - 1]
            photo.write_bytes(signed_photo(pdf.read_bytes(), page["page"], layout, seed=number))
        found[page["letter"], page["page"]] = photo
    return found


def as_pdfs(photos: Mapping[tuple[str, int], Path]) -> dict[tuple[str, int], Path]:
    """One PDF a letter, made of the photos of its pages as a phone does it; by the letter and the page."""
    found = {}
    for letter in {letter for letter, _ in photos}:
        pages = [Image.open(photos[key]) for key in sorted(photos) if key[0] == letter]
        pdf = photos[letter, 1].with_name(f"signed-{letter.replace(':', '-')}-{photos[letter, 1].stem}.pdf")
        if not pdf.exists():
            pages[0].save(pdf, "PDF", save_all=True, append_images=pages[1:], resolution=150)
        found |= {key: pdf for key in photos if key[0] == letter}
    return found


def own_paper(out: Path, name: str, number: int, words: str = "") -> Path:
    """A document of the customer's own: a JPEG or a PDF in turn."""
    out.mkdir(parents=True, exist_ok=True)
    page = Image.new("RGB", (900, 1200), "white")
    ImageDraw.Draw(page).text((80, 80), f"{name}\n{words}\nmade up {number}", "black")
    path = out / f"{name.replace(':', '-')}{'.pdf' if number % 2 else '.jpg'}"
    if path.suffix == ".pdf":
        page.save(path, "PDF", title=words or name)
    else:
        exif = Image.Exif()
        exif[0x010E] = words or name  # ImageDescription: what must not be in any copy
        file = io.BytesIO()
        page.save(file, "JPEG", exif=exif, quality=85)
        path.write_bytes(file.getvalue())
    return path
