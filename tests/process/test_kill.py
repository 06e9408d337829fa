"""kill -9 of the real process, at ten points of one registration that chance chooses."""

from __future__ import annotations

import queue
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
from client import Customer, Desk, Gone, Line, Place, Terminal

from bot.drawing import LAYOUT

KILLS = {"asking": 3, "between": 3, "review": 2, "documents": 2}  # review draws letters, documents looks into photos
LONGEST = {"asking": 0.03, "review": 1.2, "documents": 0.9}  # seconds: up to when after the line was sent it may end
QUESTIONS = 20  # about as many turns does the form take


def test_a_registration_survives_ten_kills_without_losing_or_asking_anything_twice(place: Place) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    Survivor(place, random.Random(seed)).lives()


def is_letter(pdf: Path) -> bool:
    """Drawn by us, and no scan of what came back."""
    with pikepdf.open(pdf) as document:
        return LAYOUT in document.docinfo


class Survivor:
    """A customer whose process is killed again and again, and who goes on each time where it was."""

    def __init__(self, place: Place, chance: random.Random) -> None:
        self.place, self.chance = place, chance
        self.terminal = Terminal(place, "anna")
        self.customer = Customer(self.terminal, "TH")
        self.left = dict(KILLS)
        self.at = {"asking": sorted(chance.sample(range(QUESTIONS), KILLS["asking"])),
                   "between": sorted(chance.sample(range(QUESTIONS), KILLS["between"]))}  # fmt: skip
        self.turns = 0
        self.codes: set[str] = set()
        self.starts: list[float] = []

    def lives(self) -> None:
        customer = self.customer
        customer.meet()
        while customer.step != "tracking":
            self.one_turn()
            assert self.turns < 100, customer.last
        assert not any(self.left.values()), f"not every kill came about: {self.left}"
        print(f"starts after a kill took {[round(one, 2) for one in self.starts]} s")
        assert customer.status == "UNDER_REVIEW" and customer.reference
        shown = self.place.case(customer.reference)
        assert [one["version"] for one in shown["documents"]] == [1]
        assert [line["trigger"] for line in shown["history"]] == ["open", "submit", "rendered", "submit_documents"]
        self.is_kept()
        reviewer = Desk(self.place, "rob", "reviewer")
        reviewer.decides(f"approve {customer.reference}")
        assert self.place.case(customer.reference)["status"] == "SUCCESSFUL"
        assert self.place.order("failed list") == []
        assert self.terminal.close() == 0

    def one_turn(self) -> None:
        customer, step = self.customer, self.customer.step
        line, field = customer.reply(), customer.last.get("field")
        self.turns += 1
        kind = "asking" if step in ("asking", "sender_ids", "samples") else step
        if self.left.get(kind) and (kind != "asking" or self.turns > self.at[kind][0]):
            return self.killed_during(kind, line, field)
        customer.note(self.terminal.turn(line))
        customer.answered(field, line)
        self.no_letter_is_doubled()
        if self.left["between"] and self.turns > self.at["between"][0]:
            self.left["between"] -= 1
            self.at["between"].pop(0)
            self.terminal.kill()
            self.back()

    def killed_during(self, kind: str, line: Mapping[str, Any], field: str | None) -> None:
        """Send the line and kill a random moment later; when the turn was quicker, the kill comes behind it."""
        self.left[kind] -= 1
        if kind in self.at:
            self.at[kind].pop(0)
        before = self.place.case(self.customer.reference or "")
        self.terminal.send(line)
        turn: list[Line] = []
        try:
            turn = self.terminal.rest_of_turn(patience=self.chance.uniform(0, LONGEST[kind]))
        except queue.Empty:
            pass
        self.terminal.kill()
        if turn:
            self.customer.note(turn)
            self.customer.answered(field, line)
        if kind == "review" and self.left["review"]:
            self.killed_while_coming_back()
        self.back()
        after = self.place.case(self.customer.reference or "")
        kept, was = after["answers"], before["answers"]
        assert was.items() <= kept.items()
        if field and not turn:  # taken whole, or not at all
            assert kept == was or set(kept) - set(was) <= {field, "sender_id_link_plain"}
            if field in kept:
                self.customer.given[field] = line["text"]

    def killed_while_coming_back(self) -> None:
        """The next process takes the drawing up, and dies of it too."""
        self.left["review"] -= 1
        self.terminal = Terminal(self.place, "anna")
        self.terminal.send({"text": "/start"})
        try:
            self.terminal.rest_of_turn(patience=self.chance.uniform(0.5, 2.5))
        except queue.Empty:
            pass
        self.terminal.kill()

    def back(self) -> None:
        """Start the process again and go on."""
        started = time.monotonic()
        self.terminal = self.customer.chat = Terminal(self.place, "anna")
        try:
            self.customer.meet()
        except Gone:
            raise AssertionError(f"did not start again: {self.terminal.errors.read_text()}") from None
        self.starts.append(time.monotonic() - started)
        self.customer._papers = []
        self.is_kept()
        self.no_letter_is_doubled()

    def is_kept(self) -> None:
        """Every answer whose turn had ended is there, and none of them is the question."""
        customer = self.customer
        kept = self.place.case(customer.reference or "")["answers"] if customer.reference else {}
        assert set(customer.given) <= set(kept), "an answer is lost"
        assert customer.last.get("field") not in customer.given, "a given answer is asked for again"

    def no_letter_is_doubled(self) -> None:
        if self.customer.step not in ("preview", "documents"):
            return
        pages = self.place.order("letters render", reference=self.customer.reference,
                                 out=str(self.place.folder / "look"))  # fmt: skip
        codes = {page["code"] for page in pages}
        assert len(codes) == len(pages)
        assert self.codes in (set(), codes), "the letters were drawn anew"
        self.codes = codes
        kept = {path.name for path in (self.place.files / "r1").rglob("*.pdf") if is_letter(path)}
        assert len(kept) <= len({page["letter"] for page in pages}), "a letter is kept twice"
