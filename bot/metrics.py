"""Numbers for the operator's monitoring. Counts only: no reference, no chat, no answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.sender import Watcher
from bot.writer import Taken
from storage.store import Health, Job, Outgoing

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from bot.wiring import House

QUEUES = ("look_into", "bind_scans", "render", "draw_plan", "erase_files")  # jobs, by name


class Metrics:
    """Counts what the house does, in a registry of its own."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._registry = registry = CollectorRegistry()
        self._turns = Counter("senderdesk_turns", "Events taken", ["kind"], registry=registry)
        self._failures = Counter("senderdesk_turn_failures", "Events whose turn failed", registry=registry)
        self._sends = Counter("senderdesk_sends", "Tries to send a message", ["channel", "result"], registry=registry)
        self._jobs = Counter("senderdesk_jobs", "Jobs done", ["name"], registry=registry)
        self._checks = Counter(
            "senderdesk_page_checks", "Pages of uploads held against awaited letters", ["result"], registry=registry
        )
        self._check_seconds = Histogram(
            "senderdesk_check_seconds", "Time in which a file was held against awaited letters", registry=registry,
            buckets=(0.5, 1, 2, 4, 8, 15, 30),
        )  # fmt: skip
        self._queues = Gauge("senderdesk_queued_jobs", "Jobs not yet done, by name", ["name"], registry=registry)
        self._updates = Counter("senderdesk_updates", "Updates of a platform", ["channel", "result"], registry=registry)
        self._gauges = {
            name: Gauge(f"senderdesk_{name}", words, registry=registry)
            for name, words in (
                ("waiting_events", "Events and store calls that wait to be written"),
                ("waiting_messages", "Messages not yet sent"),
                ("waiting_jobs", "Jobs not yet done"),
                ("failed_events", "Events kept for replay"),
                ("due_timers", "Timers that are due"),
                ("oldest_waiting_seconds", "Age of the oldest message or job that waits"),
            )
        }
        self._registrations = Gauge("senderdesk_registrations", "Registrations", ["status"], registry=registry)
        house.app.watch(self._count_turns)
        for sender in house.senders:
            sender.watchers.append(self._sent(sender.name))
        house.jobs.watchers.append(self._count_job)
        house.jobs.looking.watchers.append(self._count_checks)
        for intake in (house.telegram, house.slack):
            if intake:
                intake.watchers.append(self._updated(intake.channel.name))

    def text(self, health: Health, now: datetime) -> bytes:
        """The page Prometheus reads."""
        oldest = (now - health.oldest_waiting).total_seconds() if health.oldest_waiting else 0.0
        for name, value in (
            ("waiting_events", self._house.app.waiting), ("waiting_messages", health.waiting_messages),
            ("waiting_jobs", health.waiting_jobs), ("failed_events", health.failed_events),
            ("due_timers", health.due_timers), ("oldest_waiting_seconds", oldest),
        ):  # fmt: skip
            self._gauges[name].set(value)
        self._registrations.clear()
        for status, count in health.counts.items():
            self._registrations.labels(status).set(count)
        for name in QUEUES:
            self._queues.labels(name).set(health.jobs.get(name, 0))
        return generate_latest(self._registry)

    def routes(self) -> list[BaseRoute]:
        """The address /metrics."""
        from starlette.responses import Response
        from starlette.routing import Route

        async def metrics(request: Request) -> Response:
            app = self._house.app
            now = app.clock.now()
            health = await asyncio.to_thread(app.store.health, now)
            return Response(
                self.text(health, now), media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"}
            )

        return [Route("/metrics", metrics)]

    def _count_turns(self, taken: Sequence[Taken]) -> None:
        for one in taken:
            self._turns.labels(str(one.event.kind)).inc()
            if one.error:
                self._failures.inc()

    def _count_job(self, job: Job) -> None:
        self._jobs.labels(job.name).inc()

    def _count_checks(self, results: Sequence[str], seconds: float) -> None:
        for result in results:
            self._checks.labels(result).inc()
        self._check_seconds.observe(seconds)

    def _updated(self, channel: str) -> Callable[[str], None]:
        def updated(what: str) -> None:
            self._updates.labels(channel, what).inc()

        return updated

    def _sent(self, channel: str) -> Watcher:
        def sent(message: Outgoing, what: str) -> None:
            self._sends.labels(channel, what).inc()

        return sent
