"""Which characters a letter can print, asked when an answer is given."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.letters.font import family, runs_to_the_left, unknown, unprintable
from bot.letters.samples import fingerprint, printed


@pytest.mark.parametrize(
    "text",
    [
        "Fresh Bakery Ltd.",
        "Nguyễn Văn A",
        "Łódź – “quoted” €5 • №1",
        "Ελλάδα",
        "Привет",
        "e\u0301",
        "two\nlines\twith a tab",
        "İstanbul ğüşöç",
        "no\u00a0break",
        "",
    ],
)
def test_printable(text):
    assert unprintable(text) == ""


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("新 Co", "新"),
        ("Party 🎉!", "🎉"),
        ("ร้าน", "ร้าน"),
        ("नमस्ते", "नमसते्"),
        ("a\u202egnp.exe", "\u202e"),
        ("zero\u200bwidth", "\u200b"),
        ("bell\x07", "\x07"),
        ("x\u0327\u0330", "\u0327\u0330"),
        ("שלום", "שלום"),
    ],
)
def test_unprintable(text, missing):
    assert set(unprintable(text)) == set(missing)


@pytest.mark.parametrize(
    ("text", "fonts"),
    [
        ("บริษัท จำกัด (มหาชน)", {"NotoSans", "NotoSansThai"}),
        ("شركة ذ.م.م ٢٠١٩", {"NotoSans", "NotoSansArabic"}),
        ("مأفية טרייה", {"NotoSans", "NotoSansArabic", "Heebo"}),
        ("נייה בע״מ", {"NotoSans", "Heebo"}),
        ("नमस्ते", {"NotoSansDevanagari"}),
        ("লিমিটেড", {"HindSiliguri"}),
        ("ក្រុមហ៊ុន", {"NotoSansKhmer"}),
        ("பேக்கரி", {"NotoSansTamil"}),
        ("బేకరీ", {"NotoSansTelugu"}),
    ],
)
def test_a_script_with_a_font_of_its_own_is_printed(text, fonts):
    assert unknown(text) == ""
    assert {family(character) for character in text} == fonts


@pytest.mark.parametrize("text", ["新", "🎉", "ဘ", "\u202e", "\u200b", "\u0330", "\x07"])
def test_what_no_font_prints_is_named(text):
    assert unknown(f"Party {text}!") == text and family(text) is None


@pytest.mark.parametrize(("text", "to_the_left"), [("Acme שלום", False), ("(2019) שלום Acme", True), ("123", False)])
def test_the_first_letter_says_which_way_a_paragraph_runs(text, to_the_left):
    assert runs_to_the_left(text) is to_the_left


def test_it_is_asked_without_the_pdf_library_and_answers_fast():
    program = "import sys; from bot.letters.font import unprintable; unprintable('ż新'); print('fpdf' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
        == "False\n"
    )
    unprintable("ż")
    start = time.perf_counter()
    for _ in range(100):
        unprintable("Żółta gęś " * 10)
    assert time.perf_counter() - start < 3


def test_importing_codes_opens_no_heavy_library():
    program = (
        "import sys, bot.letters.codes, bot.letters.sheet, bot.letters.font, bot.letters.draw, bot.uploads.intake, "
        "bot.uploads.names; print([m for m in ('fpdf', 'PIL', 'pikepdf', 'fontTools', 'pypdfium2', 'segno') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    assert (
        subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )


def test_a_sample_is_printed_as_it_is_where_the_font_can():
    assert printed("Your code is 1234.", 100).text == "Your code is 1234."
    assert printed("Your code is 1234.", 100).note == ""


def test_symbols_are_printed_by_their_names():
    sample = printed("A free croissant 🎉 waits for you ❤️!", 100)
    assert sample.text == "A free croissant [party popper] waits for you [heavy black heart]!"
    assert fingerprint("A free croissant 🎉 waits for you ❤️!") in sample.note


def test_other_scripts_are_described_and_never_guessed():
    sample = printed("您的订单 4711 已发货", 100)
    assert sample.text == "Text in Chinese script, 13 characters."
    assert fingerprint("您的订单 4711 已发货") in sample.note
    assert printed("🎉🎉🎉", 100).text == "Text in symbols, 3 characters."


def test_a_long_sample_is_cut_and_says_so():
    sample = printed("word " * 100, 50)
    assert len(sample.text) <= 52 and sample.text.endswith("…") and "500 characters" in sample.note
