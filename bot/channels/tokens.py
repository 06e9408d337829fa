"""What a button carries where a platform gives it few bytes and anybody may send us any: the press, signed.

`11z.3f.yes.pYfC3k9sQ2w` is version, question, registration, value, signature. Nothing is kept for it: a button pressed
next year still says what it meant, and whether its question is the present one is decided where it is pressed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import string
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 64  # bytes of UTF-8: Telegram's callback_data
VERSION = "1"
PURPOSE = "button"  # the same keys sign other things: none of those is a button
SIGNATURE = 8  # bytes: 64 bits, written in 11 characters
DIGITS = string.digits + string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a button of ours says."""

    asked: int  # number of the question it belongs to
    value: str  # the bare word that does the same
    registration: int | None


class Tokens:
    """Makes and reads what buttons carry."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` newest first: the first signs, all are accepted."""
        if not keys:
            raise ValueError("no key to sign buttons with: SECRET_KEYS is empty")
        self._keys = tuple(key.encode() for key in keys)

    def made(
        self, chat: str, registration: int | None, asked: int, value: str, longest: int = LONGEST
    ) -> str | None:  # fmt: skip
        """The token of a button in that chat, or None when it has more than `longest` bytes.

        A value of up to 40 fits where Telegram's 64 are the limit.
        """
        said = f"{VERSION}{_digits(asked)}.{_digits(registration)}.{value}"
        token = f"{said}.{_signature(self._keys[0], chat, said)}"
        return token if len(_bytes(token)) <= longest else None

    def read(self, chat: str, token: str) -> Pressed | None:
        """What the button says; None when it is not ours, was changed, or belongs to another chat."""
        said, _, signature = token.rpartition(".")
        if not any(hmac.compare_digest(_bytes(_signature(key, chat, said)), _bytes(signature)) for key in self._keys):
            return None
        if not said.startswith(VERSION):
            return None
        asked, registration, value = said.removeprefix(VERSION).split(".", 2)
        return Pressed(int(asked, 36), value, int(registration, 36) if registration else None)


def _signature(key: bytes, chat: str, said: str) -> str:
    digest = hmac.digest(key, _bytes(f"{PURPOSE}\0{chat}\0{said}"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:SIGNATURE]).decode().rstrip("=")


def _digits(number: int | None) -> str:
    """The number to the base of 36; nothing for none."""
    if number is None:
        return ""
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # a bad client may send half a character
