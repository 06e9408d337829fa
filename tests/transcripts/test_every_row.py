"""Every row of both tables is walked by a transcript: by what a person can send, a due timer, a job's result."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import test_asides
import test_desk
import test_life
import test_profile
import test_routes
import test_sender_ids
import test_several
import test_uploads
from playing import House
from transitions import EventData

from bot.words import Catalogs
from conversations import flow, lifecycle
from conversations.machine import Table
from conversations.model import Role, Status
from rules.book import Book

Row = tuple[str, str, str, str | None]  # trigger, source, dest, guard
Transcript = Callable[..., None]

# Chosen so that together they walk every row. A new row needs a transcript here.
WALKS: list[tuple[Transcript, dict[str, Any]]] = [
    (test_routes.test_a_thai_registration_reaches_successful, {}),
    (test_routes.test_a_kenyan_registration_of_an_international_brand_needs_own_papers_only, {}),
    (test_routes.test_vietnam_is_handed_to_an_account_manager_with_everything_said, {}),
    (test_routes.test_a_handed_over_registration_comes_back_with_the_managers_words, {}),
    (test_routes.test_singapore_without_the_number_waits_for_it, {}),
    (test_routes.test_a_waiting_self_registration_can_go_back_to_the_answers, {}),
    (test_routes.test_ireland_without_the_number_waits_and_the_form_follows_it, {}),
    (test_sender_ids.test_a_name_is_asked_how_it_belongs_to_the_company_only_when_that_is_not_plain, {}),
    (test_desk.test_a_registration_is_taken_back_while_nobody_has_opened_it, {}),
    (test_desk.test_taken_back_without_papers_it_is_a_draft_again, {}),
    (test_desk.test_a_correction_names_the_reasons_and_the_papers_wanted_again, {}),
    (test_desk.test_a_paper_asked_for_again_is_missing_until_it_is_sent, {}),
    (test_asides.test_cancel_keeps_for_later_or_withdraws_for_good, {}),
    (test_life.test_an_answer_a_letter_shows_draws_the_letters_anew, {}),
    *((test_life.test_an_answer_no_letter_shows_is_edited_where_it_is, {"status": status})
      for status in (Status.DOCUMENTS_RENDERED, Status.DOCUMENTS_TO_BE_RENDERED, Status.NEEDS_CORRECTION)),
    *((test_life.test_a_registration_can_be_withdrawn_in_every_open_status, {"status": status})
      for status in lifecycle.OPEN),
    *((test_life.test_what_waits_on_its_customer_ends_after_thirty_days_of_silence, {"status": status})
      for status in lifecycle.WAITS_ON_CUSTOMER),
    *((test_life.test_whoever_has_it_decides_it, {"status": status, "decision": decision})
      for status in (Status.UNDER_REVIEW, Status.WITH_CARRIER, Status.WITH_ACCOUNT_MANAGER)
      for decision in ("approve", "reject")),
    *((test_life.test_it_comes_back_from_the_review_and_from_the_carrier, {"status": status})
      for status in (Status.UNDER_REVIEW, Status.WITH_CARRIER)),
    (test_profile.test_it_is_offered_for_the_next_and_only_what_is_missing_is_asked, {}),
    (test_sender_ids.test_another_name_typed_at_the_doubt_replaces_the_doubted_one, {}),
    (test_several.test_a_misspelt_country_is_confirmed_before_anything_else, {}),
    (test_uploads.test_files_can_be_told_apart_one_by_one, {}),
]  # fmt: skip


def play(transcript: Transcript, values: dict[str, Any], folder: Path, book: Book, catalogs: Catalogs) -> None:
    """Play a transcript of another file in a house of its own."""
    house = House(folder, book, catalogs)
    made: dict[str, Any] = {"house": house, "chat": house.customer(), **values}
    makers: dict[str, Callable[[], Any]] = {
        "reviewer": lambda: house.staff(Role.REVIEWER, "rita"),
        "manager": lambda: house.staff(Role.ACCOUNT_MANAGER, "max"),
        "papers": lambda: inspect.unwrap(test_uploads.papers)(made["chat"], house),
        "names": lambda: inspect.unwrap(test_sender_ids.names)(made["chat"]),
    }
    try:
        wanted = list(inspect.signature(transcript).parameters)
        for name in wanted:
            if name not in made:
                made[name] = makers[name]()
        transcript(**{name: made[name] for name in wanted})
    finally:
        house.close()


@contextmanager
def noted(table: Table[Any], rows: set[Row]) -> Iterator[None]:
    """Every move of the table's machine, by the row that was taken."""

    def note(event: EventData) -> None:
        done = event.transition
        guards = [condition.func.__name__ for condition in done.conditions]
        rows.add((event.event.name, done.source, done.dest, guards[0] if guards else None))

    table._machine.after_state_change.append(note)
    try:
        yield
    finally:
        table._machine.after_state_change.remove(note)


def published(table: list[Any]) -> list[Row]:
    """A table with one row for each source it names."""
    found = []
    for trigger, source, dest, guard in table:
        for one in source if isinstance(source, tuple) else (source,):
            found.append((trigger, one.name, (one if dest is None else dest).name, guard.__name__ if guard else None))
    return found


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, book: Book, catalogs: Catalogs) -> dict[str, set[Row]]:
    """The rows walked by the transcripts, of both machines."""
    life: set[Row] = set()
    dialogue: set[Row] = set()
    patch = pytest.MonkeyPatch()
    patch.setattr("os.fsync", lambda handle: None)
    with noted(lifecycle.MACHINE, life), noted(flow.MACHINE, dialogue):
        for number, (transcript, values) in enumerate(WALKS):
            play(transcript, values, tmp_path_factory.mktemp(f"walk{number}"), book, catalogs)
    patch.undo()
    return {"life": life, "dialogue": dialogue}


def test_every_row_of_the_life_of_a_registration_is_walked_from_each_of_its_sources(
    walked: dict[str, set[Row]],
) -> None:
    rows = published(lifecycle.LIFECYCLE)
    missing = [row for row in rows if row not in walked["life"]]
    print(f"LIFECYCLE: {len(rows) - len(missing)} of {len(rows)} walked ({len(lifecycle.LIFECYCLE)} rows)")
    assert not missing


def test_every_row_of_the_dialogue_is_walked(walked: dict[str, set[Row]]) -> None:
    missing = []
    for row in flow.FLOW:
        if not set(published([row])) & walked["dialogue"]:
            missing.append(published([row])[0])
    rows, sources = len(flow.FLOW), published(flow.FLOW)
    from_sources = sum(row in walked["dialogue"] for row in sources)
    print(f"FLOW: {rows - len(missing)} of {rows} rows walked, from {from_sources} of {len(sources)} places")
    assert not missing
