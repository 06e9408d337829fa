"""The code of a printed page."""

from __future__ import annotations

import random

import pytest

from bot.letters import codes

KEYS = ["newest", "older"]


def test_a_code_says_what_it_was_made_of():
    code = codes.make("ZDRRFYRD", 2, 3, 11, KEYS)
    assert len(code) == 16 and code.startswith("SZDRRFYRD23B")
    assert codes.read(code, KEYS) == codes.PageCode("ZDRRFYRD", 2, 3, 11)


def test_it_is_printed_in_groups_of_four_and_read_back_as_typed():
    code = codes.make("ZDRRFYRD", 2, 2, 1, KEYS)
    assert codes.pretty(code) == "-".join((code[:4], code[4:8], code[8:12], code[12:]))
    assert codes.read(codes.pretty(code).lower(), KEYS) == codes.read(code, KEYS)


def test_a_code_of_an_older_key_is_still_good_and_of_a_lost_key_not():
    old = codes.make("ZDRRFYRD", 1, 1, 1, ["older"])
    assert codes.read(old, KEYS) is not None
    assert codes.read(old, ["newest"]) is None
    assert codes.read(old, []) is None


def test_no_changed_character_passes():
    code = codes.make("ZDRRFYRD", 1, 2, 3, KEYS)
    changed = [code[:at] + other + code[at + 1 :] for at in range(16) for other in codes.ALPHABET if other != code[at]]
    assert [text for text in changed if codes.read(text, KEYS)] == []


def test_guesses_do_not_pass():
    seed = 20261122
    print("seed", seed)
    chance = random.Random(seed)
    guesses = ["S" + "".join(chance.choices(codes.ALPHABET, k=15)) for _ in range(20_000)]
    assert sum(codes.read(guess, KEYS) is not None for guess in guesses) <= 1


@pytest.mark.parametrize("text", ["", "S", "https://example.com/?x=1", "X" * 16, "S" + "Ä" * 15, "S" + "0" * 16])
def test_other_codes_are_not_ours(text):
    assert codes.read(text, KEYS) is None


@pytest.mark.parametrize(
    ("letter_id", "page", "pages", "version", "keys"),
    [
        ("SHORT", 1, 1, 1, KEYS),
        ("zdrrfyrd", 1, 1, 1, KEYS),
        ("ZDRRFYRD", 0, 1, 1, KEYS),
        ("ZDRRFYRD", 3, 2, 1, KEYS),
        ("ZDRRFYRD", 1, 10, 1, KEYS),
        ("ZDRRFYRD", 1, 1, 0, KEYS),
        ("ZDRRFYRD", 1, 1, 36, KEYS),
        ("ZDRRFYRD", 1, 1, 1, []),
    ],
)
def test_what_does_not_fit_is_refused(letter_id, page, pages, version, keys):
    with pytest.raises(codes.CodeError):
        codes.make(letter_id, page, pages, version, keys)


def test_the_last_version_fits():
    assert codes.read(codes.make("ZDRRFYRD", 9, 9, 35, KEYS), KEYS) == codes.PageCode("ZDRRFYRD", 9, 9, 35)
