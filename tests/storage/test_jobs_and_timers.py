"""What every store promises of work and time."""

from __future__ import annotations

from datetime import timedelta

from turns_to_take import NOW, advance, answers, desk, doing, ids, registration_of, take, typed

from conversations.model import Case, Effect, Event, Fetch, Forget, Kind, Remind, Render, Say, Status, Turn
from storage.store import Job, Store, job_event_id

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def does(store: Store, *effects: Effect) -> None:
    take(store, typed("x"), by=doing(*effects))


def begun(store: Store) -> int:
    """The number of a registration without timers."""
    take(store, typed("one"))
    number = registration_of(store).id
    does(store, Forget(number, "end"))
    return number


def result(job: Job, **more: object) -> Event:
    return Event(job_event_id(job.id), Kind.JOB, NOW, registration=job.registration, name="rendered", result=more)


def test_a_timer_is_due_at_its_time_and_settled_by_its_turn(store: Store) -> None:
    number = begun(store)
    does(store, Remind(number, "nudge", NOW + HOUR))
    assert store.due(NOW + HOUR - timedelta(microseconds=1), 10) == []
    (event,) = store.due(NOW + HOUR, 10)
    assert (event.kind, event.registration, event.name, event.at) == (Kind.TIMER, number, "nudge", NOW + HOUR)
    seen: list[str] = []

    def look(case: Case, event: Event) -> Turn:
        seen.append(case.conversation.chat)
        return Turn(case)

    take(store, event, by=look)
    assert seen == ["web:anna"]
    assert store.due(NOW + DAY, 10) == [] and take(store, event) == []


def test_a_timer_of_a_name_is_moved_or_taken_back(store: Store) -> None:
    number = begun(store)
    does(store, Remind(number, "nudge", NOW + HOUR), Remind(number, "other", NOW + HOUR))
    does(store, Remind(number, "nudge", NOW + DAY))
    assert [event.name for event in store.due(NOW + HOUR, 10)] == ["other"]
    does(store, Forget(number, "other"), Forget(number, "never set"))
    assert [event.name for event in store.due(NOW + DAY, 10)] == ["nudge"]
    does(store, Remind(number, "nudge", NOW + HOUR), Forget(number, "nudge"))
    assert store.due(NOW + DAY, 10) == []


def test_a_timer_moved_since_it_was_due_is_noted_and_dropped(store: Store) -> None:
    number = begun(store)
    does(store, Remind(number, "nudge", NOW))
    (event,) = store.due(NOW, 10)
    does(store, Remind(number, "nudge", NOW + DAY))
    assert take(store, event) == []
    assert [event.name for event in store.due(NOW + DAY, 10)] == ["nudge"]


def test_a_timer_moved_by_an_earlier_turn_of_its_batch_drops_out(store: Store) -> None:
    number = begun(store)
    does(store, Remind(number, "nudge", NOW))
    (event,) = store.due(NOW, 10)
    first = typed("x")
    assert ids(take(store, first, event, by=doing(Remind(number, "nudge", NOW + DAY)))) == [first.id]
    assert len(store.due(NOW + DAY, 10)) == 1


def test_a_timer_set_anew_by_its_own_turn_is_another_event(store: Store) -> None:
    number = begun(store)
    does(store, Remind(number, "nudge", NOW))
    (event,) = store.due(NOW, 10)
    take(store, event, by=doing(Remind(number, "nudge", NOW)))
    (again,) = store.due(NOW, 10)
    assert again.id != event.id
    assert len(take(store, again, by=doing())) == 1
    assert store.due(NOW, 10) == []


def test_a_timer_whose_turn_fails_does_not_fire_for_ever(store: Store) -> None:
    number = begun(store)
    does(store, Remind(number, "nudge", NOW))
    (event,) = store.due(NOW, 10)

    def bug(case: Case, event: Event) -> Turn:
        raise ValueError

    take(store, event, by=bug)
    assert store.due(NOW, 10) == []
    assert [outgoing.say.key for outgoing in store.claim("web", NOW, 10, 60)] == ["noted"]
    with store.transaction():
        again = store.unfail(store.failures()[0].id)
        assert again == event
        assert len(take(store, event, by=doing())) == 1
    assert store.due(NOW, 10) == [] and store.failures() == []


def test_timers_come_in_the_order_of_their_times(store: Store) -> None:
    number = begun(store)
    does(store, *(Remind(number, f"n{hours}", NOW + hours * HOUR) for hours in (3, 1, 2)))
    assert [event.name for event in store.due(NOW + DAY, 2)] == ["n1", "n2"]


