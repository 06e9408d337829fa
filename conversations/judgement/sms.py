"""How many SMS parts a text takes, GSM-7 or UCS-2 (3GPP TS 23.038), and which characters make it longer."""

from __future__ import annotations

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")  # take two septets each
SINGLE = {"GSM-7": 160, "UCS-2": 70}
JOINED = {"GSM-7": 153, "UCS-2": 67}  # of each part where there are several
# What word processors put in the place of plain characters, and the plain ones.
PLAIN = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "‹": "'", "›": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "¨": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "-", "·": "-",
    "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "…": "...",
    "×": "x", "™": "(TM)", "®": "(R)", "©": "(C)", "½": "1/2", "¼": "1/4", "¾": "3/4", "№": "No.",
})  # fmt: skip


def parts(text: str, reserve: int = 0) -> tuple[str, int, int]:
    """(encoding, length, parts): "GSM-7" in septets, or "UCS-2" in 16-bit units. `reserve`: characters added to it."""
    encoding = "UCS-2" if foreign(text) else "GSM-7"
    widths = [_width(char, encoding) for char in text] + [1] * reserve
    length = sum(widths)
    if length <= SINGLE[encoding]:
        return encoding, length, 1
    taken, room = 1, JOINED[encoding]
    for width in widths:  # a character is never torn in two: what has no room goes to the next part whole
        if width > room:
            taken, room = taken + 1, JOINED[encoding]
        room -= width
    return encoding, length, taken


def _width(char: str, encoding: str) -> int:
    if encoding == "UCS-2":
        return 2 if char > "\uffff" else 1
    return 2 if char in GSM7_EXTENDED else 1


def foreign(text: str) -> list[str]:
    """The characters that GSM-7 does not have, each once: one of them makes the whole text UCS-2."""
    return list(dict.fromkeys(char for char in text if char not in GSM7 and char not in GSM7_EXTENDED))


def plain(text: str) -> str | None:
    """The same text in GSM-7, where only typographic characters stand against it; None where letters do, or nothing."""
    odd = foreign(text)
    return text.translate(PLAIN) if odd and all(ord(char) in PLAIN for char in odd) else None
