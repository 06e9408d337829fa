"""Customers and staff in one real house, and beside it what must be so: every act is done in both, then compared.

The dialogue's place (step, question asked) is read from the house; what becomes of answers, papers, statuses, ends and
timers is worked out by model_life and by nothing of the house.
"""

from __future__ import annotations

import itertools
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "transcripts"))

import model_interview as together
from model_answers import MARKS, REFUSED, mark
from model_life import DAY, FOR_PAPERS, HANDED_OVER, ONE_NIGHT, TRIGGERS, WAITS_ON_CUSTOMER, WITH_PEOPLE, Life, Name
from playing import SETTINGS, Chat, House, Message

from bot.app import App
from bot.words import Catalogs
from conversations.engine import advance
from conversations.judgement.judging import is_plainly_theirs
from conversations.model import Case, Event, IncomingFile, Kind, Moment, Role, Say, Text
from rules.book import Book
from storage.packing import to_time, unpack
from storage.sqlite import SqliteStore

ANY = object()  # whatever the house keeps of it: a mended form it offered itself
NOTHING = object()  # no answer to any question
LINK = "sender_id_link_plain"  # answered by itself while every name is plainly the customer's
REFERENCE = re.compile(r"\b[A-Z]{2}-[2-9A-HJ-NP-Z]{4}\b")
EVERYWHERE = re.compile(
    r"(help|status|list|another|person|(don't )?keep my details|forget my details)$"
    r"|(edit|change|open|remove|move|apply again|take out) \S"
)
# Who holds the ball, in the words of each status.
BALL = {
    "DRAFT": "it is your turn", "SELF_REGISTERING": "waits for you to register",
    "DOCUMENTS_TO_BE_RENDERED": "I am drawing", "DOCUMENTS_RENDERED": "It is your turn",
    "NEEDS_CORRECTION": "needs a correction from you", "UNDER_REVIEW": "is under review with us",
    "WITH_CARRIER": "is with the carriers", "WITH_ACCOUNT_MANAGER": "is with an account manager",
    "SUCCESSFUL": "Works since", "FAILED": "You can apply again",
}  # fmt: skip
PLACES = {  # the steps a chat may be at while its registration is in that status
    "DRAFT": "profile asking sender_ids sender_id_doubt samples review registry cancelling withdrawing",
    "SELF_REGISTERING": "registry profile asking sender_ids sender_id_doubt samples cancelling withdrawing",
    "DOCUMENTS_TO_BE_RENDERED": "rendering asking sender_ids sender_id_doubt samples cancelling withdrawing",
    "DOCUMENTS_RENDERED":
        "preview documents placing asking sender_ids sender_id_doubt samples registry cancelling withdrawing",
    "NEEDS_CORRECTION": "review placing asking sender_ids sender_id_doubt samples registry cancelling withdrawing",
    "UNDER_REVIEW": "tracking cancelling withdrawing", "WITH_CARRIER": "tracking cancelling withdrawing",
    "WITH_ACCOUNT_MANAGER": "tracking cancelling withdrawing", "SUCCESSFUL": "tracking", "FAILED": "tracking",
}  # fmt: skip
# What nobody may hear who pressed a button of the present question.
NOT_POSSIBLE = re.compile(
    r"cannot_|nothing_|bad_|no_such_|not_ready|word_not_here|button_of_done|.*_unclear|.*_unknown|documents_missing"
    r"|edit_of_nothing|sender_id_(?!removed)|sample_(needed|there|most|too)|came_too_early|too_many|apology"
)
REMINDERS = ("reminder_draft", "reminder_papers", "reminder_correction")
WORDS = (
    "help", "why", "example", "back", "skip", "later", "status", "list", "another", "cancel", "person", "edit", "letters",
    "remove", "move", "take back", "done", "continue", "apply again", "submit", "keep",
    "submit all", "keep my details", "keep my details", "my details", "use my details", "forget my details",
)  # fmt: skip
REASONS = ("signature", "stamp", "The name differs from the licence.", "why " * 300)


@dataclass
class Gave:
    """Which answer a message gave, as the customer who edits it sees it."""

    message: str
    life: Life
    field: str  # a field's name, "name" or "sample"
    name: Name | None = None
    index: int = 0


@dataclass
class Act:
    """An event, and what must come of it, worked out once it was taken."""

    event: Event
    effect: Callable[[], None]
    answered: bool = True  # somebody waits for an answer in that chat


class Reopened(House):
    """A house that can be closed and opened again."""

    openings = 0

    def reopen(self) -> None:
        self.store.close()
        self.openings += 1
        self.store = SqliteStore(self.folder / "desk.db", seed=1000 + self.openings, settings=self.settings)
        self.store.execute("pragma synchronous = off")
        self.app = App(self.store, self.book, self.files, self.clock)


