"""Texts and choices within what Slack takes. What it takes is the test server's, from Slack's pages."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_blocks import checked_blocks
from slack_texts import mentions, oddities, shown

from bot import words
from bot.channels import Rendered
from bot.channels.markup import units
from bot.channels.slack_blocks import Composer, Part, clean, fitting, mrkdwn
from bot.channels.slack_parts import escaped
from bot.channels.tokens import Tokens
from bot.words import Catalogs
from conversations.model import Say
from rules.book import Book
from storage.store import Outgoing

KEYS = ("a key that is only for tests and long enough",)
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@cache
def catalogs() -> Catalogs:
    return Catalogs(words.read(words.OURS), cast(Book, None), strict=True)


def composed(text: str, choices: Any = (), placeholder: str = "", private: bool = True, **say: Any) -> list[Part]:
    outgoing = Outgoing(1, "slack:T1:D1", Say("shown", registration=7, **say), 5, 0, NOW)
    rendered = Rendered(text, tuple(choices), placeholder=placeholder)
    return Composer(Tokens(KEYS), catalogs()).composed(outgoing, rendered, is_private=private)


def accepted(parts: list[Part]) -> None:
    """Slack takes it, and nobody is called by it."""
    odd = list[str]()
    for part in parts:
        checker = checked_blocks(list(part.blocks), odd.append)
        assert checker.mentions == [] and checker.characters <= 12_000
        for fallback in (part.text, part.plain):
            assert 0 < units(fallback) <= 4000
            assert oddities(fallback) == [] and mentions(fallback) == []
    assert odd == []


def test_who_is_on_duty_is_called_by_name_and_nobody_of_another_workspace() -> None:
    calls = ("slack:T1:U045EF6GH", "slack:T2:U1", "telegram:1:2", "slack:T1:<!channel>")
    odd = list[str]()
    (part,) = composed("TH-4K7Q <@U9>", private=False, slot="case:TH-4K7Q", calls=calls)
    assert checked_blocks(list(part.blocks), odd.append).mentions == ["@U045EF6GH"] and odd == []


# --- markup


@pytest.mark.parametrize(("text", "written"), [
    ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
    ("&amp; <!here>", "&amp;amp; &lt;!here&gt;"),
    ("(TH-4K7Q, KE-ABCD).", "(`TH-4K7Q`, `KE-ABCD`)."),
    ("write DESK-AB12-CD34 here", "write `DESK-AB12-CD34` here"),
    ("TH-4K7Q-letter-v1.pdf", "TH-4K7Q-letter-v1.pdf"),
    ("see https://a.example/?b=1&c=2, or", "see <https://a.example/?b=1&amp;c=2>, or"),
    ("https://a.example/TH-4K7Q.", "<https://a.example/TH-4K7Q>."),
    ("<https://a.example|b>", "&lt;<https://a.example>|b&gt;"),
    ("https://", "https://"),
    ("", ""),
])  # fmt: skip
def test_a_text_is_escaped_its_codes_stand_out_and_its_addresses_are_links(text: str, written: str) -> None:
    assert mrkdwn(text) == written


@given(st.text(st.sampled_from("ab &<>*_~`:|!@#\n.-/https😀é\u200d"), max_size=80))
@settings(max_examples=300, deadline=None)
def test_whatever_a_text_holds_is_shown_as_it_is(text: str) -> None:
    for part in composed(text):
        (section,) = part.blocks
        if section["text"]["type"] == "mrkdwn":
            assert shown(section["text"]["text"], str, None) == clean(text).strip()
        else:
            assert section["text"]["text"] == clean(text).strip()


def test_what_cannot_be_seen_goes() -> None:
    assert clean("a\x00b\x1fc\r\nd\te\ud83d") == "abc\nd\te�"


# --- limits


@given(st.lists(st.text("a&<> \n😀é*", min_size=1, max_size=900), max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_length_of_text_fits(pieces: list[str]) -> None:
    accepted(composed("\n\n".join(pieces)))


def test_a_text_is_cut_so_that_it_fits_once_it_is_escaped() -> None:
    found = list(fitting("&" * 4000, 3000))
    assert "".join(found) == "&" * 4000
    assert all(len(escaped(one)) <= 3000 for one in found)


@given(
    st.lists(st.tuples(st.text(max_size=60), st.text(max_size=120)), max_size=140),
    st.sampled_from(["", "text", "country"]),
    st.booleans(),
    st.text(max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_any_choices_fit(choices: list[tuple[str, str]], wants: str, asks: bool, placeholder: str) -> None:
    accepted(composed("Which?", choices, placeholder, wants=wants, asks=asks, progress=(1, 3)))


@pytest.mark.parametrize("count", [1, 10, 11, 25, 26, 100, 101, 122, 123, 300])
def test_every_choice_is_offered_or_written(count: int) -> None:
    parts = composed("Which?", [(f"v{number}", f"The {number}th") for number in range(count)], asks=True, wants="text")
    accepted(parts)
    elements = [element for part in parts for block in part.blocks for element in block.get("elements", ())]
    said = [one for one in elements if one.get("action_id", "").startswith("say:")]
    offered = sum(len(one.get("options", "1")) for one in said if one["action_id"] != "say:always")
    written = sum(part.text.count("• The ") for part in parts)
    assert offered + written == count
    assert offered == min(count, 121)


def test_a_value_too_long_for_a_menu_stays_a_button_and_one_too_long_for_a_button_is_written() -> None:
    choices = [(f"v{number}", f"Choice {number}") for number in range(12)]
    (part,) = composed("Which?", [*choices, ("y" * 100, "Long"), ("z" * 2000, "Too long")])
    accepted([part])
    menu, button = part.blocks[-1]["elements"]
    assert (len(menu["options"]), button["text"]["text"]) == (12, "Long")
    assert "You can also write one of these:\n• Too long" in part.text


def test_a_choice_without_a_name_goes_by_its_word() -> None:
    (part,) = composed("Which?", [("yes", " \n ")])
    assert part.blocks[-1]["elements"][0]["text"]["text"] == "yes"


# --- what is said where blocks are not read


def test_words_say_what_blocks_say() -> None:
    (part,) = composed("Which & why?", [("yes", "Yes <1>")], progress=(3, 9))
    assert part.text == "Which &amp; why?\n\n3 of 9 answered"
    assert part.plain == f"{part.text}\n\nYou can also write one of these:\n• Yes &lt;1&gt;"
    assert part.has_buttons and [block["type"] for block in part.without_buttons] == ["section", "context"]


def test_no_progress_of_nothing_and_no_message_of_nothing() -> None:
    assert [block["type"] for block in composed("Hi", progress=(0, 0))[0].blocks] == ["section"]
    assert composed(" \n ") == []


def test_forms_and_countries_are_offered_only_in_a_private_chat() -> None:
    assert not composed("Where?", asks=True, wants="country", private=False)[0].has_buttons
    assert not composed("City?", asks=False, wants="text")[0].has_buttons
    assert composed("City?", asks=True, wants="text")[0].has_buttons
