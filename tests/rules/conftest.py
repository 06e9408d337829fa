"""The facts as they were collected, and the book made from them."""

from __future__ import annotations

from typing import Any

import coverage_of_facts
import pytest

from rules.book import Book, load


@pytest.fixture(scope="session")
def book() -> Book:
    return load()


@pytest.fixture(scope="session")
def rows() -> dict[str, dict[str, str]]:
    """countries.csv by ISO code."""
    return coverage_of_facts.rows()


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    """requirements.yaml; "countries" by ISO code."""
    return coverage_of_facts.requirements()
