"""`rules diff`: what differs between two days, or between an operator's files and ours. "No difference" is no error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app

SHORTER = """
[[changes]]
from = 2026-11-15
text = ["Names are shorter."]
source = "aws"
[changes.rules.sender_id]
max_length = 9

[paused]
text = "Closed for now."
until = 2026-11-20
source = "aws"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "countries").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "countries" / "th.toml").write_text(SHORTER)
    (tmp_path / "places.toml").write_text('[aliases]\nTH = ["Land of Smiles"]\n')
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "texts" / "en.po").write_text(f'{head}msgid "ask_country"\nmsgstr "Where to?"\n')
    monkeypatch.setenv("RULES_DIR", str(tmp_path))
    return tmp_path


def diff(*words: str) -> Result:
    return CliRunner().invoke(app, ["rules", "diff", *words])


def plain(*words: str) -> Any:
    done = diff(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_two_days_differ_by_their_entries(folder: Path) -> None:
    done = diff("th", "2026-10-01", "2026-12-01")
    assert done.exit_code == 0
    *lines, paused = done.stdout.splitlines()
    assert lines == [
        "from 2026-11-15: Names are shorter.",
        "  source: https://docs.aws.amazon.com/end-user-messaging/latest/userguide/nx-country-reg-th.html",
        "  ~ sender_id.max_length: 11 -> 9",
        "from 2026-11-20: the pause is over",
    ]
    assert paused.startswith("  - paused: until 2026-11-20, text Closed for now.,")
    first, second = plain("TH", "2026-10-01", "2026-12-01")["entries"]
    assert (first["from"], first["text"], second["from"]) == ("2026-11-15", ["Names are shorter."], "2026-11-20")
    (line,) = first["differences"]
    assert (line["key"], line["before"], line["after"]) == ("sender_id.max_length", 11, 9)


def test_no_difference_is_said_and_no_error(folder: Path) -> None:
    done = diff("TH", "2026-10-01", "2026-11-14")
    assert (done.exit_code, done.stdout) == (0, "no difference\n")
    assert plain("TH", "2026-12-01", "2026-12-01")["entries"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("XX", "2026-10-01", "2026-12-01"), 1, "no country has the code XX"),
        (("TH", "2026-10-01", "soon"), 2, "soon is not a day"),
        (("TH", "2026-12-01", "2026-10-01"), 2, "is before"),
        (("TH", "2026-10-01"), 2, "two days"),
        ((), 2, "two days"),
        (("TH", "2026-10-01", "2026-12-01", "--shipped"), 2, "two days"),
    ],
)
def test_wrong_use_says_what_to_give(folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = diff(*words)
    assert done.exit_code == code and said in done.output


def test_an_operators_files_are_told_by_file_and_key(folder: Path) -> None:
    lines = plain("--shipped")
    keys = {(line["file"], line["key"]) for line in lines}
    assert {
        ("th.toml", "changes.2026-11-15.rules.sender_id.max_length"),
        ("th.toml", "paused.until"),
        ("places.toml", "aliases.TH"),
        ("texts/en", "ask_country"),
    } <= keys
    assert {line["file"] for line in plain("--shipped", "TH")} == {"th.toml"}
    assert "+ paused.until: 2026-11-20" in diff("--shipped").stdout


def test_without_a_folder_nothing_is_laid_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RULES_DIR", raising=False)
    done = diff("--shipped")
    assert done.exit_code == 0 and done.stdout.startswith("RULES_DIR is not set")
    assert plain("--shipped") == []


def test_a_broken_folder_is_named(folder: Path) -> None:
    (folder / "countries" / "th.toml").write_text("= 3")
    assert diff("--shipped").exit_code == 2
    assert "th.toml" in diff("TH", "2026-10-01", "2026-12-01").output
