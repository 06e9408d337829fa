"""What `check` looks at before a start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.settings import Settings


def checked(settings: Settings, live: bool) -> Iterator[tuple[str, str]]:
    """(what was looked at, what is wrong with it or ""), one after the other."""
    yield "settings", ""
    looks: list[tuple[str, Callable[[Settings], str]]] = [
        ("database", _database), ("sending", _sending), ("files", _files),
        ("rules", _rules), ("texts", _texts), ("letters", _letters),
    ]  # fmt: skip
    for name, look in looks:
        yield name, look(settings)
    yield from _sqlite()
    if live:
        yield from _platforms(settings)


def _sqlite() -> Iterator[tuple[str, str]]:
    from storage.sound import sqlite_warnings

    for warning in sqlite_warnings():
        yield warning, ""


def _platforms(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.telegram_bot_token is None and settings.slack_bot_token is None:
        yield "platforms: none is set up", ""
        return
    import asyncio

    from bot import log

    log.to_stderr(quiet=True)
    if settings.telegram_bot_token is not None:
        from bot.commands import check_telegram

        yield from asyncio.run(check_telegram.looked(settings))
    if settings.slack_bot_token is not None:
        from bot.commands import check_slack

        yield from asyncio.run(check_slack.looked(settings))


def _database(settings: Settings) -> str:
    from storage import sound
    from storage.store import StorageError

    try:
        if settings.database.exists():
            sound.check(settings.database)
    except StorageError as error:
        return f"{error} (DATABASE_URL)"
    return (
        "" if _writable(settings.database.parent) else f"DATABASE_URL: {settings.database.parent} can't be written to"
    )


def _sending(settings: Settings) -> str:
    from storage.opened import HELD
    from storage.sound import kept_settings

    if not settings.database.exists() or _database(settings):
        return ""
    since = kept_settings(settings.database).get(HELD)
    return f"held since the restore of {since[:19]}Z: python -m bot resume lets it go" if since else ""


def _files(settings: Settings) -> str:
    return "" if _writable(settings.files) else f"FILES_URL: {settings.files} can't be written to"


def _writable(folder: Path) -> bool:
    import os

    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)


def _rules(settings: Settings) -> str:
    from rules.lint import lint
    from rules.reading import OURS

    errors = [one for one in lint(settings.rules_dir or OURS) if one["level"] == "error"]
    return "; ".join(f"{one['file']}: {one['key']} {one['text']}" for one in errors)


def _texts(settings: Settings) -> str:
    from bot import words

    try:
        found = words.read(words.OURS)
        if settings.rules_dir:
            words.read(settings.rules_dir / "texts")
    except words.TextsError as error:
        return str(error)
    return "" if found.get("en") else "there is no English catalog"


def _letters(settings: Settings) -> str:
    from bot.letters import font

    return "" if font.cut("Letter", font.REGULAR) else "the font of the letters can't be read"
