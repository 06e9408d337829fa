"""What a job makes of uploads that letters are awaited for, and of flat pages: real letters, photos and children."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from bot import looking
from bot.checking import asked
from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo
from bot.looking import Looking, Unbindable
from storage.files import FileStore
from storage.store import Job

KEY = "a key that is only for tests"


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The letter that Egypt wants, drawn."""
    from bot.commands.letters import example
    from bot.settings import load
    from rules.book import load as rules

    place = tmp_path_factory.mktemp("letter")
    settings = load(database_url=f"sqlite:///{place}/desk.db", SECRET_KEYS=KEY)
    return Path(example("EG", rules(None).on(date(2026, 11, 22)), settings, place)[0]["file"])


class Desk:
    """A file store and what looks into files, without the rest of the house."""

    def __init__(self, folder: Path, pdf: Path) -> None:
        (folder / "work").mkdir()
        self.pdf, self.files = pdf, FileStore(folder / "files")
        self.looking = Looking(self.files, {}, [KEY], folder / "work")
        self.letter_id = layout_of(pdf)[0].code[1:9]
        self.counted: list[str] = []
        self.looking.watchers.append(lambda results, seconds: self.counted.extend(results))

    def awaited(self, file: str | None = None) -> list[dict[str, Any]]:
        file = file or self.files.put("r7", self.pdf, ".pdf")
        return [{"letter_id": self.letter_id, "slot": "loa", "version": 1, "file": file}]

    def photo(self, page: int, **how: Any) -> str:
        photo = signed_photo(self.pdf.read_bytes(), page, layout_of(self.pdf)[page - 1], seed=3, **how)
        return f"stored:{self.files.put('incoming', photo)}"

    def looks_into(self, *refs: str, letters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        uploads = [[number, ref, "photo.jpg"] for number, ref in enumerate(refs, 1)]
        payload = {"uploads": uploads} | ({"letters": letters} if letters else {})
        name, result = asyncio.run(self.looking.look_into(Job(1, "look_into", 7, 1, payload, 0)))
        assert name == "looked_into" and [upload["problem"] for upload in result["uploads"]] == [""] * len(refs)
        return list(result["uploads"])

    def binds(self, *scans: str, most: int | None = None) -> dict[str, Any]:
        payload = {"slot": "loa", "version": 1, "scans": scans, "paper": "A4", "max_bytes": most}
        name, result = asyncio.run(self.looking.bind_scans(Job(2, "bind_scans", 7, 1, payload, 0)))
        assert name == "scans_bound" and (result["slot"], result["version"], result["scans"]) == ("loa", 1, [*scans])
        return dict(result)


@pytest.fixture
def desk(tmp_path: Path, pdf: Path) -> Desk:
    return Desk(tmp_path, pdf)


def checks_of(uploads: list[dict[str, Any]]) -> list[Any]:
    return [page["check"] for upload in uploads for page in upload["pages"]]


def test_an_upload_is_held_against_the_awaited_letters_and_its_pages_are_bound(desk: Desk) -> None:
    unsigned, first, last = checks_of(
        desk.looks_into(
            desk.photo(2, signed=False),
            desk.photo(1),
            desk.photo(2),
            letters=[*desk.awaited("r7/gone.pdf"), *desk.awaited()],
        )
    )
    for check in (unsigned, first, last):
        assert (check["letter_id"], check["version"], check["altered"]) == (desk.letter_id, 1, "no")
        assert desk.files.read(check["scan"]).startswith(b"\xff\xd8") and check["scan"].startswith("r7/")
        assert type(check["whole"]) is str and check["ms"] > 0 and 0 < check["quality"] <= 100
    assert (unsigned["accepted"], unsigned["reason"], unsigned["signed"]) == (False, "unsigned", "no")
    assert unsigned["marked"].startswith("r7/") and set(unsigned["crops"]) == {"signature", "stamp"}
    assert (first["page"], first["accepted"], first["signed"], first["crops"]) == (1, True, None, {})
    assert (last["page"], last["accepted"], last["reason"], last["marked"]) == (2, True, None, None)
    assert desk.counted == ["unsigned", "accepted", "accepted"]

    bound = desk.binds(first["scan"], last["scan"])
    path = desk.files.path(bound["file"])
    assert bound["file"].startswith("r7/") and bound["bytes"] == path.stat().st_size
    with pikepdf.open(path) as scan:
        assert len(scan.pages) == 2
    smaller = desk.binds(first["scan"], last["scan"], most=bound["bytes"] - 1)
    assert smaller["bytes"] < bound["bytes"]


@pytest.mark.parametrize("why", ["no letter", "letter gone", "letter torn", "child dies", "no time"])
def test_what_is_not_checked_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    letters = desk.awaited()
    if why == "no letter":
        letters = []
    elif why == "letter gone":
        desk.files.remove(letters[0]["file"])
    elif why == "letter torn":
        letters = desk.awaited(desk.files.put("r7", b"%PDF and no more", ".pdf"))
    elif why == "child dies":
        monkeypatch.setattr(asked, "PROGRAM", "bot.no_such_program")
    else:
        monkeypatch.setattr(looking, "CHECKING", 0.0)
    (upload,) = desk.looks_into(desk.photo(1), letters=letters)
    (page,) = upload["pages"]
    assert page["check"] is None and page["letter_id"] == desk.letter_id and desk.files.read(upload["copy"])
    assert desk.counted == (["unchecked"] if why in ("child dies", "no time") else [])
    assert upload["unlooked"] == ([1] if why == "no time" else [])


def test_of_a_file_that_takes_too_long_it_is_told_which_pages_were_not_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_within", lambda seconds: asked.Limits(patience=0.0))
    with pikepdf.open(desk.pdf) as ours, pikepdf.new() as blank:
        for _ in range(2):
            blank.add_blank_page()
        blank.pages.append(ours.pages[0])
        blank.save(desk.pdf.with_name("long.pdf"))
    stored = f"stored:{desk.files.put('incoming', desk.pdf.with_name('long.pdf'), '.pdf')}"
    (upload,) = desk.looks_into(stored, letters=desk.awaited())
    checks = [page["check"] for page in upload["pages"]]
    assert upload["unlooked"] == [1, 2] and checks[:2] == [None, None], "the page with our code comes first"
    assert checks[2]["seen"] == "as_sent" and desk.counted == ["unchecked", "unchecked", "as_sent"]


def test_scans_that_are_gone_or_torn_are_not_bound(desk: Desk) -> None:
    gone = desk.files.put("r7", b"once a page", ".jpg")
    desk.files.remove(gone)
    assert desk.binds(gone)["file"] is None
    with pytest.raises(Unbindable):
        desk.binds(desk.files.put("r7", b"no picture", ".jpg"))
