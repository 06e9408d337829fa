"""Several countries as one undertaking: what each wants, in which order to go about it, what it comes to together.

Worked out from the rules and the purpose alone. What depends on answers nobody has given yet is a span.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from conversations.papers.wanted import named
from rules import traits
from rules.book import Book
from rules.possible import Answers, Possible
from rules.schema import HANDED_OVER, Document, Origin, Pack, Route
from rules.traits import PURPOSE, WITHOUT_REGISTRATION, Holds, Trait

LONGEST_UNKNOWN = -1  # sorts a country without a known time behind those with one


@dataclass(frozen=True, slots=True)
class Span:
    """How many at least and at most, as the answers will be."""

    low: int = 0
    high: int = 0

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Tally:
    letters: Span = Span()  # that we draw
    signatures: Span = Span()
    stamps: Span = Span()
    own: Span = Span()  # papers the customer brings

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.letters + other.letters,
            self.signatures + other.signatures,
            self.stamps + other.stamps,
            self.own + other.own,
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """One country's part. `number` is its place in the order, 0 where there is nothing to do."""

    pack: Pack
    number: int
    fits: Trait  # whether messages for the purpose are taken
    tally: Tally
    papers: tuple[Document, ...]  # asked for, always or in some cases

    @property
    def code(self) -> str:
        return self.pack.country

    @property
    def can_start(self) -> bool:
        return self.number > 0

    @property
    def counts(self) -> bool:
        """Whether it is part of the sums and the dates: it can be started, and ends when its time is over."""
        return self.can_start and self.pack.paused is None


@dataclass(frozen=True, slots=True)
class Session:
    """What one person signs in one sitting."""

    signed_by: str  # "" where no source says who
    letters: tuple[tuple[str, Span], ...]  # country, how many
    stamps: Span
    letterhead: bool

    @property
    def count(self) -> Span:
        return sum((span for _, span in self.letters), Span())


@dataclass(frozen=True, slots=True)
class Overview:
    stages: tuple[Stage, ...]  # in the order to go about them, what can't be started behind
    purpose: str | None
    tally: Tally
    sessions: tuple[Session, ...]
    shared: tuple[tuple[str, tuple[str, ...]], ...]  # a paper of the customer's own, and the countries it serves
    first_day: date | None  # all is done then at the earliest, and ...
    last_day: date | None  # ... at the latest, by the vendors' figures, when it is handed in today
    unknown: tuple[str, ...]  # countries that no source gives a time for
    waiting: tuple[str, ...]  # paused ones

    @property
    def startable(self) -> tuple[str, ...]:
        return tuple(stage.code for stage in self.stages if stage.can_start)


def overview(book: Book, codes: Sequence[str], purpose: str | None, today: date) -> Overview:
    """The plan for these countries, in the order to go about them."""
    packs = [book.pack(code) for code in dict.fromkeys(codes)]
    stages: list[Stage] = []
    for pack in sorted(packs, key=lambda pack: _urgency(pack, purpose)):
        number = len(stages) + 1 if _can_start(pack, purpose) else 0
        fits = traits.purpose(pack, purpose) if purpose else traits.UNKNOWN
        papers = tuple(one for one in pack.documents if one.required or one.required_when is not None)
        ways = _ways(pack, purpose) if number else []
        stages.append(Stage(pack, number, fits, _tally(pack, papers, ways), papers if number else ()))
    counted = [stage for stage in stages if stage.counts]
    started = [stage for stage in stages if stage.can_start]
    days = [stage.pack.lead_time.days for stage in counted if stage.pack.lead_time.days]
    return Overview(
        tuple(stages),
        purpose,
        sum((stage.tally for stage in started), Tally()),
        _sessions(started, purpose),
        _shared(started),
        today + timedelta(days=max(low for low, _ in days)) if days else None,
        today + timedelta(days=max(high for _, high in days)) if days else None,
        tuple(stage.code for stage in counted if stage.pack.lead_time.days is None),
        tuple(stage.code for stage in started if stage.pack.paused),
    )


