"""Sender IDs and samples of an interview: given once, taken over by every country whose rules take them as they are."""

from __future__ import annotations

from conversations.errors import BadAnswer
from conversations.interview.plan import SENDER_ID, wants_samples
from conversations.interview.several import IN_IT, Interview
from conversations.interview.together import interview_of
from conversations.judgement import judging
from conversations.judgement.judging import LINK
from conversations.judgement.judging_samples import read_sample, setting
from conversations.judgement.sender_ids import read_sender_id
from conversations.model import Choice, Country, Registration, SenderId, Text
from conversations.talk import Talk


def pass_on(talk: Talk, registration: Registration) -> None:
    """The names of a registration, and then the samples of each, to those that go by the same."""
    if registration.together is None or registration.status not in IN_IT:
        return
    interview = interview_of(talk, registration)
    others = [one for one in interview.naming() if one is not registration]
    if registration in interview.naming() and registration.names_done:
        for one in others:
            if registration.sender_ids and not _same(one, registration):
                _take_names(one, registration, talk)
            elif SENDER_ID in registration.parked and not one.sender_ids:
                _put_off(one)
    for name in registration.sender_ids:
        if name.sampled and _key(name) not in registration.apart:
            _pass_on_samples(talk, interview, registration, name)


def _same(one: Registration, other: Registration) -> bool:
    return [name.text for name in one.sender_ids] == [name.text for name in other.sender_ids]


def _key(name: SenderId) -> str:
    return f"sample:{name.text}"


def _put_off(one: Registration) -> None:
    one.names_done = True
    if SENDER_ID not in one.parked:
        one.parked.append(SENDER_ID)


def _take_names(one: Registration, giver: Registration, talk: Talk) -> None:
    """Those that pass are its names now; with one that does not it is asked for its own."""
    there = {name.text: name for name in one.sender_ids}
    passing = [name for name in giver.sender_ids if _refused(talk, one, name) is None]
    one.sender_ids = [there.get(name.text) or SenderId(name.text, doubted=name.doubted) for name in passing]
    one.names_done = len(passing) == len(giver.sender_ids)
    if SENDER_ID in one.parked:
        one.parked.remove(SENDER_ID)
    if not one.names_done:
        one.apart.append(SENDER_ID)
    if not judging.are_plainly_theirs(one, talk.pack(one), talk.book.watchlist):
        one.answers.pop(LINK, None)  # asked again, for these names


def goes_elsewhere(talk: Talk, registration: Registration, text: str) -> bool:
    """Whether a name refused here passes in another country: then names are given there, and asked here later."""
    interview = interview_of(talk, registration)
    others = [one for one in interview.naming() if one is not registration and not one.names_done]
    taking = next((one for one in others if _refused(talk, one, SenderId(text)) is None), None)
    if registration not in interview.naming() or taking is None:
        return False
    known = {name.text for name in taking.sender_ids}
    for name in registration.sender_ids:
        if name.text not in known and _refused(talk, taking, name) is None:
            taking.sender_ids.append(SenderId(name.text, doubted=name.doubted))
    registration.apart.append(SENDER_ID)
    talk.chat.on = taking.id
    return True


def _refused(talk: Talk, one: Registration, name: SenderId) -> BadAnswer | None:
    """What speaks against the name in that country; a doubt that was answered with "keep it" does not."""
    pack = talk.pack(one)
    rules = pack.sender_id.given(one.answers)
    try:
        read_sender_id(name.text, rules, str(one.answers.get("message_type") or ""), one.country)
    except BadAnswer as bad:
        return bad
    doubts = judging.doubts(name.text, pack, one.answers, talk.book.watchlist)
    new = [doubt for doubt in doubts if doubt.key not in name.doubted.split()]
    return BadAnswer("sender_id_in_doubt", name=name.text, reasons=judging.in_words(new)) if new else None


def _pass_on_samples(talk: Talk, interview: Interview, registration: Registration, name: SenderId) -> None:
    for one in interview.registrations:
        pack = interview.packs[one.id]
        twin = next((other for other in one.sender_ids if other.text == name.text), None)
        if one is registration or twin is None or _key(name) in one.apart or not wants_samples(pack):
            continue
        twin.sampled = twin.sampled or not name.samples  # put off, for all
        taken, by = SenderId(twin.text), setting(one, pack, talk.book.watchlist, twin)
        for sample in name.samples:
            try:
                taken.samples.append(read_sample(sample, taken, by))
            except BadAnswer:
                continue
        if taken.samples:
            twin.samples, twin.sampled = taken.samples, True


def say_why(talk: Talk, registration: Registration) -> None:
    """Why a country of an interview is asked for sender IDs of its own, each mended form a button."""
    if SENDER_ID not in registration.apart or registration.names_done:
        return
    for name in _left_out(talk, registration):
        bad = _refused(talk, registration, name)
        if bad is not None:
            talk.say(
                "name_refused_there",
                {"country": Country(registration.country), "name": name.text, "why": Text(bad.key, bad.values)},
            )


def mended(talk: Talk, registration: Registration) -> list[Choice]:
    """The names of the others as they would pass here."""
    if SENDER_ID not in registration.apart:
        return []
    there = {name.text for name in registration.sender_ids}
    offers = [bad.offer for name in _left_out(talk, registration) if (bad := _refused(talk, registration, name))]
    return [Choice(offer, offer) for offer in dict.fromkeys(offers) if offer and offer not in there]


def _left_out(talk: Talk, registration: Registration) -> list[SenderId]:
    """The names of the others that this one does not have."""
    there = {name.text for name in registration.sender_ids}
    found = {
        name.text: name
        for one in interview_of(talk, registration).registrations
        if one is not registration
        for name in one.sender_ids
        if name.text not in there
    }
    return list(found.values())
