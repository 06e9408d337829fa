"""The fonts of the letters: Noto Sans for all we write, one more for each script that company names come in."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

BASE = "NotoSans"
REGULAR, BOLD = 400, 700  # weights of the variable font

# A font a script, whose letters are shaped when they are set: joined, stacked, from right to left.
SCRIPTS = {
    "NotoSansArabic": "fontpkg_noto_sans_arabic/files/NotoSansArabic[wdth,wght].ttf",
    "NotoSansDevanagari": "fontpkg_noto_sans_devanagari/files/NotoSansDevanagari[wdth,wght].ttf",
    "NotoSansKhmer": "fontpkg_noto_sans_khmer/files/NotoSansKhmer[wdth,wght].ttf",
    "NotoSansTamil": "fontpkg_noto_sans_tamil/files/NotoSansTamil[wdth,wght].ttf",
    "NotoSansTelugu": "fontpkg_noto_sans_telugu/files/NotoSansTelugu[wdth,wght].ttf",
    "NotoSansThai": "fontpkg_noto_sans_thai/files/NotoSansThai[wdth,wght].ttf",
    "HindSiliguri": "fontpkg_hind_siliguri/files/HindSiliguri-Regular.ttf",  # Bengali
    "Heebo": "fontpkg_heebo/files/Heebo[wght].ttf",  # Hebrew
}
_FILES = {BASE: "fontpkg_noto_sans/files/NotoSans[wdth,wght].ttf", **SCRIPTS}

# Scripts of the base font whose letters join or move when set: a font of their own prints them.
_NEED_SHAPING = (range(0x0900, 0x0980), range(0x1CD0, 0x1D00), range(0xA8E0, 0xA900))
_PARTS = "\u17c1\u25cc"  # of Khmer vowels that are written around their letter; the circle under a mark without one
_LEADING_VOWELS = range(0x0E40, 0x0E45)  # of Thai: written before the letter they are spoken after


def composed(text: str) -> str:
    """The text as it is set: accents joined to their letters (NFC), tabs as spaces, one kind of line end."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def unprintable(text: str) -> str:
    """The characters of a text that the base font cannot print, each once, in their order; "" when all is well.

    Emoji, other scripts, and invisible control characters are among them.
    """
    if _is_plain(text):
        return ""
    return "".join(dict.fromkeys(character for character in composed(text) if not _prints(character)))


def unknown(text: str) -> str:
    """The characters of a text that none of the fonts can print, each once, in their order."""
    return "".join(character for character in unprintable(text) if family(character) is None)


def family(character: str) -> str | None:
    """The font that prints a character, or None."""
    if _prints(character):
        return BASE
    if unicodedata.category(character)[0] == "C" or _is_mark_of_latin(character):
        return None
    return next((name for name in SCRIPTS if ord(character) in _characters(name)), None)


def runs_to_the_left(text: str) -> bool:
    """Whether a paragraph is read from right to left: its first letter with a direction says so."""
    ways = (unicodedata.bidirectional(character) for character in text)
    return next((way != "L" for way in ways if way in ("L", "R", "AL")), False)


def may_end(text: str, at: int) -> bool:
    """Whether a line may be broken there inside a word: never before a mark, nor between a vowel and its letter."""
    return unicodedata.category(text[at])[0] != "M" and ord(text[at - 1]) not in _LEADING_VOWELS


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()  # nearly every answer: no need to open a font


def _prints(character: str) -> bool:
    number = ord(character)
    if character in " \n":
        return True
    if unicodedata.category(character)[0] in "CM":  # control and format characters; marks that found no letter
        return False
    return number in _characters(BASE) and not any(number in block for block in _NEED_SHAPING)


def _is_mark_of_latin(character: str) -> bool:
    """Whether it is a mark of no script of its own: where it found no letter to join it would stand beside it."""
    return unicodedata.name(character, "").startswith("COMBINING ")


@cache
def _characters(name: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(_file(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


def cut(text: str, weight: int, name: str = BASE) -> bytes:
    """A static TrueType font of this weight with the characters of the text, and with what shapes them.

    Those of a script are shaped in parts: the Thai am as its ring and its stroke, so that it has these too.
    Cutting first and weighting then takes a tenth of a second; weighting the whole variable font takes five.
    """
    import io

    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    shapes = ["GSUB", "GPOS", "GDEF"] if name == BASE else []
    options = subset.Options(
        hinting=False,
        layout_features=[] if name == BASE else ["*"],
        notdef_outline=True,
        recalc_timestamp=False,
        drop_tables=[*shapes, "STAT", "MVAR", "DSIG"],
    )
    font = TTFont(_file(name), lazy=True, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    parts = "" if name == BASE else unicodedata.normalize("NFD", text) + unicodedata.normalize("NFKD", text) + _PARTS
    subsetter.populate(text=text + parts)
    subsetter.subset(font)
    if "fvar" in font:
        axes = {"wght": weight, "wdth": 100}
        wanted = {axis.axisTag: axes[axis.axisTag] for axis in font["fvar"].axes}
        instancer.instantiateVariableFont(font, wanted, inplace=True)
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def _file(name: str) -> Path:
    module, _, path = _FILES[name].partition("/")
    package = find_spec(module)
    if package is None or package.origin is None:
        raise FileNotFoundError(f"a font of the letters is not installed: {module.replace('_', '-')}")
    return Path(package.origin).parent / path
