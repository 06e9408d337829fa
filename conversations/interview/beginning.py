"""From the country's name to the first question: which country, what it asks, and opening the registrations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conversations import deadlines
from conversations.countries import planning
from conversations.countries.questions import purpose_of
from conversations.countries.vocabulary import KNOWN
from conversations.interview import asking, together
from conversations.interview.briefing import ask_again, ask_briefing, startable
from conversations.model import (
    CLOSED,
    Choice,
    Company,
    Country,
    Kind,
    Note,
    Registration,
    Status,
    Step,
    Text,
    Value,
)
from conversations.talk import CUSTOMER, Talk
from conversations.words import Said, Word
from rules.lookup import Mentioned
from rules.traits import PURPOSE

MOST_AT_ONCE = 10  # countries named in one message
LISTED = 24  # countries of one page of the list
LISTING = re.compile(r"(?:all )?countries(?: ([0-9]{1,3}))?", re.IGNORECASE)
LOOK_UP = re.compile(r"country(?:\s+|$)", re.IGNORECASE)
START_IN_WORDS = re.compile(
    r"(?:yes|y|ok|okay|sure|prepare|go|go ahead|do it|let'?s (?:go|start)|yes,? please|(?:yes,? )?(?:please )?"
    r"(?:start|begin|prepare)(?: (?:all|them|it|now|them all|all of them|everything|both|please))?)",
    re.IGNORECASE,
)
MOST_OPEN = 40  # unfinished registrations of one company


def ask_country(talk: Talk) -> None:
    choices = [Choice(code, talk.book.country_name(code)) for code in talk.book.likely]
    choices.append(Choice("countries", Text("choice_all_countries")))
    placeholder = Text("placeholder_country")
    talk.say("ask_country", choices=tuple(choices), asks=True, wants="country", placeholder=placeholder)


def list_countries(talk: Talk, page: int, turned: bool) -> None:
    """All countries by name, a page at a time. Where the page was `turned`, the message that is there changes."""
    codes = talk.book.by_name
    pages = -(-len(codes) // LISTED)
    page = min(max(page, 1), pages)
    shown = codes[(page - 1) * LISTED : page * LISTED]
    choices = [Choice(code, talk.book.country_name(code)) for code in shown]
    if page > 1:
        choices.append(Choice(f"countries {page - 1}", Text("choice_previous_page")))
    if page < pages:
        choices.append(Choice(f"countries {page + 1}", Text("choice_next_page")))
    talk.say(
        "country_list",
        {"first": Country(shown[0]), "last": Country(shown[-1]), "page": page, "pages": pages},
        choices=tuple(choices),
        asks=True,
        slot="countries",
        anew=not turned,
        wants="country",
    )


def read_country(talk: Talk, text: str, said: Said | None) -> None:
    """Find the country meant: brief on it, ask back on a guess, say so when there is none."""
    if listing := LISTING.fullmatch(text.strip()):
        list_countries(talk, int(listing[1] or 1), turned=listing[1] is not None and talk.event.kind is Kind.PRESS)
        return
    found = talk.book.find(text)
    cursor = talk.chat.cursor
    cursor.purpose = purpose_of(text) or ""
    if several := _nearly_sure(talk, text) if found.kind == "guess" else None:
        cursor.countries = list(several.countries[:MOST_AT_ONCE])
        talk.go("name", sure=True)
        talk.chat.on = None
        ask_briefing(talk, several.guesses)
        return
    if found.kind == "none":
        _say_unknown(talk, text)
        return
    cursor.countries = list(found.countries[:MOST_AT_ONCE])
    talk.go("name", sure=found.kind in ("one", "several"))
    if talk.chat.state is Step.WHICH_COUNTRY:
        cursor.text = found.kind
        ask_which(talk)
        return
    talk.chat.on = None
    ask_briefing(talk)


def _say_unknown(talk: Talk, text: str) -> None:
    """No country is called so; "country Atlantis" is about Atlantis."""
    choices = (Choice("countries", Text("choice_all_countries")),)
    if not (given := LOOK_UP.sub("", text.strip())):
        talk.say("country_how_empty", choices=choices, asks=True, wants="country")
        return
    talk.say("country_unknown", {"given": given[:60]}, choices=choices, asks=True, wants="country")


def _nearly_sure(talk: Talk, text: str) -> Mentioned | None:
    """Several countries of which some are misspelt: the plan says what they were taken for; nothing is begun."""
    found = talk.book.mentioned(text, KNOWN)
    known = [code for code in found.countries if code in talk.book.codes]
    return found if len(known) == len(found.countries) > max(1, len(found.guesses)) and not found.shared else None


def ask_which(talk: Talk) -> None:
    """A guess is confirmed, an ambiguous name is asked about."""
    codes = talk.chat.cursor.countries
    choices = [Choice(code, talk.book.country_name(code)) for code in codes]
    choices.append(Choice("no", Text("choice_none_of_these")))
    key = "ask_which_country" if len(codes) > 1 else "ask_is_it_this_country"
    talk.say(key, {"country": Country(codes[0])}, choices=tuple(choices), asks=True)


def read_which(talk: Talk, text: str, said: Said | None) -> None:
    cursor = talk.chat.cursor
    word = text.strip().casefold()
    if word in ("yes", "y") and len(cursor.countries) == 1:
        picked = cursor.countries
    elif word in ("no", "n", "none"):
        talk.go("back")
        ask_country(talk)
        return
    else:
        found = talk.book.find(text)
        picked = list(found.countries) if found.kind == "one" else []
        numbered = [code for number, code in enumerate(cursor.countries, 1) if word == str(number)]
        picked = picked or numbered
    if not picked:
        ask_which(talk)
        return
    cursor.countries = picked
    talk.go("pick")
    ask_briefing(talk)


# --- what the country asks: see briefing.py --------------------------------------------------------------------------


def read_briefing(talk: Talk, text: str, said: Said | None) -> None:
    word = said.word if said else None
    codes = startable(talk)
    if word in (Word.START, Word.CONTINUE, Word.SUBMIT) or START_IN_WORDS.fullmatch(text.strip(" .!")):
        if codes:
            start(talk, codes, _given(talk.chat.cursor.purpose))
        else:
            ask_briefing(talk)
    elif text.strip().casefold().removeprefix("/") == "pdf" and len(talk.chat.cursor.countries) > 1:
        planning.draw(talk, talk.chat.cursor.countries, talk.chat.cursor.purpose or None)
        ask_again(talk)
    elif word is Word.LATER and any(talk.book.pack(code).paused for code in codes):
        wait_for_reopening(talk, codes)
    elif word is Word.LATER:
        talk.say("nothing_to_park")
    elif word is Word.SKIP or text.strip().casefold() in ("no", "n"):
        talk.say("skipped_country", {"country": Country(talk.chat.cursor.countries[0])})
        talk.go("another")
        ask_country(talk)
    elif not LISTING.fullmatch(text.strip()) and talk.book.find(text).kind == "none":
        _say_unknown(talk, text)
        ask_again(talk)
    else:
        talk.go("back")
        read_country(talk, text, said)


def _given(purpose: str) -> dict[str, str]:
    """The answers that were given with the countries' names."""
    return {PURPOSE: purpose} if purpose else {}


