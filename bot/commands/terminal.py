"""The near end of a chat in the terminal: lines typed in, messages shown. The far end may be another process."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def printable(text: str) -> str:
    """The text, or the JSON, without what a terminal would obey or can't print: that is written as JSON writes it."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


async def typed() -> AsyncIterator[str]:
    """The lines of standard input, each read only when it is asked for; ends at its end."""
    loop = asyncio.get_running_loop()
    while True:
        line: asyncio.Future[str] = loop.create_future()
        # A thread of its own, that ends with the process: one of the loop's would keep us waiting for a last line.
        threading.Thread(target=_read_line, args=(loop, line), daemon=True).start()
        text = await line
        if not text:
            return
        if text.strip():
            yield text


def _read_line(loop: asyncio.AbstractEventLoop, line: asyncio.Future[str]) -> None:
    def settle(text: str) -> None:
        if not line.done():
            line.set_result(text)

    text = sys.stdin.readline()
    try:
        loop.call_soon_threadsafe(settle, text)
    except RuntimeError:  # the loop was closed meanwhile
        pass


class Talk:
    """A person's terminal: numbers press buttons, a path sends a file, an empty line and Ctrl-D do what one expects."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False)
        self._choices: list[str] = []
        self._ready = asyncio.Event()

    async def lines(self) -> AsyncIterator[str]:
        """What was typed, as lines of the protocol."""
        yield json.dumps({"text": "/start"})
        async for text in self._typed():
            yield json.dumps(self._line(text))

    async def _typed(self) -> AsyncIterator[str]:
        source = typed()
        while True:
            await self._ready.wait()
            self._ready.clear()
            self._console.print("[bold]>[/] ", end="")
            sys.stdout.flush()
            try:
                yield await anext(source)
            except StopAsyncIteration:
                self._console.print()
                return

    def _line(self, text: str) -> dict[str, Any]:
        text = text.strip("\n")
        if text.strip().isdecimal() and 0 < int(text) <= len(self._choices):
            return {"choose": self._choices[int(text) - 1]}
        path = Path(text.strip().strip("'\"").replace("\\ ", " ")).expanduser()
        if path.is_absolute() and path.is_file():
            return {"file": str(path)}
        return {"text": text}

    def show(self, message: Mapping[str, Any]) -> None:
        """Print one message; after the last of a turn it is the person's turn again."""
        from rich.markup import escape
        from rich.padding import Padding

        if text := message.get("error") or message.get("text"):
            self._console.print(Padding(escape(printable(text)), (1, 2, 0, 2)))
        for file in message.get("files", ()):
            self._console.print(Padding(f"[dim]file[/] {escape(printable(file))}", (0, 2)))
        if choices := message.get("choices"):
            self._choices = [choice["value"] for choice in choices]
            words = "   ".join(
                f"[cyan]{number}[/] {escape(printable(choice['label']))}" for number, choice in enumerate(choices, 1)
            )
            self._console.print(Padding(words, (1, 2, 0, 2)))
        if message.get("end"):
            self._ready.set()
