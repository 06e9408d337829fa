"""The samples of a sender ID: typed one by one, judged aloud, kept exactly as typed."""

from __future__ import annotations

import re

from conversations.errors import BadAnswer
from conversations.interview import asking
from conversations.judgement import judging_samples
from conversations.judgement.judging_samples import MOST_SAMPLES, Setting, read_sample
from conversations.model import Choice, Registration, SenderId, Text, Value
from conversations.talk import Talk
from conversations.words import Said, Word, literal

REMOVE = re.compile(r"remove (\d{1,2})", re.IGNORECASE)  # a sample by its number; in quotes it is a text
MEND = "mend"  # said of the last sample, where something in it can be mended without asking


def sampled(talk: Talk) -> SenderId:
    """The name whose samples are asked."""
    registration, cursor = talk.registration, talk.chat.cursor
    waiting = [i for i, one in enumerate(registration.sender_ids) if not one.sampled]
    if cursor.sender_id not in waiting:
        cursor.sender_id = waiting[0] if waiting else 0
    return registration.sender_ids[cursor.sender_id]


def setting(talk: Talk, registration: Registration, name: SenderId) -> Setting:
    return judging_samples.setting(registration, talk.pack(registration), talk.book.watchlist, name)


def ask_samples(talk: Talk) -> None:
    registration, name = talk.registration, sampled(talk)
    plan, by = talk.plan(registration), setting(talk, registration, name)
    talk.say(
        "ask_more_samples" if name.samples else "ask_sample",
        {
            "name": name.text,
            "count": len(name.samples),
            "limit": MOST_SAMPLES,
            "rules": judging_samples.rules_in_words(by),
        },
        choices=_choices(name, by),
        asks=True,
        progress=(plan.done, plan.total),
        wants="sample",
        placeholder=Text("placeholder_sample"),
    )


def _choices(name: SenderId, by: Setting) -> tuple[Choice, ...]:
    """No more; and what can be done about the last one, where something speaks against it."""
    if not name.samples:
        return ()
    choices = [Choice("done", Text("choice_no_more_samples"))]
    last = name.samples[-1]
    better = judging_samples.mended(last, by)
    if better is not None and better not in name.samples:
        choices.append(Choice(MEND, Text("choice_mend_sample", {"parts": judging_samples.length(better, by)[2]})))
    if judging_samples.remarks(last, by):
        choices.append(Choice(f"remove {len(name.samples)}", Text("choice_other_sample")))
    return tuple(choices)


def read_samples(talk: Talk, text: str, said: Said | None) -> None:
    name = sampled(talk)
    word = said.word if said else None
    if word in (Word.DONE, Word.CONTINUE, Word.SKIP):
        if not name.samples:
            talk.say("sample_needed", {"name": name.text}, choices=(Choice("later", Text("choice_later")),), asks=True)
            return
        name.sampled = True
        asking.go_on(talk)
    elif word is Word.LATER:
        name.sampled = True
        talk.say("parked", {"label": Text("label_samples", {"name": name.text})})
        asking.go_on(talk)
    elif taken_out := REMOVE.fullmatch(text.strip()):
        remove(talk, name, int(taken_out[1]))
    elif said is not None and not said.more:
        talk.say("word_not_here", {"given": text.strip()})
    elif text.strip().casefold() == MEND and _mend(talk, name):
        talk.go("add_sample")
    else:
        _take(talk, name, literal(text))


def _take(talk: Talk, name: SenderId, text: str) -> None:
    registration = talk.registration
    by = setting(talk, registration, name)
    try:
        sample = read_sample(text, name, by)
    except BadAnswer as bad:
        talk.say(bad.key, bad.values, asks=True)
        return
    add(registration, name, sample)
    asking.remember(talk, registration, f"sample:{name.text}", len(name.samples) - 1)
    asking.edited(talk, registration)
    tell(talk, name, sample, by)
    talk.go("add_sample")


def add(registration: Registration, name: SenderId, sample: str) -> None:
    name.samples.append(sample)
    if f"sample:{name.text}" in registration.to_mend:
        registration.to_mend.remove(f"sample:{name.text}")


def tell(talk: Talk, name: SenderId, sample: str, by: Setting) -> None:
    """How long it is, and everything that speaks against it, at once: it is kept all the same."""
    encoding, length, parts = judging_samples.length(sample, by)
    remarks = judging_samples.remarks(sample, by)
    values: dict[str, Value] = {
        "encoding": encoding,
        "length": length,
        "parts": parts,
        "notes": list(judging_samples.notes_on_length(sample, by)),
        "remarks": [Text("remark_line", {"remark": remark}) for remark in remarks],
    }
    talk.say("sample_with_remarks" if remarks else "sample_taken", values)


def change(talk: Talk, registration: Registration, name: SenderId, index: int, text: str) -> None:
    """Another text for a sample that is there: its message was edited.

    Raises:
        BadAnswer: what is wrong with it.
    """
    by = setting(talk, registration, name)
    name.samples[index] = read_sample(text, name, by, instead=index)
    asking.edited(talk, registration)
    if judging_samples.remarks(name.samples[index], by):
        tell(talk, name, name.samples[index], by)


def _mend(talk: Talk, name: SenderId) -> bool:
    """Put plain characters, and the beginning that is wanted, into the last sample; False: there is nothing to mend."""
    registration = talk.registration
    by = setting(talk, registration, name)
    better = judging_samples.mended(name.samples[-1], by) if name.samples else None
    if better is None or better in name.samples:
        return False
    name.samples[-1] = better
    asking.edited(talk, registration)
    talk.say("sample_mended", {"sample": better})
    tell(talk, name, better, by)
    return True


def remove(talk: Talk, name: SenderId, number: int) -> None:
    """Take a sample out again, by its number."""
    if not 1 <= number <= len(name.samples):
        talk.say("sample_not_there", {"given": number, "count": len(name.samples)}, asks=True)
        return
    gone = name.samples.pop(number - 1)
    _forget_message_of(talk, f"sample:{name.text}", number - 1)
    asking.edited(talk, talk.registration)
    talk.say("sample_removed", {"sample": gone})
    talk.go("add_sample")


def _forget_message_of(talk: Talk, field: str, at: int) -> None:
    """The message that gave it gives nothing any more; those of the samples behind it move up."""
    kept = []
    for given in talk.chat.given:
        if given.registration == talk.registration.id and given.field == field:
            if given.index == at:
                continue
            given.index -= given.index > at
        kept.append(given)
    talk.chat.given = kept
