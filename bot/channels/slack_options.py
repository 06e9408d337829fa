"""The lines of Slack's lists that are filled while somebody types: countries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.app import App

MOST = 100  # options Slack takes
LONGEST = 75  # characters of one


def options(app: App, typed: str, locale: str) -> list[dict[str, Any]]:
    """The countries that fit, those we are sure of first; all, with the likely ones first, while nothing is typed."""
    return [_option(code, app.book.country_name(code, locale)) for code in countries(app, typed, locale)]


def countries(app: App, typed: str, locale: str) -> list[str]:
    """Their codes: those it means, those with a word that begins so, those with it inside."""
    wanted = " ".join(typed.casefold().split())
    if not wanted:
        return list(dict.fromkeys([*app.book.likely, *app.book.by_name]))[:MOST]
    names = {code: app.book.country_name(code, locale).casefold() for code in app.book.by_name}
    begins = [code for code, name in names.items() if f" {name}".find(f" {wanted}") >= 0 or code.casefold() == wanted]
    within = [code for code, name in names.items() if wanted in name]
    return list(dict.fromkeys([*begins, *app.find_countries(typed).countries, *within]))[:MOST]


def _option(code: str, name: str) -> dict[str, Any]:
    text = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return {"text": {"type": "plain_text", "text": text, "emoji": False}, "value": code}
