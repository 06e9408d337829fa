"""Where others read along: people are asked into their private chat, by a link that brings them to the same point."""

from __future__ import annotations

from conversations.interview import beginning
from conversations.model import Configure, Role, Step
from conversations.registration import tracking
from conversations.talk import Talk
from conversations.words import REFERENCE

DESK_HERE = "desk here"


def spoken_to(talk: Talk) -> None:
    """Nothing personal is said in a group, whoever asks: only where to go on."""
    text, staff = talk.event.text.strip(), talk.case.staff
    if text.casefold() == DESK_HERE and staff is not None and staff.role is Role.ADMIN:
        talk.effects.append(Configure("desk_chat", talk.chat.chat))
        talk.say("desk_is_here")
        return
    if talk.case.desk == talk.chat.id:
        talk.say("desk_how_to_write" if text else "desk_is_here")
        return
    link = talk.event.result.get("link")
    if link:
        talk.say("come_in_private", {"link": f"{link}{_point(talk, text)}"})
    else:
        talk.say("come_in_private_unlinked")


def _point(talk: Talk, text: str) -> str:
    """What the link says: the registration or the country that was named."""
    if named := REFERENCE.search(text):
        return named[1].upper()
    found = talk.book.find(text) if text else None
    return found.countries[0] if found is not None and found.kind == "one" else "group"


def follow(talk: Talk) -> bool:
    """Go where the link said: to a registration, to a country; False when it said neither."""
    said = talk.event.text.strip()
    if REFERENCE.fullmatch(said) and talk.by_reference(said) is not None:
        return tracking.switch(talk, said)
    if said.upper() not in talk.book.codes:
        return False
    if talk.chat.state is not Step.COUNTRY:
        talk.chat.on = None
        talk.chat.cursor = type(talk.chat.cursor)()
        talk.go("another")
    beginning.read_country(talk, said, None)
    return True
