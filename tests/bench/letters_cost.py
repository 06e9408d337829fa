"""What the child processes of a photo cost as a whole: time of a processor, time from start to end, memory at its peak."""

from __future__ import annotations

import os
import resource
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bot.checking.asked import awaited, check_file
from bot.checking.template import templates_of
from bot.uploads.intake import look_into
from tests.photos.kinds import made
from tests.photos.letters import KEYS, Printed
from tests.photos.report import SET

PAGES = 6
LOOKS = 0.002  # seconds between looks at the child's memory
SIDES = (1280, 4000)  # pixels: as a chat sends a photo, and as a phone takes it


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one child process."""

    cpu: float  # ms of a processor
    wall: float  # ms from start to end
    peak: float  # MB


def printed_costs() -> None:
    """Of signature pages: opening the file, then checking its copy."""
    print()
    for side in SIDES:
        opened, checked = zip(
            *(_photo(number, side) for number in range(PAGES if side == SIDES[0] else 2)), strict=True
        )
        for what, costs in (("opens", opened), ("checks", checked)):
            cpu, wall = (float(np.median([getattr(cost, of) for cost in costs])) for of in ("cpu", "wall"))
            peak = max(cost.peak for cost in costs)
            print(
                f"child process that {what} a photo of {side} px: {cpu:.0f} ms of a processor, "
                f"{wall:.0f} ms from start to end, {peak:.0f} MB at its peak"
            )
    print(f"... of which to start, until it can check: {_start():.0f} ms of a processor")
    print(f"template of a page, made once a check: {_template(made('good', SET, 0).letter):.0f} ms")


def _photo(number: int, side: int) -> tuple[Cost, Cost]:
    """Of opening it, of checking it."""
    case = made("good", SET, number, side)
    assert case.letter is not None
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "letter.pdf").write_bytes(case.letter.drawn.pdf)
        cv2.imwrite(str(folder / "photo.jpg"), case.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
        letter = awaited("loa", folder / "letter.pdf", case.letter.drawn.layouts)
        with _Costs() as opened:
            found = look_into(folder / "photo.jpg", "photo.jpg", "image/jpeg", folder / "opened")
        if found.copy is None:
            raise RuntimeError("the child process opened nothing")
        with _Costs() as checked:
            pages = check_file(found.copy, found.copy_kind, [letter], KEYS, folder)
        if not pages:
            raise RuntimeError("the child process checked nothing")
    return opened.cost, checked.cost


def _start() -> float:
    """ms: of a child that then finds nothing to check."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        (Path(name) / "copy.jpg").write_bytes(b"nothing")
        times = []
        for _ in range(PAGES):
            with _Costs() as started:
                check_file(Path(name) / "copy.jpg", "jpeg", [], KEYS, Path(name))
            times.append(started.cost.cpu)
    return float(np.median(times))


def _template(printed: Printed | None) -> float:
    assert printed is not None
    began = time.process_time()
    page = templates_of("loa", printed.drawn.pdf, printed.drawn.layouts)[-1]
    _ = page.features, page.printed, page.quiet
    return 1000 * (time.process_time() - began)


class _Costs:
    """What a child of ours cost; its memory by the kernel's own high-water mark (Linux)."""

    def __init__(self) -> None:
        self._kilobytes = 0
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> _Costs:
        self._looking.start()
        self._cpu, self._began = _cpu_of_children(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self._began, _cpu_of_children() - self._cpu
        self._over.set()
        self._looking.join()
        self.cost = Cost(1000 * cpu, 1000 * wall, self._kilobytes / 1024)

    def _look(self) -> None:
        while not self._over.wait(LOOKS):
            for child in _children():
                self._kilobytes = max(self._kilobytes, _high_water(child))


def _cpu_of_children() -> float:
    """Seconds that those took which are over."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
