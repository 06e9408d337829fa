"""Texts and choices within what Telegram takes."""

from __future__ import annotations

import html as html_module
import re

import pytest

from bot.channels.keyboards import MOST, MOST_BYTES, Button, laid_out, width
from bot.channels.markup import LONGEST, cut, html, parts, units, whole

# --- HTML


@pytest.mark.parametrize(("text", "shown"), [
    ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
    ("<b>no</b> &amp; <script>", "&lt;b&gt;no&lt;/b&gt; &amp;amp; &lt;script&gt;"),
    ('"quoted" and \'so\'', '"quoted" and \'so\''),
    ("TH-4K7Q is open", "<code>TH-4K7Q</code> is open"),
    ("(TH-4K7Q, KE-ABCD).", "(<code>TH-4K7Q</code>, <code>KE-ABCD</code>)."),
    ("<TH-4K7Q>", "&lt;<code>TH-4K7Q</code>&gt;"),
    ("write DESK-AB12-CD34 here", "write <code>DESK-AB12-CD34</code> here"),
    ("TH-4K7Q-letter-v1.pdf", "TH-4K7Q-letter-v1.pdf"),
    ("on-site and co-op1", "on-site and co-op1"),
    ("XTH-4K7Q TH-4K7QX TH-4K7", "XTH-4K7Q TH-4K7QX TH-4K7"),
    ("", ""),
])  # fmt: skip
def test_a_text_is_escaped_and_its_codes_can_be_copied(text: str, shown: str) -> None:
    assert html(text) == shown
    assert html_module.unescape(re.sub(r"</?code>", "", html(text))) == text


def test_an_end_is_set_apart() -> None:
    assert (
        html("Which city?\n\n3 of 9 <answered>", "3 of 9 <answered>") == "Which city?\n\n<i>3 of 9 &lt;answered&gt;</i>"
    )
    assert html("3 of 9, and more", "3 of 9") == "3 of 9, and more"


def test_a_message_never_has_more_entities_than_telegram_takes() -> None:
    assert html("TH-4K7Q " * 300).count("<code>") == 90


def test_halves_of_characters_are_replaced() -> None:
    assert whole("a\ud83db") == "a�b"
    assert whole("\ud83d\ude00") == "😀"


# --- parts


def test_a_text_that_fits_is_one_part() -> None:
    assert parts("x" * LONGEST) == ["x" * LONGEST]
    assert parts("") == []
    assert parts(" \n a \n ") == ["a"]


def test_a_long_text_is_cut_between_paragraphs() -> None:
    assert parts("aaa\n\nbbb\n\nccc", 9) == ["aaa\n\nbbb", "ccc"]
    assert parts("aaa\nbbb\n\nccc", 9) == ["aaa\nbbb", "ccc"]


def test_a_long_paragraph_is_cut_between_lines_then_between_words() -> None:
    assert parts("aaa bbb\nccc\nddd", 12) == ["aaa bbb\nccc", "ddd"]
    assert parts("aaa bbb ccc", 8) == ["aaa bbb", "ccc"]
    assert parts("aaa bbb ccc", 7) == ["aaa bbb", "ccc"]


def test_a_long_word_is_cut_anywhere_but_inside_a_character() -> None:
    assert parts("abcdefgh", 3) == ["abc", "def", "gh"]
    assert parts("😀😀😀", 3) == ["😀", "😀", "😀"]
    assert parts("abe\u0301f", 3) == ["ab", "e\u0301f"]
    assert parts("ab👨\u200d👩\u200d👧", 9) == ["ab", "👨\u200d👩\u200d👧"]


@pytest.mark.parametrize("text", [
    "Line of <b>text</b> & more.\n" * 600, "😀" * 9000, "word " * 5000, ("p" * 3000 + "\n\n") * 5, "\n\n".join("ab" * 5000),
    "x" * 5000 + "\n\n" + "y" * 5000,
])  # fmt: skip
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    found = parts(text)
    assert all(0 < units(part) <= LONGEST and part == part.strip() for part in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)
    assert all(html_module.unescape(html(part)) == part for part in found)


