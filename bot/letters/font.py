"""The one font of the letters, Noto Sans: what it can print, and the part of it a letter embeds."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

REGULAR, BOLD = 400, 700  # weights of the variable font

# Scripts of the font whose letters join or move when set: without a shaping engine they would print wrongly.
_NEED_SHAPING = (range(0x0900, 0x0980), range(0x1CD0, 0x1D00), range(0xA8E0, 0xA900))


def composed(text: str) -> str:
    """The text as it is set: accents joined to their letters (NFC), tabs as spaces, one kind of line end."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def unprintable(text: str) -> str:
    """The characters of a text that a letter cannot print, each once, in their order; "" when all is well.

    Emoji, scripts the font lacks or that need shaping, and invisible control characters are among them.
    """
    if text.isascii() and text.isprintable():  # nearly every answer: no need to open the font
        return ""
    return "".join(dict.fromkeys(character for character in composed(text) if not _prints(character)))


def _prints(character: str) -> bool:
    number = ord(character)
    if character in " \n":
        return True
    if unicodedata.category(character)[0] in "CM":  # control and format characters; marks that found no letter
        return False
    return number in _characters() and not any(number in block for block in _NEED_SHAPING)


@cache
def _characters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def cut(text: str, weight: int) -> bytes:
    """A static TrueType font of this weight with the characters of the text.

    Cutting first and weighting then takes a tenth of a second; weighting the whole variable font takes five.
    """
    import io

    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    options = subset.Options(
        hinting=False,
        layout_features=[],
        notdef_outline=True,
        recalc_timestamp=False,
        drop_tables=["GSUB", "GPOS", "GDEF", "STAT", "MVAR", "DSIG"],
    )
    font = TTFont(_file(), lazy=True, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    instancer.instantiateVariableFont(font, {"wght": weight, "wdth": 100}, inplace=True)
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def _file() -> Path:
    package = find_spec("fontpkg_noto_sans")
    if package is None or package.origin is None:
        raise FileNotFoundError("the font of the letters is not installed: fontpkg-noto-sans")
    return Path(package.origin).parent / "files" / "NotoSans[wdth,wght].ttf"
