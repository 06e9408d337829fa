"""What buttons carry: 64 bytes, ours, of one chat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.tokens import Pressed, Tokens

CHAT = "telegram:7123456789:5000000001"
OLD, NEW = "an old key, long enough", "a new key, long enough"
LONGEST = "x" * 40


@pytest.mark.parametrize("value", [
    "yes", "apply again TH-4K7Q", "send back TH-4K7Q: old_version", "account_or_security_alert", "take back",
    "a.b.c", ".", "", "with space ", "Ünïcode", "中文", "1", LONGEST,
])  # fmt: skip
@pytest.mark.parametrize(("asked", "registration"), [(0, None), (1, 1), (99_999, 99_999), (1_600_000, None)])
def test_a_button_says_what_it_was_made_for(value: str, asked: int, registration: int | None) -> None:
    tokens = Tokens([NEW])
    token = tokens.made(CHAT, registration, asked, value)
    assert token is not None
    assert len(token.encode()) <= 64
    assert tokens.read(CHAT, token) == Pressed(asked, value, registration)


def test_a_value_too_long_for_a_button_has_none() -> None:
    tokens = Tokens([NEW])
    assert tokens.made(CHAT, 1, 1, "x" * 49) is None
    assert tokens.made(CHAT, 1, 1, "中" * 15) is not None  # 45 bytes
    assert tokens.made(CHAT, 1, 1, "中" * 16) is None


def test_a_button_is_read_with_every_key_and_signed_with_the_newest() -> None:
    old = Tokens([OLD]).made(CHAT, 7, 3, "yes")
    new = Tokens([NEW, OLD]).made(CHAT, 7, 3, "yes")
    assert old and new
    assert Tokens([NEW, OLD]).read(CHAT, old) == Pressed(3, "yes", 7)
    assert Tokens([NEW]).read(CHAT, new) == Pressed(3, "yes", 7)
    assert Tokens([NEW]).read(CHAT, old) is None


def test_a_button_of_another_chat_is_not_ours() -> None:
    tokens = Tokens([NEW])
    token = tokens.made(CHAT, 1, 1, "yes")
    assert token
    assert tokens.read(CHAT + "2", token) is None
    assert tokens.read("", token) is None


def changed(token: str) -> Iterator[str]:
    for at in range(len(token)):
        yield token[:at] + token[at + 1 :]
        for other in "0A.":
            yield token[:at] + other + token[at:]
            yield token[:at] + other + token[at + 1 :]


def test_a_changed_button_is_not_ours() -> None:
    tokens = Tokens([NEW])
    token = tokens.made(CHAT, 12, 34, "yes.no")
    assert token
    wrong = [other for other in changed(token) if other != token and tokens.read(CHAT, other) is not None]
    assert not wrong


def test_a_value_cannot_pass_for_a_question() -> None:
    """What stands between the dots is the value's own business only behind the second."""
    tokens = Tokens([NEW])
    assert tokens.made(CHAT, None, 1, "2.yes") != tokens.made(CHAT, 2, 1, "yes")
    token = tokens.made(CHAT, None, 1, "2.yes")
    assert token and tokens.read(CHAT, token) == Pressed(1, "2.yes", None)


@pytest.mark.parametrize("text", [
    "", ".", "...", "....", "1", "11..yes.", "1.1.yes.AAAAAAAAAAA", "\ud83d", "\ud83d.\udc00.a.b", "\0", "é" * 64,
    "x" * 10_000, "1z.z.z.z", "₁1.1.yes.AAAAAAAAAAA", "11.1.yes.é",
])  # fmt: skip
def test_whatever_a_client_sends_is_read_without_an_error(text: str) -> None:
    assert Tokens([NEW, OLD]).read(CHAT, text) is None
    assert Tokens([NEW]).read(text, "11.1.yes.AAAAAAAAAAA") is None


def test_without_a_key_nothing_can_be_signed() -> None:
    with pytest.raises(ValueError, match="SECRET_KEYS"):
        Tokens([])
