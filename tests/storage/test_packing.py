"""What is packed comes back equal, type by type."""

from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from conversations import model
from conversations.model import (
    Attachment,
    Case,
    Choice,
    Company,
    Conversation,
    Country,
    Cursor,
    Effect,
    Event,
    Given,
    Handoff,
    IncomingFile,
    Kind,
    Letter,
    Moment,
    Outcome,
    Registration,
    Say,
    SenderId,
    Status,
    Step,
    Tell,
    Text,
    Turn,
    Upload,
    UploadPage,
    Verdict,
)
from storage.packing import pack, to_number, to_time, unpack

AT = datetime(2026, 11, 22, 9, 30, 1, 234567, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "text": "Ähm \ud83d \x00 北京",
    "number": 3, "part": 0.25, "yes": True, "none": None, "negative": -1.0,
    "sentence": Text("inner", {"when": Moment(AT), "where": Country("TH"), "deep": [Text("deeper", {"n": [1, [2]]})]}),
    "list": ["a", ["b", [Moment(AT)]], ("t", ("u",))],
    "at": AT, "day": date(2026, 1, 2), "dict": {"!": "marked", "x": {"y": ()}}, "numbers": {1: "one", (2, 3): [4]},
}  # fmt: skip


def same(packed: Any, value: Any) -> bool:
    """Equal, and of one type all the way down."""
    if type(packed) is not type(value):
        return False
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return all(same(getattr(packed, name), getattr(value, name)) for name in names)
    if isinstance(value, dict):
        return list(packed) == list(value) and all(same(packed[key], value[key]) for key in value)
    if isinstance(value, list | tuple):
        return len(packed) == len(value) and all(map(same, packed, value))
    return bool(packed == value)


EXAMPLES = [
    Say("k", VALUES, (Choice("a", Text("b", {"c": 1})), Choice("d", "own words")), (Attachment("r1/a", "n", "t"),),
        True, 3, 4, "checklist", (1, 12), True, True),
    Say("least"),
    Tell("card", 1, VALUES),
    Event("id", Kind.FILES, AT, "web:1", "web:1", "caption", "c", 2, 3, "m",
          (IncomingFile("stored:x", "n", 5, "image/png", True), IncomingFile("r", "n")), "album", 1, 2, "name", VALUES,
          "Asia/Bangkok", "th", "Anna"),
    Registration(
        id=1,
        reference="TH-4K7Q",
        company_id=2,
        conversation_id=3,
        country="TH",
        route="form",
        status=Status.UNDER_REVIEW,
        opened_at=AT,
        answers=VALUES,
        overruled={"a": (1,)},
        parked=["a"],
        sender_ids=[SenderId("ACME", ["x"], outcome=Outcome.APPROVED, reason="r"), SenderId("B")],
        letters=[Letter("loa", "c", "ABCDEFGH", 2, VALUES, 1, 2, "f", ["p"])],
        letters_asked=3,
        confirmed=True,
        uploads=[Upload(1, "n", AT, "ref", pages=[UploadPage(1, verdict=Verdict.REFUSED, page=2), UploadPage(2)])],
        ends_at=AT,
        time_left=2.5,
    ),
    Conversation(1, "web:1", Step.PLACING, 2, 3, 4, Cursor(True, ["TH"], uploads=[1]), [Given("m", 1, "f", 2)]),
    Company(1, "web:1", time_zone="Asia/Bangkok"),
    Handoff(1, 2, None, "handoff_asked", AT, taken_by="rita", taken_at=AT),
    {"asked": 3, "letters": [VALUES]},
]  # fmt: skip


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    packed = pack(value)
    assert packed.isascii() and "\x00" not in packed
    assert same(unpack(packed), value)
    assert pack(unpack(packed)) == packed


@pytest.mark.parametrize("effect", typing.get_args(Effect), ids=lambda effect: effect.__name__)
def test_every_effect_comes_back_as_it_was(effect: type) -> None:
    made = _filled(effect)
    assert unpack(pack(made)) == made


def test_every_class_of_a_case_can_be_packed_in_every_field() -> None:
    skipped = (Turn, Case)
    for made in vars(model).values():
        if isinstance(made, type) and dataclasses.is_dataclass(made) and made not in skipped:
            value = _filled(made)
            assert same(unpack(pack(value)), value), made


def test_what_the_store_fills_in_is_not_packed() -> None:
    registration = Registration(1, "TH-4K7Q", 2, 3, "TH", "form", warned_at=AT)
    assert unpack(pack(registration)).warned_at is None
    conversation = Conversation(1, "web:1", question_order=4, question_sent=False)
    assert unpack(pack(conversation)) == Conversation(1, "web:1")


def test_a_class_may_gain_and_lose_fields() -> None:
    old = '{"!":"Company","id":1,"owner":"web:1","of_yesterday":3}'
    assert unpack(old) == Company(1, "web:1")


def test_what_the_house_does_not_store_is_refused() -> None:
    with pytest.raises(TypeError, match="object is not a value the house stores"):
        pack(Say("k", {"x": object()}))  # type: ignore[dict-item]


def test_times_are_exact_numbers() -> None:
    assert to_time(to_number(AT)) == AT
    assert to_number(AT.astimezone(timezone(timedelta(hours=7)))) == to_number(AT)
    with pytest.raises(TypeError):
        to_number(AT.replace(tzinfo=None))


def _filled(made: type) -> Any:
    """A value of the class with something in every field that is packed."""
    hints = typing.get_type_hints(made)
    filled = {"warned_at": None, "question_order": None, "question_sent": True}
    return made(
        **{
            field.name: filled[field.name] if field.name in filled else _some(hints[field.name])
            for field in dataclasses.fields(made)
        }
    )


def _some(hint: Any) -> Any:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    simple = {str: "x", int: 5, float: 0.5, bool: True, datetime: AT, date: AT.date(), Any: ("any", AT)}
    if hint in simple:
        return simple[hint]
    if dataclasses.is_dataclass(hint):
        return _filled(typing.cast(type, hint))
    if isinstance(hint, type):
        return list(hint)[-1]  # type: ignore[call-overload]
    if origin is list:
        return [_some(parts[0])]
    if origin is tuple:
        return (_some(parts[0]),) if parts[-1] is Ellipsis else tuple(map(_some, parts))
    if origin is not None and len(parts) == 2 and parts[0] is str and hasattr(origin, "keys"):
        return {"k": Text("v", {"at": Moment(AT)})}
    return _some(parts[0])
