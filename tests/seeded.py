"""Chance that can be repeated, and counts that can be cut: for the suites in tests/faults and tests/attack.

`chance` is a generator of its own for each test, made of the run's seed and the test's name; the seed stands at the head
of the run, and `--seed` repeats it. Seeds that once found something lie in kept_seeds.toml and are run first every time.
`share` says how much of a test's full count this run does.
"""

from __future__ import annotations

import os
import random
import tomllib
from pathlib import Path

import pytest

KEPT = Path(__file__).with_name("kept_seeds.toml")
_RUN = "SENDERDESK_TEST_SEED"  # set by the first process, so that those it starts draw alike


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="repeat the run of this seed")
    parser.addoption("--share", type=float, default=0.1, help="how much of the full counts to run: 1 is all")


def pytest_configure(config: pytest.Config) -> None:
    seed = config.getoption("seed")
    if seed is not None or _RUN not in os.environ:
        os.environ[_RUN] = str(random.SystemRandom().randrange(1_000_000) if seed is None else seed)


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed {os.environ[_RUN]} (repeat with --seed {os.environ[_RUN]}), share {config.getoption('share'):g}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "chance" in metafunc.fixturenames:
        kept = tomllib.loads(KEPT.read_text()).get(metafunc.function.__name__, [])
        seeds = [*kept, int(os.environ[_RUN])]
        metafunc.parametrize("chance", seeds, indirect=True, ids=[*(f"kept-{one}" for one in kept), "seed"])


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """This test's own generator; its seed is printed with a failure."""
    print(f"seed {request.param}")
    return random.Random(f"{request.param} {request.function.__name__}")


class Share:
    """How much of the full counts is run."""

    def __init__(self, part: float) -> None:
        self.part = part

    def of(self, count: int) -> int:
        """That part of a full count, at least one."""
        return max(1, round(count * self.part))


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> Share:
    return Share(request.config.getoption("share"))