@dataclass
class World:
    folder: Path
    book: Book
    catalogs: Catalogs

    def __post_init__(self) -> None:
        self.house = Reopened(self.folder, self.book, self.catalogs, dict(SETTINGS))
        self.house.letter_pages = {"loa": 2}
        self.customers = {one: self.house.customer(one, channel) for one, channel in
                          (("anna", "web"), ("bert", "console"), ("ada", "web"))}  # fmt: skip
        self.staff: dict[str, tuple[Role, Chat]] = {
            name: (role, self.house.staff(role, name))
            for name, role in (("rita", Role.REVIEWER), ("max", Role.ACCOUNT_MANAGER), ("ada", Role.ADMIN))
        }
        self.lives: dict[str, Life] = {}
        self.ids: dict[int, str] = {}  # registration's number -> reference
        self.marks: dict[str, set[str]] = {}  # what was said -> the registrations it was said of
        self.owners: dict[str, str] = {}  # ... and by whom
        self.numbers = itertools.count(1)
        self.gave: dict[str, list[Gave]] = {name: [] for name in self.customers}
        self.files: dict[str, tuple[str, Any]] = {}  # uploads by name: (whose, what is in it)
        self.lies: dict[str, str] = {}  # file -> registration, "" with the chat
        self.placed: set[tuple[str, str]] = set()  # (file, reference): looked into there
        self.read: dict[str, int] = {}  # messages looked at, by chat
        self.fresh: dict[str, bool] = {}  # nobody else did anything since the present question was asked
        self.last_note = 0
        self.just_said: dict[str, str] = {}
        self.walked: Counter[tuple[str, str, str]] = Counter()
        self.paused = False
        self.guessed: set[str] = set()  # references somebody wrote who could not know them
        self.before: dict[str, Case | None] = {}
        self.after: dict[str, Case | None] = {}
        self.seen: dict[str, Case | None] = {}
        self.check()

    def close(self) -> None:
        self.house.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- looking

    def case(self, who: str) -> Case | None:
        return self.seen.get(who)

    def on(self, who: str) -> Life | None:
        case = self.seen.get(who)
        return self.lives.get(self.ids.get(case.conversation.on or 0, "")) if case else None

    def step(self, who: str) -> str:
        case = self.seen.get(who)
        return case.conversation.state.value if case else "new"

    def of(self, who: str) -> list[Life]:
        """The registrations of that customer that are not deleted, oldest first."""
        return [life for life in self.lives.values() if life.owner == who and not life.erased]

    def question(self, who: str) -> Message | None:
        """The present question of that chat."""
        case = self.seen.get(who)
        asked = case.conversation.asked if case else None
        messages = self.customers[who].messages
        return next((one for one in reversed(messages[-12:]) if one.say.asks and one.asked == asked), None)

    def sign(self, who: str, life: Life | None) -> str:
        """A mark nobody has used, said by that customer of that registration."""
        sign = mark(next(self.numbers))
        self.owners[sign] = who
        self.marks[sign] = {life.reference} if life else set()
        return sign

    # --- doing

    def do(self, *acts: Act) -> list[str]:
        """Take the acts as one batch, in the house and in the lives, and compare. Keys of what the first one's chat said."""
        chat = acts[0].event.chat or ""
        before = {act.event.chat or "": len(self.house.said.get(act.event.chat or "", ())) for act in acts}
        self.before = dict(self.seen)
        for taken in self.house.happens(*(act.event for act in acts)):
            assert taken.error is None, f"{taken.event.kind} {taken.event.text!r} {taken.event.choice!r} failed"
        self.after = {who: self.look(who) for who in self.customers}
        for act in acts:
            act.effect()
        for act in acts:
            if act.answered:
                said = self.house.said.get(act.event.chat or "", ())[before[act.event.chat or ""] :]
                assert said, f"no answer to {act.event.kind} {act.event.text!r} {act.event.choice!r}"
        self.check()
        return [message.key for message in self.house.said.get(chat, ())[before[chat] :]]

    def look(self, who: str) -> Case | None:
        return self.house.store.snapshot(self.customers[who].name)

    def says(self, who: str, text: str, kept: Any = NOTHING) -> list[str]:
        event = self.customers[who].event(Kind.TEXT, text=text)
        return self._spoke(who, [Act(event, lambda: self.hears(who, text, kept, event.message))])

    def presses(self, who: str, value: str, asked: int | None) -> list[str]:
        case = self.seen[who]
        present = case is None or asked is None or asked == case.conversation.asked
        event = self.customers[who].event(Kind.PRESS, choice=value, asked=asked)
        return self._spoke(who, [Act(event, lambda: self.hears(who, value, ANY, None, present))])

    def _spoke(self, who: str, acts: list[Act]) -> list[str]:
        keys = self.do(*acts)
        self.fresh[who] = True
        return keys

    def does(self, who: str, kind: Kind, answered: bool = True, **values: Any) -> list[str]:
        """Something that answers no question: a voice message, a contact, coming back."""
        return self._spoke(
            who, [Act(self.customers[who].event(kind, **values), lambda: self.heard(who), answered)]
        )  # fmt: skip

    def shares(self, who: str, number: str, kept: str) -> list[str]:
        """A contact, where a phone number is asked for."""
        event = self.customers[who].event(Kind.CONTACT, text=number)
        return self._spoke(who, [Act(event, lambda: self.hears(who, number, kept, event.message))])

    def at_once(self, who: str, text: str, name: str, action: str, first: bool) -> None:
        """A customer's word and a decision on the same registration, in one batch; `first`: the customer was."""
        life = self.on(who)
        assert life is not None
        event = self.customers[who].event(Kind.TEXT, text=text)
        word = Act(event, lambda: self.hears(who, text, NOTHING, event.message))
        decision = self.decision(name, life, action)
        self.do(*((word, decision) if first else (decision, word)))

    def heard(self, who: str) -> Life | None:
        """The registration the chat was on, told that its customer said a word."""
        case = self.before[who]
        life = self.lives.get(self.ids.get(case.conversation.on or 0, "")) if case else None
        for one in together.mates(life) if life is not None else ():
            if one.is_open and not one.erased:
                one.heard(self.house.now)
        return life

    # --- what a text means

    def hears(self, who: str, text: str, kept: Any, message: str | None, present: bool = True) -> None:
        """What must come of a customer's words, at the step they were said."""
        self.just_said[who] = text
        case, now = self.before[who], self.house.now
        life = self.heard(who)
        if case is None or case.conversation.state.value == "new" or self.paused:
            return
        step, word = case.conversation.state.value, text.casefold()
        if not present and not EVERYWHERE.match(word):
            return
        naming = step in ("sender_ids", "samples")
        if (
            case.conversation.cursor.choosing_line
            and word not in WORDS
            and not word.startswith(("edit ", "open ", "take out "))
        ):
            return  # it named a line of the review
        if word == "back" and case.conversation.cursor.choosing_line:
            return
        if word.startswith("apply again"):
            self._applies_again(who, text, life)
            return
        if step == "briefing" and word in ("start", "yes", "later", "submit", "continue"):
            self._opens(who, case, word)
            return
        if life is None:
            return
        if word.startswith("take out "):
            for one in together.mates(life) if len(together.mates(life)) > 1 else ():
                if one.pack.country == text[9:]:
                    together.leave(one)
        elif word == "take back":
            if not naming:
                life.fire("take_back", now)
        elif word == "person":
            life.with_a_person = True
        elif word == "back" and step == "registry" and life.status == "SELF_REGISTERING":
            life.fire("back", now)
        elif word.startswith(("remove ", "move ")) and step != "sender_ids":
            if step == "samples":
                self._takes_out(who, case, life, word)
            elif step != "placing" and life.status in FOR_PAPERS:
                self._takes_away(case, life, word)
        elif word.startswith(("edit ", "open ")) or word in (
            "help", "why", "example", "status", "list", "another", "cancel", "edit", "letters", "move",
        ):  # fmt: skip
            pass
        else:
            getattr(self, f"_at_{step}", lambda *_: None)(who, case, life, text, kept, message)

    def _opens(self, who: str, case: Case, word: str) -> None:
        """A registration for each country that was named; each begins as a draft."""
        named = case.conversation.cursor.countries
        packs = [self.book.pack(code) for code in named]
        packs = [pack for pack in packs if pack.route.value not in ("not_required", "unsupported")]
        if word == "later":
            packs = [pack for pack in packs if pack.paused]
        new = self._new(who)
        assert sorted(one.country for one in new) == sorted(pack.country for pack in packs), (word, named, new)
        lives = [self._begins(who, one) for one in sorted(new, key=lambda one: one.id)]
        if word != "later":
            together.begin(lives)

    def _new(self, who: str) -> list[Any]:
        after = self.after[who]
        return [one for one in after.registrations.values() if one.id not in self.ids] if after else []

    def _begins(self, who: str, one: Any) -> Life:
        life = Life(
            one.reference,
            who,
            self.book.pack(one.country),
            self.book.templates,
            self.house.letter_pages,
            self.house.now,
            partial(is_plainly_theirs, watched=self.book.watchlist),
        )
        assert one.reference not in self.lives
        self.lives[one.reference], self.ids[one.id] = life, one.reference
        return life

    def _applies_again(self, who: str, text: str, life: Life | None) -> None:
        named = REFERENCE.search(text.upper())
        failed = self.lives.get(named[0]) if named else life
        if failed is None or failed.owner != who or failed.status != "FAILED" or failed.erased:
            return
        (one,) = self._new(who)
        again = self._begins(who, one)
        again.answers = {name: value for name, value in failed.answers.items() if name not in failed.reasons_touch}
        again.names = [Name(name.text, list(name.samples)) for name in failed.names]
        again.again_of = failed.reference
        again.reasons_touch = list(failed.reasons_touch)
        for said_of in self.marks.values():
            if failed.reference in said_of:
                said_of.add(again.reference)

    def _answers(self, who: str, life: Life, name: str, kept: Any, message: str | None, text: str) -> None:
        if kept is NOTHING:
            return
        if kept is ANY:
            kept = self._observed(who, life).answers.get(name)
            if kept is None or kept == life.answers.get(name):
                return
        if kept is not REFUSED:
            life.answered(name, kept, self.house.now)
            self._remember(who, message, Gave(message or "", life, name))

    def _observed(self, who: str, life: Life) -> Any:
        after = self.after[who]
        assert after is not None
        return next(one for one in after.registrations.values() if one.reference == life.reference)

    def _remember(self, who: str, message: str | None, gave: Gave) -> None:
        if message is not None:
            self.gave[who].append(gave)

    def _at_asking(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        name = case.conversation.cursor.field
        assert name is not None
        field = life.pack.field(name)
        if text == "skip":
            if not life.must_have(field):
                life.skipped(name, self.house.now)
        elif text not in ("later", "back"):
            self._answers(who, life, name, kept, message, text)

    def _at_registry(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        if text in ("later", "skip"):
            life.fire("start_self_registration", self.house.now)
        elif kept is not REFUSED and kept is not NOTHING and life.number_field:
            value = self._observed(who, life).answers.get(life.number_field) if kept is ANY else kept
            if value is None:
                return
            life.answers[life.number_field] = value
            self._remember(who, message, Gave(message or "", life, life.number_field))
            if life.fire("registered_by_customer", self.house.now) and life.route == "self_registration":
                life.with_a_person = True
                together.leave(life)

    def _at_sender_ids(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        if text in ("done", "continue", "skip", "later", "back", "submit", "keep", "letters", "take back"):
            kept = kept if kept is not ANY else NOTHING
        if text.startswith("remove "):
            gone = next((one for one in life.names if one.text.casefold() == text[7:].casefold()), None)
            if gone is not None:
                life.names.remove(gone)
                self.gave[who] = [one for one in self.gave[who] if one.name is not gone]
                life.edited(self.house.now)
        elif kept is not NOTHING and kept is not REFUSED:
            observed = [one.text for one in self._observed(who, life).sender_ids]
            if kept is ANY and observed == [one.text for one in life.names]:
                return
            self._adds(who, life, text if kept is ANY else kept, message)

    def _adds(self, who: str, life: Life, name: str, message: str | None) -> None:
        if any(one.text == name for one in life.names) or len(life.names) >= 20:
            return
        life.names.append(Name(name))
        life.named(name)
        life.edited(self.house.now)
        self._remember(who, message, Gave(message or "", life, "name", life.names[-1]))

    def _at_sender_id_doubt(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        if text in ("keep", "yes"):
            self._adds(who, life, case.conversation.cursor.text, message)
        elif text not in ("back", "no"):
            self._at_sender_ids(who, case, life, text, kept, message)

    def sampled(self, case: Case, life: Life) -> Name:
        """The name whose samples are asked for."""
        on = next(one for one in case.registrations.values() if one.reference == life.reference)
        waiting = [number for number, one in enumerate(on.sender_ids) if not one.sampled]
        number = case.conversation.cursor.sender_id
        return life.names[number if number in waiting else waiting[0] if waiting else 0]

    def _at_samples(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        name = self.sampled(case, life)
        if kept in (NOTHING, REFUSED, ANY) or kept in name.samples or len(name.samples) >= 20:
            return
        name.samples.append(kept)
        life.edited(self.house.now)
        self._remember(who, message, Gave(message or "", life, "sample", name, len(name.samples) - 1))

    def _takes_out(self, who: str, case: Case, life: Life, word: str) -> None:
        """A sample, by its number: its message gives nothing any more, those behind it move up."""
        name, number = self.sampled(case, life), word.removeprefix("remove ")
        if not (number.isdigit() and 1 <= int(number) <= len(name.samples)):
            return
        at = int(number) - 1
        name.samples.pop(at)
        life.edited(self.house.now)
        self.gave[who] = [
            one for one in self.gave[who] if one.name is not name or one.field != "sample" or one.index != at
        ]
        for one in self.gave[who]:
            if one.name is name and one.field == "sample" and one.index > at:
                one.index -= 1

    def _at_review(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        if text in ("submit", "submit all", "done", "yes"):
            for one in together.drafts(life) or [life]:
                before = one.status
                self._hands_in(one)
                if one.status != before:
                    together.leave(one)

    def _hands_in(self, life: Life) -> None:
        now = self.house.now
        if life.status == "NEEDS_CORRECTION":
            if not life.missing():
                life.fire("resubmit", now)
        elif life.route in ("account_manager", "self_registration", "template_approval"):
            if not life.missing() and life.fire("hand_over", now):
                life.with_a_person = True
        else:
            life.fire("submit", now)

    def _at_documents(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        if text in ("submit", "done"):
            life.fire("submit_documents", self.house.now)

    def _at_withdrawing(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        if text in ("yes", "withdraw"):
            life.fire("withdraw", self.house.now)

    # --- files

    def _batch(self, case: Case) -> list[str]:
        on = case.on
        return [one.name for one in on.uploads if one.id in case.conversation.cursor.uploads] if on else []

    def _at_placing(self, who: str, case: Case, life: Life, text: str, kept: Any, message: str | None) -> None:
        names = self._batch(case)
        if text == "remove":
            self._removed(life, names)
        slot = next((one for one in life.wanted() if one == text), None)
        if slot is None:
            return
        document, _ = life.wanted()[slot]
        letter = life.letters.get(slot)
        missing, last = [], max((page.number for page in life.pages if page.slot == slot), default=0)
        if document.template and letter is not None:
            there = {page.number for page in life.pages if page.slot == slot and page.version == letter.version
                     and not page.refused}  # fmt: skip
            stale = not letter.drawn or letter.shows != life.shown(document)
            missing = [n for n in range(1, (1 if stale else letter.pages) + 1) if stale or n not in there]
        for name in names:
            lying = sum(page.file == name for page in life.pages)
            for code in self.files[name][1][lying:]:
                if document.template:
                    version = code[2] if code else letter.version if letter else 0
                    life.put(name, slot, missing.pop(0) if missing else 1, version)
                else:
                    last += 1
                    life.put(name, slot, last, None)

    def _takes_away(self, case: Case, life: Life, word: str) -> None:
        number = word.split()[1]
        names = [one.name for one in case.on.uploads] if case.on else []
        if number.isdigit() and 1 <= int(number) <= len(names):
            name = names[int(number) - 1]
            if word.startswith("remove"):
                self._removed(life, [name])
            else:
                life.pages = [page for page in life.pages if page.file != name]

    def _removed(self, life: Life, names: Iterable[str]) -> None:
        for name in names:
            self.files.pop(name, None)
            life.pages = [page for page in life.pages if page.file != name]

    def sends(self, who: str, contents: Sequence[Any], size: int = 100, album: str | None = None) -> None:
        """Send files. What is in each: pages (their codes, or None), or the problem it is refused for."""
        incoming = []
        for what in contents:
            name = f"{self.sign(who, None)}.pdf"
            ref = f"stored:incoming/{name}/{mark(next(self.numbers)) * 9}"
            self.house.contents[ref] = self.house.contents[ref.rpartition("/")[2]] = what
            incoming.append(IncomingFile(ref, name, size))
        for one, what in zip(incoming, contents, strict=True):
            if 0 < size <= 20_000_000:
                self.files[one.name] = (who, what)
            event = self.customers[who].event(Kind.FILES, files=(one,), album=album)
            quiet = not self.paused and 0 < size <= 20_000_000
            self._spoke(who, [Act(event, lambda: self.heard(who), answered=not quiet)])

    def works(self, fail: bool = False) -> None:
        """All jobs that wait are done: letters drawn, or not, and files looked into."""
        self.before = dict(self.seen)
        self.house.works(fail)
        self.after = {who: self.look(who) for who in self.customers}
        for life in self.lives.values():
            for asked, drew in life.to_draw:
                life.drawing_came(asked, drew, fail, self.house.now)
            life.to_draw.clear()
        for who in self.customers:
            self._looked_into(who)
            self.fresh[who] = False
        self.check()
        assert not self.house.store.health(self.house.now).waiting_jobs

    def _looked_into(self, who: str) -> None:
        after = self.after[who]
        if after is None:
            return
        refused = {name for name, (whose, what) in self.files.items() if whose == who and isinstance(what, str)}
        for name in refused:
            del self.files[name]
        for one in after.registrations.values():
            life = self.lives[self.ids[one.id]]
            if life.erased:
                continue
            letters = {letter.letter_id: letter for letter in one.letters}
            for upload in one.uploads:
                if (upload.name, life.reference) in self.placed or not upload.checked:
                    continue
                self.placed.add((upload.name, life.reference))
                for code in self.files[upload.name][1] if life.is_open and upload.name in self.files else ():
                    letter = letters.get(code[0]) if code else None
                    if letter is not None and code[2] == life.letters[letter.slot].version:
                        life.put(upload.name, letter.slot, code[1], code[2])

    # --- an edited message, a form

    def rewrites(self, who: str, gave: Gave, text: str, kept: Any) -> list[str]:
        """Edit a message that gave an answer."""

        def effect() -> None:
            self.heard(who)
            life, now = gave.life, self.house.now
            if self.paused or life.erased or life.status not in WAITS_ON_CUSTOMER:
                return
            life.heard(now)
            if kept is REFUSED or gave not in self.gave[who]:
                return
            if gave.name is not None and gave.field == "name":
                if any(one.text == kept for one in life.names if one is not gave.name):
                    return
                changed, gave.name.text, gave.name.outcome = gave.name.text != kept, kept, None
                life.named(kept)
                if changed:
                    life.edited(now)
            elif gave.name is not None:
                if kept not in [one for n, one in enumerate(gave.name.samples) if n != gave.index]:
                    changed, gave.name.samples[gave.index] = gave.name.samples[gave.index] != kept, kept
                    if changed:
                        life.edited(now)
            else:
                life.answered(gave.field, kept, now)

        event = replace(self.customers[who].event(Kind.EDITED, text=text), message=gave.message)
        return self._spoke(who, [Act(event, effect)])

    def fills(self, who: str, life: Life, answers: Mapping[str, tuple[str, Any]], submitted: bool = True) -> list[str]:
        """A form, sent or only left. What is kept of each answer is a list where there are several lines."""

        def effect() -> None:
            self.heard(who)
            now = self.house.now
            if self.paused or life.erased or life.owner != who or life.status not in WAITS_ON_CUSTOMER:
                return
            life.heard(now)
            if not submitted:
                return
            late = [one for one in life.pack.fields if one.phase.value == "after_sender_ids"]
            for turn in (0, 1):
                for asked in life.pack.fields:
                    if asked.name in answers and (asked in late) == bool(turn) and asked in life.asks():
                        text, kept = answers[asked.name]
                        if kept is not REFUSED and text:
                            life.answered(asked.name, kept, now)
                for kept in answers["sender_ids"][1] if "sender_ids" in answers and not turn else ():
                    if kept is not REFUSED:
                        self._adds(who, life, kept, None)
            taken = 0
            for name in life.names:
                for kept in answers.get(f"sample:{name.text}", ("", ()))[1]:
                    if kept is not REFUSED and kept not in name.samples and len(name.samples) < 20:
                        name.samples.append(kept)
                        taken += 1
            if taken:
                life.edited(now)

        result = {
            "reference": life.reference, "answers": {name: text for name, (text, _) in answers.items()},
            "submitted": submitted,
        }  # fmt: skip
        event = replace(self.customers[who].event(Kind.FORM, result=result), message=None)
        return self._spoke(who, [Act(event, effect, answered=submitted)])

    # --- the desk

    def decides(self, name: str, life: Life, action: str, in_words: bool = False, **values: Any) -> list[str]:
        """A staff member acts on a registration, on the page or in words."""
        return self.do(self.decision(name, life, action, in_words, **values))

    def decision(self, name: str, life: Life, action: str, in_words: bool = False, **values: Any) -> Act:
        role, chat = self.staff[name]
        said_name, why = values.get("sender_id"), "; ".join(values.get("why") or [])
        if in_words:
            text = f"{action.replace('_', ' ')} {life.reference}"
            text += f" {said_name}" if said_name else ""
            event = chat.event(Kind.TEXT, text=f"{text}: {why}" if why else text)
            values = {key: values[key] for key in ("sender_id", "why") if values.get(key)}
        else:
            number = next((id for id, reference in self.ids.items() if reference == life.reference), None)
            event = chat.event(Kind.DESK, chat=None, name=action, result=values, registration=number)

        def effect() -> None:
            if in_words and life.owner == name:
                self.heard(name)
            if not life.erased:
                self._decided(role, chat.name, life, action, values)
            self.fresh[life.owner] = False

        return Act(event, effect, answered=in_words)

    def _decided(self, role: Role, me: str, life: Life, action: str, values: Mapping[str, Any]) -> None:
        now = self.house.now
        reviews, manages = role is not Role.ACCOUNT_MANAGER, role is not Role.REVIEWER
        sees = reviews or life.route in HANDED_OVER or life.status == "WITH_ACCOUNT_MANAGER"
        may = {"pass_on": reviews, "send_back": reviews, "overrule": reviews, "hand_back": manages}.get(action, True)
        own = self.customers[life.owner].name == me
        at_the_desk = life.status in WITH_PEOPLE or not life.is_open or life.taken_by or life.with_a_person
        if not sees or not may or own or not at_the_desk:
            return
        if life.taken_by not in (None, me) and action not in ("open", "take"):
            return
        if action == "open":
            life.opened_by = life.opened_by or me
            return
        if action == "take":
            life.opened_by, life.taken_by = life.opened_by or me, me
            return
        if life.status in WITH_PEOPLE and action not in ("hand_back", "close"):
            life.opened_by, life.taken_by = life.opened_by or me, me
        why = [one for one in values.get("why") or [] if one.strip()]
        if action in ("approve", "refuse"):
            self._outcome(life, action, values.get("sender_id"), why)
        elif action == "pass_on":
            life.fire("pass_on", now)
        elif action == "hand_back":
            if life.fire("hand_back", now):
                life.with_a_person = False
        elif action in ("send_back", "reject"):
            self._turned_down(life, action, why, values)
        elif action == "close" and life.status not in WITH_PEOPLE:
            life.with_a_person, life.taken_by = False, None
        elif action == "overrule":
            asked = next((one for one in life.pack.fields if one.name == values["field"] and one.judgement), None)
            if asked is not None:
                life.overruled[asked.name] = values["value"]

    def _outcome(self, life: Life, action: str, wanted: str | None, why: list[str]) -> None:
        if life.status not in WITH_PEOPLE:
            return
        if action == "refuse":
            wanted = wanted or (life.names[0].text if len(life.names) == 1 else None)
            if not wanted or not why:
                return
        names = [one for one in life.names if (one.text == wanted if wanted else one.outcome is None)]
        if wanted and not names:
            return
        for one in names:
            one.outcome = "approved" if action == "approve" else "refused"
        life.fire("approve", self.house.now)

    def _turned_down(self, life: Life, action: str, why: list[str], values: Mapping[str, Any]) -> None:
        if not why or not life.fire(action, self.house.now):
            return
        papers, names = list(values.get("papers") or []), list(values.get("fields") or [])
        life.reasons_touch = [*names, *papers]
        for page in life.pages:
            if page.slot in papers:
                page.refused = True
        for one in life.names:
            if action == "reject":
                one.outcome = "refused"
            elif one.outcome == "approved":
                one.outcome = None

    # --- time

    def wakes(self, later: timedelta) -> None:
        """The process wakes after that time: what is due happens, and nothing else."""
        before = {name: len(messages) for name, messages in self.house.said.items()}
        self.before = dict(self.seen)
        self.house.ticks(later)
        now = self.house.now
        self.after = {who: self.look(who) for who in self.customers}
        for life in [one for one in self.lives.values() if not one.erased]:
            chat = self.customers[life.owner].name
            new = self.house.said.get(chat, [])[before.get(chat, 0) :]
            about = [one for one in new if life.reference in one.text]
            self._clock_ran(life, [one.key for one in about], now)
            if life.status in ("SUCCESSFUL", "FAILED") and life.entered_at and now >= life.entered_at + 90 * DAY:
                life.erased = "retention"
        for who in self.customers:
            self.fresh[who] = False
        self.check()

    def _clock_ran(self, life: Life, keys: list[str], now: datetime) -> None:
        end, reminded = life.ends_at, [key for key in keys if key in REMINDERS]
        if end is None:
            assert not reminded, f"{life.reference} was reminded of no end"
            return
        due = [at for at in life.reminders() if life.said_at is None or at > life.said_at]
        warned = life.warned_at or life.warnings.get(end)
        if now >= end:
            if warned is not None and now - warned >= DAY:
                life.fire("time_is_up", now)
                assert keys[-1:] == ["expired"], f"{life.reference} ended with {keys}"
                return
            life.ends_at = (warned or now) + DAY
            assert warned or reminded, f"{life.reference} was to be told once more before it ends"
        else:
            assert not reminded or [at for at in due if at <= now], f"{life.reference} was reminded too early"
        if reminded:
            life.warned_at, life.said_at = life.warned_at or now, now
            life.warnings[end] = now

    def restarts(self) -> None:
        self.house.reopen()
        self.check()

    def pauses(self, paused: bool) -> None:
        self.paused = paused
        self.house.store.put_setting("paused", "Back at noon." if paused else None)

    # --- comparing

    def check(self) -> None:
        """Everything that must be so, after every act and every restart."""
        execute = self.house.store.execute
        assert not execute("select count(*) from failed").fetchone()[0], self.house.store.failures()
        self.seen = {who: self.look(who) for who in self.customers}
        found = {}
        for who, case in self.seen.items():
            observed = {one.reference: one for one in case.registrations.values()} if case else {}
            if case is not None and case.company is not None:
                assert case.registrations or not case.company.profile, "it outlived the last registration"
            for one in case.registrations.values() if case else ():
                assert one.id in self.ids, f"{one.reference} was opened by nobody"
                life = found[one.id] = self.lives[self.ids[one.id]]
                assert life.owner == who and not life.erased, f"{who} sees {one.reference}"
                kept = case.company.profile if case and case.company else {}
                together.take_over(life, one, observed, kept, self.just_said.get(who, ""))
                for sign in together.signs(one):
                    self.marks.setdefault(sign, set()).add(life.reference)
                self._same(life, one)
            if case is not None:
                self._tells_the_truth(who, case)
        alive = {life.reference for life in self.lives.values() if not life.erased}
        assert {life.reference for life in found.values()} == alive, "a registration is gone, or is back"
        self._history()
        self._timers()
        self._messages()
        self._files()
        for life in self.lives.values():
            if life.erased and life.erased != "gone":
                self._erased(life)

    def _same(self, life: Life, one: Any) -> None:
        where = life.reference
        assert one.status.value == life.status, f"{where} is {one.status}, not {life.status}: {life.history[-3:]}"
        link, kept = one.answers.get(LINK), life.answers.get(LINK)
        if link is True and kept is None and all(map(life.is_plain, (name.text for name in life.names))):
            life.answers[LINK] = True  # answered by itself
        if life.route == "template_approval" and "signature" in life.answers:
            signed = str(life.answers["signature"])
            if not life.names and one.sender_ids:
                life.names = [Name(signed)]
            elif life.names:
                life.names[0].text = signed
        assert one.answers == life.answers, f"{where}: {differing(one.answers, life.answers)}"
        assert one.overruled == life.overruled, f"{where}: {one.overruled} {life.overruled}"
        names = [(name.text, name.samples, name.outcome.value if name.outcome else None) for name in one.sender_ids]
        assert names == [(name.text, name.samples, name.outcome) for name in life.names], (
            f"{where}: {names} {life.names}"
        )
        assert one.ends_at == life.ends_at, f"{where} ({life.status}) ends {one.ends_at}, not {life.ends_at}"
        assert (one.opened_by, one.taken_by) == (life.opened_by, life.taken_by) or not life.is_open, where
        for name, what in self.house.book.pack(one.country).documents and self._lying(one).items():
            assert name in self.files or what == [], f"{where}: {name} lies there though it was taken away"

    def _lying(self, one: Any) -> dict[str, list[str]]:
        return {upload.name: [page.slot for page in upload.pages if page.slot] for upload in one.uploads}

    def _files(self) -> None:
        """Every file has one place: with a registration of its customer, or with the chat."""
        places: dict[str, list[str]] = {}
        for case in self.seen.values():
            for one in case.registrations.values() if case else ():
                for upload in one.uploads:
                    places.setdefault(upload.name, []).append(one.reference)
            for upload in case.conversation.early if case else ():
                places.setdefault(upload.name, []).append("")
        for name, (who, _) in list(self.files.items()):
            found, before = places.get(name, []), self.lies.get(name, "")
            if not found and before and self.lives[before].erased:
                del self.files[name]
                continue
            again = [one for one in found if one and self.lives[one].again_of in found]
            assert len(found) - len(again) == 1, f"{name} of {who} lies in {found}"
            self.lies[name] = found[0]
            self.marks[name[:7]].update(one for one in found if one)

    def _tells_the_truth(self, who: str, case: Case) -> None:
        """What "status" and "list" would say now, without their being said."""
        if case.conversation.state.value == "new":
            return
        life, mine = self.on(who), self.of(who)
        said = self._would_say(who, "list")
        listed = {
            (line.values["reference"], line.values["status"].key) for line in said[0].values.get("lines", ())
        }  # fmt: skip
        assert listed == {(one.reference, f"status_{one.status}") for one in mine}, f"{who}'s list: {listed}"
        if life is None:
            return
        state = case.conversation.state.value
        assert state in PLACES[life.status].split(), f"{who} is at {state} with {life.status}"
        said = self._would_say(who, "status")
        status = said[0]
        complete = life.status == "DOCUMENTS_RENDERED" and not life.a_page_is_missing()
        true = "status_is_complete" if complete else f"status_is_{life.status}"
        assert status.key == true, f"{life.reference} is {life.status}, status says {status.key}"
        text = self.catalogs.words().text(Text(status.key, status.values))
        assert BALL[life.status] in text and life.reference in text, text
        ends = self.house.now + 30 * DAY if life.ends_at is not None and not life.started else life.ends_at
        assert (status.values["ends"].values["at"] if status.values["ends"] else None) == (ends and Moment(ends)), text
        self._says_what_is_missing(life, said[-1])

    def _would_say(self, who: str, text: str) -> list[Say]:
        case = self.look(who)
        assert case is not None
        case.settings = {name: value for name, value in case.settings.items() if name != "paused"}
        event = Event("look", Kind.TEXT, self.house.now, chat=self.customers[who].name, text=text, private=True)
        turn = advance(case, event, self.book)
        return [effect for effect in turn.effects if isinstance(effect, Say)]

    def _says_what_is_missing(self, life: Life, asked: Say) -> None:
        if asked.key == "ask_joint_review_missing":
            missing = [name for one in together.drafts(life) for name in one.missing()]
            assert len(asked.values["missing"]) == len(missing), f"{life.reference}: {missing}"
        if asked.key in ("ask_review", "ask_review_missing"):
            assert len(asked.values["missing"]) == len(life.missing()), f"{life.reference}: {life.missing()}"
        if asked.key.startswith("ask_documents"):
            wanted = [(slot, one) for slot, (one, required) in life.wanted().items() if required]
            done = sum(life.is_there(slot, one) for slot, one in wanted)
            said = asked.values["done"], asked.values["wanted"]
            assert said == (done, len(wanted)), f"{life.reference}: {said}, not {done} of {len(wanted)}"
            complete = asked.key != "ask_documents"
            assert complete == (not life.a_page_is_missing()), f"{life.reference}: {asked.key}"

    def _history(self) -> None:
        rows = self.house.store.execute(
            "select id, registration_id, packed from notes where id > ? order by id", (self.last_note,)
        ).fetchall()
        lines: dict[str, list[tuple[str, str, str]]] = {}
        for number, registration, packed in rows:
            self.last_note = number
            line = unpack(packed)
            if line.trigger in TRIGGERS:
                lines.setdefault(self.ids[registration], []).append((line.trigger, line.source, line.dest))
            else:
                assert line.source == line.dest or line.trigger == "open", line
        for life in self.lives.values():
            if not life.erased:
                assert lines.get(life.reference, []) == life.history, (
                    f"{life.reference}: {lines.get(life.reference)}, not {life.history}"
                )
            self.walked.update(life.history)
            life.history = []

    def _timers(self) -> None:
        found: dict[str, dict[str, datetime]] = {}
        for number, name, due_at in self.house.store.execute("select registration_id, name, due_at from timers"):
            found.setdefault(self.ids[number], {})[name] = to_time(due_at)
        for life in self.lives.values():
            timers = found.pop(life.reference, {})
            wanted = set() if life.erased else life.timers()
            assert timers.keys() == wanted, f"{life.reference} ({life.status}): {sorted(timers)}, not {sorted(wanted)}"
            if "clock" in timers and life.ends_at is not None:
                waiting = [at + ONE_NIGHT for at in life.reminders() if life.said_at is None or at > life.said_at]
                assert timers["clock"] <= max(min([*waiting, life.ends_at]), self.house.now + ONE_NIGHT), (
                    f"{life.reference} wakes too late"
                )

    def _messages(self) -> None:
        """Nobody reads what another company said, or that it is there."""
        for who, chat in self.customers.items():
            messages = self.house.said.get(chat.name, [])
            for message in messages[self.read.get(chat.name, 0) :]:
                assert message.key != "apology"
                if who in self.staff:
                    continue  # the desk shows them what they took
                about = self.ids.get(message.say.registration or 0)
                for sign in MARKS.findall(message.text):
                    if about and message.key in together.SHOWN_THERE:
                        self.marks.setdefault(sign.upper(), set()).add(about)
                    assert self.owners.get(sign.upper(), who) == who, f"{who} reads {sign} in {message.key}"
                for reference in REFERENCE.findall(message.text):
                    life = self.lives.get(reference)
                    assert life is None or life.owner == who or reference in self.guessed, f"{who} reads {reference}"
            self.read[chat.name] = len(messages)

    def _erased(self, life: Life) -> None:
        """Nothing of what was said of it is left in any table."""
        receipt = self.house.store.receipt(life.reference)
        assert receipt is not None and (receipt.why, receipt.status) == (life.erased, life.status), receipt
        life.erased = "gone"
        gone = {sign for sign, of in self.marks.items() if of and all(self.lives[one].erased for one in of)}
        gone -= together.kept_signs(self.seen.values())
        execute = self.house.store.execute
        for (table,) in execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in execute(f"select * from {table}"):
                for value in row:
                    if isinstance(value, str):
                        left = {sign.upper() for sign in MARKS.findall(value)} & gone
                        assert not left, f"{left} of {life.reference} is left in {table}: {value[:300]}"

    def ends(self) -> None:
        """At the end of a run: not a byte of what was deleted is in the database's files."""
        gone = {sign for sign, of in self.marks.items() if of and all(self.lives[one].erased for one in of)}
        gone -= together.kept_signs(self.seen.values())
        self.house.reopen()
        self.check()
        data = b"".join(path.read_bytes() for path in self.folder.glob("desk.db*"))
        left = {found.decode().upper() for found in re.findall(MARKS.pattern.encode(), data, re.IGNORECASE)} & gone
        assert not left, f"{left} is left in the database's file"


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Where the house and what must be so differ: (house, must be)."""
    return {key: (one.get(key), other.get(key)) for key in one.keys() | other.keys() if one.get(key) != other.get(key)}
