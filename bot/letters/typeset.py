"""The words of a letter as rows: a line of text or of a table each, so that a page may end after any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.letters.pen import BLACK, DARK, WIDTH, Pen
from bot.letters.samples import PrintedSample
from bot.letters.sheet import Box, LetterFacts, Operator

BODY = 10.5  # points; nothing of the body is under 10
TABLE = 10.0
LINE = 5.2  # mm from line to line
TABLE_LINE = 4.9
PAD = 1.35  # mm between a table's text and its hairlines
LABEL = 54.0  # mm of a table's first column

# The signing block, in mm. No word lies within CLEAR of a frame, and a stamp of 50 mm fits well into its own.
CLEAR = 12.0
SIGNATURE = (82.0, 30.0)
STAMP = (55.0, 55.0)
BETWEEN = WIDTH - SIGNATURE[0] - STAMP[0]  # 28: a stamp beside its box must not reach into the signature's


@dataclass(frozen=True, slots=True)
class Row:
    """A strip over the width of the text. `paint(y, at_top)` draws it with its upper edge at y."""

    height: float  # mm
    paint: Callable[[float, bool], None]
    gap: float = 0.0  # mm before it, but not at the top of a page
    marks: int = 1  # lines of text and rules: what a photo of the page is lined up by
    keeps_next: bool = False  # no page ends after it


Samples = tuple[tuple[str, tuple[PrintedSample, ...], int], ...]  # sender ID, what is printed, how many more there are


def rows(pen: Pen, facts: LetterFacts, operator: Operator, samples: Samples) -> list[Row]:
    """The letter from its head to the line before the signing block."""
    found: list[Row] = []
    if not facts.letterhead:
        found += _head(pen, facts)
    found += _addresses(pen, facts, operator)
    found += _text(pen, facts.title, size=15, bold=True, line=7, gap=9, together=True)
    found += _text(pen, facts.subject, bold=True, gap=1.5, together=True)
    for text in facts.paragraphs:
        found += _text(pen, text, gap=3)
    if facts.facts:
        found += _heading(pen, "Particulars")
        found += _table(
            pen,
            [
                (pen.wrap(label, LABEL - 4, TABLE), [(line, BLACK) for line in _lines(pen, value)], False)
                for label, value in facts.facts
            ],
        )
    if any(texts for _, texts, _ in samples):
        title = (
            "Sender IDs and samples of their messages" if len(samples) > 1 else "Sender ID and samples of its messages"
        )
        found += _heading(pen, title)
        found += _table(
            pen,
            [
                (pen.wrap(name, LABEL - 4, TABLE, True), _sample_lines(pen, texts, more), True)
                for name, texts, more in samples
            ],
        )
    elif facts.sender_ids:
        found += _heading(pen, "Sender IDs" if len(facts.sender_ids) > 1 else "Sender ID")
        found += _grid(pen, facts.sender_ids)
    for number, text in enumerate(facts.closing):
        found += _text(pen, text, gap=3 if number else 6)
    return found


def _head(pen: Pen, facts: LetterFacts) -> Iterator[Row]:
    yield from _text(pen, facts.company_name, size=14, bold=True, line=7, together=True)
    for text in facts.company_lines:
        yield from _text(pen, text, size=TABLE, line=4.7, ink=DARK, together=True)
    yield Row(3, lambda y, _: pen.rule(y + 2.5, 0.4, DARK), keeps_next=True)


def _addresses(pen: Pen, facts: LetterFacts, operator: Operator) -> Iterator[Row]:
    """Addressee on the left, date and reference on the right."""
    room = 95.0
    carriers = facts.addressees or tuple(filter(None, (facts.addressee,)))
    to = [(line, True) for name in carriers if name != operator.name for line in pen.wrap(name, room, BODY, True)]
    ours = []
    if facts.names_operator:
        name = f"c/o {operator.name}" if to else operator.name
        ours = [(line, not to) for line in pen.wrap(name, room, BODY, not to)]
        ours += [(line, False) for line in pen.wrap(operator.address, room, BODY) if line]
    left = to + ours
    right = [("Date", long_date(facts)), ("Reference", facts.reference), ("Country", facts.country_name)]
    column = pen.left + 108
    for number in range(max(len(left), len(right))):

        def paint(y: float, _: bool, number: int = number) -> None:
            if number < len(left):
                pen.write(pen.left, y + LINE * 0.74, left[number][0], BODY, left[number][1])
            if number < len(right):
                pen.write(column, y + LINE * 0.74, right[number][0], TABLE, ink=DARK)
                pen.write(column + 22, y + LINE * 0.74, right[number][1], TABLE)

        yield Row(LINE, paint, gap=0 if number else 7, keeps_next=True)


def long_date(facts: LetterFacts) -> str:
    return f"{facts.date.day} {facts.date:%B %Y}"


def _text(
    pen: Pen,
    text: str,
    *,
    size: float = BODY,
    bold: bool = False,
    line: float = LINE,
    gap: float = 0.0,
    ink: int = BLACK,
    together: bool = False,
) -> Iterator[Row]:
    """A paragraph. Its first two and last two lines stay together; with `together` all of it, and what follows."""
    if not text.strip():
        return
    lines = pen.wrap(text, WIDTH, size, bold)
    for number, words in enumerate(lines):

        def paint(y: float, _: bool, words: str = words) -> None:
            pen.write(pen.left, y + line * 0.74, words, size, bold, ink)

        yield Row(
            line,
            paint,
            gap=0 if number else gap,
            keeps_next=together or (number == 0 and len(lines) > 1) or number == len(lines) - 2,
        )


def _lines(pen: Pen, value: str, indent: float = 0.0) -> list[str]:
    return pen.wrap(value, WIDTH - LABEL - indent, TABLE)


def _sample_lines(pen: Pen, texts: tuple[PrintedSample, ...], more: int) -> list[tuple[str, int]]:
    """Lines of the second column; a number stands before each sample, what hangs under it is set in."""
    lines: list[tuple[str, int]] = []
    for number, sample in enumerate(texts, 1):
        lines += [
            (f"{number}.\t{line}" if not index else f"\t{line}", BLACK)
            for index, line in enumerate(_lines(pen, sample.text, _HANG))
        ]
        if sample.note:
            lines += [(f"\t{line}", DARK) for line in _lines(pen, sample.note, _HANG)]
    if more:
        lines.append((f"\tand {more} more, filed electronically", DARK))
    return lines or [("–", DARK)]


_HANG = 6.0  # mm


def _heading(pen: Pen, text: str) -> Iterator[Row]:
    """The words over a table, with a little air before its first rule."""
    yield Row(LINE + 1.2, lambda y, _: pen.write(pen.left, y + LINE * 0.74, text, BODY, True), gap=6, keeps_next=True)


def _table(pen: Pen, cells: list[tuple[list[str], list[tuple[str, int]], bool]]) -> Iterator[Row]:
    """Two columns with hairlines between the rows: first column, second column with its ink, whether the first is bold.

    A cell may go on over the page: its rule and its label are then drawn again.
    """
    for cell, (labels, values, bold) in enumerate(cells):
        count = max(len(labels), len(values))
        for number in range(count):
            above, below = (PAD if number == 0 else 0.0), (PAD if number == count - 1 else 0.0)

            def paint(
                y: float,
                at_top: bool,
                number: int = number,
                above: float = above,
                labels: list[str] = labels,
                values: list[tuple[str, int]] = values,
                bold: bool = bold,
            ) -> None:
                if number == 0 or at_top:
                    pen.rule(y if number == 0 else y - PAD)
                baseline = y + above + TABLE_LINE * 0.74
                if number < len(labels):
                    pen.write(pen.left, baseline, labels[number], TABLE, bold, BLACK if bold else DARK)
                elif at_top:
                    pen.write(pen.left, baseline, labels[0], TABLE, bold, DARK)
                if number < len(values):
                    text, ink = values[number]
                    mark, tab, words = text.rpartition("\t")
                    pen.write(pen.left + LABEL, baseline, mark, TABLE, ink=ink)
                    pen.write(pen.left + LABEL + (_HANG if tab else 0), baseline, words, TABLE, ink=ink)

            # Short cells are not divided, nor is a sample; of a long cell at least two lines stand on each side.
            ends = number == count - 1
            hangs = number + 1 < len(values) and values[number + 1][0].startswith("\t")
            keeps = cell == len(cells) - 1 if ends else hangs or count <= 6 or number in (0, count - 2)
            yield Row(above + TABLE_LINE + below, paint, marks=2 if number == 0 else 1, keeps_next=keeps)
    yield Row(1.0, lambda y, _: pen.rule(y))


def _grid(pen: Pen, names: tuple[str, ...]) -> Iterator[Row]:
    """Short names in three columns, a hairline above each row."""
    column = WIDTH / 3
    for start in range(0, len(names), 3):

        def paint(y: float, _: bool, start: int = start) -> None:
            pen.rule(y)
            for place, name in enumerate(names[start : start + 3]):
                pen.write(pen.left + place * column, y + PAD + TABLE_LINE * 0.74, name, TABLE, bold=True)

        yield Row(TABLE_LINE + 2 * PAD, paint, marks=2, keeps_next=start + 3 >= len(names))
    yield Row(1.0, lambda y, _: pen.rule(y))


@dataclass(frozen=True, slots=True)
class Signing:
    """The block a letter ends with. `paint(y)` draws it and returns the signature and the stamp box."""

    height: float  # mm
    marks: int
    paint: Callable[[float], tuple[Box | None, Box | None]]


def signing(pen: Pen, facts: LetterFacts) -> Signing:
    """Frames for signature and stamp, and who signs, well away from both."""
    stamp = facts.stamped is not False
    lead = [("Signed for and on behalf of" if facts.signed else "For and on behalf of", False)]
    lead += [(line, True) for line in pen.wrap(facts.company_name, WIDTH, BODY, True)]
    if facts.certificate_name:
        lead += [(line, False) for line in pen.wrap(facts.certificate_name, WIDTH, BODY)]
    names = [
        (label if not number else "", line)
        for label, value in (
            ("Name", facts.signatory_name),
            ("Title", facts.signatory_title),
            ("Place", facts.place),
            ("Date", long_date(facts)),
        )
        if value
        for number, line in enumerate(pen.wrap(value, SIGNATURE[0] - 16, TABLE))
    ]
    lead_height, names_height = len(lead) * LINE, len(names) * TABLE_LINE
    left_height = (SIGNATURE[1] + CLEAR if facts.signed else 0) + names_height
    height = lead_height + (CLEAR if facts.signed or stamp else 2) + max(left_height, STAMP[1] if stamp else 0)

    def paint(y: float) -> tuple[Box | None, Box | None]:
        for number, (text, bold) in enumerate(lead):
            pen.write(pen.left, y + (number + 0.74) * LINE, text, BODY, bold)
        y += height - max(left_height, STAMP[1] if stamp else 0)
        stamp_box = (
            pen.frame(pen.right - STAMP[0], y, *STAMP, "Company stamp" if facts.stamped else "Company stamp (if any)")
            if stamp
            else None
        )
        signature_box = None
        if facts.signed:
            signature_box = pen.frame(pen.left, y, *SIGNATURE, "Signature")
            y += SIGNATURE[1] + CLEAR
        for number, (label, text) in enumerate(names):
            pen.write(pen.left, y + (number + 0.74) * TABLE_LINE, label, TABLE, ink=DARK)
            pen.write(pen.left + 16, y + (number + 0.74) * TABLE_LINE, text, TABLE)
        return signature_box, stamp_box

    return Signing(height, len(lead) + len(names), paint)
