"""What is made of a photo: the scan, the crops, the marked photo, the PDF of all pages."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image

from bot.checking import Reason
from bot.checking.bound import TooLarge, pdf_of
from bot.checking.scan import PX, crops, joined, marked, scan
from bot.checking.verdict import check
from bot.uploads.reading import codes_in
from tests.letters.letters_to_check import Checked, checked, printed_at, templates
from tests.photos.cases import GRID
from tests.photos.letters import KEYS


def opened(jpeg: bytes | None) -> np.ndarray:
    assert jpeg is not None
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        return np.asarray(image.convert("RGB"))


def scan_of(seen: Checked) -> np.ndarray:
    return opened(scan(seen.verdict, seen.picture))


@pytest.fixture(scope="module")
def pages() -> list[bytes]:
    """Both pages of a letter."""
    made = [scan(one.verdict, one.picture) for one in (checked("good_first"), checked("good"))]
    return [page for page in made if page]


def off(seen: Checked) -> np.ndarray:
    """mm that points of the scan lie off their true place."""
    found, truth = seen.verdict, seen.case.grid
    assert found.alignment is not None and found.template is not None and truth is not None
    places = found.alignment.seen(GRID * (found.template.width, found.template.height))
    return np.hypot(*(places - truth).T) / found.alignment.sharpness().mean()


def test_a_scan_is_the_page_at_200_dpi_its_code_is_read_and_its_paper_is_white():
    seen = checked("good")
    assert seen.verdict.template is not None
    page = scan_of(seen)
    assert page.shape == (round(seen.verdict.template.height * PX), round(seen.verdict.template.width * PX), 3)
    assert seen.verdict.template.layout.code in codes_in(Image.fromarray(page))
    assert np.median(page) == 255


def test_all_points_of_a_scan_are_where_the_page_has_them():
    assert np.median(off(checked("good"))) < 0.3
    assert off(checked("good")).max() < 1.5


def test_a_grid_lies_where_each_of_its_points_does():
    found = checked("good").verdict.alignment
    assert found is not None and found.bend is not None and found.local is not None
    xs, ys = np.linspace(-3, 213, 30), np.linspace(-3, 300, 40)
    points = np.column_stack([axis.ravel() for axis in np.meshgrid(xs, ys)])
    assert found.seen_grid(xs, ys).reshape(-1, 2) == pytest.approx(found.seen(points), abs=0.01)


def test_a_part_of_the_page_is_cut_as_it_is_cut_with_the_whole_also_beyond_the_photo():
    seen = checked("cut_off")
    found = seen.verdict.alignment
    assert found is not None
    whole = found.cut(seen.picture, (0, 0, *found.size), 4)
    for x, y in ((0, 0), (150, 6), (0, 216), (150, 216)):
        part = found.cut(seen.picture, (x, y, x + 48, y + 36), 4)
        there = whole[y * 4 : (y + 36) * 4, x * 4 : (x + 48) * 4]
        assert np.abs(part.astype(int) - there).mean() < 1


@pytest.mark.parametrize("scale", [0.88, 1.06])
def test_a_page_that_was_printed_smaller_or_larger_is_accepted_and_comes_out_as_it_was_drawn(scale):
    seen = printed_at(scale)
    assert seen.verdict.accepted
    assert np.median(off(seen)) < 0.3


def test_the_colour_of_a_stamp_is_kept_in_the_scan():
    def colour_of(kind: str) -> float:
        seen = checked(kind)
        assert seen.verdict.template is not None
        box = seen.verdict.template.box("stamp_box")
        assert box is not None
        x0, y0, x1, y1 = (round(edge * PX) for edge in box)
        part = scan_of(seen)[y0:y1, x0:x1]
        return float(np.ptp(part[part.min(axis=2) < 150].astype(int), axis=1).mean())

    assert colour_of("good") > 60
    assert colour_of("grey") < 20


def test_the_crops_show_the_boxes_and_a_page_without_boxes_has_none():
    seen = checked("good")
    found = crops(seen.verdict, seen.picture)
    assert list(found) == ["signature", "stamp"]
    assert all((opened(crop).min(axis=2) < 110).sum() > 300 for crop in found.values())  # ink is in them
    first = checked("good_first")
    assert crops(first.verdict, first.picture) == {}


def red(picture: np.ndarray) -> np.ndarray:
    part = picture.astype(int)
    return np.asarray((part[..., 0] > 150) & (part[..., 1] < 90) & (part[..., 2] < 90))


def test_an_unsigned_photo_is_marked_round_its_signature_box_and_nowhere_else():
    seen = checked("empty")
    found = seen.verdict
    assert found.alignment is not None and found.template is not None
    picture = opened(marked(found, seen.picture))
    assert picture.shape == seen.picture.shape
    x0, y0, x1, y1 = found.template.box("signature_box") or (0, 0, 0, 0)
    there = found.alignment.seen(
        np.array([(x0 - 4, y0 - 4), (x1 + 4, y0 - 4), (x1 + 4, y1 + 4), (x0 - 4, y1 + 4)], float)
    )
    line = np.zeros(picture.shape[:2], np.uint8)
    cv2.polylines(line, [np.round(there).astype(np.int32)], True, 1, 15)
    at = red(picture) & ~red(seen.picture)
    assert at[line > 0].mean() > 0.3
    assert at[line == 0].mean() < 0.002
    middle = np.round(there.mean(axis=0)).astype(int)[::-1]
    assert abs(int(picture[*middle].sum()) - int(seen.picture[*middle].sum())) < 30  # what is outlined is not dimmed
    assert picture[:20].mean() < 0.8 * seen.picture[:20].mean()


def test_a_page_cut_off_is_marked_along_the_side_where_it_goes_on():
    seen = checked("cut_off")
    picture = opened(marked(seen.verdict, seen.picture))
    sides = (picture[:, 0], picture[0], picture[:, -1], picture[-1])
    assert 1 <= sum(red(side).mean() > 0.8 for side in sides) <= 2


def test_what_has_no_one_place_is_not_marked():
    for kind in ("good", "old_version", "cat", "dark"):
        seen = checked(kind)
        assert marked(seen.verdict, seen.picture) is None, kind


def test_places_near_each_other_are_marked_as_one():
    assert joined([(10, 10, 12, 12), (15, 10, 17, 12), (100, 10, 102, 12)]) == [(6, 6, 21, 16), (96, 6, 106, 16)]


@pytest.mark.parametrize("larger", [1.6, 3.07])
def test_a_large_photo_is_marked_at_a_size_for_a_chat(larger):
    seen = checked("empty")
    assert seen.case.letter is not None
    large = cv2.resize(seen.picture, None, fx=larger, fy=larger, interpolation=cv2.INTER_CUBIC)
    found = check(large, templates(seen.case.letter), KEYS)
    assert found.reason is Reason.UNSIGNED
    assert found.px_per_mm == pytest.approx(larger * seen.verdict.px_per_mm, rel=0.02)
    assert max(opened(marked(found, large)).shape) == 1280


def test_pages_become_one_pdf_in_their_order_as_they_are(pages):
    made = pdf_of(pages, "A4")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        inside = [page.Resources.XObject.Page.read_raw_bytes() for page in pdf.pages]
        assert [[round(float(edge)) for edge in page.mediabox] for page in pdf.pages] == [[0, 0, 595, 842]] * 2
    assert inside == pages
    assert pdf_of(pages, "A4") == made
    with pikepdf.open(io.BytesIO(pdf_of(pages[::-1], "Letter"))) as pdf:
        assert [page.Resources.XObject.Page.read_raw_bytes() for page in pdf.pages] == pages[::-1]
        assert [round(float(edge)) for edge in pdf.pages[0].mediabox] == [0, 0, 612, 792]


def test_a_limit_of_bytes_is_kept_and_every_code_is_still_read(pages):
    whole = len(pdf_of(pages, "A4"))
    smaller = pdf_of(pages, "A4", whole * 6 // 10)
    assert len(smaller) <= whole * 6 // 10
    with pikepdf.open(io.BytesIO(smaller)) as pdf:
        for page, before in zip(pdf.pages, pages, strict=True):
            picture = pikepdf.PdfImage(page.Resources.XObject.Page).as_pil_image()
            assert picture.width >= 8.27 * 150 - 1
            assert codes_in(picture) == codes_in(Image.fromarray(opened(before))) != []


def test_a_limit_that_no_legible_page_fits_into_is_refused_with_the_size_that_would(pages):
    with pytest.raises(TooLarge) as refused:
        pdf_of(pages[:1], "A4", 20_000)
    assert 20_000 < refused.value.least < len(pdf_of(pages[:1], "A4"))
    assert len(pdf_of(pages[:1], "A4", refused.value.least)) == refused.value.least


def test_a_photo_may_lie_on_any_side():
    seen = checked("good")
    assert seen.case.letter is not None
    for turns in (1, 2):
        found = check(np.ascontiguousarray(np.rot90(seen.picture, turns)), templates(seen.case.letter), KEYS)
        assert found.accepted and (found.letter, found.page) == (seen.verdict.letter, seen.verdict.page)


def test_equal_photos_have_equal_answers_and_scans():
    seen = checked("good")
    assert seen.case.letter is not None
    again = check(seen.picture, templates(seen.case.letter), KEYS)
    assert (again.reason, again.quality, again.px_per_mm) == (None, seen.verdict.quality, seen.verdict.px_per_mm)
    assert scan(again, seen.picture) == scan(seen.verdict, seen.picture)
