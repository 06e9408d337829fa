"""A wrong setting names itself and not its value; a log line carries no answer and no token."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import log
from bot.settings import SettingsError, load


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTP_PORT", "eighty", "HTTP_PORT"),
        ("HTTP_PORT", "70000", "HTTP_PORT"),
        ("DATABASE_URL", "postgresql://u:geheim@h/d", "PostgreSQL is not there yet"),
        ("DATABASE_URL", "mysql://geheim", "sqlite:///"),
        ("FILES_URL", "s3://geheim/x", "s3:// is not there yet"),
        ("TELEGRAM_BOT_TOKEN", "123:geheim", "Telegram is not there yet"),
        ("SLACK_APP_TOKEN", "geheim", "Slack is not there yet"),
        ("SECRET_KEYS", "geheim", "16 characters"),
        ("DESK_CHAT", "slack:T9:C9", "not there yet"),
        ("DEFAULT_TIME_ZONE", "geheim", "Europe/Berlin"),
        ("DEFAULT_LOCALE", "xx-geheim", "not there yet"),
        ("PUBLIC_URL", "geheim", "https://"),
        ("RULES_DIR", "/geheim", "folder"),
        ("OPERATOR_LOGO", "/geheim.png", "image file"),
        ("RETENTION_DAYS", "-1", "RETENTION_DAYS"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load()
    assert str(error.value).startswith(name) and words in str(error.value)
    assert "geheim" not in str(error.value)


def test_empty_is_unset_and_dot_env_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PORT", "")
    Path(".env").write_text("OPERATOR_NAME=Anna's SMS\nTELEGRAM_BOT_TOKEN=\nSOMETHING_ELSE=1\n", encoding="utf-8")
    settings = load()
    assert (settings.http_port, settings.operator_name) == (8080, "Anna's SMS")


def test_the_example_file_names_every_setting_and_changes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Path(__file__).parents[2] / ".env.example"
    named = {line.split("=")[0] for line in example.read_text("utf-8").splitlines() if line and line[0] != "#"}
    fields = type(load()).model_fields
    assert named == {str(field.validation_alias or name).upper() for name, field in fields.items()}
    plain = load().model_dump()
    Path(".env").write_text(example.read_text("utf-8"), encoding="utf-8")
    assert load().model_dump() == plain


def test_a_key_is_made_once_and_only_we_can_read_it() -> None:
    first = load().secret_keys
    file = Path("data/senderdesk.db.key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load().secret_keys == first and len(first[0]) >= 32
    file.write_text("short")
    with pytest.raises(SettingsError, match="SECRET_KEYS"):
        load().secret_keys


def test_given_keys_are_the_newest_first_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", "the newest key of all, the older key of all")
    settings = load()
    assert settings.secret_keys == ("the newest key of all", "the older key of all")
    assert "newest" not in repr(settings)


SECRETS = (
    "Acme Bakery GmbH", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "xoxb-12345678-abcdefgh", "DESK-AB12-CD34",
    "anna@example.com", "+49 30 1234567",
)  # fmt: skip


def printed(capsys: pytest.CaptureFixture[str], write: Any) -> dict[str, Any]:
    log.to_stderr()
    write(structlog.get_logger())
    out = capsys.readouterr().err
    assert not any(secret in out for secret in SECRETS), out
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_log_line_carries_ids_and_states_only(capsys: pytest.CaptureFixture[str]) -> None:
    line = printed(capsys, lambda log: log.warning("send_failed", outbox=7, company=SECRETS[0], text=SECRETS[4]))
    assert (line["event"], line["outbox"], line["company"]) == ("send_failed", 7, log.HIDDEN)


@pytest.mark.parametrize("secret", SECRETS[1:])
def test_tokens_and_addresses_are_hidden_wherever_they_stand(secret: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = printed(capsys, lambda log: log.warning(f"bad {secret}", what=f"it was {secret}!"))
    assert log.HIDDEN in line["event"] and log.HIDDEN in line["what"]


def test_an_error_is_logged_by_its_kind_and_place_and_not_by_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    def write(log: Any) -> None:
        try:
            raise ValueError(SECRETS[0])
        except ValueError:
            log.exception("worker_failed")

    line = printed(capsys, write)
    assert line["exception"].startswith("ValueError at ") and "write" in line["exception"]


def test_libraries_log_through_the_same_sieve(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    printed(capsys, lambda _: logging.getLogger("uvicorn.error").error("from %s", SECRETS[1]))
    printed(capsys, lambda _: logging.getLogger("httpx").warning("GET https://x/bot%s/getMe", SECRETS[1]))
