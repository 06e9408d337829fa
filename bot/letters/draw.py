"""Draw a letter: its rows laid on pages, each page with its code, the last with the boxes to sign and stamp in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bot.letters import codes
from bot.letters.pen import DARK, GREY, HAIR, LETTERHEAD, QR, QUIET, WIDTH, Pen
from bot.letters.samples import described, printed
from bot.letters.sheet import Box, Drawn, LetterFacts, Operator, PageLayout, TooLong
from bot.letters.typeset import Row, Samples, Signing, rows, signing

ENOUGH_MARKS = 25  # lines of text and rules a page should have for a photo of it to be lined up
OWN_MARKS = 6  # of them in the running head and the foot
HANDY = 4  # pages: beyond them fewer and shorter samples are printed, for somebody prints, signs and photographs each
BEFORE_SIGNING = 7.0  # mm
RUNNING_HEAD = 11.0  # mm, on every page but the first
FOOT = 8.0  # points

# How many samples of a sender ID are printed and how many characters of each, the fullest first.
_SAMPLES = ((3, 1000), (2, 300), (1, 300), (1, 120))


def draw(facts: LetterFacts, operator: Operator, keys: Sequence[str]) -> Drawn:
    """The letter as a PDF, and what lies where on its pages. Equal input gives equal bytes.

    Raises:
        Unprintable: a text other than a sample or a particular has characters the fonts lack.
        TooLong: more than 9 pages.
        CodeError: the letter's id, version or the keys do not make a page code.
    """
    codes.make(facts.letter_id, 1, 1, facts.version, keys)  # refuses what can't be coded before the slow part
    facts = described(facts)
    choices = [_samples(facts, count, longest) for count, longest in _SAMPLES]
    pen = Pen(facts.paper, texts(facts, operator, choices[0] + choices[-1]), facts.date)
    end = signing(pen, facts)
    room = _Room(pen.page_bottom - _start(pen, facts, 1), pen.page_bottom - _start(pen, facts, 2))
    for samples in choices:
        pages = _paginate(rows(pen, facts, operator, samples), end, room)
        if len(pages) <= HANDY:
            break
    if len(pages) > codes.MAX_PAGES:
        raise TooLong(f"{len(pages)} pages; a letter has {codes.MAX_PAGES} at most")
    pen.describe(f"{facts.title}, {facts.reference}", facts.company_name)
    layouts = []
    for number, content in enumerate(pages, 1):
        code = codes.make(facts.letter_id, number, len(pages), facts.version, keys)
        layouts.append(_page(pen, facts, operator, code, content, number, len(pages), end))
    return Drawn(pen.finish(), tuple(layouts))


def specimen(pen: Pen, facts: LetterFacts, operator: Operator) -> list[Callable[[], object]]:
    """What paints each page of the letter, only to look at it: without a code, for it is nobody's."""
    end = signing(pen, facts)
    room = _Room(pen.page_bottom - _start(pen, facts, 1), pen.page_bottom - _start(pen, facts, 2))
    pages = _paginate(rows(pen, facts, operator, _samples(facts, *_SAMPLES[0])), end, room)
    return [partial(_body, pen, facts, content, end, number, len(pages)) for number, content in enumerate(pages, 1)]


def _samples(facts: LetterFacts, count: int, longest: int) -> Samples:
    found = []
    for name in facts.sender_ids:
        texts, more = facts.samples_of(name, count)
        found.append((name, tuple(printed(text, longest) for text in texts), more))
    return tuple(found)


def texts(facts: LetterFacts, operator: Operator, samples: Samples = ()) -> Iterator[str]:
    """Everything the letter may write, but for plain ASCII."""
    yield from (
        facts.title,
        facts.subject,
        facts.company_name,
        facts.certificate_name,
        facts.signatory_name,
        facts.signatory_title,
        facts.place,
    )
    yield from (facts.country_name, facts.reference, facts.addressee or "", *facts.addressees, *facts.company_lines)
    yield from (*facts.paragraphs, *facts.closing, *facts.sender_ids, *(text for fact in facts.facts for text in fact))
    yield from (operator.name, operator.address, operator.support)
    yield from (text for _, found, _ in samples for sample in found for text in (sample.text, sample.note))
    yield "–…·’\u00a0"


@dataclass(frozen=True, slots=True)
class _Room:
    """Heights in mm that text may fill: on the first page and on the others."""

    first: float
    other: float

    def on(self, number: int) -> float:
        return self.first if number == 1 else self.other


def _start(pen: Pen, facts: LetterFacts, number: int) -> float:
    """Where the text of a page begins, in mm from its top edge."""
    # Kept free on every page: whoever prints on headed paper may have nothing else in the tray.
    top = LETTERHEAD + 4 if facts.letterhead else pen.top
    return top if number == 1 else top + RUNNING_HEAD


