"""Draw the plan of several countries: a page that shows all of them, a part for each, a specimen of each letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.letters.draw import specimen, texts
from bot.letters.pen import BLACK, DARK, GREY, WIDTH, Pen
from bot.letters.sheet import LetterFacts, Operator
from bot.letters.typeset import Row

BODY, SMALL, HEAD = 9.5, 8.5, 8.0  # points
LINE, SMALL_LINE = 4.6, 4.1  # mm
INDENT = 4.0  # mm, of what stands behind a bullet
PAD = 1.3  # mm between a cell's text and its hairlines
COLUMNS = (8.0, 32.0, 43.0, 14.0, 19.0, 15.0, 14.0, 20.0)  # mm, together the width of the text
FOOT = 8.0  # points
FOOT_ROOM = 11.0  # mm that stay free below the text
BULLET = "• "

Plan = Mapping[str, Any]  # plan_sheet.facts, in words
Page = Callable[[], object]


def draw_plan(plan: Plan, operator: Operator) -> tuple[bytes, int]:
    """The PDF and how many pages it has. Equal input gives equal bytes.

    Raises:
        Unprintable: a text has characters the font lacks.
    """
    day = date.fromisoformat(plan["day"])
    letters = [LetterFacts.from_mapping(letter) for group in plan["specimens"] for letter in group]
    pen = Pen(plan["paper"], _texts(plan, operator, letters), day)
    pages = [*_pages(pen, _rows(pen, plan, operator)), *_specimens(pen, plan, letters, operator)]
    for number, page in enumerate(pages, 1):
        pen.new_page()
        page()
        _foot(pen, plan, operator, number, len(pages))
    pen.describe(plan["title"], operator.name)
    return pen.finish(), len(pages)


def _texts(plan: Plan, operator: Operator, letters: Iterable[LetterFacts]) -> Iterator[str]:
    yield from _strings({name: value for name, value in plan.items() if name != "specimens"})
    yield from (letter["caption"] for group in plan["specimens"] for letter in group)
    for facts in letters:
        yield from texts(facts, operator)
        yield from (text for _, text in facts.samples)
    yield from (operator.name, operator.address, operator.support, "–…·’• ")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in _strings(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _strings(one))


# --- the pages ----------------------------------------------------------------------------------------------------


def _pages(pen: Pen, content: list[Row]) -> Iterator[Page]:
    """The rows on pages: none ends after a row that keeps the next with it."""
    room = pen.bottom - FOOT_ROOM - pen.top
    rest = content
    while rest:
        height, count = 0.0, 0
        while count < len(rest):
            row = rest[count]
            height += row.height + (row.gap if count else 0)
            if height > room and count:
                break
            count += 1
        while count < len(rest) and count > 1 and rest[count - 1].keeps_next:
            count -= 1
        yield _painter(pen, rest[:count])
        rest = rest[count:]


def _painter(pen: Pen, content: Sequence[Row]) -> Page:
    def paint() -> None:
        y = pen.top
        for place, row in enumerate(content):
            y += row.gap if place else 0
            row.paint(y, place == 0)
            y += row.height

    return paint


def _specimens(pen: Pen, plan: Plan, letters: Sequence[LetterFacts], operator: Operator) -> Iterator[Page]:
    """The pages of each letter with the mark under them and what it is at their foot."""
    captions = [letter["caption"] for group in plan["specimens"] for letter in group]
    for caption, facts in zip(captions, letters, strict=True):
        for paint in specimen(pen, facts, operator):
            yield _marked(pen, plan["mark"], caption, paint)


def _marked(pen: Pen, mark: str, caption: str, paint: Page) -> Page:
    def page() -> None:
        pen.watermark(mark)
        paint()
        lines = pen.wrap(caption, WIDTH, BODY, True)
        for place, line in enumerate(reversed(lines)):
            pen.write(pen.left, pen.bottom - FOOT_ROOM + 3 - place * LINE, line, BODY, True)

    return page


def _foot(pen: Pen, plan: Plan, operator: Operator, number: int, pages: int) -> None:
    said = " · ".join(filter(None, (operator.name, operator.support, plan["foot"])))
    for place, line in enumerate(pen.wrap(said, WIDTH - 16, FOOT)[:2]):
        pen.write(pen.left, pen.bottom - 3.6 + place * 3.6, line, FOOT, ink=GREY)
    pen.write_right(pen.right, pen.bottom - 3.6, f"{number}/{pages}", FOOT, ink=GREY)


# --- what stands on them ------------------------------------------------------------------------------------------


def _rows(pen: Pen, plan: Plan, operator: Operator) -> list[Row]:
    found = [*_head(pen, plan, operator), *_table(pen, plan["head"], plan["rows"])]
    found += _paragraph(pen, plan["order"], gap=3, size=SMALL, line=SMALL_LINE, ink=DARK)
    for number, text in enumerate(plan["together"]):
        found += _paragraph(pen, text, gap=1.5 if number else 5)
    for number, country in enumerate(plan["countries"]):
        found += _country(pen, country, first=number == 0)
    return found


def _head(pen: Pen, plan: Plan, operator: Operator) -> Iterator[Row]:
    if operator.logo:
        logo = operator.logo
        yield Row(14, lambda y, _: pen.logo(logo, pen.left, y, 45, 12), keeps_next=True)
    elif operator.name:
        yield from _paragraph(pen, operator.name, size=BODY, ink=DARK)
    yield from _paragraph(pen, plan["title"], size=15, line=7, gap=2, bold=True)
    yield from _paragraph(pen, plan["made"], size=SMALL, line=SMALL_LINE, gap=1, ink=DARK)
    yield Row(3, lambda y, _: None, keeps_next=True)


def _country(pen: Pen, country: Mapping[str, Any], first: bool) -> Iterator[Row]:
    yield Row(1, lambda y, _: pen.rule(y, 0.4, DARK), gap=8 if first else 6, keeps_next=True)
    yield from _paragraph(pen, country["heading"], size=12, line=5.6, gap=1.5, bold=True, keeps_next=True)
    for part in country["parts"]:
        yield from _paragraph(pen, part["title"], gap=2.5, bold=True, keeps_next=True)
        size, line = (HEAD, SMALL_LINE - 0.4) if part["small"] else (BODY, LINE)
        for text in part["lines"]:
            bulleted = text if text.startswith(BULLET) else f"{BULLET}{text}"
            yield from _paragraph(pen, bulleted, size=size, line=line, gap=0.6)


def _paragraph(
    pen: Pen,
    text: str,
    *,
    size: float = BODY,
    line: float = LINE,
    gap: float = 0.0,
    bold: bool = False,
    ink: int = BLACK,
    keeps_next: bool = False,
) -> Iterator[Row]:
    """A text in lines; behind a bullet they are set in. Its first two lines stay together."""
    bullet = text.startswith(BULLET)
    inset = INDENT if bullet else 0.0
    lines = pen.wrap(text[2:] if bullet else text, WIDTH - inset, size, bold)
    for number, words in enumerate(lines):

        def paint(y: float, _: bool, number: int = number, words: str = words) -> None:
            if bullet and number == 0:
                pen.write(pen.left, y + line * 0.74, text[0], size, bold, ink)
            pen.write(pen.left + inset, y + line * 0.74, words, size, bold, ink)

        keeps = keeps_next or (number == 0 and len(lines) > 1)
        yield Row(line, paint, gap=0 if number else gap, keeps_next=keeps)


def _table(pen: Pen, head: Sequence[str], body: Sequence[Sequence[Any]]) -> Iterator[Row]:
    """All countries at a glance. A row is never divided, and the head stays with the first one."""
    yield _line_of_table(pen, head, HEAD, DARK, keeps_next=True)
    for number, cells in enumerate(body):
        yield _line_of_table(pen, [str(cell) for cell in cells], SMALL, BLACK, keeps_next=number == len(body) - 1)
    yield Row(1, lambda y, _: pen.rule(y), keeps_next=True)


def _line_of_table(pen: Pen, cells: Sequence[str], size: float, ink: int, keeps_next: bool) -> Row:
    wrapped = [
        pen.wrap(cell, room - 2, size, column == 1)
        for column, (cell, room) in enumerate(zip(cells, COLUMNS, strict=True))
    ]
    height = max(map(len, wrapped)) * SMALL_LINE + 2 * PAD

    def paint(y: float, _: bool) -> None:
        pen.rule(y)
        x = pen.left
        for column, (lines, room) in enumerate(zip(wrapped, COLUMNS, strict=True)):
            for number, words in enumerate(lines):
                pen.write(x, y + PAD + (number + 0.74) * SMALL_LINE, words, size, column == 1, ink)
            x += room

    return Row(height, paint, keeps_next=keeps_next)
