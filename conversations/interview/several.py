"""Several countries started together are one interview: what they share, what each adds, and where it goes on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from enum import IntEnum
from typing import Any

from conversations.interview.plan import SENDER_ID, Plan, applicable, is_required, plan, settled, wants_samples
from conversations.model import Registration, Status
from rules.schema import Field, Pack, Phase, Route, Scope

IN_IT = (Status.DRAFT, Status.SELF_REGISTERING)


class Place(IntEnum):
    """What comes next for a country of an interview. The smallest of all of them is gone on with."""

    REFUSED = 0  # what can stop, and did so with the answer given for all
    FIRST = 1  # what can stop or reroute
    COMMON = 2  # what several ask
    NAMES = 3
    SAMPLES = 4
    OWN = 5  # what only this country asks
    READY = 6
    WAITS = 7  # for a registry's number


def mates(registration: Registration, registrations: Iterable[Registration]) -> list[Registration]:
    """The registrations answered together with this one, itself among them, in the order they were named."""
    if registration.together is None:
        return [registration]
    found = [one for one in registrations if one.together == registration.together and one.status in IN_IT]
    return sorted(found, key=lambda one: one.id) if registration in found else [registration]


def plan_of(
    registration: Registration, registrations: Iterable[Registration], pack_of: Callable[[Registration], Pack]
) -> Plan:
    """What is still asked of the registration; in an interview of several what only it asks comes last."""
    together = mates(registration, registrations)
    if len(together) == 1:
        return plan(registration, pack_of(registration))
    interview = Interview(together, pack_of)
    done, total = interview.progress()
    return replace(interview.plan(registration), done=done, total=total)


class Interview:
    """The registrations of an interview as they are answered now: made anew when an answer came. One alone will do."""

    def __init__(self, registrations: list[Registration], pack_of: Callable[[Registration], Pack]) -> None:
        self.registrations = registrations
        self.packs = {one.id: pack_of(one) for one in registrations}
        self.asks = {
            one.id: {field.name: field for field in applicable(one, self.packs[one.id])} for one in registrations
        }
        self._sharing: dict[str, list[Registration]] = {}
        self._shared: dict[str, Any] | None = None
        self._sources = {
            name for asked in self.asks.values() for field in asked.values() for name in field.follows_from
        }

    @property
    def several(self) -> bool:
        return len(self.registrations) > 1

    # --- what is shared

    def sharing(self, name: str) -> list[Registration]:
        """The countries for which one answer to this question does."""
        if name not in self._sharing:
            self._sharing[name] = [
                one
                for one in self.registrations
                if (field := self.asks[one.id].get(name))
                and field.scope is not Scope.COUNTRY
                # Nor where an answer it may follow from is that country's own: another purpose is another use.
                and not {name, *field.follows_from} & set(one.apart)
            ]
        return self._sharing[name]

    def common(self, one: Registration, name: str) -> bool:
        """Whether the question is asked for several countries, this one among them."""
        sharing = self.sharing(name)
        return len(sharing) > 1 and one in sharing

    def known(self, one: Registration) -> dict[str, Any]:
        """Its answers, and those of the others from which something may follow, where one answer does for several."""
        if self._shared is None:
            self._shared = {
                name: other.answers[name]
                for other in self.registrations
                for name in self._sources
                if name in other.answers and other in self.sharing(name)
            }
        return {name: value for name, value in self._shared.items() if name not in one.apart} | one.answers

    def following(self, one: Registration, field: Field) -> Any:
        """The answer that follows from those given so far; None where none does, and for one country alone."""
        answers = self.known(one) if self.several and field.follows and field.name not in one.apart else {}
        found = (follows.answer(answers, one.country) for follows in field.follows if answers)
        return next((answer for answer in found if answer not in (None, "", [])), None)

    def followed(self, name: str) -> list[tuple[Registration, str]]:
        """The answers that follow from the answer to that question as it is now."""
        return [
            (one, field.name)
            for one in self.registrations
            for field in self.asks[one.id].values()
            if name in field.follows_from
            and field.name in one.answers
            and one.answers[field.name] == self.following(one, field)
        ]

    def naming(self) -> list[Registration]:
        """The countries that go by the same sender IDs."""
        return [
            one
            for one in self.registrations
            if SENDER_ID not in one.apart and self.packs[one.id].route is not Route.TEMPLATE_APPROVAL
        ]

    def open_fields(self, one: Registration) -> list[Field]:
        done_with = settled(one)
        return [field for name, field in self.asks[one.id].items() if name not in done_with]

    def own(self, one: Registration) -> set[str]:
        """The questions only this country asks, but for those that can stop."""
        return {
            field.name
            for field in self.asks[one.id].values()
            if field.phase is not Phase.FIRST and not self.common(one, field.name)
        }

    # --- where it goes on

    def plan(self, one: Registration) -> Plan:
        return plan(one, self.packs[one.id], self.own(one) if self.several else frozenset())

    def place(self, one: Registration) -> Place:
        if one.status is Status.SELF_REGISTERING:
            return Place.WAITS
        now, pack = self.plan(one), self.packs[one.id]
        if now.number_wanted and pack.route is Route.SELF_REGISTRATION_THEN_FORM:
            return Place.FIRST
        if now.next_field is None:
            return (
                Place.NAMES
                if now.names_wanted
                else Place.SAMPLES
                if now.samples_wanted
                else Place.OWN
                if now.number_wanted
                else Place.READY
            )
        if now.next_field.phase is Phase.FIRST:
            return Place.REFUSED if now.next_field.name in one.apart else Place.FIRST
        late = now.next_field.phase is Phase.AFTER_SENDER_IDS
        return Place.OWN if late or now.next_field.name in self.own(one) else Place.COMMON

    def leads_to(self, present: Registration) -> tuple[Registration, Field | None]:
        """The registration to go on with, and its question where it is one; the present one when nothing is asked."""
        places = {one.id: self.place(one) for one in self.registrations}
        nearest = min(
            self.registrations,
            key=lambda one: (places[one.id], places[one.id] >= Place.OWN and one is not present, one.id),
        )
        asked = self.plan(nearest).next_field
        if asked is None:
            return nearest, None
        if settling := self._settling(nearest, asked):
            return settling
        if places[nearest.id] is not Place.COMMON:
            return nearest, asked
        # Where it is required, so that it is not skipped there and asked again.
        waiting = [one for one in self.sharing(asked.name) if asked.name not in settled(one)]
        strict = [
            one for one in waiting if one.status is Status.DRAFT and is_required(self.asks[one.id][asked.name], one)
        ]
        where = (strict or [nearest])[0]
        return where, self.asks[where.id][asked.name]

    def _settling(self, one: Registration, asked: Field) -> tuple[Registration, Field] | None:
        """The question whose answer may settle this one too, where another country is still to be asked it."""
        for name in () if asked.name in one.apart else asked.follows_from:
            for other in self.sharing(name) if name not in one.answers else ():
                if other.status is Status.DRAFT and name not in settled(other):
                    return other, self.asks[other.id][name]
        return None

    @property
    def is_answered(self) -> bool:
        """Whether nothing more is asked now: what is left is to be submitted, or waits for a number."""
        return all(self.place(one) >= Place.READY for one in self.registrations)

    def progress(self) -> tuple[int, int]:
        """Questions done, of all, each counted once for all the countries it is asked for."""
        open_ones: set[Hashable] = set()
        everything: set[Hashable] = set()

        def count(key: Hashable, is_open: bool) -> None:
            everything.add(key)
            if is_open:
                open_ones.add(key)

        for one in self.registrations:
            done_with, now, pack = settled(one), plan(one, self.packs[one.id]), self.packs[one.id]
            for name in self.asks[one.id]:
                count(name if self.common(one, name) else (one.id, name), name not in done_with)
            alike = one in self.naming()
            count("names" if alike else (one.id, "names"), now.names_wanted)
            if wants_samples(pack):
                count("samples" if alike else (one.id, "samples"), now.names_wanted or now.samples_wanted)
        return len(everything) - len(open_ones), len(everything)
