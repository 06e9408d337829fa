"""What the check says of one made-up picture, beside what is true of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from bot.checking import FOR_A_PERSON, verdict
from bot.checking.scan import scan
from bot.checking.template import FINE, Template, templates_of
from tests.photos.cases import GRID, Case
from tests.photos.letters import KEYS, Printed

STEPS = {  # of verdict.py, as they are told in the table
    "_code": "code", "aligned": "find and flatten", "altered": "words", "_look_into_boxes": "boxes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One picture. `took`: milliseconds of processor time by step."""

    case: Case  # without its picture
    side: int
    accepted: bool
    reason: str
    named: bool | None  # rightly; None where the picture is of no page of an awaited letter
    signed: str | None
    stamped: str | None
    seen: str
    off: tuple[float, ...] = ()  # mm that points of the scan lie off their true place
    scan_bytes: int = 0
    took: dict[str, float] = field(default_factory=dict)

    @property
    def for_a_person(self) -> bool:
        return self.reason in FOR_A_PERSON

    @property
    def true_reason(self) -> bool:
        return self.reason in self.case.reasons


def looked_at(case: Case, side: int) -> Told:
    awaited = case.awaited or case.letter
    assert awaited is not None
    pages = templates(awaited)
    took: dict[str, float] = {}
    with _timed(verdict, took), _step("check", took):
        found = verdict.check(case.picture, pages, KEYS)
    page = None
    if case.signed is not False:  # what nobody signed is never handed on
        with _step("scan", took):
            page = scan(found, case.picture)
    took["bare"] = _bare(case.picture)
    is_awaited = case.letter is not None and (case.awaited is None or _code(case.letter) == _code(case.awaited))
    told = Told(
        case=case, side=side, accepted=found.accepted, reason=str(found.reason or ""), seen=found.seen,
        named=(found.letter, found.page) == (awaited.facts.letter_id, case.page) if is_awaited else None,
        signed=found.signed and str(found.signed), stamped=found.stamped and str(found.stamped),
        off=_off(case, found), scan_bytes=len(page or b""), took=took,
    )  # fmt: skip
    case.picture = np.zeros((1, 1, 3), np.uint8)  # thousands of them do not fit into memory
    return told


def _code(printed: Printed) -> tuple[str, int]:
    """An altered page still has the code of ours."""
    return printed.facts.letter_id, printed.facts.version


@lru_cache(40)
def templates(printed: Printed) -> list[Template]:
    return templates_of(printed.facts.letter_id, printed.drawn.pdf, printed.drawn.layouts)


def _off(case: Case, found: verdict.Verdict) -> tuple[float, ...]:
    """mm on the paper, at points spread over the page."""
    if case.grid is None or found.alignment is None or found.template is None:
        return ()
    places = GRID * (found.template.width, found.template.height)
    pixels = np.hypot(*(found.alignment.seen(places) - case.grid).T)
    return tuple(float(off) for off in pixels / found.alignment.sharpness().mean())


def _bare(picture: np.ndarray) -> float:
    """Milliseconds of what no check can do without: open the JPEG and bring it to the size of a flat page."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    began = time.process_time()
    opened = cv2.imdecode(data, cv2.IMREAD_COLOR)
    cv2.resize(opened, (round(210 * FINE), round(297 * FINE)), interpolation=cv2.INTER_AREA)
    return 1000 * (time.process_time() - began)


@contextmanager
def _step(name: str, took: dict[str, float]) -> Iterator[None]:
    began = time.process_time()
    yield
    took[name] = took.get(name, 0.0) + 1000 * (time.process_time() - began)


@contextmanager
def _timed(module: ModuleType, took: dict[str, float]) -> Iterator[None]:
    """Lets the steps of the module tell how long they took."""
    real = {name: getattr(module, name) for name in STEPS}

    def timing(name: str) -> Any:
        def step(*args: Any, **values: Any) -> Any:
            with _step(STEPS[name], took):
                return real[name](*args, **values)

        return step

    for name in STEPS:
        setattr(module, name, timing(name))
    try:
        yield
    finally:
        for name, own in real.items():
            setattr(module, name, own)
