"""The code of a printed page: 16 characters in a small QR code, and the same in letters beside it.

`S` `ZDRRFYRD` `2` `2` `B` `8BDF` is product, letter, page, pages, version, check. No address is inside: 16 characters
fit the smallest QR code there is, which a phone reads from a page lying on a desk.
"""

from __future__ import annotations

import hashlib
import hmac
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ALPHABET = string.digits + string.ascii_uppercase  # what both a QR code's alphanumeric mode and a letter id are made of
PRODUCT = "S"
LETTER_ID = 8  # characters
CHECK = 4  # characters: a made-up code passes once in 1.7 million
LENGTH = len(PRODUCT) + LETTER_ID + 3 + CHECK
MAX_PAGES = 9
MAX_VERSION = len(ALPHABET) - 1


class CodeError(ValueError):
    """A page code cannot say this: ids are 8 digits or capitals, pages 1 to 9, versions 1 to 35, one key at least."""


class PageKey(str):
    """What page_key() made of a key. It may stand for that key here, and is good for nothing else."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class PageCode:
    """What a page says of itself. Pages count from 1, versions from 1."""

    letter_id: str
    page: int
    pages: int
    version: int


def make(letter_id: str, page: int, pages: int, version: int, keys: Sequence[str]) -> str:
    """The code of a page, checked with the first (newest) key.

    Raises:
        CodeError: a value does not fit into its characters, or there is no key.
    """
    if len(letter_id) != LETTER_ID or not set(letter_id) <= set(ALPHABET):
        raise CodeError(f"a letter id has {LETTER_ID} characters 0-9 A-Z")
    if not 1 <= page <= pages <= MAX_PAGES:
        raise CodeError(f"page {page} of {pages}: a letter has 1 to {MAX_PAGES} pages")
    if not 1 <= version <= MAX_VERSION:
        raise CodeError(
            f"version {version}: a letter has versions 1 to {MAX_VERSION}; a further one needs a new letter id"
        )
    if not keys:
        raise CodeError("no key to check page codes with: SECRET_KEYS is empty")
    body = f"{PRODUCT}{letter_id}{page}{pages}{ALPHABET[version]}"
    return body + _check(body, keys[0])


def first(texts: Iterable[str], keys: Sequence[str]) -> PageCode | None:
    """The first of them that is a code of ours."""
    return next((code for text in texts if (code := read(text, keys))), None)


def read(text: str, keys: Sequence[str]) -> PageCode | None:
    """What a code says when any of the keys made it, else None. Spaces, hyphens and small letters do not matter."""
    code = text.upper().replace("-", "").replace(" ", "")
    if not shaped(code):
        return None
    body, check = code[:-CHECK], code[-CHECK:]
    if not any(hmac.compare_digest(check, _check(body, key)) for key in keys):
        return None
    page, pages, version = (ALPHABET.index(character) for character in body[-3:])
    if not 1 <= page <= pages <= MAX_PAGES or version < 1:
        return None
    return PageCode(body[1:-3], page, pages, version)


def page_key(key: str) -> PageKey:
    """What checks page codes in place of the key, for a child process that is to get no key of ours."""
    # A digest: blake2b takes 64 bytes at most, a setting may be longer.
    return PageKey(hashlib.blake2b(key.encode(), person=b"page code").hexdigest())


def shaped(text: str) -> bool:
    """Whether this looks like a page code. Needs no key, so it can be asked where none may be."""
    return len(text) == LENGTH and text.startswith(PRODUCT) and set(text) <= set(ALPHABET)


def pretty(code: str) -> str:
    """The code as it is printed: in groups of four, "SZDR-RFYR-D22B-8BDF"."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _check(body: str, key: str) -> str:
    secret = bytes.fromhex(key if isinstance(key, PageKey) else page_key(key))
    number = int.from_bytes(hashlib.blake2b(body.encode(), key=secret, digest_size=8).digest(), "big")
    check = ""
    for _ in range(CHECK):
        number, digit = divmod(number, len(ALPHABET))
        check += ALPHABET[digit]
    return check
