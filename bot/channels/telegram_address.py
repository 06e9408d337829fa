"""Where Telegram posts to, and the word it proves itself with."""

from __future__ import annotations

import hashlib
import hmac

from bot.settings import Settings

PATH = "/telegram/webhook"
PURPOSE = "telegram webhook"  # the same keys sign other things


def address(settings: Settings) -> str:
    """Where Telegram posts to."""
    return f"{settings.public_url}{PATH}"


def secrets(settings: Settings) -> tuple[str, ...]:
    """The word Telegram proves itself with: the first is told to it, the others are of older keys and still good."""
    if settings.telegram_webhook_secret is not None:
        return (settings.telegram_webhook_secret.get_secret_value(),)
    said = f"{PURPOSE}\0{settings.telegram_bot}".encode()
    return tuple(hmac.new(key.encode(), said, hashlib.sha256).hexdigest() for key in settings.secret_keys)
