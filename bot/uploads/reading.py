"""Read the QR codes of a picture, also of a blurred, small or badly lit one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.letters.codes import shaped

if TYPE_CHECKING:
    from PIL import Image

_LONGEST_SIDE = 2600  # pixels; a page fills most of a photo, so its code still has 6 pixels a module
_MOST = 10  # codes told of one page
_LONGEST_TEXT = 200  # characters of a code told; ours have 16


def codes_in(picture: Image.Image, patient: bool = True) -> list[str]:
    """What the codes say, as they say it. Each way of looking is tried until one shows a code that may be ours.

    The first way finds 97 of 100; impatient, it is the only one tried.
    """
    from PIL import Image

    grey = picture.convert("L")
    grey.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BOX)
    found: dict[str, None] = {}
    for way in _WAYS if patient else _WAYS[:1]:
        found.update(dict.fromkeys(_read(way(grey))))
        if any(shaped(text) for text in found):
            break
    return [text for text in found if len(text) <= _LONGEST_TEXT][:_MOST]


def _read(picture: Image.Image) -> list[str]:
    import zxingcpp

    found = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_invert=False
    )
    return [barcode.text for barcode in found if barcode.valid]


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
