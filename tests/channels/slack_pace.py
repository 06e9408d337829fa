"""How often Slack lets an app call."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bot_clock import Bucket

TIERS = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}  # calls a minute
FIRST_BURST = 10  # of the first tier, or nobody could reconnect twice


@dataclass
class Pace:
    """The published limits, generously read. Set one to None to lift it."""

    channel: tuple[float, float] | None = (10, 1.0)  # messages at once, then so many a second in one channel
    workspace: tuple[float, float] | None = (100, 6.0)  # over all channels
    tiers: dict[int, int] | None = field(default_factory=lambda: dict(TIERS))
    _buckets: dict[object, Bucket] = field(default_factory=dict)

    def off(self) -> None:
        self.channel = self.workspace = self.tiers = None

    def seconds_too_soon(self, method: str, tier: int, channel: str, now: float) -> int:
        """Take one call out of the limits. What is not 0 is the Retry-After, and nothing was taken."""
        limits: dict[object, tuple[float, float] | None] = {}
        if channel:
            limits = {("channel", channel): self.channel, "workspace": self.workspace}
        elif self.tiers and tier in self.tiers:
            count = self.tiers[tier]
            limits = {method: (max(count, FIRST_BURST), count / 60)}
        buckets = [self._buckets.setdefault(key, Bucket(*limit)) for key, limit in limits.items() if limit]
        wait = max((bucket.wait_for(1, now) for bucket in buckets), default=0.0)
        if wait > 0:
            return math.ceil(wait)
        for bucket in buckets:
            bucket.tokens -= 1
        return 0
