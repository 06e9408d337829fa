"""The values the conversation is made of: what comes in (Event), what is known (Case), what goes out (effects)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from conversations.pages import Letter as Letter
from conversations.pages import PageCheck as PageCheck
from conversations.pages import Upload as Upload
from conversations.pages import UploadPage as UploadPage
from conversations.pages import Verdict as Verdict


class Step(StrEnum):
    """Where a chat is in its dialogue. Stored: a value is a public name, renamed only with a migration."""

    NEW = "new"
    COUNTRY = "country"
    WHICH_COUNTRY = "which_country"
    BRIEFING = "briefing"
    PROFILE = "profile"
    ASKING = "asking"
    SENDER_IDS = "sender_ids"
    SENDER_ID_DOUBT = "sender_id_doubt"
    SAMPLES = "samples"
    REVIEW = "review"
    REGISTRY = "registry"
    RENDERING = "rendering"
    PREVIEW = "preview"
    DOCUMENTS = "documents"
    PLACING = "placing"
    TRACKING = "tracking"
    CANCELLING = "cancelling"
    WITHDRAWING = "withdrawing"


class Status(StrEnum):
    """Where a registration is in its life. Stored and shown in JSON in this spelling."""

    DRAFT = "DRAFT"
    SELF_REGISTERING = "SELF_REGISTERING"
    WITH_ACCOUNT_MANAGER = "WITH_ACCOUNT_MANAGER"
    DOCUMENTS_TO_BE_RENDERED = "DOCUMENTS_TO_BE_RENDERED"
    DOCUMENTS_RENDERED = "DOCUMENTS_RENDERED"
    NEEDS_CORRECTION = "NEEDS_CORRECTION"
    UNDER_REVIEW = "UNDER_REVIEW"
    WITH_CARRIER = "WITH_CARRIER"
    SUCCESSFUL = "SUCCESSFUL"
    FAILED = "FAILED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


CLOSED = frozenset({Status.SUCCESSFUL, Status.FAILED, Status.WITHDRAWN, Status.EXPIRED})


class Role(StrEnum):
    ACCOUNT_MANAGER = "account_manager"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Outcome(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"


# --- what comes in ---------------------------------------------------------------------------------------------


class Kind(StrEnum):
    OPENED = "opened"  # a chat was opened: greet, or show where we are; `text`: what the link there said
    TEXT = "text"
    PRESS = "press"  # a button: `choice`, and `asked` says of which question
    FILES = "files"  # one or several files of one message or album
    EDITED = "edited"  # the text of `message` was changed afterwards
    CONTACT = "contact"  # a shared phone number, in `text`
    OTHER = "other"  # a voice message, a sticker ...: `name` says what
    DESK = "desk"  # a staff member's action on `registration`: `name`, values in `result`
    JOB = "job"  # a job's result: `name`, `result`
    TIMER = "timer"  # a due timer: `name`
    FORM = "form"  # several answers at once: `result` has reference, answers by name, submitted (else only typed)
    GROUP = "group"  # said to us where others read along: `result["link"]` begins the address of a private chat
    UNREACHABLE = "unreachable"  # the channel says this chat can't be reached any more
    REACHABLE = "reachable"  # ... and that it can be again


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as the platform announced it, not read yet.

    `ref` is the channel's own word for it: "stored:<key>" when the bytes already lie in our file store, else what
    the channel's `download` understands. `size` in bytes, or None where the platform does not tell.
    """

    ref: str
    name: str
    size: int | None = None
    media_type: str = ""
    as_photo: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `id` is unique for ever: a second event of that id changes nothing."""

    id: str
    kind: Kind
    at: datetime  # aware, UTC
    chat: str | None = None  # "web:3f...", "console:anna", "telegram:<bot>:<chat>", "slack:<team>:<channel>"
    principal: str | None = None  # who: "web:3f...", "telegram:<bot>:<user>"; None for jobs and timers
    text: str = ""  # what was typed; with files, the caption
    choice: str | None = None
    asked: int | None = None  # PRESS: number of the question the button belongs to; None: the current one
    order: int | None = None  # TEXT: the platform's message order; an answer older than its question is none
    message: str | None = None  # the platform's id of this message, or of the edited one
    files: tuple[IncomingFile, ...] = ()
    album: str | None = None
    registration: int | None = None  # DESK, JOB, TIMER: the registration acted on
    conversation: int | None = None  # JOB, TIMER, UNREACHABLE: the chat concerned, when there is no registration
    name: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    time_zone: str | None = None  # what the platform knows of the person
    locale: str | None = None
    person: str | None = None  # the name the platform shows
    private: bool = False  # the chat is between us and this person alone
    paced: bool = False  # each word waited for the answer to the one before: no flood, however fast


# --- what is known ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class SenderId:
    """One name of a registration, exactly as it will be filed, with texts that will be sent under it."""

    text: str
    samples: list[str] = field(default_factory=list)
    sampled: bool = False  # the customer has no more samples for it, or will bring them later
    outcome: Outcome | None = None
    reason: str = ""
    doubted: str = ""  # the warnings the customer answered with "keep it": keys of texts/, a space between


@dataclass(slots=True)
class Registration:
    """The case: one company, one destination country, 1-20 sender IDs, their papers and their fate."""

    id: int
    reference: str  # TH-4K7Q
    company_id: int
    conversation_id: int  # the chat where its customer is told
    country: str  # ISO 3166-1 alpha-2
    route: str
    status: Status = Status.DRAFT
    opened_at: datetime | None = None
    entered_at: datetime | None = None  # when it came into this status
    last_word_at: datetime | None = None  # the customer's last word on it
    answers: dict[str, Any] = field(default_factory=dict)
    overruled: dict[str, Any] = field(default_factory=dict)  # judgements the desk decided otherwise
    parked: list[str] = field(default_factory=list)  # "later" and "I don't know"
    skipped: list[str] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)  # into a form that was closed, or not taken
    sender_ids: list[SenderId] = field(default_factory=list)
    names_done: bool = False  # the customer has no more sender IDs
    letters: list[Letter] = field(default_factory=list)
    letters_asked: int = 0  # number of the rendering last asked for
    confirmed: bool = False  # the customer said of the drawn letters: all correct
    uploads: list[Upload] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # of the last send_back or reject, exactly as written
    to_mend: list[str] = field(default_factory=list)  # fields and papers those reasons touch
    clock_started_at: datetime | None = None
    ends_at: datetime | None = None  # deletion, when nothing happens
    end_set_at: datetime | None = None  # since when this end holds: older reminders do not count as its warning
    time_left: float | None = None  # seconds left while the clock stands still
    reminded: list[str] = field(default_factory=list)  # reminders said for this end
    first_warned_at: datetime | None = None  # delivery of the first reminder of this end
    warned_at: datetime | None = None  # delivery of the newest reminder, filled in by the store
    zone: str = ""  # by whose clock its timers are set
    opened_by: str | None = None  # staff who opened it since it came under review
    taken_by: str | None = None
    holder: str = ""  # name of who took it
    closed_at: datetime | None = None
    again_of: str | None = None  # reference of the failed registration it repeats
    preparing: bool = False  # the pack is paused: no clock, no submitting
    edition: str = ""  # version of the rules it is led by; "": none noted yet, those of the day
    mark: str = ""  # sign of what those rules said, see Book.mark
    paper_dates: dict[str, str] = field(default_factory=dict)  # of own papers, by slot; "": asked, and not known
    filed: bool = False  # with people since it was last a draft: it keeps its edition
    refused: list[str] = field(default_factory=list)  # names that passed once, and that newer rules refuse
    together: int | None = None  # the interview it is answered in with others, until it is submitted
    apart: list[str] = field(default_factory=list)  # answered for this country alone: asked here, or refused here
    uses_profile: bool = False  # what is kept of the company answers here, and is kept up by the answers here
    unreachable: bool = False
    carded: str = ""  # what its card in the desk's chat shows, when it has one
    nudged_at: datetime | None = None


@dataclass(slots=True)
class Company:
    """The customer's legal entity: owns registrations."""

    id: int
    owner: str  # principal
    time_zone: str | None = None
    profile: dict[str, Any] = field(default_factory=dict)  # answers kept for the next registration, with consent
    profile_since: datetime | None = None  # when the customer said yes to that; None: nothing is kept
    profile_asked: bool = False  # asked once


