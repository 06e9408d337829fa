"""Who and where we are on Telegram: what an update is read with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.channels.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Here:
    """What a conversion knows besides the update."""

    bot: str  # its number
    username: str
    tokens: Tokens
    desk: str | None  # chat of the desk
    now: datetime

    def name(self, id: int) -> str:
        """The name of that chat, or of that person."""
        if not isinstance(id, int):
            raise ValueError("an id is a number")
        return f"telegram:{self.bot}:{id}"

    @property
    def link(self) -> str:
        """How the address of a private chat with us begins."""
        return f"https://t.me/{self.username}?start="
