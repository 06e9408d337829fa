"""The seam: what a channel is. A new one is a file here, a test, recorded payloads, and a line of wiring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from storage.store import Outgoing


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one chat may be written to."""

    rate: float  # messages a second, sustained
    burst: int  # messages it may get at once before the rate holds


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message with its words filled in, in the reader's language: plain text, no markup of any platform."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    files: tuple[tuple[Path, str, str], ...] = ()  # (path, name, media type)
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the platform said: its order of the message, to compare with later texts, and its id, to edit it."""

    order: int | None = None
    message: str | None = None
    messages: int = 1  # of the platform it took: each counts for the pace


class TryLater(Exception):
    """The platform asks to wait `wait` seconds. `everyone`: it holds for all chats of the channel."""

    def __init__(self, wait: float, everyone: bool = False) -> None:
        super().__init__(f"try again in {wait} s")
        self.wait = wait
        self.everyone = everyone


class Refused(Exception):
    """The platform will not take this message, now or ever. `gone`: the chat itself can't be reached any more."""

    def __init__(self, why: str, gone: bool = False) -> None:
        super().__init__(why)
        self.gone = gone


class TooBig(Refused):
    """A file is larger than the limit."""


class Moved(Exception):
    """The platform gave this chat a new name: `chat` from now on."""

    def __init__(self, chat: str) -> None:
        super().__init__("the chat has a new id")
        self.chat = chat


class Channel(Protocol):
    name: str  # prefix of its chats: "web", "console", "telegram", "slack"
    overall: float  # messages a second for all chats together

    def pace(self, chat: str) -> Pace:
        """How fast that chat may be written to."""
        ...

    async def send(self, outgoing: Outgoing, rendered: Rendered) -> Sent:
        """Put the message before the customer. Raises TryLater, Refused or Moved; anything else is tried again."""
        ...

    async def download(self, ref: str, into: Path, limit: int) -> Mapping[str, str]:
        """Fetch a file the channel announced, at most `limit` bytes. Raises TryLater, Refused or TooBig."""
        ...


def channel_of(chat: str) -> str:
    """The channel a chat belongs to: what stands before its first colon."""
    return chat.partition(":")[0]
