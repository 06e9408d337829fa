"""The lists that names and texts are held against: complete, sourced, dated, and an operator's to change."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversations.judgement.lookalikes import folded, likeness
from rules.book import Book, RulesError, load
from rules.lint import lint
from rules.reading import BRANDS, LINKS, WORDING
from rules.schema import Topic


def test_every_brand_has_a_name_a_kind_and_a_dated_page(book: Book) -> None:
    brands = book.watchlist.brands
    assert len(brands) > 100
    assert len({folded(brand.name) for brand in brands}) == len(brands)
    for brand in brands:
        assert (
            brand.kind
            and brand.source.title
            and brand.source.url.startswith("http")
            and brand.source.read_on.year >= 2026
        )


def test_every_brand_is_found_by_its_own_names_and_none_is_taken_for_another(book: Book) -> None:
    for brand in book.watchlist.brands:
        for called in (brand.name, *brand.also):
            like = likeness(called, book.watchlist.brands, book.watchlist.companions)
            assert like is not None and like.brand == brand, called


def test_names_that_the_facts_deny_list_are_among_them(book: Book) -> None:
    names = {brand.name for brand in book.watchlist.brands}
    assert {"Facebook", "Google", "Meta", "Microsoft"} <= names


def test_each_topic_that_a_country_forbids_has_words(book: Book) -> None:
    assert set(book.watchlist.topics) == set(Topic)
    for code in book.codes:
        for topic in book.pack(code).samples.prohibited:
            assert book.watchlist.topics[topic]["en"], (code, topic)


def test_the_lists_are_clean(book: Book) -> None:
    assert [
        one for one in lint(Path(load.__code__.co_filename).parent) if one["file"] in (BRANDS, WORDING, LINKS)
    ] == []


def written(folder: Path, file: str, text: str) -> Path:
    (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_an_operator_adds_a_brand_and_takes_one_of_ours_out(tmp_path: Path) -> None:
    own = """
[brand.yodel]
faked = false

[brand.acme]
name = "Acme Bank"
kind = "bank"
source = "ours"

[cited.ours]
title = "Our own list"
url = "https://example.org/brands"
read_on = 2026-11-22
"""
    watched = load(written(tmp_path, BRANDS, own)).watchlist
    names = {brand.name for brand in watched.brands}
    assert "Acme Bank" in names and "Yodel" not in names and "PayPal" in names


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (BRANDS, '[brand.acme]\nname = "Acme"\nkind = "bank"', "brands.toml: brand.acme.source"),
        (BRANDS, '[brand.acme]\nname = "Acme"\nkind = "bank"\nsource = "nowhere"', "nowhere is not in [cited]"),
        (
            BRANDS,
            '[brand.acme]\nname = "Acme"\nkind = "bank"\nsource = "bpi"\nfake = 1',
            "brands.toml: brand.acme.fake",
        ),
        (WORDING, '[topic.gossip]\nen = ["psst"]', "wording.toml: topic"),
        (LINKS, "hosts = []", "links.toml: hosts"),
        (LINKS, "endings = 3", "links.toml: endings"),
        (WORDING, "names = []", "wording.toml: names"),
    ],
)
def test_a_mistake_in_a_list_is_told_by_file_and_key(tmp_path: Path, file: str, text: str, says: str) -> None:
    with pytest.raises(RulesError) as wrong:
        load(written(tmp_path, file, text))
    assert says in str(wrong.value)


def test_the_book_of_a_day_has_the_same_lists(book: Book) -> None:
    day = book.pack("TH").sources[0].read_on
    assert book.on(day).watchlist is book.watchlist
