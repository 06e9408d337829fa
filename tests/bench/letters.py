"""How often the check of a photographed letter is right, how long it takes and what it needs: `make bench-letters`.

    python -m tests.bench.letters [--share 0.1] [--long]

The pictures are those of tests/photos/report.py, made afresh each time: equal numbers, equal pictures. `--share` is the
part of them that is looked at; `--long` takes all, the 2,000 unsigned ones among them. Control-C prints what is known
so far. One core; progress goes to stderr.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

import cv2

from bot.checking.asked import ENVIRONMENT
from tests.bench import letters_cost
from tests.bench.letters_table import printed_table
from tests.bench.letters_told import Told, looked_at
from tests.photos.kinds import made
from tests.photos.letters import SETS
from tests.photos.report import PARTS, SET, UNSIGNED, pictures

SHARE = 0.05


def main() -> None:
    if not ENVIRONMENT.items() <= os.environ.items():  # threads that wait for work would be counted as work
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **ENVIRONMENT})
    parser = argparse.ArgumentParser(prog="python -m tests.bench.letters")
    parser.add_argument(
        "--share", type=float, default=SHARE, help="part of the pictures of each kind (default %(default)s)"
    )
    parser.add_argument(
        "--long", action="store_true", help="all unsigned pictures, and all others unless --share is given"
    )
    asked = parser.parse_args()
    share = 1.0 if asked.long and "--share" not in " ".join(sys.argv) else asked.share
    cv2.setNumThreads(1)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = [*pictures(UNSIGNED, 1.0 if asked.long else share), *pictures(PARTS, share)]
    wanted.sort(key=lambda picture: picture[1] % 1000)  # a letter is drawn once for all its pictures
    print(f"{len(wanted)} pictures of the set {SET!r}, seed {SETS[SET]}, their own number and the name of their kind")
    told = looked_through(wanted)
    printed_table(told)
    letters_cost.printed_costs()


def looked_through(wanted: list[tuple[str, int, int]]) -> list[Told]:
    told: list[Told] = []
    began = time.monotonic()
    try:
        for number, (kind, seed, side) in enumerate(wanted, 1):
            told.append(looked_at(made(kind, SET, seed, side), side))
            if number % 20 == 0:
                left = (time.monotonic() - began) / number * (len(wanted) - number)
                print(
                    f"\r{number} of {len(wanted)}, {left / 60:.0f} minutes to go ", end="", file=sys.stderr, flush=True
                )
    except KeyboardInterrupt:
        print(f"\nstopped after {len(told)}", file=sys.stderr)
    print(file=sys.stderr)
    return told


if __name__ == "__main__":
    main()
