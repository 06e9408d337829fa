"""How many SMS parts a text takes: GSM-7 or UCS-2 (3GPP TS 23.038)."""

from __future__ import annotations

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")  # take two septets each


def parts(text: str) -> tuple[str, int, int]:
    """(encoding, length, parts): "GSM-7" in septets, or "UCS-2" in 16-bit units."""
    if all(char in GSM7 or char in GSM7_EXTENDED for char in text):
        length = sum(2 if char in GSM7_EXTENDED else 1 for char in text)
        single, joined = 160, 153
        name = "GSM-7"
    else:
        length = len(text.encode("utf-16-be")) // 2
        single, joined = 70, 67
        name = "UCS-2"
    return name, length, 1 if length <= single else -(-length // joined)
