"""From the country's name to the first question: which country, what it asks, and opening the registrations."""

from __future__ import annotations

import re

from conversations import deadlines
from conversations.model import (
    CLOSED,
    Choice,
    Company,
    Country,
    Fetch,
    Kind,
    Note,
    Registration,
    Status,
    Step,
    Text,
    Value,
)
from conversations.papers import named
from conversations.talk import CUSTOMER, Talk, route_of
from conversations.words import Said, Word
from rules.schema import Pack, Route

MOST_AT_ONCE = 10  # countries named in one message
LISTED = 24  # countries of one page of the list
LISTING = re.compile(r"(?:all )?countries(?: ([0-9]{1,3}))?", re.IGNORECASE)
MOST_OPEN = 40  # unfinished registrations of one company
WITHOUT_REGISTRATION = (Route.NOT_REQUIRED, Route.UNSUPPORTED)


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
    if found.kind == "none":
        choices = (Choice("countries", Text("choice_all_countries")),)
        talk.say("country_unknown", {"given": text[:60]}, choices=choices, asks=True, wants="country")
        return
    cursor.countries = list(found.countries[:MOST_AT_ONCE])
    talk.go("name", sure=found.kind in ("one", "several"))
    if talk.chat.state is Step.WHICH_COUNTRY:
        cursor.text = found.kind
        ask_which(talk)
        return
    talk.chat.on = None
    ask_briefing(talk)


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


# --- what the country asks ----------------------------------------------------------------------------------------


def ask_briefing(talk: Talk) -> None:
    """Route, papers, time, things to have ready; then start, or another country."""
    codes = talk.chat.cursor.countries
    for code in codes:
        pack = talk.book.pack(code)
        talk.say(f"briefing_{pack.route.value}", _briefing(talk, pack))
        if pack.paused:
            talk.say(
                "briefing_paused",
                {"country": Country(code), "text": pack.paused.text, "source": pack.paused.source.url},
            )
    startable = [code for code in codes if talk.book.pack(code).route not in WITHOUT_REGISTRATION]
    choices = []
    if startable:
        paused = [code for code in startable if talk.book.pack(code).paused]
        choices.append(Choice("start", Text("choice_prepare" if paused == startable else "choice_start")))
        if paused:
            choices.append(Choice("later", Text("choice_tell_me")))
    if len(startable) == 1 and talk.book.pack(startable[0]).route is Route.RECOMMENDED:
        choices.append(Choice("skip", Text("choice_no_registration")))
    choices.append(Choice("another", Text("choice_another_country")))
    talk.say(
        "ask_start" if startable else "ask_other_country", {"count": len(startable)}, choices=tuple(choices), asks=True
    )


def _briefing(talk: Talk, pack: Pack) -> dict[str, Value]:
    texts: list[Value] = [Text("briefing_line", {"text": line}) for line in (*pack.prepare, *pack.notes[:4])]
    if pack.uncertain:
        texts.append(Text("briefing_uncertain", {"text": pack.uncertain[0]}))
    if not pack.detailed and pack.route is Route.FORM:
        texts.append(Text("briefing_more_may_be_asked"))
    return {
        "country": Country(pack.country),
        "route": route_of(pack),
        "papers": _papers(pack),
        "time": lead_time(pack),
        "instead": pack.instead or "",
        "notes": texts,
        "source": pack.sources[0].url,
        "read_on": pack.sources[0].read_on.isoformat(),
        "registry": pack.registry.name if pack.registry else "",
        "url": pack.registry.url if pack.registry else "",
        "steps": [Text("briefing_line", {"text": step}) for step in pack.registry.steps] if pack.registry else [],
    }


def _papers(pack: Pack) -> Value:
    lines: list[Value] = []
    for document in pack.documents:
        if not document.required and document.required_when is None:
            continue
        key = "paper_ours" if document.template else "paper_own"
        signing = "paper_signed_stamped" if document.stamped else "paper_signed" if document.template else "paper_copy"
        values: dict[str, Value] = {
            "title": named(document, document.addressees),
            "signing": Text(signing, {"by": document.signed_by or ""}),
        }
        lines.append(Text(key if document.required else f"{key}_maybe", values))
    return lines or [Text("paper_none")]


def lead_time(pack: Pack) -> Text:
    """The vendors' own estimates, in calendar days."""
    days = pack.lead_time.days
    if days is None:
        return Text("time_unknown")
    if days[0] == days[1]:
        return Text("time_one", {"n": days[1]})
    return Text("time_range", {"low": days[0], "high": days[1]})


def read_briefing(talk: Talk, text: str, said: Said | None) -> None:
    word = said.word if said else None
    codes = [code for code in talk.chat.cursor.countries if talk.book.pack(code).route not in WITHOUT_REGISTRATION]
    if word in (Word.START, Word.CONTINUE, Word.SUBMIT) or text.strip().casefold() in ("yes", "y", "ok", "prepare"):
        if codes:
            start(talk, codes)
        else:
            ask_briefing(talk)
    elif word is Word.LATER and any(talk.book.pack(code).paused for code in codes):
        wait_for_reopening(talk, codes)
    elif word is Word.LATER:
        talk.say("nothing_to_park")
    elif word is Word.SKIP or text.strip().casefold() in ("no", "n"):
        talk.say("skipped_country", {"country": Country(talk.chat.cursor.countries[0])})
        talk.go("another")
        ask_country(talk)
    else:
        talk.go("back")
        read_country(talk, text, said)


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


def start(talk: Talk, codes: list[str]) -> None:
    """Open a registration for each country, and go on with the first."""
    if not has_room(talk, len(codes)):
        return
    opened = [open_registration(talk, code) for code in codes]
    talk.chat.on = opened[0].id
    talk.chat.cursor = type(talk.chat.cursor)()
    if len(opened) > 1:
        lines: list[Value] = [
            Text(
                "line_registration",
                {"reference": one.reference, "country": Country(one.country), "status": Text(f"status_{one.status}")},
            )
            for one in opened
        ]
        talk.say("opened_several", {"lines": lines, "first": Country(opened[0].country)})
    else:
        talk.say("opened", {"reference": opened[0].reference, "country": Country(opened[0].country)})
    talk.go("go_on")


def _bring_early_files(talk: Talk, opened: Registration) -> None:
    """Files sent before there was a registration come along, and are put where they die with it."""
    opened.uploads, talk.chat.early = talk.chat.early, []
    for upload in opened.uploads:
        if upload.checked and upload.file:
            upload.checked, upload.ref = False, f"stored:{upload.file}"
    fetched = tuple(
        (upload.id, upload.ref, upload.name) for upload in opened.uploads if upload.ref.startswith("stored:")
    )
    if fetched:
        talk.effects.append(Fetch(talk.chat.id, opened.id, fetched))


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
