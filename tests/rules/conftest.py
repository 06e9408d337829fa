"""The facts as they were collected, and the book made from them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.book import Book, load

SOURCE = Path(__file__).parent / "source"


@pytest.fixture(scope="session")
def book() -> Book:
    return load()


@pytest.fixture(scope="session")
def rows() -> dict[str, dict[str, str]]:
    """countries.csv by ISO code."""
    with (SOURCE / "countries.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    """requirements.yaml; "countries" by ISO code."""
    text = (SOURCE / "requirements.yaml").read_text(encoding="utf-8")
    told = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {**told, "countries": {country["iso2"]: country for country in told["countries"]}}