def test_a_job_is_claimed_by_one_until_its_lease_runs_out(store: Store) -> None:
    number = begun(store)
    does(store, Render(number, 3, ({"slot": "loa", "facts": ("a", 1)},)), Fetch(1, None, ((7, "tg:abc"),)))
    render, fetch = store.claim_jobs(NOW, 10, 60)
    assert (render.name, render.registration, render.attempts) == ("render", number, 0)
    assert render.payload == {"asked": 3, "letters": [{"slot": "loa", "facts": ("a", 1)}]}
    assert (fetch.name, fetch.registration, fetch.conversation) == ("look_into", None, 1)
    assert fetch.payload == {"uploads": [[7, "tg:abc"]]}
    assert store.claim_jobs(NOW + timedelta(seconds=59), 10, 60) == []
    assert [job.attempts for job in store.claim_jobs(NOW + timedelta(seconds=60), 10, 60)] == [1, 1]
    store.retry_job(render.id, NOW + HOUR)
    store.finish_job(fetch.id)
    assert store.next_due() is not None
    assert [job.id for job in store.claim_jobs(NOW + HOUR, 10, 60)] == [render.id]


def test_a_job_is_settled_by_its_results_turn(store: Store) -> None:
    number = begun(store)
    does(store, Render(number, 1, ()))
    (job,) = store.claim_jobs(NOW, 10, 60)
    assert len(take(store, result(job, pages=2), by=doing())) == 1
    assert store.claim_jobs(NOW + DAY, 10, 60) == []
    assert take(store, result(job)) == []  # of a second worker, whose lease had run out


def test_a_job_whose_turn_fails_is_settled_and_can_be_replayed(store: Store) -> None:
    number = begun(store)
    does(store, Render(number, 1, ()))
    (job,) = store.claim_jobs(NOW, 10, 60)
    take(store, result(job, pages=(1, 2)), by=doing(Say("x", to=999)))  # to a chat that is not there
    assert store.claim_jobs(NOW + DAY, 10, 60) == []
    with store.transaction():
        event = store.unfail(store.failures()[0].id)
        assert event == result(job, pages=(1, 2))
        assert len(take(store, event, by=doing())) == 1


def test_work_and_time_of_an_erased_registration_are_gone(store: Store) -> None:
    take(store, typed("one"))
    number = registration_of(store).id
    does(store, Render(number, 1, ()), Remind(number, "nudge", NOW))
    (job,), (timer,) = store.claim_jobs(NOW, 10, 60), store.due(NOW, 10)
    late, erase = result(job), desk(number, "erase")
    assert ids(take(store, erase, late, timer)) == [erase.id]
    assert take(store, late, timer) == []
    assert [(job.name, job.payload) for job in store.claim_jobs(NOW + DAY, 10, 60)] == [
        ("erase_files", {"prefix": f"r{number}"})
    ]
    assert store.due(NOW + 60 * DAY, 10) == []


def test_a_result_for_a_chat_without_a_registration_acts_on_the_chat(store: Store) -> None:
    take(store, typed("hello"))
    looked = Event("job:1", Kind.JOB, NOW, conversation=1, name="looked_into")
    assert len(take(store, looked, by=doing(Say("early_file")))) == 1
    assert len(take(store, typed("one"), by=advance)) == 1
    assert answers(store) == ["one"]


def test_chats_take_turns_with_their_jobs(store: Store) -> None:
    def fetches(case: Case, event: Event) -> Turn:
        return Turn(case, [Fetch(case.conversation.id, None, ())])

    for chat in ("web:anna", "web:bea", "web:cleo"):
        for _ in range(3):
            take(store, typed("x", chat=chat), by=fetches)
    claimed: list[int | None] = []
    while jobs := store.claim_jobs(NOW, 1, 60.0):
        claimed += [job.conversation for job in jobs]
    assert len(claimed) == 9 and claimed[:3] == claimed[3:6] == claimed[6:] and len(set(claimed)) == 3


def test_a_busy_chat_and_an_unwanted_kind_of_job_are_passed_over(store: Store) -> None:
    for chat in ("web:anna", "web:bea"):
        take(
            store, typed("x", chat=chat), by=lambda case, event: Turn(case, [Fetch(case.conversation.id, None, ())] * 2)
        )
    (first,) = store.claim_jobs(NOW, 1, 60.0)
    assert first.conversation
    assert store.claim_jobs(NOW, 9, 60.0, busy=[first.conversation], without="look_into") == []
    others = store.claim_jobs(NOW, 9, 60.0, busy=[first.conversation])
    assert len(others) == 2 and first.conversation not in {job.conversation for job in others}
    assert len(store.claim_jobs(NOW, 9, 60.0)) == 1


def test_registrations_of_a_country_are_woken_by_their_status(store: Store) -> None:
    number = begun(store)
    registration = registration_of(store)
    assert store.countries() == {registration.country}
    does(store, Remind(number, "rules", NOW + DAY))
    others = [status for status in Status if status is not registration.status]
    assert store.wake("rules", [registration.country], others, NOW) == 0
    assert store.wake("rules", ["QQ"], list(Status), NOW) == 0
    assert store.due(NOW, 10) == []
    assert store.wake("rules", ["QQ", registration.country], [registration.status], NOW) == 1
    (event,) = store.due(NOW, 10)
    assert (event.registration, event.name) == (number, "rules")
    take(store, event)
    assert store.due(NOW + DAY, 10) == [], "it was set anew, not twice"
