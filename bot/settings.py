"""The environment and `.env`, read once into a frozen value. A wrong setting stops the start and names itself."""

from __future__ import annotations

import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from storage.points import sync_file, sync_folder

KEY_LENGTH = 16  # characters a secret key has at least
TELEGRAM = "https://api.telegram.org/bot"
TELEGRAM_FILES = "https://api.telegram.org/file/bot"
SLACK = "https://slack.com/api/"
WEBHOOK_PORTS = (443, 80, 88, 8443)  # those Telegram posts to


class SettingsError(Exception):
    """Settings that can't be used, a line each; every line begins with the setting to mend."""


class Settings(BaseSettings):
    """All settings. `.env.example` explains each of them."""

    model_config = SettingsConfigDict(
        frozen=True, env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore",
        hide_input_in_errors=True, validate_default=False, populate_by_name=True,
    )  # fmt: skip

    # A setting that is judged by others stands below them.
    public_url: str | None = None
    telegram_bot_token: SecretStr | None = None
    telegram_base_url: str = TELEGRAM
    telegram_base_file_url: str = TELEGRAM_FILES
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_base_url: str = SLACK
    database_url: str = "sqlite:///data/senderdesk.db"
    files_url: str = "file:data/files"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=1, le=65535)
    desk_chat: str | None = None
    operator_name: str = "Sender Desk"
    operator_address: str = ""
    operator_logo: Path | None = None
    support_contact: str = ""
    privacy_url: str | None = None
    given_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(default=(), validation_alias="SECRET_KEYS")
    rules_dir: Path | None = None
    default_locale: str = "en"
    default_time_zone: str = "UTC"
    retention_days: int = Field(default=90, ge=0)

    @property
    def database(self) -> Path:
        """The database file."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def files(self) -> Path:
        """The folder of the file store."""
        return Path(self.files_url.removeprefix("file:"))

    @property
    def telegram_bot(self) -> str:
        """The Telegram bot's number; empty without one."""
        return self.telegram_bot_token.get_secret_value().partition(":")[0] if self.telegram_bot_token else ""

    @property
    def desk(self) -> str | None:
        """The desk's chat by our name of it, where a setting says which."""
        return self.desk_chat and self.desk_chat.replace("telegram:", f"telegram:{self.telegram_bot}:", 1)

    @property
    def socket(self) -> Path:
        """Where the running process listens for commands."""
        return self.database.with_name(self.database.name + ".sock")

    @cached_property
    def secret_keys(self) -> tuple[str, ...]:
        """The secret keys, newest first: from the setting, else from a file beside the database, made when missing."""
        if self.given_keys:
            return tuple(key.get_secret_value() for key in self.given_keys)
        return (_own_key(self.database.with_name(self.database.name + ".key")),)

    @field_validator("telegram_bot_token")
    @classmethod
    def _bots_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{30,}", token.get_secret_value()):
            raise ValueError("must look like 123456:ABC..., as BotFather gave it")
        return token

    @field_validator("telegram_base_url", "telegram_base_file_url")
    @classmethod
    def _bot_api(cls, url: str, info: ValidationInfo) -> str:
        parts = _parts(url)
        if parts is None or len(parts.path) < 2:  # the token follows directly behind
            example = TELEGRAM if info.field_name == "telegram_base_url" else TELEGRAM_FILES
            raise ValueError(f"must be an address such as {example}")
        return url

    @field_validator("telegram_mode")
    @classmethod
    def _reachable(cls, mode: str, info: ValidationInfo) -> str:
        if mode != "webhook" or "public_url" not in info.data:
            return mode
        if info.data["public_url"] is None:
            raise ValueError("webhook needs PUBLIC_URL, where Telegram reaches us")
        parts = urlsplit(info.data["public_url"])
        port = parts.port or (443 if parts.scheme == "https" else 80)
        is_telegrams = info.data.get("telegram_base_url", TELEGRAM) == TELEGRAM
        if is_telegrams and (parts.scheme != "https" or port not in WEBHOOK_PORTS):
            ports = ", ".join(map(str, WEBHOOK_PORTS))
            raise ValueError(f"webhook needs a PUBLIC_URL with https, on one of the ports {ports}")
        return mode

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _webhooks_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
            raise ValueError("takes 1 to 256 of A-Z a-z 0-9 _ -")
        return secret

    @field_validator("slack_app_token")
    @classmethod
    def _apps_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not re.fullmatch(r"xapp-[A-Za-z0-9-]{4,}", token.get_secret_value()):
            raise ValueError("must look like xapp-1-A0..., an app-level token with connections:write")
        return token

    @field_validator("slack_signing_secret")
    @classmethod
    def _signing_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not re.fullmatch(r"[A-Za-z0-9]{16,128}", secret.get_secret_value()):
            raise ValueError("must be the Signing Secret of the app's page Basic Information, without spaces")
        return secret

    @field_validator("slack_bot_token")
    @classmethod
    def _slack_bots_token(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token and not re.fullmatch(r"xox[be](?:\.xoxb)?-[A-Za-z0-9-]{4,}", token.get_secret_value()):
            raise ValueError("must look like xoxb-..., the Bot User OAuth Token of the app")
        ways = ("slack_app_token", "slack_signing_secret")
        if token and all(info.data.get(way, token) is None for way in ways):  # a wrong one is named by itself
            raise ValueError("needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) beside it")
        return token

    @field_validator("slack_base_url")
    @classmethod
    def _web_api(cls, url: str) -> str:
        if _parts(url) is None or not url.endswith("/"):
            raise ValueError(f"must be an address that ends with /, such as {SLACK}")
        return url

    @field_validator("desk_chat")
    @classmethod
    def _desk(cls, chat: str | None, info: ValidationInfo) -> str | None:
        if chat and not re.fullmatch(r"telegram:-[0-9]{1,18}|slack:[TE][A-Z0-9]{1,20}:[CG][A-Z0-9]{1,20}", chat):
            raise ValueError(
                'must be a group such as telegram:-100123 or a channel such as slack:T1:C7; or an admin writes "desk '
                'here" in it'
            )
        if chat and info.data.get(f"{chat.partition(':')[0]}_bot_token", chat) is None:
            raise ValueError(f"needs {chat.partition(':')[0].upper()}_BOT_TOKEN")
        return chat

    @field_validator("database_url")
    @classmethod
    def _sqlite(cls, url: str) -> str:
        if url.startswith(("postgresql://", "postgres://")):
            raise ValueError("PostgreSQL is not there yet; use sqlite:///data/senderdesk.db")
        if not url.startswith("sqlite:///") or url.rstrip("/") == "sqlite:":
            raise ValueError("must be sqlite:///<file>, with four slashes for an absolute path")
        return url

    @field_validator("files_url")
    @classmethod
    def _folder(cls, url: str) -> str:
        if url.startswith("s3://"):
            raise ValueError("s3:// is not there yet; use file:data/files")
        if not url.startswith("file:") or url == "file:":
            raise ValueError("must be file:<folder>")
        return "file:" + url.removeprefix("file:").removeprefix("//")

    @field_validator("public_url", "privacy_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url and _parts(url) is None:
            raise ValueError("must be a web address such as https://senders.example.com")
        return url.rstrip("/") if url else None

    @field_validator("given_keys", mode="before")
    @classmethod
    def _several(cls, keys: Any) -> Any:
        return tuple(key.strip() for key in keys.split(",") if key.strip()) if isinstance(keys, str) else keys

    @field_validator("given_keys")
    @classmethod
    def _long_enough(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < KEY_LENGTH for key in keys):
            raise ValueError(
                f"every key has at least {KEY_LENGTH} characters; commas part them, the newest comes first"
            )
        return keys

    @field_validator("rules_dir")
    @classmethod
    def _is_folder(cls, path: Path | None) -> Path | None:
        if path and not path.is_dir():
            raise ValueError("must be a folder")
        return path

    @field_validator("operator_logo")
    @classmethod
    def _is_picture(cls, path: Path | None) -> Path | None:
        from PIL import Image

        try:
            if path:
                with Image.open(path, formats=["PNG", "JPEG"]) as picture:
                    picture.verify()
        except (
            OSError,
            SyntaxError,
            Image.DecompressionBombError,
        ) as error:  # what Pillow raises for no picture of these
            raise ValueError("must be an image file (PNG or JPEG)") from error
        return path

    @field_validator("default_time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("must be a time zone such as Europe/Berlin")
        return zone

    @field_validator("default_locale")
    @classmethod
    def _known_locale(cls, locale: str) -> str:
        if locale.replace("-", "_").split("_")[0] != "en":
            raise ValueError("must be en: other languages are not there yet")
        return locale


def load(**given: Any) -> Settings:
    """The settings of this process. `given` wins over the environment.

    Raises:
        SettingsError: with every wrong setting, none of their values.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [f"{str(one['loc'][0]).upper()}: {_plainly(one['msg'])}" for one in error.errors(include_input=False)]
        raise SettingsError("\n".join(lines)) from None


def _plainly(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:] if message.startswith("Input") else message


def _parts(url: str) -> SplitResult | None:
    """The parts of a web address; None when it is none."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises when it is no number
        (parts.hostname or "").encode("idna")  # ... when no name is like this
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _own_key(file: Path) -> str:
    """The key in that file; made on the first run, readable by its owner only."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = file.with_name(f"{file.name}.{os.getpid()}")
        made.unlink(missing_ok=True)  # of a start that was cut off: in a container every process has the same number
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(secrets.token_urlsafe(32))
            sync_file(made)
            os.link(made, file)  # two processes that start at once agree on one key
            sync_folder(file.parent)
        except FileExistsError:
            pass
        finally:
            made.unlink(missing_ok=True)
    key = file.read_text(encoding="ascii").strip()
    if len(key) < KEY_LENGTH:
        raise SettingsError(f"SECRET_KEYS: {file} holds no key; remove it, or set SECRET_KEYS")
    return key
