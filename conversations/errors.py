"""What the core refuses."""

from __future__ import annotations

from conversations.model import Value


class ConversationError(Exception):
    """Base of the core's errors."""


class BadAnswer(ConversationError):
    """An answer that can't be taken: key and values of the sentence, and a mended form to offer when there is one."""

    def __init__(self, key: str, offer: str | None = None, **values: Value) -> None:
        super().__init__(key)
        self.key = key
        self.offer = offer
        self.values = values
