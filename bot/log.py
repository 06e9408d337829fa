"""Logs: ids and states, a JSON line each. Never an answer, a document or a token."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

# What our log lines may carry. A value under any other name is not printed, whoever put it there.
KNOWN = frozenset({
    "event", "level", "timestamp", "exception", "worker", "channel", "outbox", "job", "name", "attempts", "error",
    "how", "what", "locale", "registration", "kind", "id", "count", "status",
})  # fmt: skip
HIDDEN = "[hidden]"

_SECRETS = (
    re.compile(r"(?<!\d)\d{6,}:[A-Za-z0-9_-]{30,}"),  # a Telegram bot's token
    re.compile(r"\bbot\d+:[\w-]+"),  # ... as its addresses hold it
    re.compile(r"\bx(?:ox[a-z](?:\.xox[a-z])?|app)-[A-Za-z0-9-]{4,}"),  # Slack's
    re.compile(r"(?<=[?&]ticket=)[^&\s]+"),  # ... of one connection of its Socket Mode
    re.compile(r"\bDESK-[0-9A-Z]{4}-[0-9A-Z]{4}\b"),
    re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+"),  # an e-mail address
    re.compile(r"\+\d[\d ()-]{6,}\d"),  # a phone number
    re.compile(r"(?<=[?&=])[A-Za-z0-9_-]{24,}"),  # a token in a link
    re.compile(r"(?<=/demo/)[A-Za-z0-9_-]+"),
)


def redact(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line without what has no business in a log."""
    if isinstance(said := line.get("event"), str):
        line["event"] = said.partition("\n")[0]  # asyncio puts the words of an error behind it
    return {key: _clean(value) if key in KNOWN else HIDDEN for key, value in line.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        for secret in _SECRETS:
            value = secret.sub(HIDDEN, value)
        return value
    return value if isinstance(value, int | float | bool | None) else HIDDEN


def _traceback(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The places of an error and its kind, without its words: they may quote what somebody typed."""
    error = line.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error[1] if isinstance(error, tuple) else error
    if isinstance(error, BaseException):
        places, trace = [], error.__traceback__
        while trace:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_qualname}:{trace.tb_lineno}")
            trace = trace.tb_next
        line["exception"] = f"{type(error).__name__} at {' > '.join(places)}"
    return line


class _Unfailing:
    """Standard error, where a full disk or a closed pipe may lose lines: never whoever writes one."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def to_stderr(quiet: bool = False) -> None:
    """Log to standard error; `quiet`: only what needs somebody."""
    level = logging.ERROR if quiet else logging.INFO
    shared: list[Any] = [
        structlog.stdlib.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), _traceback, redact,
    ]  # fmt: skip
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing())),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors quote what it could not read
    for library in ("slack_sdk", "slack_bolt", "aiohttp"):
        logging.getLogger(library).setLevel(logging.CRITICAL)  # likewise
    for library in ("httpx", "httpcore"):
        logging.getLogger(library).setLevel(logging.WARNING)  # below that they print addresses
    logging.raiseExceptions = False  # else a line that can't be written is quoted with all that was to stand in it
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
