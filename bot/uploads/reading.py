"""Read the QR codes of a picture, also of a blurred, small or badly lit one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.letters.codes import shaped

if TYPE_CHECKING:
    import zxingcpp
    from PIL import Image

_LONGEST_SIDE = 2600  # pixels; a page fills most of a photo, so its code still has 6 pixels a module
_MOST = 10  # codes told of one page
_LONGEST_TEXT = 200  # characters of a code told; ours have 16

Corner = tuple[float, float]  # x, y in pixels of the picture


@dataclass(frozen=True, slots=True)
class Seen:
    """A code in a picture."""

    text: str
    corners: tuple[Corner, Corner, Corner, Corner]  # from its own top left, clockwise


def codes_in(picture: Image.Image, patient: bool = True) -> list[str]:
    """What the codes say, as they say it. Each way of looking is tried until one shows a code that may be ours.

    The first way finds 97 of 100; impatient, it is the only one tried.
    """
    texts = dict.fromkeys(seen.text for seen in codes_seen(picture, patient))
    return [text for text in texts if len(text) <= _LONGEST_TEXT][:_MOST]


def codes_seen(picture: Image.Image, patient: bool = True, longest: int = _LONGEST_SIDE) -> list[Seen]:
    """The codes and where they are; looked at no larger than `longest` pixels. A code may be in the list twice."""
    from PIL import Image

    grey = picture.convert("L")
    grey.thumbnail((longest, longest), Image.Resampling.BOX)
    found: list[Seen] = []
    for way in _WAYS if patient else _WAYS[:1]:
        looked_at = way(grey)
        found += _read(looked_at, picture.width / looked_at.width)
        if any(shaped(seen.text) for seen in found):
            break
    return found


def _read(picture: Image.Image, scale: float) -> list[Seen]:
    import zxingcpp

    found = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_invert=False
    )
    return [Seen(barcode.text, _corners(barcode.position, scale)) for barcode in found if barcode.valid]


def _corners(position: zxingcpp.Position, scale: float) -> tuple[Corner, Corner, Corner, Corner]:
    a, b, c, d = (
        (point.x * scale, point.y * scale)
        for point in (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    )
    return a, b, c, d


def _as_is(grey: Image.Image) -> Image.Image:
    return grey


def _doubled(grey: Image.Image) -> Image.Image:
    from PIL import Image

    return grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)


def _sharpened(grey: Image.Image) -> Image.Image:
    from PIL import ImageFilter

    return _doubled(grey).filter(ImageFilter.UnsharpMask(radius=5, percent=200, threshold=0))


def _evened(grey: Image.Image) -> Image.Image:
    """Each spot against its neighbourhood: shadows and glare go, the code stays."""
    from PIL import Image, ImageChops, ImageFilter

    larger = grey.resize((grey.width * 3 // 2, grey.height * 3 // 2), Image.Resampling.BICUBIC)
    return ImageChops.subtract(larger, larger.filter(ImageFilter.BoxBlur(20)), scale=0.5, offset=128)


_WAYS = (_as_is, _doubled, _sharpened, _evened)
