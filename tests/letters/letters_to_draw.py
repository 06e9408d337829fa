"""Letters to draw in tests: the facts as the core sends them, and drawn ones shared by the tests of a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from bot.letters.draw import draw
from bot.letters.sheet import Drawn, LetterFacts, Operator

KEYS = ("a key",)
OPERATOR = Operator("Example Messaging GmbH", "Example Street 1\n10115 Berlin\nGermany", None, "support@example.com")

GENERAL: Mapping[str, Any] = {
    "slot": "loa",
    "code": "loa",
    "letter_id": "ZDRRFYRD",
    "version": 2,
    "title": "Letter of Authorization",
    "subject": "Authorization to use the sender IDs FRESHBAKE and FRESHPAY in Thailand",
    "paragraphs": [
        "To whom it may concern,",
        (
            "We hereby authorize Example Messaging GmbH to register the sender IDs named in this letter on our behalf and to "
            "deliver our messages under them. They belong to our own brand."
        ),
    ],
    "facts": [
        ["Company name", "Fresh Bakery Company Limited"],
        ["Registration number", "0105561234567"],
        ["Website", "https://freshbakery.example"],
        ["Purpose", "Order notifications and delivery notices."],
    ],
    "sender_ids": ["FRESHBAKE", "FRESHPAY"],
    "samples": [
        ["FRESHBAKE", "Your order 4711 is ready."],
        ["FRESHBAKE", "ออเดอร์ของคุณพร้อมแล้ว"],
        ["FRESHBAKE", "A free croissant 🎉 waits for you!"],
        ["FRESHPAY", "Your code is 123456."],
    ],
    "closing": ["This authorization is valid until it is revoked in writing.", "Yours faithfully,"],
    "addressee": None,
    "addressees": [],
    "company_name": "Fresh Bakery Company Limited",
    "company_lines": ["88 Sukhumvit Road", "10110 Bangkok", "Thailand"],
    "signatory_name": "Somchai Jaidee",
    "signatory_title": "Managing Director",
    "place": "Bangkok",
    "signed": True,
    "stamped": None,
    "letterhead": False,
    "paper": "A4",
    "reference": "TH-4K7Q",
    "country_name": "Thailand",
    "date": "2026-11-22",
    "names_operator": True,
}

_USE = "We send notices about orders, deliveries and payments to customers who have agreed to receive them. "
_NAME = "International Fresh Bakery and Confectionery Holding of South East Asia Public Limited Company of the East"
LONGEST: Mapping[str, Any] = {
    **GENERAL,
    "letterhead": True,
    "stamped": True,
    "company_name": _NAME[:100],
    "signatory_name": "Wolfeschlegel" * 7 + " de V",
    "signatory_title": _NAME[:100],
    "place": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "addressees": [f"Advanced Mobile Carrier Number {number}" for number in range(5)],
    "addressee": "the five carriers",
    "facts": [[f"Description of use number {number}", (_USE * 6)[:500]] for number in range(6)]
    + [[f"Company name {number}", _NAME[:100]] for number in range(8)]
    + [["Website", "https://" + "verylongname" * 20]],
    "sender_ids": [f"SENDERID{number:03d}" for number in range(20)],
    "samples": [
        [f"SENDERID{number:03d}", (f"Sample {place} of number {number}. " + _USE * 4)[:300]]
        for number in range(20)
        for place in range(20)
    ],
}

LETTERS: Mapping[str, Mapping[str, Any]] = {
    "general": GENERAL,
    "letterhead": {**GENERAL, "letterhead": True, "stamped": True, "addressee": "du", "addressees": ["du"]},
    "us_letter": {**GENERAL, "paper": "Letter", "stamped": False, "samples": []},
    "us_letterhead": {**GENERAL, "paper": "Letter", "letterhead": True},
    "longest": LONGEST,
    "longest_us": {**LONGEST, "paper": "Letter"},
    "bare": {**GENERAL, "facts": [], "samples": [], "closing": [], "sender_ids": ["A"]},
}


@cache
def drawn(name: str) -> Drawn:
    """The drawn letter of that name in LETTERS."""
    return draw(LetterFacts.from_mapping(LETTERS[name]), OPERATOR, KEYS)
