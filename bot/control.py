"""Commands for the running process, over a Unix socket beside the database; with none running they open the house.

One JSON line in, `{"command", "args"}` (a chat goes on sending lines); JSON lines out, the last `{"exit", "error"}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bot.settings import Settings
from storage.lock import holder
from storage.store import Busy, StorageError

if TYPE_CHECKING:
    from bot.wiring import House

log = structlog.get_logger()

LINE_LIMIT = 1_000_000  # bytes of one line that is asked
ANSWER_LIMIT = 64_000_000  # ... and of one that is answered: by ourselves, with all of a registration's history
WORKING = ("chat", "tick", "failed replay")  # commands that let things happen; the others only look or note
PATIENCE = 15.0  # seconds to wait for a short command of somebody else to let the database go
ANSWERS = 10.0  # seconds in which a process that is alive answers a knock, whatever it is busy with
KNOCK = {"command": "knock", "args": {}}
LONGEST_PATH = 100  # bytes the system allows in the address of a socket, and a few to spare

Emit = Callable[[Mapping[str, Any]], Awaitable[None]]
Lines = AsyncIterator[str]
Handler = Callable[["House", Mapping[str, Any], Emit, Lines], Awaitable[int]]


class CommandError(Exception):
    """The command can't be carried out: what is wrong and what to do, and the exit code."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code


