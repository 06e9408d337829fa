"""Names in other scripts, as they are set: joined, stacked, from right to left, and broken where a reader would."""

from __future__ import annotations

import unicodedata
from datetime import date

import pypdfium2
import pytest
import uharfbuzz as hb

from bot.letters import font
from bot.letters.pen import Pen

DAY, SIZE = date(2026, 11, 22), 10.0
INVISIBLE = {"\u17b4", "\u17b5"}  # vowels of Khmer that are said and not written
THAI = "บริษัทเฟรชเบเกอรี่จำกัดมหาชนแห่งประเทศไทยและเพื่อนบ้านทั้งหลายในเอเชียตะวันออกเฉียงใต้" * 5


def written(*lines: str) -> list[tuple[str, float, float]]:
    """Each letter of the page with its left and its lower edge, in the order it is painted."""
    pen = Pen("A4", lines, DAY)
    pen.new_page()
    for number, line in enumerate(lines):
        for wrapped in pen.wrap(line, 150, SIZE):
            pen.write(pen.left, 50 + number * 8, wrapped, SIZE)
    text = pypdfium2.PdfDocument(pen.finish())[0].get_textpage()
    found = []
    for at in range(text.count_chars()):
        left, bottom, _, _ = text.get_charbox(at)
        found.append((text.get_text_range(at, 1), left, bottom))
    return found


def places(letters: list[tuple[str, float, float]]) -> dict[str, float]:
    return {letter: left for letter, left, _ in letters}


@pytest.mark.parametrize("text", ["אבגד (2019)", "ابتث (2019)"])
def test_a_name_read_from_the_right_begins_there_and_its_numbers_do_not(text: str) -> None:
    across = places(written(text))
    first, second = text[0], text[1]
    assert across[first] > across[second] > across["2"]
    assert across["2"] < across["0"] < across["1"] < across["9"]


def test_a_line_keeps_the_direction_of_its_paragraph_though_it_begins_with_a_latin_word() -> None:
    pen = Pen("A4", ["אבגד Acme"], DAY)
    room = pen.width("Acme אב", SIZE)
    lines = pen.wrap("אבגד אבגד Acme אב", room, SIZE)
    assert lines[-1].endswith("Acme אב") and lines[-1] != "Acme אב"
    pen.new_page()
    pen.write(pen.left, 50, lines[-1], SIZE)
    text = pypdfium2.PdfDocument(pen.finish())[0].get_textpage()
    across = {text.get_text_range(at, 1): text.get_charbox(at)[0] for at in range(text.count_chars())}
    assert across["A"] > across["א"]


def test_letters_join_stack_and_change_places() -> None:
    pen = Pen("A4", ["ببب", "कि", "क्ष", "ก่"], DAY)
    assert pen.width("ببب", SIZE) < 2.5 * pen.width("ب", SIZE), "Arabic letters join"
    assert pen.width("क्ष", SIZE) < pen.width("क", SIZE) + pen.width("ष", SIZE), "a conjunct is one shape"
    assert pen.width("ก่", SIZE) == pytest.approx(pen.width("ก", SIZE), abs=0.05), "the tone mark takes no room"


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("NotoSansThai", range(0x0E00, 0x0E80)),
        ("NotoSansKhmer", range(0x1780, 0x1800)),
        ("NotoSansTamil", range(0x0B80, 0x0C00)),
        ("HindSiliguri", range(0x0980, 0x0A00)),
    ],
)
def test_every_letter_is_whole_though_it_is_set_in_parts(name: str, block: range) -> None:
    """The Thai am is set as its ring and its stroke, Khmer vowels around their letter: the cut font has all of it."""
    letters = [chr(number) for number in block if font.family(chr(number)) == name]
    base = next(letter for letter in letters if unicodedata.category(letter) == "Lo")
    parts = {part for letter in letters for part in unicodedata.normalize("NFKD", letter) if part != letter}
    wanted = [letter for letter in letters if letter not in parts | INVISIBLE]
    cut = hb.Font(hb.Face(font.cut("".join(wanted), font.REGULAR, name)))
    for letter in wanted:
        line = hb.Buffer()
        line.add_str(base + letter)
        line.guess_segment_properties()
        hb.shape(cut, line, {})
        assert all(glyph.codepoint for glyph in line.glyph_infos), f"{letter!r} prints an empty box"


def test_a_word_without_spaces_is_broken_between_letters_and_never_before_a_mark() -> None:
    pen = Pen("A4", [THAI], DAY)
    lines = pen.wrap(THAI, 80, SIZE)
    assert "".join(lines) == THAI and len(lines) > 3
    assert all(pen.width(line, SIZE) <= 80 for line in lines)
    assert all(pen.width(line, SIZE) > 70 for line in lines[:-1])
    assert not any(unicodedata.category(line[0]).startswith("M") for line in lines)
    assert not any("เ" <= line[-1] <= "ไ" for line in lines)


def test_latin_beside_another_script_stands_in_the_base_font_again_afterwards() -> None:
    letters = [letter for letter, _, _ in written("Fresh เบ Co., Ltd.", "plain words")]
    assert "".join(letters).split() == ["Fresh", "เบ", "Co.,", "Ltd.", "plain", "words"]
