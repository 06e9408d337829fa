"""Whatever a country's rules become, wherever a chat is when they do: it goes on, and nothing of ours breaks."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from playing import SAMPLE, Chat, House, answer_to

from conversations.edition import FOLLOWS
from rules.book import Book

REGISTERED = ("TH", "AE", "GB", "KE", "SG", "IE", "ES", "NG", "VN", "RU", "CN", "HK", "AU", "QA")
BECOMES = (*REGISTERED, "FR", "US")
WORDS = ("yes", "no", "status", "submit", "continue", "back", "help", "why", "skip", "later", "FRESHBOX", "done", "list",
         "letters", "Germany", "edit 2", "transactional", SAMPLE, "1", "cancel", "keep")  # fmt: skip


def some_answers(chat: Chat, chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 12)):
        now = chat.summary
        if now.step != "asking" or now.field is None or now.country is None:
            return
        chat.types(answer_to(chat.house.book.pack(now.country).field(now.field)))


def up_to_names(chat: Chat, chance: random.Random) -> None:
    chat.answers()
    if chat.step == "registry":
        chat.types(chance.choice(("later", "REG-12345")))


def up_to_review(chat: Chat, chance: random.Random) -> None:
    chat.fills_in()


def up_to_papers(chat: Chat, chance: random.Random) -> None:
    chat.fills_in()
    chat.submits()


STAGES: tuple[Callable[[Chat, random.Random], None], ...] = (some_answers, up_to_names, up_to_review, up_to_papers)


@pytest.mark.parametrize("seed", range(14))
def test_a_chat_goes_on_by_whatever_rules(chat: Chat, house: House, book: Book, seed: int) -> None:
    chance = random.Random(seed)
    country, model = REGISTERED[seed], chance.choice(BECOMES)
    chat.starts(country)
    STAGES[seed % len(STAGES)](chat, chance)
    house.book = house.app.book = others(book, country, model, dated=seed % 2 == 0)
    house.book.unprintable = book.unprintable
    house.store.wake("rules", book.codes, FOLLOWS, house.now)
    if chance.random() < 0.5:
        house.ticks(house.now)
    for _ in range(10):
        if chat.buttons and chance.random() < 0.4:
            chat.presses(chance.choice(chat.buttons))
        else:
            chat.types(chance.choice(WORDS))
        assert chat.summary.step, "the page can show it"
        house.works()
    house.ticks(timedelta(days=1))
    assert house.store.failures() == []


def others(book: Book, country: str, model: str, dated: bool) -> Book:
    """The book in which the country has the rules of another, from a day that has passed or without one."""
    packs = {code: book.pack(code) for code in book.codes}
    now = packs[model].model_copy(update={"country": country, "name": packs[country].name})
    if not dated:
        return Book(packs | {country: now}, book.templates, book._places, None, book.watchlist)
    entry = now.model_copy(update={"version": "2026-11-20", "changed": ("All is others now.",)})
    return Book(packs, book.templates, book._places, {country: (packs[country], entry)}, book.watchlist)
