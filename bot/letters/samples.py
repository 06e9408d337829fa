"""How a letter prints a text that its fonts lack characters of.

Samples may be in any language, and so may the company's name on its certificate; there is a font for some scripts. A
letter must not show empty boxes and must not pretend: single symbols are printed by their Unicode names; a text in a
script without a font is described. They carry the first 12 digits of the SHA-256 of the exact text (UTF-8), so that
the signed letter still binds to what is filed.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, replace

from bot.letters.font import composed, unknown
from bot.letters.sheet import LetterFacts

_LONGEST_NAMED = 0.2  # share of characters printed by name; above it the text is described instead

_SCRIPTS = {
    "CJK": "Chinese",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
    "MYANMAR": "Burmese",
    "SINHALA": "Sinhala",
    "KHMER": "Khmer",
    "LAO": "Lao",
    "THAI": "Thai",
}  # by the first word of a character's Unicode name; others are named by that word itself


@dataclass(frozen=True, slots=True)
class PrintedSample:
    text: str  # what stands in the letter
    note: str = ""  # what a reader must know of it


def printed(sample: str, longest: int) -> PrintedSample:
    """A sample as the letter prints it, at most `longest` characters of it."""
    text = composed(sample)
    missing = set(unknown(text))
    if missing:
        symbols = all(_is_symbol(character) for character in missing)
        share = sum(character in missing for character in text) / len(text)
        if not symbols or share > _LONGEST_NAMED:
            return PrintedSample(
                f"Text in {_scripts(text, missing)}, {len(sample)} characters.",
                f"Exact text filed electronically, {fingerprint(sample)}",
            )
        text = "".join(_named(character) if character in missing else character for character in text)
    if len(text) > longest:
        note = f"{len(sample)} characters, exact text filed electronically, {fingerprint(sample)}"
        return PrintedSample(text[:longest].rstrip() + " …", note)
    return PrintedSample(
        text, f"Symbols shown by name; exact text filed electronically, {fingerprint(sample)}" if missing else ""
    )


def described(facts: LetterFacts) -> LetterFacts:
    """The facts with what can't be printed said in words: particulars, and the name at the place to sign."""
    return replace(
        facts,
        facts=tuple((label, _described(value)) for label, value in facts.facts),
        certificate_name="" if unknown(facts.certificate_name) else facts.certificate_name,
    )


def _described(value: str) -> str:
    missing = set(unknown(value))
    if not missing:
        return value
    said = f"Text in {_scripts(composed(value), missing)}, {len(value)} characters."
    return f"{said} Exact text filed electronically, {fingerprint(value)}"


def fingerprint(sample: str) -> str:
    """The start of the SHA-256 of the exact text, in groups of four that stay on one line."""
    digits = hashlib.sha256(sample.encode("utf-8", "surrogatepass")).hexdigest()[:12].upper()
    return f"SHA-256\u00a0{digits[:4]}\u00a0{digits[4:8]}\u00a0{digits[8:]}"


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Sm", "Sc", "Cf", "Mn", "Me")


def _named(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):  # joiners, variation selectors: part of the symbol before
        return ""
    return f"[{unicodedata.name(character, 'symbol').lower()}]"


def _scripts(text: str, missing: set[str]) -> str:
    words = [
        unicodedata.name(character, "").partition(" ")[0]
        for character in text
        if character in missing and unicodedata.category(character)[0] == "L"
    ]
    names = dict.fromkeys(_SCRIPTS.get(word, word.capitalize()) for word in words if word)
    if not names:
        return "symbols"
    return " and ".join(list(names)[:3]) + " script"
