"""The bare words that work at every question, typed or pressed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    HELP = "help"
    WHY = "why"
    EXAMPLE = "example"
    BACK = "back"
    SKIP = "skip"
    LATER = "later"
    STATUS = "status"
    LIST = "list"
    ANOTHER = "another"
    CANCEL = "cancel"
    PERSON = "person"
    EDIT = "edit"
    OPEN = "open"
    TIME_ZONE = "time zone"
    START = "start"
    DONE = "done"
    SUBMIT = "submit"
    CONTINUE = "continue"
    REMOVE = "remove"
    MOVE = "move"
    LETTERS = "letters"
    TAKE_BACK = "take back"
    APPLY_AGAIN = "apply again"
    KEEP = "keep"
    WITHDRAW = "withdraw"
    SUBMIT_ALL = "submit all"
    TAKE_OUT = "take out"
    USE_DETAILS = "use my details"
    MY_DETAILS = "my details"
    KEEP_DETAILS = "keep my details"
    NO_DETAILS = "don't keep my details"
    FORGET_DETAILS = "forget my details"
    ANYWAY = "send anyway"
    NO_STAMP = "no stamp"


PHRASES: dict[str, Word] = {
    "help": Word.HELP, "?": Word.HELP, "commands": Word.HELP, "menu": Word.HELP,
    "why": Word.WHY, "why?": Word.WHY, "why do you ask": Word.WHY,
    "i don't understand": Word.HELP, "i do not understand": Word.HELP, "i dont understand": Word.HELP,
    "example": Word.EXAMPLE, "for example": Word.EXAMPLE, "show an example": Word.EXAMPLE,
    "back": Word.BACK, "go back": Word.BACK, "previous": Word.BACK,
    "skip": Word.SKIP, "pass": Word.SKIP, "none": Word.SKIP, "n/a": Word.SKIP,
    "later": Word.LATER, "i don't know": Word.LATER, "i dont know": Word.LATER, "don't know": Word.LATER,
    "dont know": Word.LATER, "not sure": Word.LATER, "i do not know": Word.LATER, "not yet": Word.LATER,
    "status": Word.STATUS, "where are we": Word.STATUS,
    "list": Word.LIST, "my registrations": Word.LIST,
    "another": Word.ANOTHER, "start another": Word.ANOTHER, "new": Word.ANOTHER, "another country": Word.ANOTHER,
    "start over": Word.ANOTHER,
    "cancel": Word.CANCEL, "stop": Word.CANCEL, "quit": Word.CANCEL,
    "person": Word.PERSON, "talk to a person": Word.PERSON, "human": Word.PERSON, "agent": Word.PERSON,
    "edit": Word.EDIT, "change": Word.EDIT,
    "start": Word.START, "begin": Word.START,
    "done": Word.DONE, "that's all": Word.DONE, "no more": Word.DONE, "finished": Word.DONE,
    "submit": Word.SUBMIT, "submit documents": Word.SUBMIT, "send": Word.SUBMIT,
    "continue": Word.CONTINUE, "go on": Word.CONTINUE, "resume": Word.CONTINUE, "next": Word.CONTINUE,
    "remove": Word.REMOVE, "move": Word.MOVE, "letters": Word.LETTERS,
    "take back": Word.TAKE_BACK, "apply again": Word.APPLY_AGAIN, "keep": Word.KEEP, "withdraw": Word.WITHDRAW,
    "submit all": Word.SUBMIT_ALL, "submit everything": Word.SUBMIT_ALL,
    "use my details": Word.USE_DETAILS, "my details": Word.MY_DETAILS, "show my details": Word.MY_DETAILS,
    "keep my details": Word.KEEP_DETAILS, "don't keep my details": Word.NO_DETAILS,
    "do not keep my details": Word.NO_DETAILS, "forget my details": Word.FORGET_DETAILS,
    "delete my details": Word.FORGET_DETAILS,
}  # fmt: skip

# Of pages that are asked for again; behind it the registration, where it is not the one spoken of.
ASKED_AGAIN: tuple[tuple[Word, re.Pattern[str]], ...] = (
    (Word.ANYWAY, re.compile(r"^send (?:(?:it|them|this) )?(?:to a person )?anyway(?: (\S+))?$", re.IGNORECASE)),
    (
        Word.NO_STAMP,
        re.compile(
            r"^(?:(?:(?:we|i) have )?no|(?:we|i) (?:don['’]t|do not) have (?:a|any)) stamp(?: (\S+))?$", re.IGNORECASE
        ),
    ),
)
OF_PAGES = frozenset(word for word, _ in ASKED_AGAIN)
# A wish in a sentence of its own: "I want a human", "Can I talk to somebody?", "human please". A lone "operator" is
# none: that may be somebody's position.
_WISH = r"(?:(?:can|could|may) (?:i|we|you)|(?:i|we)(?: would|['’]d)? (?:want|need|like|prefer)|let me|give me|get me)"
_TALK = r"(?:talk|speak|chat|write) (?:to|with)"
_SOMEBODY = r"(?:an? )?(?:real |live )?(?:human(?: being)?|person|agent|operator|colleague|somebody|someone)"
FOR_A_PERSON = re.compile(
    rf"(?:(?:hi|hello|hey|please)[ ,]+)*(?:{_WISH} (?:to )?(?:{_TALK} )?{_SOMEBODY}|{_TALK} {_SOMEBODY}"
    r"|(?:an? )?(?:real|live) (?:human|person)|(?:human|person)(?=,? please))(?:[ ,]+(?:please|instead|now|here))*",
    re.IGNORECASE,
)
# Said of the question, and never its answer: "Why do you need this?", "What do you mean?".
_THIS = "(?:this|that|it)"
OF_THE_QUESTION: tuple[tuple[Word, re.Pattern[str]], ...] = (
    (Word.WHY, re.compile(rf"why (?:do|would) you (?:need|want|ask)(?: (?:for )?{_THIS}| to know(?: {_THIS})?)?")),
    (Word.EXAMPLE, re.compile(rf"what (?:do you mean(?: by {_THIS})?|does {_THIS} mean|is {_THIS})")),
    (Word.EXAMPLE, re.compile(r"what (?:should|shall|must|do) i (?:write|answer|put)(?: here)?")),
)
REFERENCE = re.compile(r"\b([A-Z]{2}-[A-Z0-9]{4})\b", re.IGNORECASE)
INVITATION = re.compile(r"\bDESK-[A-Z0-9]{4}-[A-Z0-9]{4}\b", re.IGNORECASE)
# Words that take something behind them: "edit city", "open TH-4K7Q", "remove 2", "my time zone is Asia/Bangkok".
WITH_MORE = re.compile(r"^(edit|change|open|remove|move|apply again)\s+(.+)$", re.IGNORECASE | re.DOTALL)
# One country of several is left behind: "take Turkey out of this", "take out TR".
TAKE_OUT = re.compile(r"^(?:take|leave) (?:out (.+)|(.+) out(?: of (?:this|it|these))?)$", re.IGNORECASE)
MOST_BEHIND = 8  # words: who writes more answers a question with it ("Change of delivery times, and ...")
TIME_ZONE = re.compile(r"^(?:my )?time ?zone(?: is|:)?\s+(.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A word that was said, and what stood behind it."""

    word: Word
    more: str = ""