def _can_start(pack: Pack, purpose: str | None) -> bool:
    stopped = purpose is not None and traits.purpose(pack, purpose).holds is Holds.NO
    return pack.route not in WITHOUT_REGISTRATION and not stopped


def _urgency(pack: Pack, purpose: str | None) -> tuple[bool, bool, bool, int, str]:
    """What waits on others goes first, then what takes longest; what is paused gains nothing by haste."""
    waits_on_others = pack.route in HANDED_OVER or pack.route is Route.SELF_REGISTRATION_THEN_FORM
    longest = pack.lead_time.days[1] if pack.lead_time.days else LONGEST_UNKNOWN
    return not _can_start(pack, purpose), pack.paused is not None, not waits_on_others, -longest, pack.name


# --- papers -------------------------------------------------------------------------------------------------------


def _ways(pack: Pack, purpose: str | None) -> list[Answers]:
    """The answers that may yet be given, as far as papers depend on them."""
    asked = [name for one in pack.documents if one.required_when is not None for name in one.required_when.fields()]
    return Possible(_for_purpose(pack, purpose)).answers(asked) or [{}]


def _for_purpose(pack: Pack, purpose: str | None) -> Pack:
    """The pack with no other purpose to choose."""
    if purpose is None:
        return pack
    fields = tuple(
        field.model_copy(update={"limits": field.limits.model_copy(update={"choices": (purpose,)})})
        if field.name == PURPOSE
        else field
        for field in pack.fields
    )
    return pack.model_copy(update={"fields": fields})


def is_wanted(document: Document, way: Answers) -> bool:
    return document.required or (document.required_when is not None and document.required_when.holds(way))


def copies(document: Document) -> int:
    """How many of it: a letter for each carrier where they want their own."""
    return 1 if document.one_for_all else max(1, len(document.addressees))


def _tally(pack: Pack, papers: Sequence[Document], ways: Sequence[Answers]) -> Tally:
    """What we draw and the customer signs, stamps and brings; where a person sees to it, they ask for the papers."""
    if pack.route in HANDED_OVER or not ways:
        return Tally()
    ours = [one for one in papers if one.origin is Origin.PROVIDER_TEMPLATE]
    return Tally(
        _span(ours, ways),
        _span([one for one in papers if one.signed], ways),
        _span([one for one in papers if one.stamped], ways),
        _span([one for one in papers if one.origin is Origin.CUSTOMER], ways),
    )


def _span(papers: Iterable[Document], ways: Sequence[Answers]) -> Span:
    counts = [sum(copies(one) for one in papers if is_wanted(one, way)) for way in ways]
    return Span(min(counts), max(counts))


def _sessions(stages: Sequence[Stage], purpose: str | None) -> tuple[Session, ...]:
    """The letters by who signs them: those of one person are signed together."""
    drawn = [stage for stage in stages if stage.pack.route not in HANDED_OVER]
    signed = [(stage, [one for one in stage.papers if one.signed and one.template]) for stage in drawn]
    sessions = []
    for who in dict.fromkeys(one.signed_by or "" for _, papers in signed for one in papers):
        letters, stamps, letterhead = [], Span(), False
        for stage, papers in signed:
            theirs = [one for one in papers if (one.signed_by or "") == who]
            if not theirs:
                continue
            ways = _ways(stage.pack, purpose)
            letters.append((stage.code, _span(theirs, ways)))
            stamps += _span([one for one in theirs if one.stamped], ways)
            letterhead = letterhead or any(one.letterhead for one in theirs)
        sessions.append(Session(who, tuple(letters), stamps, letterhead))
    return tuple(sorted(sessions, key=lambda session: -session.count.high))


def _shared(stages: Sequence[Stage]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Own papers that more than one country asks for, by their titles: brought once."""
    found: dict[str, list[str]] = {}
    for stage in stages:
        for document in stage.papers:
            if document.origin is Origin.CUSTOMER and stage.pack.route not in HANDED_OVER:
                found.setdefault(named(document, ()), []).append(stage.code)
    return tuple((title, tuple(codes)) for title, codes in found.items() if len(codes) > 1)
