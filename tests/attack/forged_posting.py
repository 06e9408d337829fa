"""What is asked of the server after each forged request, and after all of them."""

from __future__ import annotations

import time

from forged_house import House
from forged_wires import Sent, answers

A_LOOK = (b"GET /desk ", b"HEAD /desk ")  # at the page that asks for an invitation: anybody may, and it changes nothing
BYTES = 300_000_000  # of memory: what the process needs, and a few bodies


def what_is_wrong(house: House, sent: Sent) -> str:
    """What the answer should not have been; empty for a refusal."""
    began = time.monotonic()
    try:
        got = answers(house.port, sent.raw, whole=sent.whole)
    except TimeoutError:
        return f"no end to {sent}"
    if house.complaints():
        return f"{house.complaints()[-1]} after {sent}"
    if not got and sent.whole:
        return f"no answer to {sent}"
    fine = (200,) if sent.raw.startswith(A_LOOK) else ()
    if not all(400 <= status < 500 or status in fine for status in got):
        return f"{got} to {sent}"
    return f"slow: {sent}" if time.monotonic() - began > 10 else ""


def untouched(house: House, before: dict[str, int]) -> None:
    assert house.rows() == before
    assert house.complaints() == []
    assert house.files() == set()
    assert house.peak < BYTES
