"""Bytes to a server and back, as they are: no client library mends what is sent."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

PATIENCE = 20.0  # seconds for an answer: far more than any takes on a busy machine
FORM = b"application/x-www-form-urlencoded"
Headers = list[tuple[bytes, bytes]]

_STATUS = re.compile(rb"HTTP/1\.[01] ([2-5]\d\d)")  # 100 only says go on


@dataclass(frozen=True)
class Sent:
    """One request as it goes out, and whether it is all there: of half a one no answer is owed."""

    what: str
    raw: bytes
    whole: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.raw[:300]!r} ({len(self.raw)} bytes)"


def request(method: bytes, target: bytes, headers: Headers, body: bytes | None = None, *, length: bool = True) -> bytes:
    """A request that ends its connection. `length`: with the right Content-Length."""
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: desk.example", b"Connection: close"]
    lines += [name + b": " + value for name, value in headers]
    if length and body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def chunked(pieces: Iterable[bytes], end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def answers(port: int, raw: bytes, *, whole: bool = True) -> list[int]:
    """The status of each answer, up to the connection's end. What can't be sent because it was ended is not sent."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            wire.sendall(raw)
        if not whole:
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_WR)  # there will be no more of it
        return statuses(wire)


def statuses(wire: socket.socket) -> list[int]:
    """The status of each answer that comes until the other side closes.

    Raises:
        TimeoutError: it does not.
    """
    return [int(status) for status in _STATUS.findall(heard(wire))]


def heard(wire: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    got = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while piece := wire.recv(65536):
            got += piece
    return bytes(got)


def talked(port: int, raw: bytes) -> bytes:
    """The whole answer to a whole request."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        wire.sendall(raw)
        return heard(wire)
