"""The child that checks pages gets so much and no more: what takes more comes back unchecked, soon."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

import files_to_send as files
import pytest
from PIL import Image

from bot.checking import PageVerdict, Reason
from bot.checking.asked import Limits, check_file
from bot.letters import codes
from bot.uploads import children

KEYS = ["a key that is only for tests"]


def checks(
    folder: Path, copy: bytes, kind: str, limits: Limits | None = None, first: Sequence[int] = ()
) -> list[PageVerdict]:
    file = folder / "copy"
    file.write_bytes(copy)
    (folder / "made").mkdir(exist_ok=True)
    return check_file(file, kind, [], KEYS, folder / "made", first=first, limits=limits)


def test_time_memory_and_size_are_limited(tmp_path: Path) -> None:
    large = files.image("JPEG", files.photo((5000, 6600), "HELLO"), quality=70)  # seconds of work
    for limits in (Limits(wall=0.5), Limits(cpu=1), Limits(memory=400_000_000)):
        start = time.perf_counter()
        assert checks(tmp_path, large, "jpeg", limits) == [], limits
        assert time.perf_counter() - start < 10  # on a busy machine
        assert list((tmp_path / "made").iterdir()) == []


def test_pages_beyond_the_time_are_not_in_it_and_those_whose_code_was_read_come_first(tmp_path: Path) -> None:
    pages = [files.photo((400, 560), "HELLO") for _ in range(3)]
    file = tmp_path / "pages.pdf"
    pages[0].save(file, save_all=True, append_images=pages[1:])
    hasty = replace(Limits(), patience=0.0)
    assert [verdict.number for verdict in checks(tmp_path, file.read_bytes(), "pdf", hasty, first=[3])] == [3]


@pytest.mark.parametrize("kind", ["jpeg", "png", "pdf"])
def test_what_cannot_be_opened_is_unreadable(tmp_path: Path, kind: str) -> None:
    (verdict,) = checks(tmp_path, b"nothing of that kind", kind)
    assert (verdict.number, verdict.reason, verdict.accepted) == (1, Reason.UNREADABLE, False)


def test_a_disk_without_room_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def into_a_full_disk(command, stdout, **options):  # type: ignore[no-untyped-def]
        with Path("/dev/full").open("wb") as full:
            return start(command, stdout=full, **options)

    monkeypatch.setattr(subprocess, "Popen", into_a_full_disk)
    with pytest.raises(OSError, match="No space left"):
        checks(tmp_path, files.image("JPEG", Image.new("RGB", (200, 200), "white")), "jpeg")


def test_what_only_children_import_is_compiled_once_for_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(children.ROOT / "bot", tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(children, "ROOT", tmp_path)
    monkeypatch.setattr(children, "_compiled", cache(children._compiled.__wrapped__))
    (verdict,) = checks(tmp_path, b"nothing of that kind", "jpeg")
    assert verdict.reason is Reason.UNREADABLE
    for module in ("checking/verdict", "uploads/images", "letters/codes"):
        assert Path(cache_from_source(str(tmp_path / "bot" / f"{module}.py"))).is_file(), module
    assert not list((tmp_path / "bot" / "web").rglob("*.pyc"))


def test_the_key_of_page_codes_is_good_for_page_codes_only() -> None:
    code = codes.make("ABCD2345", 1, 2, 1, KEYS)
    stands_for_it = codes.page_key(KEYS[0])
    assert codes.read(code, [stands_for_it]) == codes.read(code, KEYS) is not None
    assert codes.read(code, [str(stands_for_it)]) is None and KEYS[0] not in stands_for_it
