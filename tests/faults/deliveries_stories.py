"""What people do: registrations from nothing to an outcome, with changes of mind, asides, files in any order."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from deliveries_carried import CHANNELS, Carried, Person, Stage, somebody

from conversations.model import Role

COUNTRIES = ("TH", "GB", "KE", "EG")


def registers(person: Person, chance: random.Random) -> None:
    """From nothing to the review desk, not without a detour."""
    country = chance.choice(COUNTRIES)
    person.starts(country)
    for word in chance.sample(["help", "status", "list", "why", "example"], 2):
        person.types(word)
    person.fills_in(names=chance.choice([("FRESHBAKERY",), ("FRESHBAKERY", "FBALERTS")]))
    if chance.random() < 0.5:
        person.types("back")
        person.fills_in()
    if person.way in ("telegram", "slack"):
        given = [one for one in person.case.conversation.given if one.field == "company_name"]
        if given:
            person.edits(given[-1].message, "Fresh Bakery & Sons GmbH")
        person.sends_voice()
    person.submits()
    if person.status == "DOCUMENTS_RENDERED":
        person.sends_papers()
        if chance.random() < 0.5:
            person.sends_files([f"extra {one}.jpg" for one in range(3)], album="album")
            if person.step == "placing":
                person.types("other")
        person.types("submit")


def registers_and_leaves(person: Person, chance: random.Random) -> None:
    """Half way, then she thinks better of it."""
    person.starts(chance.choice(COUNTRIES))
    person.answers(until="company_website")
    person.types("cancel")
    if chance.random() < 0.5:
        person.types("withdraw")
        person.types("yes")
    else:
        person.types("later")


def decides(person: Person, chance: random.Random, customers: list[Person]) -> None:
    """A reviewer works off what there is by then."""
    for customer in customers:
        case = customer.house.store.snapshot(customer.name)
        on = case.on if case else None
        if on is None or on.status.value != "UNDER_REVIEW":
            continue
        person.types(f"take {on.reference}")
        person.types(chance.choice([f"approve {on.reference}", f"reject {on.reference}: the licence is too old"]))


def plays(house: Carried, chance: random.Random, people: int) -> None:
    """So many customers on all channels by turns, a reviewer among them."""
    stage = Stage(chance)
    customers = [somebody(house, CHANNELS[number % len(CHANNELS)], number) for number in range(people)]
    reviewer = somebody(house, "telegram", 900)
    house.stage = None
    assert reviewer.types(house.invites(Role.REVIEWER)) == ["desk_welcome"]
    house.stage = stage
    stories: list[Callable[[], None]] = []
    for customer in customers:
        does = registers if chance.random() < 0.8 else registers_and_leaves
        stories.append(partial(does, customer, random.Random(chance.random())))
    half = len(stories) // 2
    stage.play(stories[:half])
    stage.play([*stories[half:], lambda: decides(reviewer, chance, customers[:half])])
    house.stage = None
    decides(reviewer, chance, customers[half:])
