"""Every kind of picture a customer may send: `made("good", "tuning", 7)` is the seventh good photo of the tuning set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from tests.photos import hands, marks
from tests.photos.camera import Picture, Shot, compressed, photograph
from tests.photos.cases import PX, Ask, Case, careless_shot, chance_of, clear_shot, page_photo
from tests.photos.letters import SETS, Printed, letter, sheets

LETTERS = 25  # of a set
Change = Callable[[np.random.Generator, Ask, Printed, int], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of photo: which letter, what is done to its page, what is true then."""

    change: Change = lambda chance, ask, printed, page: None
    good: bool = False
    reasons: tuple[str, ...] = ()
    first: bool = False  # a page without boxes instead of the last
    stamped: bool | str | None = "any"  # whether the country wants a stamp: see letters.letter
    careless: bool = False


def made(name: str, kind: str, number: int, long_side: int = 1280) -> Case:
    """Picture `number` of that kind, of that set (letters.SETS)."""
    if name in OTHERS:
        return OTHERS[name](name, kind, number, long_side)
    wanted = KINDS[name]
    chance = chance_of(kind, name, number)
    printed = _letter(kind, number, wanted)
    page = 1 if wanted.first else printed.drawn.pages
    ask = Ask((careless_shot if wanted.careless else clear_shot)(chance, long_side))
    wanted.change(chance, ask, printed, page)
    case = page_photo(name, kind, printed, page, chance, ask)
    case.good, case.reasons, case.clear = wanted.good, frozenset(wanted.reasons), not wanted.careless
    if name == "cut_off" and _code_is_out(case):
        case.reasons |= {"no_code"}
    return case


def _letter(kind: str, number: int, wanted: Kind) -> Printed:
    for step in range(LETTERS):
        printed = letter(kind, (number + step) % LETTERS, stamped=wanted.stamped)
        if not wanted.first or printed.drawn.pages > 1:
            return printed
    raise LookupError("no letter of the set has a page without boxes")


def _code_is_out(case: Case) -> bool:
    assert case.grid is not None
    (x, y), (height, width) = case.grid[24], case.picture.shape[:2]  # of GRID, just below the code
    return not (0 < x < width and 0 < y < height)