@pytest.mark.parametrize(("text", "longest", "shown"), [
    ("short", 10, "short"), ("two\nlines  here", 20, "two lines here"), ("abcdefghij", 10, "abcdefghij"),
    ("abcdefghijk", 10, "abcdefghi…"), ("abcd efghijk", 6, "abcd…"), ("😀😀😀😀", 5, "😀😀…"), ("", 5, ""),
])  # fmt: skip
def test_a_line_is_cut_with_an_ellipsis(text: str, longest: int, shown: str) -> None:
    assert cut(text, longest) == shown
    assert units(cut(text, longest)) <= longest


# --- keyboards


def laid(*labels: str) -> list[list[str]]:
    keyboard = laid_out([(f"value {label}", label) for label in labels], lambda value: "t", lambda label: label)
    return [[button.label for button in row] for row in keyboard.rows]


def test_short_labels_share_a_row_and_long_ones_do_not() -> None:
    assert laid("Yes", "No") == [["Yes", "No"]]
    assert laid("Yes", "No", "Later") == [["Yes", "No", "Later"]]
    assert laid("Yes", "No", "Later", "Skip") == [["Yes", "No"], ["Later", "Skip"]]
    assert laid("a", "b", "c", "d", "e") == [["a", "b", "c"], ["d", "e"]]
    assert laid("All is correct", "Not correct") == [["All is correct", "Not correct"]]
    assert laid("Submit the documents", "Letters", "Remove") == [["Submit the documents"], ["Letters", "Remove"]]
    assert laid("中文中文中文中文", "b") == [["中文中文中文中文"], ["b"]]
    assert laid() == []


def test_a_long_label_is_cut_and_told_in_full() -> None:
    full = "A certificate of incorporation, or an extract of the commercial register, not older than three months"
    keyboard = laid_out([("1", full), ("2", "Short")], lambda value: value, lambda label: label)
    assert units(keyboard.rows[0][0].label) <= 60 and keyboard.rows[0][0].label.endswith("…")
    assert keyboard.shortened == (full,)
    assert keyboard.left_out == ()


def test_a_value_too_long_for_a_button_is_copied_and_one_too_long_for_that_is_written() -> None:
    keyboard = laid_out(
        [("x" * 100, "Take this"), ("x" * 257, "Take that"), ("", "")],
        lambda value: None,
        lambda label: f"Copy: {label}",
    )
    assert keyboard.rows == ((Button("Copy: Take this", copies="x" * 100),),)
    assert keyboard.left_out == ("Take that", "")


def test_no_more_buttons_than_telegram_takes() -> None:
    choices = [(str(number), f"No {number}") for number in range(150)]
    keyboard = laid_out(choices, lambda value: value, lambda label: label)
    assert sum(map(len, keyboard.rows)) == MOST
    assert max(map(len, keyboard.rows)) <= 3
    assert keyboard.left_out == tuple(label for _, label in choices[MOST:])


def test_no_larger_a_keyboard_than_telegram_takes() -> None:
    choices = [(str(number), f"{number} " + "中" * 50) for number in range(100)]
    keyboard = laid_out(choices, lambda value: "t" * 64, lambda label: label)
    buttons = [button for row in keyboard.rows for button in row]
    assert 30 < len(buttons) < 100
    assert sum(len(button.label.encode()) + 64 for button in buttons) < MOST_BYTES
    assert len(buttons) + len(keyboard.left_out) == 100


def test_a_choice_without_a_label_shows_its_value() -> None:
    assert laid_out([("yes", " ")], lambda value: value, lambda label: label).rows == ((Button("yes", "yes"),),)


def test_wide_characters_take_two_columns() -> None:
    assert width("abc") == 3
    assert width("中文") == 4
