"""The server's time, and how often Telegram lets a bot speak."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field


class Clock:
    """The real time and an offset: `passes(150)` instead of sleeping."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._offset, self._changed = 0.0, changed

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._offset

    def passes(self, seconds: float) -> None:
        self._offset += seconds
        self._changed()


@dataclass
class Bucket:
    """Holds `burst` tokens and gains `rate` a second."""

    burst: float
    rate: float
    tokens: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def wait_for(self, count: int, now: float) -> float:
        """Seconds until there are so many tokens; 0 if there are."""
        if self.at:
            self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        # An album larger than what is left of a full bucket must still get out some day.
        return max(0.0, (min(count, self.burst) - self.tokens) / self.rate)


@dataclass
class Pace:
    """The published limits, generously read. Set one to None to lift it."""

    private: tuple[float, float] | None = (20, 1.0)  # burst, then so many a second in one chat
    group: tuple[float, float] | None = (20, 20 / 60)
    overall: tuple[float, float] | None = (40, 30.0)
    _buckets: dict[object, Bucket] = field(default_factory=dict)

    def off(self) -> None:
        self.private = self.group = self.overall = None

    def seconds_too_soon(self, chat: int, count: int, now: float) -> int:
        """Take `count` messages to a chat out of the limits. What is not 0 is the retry_after, and nothing was taken."""
        limits = {chat: self.private if chat > 0 else self.group, "overall": self.overall}
        buckets = [self._buckets.setdefault(key, Bucket(*limit)) for key, limit in limits.items() if limit]
        wait = max((bucket.wait_for(count, now) for bucket in buckets), default=0.0)
        if wait > 0:
            return math.ceil(wait)
        for bucket in buckets:
            bucket.tokens -= count
        return 0