def _with(**values: object) -> Change:
    def change(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
        for name, value in values.items():
            setattr(ask, name, value)

    return change


def _shot(**ranges: tuple[float, float]) -> Change:
    def change(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
        ask.shot = replace(ask.shot, **{name: float(chance.uniform(*between)) for name, between in ranges.items()})

    return change


def _marked(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    own = marks.NOT_SIGNED[next(kind for kind in SETS if printed.facts.letter_id.startswith(kind[0].upper()))]
    ask.signed, ask.marks = False, own[int(chance.integers(len(own)))]


def _spilled(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    ask.signed, ask.spill, ask.stamped = False, True, bool(chance.random() < 0.5)


def _faint(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    ask.faint = float(chance.uniform(0.55, 0.8))


def _elsewhere(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    ask.elsewhere, ask.stamped = str(chance.choice(["stamp_box", "beside"])), False


def _cut_off(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    away = float(chance.uniform(0.2, 0.34)) * float(chance.choice([-1, 1]))
    ask.shot = replace(
        ask.shot, shift=(away, 0.0) if chance.random() < 0.5 else (0.0, away), fill=float(chance.uniform(0.95, 1.05))
    )


def _shiny(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    """A lamp shines on what matters: a box, or the middle of the words."""
    box = printed.box(
        page, "signature_box" if chance.random() < 0.5 or not printed.box(page, "stamp_box") else "stamp_box"
    )
    if box is None or chance.random() < 0.3:
        box = (40.0, 70.0, 160.0, 120.0)
    at = (box[0] + box[2]) / 2 + chance.normal(0, 6), (box[1] + box[3]) / 2 + chance.normal(0, 4)
    ask.shot = replace(ask.shot, glare=(*at, float(chance.uniform(20, 34)), float(chance.uniform(0.9, 1.6))))


def _covered(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    wide, high = chance.uniform(70, 130), chance.uniform(45, 80)
    x, y = chance.uniform(15, 195 - wide), chance.uniform(45, 150 - high / 2)
    ask.shot = replace(ask.shot, covered=(float(x), float(y), float(wide), float(high)))


def _bleached(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    ask.shot = replace(ask.shot, bleached=True, fingers=0)


def _scanned(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    ask.shot = Shot(
        long_side=max(ask.shot.long_side, 1280), tilt=0.0, turn=float(chance.normal(0, 0.8)) + float(chance.choice([0, 0, 180])),
        fill=1.0, noise=float(chance.uniform(0.5, 2.0)), blur=float(chance.uniform(0, 0.06)), clutter=0, greyscale=bool(chance.random() < 0.4),
    )  # fmt: skip


def _grey(chance: np.random.Generator, ask: Ask, printed: Printed, page: int) -> None:
    ask.shot = replace(ask.shot, greyscale=True)


KINDS: dict[str, Kind] = {
    # to be accepted at once
    "good": Kind(good=True),
    "good_first": Kind(good=True, first=True),
    "scanned": Kind(_scanned, good=True),
    "grey": Kind(_grey, good=True),
    # signed and stamped, and hard
    "careless": Kind(careless=True),
    "document_mode": Kind(_bleached),
    "faint_stamp": Kind(_faint, stamped=True),
    "embossed": Kind(_with(embossed=True), stamped=True),
    "together": Kind(_with(together=True), stamped=True),
    # not signed
    "empty": Kind(_with(signed=False), reasons=("unsigned",)),
    "both_empty": Kind(_with(signed=False, stamped=False), reasons=("unsigned", "unstamped")),
    "marks": Kind(_marked, reasons=("unsigned", "unsure")),
    "spill": Kind(_spilled, reasons=("unsigned", "unsure", "unstamped")),
    "initials": Kind(_with(signed=False, marks=hands.initials), reasons=("unsigned", "unsure")),
    "elsewhere": Kind(_elsewhere, reasons=("unsigned", "unsure", "unstamped", "altered")),
    # to be asked for again
    "unstamped": Kind(_with(stamped=False), reasons=("unstamped",), stamped=True),
    "cut_off": Kind(_cut_off, reasons=("cut_off",)),
    "too_small": Kind(_shot(fill=(0.26, 0.36)), reasons=("too_small", "no_code")),
    "blurred": Kind(_shot(blur=(0.5, 1.0)), reasons=("blurred", "no_code")),
    "shaken": Kind(_shot(motion=(2.0, 4.0)), reasons=("blurred", "no_code")),
    "dark": Kind(_shot(light=(0.05, 0.12), noise=(6, 12)), reasons=("dark", "no_code")),
    "glare": Kind(_shiny, reasons=("glare",)),
    "covered": Kind(_covered, reasons=("glare", "cut_off")),
    "no_code": Kind(_with(hide_code=True), reasons=("no_code",)),
}  # fmt: skip


# --- what is not just a page put right -----------------------------------------------------------------------------


def _altered(name: str, kind: str, number: int, long_side: int) -> Case:
    """Our letter with one word or one digit another, photographed."""
    changed = name.removeprefix("altered_")
    chance = chance_of(kind, name, number)
    ours, theirs = letter(kind, number % LETTERS), letter(kind, number % LETTERS, changed=changed)
    page = next(
        n for n, (a, b) in enumerate(zip(sheets(ours, PX), sheets(theirs, PX), strict=True), 1) if (a != b).any()
    )
    case = page_photo(name, kind, theirs, page, chance, Ask(clear_shot(chance, long_side)))
    case.awaited, case.reasons, case.clear = ours, frozenset({"altered"}), True
    return case


def _old_version(name: str, kind: str, number: int, long_side: int) -> Case:
    chance = chance_of(kind, name, number)
    old, new = letter(kind, number % LETTERS), letter(kind, number % LETTERS, version=2)
    case = page_photo(name, kind, old, old.drawn.pages, chance, Ask(clear_shot(chance, long_side)))
    case.awaited, case.reasons = new, frozenset({"old_version"})
    return case


def _wrong_letter(name: str, kind: str, number: int, long_side: int) -> Case:
    chance = chance_of(kind, name, number)
    other = letter(kind, (number + 1) % LETTERS)
    case = page_photo(name, kind, other, other.drawn.pages, chance, Ask(clear_shot(chance, long_side)))
    case.awaited, case.reasons = letter(kind, number % LETTERS), frozenset({"wrong_letter"})
    return case


def _screenshot(name: str, kind: str, number: int, long_side: int) -> Case:
    """The file we sent, as a phone or a computer shows it."""
    chance = chance_of(kind, name, number)
    printed = letter(kind, number % LETTERS)
    page = sheets(printed, PX)[-1]
    ground = np.array([(32, 33, 36), (82, 86, 89), (240, 240, 240), (0, 0, 0)][int(chance.integers(4))], np.uint8)
    if chance.random() < 0.6:  # a phone held upright: the page as wide as the screen
        wide, high = 1080, 2340
        page = cv2.resize(page, (wide, round(wide * page.shape[0] / page.shape[1])), interpolation=cv2.INTER_AREA)
    else:
        wide, high = 1920, 1080
        page = cv2.resize(page, (round(1010 * page.shape[1] / page.shape[0]), 1010), interpolation=cv2.INTER_AREA)
    screen = np.empty((high, wide, 3), np.uint8)
    screen[:] = ground
    x, y = (wide - page.shape[1]) // 2, min(high - page.shape[0], int(chance.uniform(60, 500)))
    screen[y : y + page.shape[0], x : x + page.shape[1]] = page
    cv2.putText(screen, "10:42", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (128, 128, 128), 2, cv2.LINE_AA)
    factor = min(1.0, long_side / max(screen.shape[:2]))
    screen = cv2.resize(screen, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    picture = compressed(screen, int(chance.integers(80, 95)))
    return Case(name, picture, printed, printed.drawn.pages, False, False, reasons=frozenset({"unsigned"}), clear=True)


def _sent_back(name: str, kind: str, number: int, long_side: int) -> Case:
    """A page of the PDF we sent."""
    printed = letter(kind, number % LETTERS)
    page = sheets(printed, PX)[-1]
    factor = long_side / max(page.shape[:2])
    picture = cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return Case(name, picture, printed, printed.drawn.pages, False, False, reasons=frozenset({"unsigned"}), clear=True)


def _blank(name: str, kind: str, number: int, long_side: int) -> Case:
    """A white sheet on a desk."""
    chance = chance_of(kind, name, number)
    sheet = np.full((round(297 * PX), round(210 * PX), 3), 245, np.uint8)
    picture, _ = photograph(sheet, PX, clear_shot(chance, long_side), chance, np.zeros((1, 2)))
    return Case(
        name, picture, None, 0, reasons=frozenset({"no_code"}), seen="blank", awaited=letter(kind, number % LETTERS)
    )


def _cat(name: str, kind: str, number: int, long_side: int) -> Case:
    """A furry thing with eyes on a cushion: no paper anywhere."""
    chance = chance_of(kind, name, number)
    size = (long_side, round(long_side * 0.75))
    picture = np.zeros((*size, 3), np.float32)
    for grain in (6, 20, 60, 200):
        noise = chance.uniform(0, 1, (size[0] // grain + 2, size[1] // grain + 2, 3)).astype(np.float32)
        picture += cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC) * (30 + grain * 0.4)
    for _ in range(int(chance.integers(3, 9))):
        at = (int(chance.uniform(0, size[1])), int(chance.uniform(0, size[0])))
        axes = (int(chance.uniform(30, 260)), int(chance.uniform(30, 260)))
        cv2.ellipse(
            picture,
            at,
            axes,
            float(chance.uniform(0, 180)),
            0,
            360,
            chance.uniform(0, 230, 3).tolist(),
            -1,
            cv2.LINE_AA,
        )
    for _ in range(2500):  # hair
        x, y, way = chance.uniform(0, size[1]), chance.uniform(0, size[0]), chance.uniform(0, 6.28)
        to = (int(x + 22 * np.cos(way)), int(y + 22 * np.sin(way)))
        cv2.line(picture, (int(x), int(y)), to, chance.uniform(0, 255, 3).tolist(), 1, cv2.LINE_AA)
    picture = np.clip(picture + chance.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)
    return Case(
        name,
        compressed(picture, 85),
        None,
        0,
        reasons=frozenset({"no_code"}),
        seen="other",
        awaited=letter(kind, number % LETTERS),
    )


def _foreign(name: str, kind: str, number: int, long_side: int) -> Case:
    """A printed page that is none of ours."""
    chance = chance_of(kind, name, number)
    sheet: Picture = np.full((round(297 * PX), round(210 * PX), 3), 250, np.uint8)
    y = 30.0
    while y < 260:
        words = " ".join(
            "".join(chance.choice(list("aeinorst"), int(chance.integers(2, 9))))
            for _ in range(int(chance.integers(4, 11)))
        )
        cv2.putText(
            sheet, words, (int(20 * PX), int(y * PX)), cv2.FONT_HERSHEY_COMPLEX, 0.6, (30, 30, 30), 1, cv2.LINE_AA
        )
        y += float(chance.choice([6, 6, 6, 12]))
    picture, _ = photograph(sheet, PX, clear_shot(chance, long_side), chance, np.zeros((1, 2)))
    return Case(
        name, picture, None, 0, reasons=frozenset({"no_code"}), seen="other", awaited=letter(kind, number % LETTERS)
    )


OTHERS: dict[str, Callable[[str, str, int, int], Case]] = {
    "altered_word": _altered, "altered_digit": _altered, "old_version": _old_version, "wrong_letter": _wrong_letter,
    "screenshot": _screenshot, "sent_back": _sent_back, "blank": _blank, "cat": _cat, "foreign": _foreign,
}  # fmt: skip
