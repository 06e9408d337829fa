"""A sheet of paper and a pen: text, rules and boxes in millimetres from the top left."""

from __future__ import annotations

import string
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.letters import font
from bot.letters.sheet import Box, Unprintable

if TYPE_CHECKING:
    from fpdf import FPDF

SIZES = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}  # mm
WIDTH = 165.0  # of the text
HEIGHT = 255.0  # of all that is printed: what every printer reaches, and a photo of the page holds
LETTERHEAD = 45.0  # mm from the top edge that stay free for the company's own head
QR = 21.0  # mm, one a module: version 1 has 21 of them
QUIET = 4.0  # mm of white round the QR code

BLACK, DARK, GREY, HAIR = 20, 85, 115, 175  # grey values of ink
_MM = 72 / 25.4  # points
_TO_THE_LEFT = "\u200f"  # before a line: its paragraph runs from right to left, whatever the line begins with


class Pen:
    """Draws on the current page. Only characters named when it was made can be written."""

    def __init__(self, paper: str, texts: Iterable[str], day: date) -> None:
        """A new document with the fonts cut to these texts.

        Raises:
            Unprintable: the fonts lack characters of them. fpdf2 itself would print boxes and go on.
        """
        from fpdf import FPDF

        text = font.composed("\n".join(texts))
        if missing := font.unknown(text):
            raise Unprintable(missing)
        self.paper_width, self.paper_height = SIZES[paper]
        self.left = (self.paper_width - WIDTH) / 2
        self.right = self.left + WIDTH
        self.top = (self.paper_height - HEIGHT) / 2
        self.bottom = self.top + HEIGHT
        self.page_bottom = self.bottom - QR - QUIET - 1  # of the text: the code and its white stay below
        self._pdf: FPDF = FPDF(format=(self.paper_width, self.paper_height))
        self._pdf.set_creation_date(datetime.combine(day, time(), UTC))  # else equal letters differ
        self._pdf.set_auto_page_break(False)
        self._pdf.c_margin = 0
        self._pdf.set_lang("en")
        self._shaped = frozenset(font.unprintable(text))  # of scripts whose letters join, or run from right to left
        self._add_fonts("".join(sorted((set(text) | set(string.printable)) - self._shaped)))

    def _add_fonts(self, characters: str) -> None:
        """The base font for these characters, in two weights, and one for each script of the others."""
        cuts = [(font.BASE, style, characters, weight) for style, weight in (("", font.REGULAR), ("B", font.BOLD))]
        others = sorted({font.family(character) or "" for character in self._shaped})
        cuts += [(name, "", "".join(sorted(self._shaped)), font.REGULAR) for name in others]
        with tempfile.TemporaryDirectory() as folder:
            for name, style, wanted, weight in cuts:
                file = Path(folder) / f"{name}{style}.ttf"
                file.write_bytes(font.cut(wanted, weight, name))
                self._pdf.add_font(name, style, str(file))
                added = self._pdf.fonts[f"{name.lower()}{style}"]
                # Read whole now: fpdf2 opens the file lazily and it is gone by the time of output.
                added.ttfont.ensureDecompiled()  # type: ignore[union-attr]
                if others:
                    _ = added.hbfont  # type: ignore[union-attr]  # what shapes reads the file too
        self._pdf.set_fallback_fonts(others, exact_match=False)

    def describe(self, title: str, author: str) -> None:
        self._pdf.set_title(title)
        self._pdf.set_author(author)
        self._pdf.set_creator("Sender Desk")

    def new_page(self) -> None:
        self._pdf.add_page()

    def finish(self) -> bytes:
        return bytes(self._pdf.output())

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Millimetres of a text set in this size (points)."""
        if self._wants_shaping(text):
            with self._shaping(text, size, bold) as pdf:
                return float(pdf.get_string_width(text.removeprefix(_TO_THE_LEFT)))
        widths = self._widths[bold]
        return sum(widths[ord(character)] for character in text) * size / 1000 / _MM

    @cached_property
    def _widths(self) -> tuple[dict[int, float], dict[int, float]]:
        regular, bold = self._pdf.fonts["notosans"], self._pdf.fonts["notosansB"]
        return regular.cw, bold.cw  # type: ignore[return-value]

    def wrap(self, text: str, room: float, size: float, bold: bool = False) -> list[str]:
        """The text in lines of at most `room` mm; a word wider than that is broken where it must be."""
        lines = []
        for paragraph in font.composed(text).split("\n"):
            line = ""
            sign = _TO_THE_LEFT if self._wants_shaping(paragraph) and font.runs_to_the_left(paragraph) else ""
            for word in filter(None, paragraph.split(" ")):  # not at no-break spaces
                longer = f"{line} {word}" if line else word
                if self.width(longer, size, bold) <= room:
                    line = longer
                    continue
                if line:
                    lines.append(sign + line)
                while self.width(word, size, bold) > room:
                    fits = self._fitting(word, room, size, bold)
                    lines.append(sign + word[:fits])
                    word = word[fits:]
                line = word
            lines.append(sign + line)
        return lines

    def _fitting(self, word: str, room: float, size: float, bold: bool) -> int:
        """How many characters of a word that is too wide go on the line: one at least, and no letter is torn apart."""
        widest = bisect_right(range(1, len(word)), room, key=lambda n: self.width(word[:n], size, bold))
        return next((n for n in range(widest, 0, -1) if font.may_end(word, n)), max(1, widest))

    def write(self, x: float, baseline: float, text: str, size: float, bold: bool = False, ink: int = BLACK) -> None:
        self._pdf.set_font(font.BASE, "B" if bold else "", size)
        self._pdf.set_text_color(ink)
        text = font.composed(text)
        if not self._wants_shaping(text):
            self._pdf.text(x, baseline, text)
            return
        height = size / _MM
        # In a context of its own: fpdf2 loses sight of which font is set when one line has several.
        with self._shaping(text, size, bold) as pdf, pdf.local_context():
            pdf.set_xy(x, baseline - 0.8 * height)  # a cell of one line has its baseline there
            pdf.cell(h=height, text=text.removeprefix(_TO_THE_LEFT))

    def _wants_shaping(self, text: str) -> bool:
        return text.startswith(_TO_THE_LEFT) or not self._shaped.isdisjoint(text)

    @contextmanager
    def _shaping(self, line: str, size: float, bold: bool) -> Iterator[FPDF]:
        """The document while it sets letters as their script wants, from right to left where it runs so."""
        self._pdf.set_font(font.BASE, "B" if bold else "", size)
        self._pdf.set_text_shaping(True, direction="rtl" if line.startswith(_TO_THE_LEFT) else "ltr")
        try:
            yield self._pdf
        finally:
            self._pdf.set_text_shaping(False)

    def write_right(
        self, x: float, baseline: float, text: str, size: float, bold: bool = False, ink: int = BLACK
    ) -> None:
        """Text that ends at x."""
        self.write(x - self.width(font.composed(text), size, bold), baseline, text, size, bold, ink)

    def write_centred(self, baseline: float, text: str, size: float, ink: int = BLACK) -> None:
        self.write((self.paper_width - self.width(text, size)) / 2, baseline, text, size, ink=ink)

    def watermark(self, text: str, ink: int = 228) -> None:
        """Large pale letters from corner to corner. Drawn before the rest of a page, which stays readable over them."""
        size = 100.0
        across, middle = self.paper_width / 2, self.paper_height / 2
        with self._pdf.rotation(55, across, middle):
            self.write(
                across - self.width(text, size, bold=True) / 2, middle + size / _MM * 0.36, text, size, True, ink
            )

    def rule(self, y: float, thickness: float = 0.18, ink: int = HAIR) -> None:
        """A line over the width of the text."""
        self._pdf.set_draw_color(ink)
        self._pdf.set_line_width(thickness)
        self._pdf.line(self.left, y, self.right, y)

    def frame(self, x: float, y: float, width: float, height: float, name: str) -> Box:
        """A thin grey frame with its name inside. Returns it as fractions of the page."""
        self._pdf.set_draw_color(HAIR)
        self._pdf.set_line_width(0.25)
        self._pdf.rect(x, y, width, height)
        self.write(x + 2, y + 4, name, 8, ink=GREY)
        return (
            round(x / self.paper_width, 6),
            round(y / self.paper_height, 6),
            round((x + width) / self.paper_width, 6),
            round((y + height) / self.paper_height, 6),
        )

    def qr(self, x: float, y: float, code: str) -> None:
        """The code as a QR code of version 1, level Q, with its top left corner here."""
        import segno

        symbol = segno.make(code, version=1, error="q", mode="alphanumeric", boost_error=False)
        rows = [bytes(row) for row in symbol.matrix]
        module = QR / len(rows)
        # One path, filled once: separate squares show hair-thin seams on screens.
        with self._pdf.new_path() as path:
            path.style.fill_color, path.style.stroke_color = "#000000", None
            path.style.auto_close = True
            for row, modules in enumerate(rows):
                start = 0
                for end in range(1, len(modules) + 1):
                    if end == len(modules) or modules[end] != modules[start]:
                        if modules[start]:
                            path.rectangle(x + start * module, y + row * module, (end - start) * module, module)
                        start = end

    def logo(self, file: str, x: float, y: float, width: float, height: float) -> None:
        self._pdf.image(file, x, y, width, height, keep_aspect_ratio=True)
