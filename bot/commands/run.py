"""The long-running process: the web server, the loops, the commands' socket; stopped by SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import termios
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

import structlog
import typer
import uvicorn

from bot import log as logs
from bot.channels.slack_http import events
from bot.channels.telegram_webhook import webhook
from bot.commands.asked import handlers
from bot.control import listening
from bot.metrics import Metrics
from bot.settings import Settings, SettingsError
from bot.web.patience import KEPT, Patient, room
from bot.web.render import Pages
from bot.web.server import make_app
from bot.wiring import House, opened
from bot.words import TextsError
from rules.reading import RulesError
from storage.store import StorageError

if TYPE_CHECKING:
    from bot.rereading import Rereading
    from bot.web.web import Demo


log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Run until stopped. Ends with exit code 2 when something can't be had."""
    logs.to_stderr()
    try:
        asyncio.run(_serve(settings))
    except (StorageError, RulesError, TextsError, SettingsError, PortTaken) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        place = error.filename or settings.database.parent
        print(f"DATABASE_URL, FILES_URL: {place} can't be used: {error.strerror}", file=sys.stderr)
    else:
        return
    raise typer.Exit(2)


class PortTaken(Exception):
    """HTTP_HOST and HTTP_PORT can't be listened on."""


async def _serve(settings: Settings) -> None:
    async with opened(settings) as house, listening(house, handlers()), taking_in(house) as begin:
        with rereading_on_hangup(house.rereading):
            await serve_pages(house, when_up=begin)


@contextlib.contextmanager
def rereading_on_hangup(rereading: Rereading) -> Iterator[None]:
    """Let SIGHUP read the rules anew, unless it says that our terminal is gone: then it ends us, as ever."""
    loop, on_a_terminal = asyncio.get_running_loop(), sys.stdin is not None and sys.stdin.isatty()

    def hung_up() -> None:
        if on_a_terminal and not _has_terminal():
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            rereading.reread()

    loop.add_signal_handler(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def _has_terminal() -> bool:
    try:
        termios.tcgetattr(sys.stdin)
    except (termios.error, OSError, ValueError):
        return False
    return True


@contextlib.asynccontextmanager
async def taking_in(house: House) -> AsyncIterator[Callable[[], None]]:
    """Let come in what waits on the platforms, from the call of what this gives to the context's end.

    Raises:
        SettingsError: a platform refuses us.
    """
    intakes = [intake for intake in (house.telegram, house.slack) if intake]
    await asyncio.gather(*(intake.begin() for intake in intakes))
    taking: list[asyncio.Task[None]] = []

    def begin() -> None:
        for intake in intakes:
            task = asyncio.create_task(intake.run(), name=intake.channel.name)
            task.add_done_callback(_ended)
            taking.append(task)

    try:
        yield begin
    finally:
        for task in taking:
            task.cancel()
        await asyncio.gather(*taking, return_exceptions=True)


def _ended(task: asyncio.Task[None]) -> None:
    """It goes on until it is cancelled: anything else is a bug of ours, and somebody must hear of it."""
    if not task.cancelled():
        log.error("intake_ended", channel=task.get_name(), error=type(task.exception()).__name__)


async def serve_pages(house: House, demo: Demo | None = None, when_up: Callable[[], None] | None = None) -> None:
    """Serve the pages until the process is told to stop. `when_up` is called when they can be reached.

    Raises:
        PortTaken: another program listens there.
    """
    settings = house.settings
    metrics = Metrics(house)
    pages = Pages(house.catalogs.words(), settings.default_locale)
    routes = [*metrics.routes(), webhook(house.telegram), events(house.slack)]
    web = make_app(house.app, settings, house.page, pages, demo, routes=routes)
    server = _Server(
        uvicorn.Config(
            web, host=settings.http_host, port=settings.http_port, log_config=None, access_log=False,
            timeout_graceful_shutdown=5, proxy_headers=bool(settings.public_url), server_header=False, http=Patient,
            timeout_keep_alive=KEPT, limit_concurrency=room() + 1,  # uvicorn refuses from that number on
        ),
        house,
        when_up,
    )  # fmt: skip
    try:
        await server.serve()
    except SystemExit:  # how uvicorn says that it could not listen
        raise PortTaken(
            f"HTTP_HOST, HTTP_PORT: can't listen on {settings.http_host}:{settings.http_port}: another program does, "
            "or this machine has no such address"
        ) from None


class _Server(uvicorn.Server):
    """Uvicorn, whose stop first ends the open streams: it would wait for them."""

    def __init__(self, config: uvicorn.Config, house: House, when_up: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._house, self._when_up = house, when_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            host = f"[{self.config.host}]" if ":" in self.config.host else self.config.host
            address = f"http://{host}:{self.config.port}"
            print(f"Sender Desk is on {address}", file=sys.stderr)
            log.info("desk", what=f"{address}/desk: python -m bot staff invite --role admin prints a code for it")
            if self._when_up:
                self._when_up()

    def handle_exit(self, sig: int, frame: object) -> None:
        self._house.page.close()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but a signal that stopped us is not raised again: we go on to close the store."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()
