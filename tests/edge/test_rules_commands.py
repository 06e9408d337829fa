"""`python -m bot rules ...`: what is printed, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in an empty folder, with an operator's rules beside it when there are files in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words: str) -> Result:
        if any(tmp_path.glob("*.toml")):
            monkeypatch.setenv("RULES_DIR", str(tmp_path))
        return CliRunner().invoke(app, ["rules", *words], catch_exceptions=False)

    yield command


def test_the_list_is_of_the_routes_that_are_named(run: Run) -> None:
    lines = run("list", "--route", "account_manager", "--route", "template_approval").stdout.splitlines()
    assert {line.split("  ")[0] for line in lines} == {"CN", "KH", "KZ", "RS", "RU", "VN"}
    told = json.loads(run("list", "--registration", "recommended", "--json").stdout)
    assert told and {one["registration"] for one in told} == {"recommended"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("list", "--route", "forms"), 2, "--route: forms is none of form, account_manager"),
        (("list", "--registration", "perhaps"), 2, "--registration: perhaps is none of required"),
        (("list", "--on", "tomorrow"), 2, "--on: tomorrow is not a day such as 2027-01-01"),
        (("show", "QQ"), 1, "no country has the code QQ"),
        (("lint", "--on", "31.12.2026"), 2, "--on: 31.12.2026 is not a day"),
        (("matrix", "--out", "nowhere/countries.md"), 2, "--out: nowhere/countries.md can't be written"),
    ],
)
def test_a_wrong_word_ends_it_with_what_is_right(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    found = run(*words)
    assert (found.exit_code, found.stdout) == (code, "") and said in found.stderr


def test_a_country_is_shown_as_a_page_and_as_json(run: Run) -> None:
    assert run("show", "th").stdout.startswith("Thailand (TH)\n=============\n  route           form\n")
    assert json.loads(run("show", "th", "--json").stdout)["country"] == "TH"


def test_rules_are_those_of_a_day(run: Run, tmp_path: Path) -> None:
    change = (
        '[[changes]]\nfrom = 2027-01-01\ntext = ["Names are short now."]\n[changes.rules.sender_id]\nmax_length = 6\n'
    )
    (tmp_path / "th.toml").write_text(change)

    def longest(day: str) -> int:
        return json.loads(run("show", "TH", "--on", day, "--json").stdout)["sender_id"]["max_length"]

    assert (longest("2026-12-31"), longest("2027-01-01")) == (11, 6)
    assert "What will change" in run("show", "TH", "--on", "2026-12-31").stdout
    assert "(changes 2027-01-01)" in run("matrix", "--on", "2026-12-31").stdout


def test_mistakes_are_printed_with_their_file_and_key(run: Run, tmp_path: Path) -> None:
    (tmp_path / "th.toml").write_text('[field.company_name]\nlabel = "Company "\n')
    found = run("lint", "--on", "2026-11-22")
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "error: th.toml: field.company_name.label begins or ends with a space: remove it",
        "1 error, 0 warnings",
    ]
    (told,) = json.loads(run("lint", "--on", "2026-11-22", "--json").stdout)
    assert set(told) == {"file", "key", "level", "text"} and told["level"] == "error"


def test_stale_sources_are_a_warning_and_no_failure(run: Run) -> None:
    late = run("lint", "--on", "2027-12-01")
    assert late.exit_code == 0 and "days ago: read it again" in late.stdout
    assert run("lint", "--on", "2027-12-01", "--stale-after", "9999").stdout == "0 errors, 0 warnings\n"


def test_the_page_of_all_countries_is_printed_or_written(run: Run, tmp_path: Path) -> None:
    printed = run("matrix").stdout
    assert printed.startswith("# What each country asks\n")
    assert run("matrix", "--out", "countries.md").stdout == "countries.md\n"
    assert (tmp_path / "countries.md").read_text(encoding="utf-8").strip() == printed.strip()


def test_the_schemas_for_editors_are_as_they_would_be_made(run: Run) -> None:
    found = run("schema", "--check")
    assert (found.exit_code, found.stdout) == (0, "")
