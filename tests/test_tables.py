"""The two tables, copied by hand: neither the tables nor what is published of them can drift alone."""

from __future__ import annotations

import pytest

from conversations.flow import FLOW
from conversations.lifecycle import LIFECYCLE
from conversations.model import Status, Step

OPEN = ("DRAFT", "SELF_REGISTERING", "WITH_ACCOUNT_MANAGER", "DOCUMENTS_TO_BE_RENDERED", "DOCUMENTS_RENDERED",
        "NEEDS_CORRECTION", "UNDER_REVIEW", "WITH_CARRIER")  # fmt: skip
ON_ONE = ("briefing", "profile", "asking", "sender_ids", "sender_id_doubt", "samples", "review", "registry", "rendering",
          "preview", "documents", "placing", "tracking", "cancelling", "withdrawing")  # fmt: skip
ANY = ("new", "country", "which_country", *ON_ONE)

# trigger, from, to ("=": the same), only if
LIFE = [
    ("hand_over", ("DRAFT",), "WITH_ACCOUNT_MANAGER", "goes_to_a_manager"),
    ("start_self_registration", ("DRAFT",), "SELF_REGISTERING", "number_is_missing"),
    ("registered_by_customer", ("SELF_REGISTERING",), "DRAFT", "the_form_follows"),
    ("registered_by_customer", ("SELF_REGISTERING",), "WITH_ACCOUNT_MANAGER", None),
    ("back", ("SELF_REGISTERING",), "DRAFT", None),
    ("submit", ("DRAFT",), "DOCUMENTS_TO_BE_RENDERED", "is_ready_with_letters"),
    ("submit", ("DRAFT",), "DOCUMENTS_RENDERED", "is_ready_with_own_papers"),
    ("submit", ("DRAFT",), "UNDER_REVIEW", "is_ready"),
    ("rendered", ("DOCUMENTS_TO_BE_RENDERED",), "DOCUMENTS_RENDERED", "is_the_version_last_asked_for"),
    ("rendering_failed", ("DOCUMENTS_TO_BE_RENDERED",), "NEEDS_CORRECTION", None),
    ("edit", ("DOCUMENTS_RENDERED",), "DOCUMENTS_TO_BE_RENDERED", "a_letter_shows_what_changed"),
    ("edit", ("DOCUMENTS_RENDERED", "DOCUMENTS_TO_BE_RENDERED", "NEEDS_CORRECTION"), "=", None),
    ("submit_documents", ("DOCUMENTS_RENDERED",), "UNDER_REVIEW", "every_page_is_there"),
    ("take_back", ("UNDER_REVIEW",), "DOCUMENTS_RENDERED", "unopened_with_papers"),
    ("take_back", ("UNDER_REVIEW",), "DRAFT", "nobody_has_opened_it"),
    ("pass_on", ("UNDER_REVIEW",), "WITH_CARRIER", None),
    ("approve", ("UNDER_REVIEW", "WITH_CARRIER", "WITH_ACCOUNT_MANAGER"), "SUCCESSFUL",
     "one_is_approved_and_none_open"),
    ("send_back", ("UNDER_REVIEW", "WITH_CARRIER"), "NEEDS_CORRECTION", None),
    ("reject", ("UNDER_REVIEW", "WITH_CARRIER", "WITH_ACCOUNT_MANAGER"), "FAILED", None),
    ("hand_back", ("WITH_ACCOUNT_MANAGER",), "DRAFT", None),
    ("resubmit", ("NEEDS_CORRECTION",), "DOCUMENTS_TO_BE_RENDERED", "a_letter_is_to_be_drawn"),
    ("resubmit", ("NEEDS_CORRECTION",), "DOCUMENTS_RENDERED", "a_required_page_is_missing"),
    ("resubmit", ("NEEDS_CORRECTION",), "UNDER_REVIEW", None),
    ("withdraw", OPEN, "WITHDRAWN", None),
    ("time_is_up", ("DRAFT", "SELF_REGISTERING", "DOCUMENTS_TO_BE_RENDERED", "DOCUMENTS_RENDERED", "NEEDS_CORRECTION"),
     "EXPIRED", None),
]  # fmt: skip

DIALOGUE = [
    ("begin", ("new",), "country", None),
    ("name", ("country",), "briefing", "is_sure"),
    ("name", ("country",), "which_country", None),
    ("pick", ("which_country",), "briefing", None),
    ("back", ("which_country", "briefing"), "country", None),
    ("offer", ANY, "profile", None),
    ("back", ("asking", "registry", "sender_ids", "samples", "review"), "asking", None),
    ("go_on", ON_ONE, "tracking", "is_with_people_or_closed"),
    ("go_on", ON_ONE, "registry", "number_comes_next"),
    ("go_on", ON_ONE, "asking", "more_to_ask"),
    ("go_on", ON_ONE, "sender_ids", "names_wanted"),
    ("go_on", ON_ONE, "samples", "samples_wanted"),
    ("go_on", ON_ONE, "rendering", "is_being_drawn"),
    ("go_on", ON_ONE, "preview", "awaits_the_all_correct"),
    ("go_on", ON_ONE, "documents", "collects_papers"),
    ("go_on", ON_ONE, "review", None),
    ("edit", ON_ONE, "asking", None),
    ("add_name", ON_ONE, "sender_ids", None),
    ("doubt", ("sender_ids",), "sender_id_doubt", None),
    ("keep_name", ("sender_id_doubt",), "sender_ids", None),
    ("add_sample", ON_ONE, "samples", None),
    ("place", ON_ONE, "placing", None),
    ("switch", ANY, "tracking", None),
    ("another", ANY, "country", None),
    ("cancel", ON_ONE, "cancelling", None),
    ("withdraw", ("cancelling",), "withdrawing", None),
]

Row = tuple[str, tuple[str, ...], str, str | None]


def rows(table: list) -> list[Row]:
    """A table with names in the place of states and guards."""
    return [
        (
            trigger,
            tuple(one.value for one in (source if isinstance(source, tuple) else (source,))),
            dest.value if dest is not None else "=",
            guard.__name__ if guard is not None else None,
        )
        for trigger, source, dest, guard in table
    ]


def test_the_life_of_a_registration_is_the_published_table() -> None:
    assert rows(LIFECYCLE) == LIFE


def test_the_dialogue_is_the_published_table() -> None:
    assert rows(FLOW) == DIALOGUE


@pytest.mark.parametrize("table", [LIFECYCLE, FLOW], ids=["life", "dialogue"])
def test_a_guarded_row_stands_before_the_unguarded_one_of_the_same_trigger_and_source(table: list) -> None:
    done: set[tuple[str, str]] = set()
    for trigger, sources, _, guard in rows(table):
        for source in sources:
            assert (trigger, source) not in done, f"{trigger} from {source}: this row can never be reached"
            if guard is None:
                done.add((trigger, source))


def test_every_status_and_step_is_reached_by_some_row_and_every_open_one_left() -> None:
    assert {dest for _, _, dest, _ in LIFE} - {"="} == {status.value for status in Status}
    assert {source for _, sources, _, _ in LIFE for source in sources} == set(OPEN)
    assert {dest for _, _, dest, _ in DIALOGUE} | {"new"} == {step.value for step in Step}
    assert {source for _, sources, _, _ in DIALOGUE for source in sources} == {step.value for step in Step}
