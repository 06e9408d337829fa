"""No fact of the sources was dropped on the way into the packs, and the published page says so."""

from __future__ import annotations

from collections import Counter

import pytest
from coverage_of_facts import PAGE, Fact, Line, became, coverage, missing_words, page, told


@pytest.fixture(scope="module")
def lines(book, rows, facts) -> list[Line]:
    return coverage(book, rows, facts)


def test_no_fact_is_dropped(lines):
    dropped = [
        f"{line.fact.country} {line.fact.key} {line.where} {line.because}" for line in lines if line.became == "dropped"
    ]
    assert not dropped, "\n".join(dropped)
    assert len(lines) > 4_000, Counter(line.became for line in lines)


def test_the_published_page_has_these_figures(lines):
    assert PAGE.read_text(encoding="utf-8") == page(lines), "run: python tests/rules/coverage_of_facts.py"


def test_every_line_of_a_ledger_is_a_fact(lines, facts):

    by_country: dict[str, set[str]] = {}
    for line in lines:
        by_country.setdefault(line.fact.country, set()).add(line.fact.key)
    strays = [f"{code}: {key}" for code in facts["countries"] for key in told(code) if key not in by_country[code]]
    strays += [f"any: {key}" for key in told("any") if not any(key in keys for keys in by_country.values())]
    assert not strays, "\n".join(strays)


def test_a_fact_that_is_nowhere_is_called_dropped():
    fact = Fact("XX", "notes: Blocked since 6 Oct 2025", None)
    plain = {"notes": ["Unregistered names are blocked since 6 Oct 2025.", "Other."]}
    assert became(fact, plain, {}, {}).became == "dropped"
    assert became(fact, plain, {fact.key: "notes.0"}, {}).became == "told"
    assert became(fact, plain, {fact.key: "notes.1"}, {}).became == "dropped"
    assert became(fact, plain, {fact.key: "notes.7"}, {}).became == "dropped"
    assert became(fact, plain, {fact.key: {"because": "it is over"}}, {}).became == "explained"
    assert became(fact, plain, {}, {fact.key: "since 6 Oct"}).became == "told"
    assert became(fact, plain, {}, {fact.key: "since 7 Oct"}).became == "dropped"


def test_numbers_and_names_may_not_get_lost_on_the_way():
    assert missing_words("Fees of 1000 MTN names", ["1,000 on MTN"]) == set()
    assert missing_words("Blocked on MTN since 2025", ["blocked since 2024"]) == {"MTN", "2025"}
