"""The one place that knows what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """Real time, unless `tick` says what time it is to be."""

    def __init__(self) -> None:
        self._set_to: datetime | None = None

    def now(self) -> datetime:
        """The present time, aware, UTC."""
        return self._set_to or datetime.now(UTC)

    def set_to(self, at: datetime | None) -> None:
        """Stand still at that time; None: go with the real time again."""
        self._set_to = at

    @property
    def is_set(self) -> bool:
        """Whether it stands still at a time of `tick`."""
        return self._set_to is not None
