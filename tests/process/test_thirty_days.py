"""Thirty days, drilled with `tick` in a real process: reminded in time, deleted after a warning, a receipt left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from client import Chat, Customer, Desk, Line, Place, Refused, Terminal

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
OF_PAPERS = (14 * DAY, 7 * DAY, 3 * DAY, DAY, 2 * HOUR)
OF_DRAFTS = (7 * DAY, DAY)
# None of them changes its clocks, and they lie so close that one of them always has the hour wanted.
ZONES = ("Pacific/Honolulu", "America/Phoenix", "America/Bogota", "UTC", "Asia/Dubai", "Asia/Bangkok", "Asia/Tokyo",
         "Pacific/Tarawa")  # fmt: skip
RECEIPT = {"reference", "country", "status", "opened_at", "closed_at", "why"}
RETENTION = 5  # days
SEND_BACK = "The licence is of another company"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Place]:
    """An installation of its own for each test: its clock goes forward only."""
    place = Place(tmp_path / "desk", RETENTION_DAYS=str(RETENTION))
    terminal = Terminal(place, "landlord")
    terminal.says("hello")
    yield place
    assert terminal.close() == 0
    assert terminal.errors.read_text() == ""


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One installation for the tests that let no time pass."""
    place = Place(tmp_path_factory.mktemp("rest") / "desk")
    with Terminal(place, "landlord") as terminal:
        terminal.says("hello")
        yield place


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def ticks(house: Place, at: datetime) -> list[tuple[str, str, str]]:
    """(did, registration, key) of all that was done as of then."""
    lines = house.tick(stamp(at))
    assert all(set(line) == {"at", "did", "registration", "key"} and line["at"] == stamp(at) for line in lines)
    return [(line["did"], line["registration"], line["key"]) for line in lines]


def did(house: Place, at: datetime, reference: str) -> list[str]:
    return [what for what, about, _ in ticks(house, at) if about == reference]


def end_of(house: Place, reference: str) -> datetime:
    return datetime.fromisoformat(house.case(reference)["ends_at"])


def waits(house: Place, name: str, country: str, until: str, hours: range | None = None) -> tuple[Customer, str]:
    """A customer who stopped there; `hours`: of the day on whose clock the registration ends."""
    customer = Customer(Chat(house, name), country, photos=False)
    customer.register(until)
    assert customer.reference
    if hours:
        end = end_of(house, customer.reference)
        zone = next(zone for zone in ZONES if end.astimezone(ZoneInfo(zone)).hour in hours)
        told = customer.chat.says(f"my time zone is {zone}")
        assert zone in told[0]["text"]
    return customer, customer.reference


AFTERNOON, NIGHT = range(12, 18), (21, 22, 23, 0, 1, 2)


