"""Our sentences as HTML: lists are lists, nothing typed becomes markup, and the bare text stays what it was."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.sentences import structured

BRIEFING = """Thailand: the sender ID must be registered.

Papers:
• Letter of authorization
• Proof of <b>the brand</b>

Time: 7 to 30 days
Source: https://example.org/rules?a=1&b=2."""


def bare(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def test_bullets_become_a_list_under_their_heading() -> None:
    made = structured(BRIEFING)
    assert '<p class="lead">Papers:</p>\n<ul>' in made and made.count("<li") == 2
    assert "&lt;b&gt;" in made and "<b>" not in made
    assert 'href="https://example.org/rules?a=1&amp;b=2"' in made


def test_a_checklist_shows_what_is_done() -> None:
    assert re.findall(r'<li class="(\w+)"', structured("✔ one\n☐ two\n○ three\n✘ four")) == [
        "done", "open", "maybe", "wrong",
    ]  # fmt: skip


def test_a_numbered_answer_of_several_lines_stays_one_line_of_the_list() -> None:
    made = structured("1. Links: https://a.example\nhttps://b.example\n2. City: Oslo\n\nIs all correct?")
    assert made.count("<ul>") == 1 and made.count("<li") == 2 and made.count("<a ") == 2
    assert '<span class="label">City:</span> Oslo' in made


@pytest.mark.parametrize("text", [BRIEFING, "", "\n", "a\n\n\n b\n", "1. \n2. x", "• a\nb\n\n3. ⚠ c: d\n e\n", "•\n1."])
def test_the_bare_text_is_the_text(text: str) -> None:
    assert bare(structured(text)) == text


@given(st.text(alphabet="ab1.•✔⚠: \n<>&\"'/hpt", max_size=60))
def test_the_bare_text_is_the_text_whatever_it_is(text: str) -> None:
    assert bare(structured(text)) == text
