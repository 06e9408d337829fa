"""Sender IDs and their samples: typed one by one, kept exactly as typed, doubted aloud before a carrier does."""

from __future__ import annotations

import re

from conversations import asking, fields, sms
from conversations.errors import BadAnswer
from conversations.model import Choice, Registration, SenderId, Text, Value
from conversations.plan import SENDER_ID
from conversations.talk import Talk
from conversations.words import Said, Word, literal
from rules.schema import SampleRules, SenderIdRules

MOST_NAMES = 20
MOST_SAMPLES = 20


def ask_names(talk: Talk) -> None:
    registration = talk.registration
    rules = rules_of(talk, registration)
    names: list[Value] = [Text("line_name", {"name": one.text}) for one in registration.sender_ids]
    choices: list[Choice] = []
    if registration.sender_ids:
        choices.append(Choice("done", Text("choice_done")))
    else:
        proposal = _proposal(registration, rules)
        if proposal:
            choices.append(Choice(proposal, proposal))
    plan = talk.plan(registration)
    talk.say(
        "ask_more_sender_ids" if names else "ask_sender_id",
        {"names": names, "rules": rules_in_words(rules), "limit": MOST_NAMES},
        choices=tuple(choices),
        asks=True,
        progress=(plan.done, plan.total),
        wants="sender_id",
        placeholder=Text("placeholder_sender_id"),
    )


def rules_of(talk: Talk, registration: Registration) -> SenderIdRules:
    """The country's rules for names, as they are with the answers given so far."""
    return talk.pack(registration).sender_id.given(registration.answers)


def rules_in_words(rules: SenderIdRules) -> list[Value]:
    lines: list[Value] = [Text("rule_name_length", {"low": rules.min_length, "high": rules.max_length})]
    if not rules.digits_only:
        lines.append(Text("rule_name_needs_letter"))
    if rules.symbols == "":
        lines.append(Text("rule_name_no_symbols"))
    elif rules.symbols is not None:
        allowed = " ".join("space" if char == " " else char for char in rules.symbols)
        lines.append(Text("rule_name_symbols", {"allowed": allowed}))
    if rules.case:
        lines.append(Text(f"rule_name_{rules.case}"))
    return lines


def _proposal(registration: Registration, rules: SenderIdRules) -> str | None:
    """A name to pick, from the brand or the company's name, when it passes the rules as it is."""
    for source in ("dba_name", "company_name"):
        words = re.findall(r"[A-Za-z0-9]+", str(registration.answers.get(source) or ""))
        words = [word for word in words if word.casefold() not in ("ltd", "llc", "inc", "gmbh", "plc", "co", "limited")]
        for joined in ("".join(words).upper(), (words[0] if words else "").upper()):
            try:
                return fields.read_sender_id(joined, rules, str(registration.answers.get("message_type") or ""))
            except BadAnswer:
                continue
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
    for line in lines:
        if not _take(talk, literal(line)):
            return
    talk.go("go_on")


def _take(talk: Talk, text: str) -> bool:
    """Add one name; False when it was refused or doubted, and the customer has been told."""
    registration = talk.registration
    rules = rules_of(talk, registration)
    try:
        name = fields.read_sender_id(text, rules, str(registration.answers.get("message_type") or ""))
    except BadAnswer as bad:
        asking.refuse(talk, bad)
        return False
    if any(one.text == name for one in registration.sender_ids):
        talk.say("sender_id_there", {"name": name}, choices=(Choice("done", Text("choice_done")),), asks=True)
        return False
    if len(registration.sender_ids) >= MOST_NAMES:
        talk.say("sender_id_most", {"limit": MOST_NAMES}, choices=(Choice("done", Text("choice_done")),), asks=True)
        return False
    doubt = fields.doubt_about(name, rules)
    if doubt:
        talk.chat.cursor.text, talk.chat.cursor.doubt = name, doubt
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
    if not fields.link_is_plain(name, registration.answers):
        registration.answers.pop("sender_id_link_plain", None)  # asked again, for the new name too
    asking.remember(talk, registration, SENDER_ID, len(registration.sender_ids) - 1)
    asking.edited(talk, registration)


