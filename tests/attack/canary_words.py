"""Words that stand nowhere else, and a process that says more than it ever would: every library at DEBUG, bugs on wish.

A message, an address on the page and an order's reference with BOOM in them meet a bug that fails with their words.
"""

from __future__ import annotations

import random
from pathlib import Path

# Runs before anything else in the process and in its children.
BROKEN = """
import logging
from dataclasses import replace
import bot.log
import conversations.engine as engine

said = bot.log.to_stderr

def loud(quiet=False):
    said(False)
    logging.getLogger().setLevel(logging.DEBUG)
    from storage.sqlite import SqliteStore
    known = SqliteStore.found

    def found(store, reference):
        if "BOOM" in reference:
            raise ValueError(f"can't look up {reference!r}")
        return known(store, reference)

    SqliteStore.found = found

def broken(talk):
    if "BOOM" in talk.event.text:
        try:
            raise KeyError(talk.event.text)
        except KeyError:
            raise ValueError(f"can't read {talk.event.text!r} of {talk.event.principal}")
    return typed(talk)

bot.log.to_stderr = loud
typed = engine.HANDLERS[engine.Kind.TEXT]
engine.HANDLERS[engine.Kind.TEXT] = broken
"""


class Canaries:
    """Gives words out and remembers them."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.given: list[str] = []

    def word(self, before: str = "", after: str = "") -> str:
        """A new word, within what surrounds it."""
        word = "".join(self._chance.choices("bcdfghjkmnpqrstvwxz", k=14))
        self.given.append(word)
        return f"{before}{word}{after}"

    def found_in(self, text: str) -> list[str]:
        low = text.casefold()
        return [word for word in self.given if word in low]


def breaks(folder: Path) -> str:
    """The folder whose `sitecustomize` breaks the process that has it on its path."""
    made = folder / "broken"
    made.mkdir(parents=True)
    (made / "sitecustomize.py").write_text(BROKEN)
    return str(made)
