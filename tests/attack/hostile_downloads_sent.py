"""What a platform's file server may send instead of a file: written byte by byte onto the connection it was asked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

LARGEST = 20_000_000
PIECE = 1_000_000
LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to go on</body></html>"

Pieces = Callable[[bytes], AsyncIterator[bytes]]  # of the file as it was sent, what goes out instead


@dataclass(frozen=True)
class Sent:
    """An answer to whoever asks for a file's bytes."""

    pieces: Pieces
    again: Pieces | None = None  # what comes when it is asked for once more


def head(status: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode()


async def whole(content: bytes) -> AsyncIterator[bytes]:
    yield head("200 OK", "Content-Type: application/octet-stream", f"Content-Length: {len(content)}")
    yield content


async def announced_large(content: bytes) -> AsyncIterator[bytes]:
    """And nothing of it: it is refused by what it says of itself."""
    yield head("200 OK", f"Content-Length: {LARGEST + 1}")
    await asyncio.Event().wait()


async def streamed_large(content: bytes) -> AsyncIterator[bytes]:
    """Nothing is announced; it never ends."""
    yield head("200 OK", "Transfer-Encoding: chunked")
    yield b"%x\r\n%b\r\n" % (len(content), content)
    while True:
        yield b"%x\r\n%b\r\n" % (PIECE, bytes(PIECE))


async def unpacks_large(content: bytes) -> AsyncIterator[bytes]:
    """A packed answer nobody asked for, which unpacks to a thousand times as much."""
    import gzip

    packed = gzip.compress(bytes(LARGEST + 1))
    yield head("200 OK", "Content-Encoding: gzip", f"Content-Length: {len(packed)}")
    yield packed


async def html(content: bytes) -> AsyncIterator[bytes]:
    yield head("200 OK", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(LOGIN)}")
    yield LOGIN


async def cut(content: bytes) -> AsyncIterator[bytes]:
    yield head("200 OK", f"Content-Length: {len(content)}")
    yield content[: len(content) // 2]


async def cut_in_chunks(content: bytes) -> AsyncIterator[bytes]:
    yield head("200 OK", "Transfer-Encoding: chunked")
    yield b"%x\r\n%b" % (len(content), content[: len(content) // 2])


async def no_http(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def silent(content: bytes) -> AsyncIterator[bytes]:
    yield head("200 OK", f"Content-Length: {len(content)}")
    await asyncio.Event().wait()


async def drips(content: bytes) -> AsyncIterator[bytes]:
    """A byte now and then, for ever: no patience between two bytes ends it."""
    yield head("200 OK", "Transfer-Encoding: chunked")
    while True:
        yield b"1\r\nx\r\n"
        await asyncio.sleep(0.02)


def to(address: str) -> Pieces:
    async def elsewhere(content: bytes) -> AsyncIterator[bytes]:
        yield head("302 Found", f"Location: {address}", "Content-Length: 0")

    return elsewhere
