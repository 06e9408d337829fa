"""A hand is told from stamps and marks by what lies in the signature box, drawn here without a camera."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from bot.checking import Answer
from bot.checking.ink import Marks
from bot.checking.signature import looked_at, signed
from bot.checking.stamps import stamps
from bot.checking.strokes import strokes
from bot.checking.template import FINE
from tests.photos import hands, marks, shapes
from tests.photos.hands import Paper

BOX = (25.0, 30.0, 107.0, 60.0)
MIDDLE = (BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2
PEN = hands.Pen("blue", 0.5, (0.15, 0.2, 0.55), 0.9)
DRAWN = 3
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


@pytest.mark.parametrize("shape", sorted(shapes.SHAPES))
def test_no_stamp_is_a_hand(shape):
    for number in range(DRAWN):
        font = shapes.FONTS["final"][number % len(shapes.FONTS["final"])]
        assert answer(put(shapes.SHAPES[shape], font), number) is not Answer.YES


def test_a_block_of_ink_is_no_hand():
    for number in range(DRAWN):
        assert answer(put(lambda font, px, chance: np.full((40, 120), 255, np.uint8), "noto"), number) is Answer.UNSURE


@pytest.mark.parametrize(
    "mark", sorted({mark for of in marks.NOT_SIGNED.values() for mark in of}, key=lambda m: m.__name__)
)
def test_no_mark_of_somebody_who_did_not_sign_is_a_hand(mark):
    for number in range(DRAWN):
        assert answer(lambda paper, chance: mark(paper, BOX, PEN, chance), number) is not Answer.YES


def test_nothing_is_nothing():
    assert answer(lambda paper, chance: None, 0) is Answer.NO


def test_each_stroke_is_counted_from_both_its_sides():
    assert strokes(drawn([(5 + 4 * n, 20 if n % 2 else 10) for n in range(9)])) == pytest.approx(8, abs=1)


@pytest.mark.parametrize(
    "line",
    [
        [(5 + 2 * n, 13 if n % 2 else 10) for n in range(20)],  # no higher than a stamp's letters
        [(5, 10), (15, 20), (10, 15), (15, 10), (5, 20)],  # a cross: it does not reach far enough to be joined writing
        [(5, 10), (55, 12)],
    ],
)  # fmt: skip
def test_low_waves_a_cross_and_a_rule_have_no_strokes(line):
    assert strokes(drawn(line)) < 1


def drawn(line: list[tuple[float, float]]) -> np.ndarray:
    ink = np.zeros((round(40 * FINE), round(70 * FINE)), np.uint8)
    cv2.polylines(ink, [(np.array(line) * FINE).astype(np.int32)], False, 1, 2)
    return ink
