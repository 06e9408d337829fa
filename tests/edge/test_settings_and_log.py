"""A wrong setting names itself and not its value; a log line carries no answer and no token."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import log
from bot.settings import SettingsError, load
from bot.wiring import told_to_the_engine


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTP_PORT", "eighty", "HTTP_PORT"),
        ("HTTP_PORT", "70000", "HTTP_PORT"),
        ("DATABASE_URL", "postgresql://u:geheim@h/d", "PostgreSQL is not there yet"),
        ("DATABASE_URL", "mysql://geheim", "sqlite:///"),
        ("FILES_URL", "s3://geheim/x", "s3:// is not there yet"),
        ("TELEGRAM_BOT_TOKEN", "123:geheim", "must look like 123456:ABC..., as BotFather gave it"),
        ("TELEGRAM_BOT_TOKEN", "geheim:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "BotFather"),
        ("TELEGRAM_BASE_URL", "geheim", "https://api.telegram.org/bot"),
        ("TELEGRAM_BASE_URL", "http://geheim:8081", "https://api.telegram.org/bot"),
        ("TELEGRAM_BASE_FILE_URL", "ftp://geheim/bot", "https://api.telegram.org/file/bot"),
        ("TELEGRAM_MODE", "geheim", "'polling' or 'webhook'"),
        ("TELEGRAM_MODE", "webhook", "needs PUBLIC_URL"),
        ("TELEGRAM_WEBHOOK_SECRET", "geheim!", "1 to 256 of A-Z a-z 0-9 _ -"),
        ("SLACK_APP_TOKEN", "geheim", "xapp-"),
        ("SLACK_SIGNING_SECRET", "geheim!", "Signing Secret"),
        ("SLACK_BOT_TOKEN", "geheim", "xoxb-"),
        ("SLACK_BOT_TOKEN", "xoxb-1-geheim", "needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"),
        ("SLACK_BASE_URL", "https://geheim/api", "ends with /"),
        ("SECRET_KEYS", "geheim", "16 characters"),
        ("DESK_CHAT", "slack:T9:C9", "needs SLACK_BOT_TOKEN"),
        ("DESK_CHAT", "slack:geheim", "slack:T1:C7"),
        ("DESK_CHAT", "telegram:geheim", "telegram:-100123"),
        ("DESK_CHAT", "telegram:-100123", "needs TELEGRAM_BOT_TOKEN"),
        ("DEFAULT_TIME_ZONE", "geheim", "Europe/Berlin"),
        ("DEFAULT_LOCALE", "xx-geheim", "not there yet"),
        ("PUBLIC_URL", "geheim", "https://"),
        ("PUBLIC_URL", "https://geheim:port", "https://"),
        ("PUBLIC_URL", "https://geheim..example", "https://"),
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


@pytest.mark.parametrize(
    ("address", "is_fine"),
    [
        ("https://senders.example.com", True),
        ("https://senders.example.com:8443/desk/", True),
        ("https://senders.example.com:8080", False),
        ("http://senders.example.com", False),
    ],
)
def test_a_webhook_needs_an_address_telegram_posts_to(
    address: str, is_fine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    monkeypatch.setenv("PUBLIC_URL", address)
    if is_fine:
        assert load().telegram_mode == "webhook"
    else:
        with pytest.raises(SettingsError, match=r"^TELEGRAM_MODE: .*443"):
            load()
    monkeypatch.setenv("TELEGRAM_BASE_URL", "http://127.0.0.1:8081/bot")  # a server of one's own posts anywhere
    assert load().telegram_mode == "webhook"


def test_the_desks_chat_is_named_as_events_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load().telegram_bot, load().desk) == ("", None)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", SECRETS[1])
    monkeypatch.setenv("DESK_CHAT", "telegram:-1001234567890")
    settings = load()
    assert (settings.telegram_bot, settings.desk) == ("123456789", "telegram:123456789:-1001234567890")
    assert told_to_the_engine(settings)["desk_chat"] == settings.desk
    assert SECRETS[1] not in repr(settings)


def test_a_key_is_made_once_and_only_we_can_read_it() -> None:
    first = load().secret_keys
    file = Path("data/senderdesk.db.key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load().secret_keys == first and len(first[0]) >= 32
    file.write_text("short")
    with pytest.raises(SettingsError, match="SECRET_KEYS"):
        load().secret_keys


def test_what_a_start_left_that_was_cut_off_is_not_written_through(tmp_path: Path) -> None:
    """Its number may come again, in a container always; and what lies under that name may lead elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    Path("data").mkdir()
    Path(f"data/senderdesk.db.key.{os.getpid()}").symlink_to(elsewhere)
    assert len(load().secret_keys[0]) >= 32 and not elsewhere.exists()
    assert [path.name for path in Path("data").iterdir()] == ["senderdesk.db.key"]


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


def test_a_line_that_cant_be_written_is_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    log.to_stderr()
    logging.getLogger("uvicorn.error").error("%d files", SECRETS[0])
    assert SECRETS[0] not in capsys.readouterr().err


def test_libraries_log_through_the_same_sieve(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    printed(capsys, lambda _: logging.getLogger("uvicorn.error").error("from %s", SECRETS[1]))
    printed(capsys, lambda _: logging.getLogger("httpx").warning("GET https://x/bot%s/getMe", SECRETS[1]))


def test_a_token_is_hidden_in_an_address_however_short(capsys: pytest.CaptureFixture[str]) -> None:
    line = printed(
        capsys, lambda log: log.warning("failed", what="POST https://x/bot12:AAh-k_2/getMe and /file/bot12:AAh-k_2/a")
    )
    assert "AAh" not in line["what"] and line["what"].endswith("/a")


def test_what_the_telegram_library_quotes_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    log.to_stderr()
    logging.getLogger("telegram.request.BaseRequest").error("Can not load invalid JSON data: %s", SECRETS[0])
    logging.getLogger("httpx").info("HTTP Request: POST https://x/bot%s/getMe", SECRETS[1])
    assert capsys.readouterr().err == ""


def test_a_long_word_in_a_log_line_costs_no_time():
    """Somebody's word, seventy thousand letters long, once kept the whole process busy for half a minute."""
    began = time.process_time()
    for piece in ("x", "1", "+1", "a.b@", "=x", "bot1", "xoxb-a", "/demo/", "1:"):
        log.redact(None, "error", {"event": "update_unreadable", "id": piece * 70_000})
    assert time.process_time() - began < 5
