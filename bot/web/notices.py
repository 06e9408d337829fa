"""What still waits at the desk: a word about a case is settled by what happens to the case; questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conversations.model import CLOSED, Handoff, Status
from storage.store import Card, Entry, Found

LINES = 6  # of a customer who asks for a person, the last


def waiting(cards: Iterable[Card], seen: Iterable[Found], alone: Sequence[Handoff]) -> list[Card]:
    """Those that wait, among the ones about nothing or about what is `seen`.

    `alone`: open handoffs that belong to no registration.
    """
    cases = {found.registration.reference: found for found in seen}
    return [
        card
        for card in cards
        if (card.reference is None or card.reference in cases) and _waits(card, cases.get(card.reference or ""), alone)
    ]


def _waits(card: Card, found: Found | None, alone: Iterable[Handoff]) -> bool:
    """Whether nobody has dealt with its matter yet."""
    if card.key.startswith("handoff_"):
        asked = found.open_handoffs if found else alone
        return any(one.opened_at <= card.at and one.taken_by is None for one in asked)
    if found is None or card.key == "turn_failed":
        return True  # of ours, whatever becomes of the case
    registration = found.registration
    in_this_state = registration.entered_at is None or registration.entered_at <= card.at
    match card.key:
        case "card_to_review":
            return registration.status is Status.UNDER_REVIEW and in_this_state and registration.taken_by is None
        case "card_rendering_failed":
            return registration.status is Status.NEEDS_CORRECTION and in_this_state
        case "card_unreachable":
            return registration.unreachable and registration.status not in CLOSED
    if card.key.startswith("card_waits_"):
        return card.key == f"card_waits_{registration.status}" and in_this_state
    return registration.status not in CLOSED


def typed(history: Iterable[Entry]) -> list[str]:
    """The customer's last lines of a chat, but for what belongs to a registration: that opens with it."""
    return [one.text for one in history if one.incoming and one.text and one.registration is None][-LINES:]
