"""A hand is told from stamps and marks by what lies in the signature box, drawn here without a camera."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import cv2
import numpy as np
import pytest

from bot.checking import Answer
from bot.checking.ink import Marks
from bot.checking.signature import looked_at, signed
from bot.checking.stamps import stamps
from bot.checking.template import FINE
from tests.photos import hands, marks, shapes
from tests.photos.hands import Paper

BOX = (25.0, 30.0, 107.0, 60.0)
MIDDLE = (BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2
PEN = hands.Pen("blue", 0.5, (0.15, 0.2, 0.55), 0.9)
DRAWN = 3
TAKEN_FOR_A_HAND = {"wavy", "block_letters"}  # now and then: the open gap of docs/letters-check.md
Draw = Callable[[Paper, np.random.Generator], None]


def answer(draw: Draw, number: int) -> Answer:
    paper = Paper(round(90 * FINE), round(150 * FINE), FINE)
    chance = np.random.default_rng([15, number])
    draw(paper, chance)
    light = cv2.GaussianBlur(paper.light, (0, 0), 0.2 * FINE) + chance.normal(0, 0.01, paper.light.shape)
    even = np.clip(light, 0, 1.2).astype(np.float32)
    dark = np.clip(1 - even.min(axis=2), 0, 1)
    colour = (np.clip(even, 0, 1) * 255).astype(np.uint8)
    seen = Marks(colour, even, dark, np.zeros_like(dark), np.zeros(dark.shape, bool), 0.0)
    return signed(looked_at(seen, BOX, stamps(seen)))


def put(shape: shapes.Shape, font: shapes.Font) -> Draw:
    """The stamp with its middle in that of the box."""

    def draw(paper: Paper, chance: np.random.Generator) -> None:
        mark = shape(font, paper.px, chance).astype(np.float32) / 255
        at = int(MIDDLE[0] * paper.px - mark.shape[1] / 2), int(MIDDLE[1] * paper.px - mark.shape[0] / 2)
        paper.put(mark * 0.9, (0.2, 0.1, 0.4), at)

    return draw


@pytest.mark.parametrize("hand", sorted({hand for of in hands.HANDS.values() for hand in of}, key=lambda h: h.__name__))
def test_every_hand_is_one(hand):
    answers = [answer(lambda paper, chance: hand(paper, BOX, PEN, chance, 1.2), number) for number in range(DRAWN)]
    assert Answer.NO not in answers
    assert answers.count(Answer.YES) >= DRAWN - 1


@pytest.mark.parametrize("shape", sorted(set(shapes.SHAPES) - TAKEN_FOR_A_HAND))
def test_no_stamp_is_a_hand(shape):
    for number in range(DRAWN):
        font = shapes.FONTS["final"][number % len(shapes.FONTS["final"])]
        assert answer(put(shapes.SHAPES[shape], font), number) is not Answer.YES


def test_a_block_of_ink_is_no_hand():
    for number in range(DRAWN):
        assert answer(put(lambda font, px, chance: np.full((40, 120), 255, np.uint8), "noto"), number) is Answer.UNSURE


@pytest.mark.parametrize(
    "mark",
    sorted(
        (mark for mark in {*chain(*marks.NOT_SIGNED.values())} if mark.__name__ not in TAKEN_FOR_A_HAND),
        key=lambda mark: mark.__name__,
    ),
)
def test_no_mark_of_somebody_who_did_not_sign_is_a_hand(mark):
    for number in range(DRAWN):
        assert answer(lambda paper, chance: mark(paper, BOX, PEN, chance), number) is not Answer.YES


def test_nothing_is_nothing():
    assert answer(lambda paper, chance: None, 0) is Answer.NO
