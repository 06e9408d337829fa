"""Pages of the customer's own papers: whether they can be read, how they lie, and whose name is in their text."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import papers_drawn as papers
import pytest
from fpdf import FPDF
from PIL import Image

from bot.uploads import wording
from bot.uploads.intake import Inspection, look_into
from bot.uploads.legible import Look, look

Send = Callable[..., Inspection]


@pytest.fixture
def send(tmp_path: Path) -> Send:
    def sends(content: bytes, name: str, company: str = "") -> Inspection:
        path = tmp_path / "file"
        path.write_bytes(content)
        (tmp_path / "work").mkdir()
        return look_into(path, name, "", tmp_path / "work", company=company)

    return sends


def saved(picture: Image.Image, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, quality=80)
    return file.getvalue()


def pdf(*lines: str, photo: Image.Image | None = None) -> bytes:
    """A page of text, and behind it a page that is a photo."""
    made = FPDF()
    made.set_font("helvetica", size=11)
    made.add_page()
    for line in lines:
        made.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    if photo is not None:
        made.add_page()
        made.image(photo, 0, 0, 210)
    return bytes(made.output())


# --- can it be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pixels", [960, 1280, 2400])
@pytest.mark.parametrize("points", [8, 11])
def test_a_clear_page_is_legible(seed: int, pixels: int, points: int) -> None:
    page = papers.licence(pixels, points, seed)
    assert look(page) == Look("")
    assert look(papers.photo(page, tilt=2 - 2 * seed, seed=seed)) == Look("")


@pytest.mark.parametrize(
    ("pixels", "sharp", "blurred"), [(960, 0.9, 1.8), (1280, 1.2, 2.2), (1400, 1.3, 2.4), (2400, 2.2, 4.5)]
)
@pytest.mark.parametrize("sigma", [0, 5])
def test_a_page_out_of_focus_is_blurred_and_one_a_little_soft_is_not(
    pixels: int, sharp: float, blurred: float, sigma: float
) -> None:
    """By what the eye says of the drawn pages: above the first every word is read, above the second it is guessed."""
    page = papers.photo(papers.licence(pixels, 10), noise=0)
    assert look(papers.with_noise(papers.blurred(page, sharp), sigma)).legible == ""
    assert look(papers.with_noise(papers.blurred(page, blurred), sigma)).legible == "blurred"
    assert look(papers.with_noise(papers.blurred(page, blurred * 2), sigma)).legible == "blurred", "not blank"


def test_a_small_page_is_too_small() -> None:
    assert look(papers.photo(papers.licence(560))).legible == "too_small"
    assert look(papers.photo(papers.licence(720))).legible == ""


def test_a_page_in_the_dark_is_dark_and_one_in_the_shade_is_not() -> None:
    assert look(papers.photo(papers.licence(), light=0.45)).legible == ""
    assert look(papers.photo(papers.licence(), light=0.2)).legible == "dark"


@pytest.mark.parametrize("noise", [0, 3, 8])
def test_a_blank_page_is_blank_whatever_its_grain(noise: float) -> None:
    assert look(papers.with_noise(papers.blank(), noise)).legible == "blank"
    assert look(papers.photo(papers.blank(), noise=noise)).legible == "blank"


def test_a_page_with_three_lines_on_it_is_not_blank() -> None:
    assert look(papers.licence(lines=3)).legible == ""
    assert look(papers.photo(papers.licence(lines=3))).legible == ""


def test_a_page_with_a_box_on_it_alone_is_not_called_blurred() -> None:
    page = papers.blank()
    page.paste(128, (120, 800, 460, 970))
    assert look(page).legible == ""


@pytest.mark.parametrize("shade", [0, 110, 255])
def test_a_picture_of_one_shade_has_an_answer(shade: int) -> None:
    assert look(Image.new("RGB", (1200, 800), (shade,) * 3)).legible == ("dark" if shade == 0 else "blank")


# --- how it lies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tilt", [-6, -3, 0, 3, 6])
@pytest.mark.parametrize("points", [8, 12])
def test_a_page_on_its_side_is_told_and_an_upright_one_is_not(tilt: float, points: int) -> None:
    page = papers.photo(papers.licence(1280, points), tilt=tilt)
    assert look(page).turned == 0
    assert look(page.transpose(Image.Transpose.ROTATE_90)).turned == 90
    assert look(page.transpose(Image.Transpose.ROTATE_270)).turned == 90, "on which side is not told"
    assert look(page.transpose(Image.Transpose.ROTATE_180)).turned == 0, "upside down is not told"


def test_a_look_costs_little() -> None:
    page = papers.photo(papers.licence(4000)).convert("RGB")
    took = []
    for _ in range(5):
        began = time.process_time()
        look(page)
        took.append(time.process_time() - began)
    assert min(took) < 0.15, "seconds of a page of 11 million pixels"


# --- through the child --------------------------------------------------------------------------------------------


def test_a_photo_is_looked_at_and_its_picture_stays_as_it_is(send: Send) -> None:
    found = send(saved(papers.blurred(papers.photo(papers.licence()), 4)), "licence.jpg", "Fresh Bakery")
    (page,) = found.pages
    assert (page.legible, page.turned, found.company) == ("blurred", 0, "no text")


def test_of_a_pdf_the_printed_page_is_legible_and_the_photo_is_looked_at(send: Send) -> None:
    photo = papers.blurred(papers.photo(papers.licence()), 4)
    found = send(
        pdf("Trade licence of FRESH  BÄKERY L.L.C.,", "in the city of Dubai", photo=photo),
        "licence.pdf",
        "Fresh Bakery LLC",
    )
    assert [page.legible for page in found.pages] == ["", "blurred"]
    assert found.company == "found"


def test_a_page_with_a_code_is_left_to_the_check_of_letters(send: Send) -> None:
    import files_to_send

    found = send(files_to_send.image("JPEG"), "page.jpg")
    assert found.pages[0].codes and found.pages[0].legible == "", "it is 600 by 800: too small for any other paper"


def test_without_a_name_none_is_looked_for(send: Send) -> None:
    assert send(pdf("Trade licence of Fresh Bakery in Dubai"), "licence.pdf").company == ""


@pytest.mark.parametrize(
    ("text", "company", "says"),
    [
        ("issued to\nFresh\nBakery GmbH, Hamburg", "Fresh Bakery GmbH", "found"),
        ("issued to the FRESH-BAKERY Limited", "Fresh Bakery Ltd.", "found"),
        ("issued to Frésh Bakery", "Fresh Bakery S.A.", "found"),
        ("issued to شركة المخبز الطازج", "المخبز الطازج", "found"),
        ("issued to Afresh Bakeryworks", "Fresh Bakery", "not found"),
        ("issued to somebody else", "Fresh Bakery", "not found"),
        ("", "Fresh Bakery", "no text"),
        ("issued to the Limited", "The Company Ltd", ""),
        ("whatever it says", "", ""),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, company: str, says: str) -> None:
    assert wording.Layer(frozenset(), text).names(company) == says


def test_only_the_first_pages_are_searched_and_a_page_number_is_no_text(tmp_path: Path) -> None:
    made = FPDF()
    made.set_font("helvetica", size=11)
    for number in range(1, 6):
        made.add_page()
        made.cell(text=f"Page {number}" if number == 2 else f"This is what page {number} says of the company")
    made.output(str(tmp_path / "paper.pdf"))
    layer = wording.layer(str(tmp_path / "paper.pdf"), lambda: True)
    assert layer.printed == {1, 3, 4, 5}
    assert "page 3 says" in layer.first and "page 4" not in layer.first
    assert wording.layer(str(tmp_path / "paper.pdf"), lambda: False).printed == frozenset()
