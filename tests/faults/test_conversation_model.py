"""Two customers and a colleague of ours who is one too, a desk, days that pass and restarts, drawn by Hypothesis.

After every step and every restart the house is compared with model_life: see World.check. A failing run is printed as
the steps that lead to it; the same seed draws it again.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, initialize, rule
from model_answers import REFUSED, names_for, texts_for
from model_interview import drafts, mates
from model_life import FOR_PAPERS, WITH_PEOPLE, Life
from model_world import NOT_POSSIBLE, REASONS, WORDS, World

from conversations.interview.forms import form
from conversations.model import Kind
from tests.read_once import our_book, our_catalogs
from tests.seeded import Share

STEPS = 50
# Every route: letters, own papers, no papers, managers, registries, texts, recommended, none, unsupported, paused.
COUNTRIES = ("TH", "AT", "AF", "VN", "SG", "IE", "CN", "HK", "AE", "PH", "KE", "GB", "IN", "RU", "TR", "ID", "KZ", "EG",
             "AU", "DE", "US")  # fmt: skip
OTHERWISE = ("Thailand and Austria", "Afghanistan, Viet Nam and the UAE", "Thialand", "Guinea", "Narnia", "countries")
SPANS = (timedelta(hours=3), timedelta(days=1), timedelta(days=6), timedelta(days=1),
         timedelta(days=8), timedelta(days=2), timedelta(days=23), timedelta(days=29), timedelta(days=31),
         timedelta(days=95))  # fmt: skip
NAMING = ("help", "why", "example", "back", "skip", "later", "status", "list", "another", "cancel", "person", "edit",
          "done", "continue", "remove")  # fmt: skip

who = some.sampled_from(("anna", "anna", "bert", "ada"))
pick = some.integers(0, 2**16)


class Conversations(RuleBasedStateMachine):
    folder: Path
    begin_in: tuple[str, ...]  # where the customer was before the run begins

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Path(tempfile.mkdtemp(dir=self.folder)), our_book(), our_catalogs(strict=True))

    def teardown(self) -> None:
        self.world.close()

    @initialize(country=pick, far=some.integers(0, 14), pick=pick)
    def anna_was_here_before(self, country: int, far: int, pick: int) -> None:
        """So that every place on the way is where some run begins."""
        self.world.says("anna", "hello")
        named = self.begin_in[country % len(self.begin_in)].split()
        self.world.says("anna", ", ".join(map(self.world.book.country_name, named)))
        for turn in range(far):
            if self.world.step("anna") == "tracking":
                self.the_desk_goes_on(pick=pick >> turn, in_words=False)
            else:
                self.goes_on(who="anna", pick=pick >> turn)

    # --- a customer

    @rule(who=who, pick=pick)
    def goes_on(self, who: str, pick: int) -> None:
        """The next thing on the way."""
        world, step, life = self.world, self.world.step(who), self.world.on(who)
        note(f"{who} at {step}")
        if world.paused:
            world.pauses(False)
        if step == "new":
            world.says(who, "hello")
        elif step == "country":
            named = [COUNTRIES[(pick + skip) % len(COUNTRIES)] for skip in (0, 5, 9)[: 1 + pick % 3]]
            world.says(who, ", ".join(map(world.book.country_name, named)))
        elif step == "which_country":
            world.says(who, "1")
        elif step == "briefing":
            question = world.question(who)
            world.says(who, "start" if question and "start" in question.values else "another")
        elif life is None:
            world.says(who, "list")
        elif step == "registry":
            self._answer(who, life, pick, good=True)
        elif step in ("asking", "sender_ids", "samples"):
            if life.status == "DRAFT" and self._form(who, life, pick, good=True):
                return
            if step != "asking" and (
                life.names if step == "sender_ids" else world.sampled(world.case(who), life).samples
            ):
                world.says(who, "done")
            else:
                self._answer(who, life, pick, good=True)
        elif step == "profile":
            world.says(who, ("use", "change", "start fresh")[pick % 3])
        elif step == "review":
            missing = any(one.missing() for one in drafts(life) or [life])
            world.says(who, "continue" if missing and pick % 4 else "submit")
        elif step == "rendering":
            world.works()
        elif step == "documents" and life.a_page_is_missing():
            self._papers(who, life, pick)
        elif step == "placing":
            self._press(who, 0)
        else:
            world.says(who, {"preview": "yes", "documents": "submit", "cancelling": "back", "withdrawing": "no"}.get(
                step, "apply again" if life.status == "FAILED" and pick % 2 else "another" if pick % 4 == 0 else "status"
            ))  # fmt: skip

    goes_further = goes_ahead = goes_forward = goes_a_step = goes_its_way = goes_on  # drawn more often than the rest

    @rule(who=who, pick=pick)
    def answers(self, who: str, pick: int) -> None:
        """Some answer to the question asked: good, on the border, bad."""
        life = self.world.on(who)
        if life is not None:
            self._answer(who, life, pick)
        else:
            self.world.says(who, OTHERWISE[pick % len(OTHERWISE)])

    def _answer(self, who: str, life: Life, pick: int, good: bool = False) -> None:
        world, step = self.world, self.world.step(who)
        case = world.case(who)
        assert case is not None
        sign = world.sign(who, life)
        if step in ("asking", "registry"):
            name = case.conversation.cursor.field if step == "asking" else life.number_field
            texts = texts_for(life.pack.field(str(name)), life.answers, sign)
        elif step in ("sender_ids", "sender_id_doubt"):
            texts = names_for(life.pack.sender_id, life.answers, sign)
        elif step == "samples":
            longest = life.pack.samples.max_length
            texts = [(f"{sign}: your order is ready.", f"{sign}: your order is ready."), (sign * longest, REFUSED)]
            texts += [(sample, REFUSED) for sample in world.sampled(case, life).samples[:1]]
        else:
            texts = [(f"something else {sign}", REFUSED)]
        taken = [one for one in texts if one[1] is not REFUSED] if good else texts
        world.says(who, *(taken or texts)[pick % len(taken or texts)])

    @rule(who=who, pick=pick)
    def presses(self, who: str, pick: int) -> None:
        """A button of the present question."""
        self._press(who, pick)

    def _press(self, who: str, pick: int) -> None:
        world = self.world
        question = world.question(who)
        if question is None or not question.choices:
            world.says(who, "status")
            return
        value = question.values[pick % len(question.values)]
        note(f"{who} presses {value!r} of {question.key}")
        fresh = world.fresh.get(who)
        keys = world.presses(who, value, question.asked)
        if fresh and not world.paused:
            refused = [key for key in keys if NOT_POSSIBLE.match(key)]
            assert not refused, f"{value!r}, a button of {question.key}, was answered by {refused}"

    @rule(who=who, pick=pick)
    def presses_an_old_button(self, who: str, pick: int) -> None:
        messages = [one for one in self.world.customers[who].messages if one.choices]
        if messages:
            old = messages[-1 - pick % len(messages)]
            value = old.values[pick // 7 % len(old.values)]
            note(f"{who} presses {value!r} of {old.key}, question {old.asked}")
            self.world.presses(who, value, old.asked)

    @rule(who=who, pick=pick)
    def says_a_word(self, who: str, pick: int) -> None:
        words = NAMING if self.world.step(who) in ("sender_ids", "samples", "sender_id_doubt") else WORDS
        word = words[pick % len(words)]
        note(f"{who} says {word!r} at {self.world.step(who)}")
        self.world.says(who, word)

    @rule(who=who, pick=pick)
    def edits_a_line(self, who: str, pick: int) -> None:
        life = self.world.on(who)
        lines = [one.name for one in life.asks()] if life else ["city"]
        lines += 8 * ["sender_id"] + [*(f"sample:{name.text}" for name in life.names)] if life else []
        lines += [life.number_field] if life and life.number_field else []
        lines += 20 * ["city"] if life and life.letters else []  # every letter shows it
        if pick % 3 == 0:
            self.world.says(who, "edit")
            return
        self.world.says(who, f"edit {lines[pick % len(lines)]}")
        if life is not None and life.names and self.world.step(who) == "sender_ids" and pick % 2:
            self.world.says(who, f"remove {life.names[pick // 2 % len(life.names)].text}")
        elif life is not None and not life.erased and self.world.step(who) in ("asking", "sender_ids", "samples"):
            self._answer(who, life, pick // 64)

    @rule(who=who, pick=pick)
    def edits_a_message(self, who: str, pick: int) -> None:
        world, gave = self.world, self.world.gave[who][-30:]
        if not gave:
            world.does(who, Kind.EDITED, text="something", message="m0")
            return
        one = gave[pick % len(gave)]
        if next(other for other in reversed(gave) if other.message == one.message) is not one:
            return
        sign = world.sign(who, one.life)
        if one.field == "name":
            texts = names_for(one.life.pack.sender_id, one.life.answers, sign)
        elif one.field == "sample":
            texts = [(f"{sign}: come and get it.", f"{sign}: come and get it."), ("x" * 5000, REFUSED)]
        else:
            texts = texts_for(one.life.pack.field(one.field), one.life.answers, sign)
        world.rewrites(who, one, *texts[pick // 64 % len(texts)])

    @rule(who=who, pick=pick)
    def fills_in_a_form(self, who: str, pick: int) -> None:
        lives = self.world.of(who)
        if lives:
            self._form(who, lives[pick % len(lives)], pick // 16)

    def _form(self, who: str, life: Life, pick: int, good: bool = False) -> bool:
        world = self.world
        case = world.case(who)
        asked = form(case, world.book, life.reference) if case else None
        if asked is None or world.paused:
            return False
        answers: dict[str, tuple[str, Any]] = {}
        known = dict(life.answers)
        chance = random.Random(pick)
        for entry in asked.entries:
            if not good and chance.random() < 0.3:
                continue
            sign = world.sign(who, life)
            if entry.kind == "sender_ids":
                texts = names_for(life.pack.sender_id, life.answers, sign)
            elif entry.kind == "samples":
                texts = [(f"{sign}: your code is 1.", f"{sign}: your code is 1.")]
            else:
                texts = texts_for(life.pack.field(entry.name), known, sign)
            texts = [one for one in texts if one[0][:1] != '"' and (one[1] is not REFUSED or not good)]
            if not texts:
                continue
            text, kept = texts[0] if good and pick % 3 else texts[chance.randrange(len(texts))]
            answers[entry.name] = (text, [kept] if entry.many and entry.kind in ("sender_ids", "samples") else kept)
            if kept is not REFUSED:
                known[entry.name] = kept
        if {"message_type", *(name for case in life.pack.sender_id.cases for name in case.when.fields())} & {*answers}:
            answers.pop("sender_ids", None)  # what a name must look like may depend on it
        if good and not answers:
            return False
        world.fills(who, life, answers, submitted=good or chance.random() < 0.8)
        return True

    @rule(who=who, pick=pick)
    def starts_another(self, who: str, pick: int) -> None:
        self.world.says(who, "another")
        if self.world.step(who) == "country":
            self.world.says(who, self.world.book.country_name(COUNTRIES[pick % len(COUNTRIES)]))

    @rule(who=who, pick=pick)
    def says_what_stops(self, who: str, pick: int) -> None:
        """An answer with which this country, one of several, or all of them, can go no further."""
        world, life, case = self.world, self.world.on(who), self.world.case(who)
        asked = case.conversation.cursor.field if case and life and world.step(who) == "asking" else None
        stopping = [value for one in life.pack.fields if one.name == asked and one.stops_when
                    for value in one.limits.choices or ("yes", "no")] if life else []  # fmt: skip
        if not stopping or life is None or world.paused:
            self.goes_on(who=who, pick=pick)
            return
        value = stopping[pick % len(stopping)]
        kept: Any = {"yes": True, "no": False}.get(value, value)
        is_stopped = life.pack.field(str(asked)).stop(life.answers, kept)
        world.says(who, value, REFUSED if is_stopped else kept)

    @rule(who=who, pick=pick)
    def leaves_one_out(self, who: str, pick: int) -> None:
        """One country of several goes on by itself."""
        life = self.world.on(who)
        others = mates(life) if life is not None else []
        if pick % 4 == 0 and len(others) > 1:
            self.world.says(who, f"take out {others[pick // 4 % len(others)].pack.country}")

    @rule(who=who, pick=pick)
    def switches(self, who: str, pick: int) -> None:
        lives = self.world.of(who)
        if lives:
            self.world.says(who, f"open {lives[pick % len(lives)].reference}")

    @rule(who=who, how=some.sampled_from(("keep", "back", "withdraw no", "withdraw yes")))
    def cancels(self, who: str, how: str) -> None:
        for word in ("cancel", *how.split()):
            self.world.says(who, word)
            if self.world.on(who) is None or self.world.step(who) not in ("cancelling", "withdrawing"):
                return

    @rule(who=who, pick=pick)
    def sends_files(self, who: str, pick: int) -> None:
        """A page with its code, of an old version, of another registration, of a stranger, without a code; early, wrong."""
        world, life = self.world, self.world.on(who)
        if pick % 2 and life is not None:
            self._papers(who, life, pick // 2)
            return
        codes = [(letter.letter_id, page, version) for case in [world.case(who)] for one in
                 (case.registrations.values() if case else ()) for letter in one.letters
                 for page in (1, letter.pages or 1) for version in (letter.version, 1)]  # fmt: skip
        chosen = [codes[pick // 8 % len(codes)]] if codes else [None]
        contents: list[Any] = [chosen, [None], [None, None], "upload_locked", [("ABCDEFGH", 1, 1)]]
        size = (100, 100, 100, 0, 20_000_001)[pick // 16 % 5]
        album = f"album {pick}" if pick % 3 == 0 else None
        world.sends(who, [contents[pick // 2 % 5], *([[None]] if album else [])], size, album)
        if pick % 5:
            world.works()

    @rule(who=who, pick=pick)
    def signs_an_old_version(self, who: str, pick: int) -> None:
        """The letters are drawn anew, and what was printed before comes back."""
        world, life = self.world, self.world.on(who)
        if life is None or world.paused or life.status not in FOR_PAPERS or not life.letters:
            self.goes_on(who=who, pick=pick)
            return
        world.says(who, "edit city")
        if world.step(who) != "asking":
            return
        self._answer(who, life, 0, good=True)
        world.works()
        case = world.case(who)
        on = case.on if case else None
        old = [(letter.letter_id, 1, letter.version - 1) for letter in on.letters if letter.version > 1] if on else []
        if old:
            world.says(who, "yes" if world.step(who) == "preview" else "status")
            world.sends(who, [old])
            world.works()

    def _papers(self, who: str, life: Life, pick: int) -> None:
        """All that is still wanted."""
        world = self.world
        case = world.case(who)
        assert case is not None
        on = next(one for one in case.registrations.values() if one.reference == life.reference)
        pages: list[Any] = [[(letter.letter_id, page, letter.version - (letter.version > 1 and pick % 6 == 5)) for letter in on.letters
                             for page in range(1, (letter.pages or 1) + 1)]]  # fmt: skip
        own = any(required and not one.template and not life.is_there(slot, one)
                  for slot, (one, required) in life.wanted().items())  # fmt: skip
        contents = [one for one in pages if one] + ([[None]] if own or not pages[0] else [])
        world.sends(who, contents)
        world.works()
        if world.step(who) == "placing" and pick % 4:
            wanted = [slot for slot, (one, required) in life.wanted().items()
                      if required and not life.is_there(slot, one)]  # fmt: skip
            world.says(who, wanted[0] if wanted else "other")

    @rule(who=who, how=some.sampled_from(("voice", "contact", "opened", "zone", "quoted")))
    def does_something_else(self, who: str, how: str) -> None:
        world = self.world
        if how == "contact":
            life, case = world.on(who), world.case(who)
            asked = case.conversation.cursor.field if case and life and world.step(who) == "asking" else None
            if asked is None or life is None or life.pack.field(asked).type.value != "phone":
                world.does(who, Kind.CONTACT, text="49 40 32012345")
            else:
                world.shares(who, "49 40 32012345", "+49 40 32012345")
        elif how == "zone" and world.step(who) not in ("sender_ids", "samples", "sender_id_doubt"):
            world.says(who, "my time zone is Asia/Bangkok", REFUSED)
        elif how == "opened":
            world.does(who, Kind.OPENED)
        else:
            world.does(who, Kind.OTHER, name="voice")

    @rule(who=some.sampled_from(("anna", "bert")), pick=pick)
    def guesses(self, who: str, pick: int) -> None:
        """What is another company's is answered like what is not there."""
        world = self.world
        others = [life for life in world.lives.values() if life.owner != who]
        if not others or world.paused or world.step(who) in ("new", "sender_ids", "samples", "sender_id_doubt"):
            return
        life = others[pick % len(others)]
        words = ("open", "apply again")[pick // 8 % 2]
        world.guessed.update((life.reference, "TH-2222"))
        case = world.case(who)
        if case is not None and case.conversation.cursor.choosing_line:
            return
        world.says(who, f"{words} {life.reference}", REFUSED)
        first = [one.text for one in world.customers[who].messages[-2:]]
        world.says(who, f"{words} TH-2222", REFUSED)
        second = [one.text for one in world.customers[who].messages[-2:]]
        assert [one.replace(life.reference, "TH-2222") for one in first] == second
        world.fills(who, life, {"city": ("Bremen", "Bremen")})

    # --- the desk

    @rule(name=some.sampled_from(("rita", "max", "ada")), pick=pick, in_words=some.booleans())
    def decides(self, name: str, pick: int, in_words: bool) -> None:
        """Anything a staff member may try, on any registration."""
        lives = [life for life in self.world.lives.values() if not life.erased]
        if lives:
            actions = (
                "open",
                "take",
                "approve",
                "refuse",
                "pass_on",
                "send_back",
                "reject",
                "hand_back",
                "close",
                "overrule",
            )
            self._decide(name, lives[pick % len(lives)], actions[pick // 8 % len(actions)], pick // 128, in_words)

    @rule(pick=pick, in_words=some.booleans())
    def the_desk_goes_on(self, pick: int, in_words: bool) -> None:
        """Whoever may, decides on what waits at the desk."""
        lives = [life for life in self.world.lives.values() if life.status in WITH_PEOPLE and not life.erased]
        if not lives:
            self.goes_on(who="anna", pick=pick)
            return
        life = lives[pick % len(lives)]
        name = "max" if life.status == "WITH_ACCOUNT_MANAGER" else "rita"
        if life.taken_by is not None:
            name = life.taken_by.partition(":")[2]
        likely = ("approve", "pass_on", "send_back", "reject", "refuse", "hand_back", "approve", "take")
        self._decide(name, life, likely[pick // 8 % len(likely)], pick // 64, in_words)

    def _decide(self, name: str, life: Life, action: str, pick: int, in_words: bool) -> None:
        values: dict[str, Any] = {}
        if action in ("approve", "refuse") and pick % 3:
            values["sender_id"] = life.names[pick % len(life.names)].text if life.names and pick % 5 else "NOBODY"
        if action in ("refuse", "send_back", "reject", "hand_back") and pick % 7:
            values["why"] = [REASONS[pick % len(REASONS)], f"see {self.world.sign(life.owner, life)}"]
        if action in ("send_back", "reject") and not in_words:
            values["papers"] = [slot for slot in life.wanted() if pick % 2]
            values["fields"] = [one.name for one in life.asks()][pick % 9 :: 9]
        if action == "overrule":
            judged = [one.name for one in life.pack.fields if one.judgement] or ["city"]
            values = {"field": judged[pick % len(judged)], "value": bool(pick % 2)}
            in_words = False
        note(f"{name}: {action} {life.reference} ({life.status})")
        self.world.decides(name, life, action, in_words, **values)

    @rule(pick=pick, first=some.booleans())
    def takes_back_while_it_is_opened(self, pick: int, first: bool) -> None:
        """A reviewer's click and a customer's word in one batch."""
        world = self.world
        there = [
            one for one in world.customers if (life := world.on(one)) and life.status == "UNDER_REVIEW" and one != "ada"
        ]
        if there and not world.paused:
            world.at_once(there[pick % len(there)], "take back", "rita", "open", first)

    # --- the house

    @rule(span=some.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.world.wakes(span)

    @rule(fail=some.sampled_from((False, False, True)))
    def works(self, fail: bool) -> None:
        self.world.works(fail)

    @rule()
    def restarts(self) -> None:
        self.world.restarts()

    @rule(paused=some.sampled_from((False, False, True)))
    def pauses(self, paused: bool) -> None:
        self.world.pauses(paused)


def run(chance: random.Random, folder: Path, runs: int, *begin_in: str) -> None:
    machine = type("Conversations", (Conversations,), {"folder": folder, "begin_in": begin_in})
    # Shrinking may take minutes: SHRINK=1 asks for it, once a seed is known that fails.
    phases = (Phase.generate, Phase.shrink) if os.environ.get("SHRINK") else (Phase.generate,)
    get_state_machine_test(seed(chance.getrandbits(32))(machine), settings=settings(
        max_examples=runs, stateful_step_count=STEPS, deadline=None, database=None, derandomize=False,
        suppress_health_check=list(HealthCheck), phases=phases, report_multiple_bugs=False,
    ))()  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """What survives a power cut is proved elsewhere; here the database is closed and opened, and nothing is killed."""
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda handle: None)
    yield
    patch.undo()


# A class each, so that they are spread over workers. Together 2,200 runs of 50 steps.


class TestLetters:
    def test_conversations_about_letters(self, chance: random.Random, share: Share, tmp_path: Path) -> None:
        run(chance, tmp_path, share.of(600), "TH", "PH", "TR", "ID", "EG", "SA")


class TestOwnPapers:
    def test_conversations_about_own_papers_or_none(self, chance: random.Random, share: Share, tmp_path: Path) -> None:
        run(chance, tmp_path, share.of(500), "AT", "KE", "GB", "AF", "HK", "AE")


class TestManagers:
    def test_conversations_with_managers(self, chance: random.Random, share: Share, tmp_path: Path) -> None:
        run(chance, tmp_path, share.of(400), "VN", "RU", "CN", "KZ", "KH")


class TestRegistries:
    def test_conversations_about_registries(self, chance: random.Random, share: Share, tmp_path: Path) -> None:
        run(chance, tmp_path, share.of(500), "SG", "IE", "IN", "ES", "AU")


class TestTogether:
    def test_conversations_about_several_countries(self, chance: random.Random, share: Share, tmp_path: Path) -> None:
        run(
            chance,
            tmp_path,
            share.of(200),
            "TH AE",
            "GB KE VN",
            "SG TH",
            "IE TH GB",
            "CN VN KE",
            "KE EG NG",
            "AE TH KW",
        )
