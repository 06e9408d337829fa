"""Reasons that are said often: a word on a button or in a command, a whole sentence for the customer."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.model import Text, Value

CANNED = (
    "signature", "stamp", "unreadable", "old_version", "altered", "wrong_letter", "name_differs", "sample", "website",
    "brand",
)  # fmt: skip


def reason(written: str) -> Value:
    """A reason as it is read: the sentence a word of CANNED stands for, else exactly as written."""
    return Text(f"desk_reason_{written}") if written in CANNED else written


def reasons(written: Iterable[str]) -> list[Value]:
    """A line each."""
    return [Text("briefing_line", {"text": reason(one)}) for one in written]
