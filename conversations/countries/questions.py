"""What a sentence asks about countries, by rules and words alone: the same sentence is always understood the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Set
from dataclasses import dataclass

from conversations.countries.vocabulary import (
    CONTENT,
    COUNTRIES,
    DAYS,
    KNOWN,
    LONGER,
    NEEDS,
    NEGATED,
    NUMBERS,
    OF_A_TOPIC,
    PURPOSES,
    REGISTRATION,
    SENDING,
    STARTS,
    SUBJECTS,
    TO_ANOTHER,
    TOPICS,
    WITHIN,
    Subject,
)
from conversations.words import literal
from rules.book import Book
from rules.lookup import Mentioned
from rules.traits import stem, title_words

LONGEST = 240  # characters: who writes more tells something
MOST_WORDS = 30
MOST_COUNTRIES = 10  # of one question
# What a button says, or what is written like one: "country Kenya", "start otp AE KE", "countries stamp 2".
CARD = re.compile(r"(?:country|look ?up)(?:\s+(.+))?", re.IGNORECASE)
SEVERAL = re.compile(r"(plan|pdf|start)\s+(?:(otp|transactional|promotional)\s+)?((?:[A-Z]{2}[ ,]*)+)")
DETAILS = "|".join(["otp", "transactional", "promotional", r"\d{1,3}d", *(topic for topic, _ in TOPICS)])
LIST = re.compile(rf"countries (no )?([a-z_]+)(?: ({DETAILS}))?(?: page (\d{{1,3}}))?")
ENDS = re.compile(r"[.!?…]\s+\S|\n")
ON_THE_PAPER = re.compile(
    r"where (?:(?:do|must|should|shall|can|may) (?:i|we) (?:sign|stamp|put the)|(?:does|do) the) "
)
# What a question without a country's name may be about, beside which no other meaning is near.
OF_HERE = frozenset(
    {
        Subject.TIME, Subject.COST, Subject.STAMP, Subject.SIGNATURE, Subject.DIGITAL_SIGNATURE, Subject.LETTERHEAD,
        Subject.LINKS, Subject.VALIDITY, Subject.LENGTH, Subject.PURPOSE, Subject.CONTENT,
    }
)  # fmt: skip
OF_ALL = frozenset(Subject) - {Subject.CARD, Subject.PLAN, Subject.PDF, Subject.START, Subject.LENGTH, Subject.VALIDITY}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Without `countries`: in which of all countries it is so."""

    subject: Subject
    countries: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()  # those of them that were misspelt
    purpose: str | None = None
    days: int | None = None  # of a time: at most so many
    words: tuple[str, ...] = ()  # of a paper's title
    topic: str | None = None  # of what texts may be about
    negated: bool = False
    page: int = 1
    asks: bool = True  # in the form of a question, or a command
    clear: bool = True  # it says nothing else: every word is a country's or known
    command: bool = False  # written as a button says it


def understand(text: str, book: Book, strictly: bool = False, here: tuple[str, ...] = ()) -> Question | None:
    """What the sentence asks, or None for one that asks nothing we know of.

    `strictly`: where nearly every text is an answer. Then only what has the form of a question is one, rightly spelt.
    `here`: the countries one is at, which "do I need a stamp?" is about.
    """
    plain = text.strip()
    if not plain or len(plain) > LONGEST or literal(text) != text:
        return None
    if found := _command(plain, book):
        return found
    words = _plain(plain)
    asks = plain.rstrip(' "”)').endswith("?") or re.match(STARTS, words) is not None
    if ENDS.search(plain) or len(words.split()) > MOST_WORDS or not (asks or (_may_plan(words) and not strictly)):
        return None
    mentioned = book.mentioned(plain, None if strictly else KNOWN)
    return _asked(mentioned, book, () if strictly else here) if asks else _told(mentioned)


def purpose_of(text: str) -> str | None:
    """The purpose of the messages that a sentence names: "OTP to Kenya" is "otp"."""
    words = _plain(text)
    return next((purpose for purpose, pattern in PURPOSES if re.search(pattern, words)), None)


