"""In which countries something is so: of all of them, by their names, those where it depends apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from conversations.countries.conditions import any_in_words
from conversations.countries.questions import Question, spelt
from conversations.countries.vocabulary import Subject
from conversations.model import Choice, Text, Value
from conversations.talk import Talk
from rules import traits
from rules.book import Book
from rules.schema import Pack, Route
from rules.traits import PURPOSES, TRAITS, WITHOUT_REGISTRATION, Holds, Trait

PAGE = 80  # names of one message
GROUP = 30  # names under one condition
# What can only be asked of countries where there is something to register.
OF_REGISTERED = frozenset(
    {
        Subject.PAPERS, Subject.PAPER, Subject.LETTER, Subject.STAMP, Subject.SIGNATURE, Subject.DIGITAL_SIGNATURE,
        Subject.LETTERHEAD, Subject.TIME,
    }
)  # fmt: skip


def say_where(talk: Talk, question: Question) -> None:
    """The countries by name, a page at a time; how many there are, where it is so only in some cases, who is silent."""
    book = talk.book
    found = sorted_out(book, question)
    wanted = found[Holds.NO] if question.negated else found[Holds.YES]
    if question.subject is Subject.TIME:
        wanted = sorted(wanted, key=lambda code: book.pack(code).lead_time.days or (0, 0))
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(question.page, 1), pages)
    shown = wanted[(page - 1) * PAGE : page * PAGE]
    following = spelt(replace(question, page=page + 1))
    nowhere = "where_not_always" if found[Holds.SOMETIMES] else "where_nowhere"
    has_more = page < pages and question.subject is not Subject.PAPER
    talk.say(
        "countries_where",
        {
            "what": Text("where_in", {"what": _what(question), "n": len(wanted)}) if wanted else "",
            "none": "" if wanted else Text(nowhere, {"what": _what(question)}),
            "names": _with_days(book, shown) if question.subject is Subject.TIME else _names(book, shown),
            "more": Text("where_more", {"n": len(wanted) - page * PAGE, "command": following}) if has_more else "",
            "sometimes": _sometimes(book, question, found[Holds.SOMETIMES]) if page == 1 else "",
            "unknown": _unknown(question, len(found[Holds.UNKNOWN])) if page == 1 else "",
        },
        choices=(Choice(following, Text("choice_more")),) if has_more else (),
    )


def sorted_out(book: Book, question: Question) -> dict[Holds, list[str]]:
    """The codes of all countries by what holds in them, in the order of their names."""
    found: dict[Holds, list[str]] = {holds: [] for holds in Holds}
    for code in book.by_name:
        pack = book.pack(code)
        if question.subject in OF_REGISTERED and pack.route in WITHOUT_REGISTRATION:
            continue
        if question.subject is Subject.REGISTRATION and pack.route is Route.UNSUPPORTED:
            continue  # it needs no registration, but for another reason than people ask for
        found[trait_of(pack, question).holds].append(code)
    return found


def trait_of(pack: Pack, question: Question) -> Trait:
    """Whether what is asked holds in the country."""
    if question.subject is Subject.PURPOSE:
        return traits.purpose(pack, question.purpose or PURPOSES[0])
    if question.subject is Subject.PAPER:
        return traits.paper(pack, question.words)
    if question.subject is Subject.CONTENT:
        return traits.content(pack, question.topic)
    if question.subject is Subject.TIME:
        return traits.within_days(pack, question.days if question.days is not None else 10_000)
    return TRAITS[question.subject.value](pack)


def _what(question: Question) -> Text:
    """What holds there, as the beginning of a sentence."""
    purpose = question.purpose or PURPOSES[0]
    values: dict[str, Value] = {
        "purpose": Text(f"purpose_{purpose}"),
        "paper": " ".join(question.words),
        "topic": Text(f"topic_{question.topic}") if question.topic else Text("topic_any"),
        "n": question.days or 0,
    }
    if question.subject is Subject.TIME and question.days is None:
        return Text("where_time_known")
    return Text(f"where_no_{question.subject}" if question.negated else f"where_{question.subject}", values)


def _sometimes(book: Book, question: Question, codes: list[str]) -> Value:
    """Those where it depends, together by what it depends on."""
    groups: dict[str, tuple[Value, list[str]]] = {}
    for code in codes:
        pack = book.pack(code)
        when = trait_of(pack, question).when
        words: Value = any_in_words(pack, when) if when else Text(f"sometimes_{question.subject}")
        groups.setdefault(repr(words), (words, []))[1].append(code)
    lines: list[Value] = []
    for words, members in sorted(groups.values(), key=lambda group: -len(group[1])):
        lines.append(Text("where_sometimes", {"when": words, "names": _names(book, members, GROUP)}))
    return lines


def _unknown(question: Question, n: int) -> Value:
    return Text("where_unknown", {"n": n}) if n else ""


def _names(book: Book, codes: Iterable[str], most: int = PAGE) -> Value:
    names = [book.country_name(code) for code in codes]
    shown = ", ".join(names[:most])
    return Text("names_and_more", {"names": shown, "n": len(names) - most}) if len(names) > most else shown


def _with_days(book: Book, codes: Iterable[str]) -> str:
    """Names with their days, for those are what one looks for."""
    told = []
    for code in codes:
        low, high = book.pack(code).lead_time.days or (0, 0)
        told.append(
            f"{book.country_name(code)} ({low}–{high})" if low != high else f"{book.country_name(code)} ({high})"
        )
    return ", ".join(told)
