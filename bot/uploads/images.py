"""Open an image from a stranger, and write one that holds nothing but its pixels. Only inside the child."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import IO, Any

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.uploads.refused import Refused

_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}


def opened(file: str, kind: str, limits: Mapping[str, Any]) -> Image.Image:
    """The first frame, upright, as 8-bit grey or RGB on white.

    Raises:
        Refused: broken or cut off, or more pixels than allowed (told by its header, before they are unpacked).
    """
    Image.MAX_IMAGE_PIXELS = limits["image_pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    try:
        # Only this one decoder: Pillow has forty others, where its holes are found.
        with Image.open(file, formats=[_FORMATS[kind]]) as image:
            if image.width * image.height > limits["image_pixels"]:
                raise Refused("upload_bomb")
            image.load()
            return _plain(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("upload_bomb") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise Refused("upload_broken") from error


def _plain(image: Image.Image) -> Image.Image:
    """Pixels only: a new image has no comment, no EXIF, no profile that a writer might carry over."""
    try:
        upright = ImageOps.exif_transpose(image)
    except Exception:  # EXIF that no parser agrees on: the picture is taken as it lies, a person will see it
        upright = image
    if upright.mode.startswith("I"):  # 16 bits a pixel; convert() would cut off all but the darkest
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGB", layer.size, "white")
        upright.paste(layer, mask=layer)
    elif upright.mode not in ("L", "RGB"):
        upright = upright.convert("L" if upright.mode in ("1", "LA", "F") else "RGB")
    upright.info = {}
    return Image.frombytes(upright.mode, upright.size, upright.tobytes())


def save(picture: Image.Image, kind: str, file: str | IO[bytes], quality: int = 92) -> None:
    if kind == "png":
        picture.save(file, "PNG", compress_level=6)
    else:
        picture.save(file, "JPEG", quality=quality, subsampling=0 if quality > 90 else 2)
