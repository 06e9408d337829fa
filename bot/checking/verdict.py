"""One picture of a page, judged: `check(picture, templates, keys)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.checking import Answer, Reason
from bot.checking.aligned import Alignment, aligned
from bot.checking.body import altered
from bot.checking.flat import Flat
from bot.checking.ink import Marks
from bot.checking.plane import Corners, Photo, Plane, by_code, found, grey_of, named
from bot.checking.quality import Quality
from bot.checking.seen import looks_blank, looks_dark, looks_sent
from bot.checking.signature import looked_at, signed
from bot.checking.stamps import stamped, stamps
from bot.checking.template import Picture, Template, smaller
from bot.letters import codes
from bot.letters.sheet import Box
from bot.uploads.reading import codes_seen

WORK = 1800  # pixels of the long side at which a page is judged: a sheet that fills it has 6 a mm
NARROWEST = 60  # pixels of the short side: no page is to be seen in less
CODE_SIDES = (1600, 2600)  # pixels at which codes are looked for
CODE_CROP = (14.0, 8.0)  # mm round the place of a code, pixels a mm at which it is looked for there


@dataclass
class Verdict:
    """What is found of one picture. `alignment` is that of the picture itself, at its own size."""

    letter: str | None = None
    page: int | None = None
    version: int | None = None
    whole: Answer = Answer.UNSURE
    legible: Answer = Answer.UNSURE
    altered: Answer = Answer.UNSURE
    signed: Answer | None = None
    stamped: Answer | None = None
    reason: Reason | None = None
    seen: str = ""
    quality: int = 0
    px_per_mm: float = 0.0
    template: Template | None = None
    alignment: Alignment | None = None
    flat: Flat | None = None
    places: list[Box] = field(default_factory=list)  # mm: where it fails

    @property
    def accepted(self) -> bool:
        clear = self.whole is Answer.YES and self.legible is Answer.YES and self.altered is Answer.NO
        return self.reason is None and clear and self.signed in (None, Answer.YES)


@dataclass(frozen=True)
class _Code:
    code: codes.PageCode | None  # None: shaped like ours, made by somebody else
    corners: Corners


def check(picture: Picture, templates: Sequence[Template], keys: Sequence[str], digital: bool = False) -> Verdict:
    """What a picture shows of the awaited pages. `digital`: it is of a PDF with a digital signature."""
    factor = min(1.0, WORK / max(picture.shape[:2]))
    work = smaller(picture, factor)
    grey = grey_of(work)
    verdict = Verdict()
    if min(work.shape[:2]) < NARROWEST:
        return _nothing(verdict, work)
    code = _code(picture, keys, factor, patient=False)
    named_by_print = None
    if code is None:
        named_by_print = named(Photo.of(grey, None, None), templates)
        code = _code_on(grey, named_by_print, keys) or _code(picture, keys, factor, patient=True)
    if code is not None:
        if not _name(verdict, code, templates):
            return verdict
        assert verdict.template is not None
        planes = _planes(grey, verdict.template, code.corners)
    elif named_by_print is not None:
        verdict.template, plane = named_by_print
        planes = iter([plane])
        verdict.letter, verdict.page, verdict.version = _names(verdict.template)
    else:
        return _nothing(verdict, work)
    _judge(verdict, work, grey, planes, has_code=code is not None, digital=digital)
    if verdict.alignment is not None and factor < 1:
        verdict.alignment = verdict.alignment.at(1 / factor)
    verdict.px_per_mm = round(verdict.px_per_mm / factor, 2)
    return verdict


def _code(picture: Picture, keys: Sequence[str], factor: float, patient: bool) -> _Code | None:
    """The first code of ours in the picture, its corners in the smaller picture that is judged."""
    image = Image.fromarray(picture)
    for longest in CODE_SIDES[:1] if patient or max(image.size) <= CODE_SIDES[0] else CODE_SIDES:
        shaped = [seen for seen in codes_seen(image, patient, longest) if codes.shaped(seen.text)]
        for seen in shaped:
            corners = [(x * factor, y * factor) for x, y in seen.corners]
            if (code := codes.read(seen.text, keys)) or seen is shaped[-1]:
                return _Code(code, corners)
    return None


def _code_on(grey: NDArray[Any], page: tuple[Template, Plane] | None, keys: Sequence[str]) -> _Code | None:
    """The code looked for where it must be: laid flat and enlarged it is read when nothing else helps."""
    if page is None or (alignment := aligned(grey, page[0], [page[1]])) is None:
        return None
    x0, y0, x1, y1 = page[0].code_box
    room, px = CODE_CROP
    crop = alignment.cut(grey, (x0 - room, y0 - room, x1 + room, y1 + room), px)
    for seen in codes_seen(Image.fromarray(crop)):
        if code := codes.read(seen.text, keys):
            at = np.array([(x0 - room + x / px, y0 - room + y / px) for x, y in seen.corners])
            return _Code(code, [(float(x), float(y)) for x, y in alignment.seen(at)])
    return None


def _name(verdict: Verdict, code: _Code, templates: Sequence[Template]) -> bool:
    """Which page it is; False where that ends it."""
    ours = code.code
    of_letter = [one for one in templates if ours and one.code[0] == ours.letter_id]
    if ours is None or not of_letter:
        verdict.reason = Reason.WRONG_LETTER
        return False
    verdict.letter, verdict.page, verdict.version = of_letter[0].letter, ours.page, ours.version
    verdict.template = next((one for one in of_letter if one.code[1:] == (ours.page, ours.version)), None)
    if verdict.template is None:
        older = any(ours.version < one.code[2] for one in of_letter)
        verdict.reason = Reason.OLD_VERSION if older else Reason.WRONG_LETTER
        return False
    return True


def _names(template: Template) -> tuple[str, int, int]:
    _, page, version = template.code
    return template.letter, page, version


def _planes(grey: NDArray[Any], template: Template, corners: Corners) -> Iterator[Plane]:
    if plane := by_code(corners, template):
        yield plane
    if plane := found(Photo.of(grey, template, corners), template):
        yield plane


def _nothing(verdict: Verdict, work: Picture) -> Verdict:
    """No page of ours can be made out."""
    verdict.reason, verdict.legible = Reason.NO_CODE, Answer.NO
    if looks_dark(work):
        verdict.reason = Reason.DARK
    else:
        verdict.seen = "blank" if looks_blank(work) else "other"
    return verdict


def _judge(
    verdict: Verdict, work: Picture, grey: NDArray[Any], planes: Iterator[Plane], has_code: bool, digital: bool
) -> None:
    template = verdict.template
    assert template is not None
    verdict.signed = Answer.UNSURE if template.layout.signature_box else None
    verdict.stamped = Answer.UNSURE if template.layout.stamp_box else None
    alignment = aligned(grey, template, planes)
    if alignment is None:
        verdict.reason, verdict.legible = Reason.BLURRED if has_code else Reason.NO_CODE, Answer.NO
        return
    verdict.alignment, verdict.flat = alignment, Flat.of(work, template, alignment)
    quality = Quality(verdict.flat, work.shape)
    verdict.quality, verdict.px_per_mm = quality.score, quality.sharpness
    verdict.whole = Answer.NO if quality.outside else Answer.YES
    reason = quality.reason
    if not has_code and reason in (None, Reason.GLARE):
        verdict.reason, verdict.places = Reason.NO_CODE, [template.code_box]
        return
    verdict.legible = Answer.NO if reason not in (None, Reason.CUT_OFF) else Answer.YES
    if reason is not None:
        verdict.reason, verdict.places = reason, _failing(quality)
        return
    changed = altered(verdict.flat)
    if any(quality.hides(place) for place in changed):
        verdict.reason, verdict.legible, verdict.places = Reason.GLARE, Answer.NO, changed
        return
    verdict.altered = Answer.YES if changed else Answer.NO
    _look_into_boxes(verdict, verdict.flat, digital)
    verdict.reason = _reason(verdict)
    verdict.places = changed if verdict.reason is Reason.ALTERED else _boxes(verdict)


def _look_into_boxes(verdict: Verdict, flat: Flat, digital: bool) -> None:
    marks = Marks.of(flat)
    if marks is None:
        verdict.seen = "as_sent" if looks_sent(flat) else ""
        return
    seen = stamps(marks)
    if box := flat.template.box("signature_box"):
        verdict.signed = signed(looked_at(marks, box, seen))
    if box := flat.template.box("stamp_box"):
        verdict.stamped = stamped(marks, seen, box)
    if digital:
        verdict.seen, verdict.signed = "digital", Answer.UNSURE
    elif looks_sent(flat):
        verdict.seen = "as_sent" if verdict.signed is Answer.NO else "on_screen"
        if verdict.signed is Answer.YES:  # put there on a screen, not by a pen on paper
            verdict.signed = Answer.UNSURE


def _reason(verdict: Verdict) -> Reason | None:
    assert verdict.template is not None
    stamp = verdict.stamped if verdict.template.layout.stamped else None  # else it may be missing
    if verdict.altered is not Answer.NO:
        return Reason.ALTERED
    if verdict.signed is Answer.NO:
        return Reason.UNSIGNED
    if stamp is Answer.NO:
        return Reason.UNSTAMPED
    if Answer.UNSURE in (verdict.signed, stamp):
        return Reason.UNSURE
    return None


def _boxes(verdict: Verdict) -> list[Box]:
    """The boxes that the reason is about."""
    assert verdict.template is not None
    answers = {"signature_box": verdict.signed, "stamp_box": verdict.stamped}
    wanted = {
        Reason.UNSIGNED: ("signature_box", Answer.NO), Reason.UNSTAMPED: ("stamp_box", Answer.NO),
    }.get(verdict.reason) if verdict.reason else None  # fmt: skip
    names = [wanted[0]] if wanted else [name for name, answer in answers.items() if answer is Answer.UNSURE]
    return [box for name in names if verdict.reason and (box := verdict.template.box(name))]


def _failing(quality: Quality) -> list[Box]:
    """Where a photo that is not good enough is worst; nowhere where all of it is."""
    if quality.reason is Reason.GLARE:
        if quality.hidden_box:
            return [quality.hidden_box]
        return quality.lost_places
    if quality.reason is Reason.BLURRED and len(quality.flat.blurs):
        worst = quality.flat.blurs[quality.flat.blurs[:, 2] >= quality.flat.blur]
        low, high = worst[:, :2].min(0) - 7, worst[:, :2].max(0) + 7
        return [(float(low[0]), float(low[1]), float(high[0]), float(high[1]))]
    return []
