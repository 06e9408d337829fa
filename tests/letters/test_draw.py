"""Letters as they are printed: the page design that lets a phone photo be checked."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from letters_to_draw import GENERAL, KEYS, LETTERS, OPERATOR, drawn
from PIL import Image

from bot.letters import codes
from bot.letters.draw import draw
from bot.letters.pen import SIZES
from bot.letters.preview import previews, rendered
from bot.letters.sample_photo import signed_photo
from bot.letters.samples import fingerprint
from bot.letters.sheet import BadFacts, LetterFacts, Operator, TooLong, Unprintable

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def letter():
    return drawn


@cache
def words(pdf: bytes) -> list[list[tuple[str, float, float, float, float]]]:
    """Per page: each piece of text with x0, y0, x1, y1 in mm from the top left."""
    pages = []
    for page in pypdfium2.PdfDocument(pdf):
        height, text, found = page.get_height(), page.get_textpage(), []
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            mm = [round(value * 25.4 / 72, 2) for value in (left, height - top, right, height - bottom)]
            found.append((text.get_text_bounded(left, bottom, right, top), *mm))
        pages.append(found)
    return pages


@cache
def pictures(pdf: bytes) -> list[Image.Image]:
    return rendered(pdf, 840)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf))


def in_mm(box, paper):
    width, height = SIZES[paper]
    return box[0] * width, box[1] * height, box[2] * width, box[3] * height


def distance(one, other):
    """The gap in mm between two rectangles, 0 when they touch."""
    across = max(other[0] - one[2], one[0] - other[2], 0)
    down = max(other[1] - one[3], one[1] - other[3], 0)
    return (across**2 + down**2) ** 0.5


@pytest.mark.parametrize("name", LETTERS)
def test_every_page_is_read_back_from_a_picture_of_1280_pixels(name, letter):
    drawn = letter(name)
    assert 1 <= drawn.pages <= codes.MAX_PAGES
    for layout, page in zip(drawn.layouts, rendered(drawn.pdf, 1280 * 210 // 297), strict=True):
        found = [barcode.text for barcode in zxingcpp.read_barcodes(page)]
        assert found == [layout.code]
        said = codes.read(found[0], KEYS)
        assert said == codes.PageCode("ZDRRFYRD", layout.page, drawn.pages, 2)
        assert codes.pretty(layout.code) in text_of(drawn.pdf)


@pytest.mark.parametrize("name", LETTERS)
def test_boxes_lie_on_the_last_page_with_room_around_them(name, letter):
    drawn, facts = letter(name), LETTERS[name]
    for layout in drawn.layouts[:-1]:
        assert layout.signature_box is None and layout.stamp_box is None
    last = drawn.layouts[-1]
    boxes = [in_mm(box, facts["paper"]) for box in (last.signature_box, last.stamp_box) if box]
    assert last.signature_box is not None
    assert (last.stamp_box is not None) == (facts["stamped"] is not False)
    if last.stamp_box:
        stamp = in_mm(last.stamp_box, facts["paper"])
        assert stamp[2] - stamp[0] >= 50 and stamp[3] - stamp[1] >= 50
        assert distance(*boxes) >= 25
    for text, *where in words(drawn.pdf)[-1]:
        if text.strip() in ("Signature", "Company stamp", "Company stamp (if any)"):
            assert any(box[0] < where[0] and where[2] < box[2] and box[1] < where[1] for box in boxes)
            continue
        assert min(distance(box, where) for box in boxes) >= 12, text


@pytest.mark.parametrize("name", LETTERS)
def test_all_print_lies_within_the_frame_every_printer_reaches(name, letter):
    drawn, facts = letter(name), LETTERS[name]
    width, height = SIZES[facts["paper"]]
    for number, page in enumerate(words(drawn.pdf), 1):
        assert page
        for text, x0, y0, x1, y1 in page:
            assert x0 >= (width - 190) / 2 and x1 <= (width + 190) / 2, (number, text)
            assert y0 >= (height - 255) / 2 - 0.01 and y1 <= (height + 255) / 2 + 0.01, (number, text)
            if facts["letterhead"]:
                assert y0 >= 45 or text.startswith("Space for"), (number, text)
    for picture in pictures(drawn.pdf):  # what is no text: rules, boxes, the code
        ink = Image.eval(picture.convert("L"), lambda value: 255 * (value < 235)).getbbox()
        left, right = (edge * width / picture.width for edge in ink[::2])  # mm
        top, bottom = (edge * height / picture.height for edge in ink[1::2])
        assert left >= (width - 190) / 2 and right <= (width + 190) / 2
        assert top >= (height - 255) / 2 - 0.3 and bottom <= (height + 255) / 2 + 0.3  # a pixel


@pytest.mark.parametrize("name", LETTERS)
def test_words_do_not_overlap(name, letter):
    for page in words(letter(name).pdf):
        for place, (text, x0, y0, x1, y1) in enumerate(page):
            for other, u0, v0, u1, v1 in page[place + 1 :]:
                across, down = min(x1, u1) - max(x0, u0), min(y1, v1) - max(y0, v0)
                assert across <= 0.3 or down <= 1.2, (text, other)


@pytest.mark.parametrize("name", [name for name in LETTERS if name != "bare"])
def test_every_page_has_enough_print_to_be_lined_up_by(name, letter):
    counts = []
    for page, picture in zip(words(letter(name).pdf), pictures(letter(name).pdf), strict=True):
        lines = len({round(y0 / 2) for _, _, y0, _, _ in page})
        rows = picture.convert("L").resize((21, picture.height), Image.Resampling.BOX)
        grey = [sum(150 < rows.getpixel((x, y)) < 215 for x in range(21)) > 12 for y in range(rows.height)]
        rules = sum(now and not before for before, now in pairwise(grey))
        counts.append(lines + rules)
    assert min(counts) >= 20, counts


def test_equal_facts_give_equal_bytes_in_another_process_too(letter):
    program = (
        "import json, sys, hashlib\nfrom bot.letters.draw import draw\nfrom bot.letters.sheet import LetterFacts, Operator\n"
        "facts, operator = json.loads(sys.argv[1])\n"
        "print(hashlib.sha256(draw(LetterFacts.from_mapping(facts), Operator(*operator), ['a key']).pdf).hexdigest())"
    )
    given = json.dumps([GENERAL, [OPERATOR.name, OPERATOR.address, None, OPERATOR.support]])
    seen = {
        subprocess.run(
            [sys.executable, "-c", program, given],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        ).stdout
        for seed, zone in (("1", "UTC"), ("77", "Asia/Bangkok"))
    }
    assert len(seen) == 1
    assert draw(LetterFacts.from_mapping(GENERAL), OPERATOR, KEYS).pdf == letter("general").pdf


def test_the_letter_says_everything_it_was_drawn_from(letter):
    text = text_of(letter("general").pdf)
    for label, value in GENERAL["facts"]:
        assert label in text and value in text
    for expected in (
        GENERAL["subject"],
        "22 November 2026",
        "TH-4K7Q",
        "Somchai Jaidee",
        "Managing Director",
        "88 Sukhumvit Road",
        "Example Messaging GmbH",
        "page 1/",
        "version 2",
        "support@example.com",
    ):
        assert expected in text
    assert "c/o Example Messaging GmbH" in text_of(letter("letterhead").pdf)


def test_a_letter_that_may_name_no_company_in_between_names_none():
    operator = Operator("Go-Between GmbH", "Middle Street 1", None, "help@go-between.example")
    for change in ({"addressee": None}, {"addressee": "du", "addressees": ["du"]}):
        facts = {**GENERAL, **change, "names_operator": False}
        text = text_of(draw(LetterFacts.from_mapping(facts), operator, KEYS).pdf)
        assert "Between" not in text and "Middle" not in text and "go-between" not in text
    unsaid = {key: value for key, value in GENERAL.items() if key != "names_operator"}
    assert LetterFacts.from_mapping({**unsaid, "addressee": None}).names_operator is False
    assert LetterFacts.from_mapping({**unsaid, "addressee": "du"}).names_operator is True


def test_a_letter_to_the_operator_names_it_once_as_addressee():
    facts = {**GENERAL, "addressee": OPERATOR.name}
    assert "c/o" not in text_of(draw(LetterFacts.from_mapping(facts), OPERATOR, KEYS).pdf)


def test_a_letterhead_leaves_the_strip_free_and_does_not_repeat_the_company_block(letter):
    assert "88 Sukhumvit Road" not in text_of(letter("letterhead").pdf)
    for page in words(letter("letterhead").pdf):
        assert [text.strip() for text, _, y0, _, _ in page if y0 < 45] == ["Space for the company’s letterhead"]


def test_the_longest_answers_are_all_there_and_samples_are_capped(letter):
    text = text_of(letter("longest").pdf)
    for number in range(6):
        assert f"number {number}" in text
    for name in LETTERS["longest"]["sender_ids"]:
        assert name in text
    assert text.count("more, filed electronically") == 20
    assert "Sample 3 of number 0" not in text


def test_samples_left_out_before_are_counted_in():
    samples = [["A", "one"], ["A", "two"], ["A", "(and 4 more, filed electronically)"]]
    facts = LetterFacts.from_mapping({**GENERAL, "sender_ids": ["A"], "samples": samples})
    assert facts.samples_of("A", 3) == (["one", "two"], 4)
    assert facts.samples_of("A", 1) == (["one"], 5)


def test_nothing_is_printed_as_an_empty_box():
    """Every character of the letter has a shape of its own, also where a sample is in a script the fonts lack."""
    facts = {
        **GENERAL,
        "samples": [
            ["FRESHBAKE", "ออเดอร์"],
            ["FRESHBAKE", "订单已发货"],
            ["FRESHBAKE", "عرض خاص"],
            ["FRESHPAY", "Sale 🎉🎉👍🏽"],
            ["FRESHPAY", "ဘေကာရီ နမस्ते"],
            ["FRESHPAY", "Ünïcödé Łódź Ελλάδα Привет"],
        ],
        "company_name": "Šťastný Çağ Nguyễn Ö Ltd",
    }
    pdf = draw(LetterFacts.from_mapping(facts), OPERATOR, KEYS).pdf
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("Tj", "TJ"):
                    shown = (
                        bytes(operands[0])
                        if str(operator) == "Tj"
                        else b"".join(bytes(part) for part in operands[0] if isinstance(part, pikepdf.String))
                    )
                    glyphs = [int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2)]
                    assert 0 not in glyphs  # 0 is the box
    text = text_of(pdf)
    for expected in (
        "Text in Chinese script, 5 characters.",
        "Text in Burmese script",
        "Ελλάδα Привет",
        "Šťastný Çağ Nguyễn",
        "SHA-256",
    ):
        assert expected in text
    assert "�" not in text
    assert set("ออเดอร์") | set("عرضخاص") <= set(text)


def test_the_name_of_the_certificate_stands_among_the_particulars_and_where_it_is_signed():
    name = "บริษัท เฟรชเบเกอรี่ (มหาชน)"
    facts = {**GENERAL, "facts": [["As on the certificate", name]], "certificate_name": name, "samples": []}
    letter = draw(LetterFacts.from_mapping(facts), OPERATOR, KEYS)
    marks = [(text, y0) for text, _, y0, _, _ in words(letter.pdf)[-1]]
    assert text_of(letter.pdf).count("มหาชน") == 2
    (signed,) = [y0 for text, y0 in marks if text.startswith("Signed for")]
    under = sum(signed < y0 < signed + 15 for text, y0 in marks if set(text) & set(name) - set(" ()"))
    assert under >= 1, "below the legal name, before the frame"
    assert draw(LetterFacts.from_mapping(facts), OPERATOR, KEYS).pdf == letter.pdf


def test_a_name_no_font_prints_is_described_with_its_fingerprint_and_not_signed_under():
    name = "新鲜面包有限公司"
    facts = {**GENERAL, "facts": [["As on the certificate", name]], "certificate_name": name, "samples": []}
    text = text_of(draw(LetterFacts.from_mapping(facts), OPERATOR, KEYS).pdf)
    assert "Text in Chinese script, 8 characters. Exact text filed electronically" in text
    assert text.count("SHA-256") == 1 and fingerprint(name).replace("\u00a0", " ") in text.replace("\u00a0", " ")


def test_a_body_text_the_font_lacks_is_an_error_that_names_the_characters():
    with pytest.raises(Unprintable) as caught:
        draw(LetterFacts.from_mapping({**GENERAL, "company_name": "新鮮 Bakery"}), OPERATOR, KEYS)
    assert set(caught.value.characters) == set("新鮮")
    with pytest.raises(Unprintable):
        draw(LetterFacts.from_mapping(GENERAL), Operator("運営"), KEYS)


def test_a_letter_of_more_pages_than_a_code_counts_is_refused():
    facts = {**GENERAL, "paragraphs": ["All of this must be said. " * 40] * 60}
    with pytest.raises(TooLong):
        draw(LetterFacts.from_mapping(facts), OPERATOR, KEYS)


def test_version_36_is_refused_before_anything_is_drawn():
    with pytest.raises(codes.CodeError, match="new letter id"):
        draw(LetterFacts.from_mapping({**GENERAL, "version": 36}), OPERATOR, KEYS)


@pytest.mark.parametrize(
    "change", [{"paper": "A3"}, {"date": "tomorrow"}, {"facts": [["only a label"]]}, {"version": "x"}]
)
def test_wrong_facts_are_named(change):
    with pytest.raises(BadFacts):
        LetterFacts.from_mapping({**GENERAL, **change})


def test_missing_facts_are_named():
    with pytest.raises(BadFacts, match="signatory_name"):
        LetterFacts.from_mapping({key: value for key, value in GENERAL.items() if key != "signatory_name"})


def test_a_logo_is_printed_in_the_foot(tmp_path):
    file = tmp_path / "logo.png"
    Image.new("RGB", (300, 80), (200, 30, 30)).save(file)
    operator = Operator(OPERATOR.name, OPERATOR.address, str(file), OPERATOR.support)
    page = rendered(draw(LetterFacts.from_mapping(GENERAL), operator, KEYS).pdf, 840)[0]
    assert page.getpixel((100, ((276 - 19) * 4))) == (200, 30, 30)


def test_previews_are_png_of_a_phone_s_width(letter):
    pictures = [Image.open(io.BytesIO(data)) for data in previews(letter("general").pdf)]
    assert [(picture.format, picture.width) for picture in pictures] == [("PNG", 1080)] * letter("general").pages
    assert all(len(data) < 250_000 for data in previews(letter("longest").pdf))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", ["general", "us_letter", "letterhead"])
def test_a_sample_photo_shows_ink_in_the_boxes_and_its_code_reads(name, seed, letter):
    print("seed", seed)
    drawn = letter(name)
    last = drawn.layouts[-1]
    photo = signed_photo(drawn.pdf, last.page, last, seed)
    picture = Image.open(io.BytesIO(photo))
    assert picture.format == "JPEG"
    assert [barcode.text for barcode in zxingcpp.read_barcodes(picture)] == [last.code]
    colours = picture.convert("HSV").split()[1].point(lambda value: 255 * (value > 110)).crop((250, 300, 1170, 1800))
    assert colours.getbbox() is not None


def test_equal_seeds_give_equal_sample_photos(letter):
    last = letter("us_letter").layouts[-1]
    photos = [signed_photo(letter("us_letter").pdf, last.page, last, seed) for seed in (5, 5, 6)]
    assert photos[0] == photos[1] != photos[2]
