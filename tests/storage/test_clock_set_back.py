"""What every store promises when the machine's clock was wrong and is set right."""

from __future__ import annotations

from datetime import timedelta

from turns_to_take import NOW, doing, registration_of, take, typed

from conversations.model import Remind, Render
from storage.store import Store

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)


def test_what_was_put_off_by_a_wrong_clock_waits_as_long_as_it_was_meant_to(store: Store) -> None:
    take(store, typed("one"))
    wrong = NOW + 400 * DAY
    (message,) = store.claim("web", wrong, 10, 60.0)
    store.retry(message.id, wrong + 30 * SECOND)
    take(store, typed("x"), by=doing(Render(registration_of(store).id, 1, ())))
    (job,) = store.claim_jobs(wrong, 10, 60.0)
    store.retry_job(job.id, wrong + 30 * SECOND)
    store.set_back(400 * DAY)
    assert store.claim("web", NOW + 29 * SECOND, 10, 60.0) == store.claim_jobs(NOW + 29 * SECOND, 10, 60.0) == []
    assert [one.id for one in store.claim("web", NOW + 30 * SECOND, 10, 60.0)] == [message.id]
    assert [one.id for one in store.claim_jobs(NOW + 30 * SECOND, 10, 60.0)] == [job.id]


def test_every_timer_looks_anew_after_the_clock_went_back_and_each_time_it_does(store: Store) -> None:
    take(store, typed("one"))
    number = registration_of(store).id
    for _ in range(2):
        take(store, typed("x"), by=doing(Remind(number, "nudge", NOW + 2 * DAY), Remind(number, "end", NOW + 30 * DAY)))
        store.set_back(HOUR)
        due = store.due(NOW, 10)
        assert {"nudge", "end"} <= {event.name for event in due}
        assert len(take(store, *due, by=doing())) == len(due)
        assert store.due(NOW + 30 * DAY, 10) == []


def test_what_is_due_later_is_seen_behind_what_stays_due(store: Store) -> None:
    take(store, typed("one"))
    number = registration_of(store).id
    take(store, typed("x"), by=doing(Remind(number, "nudge", NOW + HOUR)))
    overdue, following = store.next_due(), store.next_due(NOW)
    assert overdue is not None and overdue <= NOW and following == NOW + HOUR


def test_the_time_last_written_is_that_of_the_newest_message_unless_tick_played_with_it(store: Store) -> None:
    assert store.last_written() is None
    take(store, typed("one"))
    assert store.last_written() == NOW
    store.put_setting("last_tick", NOW.isoformat())
    assert store.last_written() is None