def topic_of(words: str) -> str | None:
    """What texts are about that a sentence asks after: "is betting allowed in Kenya" is "gambling"."""
    return next((topic for topic, pattern in TOPICS if re.search(pattern, words)), None)


def is_command(text: str) -> bool:
    """Whether it is written as one of our buttons says it, for a button works also later."""
    bare = text.removeprefix("/")
    return bool(SEVERAL.fullmatch(bare) or LIST.fullmatch(bare) or CARD.fullmatch(bare))


def spelt(question: Question) -> str:
    """The command that asks the same."""
    if question.subject is Subject.CARD:
        return f"country {question.countries[0]}"
    if question.countries:
        return " ".join(filter(None, (question.subject.value, question.purpose, *question.countries)))
    named = ["countries", "no" if question.negated else "", question.subject.value, question.purpose or ""]
    named.append(question.topic or "")
    named += [f"{question.days}d" if question.days else "", f"page {question.page}" if question.page > 1 else ""]
    return " ".join(filter(None, named))


# --- commands -----------------------------------------------------------------------------------------------------


def _command(text: str, book: Book) -> Question | None:
    bare = text.removeprefix("/").removeprefix("senderid ").strip()
    slashed = bare != text
    if several := SEVERAL.fullmatch(bare):
        codes = tuple(code for code in dict.fromkeys(re.findall(r"[A-Z]{2}", several[3])) if code in book.codes)
        subject = Subject(several[1])
        return Question(subject, codes[:MOST_COUNTRIES], purpose=several[2], command=True) if codes else None
    if listed := LIST.fullmatch(bare.casefold()):
        return _list_command(listed)
    if looked := CARD.fullmatch(bare):
        if looked[1] is None:
            return Question(Subject.CARD, command=True) if slashed else None
        mentioned = book.mentioned(looked[1])
        found = book.find(looked[1], anywhere=True)
        countries = found.countries or mentioned.countries
        if countries and (slashed or found.kind != "none"):
            exact = (found.kind == "one" and set(mentioned.rest) <= {"*", "the"}) or len(looked[1].strip()) <= 3
            guesses = countries if found.kind == "guess" else ()
            return Question(Subject.CARD, countries[:MOST_COUNTRIES], guesses, clear=exact, command=slashed or exact)
        if slashed:
            return Question(Subject.CARD, command=True, words=(looked[1].strip(),))
    return None


def _list_command(listed: re.Match[str]) -> Question | None:
    if listed[2] not in {subject.value for subject in OF_ALL}:
        return None
    detail = listed[3] or ""
    subject = Subject(listed[2])
    topics = {topic for topic, _ in TOPICS}
    if subject is Subject.PURPOSE and (not detail or detail[0].isdigit() or detail in topics):
        return None
    return Question(
        subject,
        purpose=detail if subject is Subject.PURPOSE else None,
        days=int(detail[:-1]) if detail[:1].isdigit() else None,
        topic=detail if subject is Subject.CONTENT and detail in topics else None,
        negated=bool(listed[1]),
        page=int(listed[4] or 1),
        command=True,
    )


# --- sentences ----------------------------------------------------------------------------------------------------


def _asked(mentioned: Mentioned, book: Book, here: tuple[str, ...]) -> Question | None:
    rest = " ".join(mentioned.rest)
    several = len(mentioned.countries) > 1 and not mentioned.shared
    on_the_paper = bool(here) and ON_THE_PAPER.match(f"{rest} ") is not None  # "where do I sign?", asked of a letter
    of_all = not mentioned.countries and not on_the_paper and re.search(COUNTRIES, rest) is not None
    if not mentioned.countries and not of_all:
        return _asked_here(mentioned, here)
    if of_all and (which := _paper(mentioned.rest, book)):
        return Question(Subject.PAPER, words=which, negated=re.search(NEGATED, rest) is not None)
    subject = _subject(rest, several)
    if subject in (None, Subject.CONTENT) and (which := _paper(mentioned.rest, book)):
        return Question(Subject.PAPER, mentioned.countries[:MOST_COUNTRIES], mentioned.guesses, words=which)
    if subject is None or (of_all and subject not in OF_ALL):
        return None
    days, longer = _within(rest) if subject is Subject.TIME else (None, False)
    return Question(
        subject,
        mentioned.countries[:MOST_COUNTRIES],
        mentioned.guesses,
        purpose=None if subject is Subject.CONTENT else purpose_of(rest),
        topic=topic_of(rest) if subject is Subject.CONTENT else None,
        days=days,
        negated=longer if subject is Subject.TIME else _negates(subject, rest),
        clear=_is_clear(mentioned),
    )


