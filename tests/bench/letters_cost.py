"""What the child process of a check costs as a whole: time from start to end, and memory at its peak."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import cv2
import numpy as np

from bot.checking.asked import awaited, check_file
from bot.checking.template import templates_of
from tests.photos.kinds import made
from tests.photos.letters import KEYS, Printed
from tests.photos.report import SET

PAGES = 6
LOOKS = 0.002  # seconds between looks at the child's memory


def printed_costs() -> None:
    """Of signature pages at 1280 px and at 3600 px, the largest that is looked at."""
    print()
    for side in (1280, 3600):
        walls, peaks = zip(*(_child(number, side) for number in range(PAGES if side == 1280 else 2)), strict=True)
        print(
            f"child process, {side} px: {1000 * float(np.median(walls)):.0f} ms from start to end, "
            f"{max(peaks) / 1024:.0f} MB at its peak"
        )
    print(f"template of a page, made once a check: {_template(made('good', SET, 0).letter):.0f} ms")


def _child(number: int, side: int) -> tuple[float, int]:
    """Seconds and kB."""
    case = made("good", SET, number, side)
    assert case.letter is not None
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "letter.pdf").write_bytes(case.letter.drawn.pdf)
        cv2.imwrite(str(folder / "copy.jpg"), case.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        letter = awaited("loa", folder / "letter.pdf", case.letter.drawn.layouts)
        with _Peak() as peak:
            began = time.perf_counter()
            pages = check_file(folder / "copy.jpg", "jpeg", [letter], KEYS, folder)
            wall = time.perf_counter() - began
        if not pages:
            raise RuntimeError("the child process checked nothing")
    return wall, peak.kilobytes


def _template(printed: Printed | None) -> float:
    assert printed is not None
    began = time.process_time()
    page = templates_of("loa", printed.drawn.pdf, printed.drawn.layouts)[-1]
    _ = page.features, page.printed, page.quiet
    return 1000 * (time.process_time() - began)


class _Peak:
    """The most memory that a child of ours had, by the kernel's own high-water mark (Linux)."""

    def __init__(self) -> None:
        self.kilobytes = 0
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> _Peak:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(LOOKS):
            for child in _children():
                self.kilobytes = max(self.kilobytes, _high_water(child))


def _children() -> list[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []


def _high_water(pid: int) -> int:
    """kB; 0 while the child is still a copy of ourselves."""
    try:
        if Path(f"/proc/{pid}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes():
            return 0
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
