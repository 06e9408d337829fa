"""The plan's PDF read back: its words, its numbers, nothing beyond the margins, specimens that are no letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from bot import drawing
from bot.letters.font import unprintable
from bot.letters.pen import SIZES, WIDTH
from bot.letters.preview import rendered
from bot.words import Catalogs, plain_values
from conversations.countries.overview import Overview, overview
from conversations.countries.plan_sheet import facts
from rules.book import Book, load

DAY = date(2026, 11, 22)
THREE, TEN = ("AE", "KE", "TH"), ("SG", "GB", "TH", "AE", "KE", "VN", "US", "FR", "CN", "IE")
OPERATOR = {"name": "Example SMS Ltd", "address": "1 Example Road", "support": "help@example.com", "logo": None}
NAMES = {"operator": "Example SMS Ltd", "operator_address": "1 Example Road"}


@cache
def the_book() -> Book:
    return load()


@cache
def the_catalogs() -> Catalogs:
    return Catalogs.load(the_book(), strict=True)


def planned(codes: tuple[str, ...], purpose: str | None) -> Overview:
    return overview(the_book(), codes, purpose, DAY)


def in_words(codes: tuple[str, ...], purpose: str | None, paper: str = "A4") -> dict[str, Any]:
    told = facts(planned(codes, purpose), the_book(), DAY, paper, NAMES)
    plain: dict[str, Any] = plain_values(told, the_catalogs().words("en", "UTC"))
    return plain


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


@pytest.fixture(scope="module")
def drawn(folder: Path) -> Mapping[str, bytes]:
    """The plan of three countries on A4, and of ten on US Letter with a logo."""
    logo = folder / "logo.png"
    Image.new("RGB", (300, 80), "#113355").save(logo)
    found = {}
    for name, codes, purpose, paper, picture in (
        ("three", THREE, "otp", "A4", None),
        ("ten", TEN, "promotional", "Letter", str(logo)),
    ):
        order = {
            "plan": in_words(codes, purpose, paper),
            "folder": str(folder),
            "operator": {**OPERATOR, "logo": picture},
        }
        answer = drawing.drawn(order)
        found[name] = Path(answer["pdf"]).read_bytes()
        assert answer["pages"] == len(pypdfium2.PdfDocument(found[name]))
    return found


def pages_of(pdf: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_the_first_page_shows_all_countries_in_their_order_with_their_numbers(drawn: Mapping[str, bytes]) -> None:
    first, plan = pages_of(drawn["three"])[0], planned(THREE, "otp")
    assert "Plan for login and security codes to 3 countries" in first and "Example SMS Ltd" in first
    assert "22 November 2026" in first
    places = [first.index(f"{stage.number} {stage.pack.name} form, filled in here") for stage in plan.stages]
    assert places == sorted(places)
    assert f"{plan.tally.letters.low} to {plan.tally.letters.high} letters drawn here" in first
    assert f"{plan.tally.own.low} to {plan.tally.own.high} papers to bring" in first
    assert plan.first_day is not None and plan.last_day is not None
    assert f"between {plan.first_day.day} {plan.first_day:%B %Y} and {plan.last_day.day} {plan.last_day:%B %Y}" in first


@pytest.mark.parametrize("name", ["three", "ten"])
def test_each_country_has_its_part_with_papers_notes_and_sources(drawn: Mapping[str, bytes], name: str) -> None:
    text, codes = " ".join(pages_of(drawn[name])), THREE if name == "three" else TEN
    squeezed = text.replace(" ", "")
    for code in codes:
        pack = the_book().pack(code)
        assert pack.name in text
        for line in (*pack.notes[:4], *pack.uncertain, *(fee.text for fee in pack.fees)):
            assert line.replace(" ", "") in squeezed, (code, line)
        for source in pack.sources:
            assert source.url in squeezed, (code, source.url)
            assert f"{source.title}, read {source.read_on}".replace(" ", "") in squeezed


def test_every_letter_has_a_specimen_of_its_own_words(drawn: Mapping[str, bytes]) -> None:
    text, book = " ".join(pages_of(drawn["three"])), the_book()
    letters = [
        (stage.pack.name, document)
        for stage in planned(THREE, "otp").stages
        for document in stage.papers
        if document.template
    ]
    assert len(letters) > 4
    for country, document in letters:
        template = book.templates[document.template or ""]
        assert template.title in text and document.title in text
        assert f"not to be signed. {country}: " in text


def test_a_specimen_is_marked_on_every_page_and_holds_no_code(drawn: Mapping[str, bytes]) -> None:
    pdf = drawn["three"]
    pages = pages_of(pdf)
    specimens = [number for number, text in enumerate(pages) if "Specimen with made-up answers" in text]
    assert specimens == list(range(min(specimens), len(pages))), "they are at the end"
    pictures = rendered(pdf, 840)
    for number in specimens:
        assert "SPECIMEN" in pages[number]
        assert zxingcpp.read_barcodes(pictures[number]) == []
        pale = pictures[number].convert("L").histogram()[228]
        assert pale > 5000, f"page {number + 1} has no mark across it"


@pytest.mark.parametrize(("name", "paper"), [("three", "A4"), ("ten", "Letter")])
def test_nothing_stands_beyond_the_margins(drawn: Mapping[str, bytes], name: str, paper: str) -> None:
    width, height = SIZES[paper]
    left = (width - WIDTH) / 2
    for number, page in enumerate(pypdfium2.PdfDocument(drawn[name]), 1):
        assert abs(page.get_width() * 25.4 / 72 - width) < 0.2 and abs(page.get_height() * 25.4 / 72 - height) < 0.2
        text = page.get_textpage()
        for x0, y0, x1, y1 in boxes(text):
            said = text.get_text_bounded(x0, y0, x1, y1)
            if "SPECIMEN" in said and (y1 - y0) > 20:
                continue  # the mark goes from corner to corner
            assert x0 * 25.4 / 72 > left - 1 and x1 * 25.4 / 72 < left + WIDTH + 1, (number, said)
            assert y0 * 25.4 / 72 > 10 and y1 * 25.4 / 72 < height - 10, (number, said)


def boxes(text: pypdfium2.PdfTextPage) -> Iterator[tuple[float, float, float, float]]:
    for index in range(text.count_rects()):
        yield text.get_rect(index)


def test_no_line_stands_over_another(drawn: Mapping[str, bytes]) -> None:
    for name in ("three", "ten"):
        for number, page in enumerate(pypdfium2.PdfDocument(drawn[name]), 1):
            text = page.get_textpage()
            if "Specimen with made-up answers" in text.get_text_bounded():
                continue  # letters have tests of their own
            lines = [(x0, y0, x1, y1) for x0, y0, x1, y1 in boxes(text)]
            for at, (x0, y0, x1, y1) in enumerate(lines):
                for a0, b0, a1, b1 in lines[at + 1 :]:
                    apart = x1 <= a0 + 0.5 or a1 <= x0 + 0.5 or y1 <= b0 + 1.5 or b1 <= y0 + 1.5
                    assert apart, (number, text.get_text_bounded(x0, y0, x1, y1), text.get_text_bounded(a0, b0, a1, b1))


def test_the_same_plan_is_the_same_file(folder: Path) -> None:
    order = {"plan": in_words(("KE", "GH"), None), "folder": str(folder), "operator": OPERATOR}
    first = Path(drawing.drawn(order)["pdf"]).read_bytes()
    assert Path(drawing.drawn(order)["pdf"]).read_bytes() == first


def test_the_words_of_every_country_can_be_printed() -> None:
    told = in_words(the_book().codes, None)
    assert unprintable("\n".join(strings(told))) == ""


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from strings(one)


def test_an_operator_whose_name_has_no_letters_of_ours_gets_no_broken_file(folder: Path) -> None:
    order = {"plan": in_words(("KE",), None), "folder": str(folder), "operator": {**OPERATOR, "name": "例"}}
    assert drawing.drawn(order) == {"why": "rendering_unprintable"}