def the_next_morning(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    if time(9) <= local.time() < time(20):
        return at
    day = local.date() + (timedelta(0) if local.time() < time(9) else DAY)
    return datetime.combine(day, time(9), zone).astimezone(UTC)


@pytest.mark.parametrize("hours", [AFTERNOON, NIGHT], ids=["by day", "by night"])
@pytest.mark.parametrize(
    ("country", "until", "before"),
    [("IE", "documents", OF_PAPERS), ("AF", "asking", OF_DRAFTS)],
    ids=["papers", "draft"],
)
def test_reminders_come_in_time_on_the_customers_own_clock_and_then_it_is_deleted(
    house: Place, hours: range, country: str, until: str, before: tuple[timedelta, ...]
) -> None:
    customer, reference = waits(house, "petra", country, until, hours)
    end = end_of(house, reference)
    zone = next(ZoneInfo(zone) for zone in ZONES if end.astimezone(ZoneInfo(zone)).hour in hours)
    customer.chat.pushes()
    raw = [end - ahead for ahead in before]
    for number, at in enumerate(raw):
        last = number == len(raw) - 1
        at = at if last else min(the_next_morning(at, zone), raw[number + 1])
        assert did(house, at - MINUTE, reference) == [], f"{before[number]} before the end comes too early"
        assert did(house, at + SECOND, reference) == ["reminder", "sent"], f"{before[number]} before the end"
        pushed = customer.chat.next_push()
        assert pushed["pushed"] is True and "end" not in pushed and pushed["registration"] == reference
    assert end_of(house, reference) == end, "a reminder does not move an end it came in time for"
    assert did(house, end - MINUTE, reference) == []
    assert sorted(did(house, end + MINUTE, reference)) == ["deleted", "expired", "job", "sent"]
    closing = customer.chat.next_push()
    assert closing["registration"] == reference and closing["status"] == "EXPIRED"
    is_a_receipt(house, reference, "EXPIRED", end + MINUTE)
    assert customer.chat.says("/start")[-1]["step"] == "country", "the chat goes on"


def is_a_receipt(house: Place, reference: str, status: str, closed_at: datetime) -> None:
    receipt = house.case(reference)
    assert set(receipt) == RECEIPT
    assert (receipt["reference"], receipt["country"], receipt["status"]) == (reference, reference[:2], status)
    assert receipt["closed_at"] == stamp(closed_at)
    assert receipt["why"]
    assert receipt in house.order("case list")


def test_day_by_day_nothing_is_said_but_the_reminders(house: Place) -> None:
    _, papers = waits(house, "petra", "IE", "documents", AFTERNOON)
    _, draft = waits(house, "dora", "AF", "asking", AFTERNOON)
    end = max(end_of(house, papers), end_of(house, draft)) + MINUTE
    said: list[tuple[int, str, str]] = []
    for days, at in [*((days, end - days * DAY) for days in range(29, 0, -1)), (0, end - 2 * HOUR), (0, end)]:
        said += [(days, what, about) for what, about, _ in ticks(house, at) if what not in ("sent", "job")]
    of = {one: [(days, what) for days, what, about in said if about == one] for one in (papers, draft)}
    assert of[papers] == [*((days, "reminder") for days in (14, 7, 3, 1, 0)), (0, "expired"), (0, "deleted")]
    assert of[draft] == [*((days, "reminder") for days in (7, 1)), (0, "expired"), (0, "deleted")]


def test_after_forty_days_asleep_there_is_one_reminder_and_24_hours_more(house: Place) -> None:
    papers, draft = waits(house, "petra", "IE", "documents"), waits(house, "dora", "AF", "asking")
    waking = datetime.now(UTC).replace(microsecond=0) + 40 * DAY
    done = ticks(house, waking)
    for customer, reference in (papers, draft):
        assert [what for what, about, _ in done if about == reference] == ["reminder", "postponed", "sent"]
        assert len(customer.chat.pushes(least=1)) == 1
        assert house.case(reference)["status"] in ("DRAFT", "DOCUMENTS_RENDERED")
        assert end_of(house, reference) == waking + DAY, "24 hours after the delivery"
    nearly = ticks(house, waking + DAY - MINUTE)
    assert not [what for what, _, _ in nearly if what in ("expired", "deleted")], nearly
    assert [about for what, about, _ in nearly if what == "reminder"] == [papers[1]], "papers have one 2 hours before"
    ticks(house, waking + DAY + SECOND)
    for _, reference in (papers, draft):
        is_a_receipt(house, reference, "EXPIRED", waking + DAY + SECOND)


def test_a_word_of_the_customer_moves_the_end_of_a_draft_but_not_of_papers(at_rest: Place) -> None:
    papers, draft = waits(at_rest, "petra-2", "IE", "documents"), waits(at_rest, "dora", "AF", "asking")
    ends = {reference: end_of(at_rest, reference) for _, reference in (papers, draft)}
    now = datetime.now(UTC)
    while datetime.now(UTC) < now + SECOND:  # times are told to the second
        for customer, _ in (papers, draft):
            customer.chat.says("help")
    assert end_of(at_rest, papers[1]) == ends[papers[1]]
    assert end_of(at_rest, draft[1]) > ends[draft[1]]


def test_the_clock_stands_still_under_review_and_a_send_back_gives_thirty_new_days(house: Place) -> None:
    reviewer = Desk(house, "rob", "reviewer")
    customer, reference = waits(house, "rita", "IE", "tracking")
    assert house.case(reference)["ends_at"] is None
    now = datetime.now(UTC)
    for days in (20, 40, 60):
        assert not {"reminder", "expired", "deleted"} & set(did(house, now + days * DAY, reference))
    assert house.case(reference)["status"] == "UNDER_REVIEW"
    reviewer.decides(f"send back {reference}: {SEND_BACK}")
    shown = house.case(reference)
    assert shown["status"] == "NEEDS_CORRECTION"
    sent_back = next(line["at"] for line in shown["history"] if line["trigger"] == "send_back")
    assert end_of(house, reference) == datetime.fromisoformat(sent_back) + 30 * DAY
    assert any(SEND_BACK in line["text"] for line in customer.chat.pushes(least=1))


def test_a_registration_taken_back_has_the_time_it_had_left(at_rest: Place) -> None:
    customer, reference = waits(at_rest, "tina", "IE", "documents")
    end = end_of(at_rest, reference)
    customer.register()
    assert at_rest.case(reference)["ends_at"] is None
    customer.note(customer.chat.says("take back"))
    assert customer.status == "DOCUMENTS_RENDERED"
    assert timedelta(0) <= end_of(at_rest, reference) - end <= 30 * SECOND


def test_a_withdrawal_deletes_at_once_and_leaves_the_receipt(at_rest: Place) -> None:
    customer, reference = waits(at_rest, "wanda", "IE", "documents")
    said = [customer.chat.says(word)[-1] for word in ("cancel", "withdraw", "yes")]
    assert [line["step"] for line in said[:2]] == ["cancelling", "withdrawing"]
    receipt = at_rest.case(reference)
    assert set(receipt) == RECEIPT and receipt["status"] == "WITHDRAWN"
    assert said[2]["step"] == "country"


def test_outcomes_are_kept_for_the_retention_time_and_then_deleted(house: Place) -> None:
    reviewer = Desk(house, "rob", "reviewer")
    decided = {}
    for name, word, status in (("suki", "approve {}", "SUCCESSFUL"), ("fay", "reject {}: Not theirs", "FAILED")):
        _, reference = waits(house, name, "AF", "tracking")
        reviewer.decides(word.format(reference))
        history: list[Line] = house.case(reference)["history"]
        decided[reference] = (
            status,
            next(
                datetime.fromisoformat(line["at"])
                for line in history
                if line["to"] == status and line["from"] != status
            ),
        )
    last = max(at for _, at in decided.values())
    done = ticks(house, min(at for _, at in decided.values()) + RETENTION * DAY - SECOND)
    assert not [what for what, _, _ in done if what == "deleted"]
    done = ticks(house, last + RETENTION * DAY + SECOND)
    assert {about for what, about, _ in done if what == "deleted"} == set(decided)
    for reference, (status, at) in decided.items():
        is_a_receipt(house, reference, status, at)


def test_no_state_waits_for_ever_in_silence(house: Place) -> None:
    registering = waits(house, "sam", "SG", "registry")
    registering[0].chat.says("later")
    managed, reviewed = waits(house, "hana", "VN", "tracking"), waits(house, "rita", "AF", "tracking")
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)  # nobody is nudged at night
    done = [line for days in range(1, 16) for line in ticks(house, noon + days * DAY)]
    for _, reference in (managed, reviewed):
        assert "desk_card" in {what for what, about, _ in done if about == reference}, "the desk is nudged"
    for customer, reference in (registering, managed, reviewed):
        assert "nudged" in {what for what, about, _ in done if about == reference}, "the customer hears of it"
        assert customer.chat.pushes(least=1)


def test_time_does_not_go_back_and_a_time_is_a_time(house: Place) -> None:
    later = datetime.now(UTC) + DAY
    house.tick(stamp(later))
    with pytest.raises(Refused) as refused:
        house.tick(stamp(later - SECOND))
    assert refused.value.code == 2 and "does not go back" in refused.value.text
    house.tick(stamp(later))
    for at, says in ((stamp(later - DAY), "does not go back"), ("tomorrow", "is not a time")):
        ended = house.command("tick", "--at", at)
        assert ended.returncode == 2 and says in ended.stderr and ended.stdout == ""


def test_a_time_zone_is_taken_by_name_and_a_wrong_one_is_refused(at_rest: Place) -> None:
    customer, _ = waits(at_rest, "zoe", "AF", "asking")
    asked = customer.last["field"]
    for words, known in (("my time zone is Asia/Bangkok", True), ("my time zone is Middle-earth", False)):
        told = customer.chat.says(words)
        assert ("don't know" not in told[0]["text"]) is known and "Asia/Bangkok" in told[0]["text"]
        assert told[-1]["field"] == asked, "the same question again"
