"""Whether a page can be read, and which way it lies: measured on its picture, in some milliseconds, with Pillow alone.

It is advice to whoever sent the page and to whoever looks at it, never a verdict: what is in doubt counts as legible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

LOOKED_AT = 1400  # pixels of the long side; at this size the print of a page of A4 is 8 pixels high
LEAST = 700  # pixels of the long side: below, the small print of a page is under 4 pixels high
DARK = 70  # of 255: the brightest tenth of a page that is lit at all is brighter
STRIPS = 6  # a page is looked at in strips and fields: one that is partly sharp, partly tilted is told by most of them
LAG = 4  # pixels; wider than a sharp edge, narrower than what lies between two letters
INKED = 0.012  # of a field's points: fewer edges than that are dirt, not print
SHARP = 0.10  # steep steps among the steps, at the size looked at: of well focused print it is 0.8 and more
SHRUNK = 4  # times smaller, grain and blur are gone, and grey bars are left of the lines
FEW = 3  # fields with lines in them, of 16, that make it a page of print
GRAIN = 5.0  # times the median step: more than three standard deviations of it
PAPER = 0.6  # of a field's points that are of one shade, the lightest or the darkest there, where letters stand on it
ALIKE = 0.15  # of the lightest shade: by so much paper differs from itself
MANY = 8  # fields with edges in them, of 16, from which on it is told whether these may be letters
LIES = 1.7  # times more change across the lines than along them: which way they run is sure


@dataclass(frozen=True, slots=True)
class Look:
    """What a page looks like."""

    legible: str  # "", "too_small", "dark", "blurred", "blank" or "no_text": the first of these that is true
    turned: int = 0  # degrees clockwise it lies: 0, or 90 when its lines run from top to bottom


def look(picture: Image.Image) -> Look:
    """The look of a page's picture, which is left as it is."""
    from PIL import Image

    if max(picture.size) < LEAST:
        return Look("too_small")
    grey = picture.convert("L")
    grey.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
    histogram = grey.histogram()
    dark, bright = _value(histogram, 0.02), _value(histogram, 0.9)
    if bright < DARK:
        return Look("dark")
    lined = sum(field.inner and field.edges >= INKED for field in _fields(grey.reduce(SHRUNK), 10))
    if not lined:
        return Look("blank")
    least = max(20, round((bright - dark) * 0.16), _grain(grey))
    inked = [field for field in _fields(grey, least) if field.edges >= INKED]
    if lined >= FEW and sum(field.inner for field in inked) * FEW < lined:
        return Look("blurred")  # lines, and no letters in them; at the rim there may be edges of something else
    # The fewer pixels a letter has, the less of them a blur may take.
    wanted = SHARP * (LOOKED_AT / max(grey.size)) ** 1.3
    sharp = sorted(field.sharpness for field in inked)
    if sharp and sharp[len(sharp) // 2] < wanted:
        return Look("blurred")
    inner = [field for field in inked if field.inner]
    half = grey.reduce(2)  # without the grain
    if len(inner) >= MANY and 2 * sum(_is_on_paper(half, field) for field in inner) < len(inner):
        return Look("no_text")  # edges wherever one looks, and no ground they could be written on: a picture of things
    return Look("", 90 if _lies_on_its_side(grey) else 0)


def _value(histogram: list[int], share: float) -> int:
    """The value that this share of the points does not exceed."""
    left = sum(histogram) * share
    for value, number in enumerate(histogram):
        left -= number
        if left <= 0:
            return value
    return len(histogram) - 1


def _grain(grey: Image.Image) -> int:
    """What differs more from its neighbour than this is no grain of the camera: most of a page is bare paper."""
    return round(_value(_steps(grey, 1, 0).histogram(), 0.5) * GRAIN)


@dataclass(frozen=True, slots=True)
class _Field:
    edges: float  # share of its points that lie at an edge
    sharpness: float  # 1: every edge is a step from one point to the next
    inner: bool  # not at the rim, where the table under the paper shows
    box: tuple[int, int, int, int]


def _fields(grey: Image.Image, least: int) -> Iterator[_Field]:
    """The page in fields, the less sharp direction of each: a camera moved sideways spares the lines of that way."""
    width, height = grey.size
    steps = {axis: (_steps(grey, 1, axis), _steps(grey, LAG, axis)) for axis in (0, 1)}
    for row in range(STRIPS):
        for column in range(STRIPS):
            box = (
                column * width // STRIPS, row * height // STRIPS,
                (column + 1) * width // STRIPS, (row + 1) * height // STRIPS,
            )  # fmt: skip
            ways = [_measured(short, long, box, least) for short, long in steps.values()]
            inner = 0 < row < STRIPS - 1 and 0 < column < STRIPS - 1
            yield _Field(min(edges for edges, _ in ways), min(sharp for _, sharp in ways), inner, box)


def _is_on_paper(half: Image.Image, field: _Field) -> bool:
    """Whether most of a field is of one shade. The picture has half the size of the one the field was told on."""
    left, top, right, bottom = (edge // 2 for edge in field.box)
    histogram = half.crop((left, top, right, bottom)).histogram()
    light, dark = _value(histogram, 0.9), _value(histogram, 0.1)
    near = round(light * ALIKE)
    return max(sum(histogram[light - near :]), sum(histogram[: dark + near + 1])) >= PAPER * sum(histogram)


def _steps(grey: Image.Image, lag: int, axis: int) -> Image.Image:
    """By how much each point differs from the one `lag` further."""
    from PIL import ImageChops

    return ImageChops.difference(grey, ImageChops.offset(grey, *((lag, 0) if axis == 0 else (0, lag))))


def _measured(short: Image.Image, long: Image.Image, box: tuple[int, int, int, int], least: int) -> tuple[float, float]:
    """(edges, sharpness). Steps smaller than `least` are not counted."""
    near, far = short.crop(box).histogram(), long.crop(box).histogram()
    energy = sum(number * value * value for value, number in enumerate(far[least:], least))
    steep = sum(number * value * value for value, number in enumerate(near[least:], least))
    edges = sum(far[least:]) / max(1, sum(far))
    return edges, LAG * steep / energy if energy else 0.0


def _lies_on_its_side(grey: Image.Image) -> bool:
    return _change(grey, 0) > LIES * _change(grey, 1)


def _change(grey: Image.Image, axis: int) -> float:
    """How much neighbouring rows (axis 1) or columns (axis 0) differ in ink; in strips, so that a tilt does no harm."""
    from PIL import Image

    edges = _steps(grey, 1, 1 - axis)
    size = (STRIPS * 2, grey.height) if axis else (grey.width, STRIPS * 2)
    profile = edges.resize(size, Image.Resampling.BOX)
    steps = _steps(profile, 2, axis).histogram()
    return sum(number * value * value for value, number in enumerate(steps)) / (profile.width * profile.height)