def start_from(talk: Talk, codes: list[str], purpose: str | None) -> None:
    """Start countries by a button under what was said of them, wherever the chat is now."""
    able = list(planning.plan_of(talk, codes, purpose).startable)
    if not has_room(talk, len(able)):
        return
    talk.chat.on = None
    talk.chat.cursor = type(talk.chat.cursor)(countries=codes, purpose=purpose or "")
    talk.go("another")
    talk.go("name", sure=True)
    if able:
        start(talk, able, _given(purpose or ""))
    else:
        ask_briefing(talk)


def wait_for_reopening(talk: Talk, codes: list[str]) -> None:
    """Keep a registration for each paused country, to be told of when it reopens; go on with the others."""
    paused = [code for code in codes if talk.book.pack(code).paused]
    if not has_room(talk, len(paused)):
        return
    for code in paused:
        opened = open_registration(talk, code)
        talk.say("will_tell", {"reference": opened.reference, "country": Country(code)}, about=opened)
    rest = [code for code in codes if code not in paused]
    if rest:
        talk.chat.cursor.countries = rest
        ask_briefing(talk)
        return
    talk.go("another")
    talk.chat.on = None
    ask_country(talk)


def has_room(talk: Talk, wanted: int) -> bool:
    """Whether the company may have so many more; says so when it may not."""
    waiting = [one for one in talk.case.registrations.values() if one.status not in CLOSED]
    if len(waiting) + wanted > MOST_OPEN:
        talk.say("too_many_registrations", {"limit": MOST_OPEN}, asks=True)
        return False
    return True


def start(talk: Talk, codes: list[str], given: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Open a registration for each country, several as one interview. `given`: answers that are known already."""
    if not has_room(talk, len(codes)):
        return
    opened = [open_registration(talk, code) for code in codes]
    talk.chat.on = opened[0].id
    talk.chat.cursor = type(talk.chat.cursor)()
    if len(opened) > 1:
        for one in opened:
            one.together = opened[0].id
        lines: list[Value] = [
            Text(
                "line_registration",
                {"reference": one.reference, "country": Country(one.country), "status": Text(f"status_{one.status}")},
            )
            for one in opened
        ]
        talk.say("opened_several", {"lines": lines})
    else:
        talk.say("opened", {"reference": opened[0].reference, "country": Country(opened[0].country)})
    for name, value in given.items():
        together.give(talk, opened, name, value)
    if together.details_fit(talk, opened[0]):
        talk.go("offer")
    else:
        asking.go_on(talk)


def _bring_early_files(talk: Talk, opened: Registration) -> None:
    """Files sent before there was a registration come along, and are put where they die with it."""
    opened.uploads, talk.chat.early = talk.chat.early, []
    for upload in opened.uploads:
        if upload.checked and upload.file:
            upload.checked, upload.ref = False, f"stored:{upload.file}"
    if fetched := [upload for upload in opened.uploads if upload.ref.startswith("stored:")]:
        talk.fetch(opened, fetched)


def open_registration(talk: Talk, code: str) -> Registration:
    """A new registration in DRAFT, its company made with it when the chat has none yet."""
    case, fresh, pack = talk.case, talk.case.fresh, talk.book.pack(code)
    if case.company is None:
        case.company = Company(fresh.company_id(), owner=talk.event.principal or talk.chat.chat)
        talk.chat.company_id = case.company.id
    opened = Registration(
        id=fresh.registration_id(),
        reference=fresh.reference(code),
        company_id=case.company.id,
        conversation_id=talk.chat.id,
        country=code,
        route=pack.route.value,
        opened_at=talk.now,
        entered_at=talk.now,
        last_word_at=talk.now,
        preparing=pack.paused is not None,
    )
    case.registrations[opened.id] = opened
    _bring_early_files(talk, opened)
    talk.effects.append(Note(opened.id, talk.now, "open", "", Status.DRAFT, CUSTOMER, talk.chat.source))
    deadlines.entered(opened, talk.now, "open")
    talk.arm(opened)
    return opened
