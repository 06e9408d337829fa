"""The plan of several countries: its numbers against the packs, its order, what it leads to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playing import START, Chat, House
from steps_to_reach import reach

from conversations.countries.overview import Span, overview
from conversations.limits import PLANS
from conversations.model import Step
from rules.book import Book
from rules.fit import MESSAGE, units
from rules.schema import Document, FieldType, Pack, Route

TODAY = date(2026, 11, 22)
SETS = [
    ("AE", "KE", "TH"),
    ("GB", "TH", "AE", "KE", "VN", "SG"),
    ("EG", "ID", "PH"),
    ("QA", "KW", "TZ", "BA"),
    ("FR", "US", "CN", "RU"),
]
BY_PEOPLE = (Route.ACCOUNT_MANAGER, Route.SELF_REGISTRATION, Route.TEMPLATE_APPROVAL)


def wanted(pack: Pack, purpose: str | None) -> list[list[Document]]:
    """The papers with every combination of answers that nothing stops, tried out one by one."""
    asked = {name for one in pack.documents if one.required_when for name in one.required_when.fields()}
    asked |= {
        name
        for field in pack.fields
        if field.name in asked and field.required_when
        for name in field.required_when.fields()
    }
    asked |= {
        name for field in pack.fields if field.name in asked for stop in field.stops_when for name in stop.when.fields()
    }
    fields = [field for field in pack.fields if field.name in asked]
    found = []
    for values in itertools.product(*(values_of(pack, field.name, purpose) for field in fields)):
        answers: dict[str, Any] = {}
        for field, value in zip(fields, values, strict=True):
            if field.required or field.required_when is None or field.required_when.holds(answers):
                answers[field.name] = value
        if any(stop.when.holds(answers) for field in fields for stop in field.stops_when):
            continue
        found.append(
            [one for one in pack.documents if one.required or (one.required_when and one.required_when.holds(answers))]
        )
    return found


def values_of(pack: Pack, name: str, purpose: str | None) -> tuple[Any, ...]:
    field = pack.field(name)
    if name == "message_type" and purpose:
        return (purpose,)
    if field.type is FieldType.BOOLEAN:
        return True, False
    if field.limits.choices:
        return field.limits.choices
    named = {
        value for one in pack.documents if one.required_when for value in str(one.required_when.model_dump()).split("'")
    }
    return (*sorted(value for value in named if len(value) == 2 and value.isupper()), "ZZ", None)


def counted(pack: Pack, purpose: str | None) -> dict[str, tuple[int, int]]:
    """Fewest and most letters, signatures, stamps and own papers."""
    if pack.route in BY_PEOPLE:
        return dict.fromkeys(("letters", "signatures", "stamps", "own"), (0, 0))
    ways = [
        {
            "letters": sum(times(one) for one in papers if one.template),
            "signatures": sum(times(one) for one in papers if one.signed),
            "stamps": sum(times(one) for one in papers if one.stamped),
            "own": sum(times(one) for one in papers if not one.template),
        }
        for papers in wanted(pack, purpose)
    ]
    return {what: (min(way[what] for way in ways), max(way[what] for way in ways)) for what in ways[0]}


def times(document: Document) -> int:
    return len(document.addressees) if len(document.addressees) > 1 and not document.one_for_all else 1


def spans(tally: Any) -> dict[str, tuple[int, int]]:
    names = ("letters", "signatures", "stamps", "own")
    return {name: (getattr(tally, name).low, getattr(tally, name).high) for name in names}


@pytest.mark.parametrize("purpose", [None, "otp", "promotional"])
def test_what_each_country_wants_is_what_its_answers_can_lead_to(book: Book, purpose: str | None) -> None:
    packs = [pack for pack in map(book.pack, book.codes) if pack.documents]
    checked = 0
    for pack in packs:
        (stage,) = overview(book, [pack.country], purpose, TODAY).stages
        if stage.can_start:
            checked += 1
            assert spans(stage.tally) == counted(pack, purpose), pack.country
    assert checked > 20


@pytest.mark.parametrize("codes", SETS, ids="-".join)
@pytest.mark.parametrize("purpose", [None, "otp", "promotional"])
def test_together_it_is_the_sum_and_ends_with_the_slowest(
    book: Book, codes: tuple[str, ...], purpose: str | None
) -> None:
    plan = overview(book, codes, purpose, TODAY)
    started = [book.pack(code) for code in plan.startable]
    for what, (low, high) in spans(plan.tally).items():
        each = [counted(pack, purpose)[what] for pack in started]
        assert (low, high) == (sum(one for one, _ in each), sum(one for _, one in each)), what
    reckoned = [pack.lead_time.days for pack in started if pack.lead_time.days and not pack.paused]
    ends = [TODAY + timedelta(days=max(days)) for days in zip(*reckoned, strict=True)] if reckoned else [None, None]
    assert [plan.first_day, plan.last_day] == ends
    assert plan.waiting == tuple(pack.country for pack in started if pack.paused)


@pytest.mark.parametrize("codes", SETS, ids="-".join)
def test_what_waits_on_others_goes_first_then_what_takes_longest(book: Book, codes: tuple[str, ...]) -> None:
    plan = overview(book, codes, None, TODAY)
    assert {stage.code for stage in plan.stages} == set(codes)
    assert [stage.number for stage in plan.stages if stage.number] == list(range(1, len(plan.startable) + 1))
    assert sorted(plan.stages, key=lambda stage: not stage.can_start) == list(plan.stages)
    for one, following in itertools.pairwise([stage.pack for stage in plan.stages if stage.can_start]):
        if bool(one.paused) == bool(following.paused) and waits(one) == waits(following):
            assert longest(one) >= longest(following), (one.country, following.country)
        assert waits(one) or not waits(following) or following.paused
        assert not (one.paused and not following.paused)


def waits(pack: Pack) -> bool:
    return pack.route in (*BY_PEOPLE, Route.SELF_REGISTRATION_THEN_FORM)


def longest(pack: Pack) -> int:
    return pack.lead_time.days[1] if pack.lead_time.days else -1


def test_one_sitting_covers_the_letters_that_one_person_signs(book: Book) -> None:
    plan = overview(book, ["TH", "AE", "QA"], "otp", TODAY)
    letters = [one for session in plan.sessions for one in session.letters]
    assert sum((session.count for session in plan.sessions), Span()) == plan.tally.letters
    assert {code for code, _ in letters} == {"TH", "AE", "QA"}
    assert len(plan.sessions) < len(letters)


def test_a_purpose_that_is_not_possible_is_not_started(book: Book) -> None:
    plan = overview(book, ["PH", "TH"], "promotional", TODAY)
    assert plan.startable == ("TH",)
    assert plan.stages[-1].code == "PH" and plan.stages[-1].fits.stop is not None


# --- in the chat ----------------------------------------------------------------------------------------------------


def test_a_plan_says_what_the_packs_say(chat: Chat, book: Book) -> None:
    chat.plays(("OTP to UAE, Kenya and Thailand", ["greeting", "plan", "ask_start"]))
    told, plan = chat.messages[-2].text, overview(book, ["AE", "KE", "TH"], "otp", START.date())
    assert told.startswith("Plan for login and security codes to 3 countries")
    assert in_order(told, [f"{stage.number}. {stage.pack.name}:" for stage in plan.stages])
    for what, noun in (("letters", "letters drawn here"), ("signatures", "signatures"), ("own", "papers to bring")):
        span = getattr(plan.tally, what)
        assert f"{span.low} to {span.high} {noun}" in told
    assert plan.first_day is not None and plan.last_day is not None
    assert all(f"{day.day} {day:%B %Y}" in told for day in (plan.first_day, plan.last_day))
    assert all(one.title in told for stage in plan.stages for one in stage.papers)
    paused = book.pack("AE").paused
    assert paused is not None and paused.text in told
    assert chat.last.values == ["start", "later", "pdf", "another"]


def in_order(text: str, parts: list[str]) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


def longest_sets(book: Book) -> Iterator[list[str]]:
    """Ten countries each, together all that have something to say, those with most papers first."""
    codes = sorted(
        book.codes, key=lambda code: -len(str(book.pack(code).model_dump(include={"documents", "uncertain", "fees"})))
    )
    for at in range(0, 70, 10):
        yield codes[at : at + 10]
    yield codes[:4]


def test_a_plan_fits_one_message_however_many_countries(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    for codes in longest_sets(book):
        for purpose in ("", "otp ", "promotional "):
            assert chat.types(f"plan {purpose}{' '.join(codes)}")[-1] in (
                "ask_country",
                "ask_start",
                "ask_other_country",
            )
            plan = chat.messages[-2]
            assert plan.key == "plan" and units(plan.text) <= MESSAGE, (codes, units(plan.text))


def test_all_of_a_plan_are_started_with_the_purpose_that_was_said(chat: Chat, house: House) -> None:
    chat.plays(
        ("OTP to UAE, Kenya and Thailand", "ask_start"), ("[start]", ["opened_several", "followed", "ask_field"])
    )
    assert [one.country for one in chat.case.registrations.values()] == ["KE", "TH", "AE"]
    assert {one.answers.get("message_type") for one in chat.case.registrations.values()} == {"otp"}
    assert {one.answers.get("use_case_category") for one in chat.case.registrations.values()} == {"one_time_password"}
    assert chat.summary.field != "message_type"


def test_of_a_plan_only_those_start_that_take_the_purpose(chat: Chat) -> None:
    chat.plays(("marketing to the Philippines, Thailand and France", "ask_start"), ("start", "ask_field"))
    assert [one.country for one in chat.case.registrations.values()] == ["TH"]


def test_where_no_country_takes_the_purpose_that_is_said(chat: Chat) -> None:
    chat.plays(
        ("marketing to Turkey and the Philippines", "ask_other_purpose"), ("start", ["plan", "ask_other_purpose"])
    )
    chat.plays(("OTP to Turkey and the Philippines", "ask_start"), ("start", "ask_field"))
    assert len(chat.case.registrations) == 2


def test_a_purpose_said_with_one_country_is_told_what_stands_against_it_and_taken_along(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"), ("marketing to the Philippines", ["briefing_form", "ask_start"]))
    assert "marketing cannot be sent under a registered name" in chat.messages[-2].text
    chat.plays(("OTP to Kenya", ["briefing_form", "ask_start"]))
    assert "Noted: you send login and security codes." in chat.messages[-2].text
    chat.plays(("start", "ask_field"))
    assert chat.on.answers["message_type"] == "otp"


def test_a_misspelt_country_of_several_is_told_and_not_lost(chat: Chat) -> None:
    chat.plays(("OTP to UAE, Kenia and Thailand", ["greeting", "plan", "ask_start"]))
    assert chat.messages[-2].text.startswith("I take it that you mean Kenya.")
    assert chat.case.conversation.cursor.countries == ["AE", "KE", "TH"]


@pytest.mark.parametrize("step", [Step.ASKING, Step.REVIEW, Step.DOCUMENTS, Step.PREVIEW])
def test_a_plan_asked_for_elsewhere_leaves_the_place_and_can_be_started_from_there(chat: Chat, step: Step) -> None:
    reach(chat, step)
    question, reference = chat.last.key, chat.reference
    assert chat.types("what do I need for alerts to Ghana and Kenya?") == ["plan", question]
    plan = chat.messages[-2]
    assert (
        plan.values == ["start transactional KE GH", "pdf transactional GH KE", "another"] and chat.step == step.value
    )
    assert chat.presses("start transactional KE GH", asked=plan.asked)[-1] == "ask_field"
    opened = [one for one in chat.case.registrations.values() if one.reference != reference]
    assert [(one.country, one.answers["message_type"]) for one in opened] == [
        ("KE", "transactional"),
        ("GH", "transactional"),
    ]


def test_paused_countries_of_a_plan_may_wait_while_the_others_start(chat: Chat) -> None:
    chat.plays(("OTP to UAE, Kenya and Thailand", "ask_start"), ("[later]", ["will_tell", "plan", "ask_start"]))
    chat.plays(("start", "ask_field"))
    assert sorted(one.country for one in chat.case.registrations.values()) == ["AE", "KE", "TH"]


# --- as a file ------------------------------------------------------------------------------------------------------


def test_the_pdf_comes_as_a_file_and_the_question_is_asked_again(chat: Chat, house: House) -> None:
    chat.plays(("OTP to UAE, Kenya and Thailand", "ask_start"), ("[pdf]", ["plan_being_drawn", "ask_start"]))
    assert house.works() == ["draw_plan"]
    assert chat.last.key == "plan_drawn_ready"
    (file,) = chat.last.say.files
    assert (file.name, file.media_type) == ("Sender-ID-plan-KE-TH-AE.pdf", "application/pdf")
    assert house.files.path(file.file).is_file()
    assert (chat.step, chat.case.registrations) == ("briefing", {})


def test_of_a_chats_plans_only_the_newest_file_is_kept(chat: Chat, house: House) -> None:
    chat.plays(("OTP to UAE, Kenya and Thailand", "ask_start"), ("[pdf]", "ask_start"))
    house.works()
    first = chat.last.say.files[0].file
    chat.plays(("pdf", "ask_start"))  # the same once more is the same file
    house.works()
    assert chat.last.say.files[0].file == first and house.files.path(first).is_file()
    chat.plays(("Kenya and Ghana", "ask_start"), ("pdf", "ask_start"))
    assert house.works() == ["draw_plan", "erase_files"]
    second = chat.last.say.files[0].file
    assert not house.files.path(first).exists() and house.files.path(second).is_file()
    assert chat.case.conversation.plan_file == second


def test_a_plan_belongs_to_its_chat_even_when_a_registration_begins_meanwhile(chat: Chat, house: House) -> None:
    chat.plays(("Kenya and Ghana", "ask_start"), ("[pdf]", "ask_start"), ("[start]", "ask_field"))
    house.works()
    assert chat.last.key == "plan_drawn_ready"
    (file,) = chat.last.say.files
    assert file.file.startswith(f"p{chat.case.conversation.id}/")


def test_only_so_many_plans_are_drawn_in_a_day(chat: Chat, house: House) -> None:
    chat.plays(("Kenya and Ghana", "ask_start"))
    for _ in range(PLANS):
        assert chat.presses("pdf") == ["plan_being_drawn", "ask_start"]
    chat.plays(("pdf", ["too_many_plans", "ask_start"]))
    assert house.works().count("draw_plan") == PLANS
    house.clock.set_to(house.now + timedelta(days=1))
    chat.plays(("pdf", ["plan_being_drawn", "ask_start"]))


def test_a_plan_that_could_not_be_drawn_is_said(chat: Chat, house: House) -> None:
    chat.plays(("Kenya and Ghana", "ask_start"), ("[pdf]", "ask_start"))
    house.works(fail=True)
    assert chat.last.key == "plan_not_drawn" and chat.case.conversation.plan_file is None