def _paginate(content: list[Row], end: Signing, room: _Room) -> list[list[Row]]:
    """The rows of each page. The last has room for the signing block, and enough besides to be lined up by."""
    pages: list[list[Row]] = []
    rest = content
    while not (pages and not rest) and not _fits(rest, end, room.on(len(pages) + 1)):
        cut = _longest(rest, room.on(len(pages) + 1))
        pages.append(rest[:cut])
        rest = rest[cut:]
    pages.append(rest)
    if len(pages) > 1:
        before, last = pages[-2], pages[-1]
        for cut in range(len(before) - 1, 0, -1):
            if _marks(last) + end.marks >= ENOUGH_MARKS or _marks(before[:cut]) < ENOUGH_MARKS:
                break
            longer = before[cut:] + pages[-1]
            if not _fits(longer, end, room.on(len(pages))):
                break
            if not before[cut - 1].keeps_next:
                pages[-2], last = before[:cut], longer
        pages[-1] = last
    return pages


def _longest(content: list[Row], room: float) -> int:
    """How many rows go on a page of this height: at least one, and none that keeps the next with it at the end."""
    count, height = 0, 0.0
    for count, row in enumerate(content):
        height += row.height + (row.gap if count else 0)
        if height > room:
            break
    else:
        count = len(content)
    allowed = next((cut for cut in range(count, 0, -1) if cut == len(content) or not content[cut - 1].keeps_next), 0)
    return allowed or max(1, count)


def _height(content: list[Row]) -> float:
    return sum(row.height + (row.gap if number else 0) for number, row in enumerate(content))


def _fits(content: list[Row], end: Signing, room: float) -> bool:
    return _height(content) + (BEFORE_SIGNING if content else 0) + end.height <= room


def _marks(content: list[Row]) -> int:
    return OWN_MARKS + sum(row.marks for row in content)


def _page(
    pen: Pen,
    facts: LetterFacts,
    operator: Operator,
    code: str,
    content: list[Row],
    number: int,
    pages: int,
    end: Signing,
) -> PageLayout:
    pen.new_page()
    signature, stamp = _body(pen, facts, content, end, number, pages)
    _foot(pen, facts, operator, code, number, pages)
    return PageLayout(number, pages, facts.version, code, signature, stamp, facts.stamped)


def _body(
    pen: Pen, facts: LetterFacts, content: list[Row], end: Signing, number: int, pages: int
) -> tuple[Box | None, Box | None]:
    """A page but for its foot. Where the signature and the stamp go, on the last one."""
    if facts.letterhead:
        pen.write_centred(LETTERHEAD - 4, "Space for the company’s letterhead", 7.5, ink=HAIR)
    y = _start(pen, facts, number)
    if number > 1:
        _running_head(pen, facts, y - RUNNING_HEAD)
    for place, row in enumerate(content):
        y += row.gap if place else 0
        row.paint(y, place == 0)
        y += row.height
    return end.paint(y + (BEFORE_SIGNING if content else 0)) if number == pages else (None, None)


def _running_head(pen: Pen, facts: LetterFacts, y: float) -> None:
    text = f"{facts.company_name} · {facts.title}"
    lines = pen.wrap(text, WIDTH - 40, FOOT)
    pen.write(pen.left, y + 4, lines[0] + (" …" if len(lines) > 1 else ""), FOOT, ink=DARK)
    pen.write_right(pen.right, y + 4, facts.reference, FOOT, ink=DARK)


def _foot(pen: Pen, facts: LetterFacts, operator: Operator, code: str, number: int, pages: int) -> None:
    """The code at the right with its white, the same in letters beside it, and what the letter is at the left."""
    top = pen.bottom - QR
    pen.qr(pen.right - QR, top, code)
    edge = pen.right - QR - QUIET - 1
    pen.write_right(edge, pen.bottom - 5, codes.pretty(code), 9, bold=True)
    pen.write_right(edge, pen.bottom - 1, f"page {number}/{pages}", 9, ink=DARK)
    room = edge - pen.width(codes.pretty(code), 9, bold=True) - 8 - pen.left
    lines = pen.wrap(f"{facts.title} · {facts.reference} · version {facts.version}", room, FOOT)[:2]
    if facts.names_operator:
        lines += pen.wrap(" · ".join(filter(None, (operator.name, operator.support))), room, FOOT)[:2]
    for place, line in enumerate(reversed(lines)):
        pen.write(pen.left, pen.bottom - 1 - place * 4, line, FOOT, ink=GREY)
    if operator.logo and facts.names_operator:
        pen.logo(operator.logo, pen.left, top - 3, 30, min(8.0, QR - 4 * len(lines)))