@dataclass(slots=True)
class Handoff:
    """A registration, or a question, given to a person. Changes no status."""

    id: int
    conversation_id: int
    registration_id: int | None
    reason: str  # a key of texts/: handoff_asked, handoff_paid ...
    opened_at: datetime
    taken_by: str | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None
    asked_by: str = ""  # principal


@dataclass(slots=True)
class Given:
    """Which answer a message gave, so that its edit can change it."""

    message: str
    registration: int
    field: str
    index: int = 0  # of the sender ID, where the field is one


@dataclass(slots=True)
class Cursor:
    """What the present step is about."""

    choosing_line: bool = False  # the customer was asked which line to change
    countries: list[str] = field(default_factory=list)
    purpose: str = ""  # of the messages, when it was said with the countries
    sender_id: int = 0
    text: str = ""  # a sender ID in doubt
    doubt: str = ""  # what speaks against it: keys of texts/, a space between
    uploads: list[int] = field(default_factory=list)
    slot: str = ""
    trail: list[str] = field(default_factory=list)  # "registration:field" of those answered, for "back"
    alone: bool = False  # the question is asked for this country only, though others share its answer
    announced: int | None = None  # registration whose own questions were announced
    told_for: str = ""  # codes of the countries the question before was for, a space between
    consent_asked: bool = False  # whether details may be kept was asked just now
    field: str | None = None  # last, for its name hides the function above


