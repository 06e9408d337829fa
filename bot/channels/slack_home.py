"""The Home tab: a customer's registrations and how they go on, and for the desk what waits there. Never an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.channels.markup import cut
from bot.channels.slack_parts import (
    MOST_BLOCKS,
    Block,
    View,
    button,
    context,
    escaped,
    marked,
    plain,
    section,
)
from bot.web import dossier
from conversations.desk.actions import sees
from conversations.lifecycle import WAITS_ON_CUSTOMER
from conversations.model import CLOSED, Case, Country, Moment, Registration, Staff, Status, Text
from storage.store import Found

if TYPE_CHECKING:
    from bot.words import Words

KIND = "home"  # callback_id
OPEN, REGISTER, DESK = "home:open", "home:register", "home:desk"  # action ids
MOST_WAITING = 20  # lines of the desk's queue, where a member has both
LONGEST_COMPANY = 150  # characters
Token = Callable[[Registration | None, str], str | None]  # what a button carries for these words


def home(
    case: Case | None,
    staff: Staff | None,
    queue: Sequence[Found],
    words: Words,
    token: Token,
    sealed: str,
    public_url: str | None = None,
) -> View:
    """The whole tab of one member of the workspace. `queue`: what the desk has, of which this one may see a part."""
    desk = _desk(staff, queue, words, token, public_url) if staff else []
    start: list[Block] = [_header(words.text(Text("home_yours")))]
    if (value := token(None, "another")) is not None:
        register = button(REGISTER, value, words.text(Text("home_register")), style="primary")
        start.append({"type": "actions", "elements": [register]})
    room = MOST_BLOCKS - len(desk) - len(start)
    blocks = [*desk, *start, *_yours(case, words, token, room)]
    return {"type": "home", "callback_id": KIND, "private_metadata": sealed, "blocks": blocks[:MOST_BLOCKS]}


# --- a customer ---------------------------------------------------------------------------------------------------


def _yours(case: Case | None, words: Words, token: Token, room: int) -> list[Block]:
    registrations = sorted(case.registrations.values(), key=_urgency) if case else []
    if not registrations:
        return [section(plain(words.text(Text("page_nothing_yet_text"))))]
    each = 3
    fit = (room - 1) // each if len(registrations) * each > room else len(registrations)
    blocks: list[Block] = []
    for registration in registrations[:fit]:
        blocks += [{"type": "divider"}, *_registration(registration, words, token)]
    return [*blocks, *_more(len(registrations) - fit, "home_more", words)]


def _urgency(registration: Registration) -> tuple[bool, bool, float, int]:
    """Who waits on the customer first, the one that ends soonest at the top; then what is over, the newest first."""
    closed, ends = registration.status in CLOSED, registration.ends_at
    last = ends.timestamp() if ends else float("inf")
    return closed, registration.status not in WAITS_ON_CUSTOMER, last, -registration.id if closed else registration.id


def _registration(registration: Registration, words: Words, token: Token) -> list[Block]:
    country = escaped(words.value(Country(registration.country)))
    status = escaped(words.text(Text(f"page_status_{registration.status.lower()}")))
    is_theirs = registration.status in WAITS_ON_CUSTOMER
    more = {}
    if (value := token(registration, f"open {registration.reference}")) is not None:
        label = words.text(Text("choice_go_on" if is_theirs else "home_look"))
        more["accessory"] = button(OPEN, value, label, **({"style": "primary"} if is_theirs else {}))
    lines = [words.text(Text(f"page_next_{registration.status.lower()}"))]
    if registration.ends_at is not None and registration.status not in CLOSED:
        lines.append(f"{words.text(Text('page_ends'))} {words.moment(registration.ends_at)}")
    title = marked(f"*{country}* · `{registration.reference}`\n{status}")
    return [section(title, **more), context(plain("\n".join(lines)))]


# --- the desk -----------------------------------------------------------------------------------------------------


def waiting(queue: Sequence[Found], staff: Staff) -> list[Found]:
    """What waits at the desk for this role, the oldest first: nobody sees their own."""
    seen = [
        found for found in queue
        if dossier.may_see(found, staff) and dossier.may_be_taken(found) and found.registration.status not in CLOSED
        and sees(staff.role, found.registration)
    ]  # fmt: skip
    return sorted(seen, key=_age)


def _age(found: Found) -> float:
    since = _since(found.registration)
    return since.timestamp() if since else float("inf")


def _since(registration: Registration) -> datetime | None:
    return registration.entered_at or registration.opened_at


def _desk(
    staff: Staff, queue: Sequence[Found], words: Words, token: Token, public_url: str | None
) -> list[Block]:  # fmt: skip
    rows = waiting(queue, staff)
    blocks: list[Block] = [_header(words.text(Text("home_desk", {"n": len(rows)})))]
    if not rows:
        blocks.append(section(plain(words.text(Text("desk_page_empty")))))
    for found in rows[:MOST_WAITING]:
        blocks += [{"type": "divider"}, *_waits(found, staff, words, token, public_url)]
    blocks += _more(len(rows) - MOST_WAITING, "home_more_waiting", words)
    if public_url:
        page = escaped(words.text(Text("home_desk_page")))
        blocks.append(context(marked(f"<{escaped(public_url)}/desk|{page}>")))
    return blocks


def _waits(found: Found, staff: Staff, words: Words, token: Token, public_url: str | None) -> list[Block]:
    registration = found.registration
    reference = registration.reference
    shown = f"<{escaped(public_url)}/desk/{reference}|{reference}>" if public_url else f"`{reference}`"
    held = dossier.holds(found, staff)
    more = {}
    if (value := token(registration, f"{'open' if held else 'take'} {reference}")) is not None and (
        held or registration.taken_by is None
    ):
        more["accessory"] = button(DESK, value, words.text(Text("home_look" if held else "choice_desk_take")))
    status = words.text(Text(f"page_status_{registration.status.lower()}"))
    title = marked(f"*{shown}* · {escaped(words.value(Country(registration.country)))}\n{escaped(status)}")
    company = cut(str(registration.answers.get("company_name") or ""), LONGEST_COMPANY)
    since = _since(registration)
    lines = [company or words.text(Text("desk_card_no_company"))]
    if since is not None:
        lines.append(words.text(Text("home_since", {"since": Moment(since)})))
    if found.open_handoffs and registration.status is not Status.WITH_ACCOUNT_MANAGER:
        lines.append(words.text(Text("desk_page_wants_person")))
    if held:
        lines.append(words.text(Text("desk_page_yours")))
    elif registration.taken_by is not None:
        name = registration.holder or words.text(Text("desk_page_somebody"))
        lines.append(words.text(Text("desk_page_taken_by", {"name": name})))
    return [section(title, **more), context(plain(" · ".join(lines)))]


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def _more(count: int, key: str, words: Words) -> list[Block]:
    return [context(plain(words.text(Text(key, {"n": count}))))] if count > 0 else []