@asynccontextmanager
async def listening(house: House, handlers: Mapping[str, Handler]) -> AsyncIterator[None]:
    """Take commands for the house while the context lasts."""
    path = house.settings.socket
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_serve(house, handlers, reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    path.unlink(missing_ok=True)  # of a process that was killed: whoever is here holds the database's lock
    before = os.umask(0o177)
    try:
        with _reachable(path) as address:
            server = await asyncio.start_unix_server(connected, address, limit=LINE_LIMIT)
    finally:
        os.umask(before)
    try:
        yield
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        path.unlink(missing_ok=True)


async def _serve(
    house: House, handlers: Mapping[str, Handler], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    async def emit(line: Mapping[str, Any]) -> None:
        writer.write(json.dumps(line).encode() + b"\n")
        await writer.drain()

    async def lines() -> Lines:
        while line := await _line(reader):
            yield line.decode(errors="replace")

    try:
        try:
            order = read_order(await _line(reader))
        except CommandError as error:
            await emit({"exit": error.code, "error": str(error)})
        else:
            await emit(await carried_out(house, handlers, order, emit, lines()))
    except OSError:
        pass  # whoever asked is gone: there is nobody to tell
    finally:
        writer.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        raise CommandError(f"a line has at most {LINE_LIMIT} bytes") from None


def read_order(line: bytes) -> dict[str, Any]:
    """The order in a line.

    Raises:
        CommandError: it is none.
    """
    try:
        order = json.loads(line)
        args = _Args(order["args"].items())
        json.dumps(args, ensure_ascii=False).encode()  # no half of a character: nothing could keep it
        if isinstance(order["command"], str) and not any(isinstance(value, dict | list) for value in args.values()):
            return {"command": order["command"], "args": args}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise CommandError('an order is a line such as {"command": "case list", "args": {}}')


class _Args(dict[str, Any]):
    """What an order comes with. What it lacks is wrong use, and no bug of the command's."""

    def __missing__(self, name: str) -> Any:
        raise CommandError(f"the order lacks {name}")


async def carried_out(
    house: House, handlers: Mapping[str, Handler], order: Mapping[str, Any], emit: Emit, lines: Lines
) -> dict[str, Any]:
    """Carry out one order. Returns its last line: the exit code, and what went wrong in words."""
    if order == KNOCK:
        return {"exit": 0, "error": None}
    handler = handlers.get(str(order.get("command")))
    if handler is None:
        return {"exit": 2, "error": f"the running process does not know the command {order.get('command')!r}"}
    try:
        return {"exit": await handler(house, order.get("args", {}), emit, lines), "error": None}
    except CommandError as error:
        return {"exit": error.code, "error": str(error)}
    except StorageError as error:
        return {"exit": 2, "error": str(error)}
    except ConnectionError:
        raise  # whoever asked is gone
    except Exception:  # a bug of ours: told to the one who asked, with the place in the log
        log.exception("command_failed", command=str(order.get("command")))
        return {"exit": 1, "error": "that failed by an error of ours; the log of the running process says where"}


class Spoken:
    """The lines of a chat, each kept until its turn has ended: when the process there goes, the next one gets it.

    A line carries its own id, so that what was taken already is not taken twice.
    """

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._open = ""  # said, and not yet answered to its end
        self._ended = asyncio.Event()
        self._reading: asyncio.Future[str] | None = None

    async def each(self) -> Lines:
        """The line that waits for its answer, then the following ones, each after the end of the one before."""
        while self._open or await self._read():
            self._ended.clear()
            yield self._open
            await self._ended.wait()

    async def _read(self) -> bool:
        # Shielded: a line that was typed while the far end changed must not be lost with the one who waited for it.
        self._reading = self._reading or asyncio.ensure_future(anext(self._lines, ""))
        self._open = _with_id(await asyncio.shield(self._reading))
        self._reading = None
        return bool(self._open)

    def saw(self, message: Mapping[str, Any]) -> None:
        if message.get("end"):
            self._open = ""
            self._ended.set()


def _with_id(line: str) -> str:
    try:
        said = json.loads(line)
    except ValueError:
        return line  # the far end says what is wrong with it
    return json.dumps({"id": secrets.token_hex(16)} | said) if isinstance(said, dict) else line


class Gone(Exception):
    """The running process ended before it had answered."""


async def ask(
    settings: Settings,
    command: str,
    args: Mapping[str, Any],
    emit: Emit,
    handlers: Callable[[], Mapping[str, Handler]],
    lines: Lines | None = None,
) -> int:
    """Have the running process carry out the command, or do it here when none runs. Returns the exit code.

    Raises:
        CommandError: what went wrong, in words.
        Busy: another process holds the database and does not listen.
    """
    order = {"command": command, "args": dict(args)}
    spoken = Spoken(lines) if lines else None

    async def told(line: Mapping[str, Any]) -> None:
        if spoken:
            spoken.saw(line)
        await emit(line)

    until = time.monotonic() + PATIENCE
    while True:
        try:
            end = await _somewhere(settings, order, told, handlers, spoken)
        except Busy:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)  # somebody's short command, or a process that is just starting or ending
        except Gone:
            if spoken is None:
                raise CommandError("the running process ended before it had answered; try again") from None
            until = time.monotonic() + PATIENCE
        else:
            break
    if end["error"]:
        raise CommandError(end["error"], end["exit"])
    return int(end["exit"])


async def _somewhere(
    settings: Settings,
    order: Mapping[str, Any],
    emit: Emit,
    handlers: Callable[[], Mapping[str, Handler]],
    spoken: Spoken | None,
) -> dict[str, Any]:
    lines = spoken.each() if spoken else None
    try:
        await _knock(settings)  # an order must not lie there until a stopped process goes on
        with _reachable(settings.socket) as address:
            reader, writer = await asyncio.open_unix_connection(address, limit=ANSWER_LIMIT)
    except (FileNotFoundError, ConnectionRefusedError):
        return await _here(settings, order, emit, handlers, lines or _none())
    return await _there(settings, reader, writer, order, emit, lines)


async def _knock(settings: Settings) -> None:
    """Return when the process that has the database is alive.

    Raises:
        FileNotFoundError, ConnectionRefusedError: nobody listens.
        CommandError: it does not answer.
    """
    try:
        async with asyncio.timeout(ANSWERS):
            with _reachable(settings.socket) as address:
                reader, writer = await asyncio.open_unix_connection(address)
            try:
                writer.write(json.dumps(KNOCK).encode() + b"\n")
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # it ends just now: asked again
                    await reader.readline()
            finally:
                writer.close()
    except TimeoutError:
        raise CommandError(
            f"process {holder(settings.database)} has {settings.database} and does not answer: it is stopped or hangs. "
            "Let it go on (kill -CONT), or end it"
        ) from None


async def _here(
    settings: Settings,
    order: Mapping[str, Any],
    emit: Emit,
    handlers: Callable[[], Mapping[str, Handler]],
    lines: Lines,
) -> dict[str, Any]:
    from bot.wiring import opened

    working = order["command"] in WORKING
    async with opened(settings, working=working) as house, listening(house, handlers()):
        return await carried_out(house, handlers(), order, emit, lines)


async def _there(
    settings: Settings,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    order: Mapping[str, Any],
    emit: Emit,
    lines: Lines | None,
) -> dict[str, Any]:
    async def pass_on() -> None:
        async for line in lines or _none():
            writer.write(line.rstrip("\n").encode() + b"\n")
            await writer.drain()
        writer.write_eof()

    writer.write(json.dumps(order).encode() + b"\n")
    passing = asyncio.create_task(pass_on()) if lines else None
    try:
        while line := await _answered(settings, reader):
            answer = json.loads(line)
            if "exit" in answer:
                return dict(answer)
            await emit(answer)
    except ConnectionError:
        pass
    finally:
        if passing:
            passing.cancel()
            await asyncio.gather(passing, return_exceptions=True)
        writer.close()
    raise Gone


async def _answered(settings: Settings, reader: asyncio.StreamReader) -> bytes:
    """The next line. However long it takes, as long as the process is alive."""
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                return await reader.readline()
        except TimeoutError:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                await _knock(settings)


async def _none() -> Lines:
    return
    yield


@contextlib.contextmanager
def _reachable(path: Path) -> Any:
    """An address of the socket that is short enough: a path through its open folder when the whole one is too long."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