@dataclass(slots=True)
class Conversation:
    """One chat. It may have several registrations and is on one, or on none."""

    id: int
    chat: str
    state: Step = Step.NEW
    company_id: int | None = None
    on: int | None = None
    asked: int = 0  # number of the present question: buttons of older ones are done
    cursor: Cursor = field(default_factory=Cursor)
    given: list[Given] = field(default_factory=list)
    early: list[Upload] = field(default_factory=list)  # files sent before there was a registration
    plan_file: str | None = None  # file store key of the newest plan of several countries that was drawn here
    time_zone: str | None = None
    locale: str | None = None
    source: str = ""  # what the link said that first brought the person here
    minute: int = 0  # since 1970: the last one in which something was heard here, and how much, see limits.py
    heard: int = 0
    day: int = 0  # the last one, as its ordinal, on which files were taken, and how many
    files: int = 0
    plan_day: int = 0  # the same of plans drawn as PDF
    plans: int = 0
    question_order: int | None = None  # the platform's order of the present question, filled in by the store
    question_sent: bool = True  # False while it waits to be sent, filled in by the store


@dataclass(frozen=True, slots=True)
class Staff:
    id: int
    name: str
    role: Role
    principal: str


class Fresh(Protocol):
    """Draws what must be new. It comes in with the event, from the store."""

    def registration_id(self) -> int: ...
    def company_id(self) -> int: ...
    def upload_id(self) -> int: ...
    def handoff_id(self) -> int: ...
    def reference(self, country: str) -> str: ...
    def letter_id(self) -> str: ...


@dataclass(slots=True)
class Case:
    """All one event may read and change. `advance` owns the case it is given: the store unpacks one for each event."""

    conversation: Conversation  # the chat the event came from; for desk, job and timer the registration's own chat
    company: Company | None
    registrations: dict[int, Registration]  # all of the company
    handoffs: dict[int, Handoff]  # open ones of the company's registrations and of this chat
    fresh: Fresh
    staff: Staff | None = None  # who the event's principal is, when bound to the desk
    invited: Role | None = None  # the text holds a desk invitation that is still good, for this role
    desk: int | None = None  # conversation of the desk's chat, when there is one
    kept: bool = False  # the chat's history is ours to show: what is said there can be read again by whoever it is then
    home: Conversation | None = None  # chat of the registration acted on, when it is another one than `conversation`
    settings: Mapping[str, str] = field(
        default_factory=dict
    )  # "paused", "support_contact", "privacy_url", "operator_name" ...

    @property
    def on(self) -> Registration | None:
        """The registration the chat is on."""
        return self.registrations.get(self.conversation.on) if self.conversation.on else None


# --- what goes out ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence by its key in texts/, with its values."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, shown in the reader's own zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day, shown as the reader's language writes it."""

    on: date


@dataclass(frozen=True, slots=True)
class Country:
    """A country, shown by its name in the reader's language."""

    code: str


