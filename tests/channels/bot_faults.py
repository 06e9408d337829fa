"""Faults a test asks for: refusals, lost connections, lost answers, slowness."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from bot_methods import Params


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong.

    Attributes:
        method: the method it befalls; "*" for all but getUpdates.
        what: `refuse`, `reset` (nothing was done), `lose` (done, but the answer is lost), `slow`.
        times: so many calls; None for as long as it is there.
        chance: of each call, by the seed.
        chat: only calls for this chat.
        hits: the calls it befell.
    """

    method: str
    what: str
    times: int | None = 1
    chance: float = 1.0
    chat: int | None = None
    code: int = 500
    retry_after: int = 0
    seconds: float = 0.0
    hits: int = 0
    random: random.Random = field(default_factory=random.Random, repr=False)

    def befalls(self, method: str, params: Params) -> bool:
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method != method and not (self.method == "*" and method != "getUpdates"):
            return False
        if self.chat is not None and str(params.get("chat_id")) != str(self.chat):
            return False
        if self.random.random() >= self.chance:
            return False
        self.hits += 1
        return True

    def words(self) -> str:
        if self.code == 429:
            return f"Too Many Requests: retry after {self.retry_after}"
        return {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}.get(
            self.code, "Bad Request: at a test's wish"
        )


class Faults:
    """Those in force, asked in the order they were made."""

    def __init__(self, seed: int) -> None:
        self._seed, self._all = seed, list[Fault]()

    def add(self, fault: Fault) -> Fault:
        fault.random = random.Random(f"fault {self._seed} {len(self._all)}")
        self._all.append(fault)
        return fault

    def end(self) -> None:
        """Nothing goes wrong any more."""
        for fault in self._all:
            fault.times = fault.hits

    def befalling(self, method: str, params: Params) -> Fault | None:
        return next((fault for fault in self._all if fault.befalls(method, params)), None)
