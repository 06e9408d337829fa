"""The pictures on which the figures are made: fixed before any threshold was chosen, and not looked at one by one.

The set is "unseen", whose hands, stamps, pens and seeds no threshold was chosen on. The others have been seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SET = "unseen"


@dataclass(frozen=True, slots=True)
class Part:
    """So many pictures of a kind, from number `start` on."""

    kind: str
    count: int
    long_side: int = 1280
    start: int = 0


# The whole list. A short run takes the first of each part.
PARTS = (
    Part("good", 200), Part("good", 120, 960, 1000), Part("good_first", 120), Part("good_first", 60, 960, 1000),
    Part("scanned", 40), Part("grey", 40), Part("careless", 120), Part("document_mode", 60),
    Part("faint_stamp", 40), Part("embossed", 20), Part("together", 40),
    Part("unstamped", 120), Part("initials", 40), Part("elsewhere", 40),
    Part("cut_off", 60), Part("too_small", 40), Part("blurred", 40), Part("shaken", 40), Part("dark", 40),
    Part("glare", 60), Part("covered", 40), Part("no_code", 30),
    Part("altered_word", 80), Part("altered_digit", 40), Part("old_version", 30), Part("wrong_letter", 30),
    Part("sent_back", 25), Part("blank", 20), Part("cat", 20), Part("foreign", 20),
)  # fmt: skip

# Unsigned letters: 2,000 in the long run.
UNSIGNED = (
    Part("empty", 400), Part("both_empty", 300), Part("screenshot", 100), Part("marks", 600), Part("spill", 600),
)  # fmt: skip


def pictures(parts: tuple[Part, ...], share: float) -> Iterator[tuple[str, int, int]]:
    """Kind, number and long side of that share of each part, at least two of it."""
    for part in parts:
        for number in range(max(2, round(part.count * share))):
            yield part.kind, part.start + number, part.long_side
