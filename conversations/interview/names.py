"""Sender IDs: typed one by one, kept exactly as typed, doubted aloud before a carrier does."""

from __future__ import annotations

import re

from conversations.errors import BadAnswer
from conversations.interview import asking, shared_names
from conversations.interview.plan import SENDER_ID
from conversations.judgement import fields, judging, sender_ids
from conversations.judgement.judging import LINK, Doubt
from conversations.judgement.relation import LEGAL_FORMS
from conversations.model import Choice, Registration, SenderId, Text, Value
from conversations.talk import Talk
from conversations.words import Said, Word, literal
from rules.schema import SenderIdRules

MOST_NAMES = 20


def ask_names(talk: Talk) -> None:
    registration = talk.registration
    choices: list[Choice] = []
    if registration.sender_ids:
        choices.append(Choice("done", Text("choice_done")))
    elif (proposal := _proposal(talk, registration)) and not shared_names.mended(talk, registration):
        choices.append(Choice(proposal, proposal))
    choices += shared_names.mended(talk, registration)
    plan, pack = talk.plan(registration), talk.pack(registration)
    names = [_line(talk, registration, one) for one in registration.sender_ids]
    talk.say(
        "ask_more_sender_ids" if names else "ask_sender_id",
        {"names": names, "rules": sender_ids.rules_in_words(registration, pack), "limit": MOST_NAMES},
        choices=tuple(choices),
        asks=True,
        progress=(plan.done, plan.total),
        wants="sender_id",
        placeholder=Text("placeholder_sender_id"),
    )


def _line(talk: Talk, registration: Registration, one: SenderId) -> Value:
    """A name, and how it is seen to belong to the company: where that is not seen, it is asked later."""
    pack = talk.pack(registration)
    relation = judging.relation_of(one.text, pack, registration.answers, talk.book.watchlist)
    if relation is None and judging.asks_for_link(pack):
        relation = Text("relation_none")
    return Text("line_name_related", {"name": one.text, "relation": relation}) if relation else _plain_line(one)


def _plain_line(one: SenderId) -> Value:
    return Text("line_name", {"name": one.text})


def rules_of(talk: Talk, registration: Registration) -> SenderIdRules:
    """The country's rules for names, as they are with the answers given so far."""
    return talk.pack(registration).sender_id.given(registration.answers)


def read_name(talk: Talk, registration: Registration, text: str) -> str:
    """The sender ID exactly as it will be filed. Raises BadAnswer."""
    rules = rules_of(talk, registration)
    return sender_ids.read_sender_id(text, rules, _message_type(registration), registration.country)


def _message_type(registration: Registration) -> str:
    return str(registration.answers.get("message_type") or "")


def doubts_about(talk: Talk, registration: Registration, name: str) -> tuple[Doubt, ...]:
    """Everything for which a carrier may refuse the name."""
    return judging.doubts(name, talk.pack(registration), registration.answers, talk.book.watchlist)


def _proposal(talk: Talk, registration: Registration) -> str | None:
    """A name to pick, from the brand or the company's name, when it passes the rules and nothing speaks against it."""
    rules = rules_of(talk, registration)
    for source in ("dba_name", "company_name"):
        words = re.findall(r"[A-Za-z0-9]+", str(registration.answers.get(source) or ""))
        words = [word for word in words if word.casefold() not in LEGAL_FORMS]
        for joined in ("".join(words).upper(), (words[0] if words else "").upper()):
            name = sender_ids.nearest(joined, rules, _message_type(registration))
            if name and not doubts_about(talk, registration, name):
                return name
    return None


def read_names(talk: Talk, text: str, said: Said | None) -> None:
    registration = talk.registration
    word = said.word if said else None
    if word in (Word.DONE, Word.CONTINUE, Word.SKIP):
        if registration.sender_ids:
            registration.names_done = True
            asking.go_on(talk)
        else:
            talk.say("sender_id_needed", choices=(Choice("later", Text("choice_later")),), asks=True)
        return
    if word is Word.LATER:
        registration.names_done = True
        if not registration.sender_ids and SENDER_ID not in registration.parked:
            registration.parked.append(SENDER_ID)
        talk.say("parked", {"label": Text("label_sender_id")})
        asking.go_on(talk)
        return
    if word is Word.REMOVE and said is not None:
        remove(talk, said.more)
        return
    lines = [line for line in text.split("\n") if line.strip()] or [text]
    for name in (name for line in lines for name in _beside(talk, registration, line)):
        if not _take(talk, literal(name)):
            return
    talk.go("go_on")


def _beside(talk: Talk, registration: Registration, line: str) -> list[str]:
    """The names that stand beside each other in a line, where it is not a name itself: "ACME, ACMEBANK"."""
    beside = [one.strip() for one in re.split(r"[,;]\s+", line) if one.strip()]
    try:
        read_name(talk, registration, literal(line))
    except BadAnswer:
        return beside if literal(line) == line and len(beside) > 1 else [line]
    return [line]


