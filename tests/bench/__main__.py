"""Speed and memory, as ratios of one run: `python -m tests.bench`, or the names of some parts behind it.

turns      a durable turn beside a bare commit and beside what one would write instead
growth     1,000 to 100,000 conversations (1,000,000 with `--all`), due timers among as many, memory of the idle
webhook    the whole way of an update posted to us, beside a server that only stores it
pace       20,000 messages waiting for a channel of 30 a second
telegram, slack    how long people wait, over the real process and the test servers
load       200 chats, 20 turns a second; `--minutes 10` for the long one
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import tempfile
from pathlib import Path

from bot import log
from tests.bench import growth, load, pace, slack, telegram, turns, webhook

PARTS = (turns, growth, webhook, pace, telegram, slack, load)


def main() -> None:
    log.to_stderr(quiet=True)
    asked = [name for name in sys.argv[1:] if not name.startswith("-")]
    for part in PARTS:
        name = part.__name__.rpartition(".")[2]
        if asked and name not in asked:
            continue
        print(f"\n=== {name}")
        if inspect.iscoroutinefunction(part.main):
            with tempfile.TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:  # not /tmp: it may be memory
                asyncio.run(part.main(Path(folder)))
        else:
            part.main()


if __name__ == "__main__":
    main()
