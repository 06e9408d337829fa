"""Every kind of picture has an answer of its own."""

from __future__ import annotations

import numpy as np
import pytest

from bot.checking import Answer, Reason
from bot.checking.verdict import check
from tests.letters.letters_to_check import checked, templates
from tests.photos.letters import KEYS, letter


@pytest.mark.parametrize(
    ("kind", "number"),
    [("good", 400), ("good_first", 400), ("scanned", 400), ("grey", 400), ("faint_stamp", 402)],
)  # 402: a stamp with a rim; faint words without one are for a person
def test_a_signed_and_stamped_page_is_accepted_at_sight(kind, number):
    found = checked(kind, number).verdict
    assert found.accepted and found.reason is None
    assert (found.whole, found.legible, found.altered) == (Answer.YES, Answer.YES, Answer.NO)
    assert found.signed in ((None,) if kind == "good_first" else (Answer.YES,))


def test_it_is_told_which_page_of_which_version_of_which_letter_it_is():
    for kind in ("good", "good_first"):
        seen = checked(kind)
        assert seen.case.letter is not None
        facts = seen.case.letter.facts
        found = seen.verdict
        assert (found.letter, found.page, found.version) == (facts.letter_id, seen.case.page, facts.version)


def test_a_small_photo_is_enough():
    assert checked("good", side=960).verdict.accepted


@pytest.mark.parametrize("kind", ["empty", "both_empty"])
def test_a_letter_that_nobody_signed_is_asked_for_again(kind):
    found = checked(kind).verdict
    assert (found.reason, found.signed) == (Reason.UNSIGNED, Answer.NO)


@pytest.mark.parametrize(
    ("kind", "number"),
    [("marks", 400), ("marks", 401), ("spill", 400), ("spill", 5), ("initials", 425)],
)
def test_what_is_no_signature_is_never_taken_for_one(kind, number):
    found = checked(kind, number).verdict
    assert found.signed is not Answer.YES and not found.accepted
    assert found.reason in (Reason.UNSIGNED, Reason.UNSURE)


def test_a_missing_stamp_is_told_where_the_country_wants_one():
    found = checked("unstamped").verdict
    assert (found.reason, found.signed, found.stamped) == (Reason.UNSTAMPED, Answer.YES, Answer.NO)


def test_a_stamp_over_the_signature_is_for_a_person():
    found = checked("together").verdict
    assert not found.accepted and found.reason in (Reason.UNSURE, Reason.UNSTAMPED)


@pytest.mark.parametrize("kind", ["altered_word", "altered_digit"])
def test_an_altered_letter_is_for_a_person_and_the_place_is_told(kind):
    found = checked(kind).verdict
    assert (found.reason, found.altered) == (Reason.ALTERED, Answer.YES)
    assert found.places


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("old_version", Reason.OLD_VERSION), ("wrong_letter", Reason.WRONG_LETTER), ("no_code", Reason.NO_CODE),
        ("cut_off", Reason.CUT_OFF), ("blurred", Reason.BLURRED), ("dark", Reason.DARK), ("glare", Reason.GLARE),
        ("covered", Reason.GLARE), ("too_small", Reason.TOO_SMALL),
    ],
)  # fmt: skip
def test_a_photo_that_cannot_be_judged_is_asked_for_again_with_its_one_reason(kind, reason):
    found = checked(kind).verdict
    assert found.reason is reason
    assert not found.accepted


@pytest.mark.parametrize(("kind", "seen"), [("blank", "blank"), ("cat", "other"), ("foreign", "other")])
def test_what_is_no_letter_of_ours_is_called_so(kind, seen):
    found = checked(kind).verdict
    assert (found.reason, found.seen, found.letter) == (Reason.NO_CODE, seen, None)


def test_a_dark_picture_of_nothing_is_dark():
    found = check(np.full((900, 700, 3), 12, np.uint8), templates(letter("tuning", 0)), KEYS)
    assert (found.reason, found.seen) == (Reason.DARK, "")


@pytest.mark.parametrize("size", [(1, 1), (1800, 1), (5, 1800), (60, 3000), (3600, 100)])
@pytest.mark.parametrize("light", [0, 255])
def test_a_picture_of_any_size_has_an_answer(size, light):
    found = check(np.full((*size, 3), light, np.uint8), templates(letter("tuning", 0)), KEYS)
    assert found.reason is (Reason.NO_CODE if light else Reason.DARK)


@pytest.mark.parametrize("kind", ["sent_back", "screenshot"])
def test_our_own_file_sent_back_is_known_for_what_it_is(kind):
    found = checked(kind).verdict
    assert (found.reason, found.seen) == (Reason.UNSIGNED, "as_sent")


def test_a_photo_of_a_printed_page_is_not_taken_for_our_file():
    assert checked("good").verdict.seen == checked("empty").verdict.seen == ""


def test_a_digital_signature_is_for_a_person():
    found = checked("sent_back", digital=True).verdict
    assert (found.reason, found.seen, found.signed) == (Reason.UNSURE, "digital", Answer.UNSURE)


def test_a_code_that_we_did_not_make_names_no_letter():
    seen = checked("good")
    assert seen.case.letter is not None
    found = check(seen.picture, templates(seen.case.letter), ["another key"])
    assert (found.reason, found.letter, found.accepted) == (Reason.WRONG_LETTER, None, False)


def test_with_no_letter_awaited_nothing_is_accepted():
    assert check(checked("good").picture, [], KEYS).reason is Reason.WRONG_LETTER
    assert check(checked("cat").picture, [], KEYS).reason is Reason.NO_CODE
