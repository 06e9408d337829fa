"""Made-up photos of letters and what the check says of them, each made once a process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2

from bot.checking.template import Picture, Template, templates_of
from bot.checking.verdict import Verdict, check
from tests.photos.cases import Ask, Case, chance_of, clear_shot, page_photo
from tests.photos.kinds import made
from tests.photos.letters import KEYS, Printed, letter

cv2.setNumThreads(1)  # as in the child process
NUMBER = 400  # of most pictures: they show one letter then, that is drawn once


@dataclass(frozen=True)
class Checked:
    case: Case
    verdict: Verdict

    @property
    def picture(self) -> Picture:
        return self.case.picture


@lru_cache(64)
def checked(kind: str, number: int = NUMBER, side: int = 1280, digital: bool = False) -> Checked:
    """Picture `number` of that kind, checked against the letter that is awaited."""
    case = made(kind, "tuning", number, side)
    awaited = case.awaited or case.letter
    assert awaited is not None
    return Checked(case, check(case.picture, templates(awaited), KEYS, digital))


@lru_cache(8)
def templates(printed: Printed) -> list[Template]:
    return templates_of(printed.facts.letter_id, printed.drawn.pdf, printed.drawn.layouts)


def printed_at(scale: float) -> Checked:
    """A signed and stamped page that a printer made smaller or larger."""
    chance = chance_of("tuning", "scaled", NUMBER)
    ours = letter("tuning", 0)
    ask = Ask(clear_shot(chance, 1280), scale=scale)
    case = page_photo("scaled", "tuning", ours, ours.drawn.pages, chance, ask)
    return Checked(case, check(case.picture, templates(ours), KEYS))