def _asked_here(mentioned: Mentioned, here: tuple[str, ...]) -> Question | None:
    """The same without a country's name: only of few things, and only when nothing else is in the sentence."""
    rest = " ".join(mentioned.rest)
    subject = _subject(rest, several=False)
    if not here or subject not in OF_HERE or not _is_clear(mentioned):
        return None
    topic = topic_of(rest) if subject is Subject.CONTENT else None
    return Question(subject, here[:MOST_COUNTRIES], purpose=None if topic else purpose_of(rest), topic=topic)


def _told(mentioned: Mentioned) -> Question | None:
    """Several countries with a purpose or a verb, said and not asked: "OTP to UAE, Kenya and Thailand"."""
    rest = " ".join(mentioned.rest)
    if len(mentioned.countries) < 2 or mentioned.shared or not (purpose_of(rest) or _may_plan(rest)):
        return None
    return Question(
        Subject.PLAN,
        mentioned.countries[:MOST_COUNTRIES],
        mentioned.guesses,
        purpose=purpose_of(rest),
        asks=False,
        clear=_is_clear(mentioned),
    )


def _may_plan(words: str) -> bool:
    return (
        re.search(SENDING, words) is not None
        or any(re.search(pattern, words) for _, pattern in PURPOSES)
        or "plan" in words
    )


def _subject(rest: str, several: bool) -> Subject | None:
    needs = re.search(NEEDS, rest) is not None
    for subject, pattern in SUBJECTS:
        if re.search(pattern, rest):
            return Subject.PLAN if several and needs and subject is Subject.REGISTRATION else subject
    if re.search(CONTENT, rest) or (topic_of(rest) and re.search(OF_A_TOPIC, rest)):
        return Subject.CONTENT
    if needs and not re.match(r"(can|may) ", rest):
        return Subject.PLAN if several else Subject.CARD
    if any(re.search(pattern, rest) for _, pattern in PURPOSES):
        return Subject.PURPOSE
    return Subject.REGISTRATION if re.search(REGISTRATION, rest) else None


def _negates(subject: Subject, rest: str) -> bool:
    """Whether those are wanted where it is not so. "Free" is no fee, and a refusal is of what was named before it."""
    found = {one[0] for one in re.finditer(NEGATED, rest)}
    if subject is Subject.COST:
        return bool(found)
    return bool(found - {"free"})


def _within(rest: str) -> tuple[int | None, bool]:
    """(days, whether more are wanted) of "less than a week", "longer than 30 days"."""
    found = re.search(WITHIN, rest)
    if found is None:
        return None, False
    number = NUMBERS.get(found[2]) or int(found[2])
    return number * DAYS[found[3]], found[1] in LONGER


def _paper(rest: Collection[str], book: Book) -> tuple[str, ...]:
    """The words that are not of the language of questions, when some paper's title has them all."""
    words = tuple(stem(word) for word in rest if word not in KNOWN and word != "*")
    if not words or not any(title >= set(words) for title in _titles(book)):
        return ()
    return words


def _titles(book: Book) -> Iterable[Set[str]]:
    return (title_words(document) for code in book.codes for document in book.pack(code).documents)


def _is_clear(mentioned: Mentioned) -> bool:
    other = {word for word in mentioned.rest if word != "*" and not word.isdecimal()}
    return not mentioned.guesses and other <= KNOWN and not other & TO_ANOTHER


def _plain(text: str) -> str:
    """Small letters, no punctuation and no apostrophes, one space between words."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("’", "").replace("'", "")))