def said(text: str) -> Said | None:
    """The word a text is, or None when it is something else. A text in quotes is never a word."""
    plain = re.sub(r"\s+", " ", text.strip()).removeprefix("/").removeprefix("senderid ")
    word = PHRASES.get(re.sub(r"[.!…]+$", "", plain.casefold().replace("’", "'")))
    if word is None:
        word = PHRASES.get(plain.casefold())
    if word is not None:
        return Said(word)
    sentence = plain.rstrip(".!?…")
    if FOR_A_PERSON.fullmatch(sentence):
        return Said(Word.PERSON)
    for word_asked, pattern in OF_THE_QUESTION:
        if pattern.fullmatch(sentence.casefold()):
            return Said(word_asked)
    zone = TIME_ZONE.match(plain)
    if zone:
        return Said(Word.TIME_ZONE, zone[1].strip(" ."))
    for word_asked, pattern in ASKED_AGAIN:
        again = pattern.match(re.sub(r"[.!…]+$", "", plain))
        if again and (again[1] is None or REFERENCE.fullmatch(again[1])):
            return Said(word_asked, again[1] or "")
    left_out = TAKE_OUT.match(plain)
    if left_out:
        return Said(Word.TAKE_OUT, (left_out[1] or left_out[2]).strip(" ."))
    found = WITH_MORE.match(plain)
    if found is None:
        return None
    if len(found[2].split()) > MOST_BEHIND:
        return None
    verb = {"change": "edit"}.get(found[1].casefold(), found[1].casefold())
    if verb in ("open", "apply again") and not REFERENCE.search(found[2]):
        return None
    return Said(Word(verb), found[2].strip())


def literal(text: str) -> str:
    """The text without the quotes that made it an answer and not a word."""
    found = re.fullmatch(r'\s*["“](.+)["”]\s*', text, re.DOTALL)
    return found[1] if found else text
