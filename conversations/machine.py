"""One shared `transitions` machine a table. It holds no chat and no registration: a slotted object is lent to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from transitions import EventData, Machine, MachineError

State = TypeVar("State", bound=StrEnum)
Guard = Callable[[EventData], bool]
Row = tuple[str, State | tuple[State, ...], State | None, Guard | None]


@dataclass(slots=True)
class Lent(Generic[State]):
    """What moves instead of a case: `transitions` can hang no method on it by accident."""

    state: State


class Table(Generic[State]):
    """The rows (trigger, from, to, only if) of one machine; the first row that fits is taken. `to` None: the same."""

    def __init__(self, states: type[State], rows: Iterable[Row[State]]) -> None:
        self._machine = Machine(
            model=None,
            states=states,
            initial=None,
            auto_transitions=False,
            send_event=True,
            transitions=[
                {
                    "trigger": trigger,
                    "source": list(source) if isinstance(source, tuple) else source,
                    "dest": "=" if dest is None else dest,
                    "conditions": guard,
                }
                for trigger, source, dest, guard in rows
            ],
        )

    def dest(self, state: State, trigger: str, facts: object) -> State | None:
        """Where the trigger leads from this state; None when no row exists, or every guard refuses."""
        lent = Lent(state)
        try:
            moved = self._machine.events[trigger].trigger(lent, facts=facts)
        except MachineError:
            return None
        return lent.state if moved else None
