"""Letters to be photographed: made-up companies, four sets that share no letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from bot.letters.draw import draw
from bot.letters.pen import SIZES
from bot.letters.preview import rendered
from bot.letters.sheet import Box, Drawn, LetterFacts, Operator

KEYS = ("a key for photos",)
OPERATOR = Operator("Example Messaging GmbH", "Example Street 1\n10115 Berlin\nGermany", None, "support@example.com")
SETS = {"tuning": 1, "report": 2, "final": 3, "unseen": 4}
_FIRST = (
    "Northern",
    "Golden",
    "Blue River",
    "Sunrise",
    "Atlas",
    "Cedar",
    "Harbour",
    "Silver Oak",
    "Lotus",
    "Karibu",
    "Orion",
    "Maple",
)
_SECOND = (
    "Bakery",
    "Logistics",
    "Clinic",
    "Travel",
    "Insurance",
    "Telecom",
    "Pharmacy",
    "Motors",
    "Textiles",
    "Academy",
    "Foods",
    "Bank",
)
_FORM = ("Ltd", "GmbH", "Pte. Ltd.", "S.A.", "LLC", "Co., Ltd.", "PLC", "Sdn. Bhd.")
_CITY = ("Nairobi", "Bangkok", "Dubai", "Lagos", "Manila", "Hamburg", "Colombo", "Doha", "Jakarta", "Oslo")
_GIVEN = ("Anna", "Somchai", "Wei", "Fatima", "Peter", "Grace")
_FAMILY = ("Berg", "Otieno", "Tan", "Keller", "Haddad", "Silva")
_WORDS = [
    "we",
    "hereby",
    "authorize",
    "the",
    "recipient",
    "to",
    "register",
    "the",
    "sender",
    "named",
    "in",
    "this",
    "letter",
    "with",
    "the",
    "mobile",
    "networks",
    "and",
    "to",
    "send",
    "messages",
    "under",
    "it",
    "to",
    "subscribers",
    "who",
    "agreed",
    "to",
    "receive",
    "them",
    "the",
    "sender",
    "stands",
    "for",
    "our",
    "company",
    "its",
    "brands",
    "or",
    "services",
    "and",
    "its",
    "use",
    "infringes",
    "no",
    "right",
    "of",
    "any",
    "other",
    "party",
    "we",
    "accept",
    "responsibility",
    "for",
    "the",
    "content",
    "follow",
    "the",
    "laws",
    "of",
    "the",
    "country",
    "and",
    "the",
    "rules",
    "of",
    "its",
    "networks",
    "and",
    "will",
    "tell",
    "without",
    "delay",
    "when",
    "anything",
    "stated",
    "here",
    "changes",
]


@dataclass(frozen=True, slots=True)
class Printed:
    facts: LetterFacts
    drawn: Drawn

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the paper in mm."""
        return SIZES[self.facts.paper]

    def box(self, page: int, name: str) -> Box | None:
        """A box of that page in mm from its top left."""
        box: Box | None = getattr(self.drawn.layouts[page - 1], name)
        if box is None:
            return None
        width, height = self.size
        return box[0] * width, box[1] * height, box[2] * width, box[3] * height


@lru_cache(256)
def letter(kind: str, number: int, version: int = 1, changed: str = "", stamped: bool | str | None = "any") -> Printed:
    """Letter `number` of the set, in that version.

    `changed` is "word" or "digit": the same letter with one word or one digit another. `stamped`: whether the country
    wants a stamp; "any" leaves it to the number.
    """
    facts = _facts(kind, number, version, stamped)
    if changed:
        facts = _altered(facts, changed, np.random.default_rng([SETS[kind], number, 99]))
    found = LetterFacts.from_mapping(facts)
    return Printed(found, draw(found, OPERATOR, KEYS))


@lru_cache(24)
def sheets(printed: Printed, px: float) -> tuple[np.ndarray, ...]:
    """The pages as pictures, at so many pixels a millimetre."""
    return tuple(np.asarray(page) for page in rendered(printed.drawn.pdf, round(printed.size[0] * px)))


def _facts(kind: str, number: int, version: int, stamped: bool | str | None) -> dict[str, Any]:
    chance = np.random.default_rng([SETS[kind], number])

    def pick(of: Any) -> str:
        return str(of[int(chance.integers(len(of)))])

    def sentence(words: int) -> str:
        return " ".join(pick(_WORDS) for _ in range(words)).capitalize() + "."

    company = f"{pick(_FIRST)} {pick(_SECOND)} {pick(_FORM)}"
    city, name = pick(_CITY), f"{pick(_GIVEN)} {pick(_FAMILY)}"
    sender = company.split()[0].upper()[:8] + pick(("", "SMS", "PAY"))
    most = 14 if chance.random() < 0.7 else 7
    paragraphs = [sentence(int(chance.integers(18, 40))) for _ in range(int(chance.integers(2, 5)))]
    facts = [
        [f"{pick(_WORDS).capitalize()} {pick(_WORDS)}", sentence(int(chance.integers(2, 12)))]
        for _ in range(int(chance.integers(5, most)))
    ]
    facts.insert(0, ["Legal company name", company])
    facts.insert(1, ["Registration or tax number", str(int(chance.integers(10**6, 10**9)))])
    samples = [[sender, sentence(int(chance.integers(6, 16)))] for _ in range(int(chance.integers(1, 3)))]
    wanted = [True, None, None, False][int(chance.integers(4))]
    return {
        "slot": "loa", "code": "loa", "letter_id": f"{kind[0].upper()}{number:07d}", "version": version,
        "title": "Letter of authorization", "subject": f"Authorization to send SMS as {sender}",
        "paragraphs": paragraphs, "facts": facts, "sender_ids": [sender], "samples": samples,
        "closing": [sentence(14)], "addressee": None, "addressees": [], "company_name": company,
        "company_lines": [f"{int(chance.integers(1, 200))} Market Street", city], "signatory_name": name,
        "signatory_title": "Managing Director", "place": city, "signed": True,
        "stamped": wanted if stamped == "any" else stamped, "letterhead": bool(chance.random() < 0.4),
        "paper": "A4" if chance.random() < 0.8 else "Letter", "reference": f"XX-{number:04d}",
        "country_name": "Thailand", "date": "2026-11-22", "names_operator": True,
    }  # fmt: skip


def _altered(facts: dict[str, Any], changed: str, chance: np.random.Generator) -> dict[str, Any]:
    if changed == "digit":
        number = list(facts["facts"][1][1])
        at = int(chance.integers(1, len(number)))
        number[at] = str((int(number[at]) + int(chance.integers(1, 10))) % 10)
        facts["facts"][1][1] = "".join(number)
        return facts
    words = facts["paragraphs"][0].split(" ")
    at = int(chance.integers(2, len(words) - 2))
    others = [word for word in _WORDS if len(word) == len(words[at]) and word != words[at]]
    words[at] = str(chance.choice(others)) if others else words[at][::-1]
    facts["paragraphs"][0] = " ".join(words)
    return facts
