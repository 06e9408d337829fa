"""What must be new: numbers, references, codes."""

from __future__ import annotations

import random
from collections.abc import Callable

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I: people read them out
LETTER_ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Counters:
    """Draws for the turns. A number drawn in a turn that is not kept is never drawn again while the process lives."""

    def __init__(self, last: dict[str, int], is_taken: Callable[[str], bool], seed: int | None = None) -> None:
        self._last = last
        self._moved: set[str] = set()
        self._is_taken = is_taken
        self._drawn: set[str] = set()  # references of this batch, not in the database yet
        self._random = random.SystemRandom() if seed is None else random.Random(seed)

    def next(self, name: str) -> int:
        self._last[name] = number = self._last.get(name, 0) + 1
        self._moved.add(name)
        return number

    def take_moved(self) -> dict[str, int]:
        """The counters that moved since the last call, to be written in the turn's own transaction."""
        moved = {name: self._last[name] for name in self._moved}
        self._moved.clear()
        self._drawn.clear()
        return moved

    def mark_moved(self) -> None:
        """What was written was rolled back: write every counter with the next turn."""
        self._moved.update(self._last)

    def registration_id(self) -> int:
        return self.next("registration")

    def company_id(self) -> int:
        return self.next("company")

    def upload_id(self) -> int:
        return self.next("upload")

    def handoff_id(self) -> int:
        return self.next("handoff")

    def reference(self, country: str) -> str:
        """`TH-4K7Q`: of no registration and no receipt."""
        while True:
            reference = f"{country}-{self.letters(4)}"
            if reference not in self._drawn and not self._is_taken(reference):
                self._drawn.add(reference)
                return reference

    def letter_id(self) -> str:
        return self.letters(8, LETTER_ID_LETTERS)

    def letters(self, number: int, alphabet: str = LETTERS) -> str:
        return "".join(self._random.choices(alphabet, k=number))