def rename(talk: Talk, registration: Registration, name: SenderId, text: str) -> None:
    """Another text for a name that is there: its message was edited.

    Raises:
        BadAnswer: what is wrong with it.
    """
    rules = rules_of(talk, registration)
    renamed = fields.read_sender_id(text, rules, str(registration.answers.get("message_type") or ""))
    if any(one.text == renamed for one in registration.sender_ids if one is not name):
        raise BadAnswer("sender_id_there", name=renamed)
    asking.rename(talk, registration, name, renamed)
    registration.to_mend = [one for one in registration.to_mend if one != SENDER_ID]
    name.doubted = fields.doubt_about(renamed, rules)
    if name.doubted:
        talk.say(name.doubted, {"name": renamed, "source": _source(talk)})
    if not fields.link_is_plain(renamed, registration.answers):
        registration.answers.pop("sender_id_link_plain", None)
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
    """A carrier may refuse this name: said with its source before it does."""
    cursor = talk.chat.cursor
    talk.say(
        cursor.doubt,
        {"name": cursor.text, "source": _source(talk)},
        asks=True,
        choices=(Choice("keep", Text("choice_keep_name")), Choice("back", Text("choice_other_name"))),
    )


def _source(talk: Talk) -> str:
    pack = talk.pack(talk.registration)
    return pack.sender_id.source.url if pack.sender_id.source else pack.sources[0].url


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


# --- samples ------------------------------------------------------------------------------------------------------


def sampled(talk: Talk) -> SenderId:
    """The name whose samples are asked."""
    registration, cursor = talk.registration, talk.chat.cursor
    waiting = [i for i, one in enumerate(registration.sender_ids) if not one.sampled]
    if cursor.sender_id not in waiting:
        cursor.sender_id = waiting[0] if waiting else 0
    return registration.sender_ids[cursor.sender_id]


def ask_samples(talk: Talk) -> None:
    registration, name = talk.registration, sampled(talk)
    plan, rules = talk.plan(registration), talk.pack(registration).samples
    choices = (Choice("done", Text("choice_no_more_samples")),) if name.samples else ()
    talk.say(
        "ask_more_samples" if name.samples else "ask_sample",
        {
            "name": name.text,
            "count": len(name.samples),
            "limit": MOST_SAMPLES,
            "rules": [Text("briefing_line", {"text": rule}) for rule in rules.rules],
        },
        choices=choices,
        asks=True,
        progress=(plan.done, plan.total),
        wants="sample",
        placeholder=Text("placeholder_sample"),
    )


def read_samples(talk: Talk, text: str, said: Said | None) -> None:
    registration, name = talk.registration, sampled(talk)
    word = said.word if said else None
    rules = talk.pack(registration).samples
    if word in (Word.DONE, Word.CONTINUE, Word.SKIP):
        if not name.samples:
            talk.say("sample_needed", {"name": name.text}, choices=(Choice("later", Text("choice_later")),), asks=True)
            return
        name.sampled = True
        asking.go_on(talk)
        return
    if word is Word.LATER:
        name.sampled = True
        talk.say("parked", {"label": Text("label_samples", {"name": name.text})})
        asking.go_on(talk)
        return
    if said is not None and not said.more:
        talk.say("word_not_here", {"given": text.strip()})
        return
    try:
        sample = read_sample(literal(text), name, rules)
    except BadAnswer as bad:
        talk.say(bad.key, bad.values, asks=True)
        return
    name.samples.append(sample)
    if f"sample:{name.text}" in registration.to_mend:
        registration.to_mend.remove(f"sample:{name.text}")
    asking.remember(talk, registration, f"sample:{name.text}", len(name.samples) - 1)
    asking.edited(talk, registration)
    encoding, length, parts = sms.parts(sample)
    inside = not rules.brand_inside or name.text.casefold() in sample.casefold()
    talk.say(
        "sample_taken" if inside else "sample_without_brand",
        {"encoding": encoding, "length": length, "parts": parts, "name": name.text},
    )
    talk.go("add_sample")


def read_sample(text: str, name: SenderId, rules: SampleRules, instead: int | None = None) -> str:
    """A text that will be sent under the name. `instead`: the sample it takes the place of.

    Raises:
        BadAnswer: it is empty, too long, there already, or one too many.
    """
    sample = fields.tidy(text)
    others = [one for index, one in enumerate(name.samples) if index != instead]
    if not sample:
        raise BadAnswer("bad_empty")
    if len(sample) > rules.max_length:
        raise BadAnswer("sample_too_long", given=len(sample), limit=rules.max_length)
    if sample in others:
        raise BadAnswer("sample_there")
    if len(others) >= MOST_SAMPLES:
        raise BadAnswer("sample_most", limit=MOST_SAMPLES)
    return sample
