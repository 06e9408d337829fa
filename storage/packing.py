"""Values of the house to JSON text and back, exactly: the only place where values and dates are packed.

A dataclass becomes an object that names its class under "!" and leaves out what has its default, so a class may gain
fields without a migration; a field or class is renamed only with one. Times, days, tuples and dictionaries JSON has no
word for are marked the same way wherever a field may hold anything, so that what was packed comes back equal, type by
type. Enumerations are restored by the field's own type.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import json
import operator
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

from conversations import model
from storage import store

# Filled in by the store when a case is read, from what was sent: never packed.
FILLED_IN = frozenset({"question_order", "question_sent", "warned_at"})

_MARK = "!"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CLASSES: dict[str, type] = {
    name: thing
    for module in (store, model)
    for name, thing in vars(module).items()
    if isinstance(thing, type) and dataclasses.is_dataclass(thing)
}

Reader = Callable[[Any], Any]


def to_number(at: datetime) -> int:
    """Microseconds since 1970, UTC. Raises TypeError for a time without a zone."""
    return (at - _EPOCH) // _MICROSECOND


def to_time(number: int) -> datetime:
    """The aware UTC time of `to_number`."""
    return _EPOCH + number * _MICROSECOND


def pack(value: Any) -> str:
    """The value as ASCII JSON. Raises TypeError for a type the house does not store."""
    return _encode(value if type(value) in _SHAPES else _loose(value))


def unpack(text: str) -> Any:
    """The value that was packed, made anew."""
    return _decode(text)[0]


@dataclasses.dataclass(frozen=True, slots=True)
class _Shape:
    """How one dataclass is packed: its fields with their defaults, and what restores a field from plain JSON."""

    values: Callable[[Any], tuple[Any, ...]]  # of the fields, in this order:
    names: tuple[str, ...]
    defaults: tuple[Any, ...]
    loose: tuple[str, ...]  # the fields that may hold anything
    readers: tuple[tuple[str, Reader], ...]


def _shape(made: Any) -> _Shape:
    hints = typing.get_type_hints(made)
    fields = [field for field in dataclasses.fields(made) if field.name not in FILLED_IN]
    names = tuple(field.name for field in fields)
    values = operator.attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    defaults = tuple(
        field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        for field in fields
    )
    loose = tuple(name for name in names if _holds_anything(hints[name]))
    readers = ((name, _reader(hints[name])) for name in names)
    return _Shape(values, names, defaults, loose, tuple((name, reader) for name, reader in readers if reader))


def _holds_anything(hint: Any) -> bool:
    if hint is Any or typing.get_origin(hint) is collections.abc.Sequence:
        return True
    return any(_holds_anything(part) for part in typing.get_args(hint))


def _reader(hint: Any) -> Reader | None:
    """What turns a field's JSON into its type, or None where JSON and marks already did."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if _holds_anything(hint):
        return None  # its tuples are marked
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if origin in (typing.Union, types.UnionType):
        inner = [reader for part in parts if (reader := _reader(part)) is not None]
        return (lambda value: None if value is None else inner[0](value)) if len(inner) == 1 else None
    if origin is tuple:
        item = _reader(parts[0])
        return _each(tuple, item) if item is not None else tuple
    if origin is list:
        item = _reader(parts[0])
        return _each(list, item) if item is not None else None
    return None


def _each(made: Reader, item: Reader) -> Reader:
    return lambda value: made(item(one) for one in value)


def _loose(value: Any) -> Any:
    """The same value with marks on what JSON would not bring back as it is."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if kind is list:
        return [_loose(one) for one in value]
    if kind is tuple:
        return {_MARK: "tuple", "of": [_loose(one) for one in value]}
    if isinstance(value, Mapping):
        if _MARK not in value and all(type(key) is str for key in value):
            return {key: _loose(one) for key, one in value.items()}
        return {_MARK: "dict", "of": [[_loose(key), _loose(one)] for key, one in value.items()]}
    return value  # the rest is for _plain, or for JSON itself


def _plain(value: Any) -> Any:
    """Called by the encoder for what JSON has no word for."""
    kind = type(value)
    if kind is datetime:
        return {_MARK: "at", "is": value.isoformat()}
    if kind in _SHAPES:
        shape = _SHAPES[kind]
        packed: dict[str, Any] = {_MARK: kind.__name__}
        for name, default, one in zip(shape.names, shape.defaults, shape.values(value), strict=True):
            if one is not default and (one != default or type(one) is not type(default)):
                packed[name] = one
        for name in shape.loose:
            if name in packed:
                packed[name] = _loose(packed[name])
        return packed
    if kind is date:
        return {_MARK: "day", "is": value.isoformat()}
    raise TypeError(f"{kind.__name__} is not a value the house stores")


def _restored(value: dict[str, Any]) -> Any:
    mark = value.pop(_MARK, None)
    if mark is None:
        return value
    return _MAKERS[mark](value)


def _maker(made: type) -> Reader:
    names = {field.name for field in dataclasses.fields(made)}

    def make(value: dict[str, Any]) -> Any:
        for name, reader in _SHAPES[made].readers:
            if name in value:
                value[name] = reader(value[name])
        try:
            return made(**value)
        except TypeError:  # a field was taken out of the class since: leave it behind
            return made(**{name: one for name, one in value.items() if name in names})

    return make


_SHAPES = {made: _shape(made) for made in _CLASSES.values()}
_MAKERS: dict[str, Reader] = {name: _maker(made) for name, made in _CLASSES.items()} | {
    "at": lambda value: datetime.fromisoformat(value["is"]),
    "day": lambda value: date.fromisoformat(value["is"]),
    "tuple": lambda value: tuple(value["of"]),
    "dict": lambda value: dict(value["of"]),
}
_decode = json.JSONDecoder(object_hook=_restored).raw_decode
# ASCII, because people send halves of surrogate pairs, which are no UTF-8.
_encode = json.JSONEncoder(default=_plain, separators=(",", ":"), check_circular=False).encode
