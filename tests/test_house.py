"""The house stays as it was built: imports run one way, the core is pure, every sentence comes from a catalog."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import words

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "rules": {"rules"},
    "conversations": {"conversations", "rules"},
    "storage": {"storage", "conversations"},
    "bot": {"bot", "storage", "conversations", "rules"},
}
# The folders of the core: each imports only what stands before it. What stands beside them, they may share.
FOLDERS = ("judgement", "papers", "countries", "interview", "uploads", "registration", "desk")
IMPURE = {"asyncio", "datetime.now", "os", "sqlite3", "random", "secrets", "socket", "subprocess", "time", "threading",
          "urllib", "logging", "structlog", "starlette", "uvicorn", "sqlite_utils"}  # fmt: skip
CPU_LIMIT = 0.5  # seconds


def modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in modules(package)
        for name in imported(tree)
        if name.split(".")[0] in MAY_IMPORT and name.split(".")[0] not in MAY_IMPORT[package]
    ]
    assert not wrong


def test_the_folders_of_the_core_import_one_way() -> None:
    assert {path.parent.name for path, _ in modules("conversations")} == {"conversations", *FOLDERS}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in modules("conversations")
        if path.parent.name in FOLDERS
        for name in imported(tree)
        for folder in FOLDERS[FOLDERS.index(path.parent.name) + 1 :]
        if name.startswith(f"conversations.{folder}")
    ]
    assert not wrong


def test_the_core_knows_no_platform_no_database_no_clock_no_files_and_waits_for_nothing() -> None:
    wrong = []
    for path, tree in modules("conversations"):
        wrong += [f"{path.name} imports {name}" for name in imported(tree) if name.split(".")[0] in IMPURE]
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                wrong.append(f"{path.name}:{node.lineno} waits")
            if ast.unparse(node) in ("datetime.now", "datetime.utcnow", "datetime.today", "date.today"):
                wrong.append(f"{path.name} asks the clock")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
                wrong.append(f"{path.name}:{node.lineno} opens a file")
    assert not wrong


def test_nobody_asks_which_channel_it_is_outside_the_channels() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in ("conversations", "storage")
        for path, tree in modules(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for other in node.comparators
        if isinstance(other, ast.Constant) and other.value in ("slack", "telegram", "web", "console")
    ]
    assert not wrong


def keys_said(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Keys of texts that the code names outright: Text("key"), Say("key"), talk.say("key"), BadAnswer("key") ..."""
    named = {"Text": 0, "Say": 0, "Tell": 0, "BadAnswer": 0, "say": 0, "tell_desk": 0, "tell_customer": 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in named and len(node.args) > named[name]:
                for part in ast.walk(node.args[named[name]]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and not _in_joined(node, part):
                        yield part.value, node.lineno


def _in_joined(node: ast.Call, part: ast.Constant) -> bool:
    """Pieces of f-strings, and what a condition inside the argument compares with, are no keys."""
    return any(
        part in ast.walk(outer)
        for outer in ast.walk(node)
        if isinstance(outer, ast.JoinedStr | ast.Compare | ast.Subscript)
    )


def test_texts_every_key_the_code_names_has_its_sentence() -> None:
    catalog = words.read(words.OURS)["en"]
    missing = [
        f"{path.relative_to(ROOT)}:{line} {key}"
        for package in ("conversations", "storage", "bot")
        for path, tree in modules(package)
        for key, line in keys_said(tree)
        if key and key not in catalog
    ]
    assert not missing


def test_texts_a_sentence_is_said_only_by_key() -> None:
    """Keys are words with underscores: a sentence written where a key belongs would have a space in it."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} {key}"
        for path, tree in modules("conversations")
        for key, line in keys_said(tree)
        if " " in key
    ]
    assert not wrong


def test_texts_of_every_language_have_the_same_placeholders() -> None:
    catalogs = words.read(words.OURS)
    wrong = [
        f"{language}: {key}"
        for language, catalog in catalogs.items()
        for key, sentence in catalog.items()
        if key in catalogs["en"] and words.placeholders(sentence) != words.placeholders(catalogs["en"][key])
    ]
    assert not wrong


def test_the_core_is_imported_quickly_and_without_any_channel_library() -> None:
    script = (
        "import time, sys; start = time.process_time()\n"
        "import conversations.engine, storage.sqlite, bot.app\n"
        "print(time.process_time() - start)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'starlette', 'uvicorn', 'fpdf', 'PIL', 'pikepdf', 'typer', 'rich', 'jinja2', 'telegram', 'slack_sdk'}))"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True)  # bytecode is written
    seconds = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
        taken, channels = done.stdout.splitlines()
        assert channels == "[]"
        seconds.append(float(taken))
    assert min(seconds) < CPU_LIMIT


def test_only_the_child_that_checks_pages_loads_opencv() -> None:
    """It takes a third of a second and 60 MB, and what it opens came from strangers."""
    script = (
        "import sys, bot.__main__, bot.jobs, bot.demo, bot.commands.checks, bot.web.desk, conversations.engine,"
        " rules.book, storage.sqlite\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'numpy', 'cv2'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
    elsewhere = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in MAY_IMPORT
        for path, tree in modules(package)
        if path.parent != ROOT / "bot" / "checking"
        for name in imported(tree)
        if name.split(".")[0] in ("numpy", "cv2")
    ]
    assert not elsewhere


def test_no_file_is_longer_than_a_sitting() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for package in MAY_IMPORT
        for path, _ in modules(package)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 600
    ]
    assert not long