def _take(talk: Talk, text: str) -> bool:
    """Add one name; False when it was refused or doubted, and the customer has been told."""
    registration = talk.registration
    try:
        name = read_name(talk, registration, text)
    except BadAnswer as bad:
        if shared_names.goes_elsewhere(talk, registration, text):
            return _take(talk, text)
        asking.refuse(talk, bad)
        return False
    if any(one.text == name for one in registration.sender_ids):
        talk.say("sender_id_there", {"name": name}, choices=(Choice("done", Text("choice_done")),), asks=True)
        return False
    if len(registration.sender_ids) >= MOST_NAMES:
        talk.say("sender_id_most", {"limit": MOST_NAMES}, choices=(Choice("done", Text("choice_done")),), asks=True)
        return False
    doubts = doubts_about(talk, registration, name)
    if doubts:
        talk.chat.cursor.text, talk.chat.cursor.doubt = name, judging.named(doubts)
        talk.go("doubt")
        return False
    add(talk, registration, name)
    return True


def add(talk: Talk, registration: Registration, name: str, doubted: str = "") -> None:
    registration.sender_ids.append(SenderId(name, doubted=doubted))
    if SENDER_ID in registration.parked:
        registration.parked.remove(SENDER_ID)
    if SENDER_ID in registration.to_mend:
        registration.to_mend.remove(SENDER_ID)
    _ask_for_the_link_again(talk, registration, name)
    asking.remember(talk, registration, SENDER_ID, len(registration.sender_ids) - 1)
    asking.edited(talk, registration)


def _ask_for_the_link_again(talk: Talk, registration: Registration, name: str) -> None:
    """What was said of the names before does not hold of one whose link is not plain."""
    if not judging.is_plainly_theirs(name, talk.pack(registration), registration.answers, talk.book.watchlist):
        registration.answers.pop(LINK, None)


def rename(talk: Talk, registration: Registration, name: SenderId, text: str) -> None:
    """Another text for a name that is there: its message was edited.

    Raises:
        BadAnswer: what is wrong with it.
    """
    renamed = read_name(talk, registration, text)
    if any(one.text == renamed for one in registration.sender_ids if one is not name):
        raise BadAnswer("sender_id_there", name=renamed)
    asking.rename(talk, registration, name, renamed)
    registration.to_mend = [one for one in registration.to_mend if one != SENDER_ID]
    doubts = doubts_about(talk, registration, renamed)
    name.doubted = judging.named(doubts)
    if doubts:
        talk.say("sender_id_doubted", {"name": renamed, "reasons": judging.in_words(doubts)})
    _ask_for_the_link_again(talk, registration, renamed)
    asking.edited(talk, registration)


def remove(talk: Talk, wanted: str) -> None:
    registration = talk.registration
    found = next((one for one in registration.sender_ids if one.text.casefold() == wanted.strip().casefold()), None)
    if found is None:
        talk.say(
            "sender_id_not_there",
            {"name": wanted.strip()[:20], "names": [one.text for one in registration.sender_ids]},
            asks=True,
        )
        return
    _forget_messages_of(talk, registration, found)
    registration.sender_ids.remove(found)
    asking.edited(talk, registration)
    talk.say("sender_id_removed", {"name": found.text})
    registration.names_done = registration.names_done and bool(registration.sender_ids)
    talk.go("go_on")


def _forget_messages_of(talk: Talk, registration: Registration, gone: SenderId) -> None:
    """The messages that gave the name and its samples give nothing any more; those of the names behind it move up."""
    at, kept = registration.sender_ids.index(gone), []
    for given in talk.chat.given:
        if given.registration == registration.id:
            if given.field == f"sample:{gone.text}" or (given.field == SENDER_ID and given.index == at):
                continue
            if given.field == SENDER_ID and given.index > at:
                given.index -= 1
        kept.append(given)
    talk.chat.given = kept


def ask_doubt(talk: Talk) -> None:
    """A carrier may refuse this name: every reason with its source, before it does."""
    name = talk.chat.cursor.text
    doubts = doubts_about(talk, talk.registration, name)
    talk.say(
        "ask_keep_name",
        {"name": name, "reasons": judging.in_words(doubts) or [Text("doubt_no_more")]},  # other rules hold since
        asks=True,
        choices=(Choice("keep", Text("choice_keep_name")), Choice("back", Text("choice_other_name"))),
    )


def read_doubt(talk: Talk, text: str, said: Said | None) -> None:
    cursor = talk.chat.cursor
    word = said.word if said else None
    if word is Word.KEEP or fields.truth(text) is True:
        add(talk, talk.registration, cursor.text, doubted=cursor.doubt)
        cursor.text = cursor.doubt = ""
        talk.go("go_on")
        return
    talk.go("keep_name")
    cursor.text = cursor.doubt = ""
    if word is not Word.BACK and fields.truth(text) is None:
        read_names(talk, text, said)  # another name, typed at once
