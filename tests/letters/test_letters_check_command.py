"""`letters check` and `letters scan` on photos of real letters: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from typer.testing import CliRunner

from bot.__main__ import app
from bot.drawing import layout_of
from bot.letters.sample_photo import signed_photo

LINE = {"file", "letter", "page", "version", "whole", "legible", "altered", "signed", "stamped", "accepted", "reason",
        "ms"}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """The example letter of a country, in a folder, and photos of it."""

    folder: Path
    photos: dict[str, Path]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]


def runs(*words: object) -> Ended:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ended(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    place = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(place)
        patched.setenv("SECRET_KEYS", "a key that is only for tests")
        assert runs("letters", "render", "--example", "EG", "--out", place / "letters").code == 0
    pdf = place / "letters" / "loa.pdf"
    photos = {}
    for layout in layout_of(pdf):
        photos[f"{layout.page}.jpg"] = signed_photo(pdf.read_bytes(), layout.page, layout, seed=layout.page + 1)
        photos[f"{layout.page}-unsigned.jpg"] = signed_photo(
            pdf.read_bytes(), layout.page, layout, seed=layout.page + 1, signed=False
        )
    for name, photo in photos.items():
        (place / name).write_bytes(photo)
    yield Drawn(place / "letters", {name: place / name for name in photos})


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEYS", "a key that is only for tests")


def test_every_page_gets_a_line_and_all_accepted_ends_well(drawn: Drawn) -> None:
    files = [drawn.photos["2.jpg"], drawn.photos["1.jpg"]]
    done = runs("letters", "check", *files, "--letters", drawn.folder, "--json")
    assert done.code == 0, done
    last, first = done.lines
    assert set(last) == set(first) == LINE
    assert {name: value for name, value in last.items() if name != "ms"} == {
        "file": str(files[0]), "letter": "loa", "page": 2, "version": 1, "whole": "yes", "legible": "yes",
        "altered": "no", "signed": "yes", "stamped": "yes", "accepted": True, "reason": None,
    }  # fmt: skip
    assert (first["page"], first["signed"], first["stamped"], first["accepted"]) == (1, None, None, True)
    assert isinstance(last["ms"], int) and last["ms"] > 0


def test_what_is_not_accepted_says_why_and_several_photos_of_a_page_are_all_told(drawn: Drawn, tmp_path: Path) -> None:
    cat, words = tmp_path / "cat.png", tmp_path / "notes.jpg"
    Image.effect_noise((700, 900), 80).save(cat)
    words.write_text("no picture at all")
    files = [drawn.photos["2-unsigned.jpg"], drawn.photos["2.jpg"], cat, words]
    done = runs("letters", "check", *files, "--letters", drawn.folder, "--json")
    assert done.code == 1
    assert [(line["page"], line["accepted"], line["reason"]) for line in done.lines] == [
        (2, False, "unsigned"), (2, True, None), (None, False, "no_code"), (None, False, "unreadable"),
    ]  # fmt: skip

    table = runs("letters", "check", *files[:2], "--letters", drawn.folder)
    assert table.code == 1
    first, second, total = table.out.splitlines()
    assert "loa page 2" in first and first.endswith("it is not signed") and second.endswith("accepted")
    assert total == "1 of 2 accepted"


def test_a_scan_has_the_pages_in_order_each_of_its_last_accepted_photo(drawn: Drawn, tmp_path: Path) -> None:
    both = tmp_path / "both.pdf"
    pages = [Image.open(drawn.photos[f"{page}.jpg"]) for page in (2, 1)]
    pages[0].save(both, save_all=True, append_images=pages[1:], resolution=150)
    files = [both, drawn.photos["1.jpg"], drawn.photos["2-unsigned.jpg"]]
    done = runs("letters", "scan", *files, "--letters", drawn.folder, "--out", tmp_path / "out", "--json")
    assert done.code == 0, done
    (line,) = done.lines
    scan = Path(str(line["file"]))
    assert set(line) == {"letter", "version", "file", "pages", "bytes"}
    assert (line["letter"], line["version"], line["pages"]) == ("loa", 1, 2), done.err
    assert line["bytes"] == scan.stat().st_size and scan.parent == tmp_path / "out"
    assert "2-unsigned.jpg" in done.err and "it is not signed" in done.err
    with pikepdf.open(scan) as pdf:
        assert [[round(float(edge)) for edge in page.mediabox] for page in pdf.pages] == [[0, 0, 595, 842]] * 2

    again = runs("letters", "check", scan, "--letters", drawn.folder, "--json")
    assert [line["page"] for line in again.lines] == [1, 2], "the codes of the scan are read"
    assert all(line["legible"] == "yes" for line in again.lines)


def test_a_scan_that_lacks_pages_replaces_no_pdf_unless_it_is_forced(drawn: Drawn, tmp_path: Path) -> None:
    there = tmp_path / "loa-v1-signed.pdf"
    there.write_bytes(b"every page")
    words = ("letters", "scan", drawn.photos["1.jpg"], "--letters", drawn.folder, "--out", tmp_path)
    done = runs(*words)
    assert (done.code, there.read_bytes()) == (1, b"every page") and "lacks page 2" in done.err
    assert runs(*words, "--force").code == 0 and there.read_bytes().startswith(b"%PDF")
    assert sorted(tmp_path.iterdir()) == [there], "nothing half made is left"


def test_our_own_file_is_accepted_on_no_page(drawn: Drawn) -> None:
    done = runs("letters", "check", drawn.folder / "loa.pdf", "--letters", drawn.folder, "--json")
    assert done.code == 1
    assert [(line["page"], line["signed"], line["accepted"], line["reason"]) for line in done.lines] == [
        (1, None, False, "unsigned"), (2, "no", False, "unsigned"),
    ]  # fmt: skip


def test_with_nothing_accepted_there_is_no_scan(drawn: Drawn, tmp_path: Path) -> None:
    done = runs("letters", "scan", drawn.photos["2-unsigned.jpg"], "--letters", drawn.folder, "--out", tmp_path / "out")
    assert done.code == 1 and not (tmp_path / "out").exists() and "no page was accepted" in done.err


def test_wrong_use_names_what_is_wrong(drawn: Drawn, tmp_path: Path) -> None:
    photo = drawn.photos["1.jpg"]
    torn = tmp_path / "torn"
    torn.mkdir()
    shutil.copy(drawn.folder / "letters.json", torn)
    (tmp_path / "letters.json").write_text('{"not": "a list"}')
    for words, named in (
        (("no-such.jpg", "--letters", drawn.folder), "no-such.jpg"),
        ((photo, "--letters", tmp_path / "none"), "letters.json"),
        ((photo, "--letters", tmp_path), "not what letters render writes"),
        ((photo, "--letters", torn), "loa.pdf"),
        ((), "FILE"),
    ):
        done = runs("letters", "check", *words)
        assert done.code == 2 and named in done.err, (words, done)


def test_with_no_letters_anywhere_the_answer_is_no(drawn: Drawn) -> None:
    done = runs("letters", "check", drawn.photos["2.jpg"], "--json")
    assert done.code == 1 and "no letter is drawn yet" in done.err.lower()
    assert [line["reason"] for line in done.lines] == ["wrong_letter"]