# A list is shown a line each.
Value = str | int | float | bool | None | Text | Moment | Day | Country | Sequence["Value"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. `value` is the bare word that does the same in plain text; `label` a text, or the pack's own words."""

    value: str
    label: Text | str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send along: a drawn letter, a preview."""

    file: str  # file store key
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Say:
    """A message to a customer, or to the staff member who acted."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    files: tuple[Attachment, ...] = ()
    asks: bool = False  # this is the present question: a text older than its delivery does not answer it
    to: int | None = None  # conversation; None = the chat the event came from
    registration: int | None = None  # dies with it
    slot: str | None = None  # "checklist": a channel that can edits its last message of this slot in place ...
    progress: tuple[int, int] | None = None  # (done, all) questions
    reminder: bool = False  # its delivery counts as the warning before a deletion
    last: bool = False  # the closing message: survives the deletion of what it is about
    anew: bool = False  # ... but not this time: the slot begins again with a new message, where the person now looks
    replaces: bool = False  # ... or this is a new message, and the slot's last one is taken away once it stands
    under: str | None = None  # belongs to the last message of this slot: its thread, its topic, a reply to it
    wants: str = ""  # what kind of answer is asked for: a FieldType, "country", "sender_id", "files" ... for keyboards
    placeholder: Text | str = ""  # an example or a hint, for an input field that can show one
    calls: tuple[str, ...] = ()  # principals to be called by name, where the channel can
    regarding: Text | str = ""  # the question it speaks of, set before a sentence that does not name it


@dataclass(frozen=True, slots=True)
class Remind:
    """Set the timer of that name, or move it. One of a name for each registration."""

    registration: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Forget:
    """Take back the timer of that name."""

    registration: int
    name: str


@dataclass(frozen=True, slots=True)
class Render:
    """Draw these letters. The result comes back as the job event "rendered" or "rendering_failed"."""

    registration: int
    asked: int
    letters: tuple[Mapping[str, Any], ...]  # see papers.letter_facts


@dataclass(frozen=True, slots=True)
class Fetch:
    """Get these files and look into them. The result comes back as the job event "looked_into"."""

    conversation: int
    registration: int | None
    uploads: tuple[tuple[int, str, str], ...]  # upload id, ref, name: what is called PDF and is none is told so
    letters: tuple[Mapping[str, Any], ...] = ()  # awaited ones, each letter_id, slot, version, file: checked against
    company: str = ""  # whose name is looked for in the text of the files


@dataclass(frozen=True, slots=True)
class Bind:
    """Make one PDF of the flat pages of a signed letter. The result comes back as the job event "scans_bound"."""

    registration: int
    slot: str
    version: int
    scans: tuple[str, ...]  # file store keys, in page order
    paper: str  # "A4" or "Letter"
    max_bytes: int | None = None  # the most that may be handed on


@dataclass(frozen=True, slots=True)
class Tell:
    """A card for the desk: reference, country, age and what is wanted; never an answer."""

    key: str
    registration: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """A line of a registration's history."""

    registration: int
    at: datetime
    trigger: str
    source: str
    dest: str
    by: str  # principal, "customer", "timer" ...
    text: str = ""


@dataclass(frozen=True, slots=True)
class Erase:
    """Really delete a registration with all that repeats it, and leave the receipt."""

    registration: int
    why: str


@dataclass(frozen=True, slots=True)
class Unlearn:
    """Really delete what showed a company's kept details, now that they are kept no longer."""

    conversation: int  # the chat where it was shown
    keys: tuple[str, ...]  # of the messages that did


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """Draw the plan of several countries. The result comes back as the job event "plan_drawn" or "plan_failed"."""

    conversation: int
    facts: Mapping[str, Any]  # see plan_sheet.py


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete these files: what they were sent for is gone."""

    files: tuple[str, ...]  # file store keys


@dataclass(frozen=True, slots=True)
class SpendInvite:
    """The principal used the desk invitation found in their text: bind them to its role, once."""

    code: str
    principal: str
    person: str


@dataclass(frozen=True, slots=True)
class Configure:
    """Keep a setting that somebody entitled to it gave in a chat: it wins over the environment's."""

    name: str
    value: str


Effect = (
    Say
    | Remind
    | Forget
    | Render
    | Fetch
    | Bind
    | Tell
    | Note
    | Erase
    | Unlearn
    | DrawPlan
    | Discard
    | SpendInvite
    | Configure
)


@dataclass(slots=True)
class Turn:
    """What an event led to: the case as it is now, and what is to be done."""

    case: Case
    effects: list[Effect] = field(default_factory=list)
    answer: Text | None = None  # DESK: what the staff member who acted is told at once, by the one who asked
