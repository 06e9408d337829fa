"""What comes of files that customers send: each looked into by the real child process."""

from __future__ import annotations

import io
import os
import random
import socket
import subprocess
import sys
import time
import zlib
from importlib.util import find_spec
from pathlib import Path

import files_to_send as files
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageFilter
from PIL.PngImagePlugin import PngInfo

from bot.uploads import children, intake
from bot.uploads.intake import Inspection, Limits, hand_on, look_into


@pytest.fixture
def send(tmp_path):
    """Look into these bytes under this name, as the job does."""
    print("seed", files.SEED)

    def look(content: bytes, name: str, media_type: str = "", limits: Limits | None = None) -> Inspection:
        file = tmp_path / "original"
        file.write_bytes(content)
        (tmp_path / "work").mkdir(exist_ok=True)
        return look_into(file, name, media_type, tmp_path / "work", limits)

    return look


def everything_in(path: Path) -> bytes:
    """All strings and unpacked streams of a PDF, for a search no packing can hide from."""
    with pikepdf.open(path) as document:
        found = [document.trailer.unparse(resolved=False)]
        for thing in document.objects:
            found.append(thing.unparse(resolved=False) if not isinstance(thing, pikepdf.Stream) else b"")
            if isinstance(thing, pikepdf.Stream):
                found.append(pikepdf.Dictionary(dict(thing.stream_dict.items())).unparse(resolved=False))
                try:
                    found.append(thing.read_bytes())
                except pikepdf.PdfError:
                    found.append(thing.read_raw_bytes())
    return b"\n".join(found)


# --- what is taken


@pytest.mark.parametrize(
    ("kind", "name", "copy_kind"),
    [("JPEG", "scan.jpg", "jpeg"), ("PNG", "scan.png", "png"), ("WEBP", "scan.webp", "jpeg")],
)
def test_a_picture_is_taken_with_its_code_a_copy_and_a_preview(kind, name, copy_kind, send):
    found = send(files.image(kind, files.photo((1500, 2000))), name)
    assert (found.problem, found.kind, found.copy_kind) == ("", kind.lower(), copy_kind)
    (page,) = found.pages
    assert (page.number, page.width, page.height, page.codes) == (1, 1500, 2000, (files.CODE,))
    with Image.open(page.preview) as preview:
        assert preview.format == "PNG" and max(preview.size) == 1400
    with Image.open(found.copy) as copy:
        assert copy.size == (1500, 2000)
    assert len(found.sha256) == 64 and found.size > 1000


def test_a_pdf_is_taken_page_by_page(send):
    found = send(files.saved(files.pdf(3)), "licence.pdf", "application/pdf")
    assert (found.problem, found.kind, found.copy_kind, found.signed_pdf) == ("", "pdf", "pdf", False)
    assert [(page.number, page.width, page.height, page.codes) for page in found.pages] == [
        (number, 595, 842, ()) for number in (1, 2, 3)
    ]
    with Image.open(found.pages[2].preview) as preview:
        assert preview.size == (990, 1400) or preview.size == (989, 1400)


def test_a_scan_in_a_pdf_has_its_code_read_and_its_metadata_dropped(send):
    found = send(files.pdf_of_a_photo(), "scan.pdf")
    assert found.pages[0].codes == (files.CODE,)
    inside = everything_in(found.copy)
    assert b"Exif" not in inside and b"CameraMaker" not in inside
    assert b"Exif" in files.pdf_of_a_photo()


@pytest.mark.parametrize(
    ("look", "turn"),
    [
        ("small and soft", lambda picture: picture.resize((330, 440)).filter(ImageFilter.GaussianBlur(1.2))),
        (
            "dark to one side",
            lambda picture: Image.composite(
                picture,
                Image.new("RGB", picture.size),
                Image.linear_gradient("L").resize(picture.size).rotate(180).point(lambda value: 30 + value // 3),
            ),
        ),
        ("turned", lambda picture: picture.rotate(23, expand=True, fillcolor=(90, 80, 70))),
    ],
)
def test_codes_are_read_from_poor_photos(look, turn, send):
    assert send(files.image("JPEG", turn(files.photo()), quality=70), "photo.jpg").pages[0].codes == (files.CODE,), look


def test_a_code_of_somebody_else_is_told_as_it_is(send):
    found = send(files.image("PNG", files.photo(code="HELLO WORLD 123")), "photo.png")
    assert found.pages[0].codes == ("HELLO WORLD 123",)


def test_a_signed_pdf_is_noticed_and_an_empty_signature_field_is_not(send):
    assert send(files.signed_pdf(), "signed.pdf").signed_pdf is True
    with pikepdf.open(io.BytesIO(files.signed_pdf())) as document:
        del document.Root.AcroForm.Fields[0].V
        assert send(files.saved(document), "unsigned.pdf").signed_pdf is False


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_unusual_pixels_become_plain_ones(mode, send):
    picture = (
        files.photo((400, 500)).convert("L").convert("I;16").point(lambda value: value * 256)
        if mode == "I;16"
        else files.photo((400, 500)).convert(mode)
    )
    kind = "JPEG" if mode == "CMYK" else "PNG"
    found = send(files.image(kind, picture), f"picture.{kind.lower()}")
    with Image.open(found.copy) as copy:
        assert copy.mode in ("L", "RGB")
        assert copy.convert("L").getpixel((10, 10)) > 150  # still light


def test_of_several_frames_the_first_is_taken(send):
    frames = [Image.new("RGB", (200, 200), colour) for colour in ("red", "blue")]
    found = send(files.image("WEBP", frames[0], save_all=True, append_images=frames[1:], lossless=True), "moving.webp")
    with Image.open(found.copy) as copy:
        assert copy.getpixel((100, 100))[0] > 240
    phone = files.image("MPO", files.photo(), save_all=True, append_images=[files.photo().resize((90, 120))])
    assert send(phone, "portrait.jpg").problem == ""


# --- what is taken out


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_s_copy_has_no_metadata_and_stands_upright(kind, send):
    words = PngInfo()
    words.add_itxt("XML:com.adobe.xmp", "<x>CANARYXMP</x>")
    words.add_text("Comment", "CANARYCOMMENT")
    values = {
        "JPEG": {"comment": b"CANARYCOMMENT", "xmp": b"<x>CANARYXMP</x>"},
        "PNG": {"pnginfo": words},
        "WEBP": {"xmp": b"<x>CANARYXMP</x>"},
    }[kind]
    content = files.image(kind, files.photo((600, 300)), exif=files.exif(6), icc_profile=b"CANARYICC", **values)
    assert b"CANARYXMP" in content
    found = send(content, f"photo.{kind.lower()}")
    with Image.open(found.copy) as copy:
        assert copy.size == (300, 600)
        assert not dict(copy.getexif()) and not {"exif", "xmp", "comment", "icc_profile"} & set(copy.info)
    with Image.open(found.pages[0].preview) as preview:
        assert preview.size == (300, 600) and not dict(preview.getexif())
    for made in (found.copy, found.pages[0].preview):
        assert b"CANARY" not in made.read_bytes() and b"CameraMaker" not in made.read_bytes()


def test_a_pdf_s_copy_does_and_tells_nothing(send):
    found = send(files.active_pdf(), "form.pdf")
    assert found.problem == "" and len(found.pages) == 2
    inside = everything_in(found.copy)
    for word in (
        b"CANARYJS",
        b"CANARYNAMED",
        b"CANARYLAUNCH",
        b"CANARYURI",
        b"CANARYSUBMIT",
        b"CANARYFILE",
        b"CANARYATTACHED",
        b"CANARYXFA",
        b"CANARYXMP",
        b"CANARYAUTHOR",
        b"CANARYPRIVATE",
        b"JavaScript",
        b"Launch",
        b"OpenAction",
        b"EmbeddedFile",
        b"/URI",
        b"SubmitForm",
        b"/XFA",
    ):
        assert word not in inside, word


def test_what_acts_is_emptied_under_whatever_key_it_lies(send):
    made = files.pdf()
    page = made.pages[0].obj
    script = made.make_indirect(Dictionary(S=Name.JavaScript, JS="CANARYJS"))
    file = made.make_stream(b"CANARYATTACHED", Type=Name.EmbeddedFile)
    page[Name("/Unheard-of")] = Array([Dictionary(S=Name.SubmitForm, F="http://CANARYSUBMIT.example"), script, file])
    page.Annots = Array([Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]),
        A=Dictionary(S=Name.GoTo, D=Array([page, Name.Fit]), Next=Array([Dictionary(S=Name.URI, URI="http://CANARYURI")])),
    )])  # fmt: skip
    made.Root[Name("/Namds")] = Dictionary(EmbeddedFiles=Dictionary(Names=Array(["CANARYNAME", file])))
    content = files.saved(made)
    assert content.count(b"CANARY") == 4
    found = send(content, "form.pdf")
    assert found.problem == ""
    inside = everything_in(found.copy)
    for word in (b"CANARY", b"SubmitForm", b"JavaScript", b"EmbeddedFile", b"/URI"):
        assert word not in inside, word


# --- what is refused


def test_too_big_is_known_before_the_file_is_read(tmp_path, monkeypatch):
    file = tmp_path / "original"
    file.write_bytes(b"%PDF-" + bytes(20_000_000))
    monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("the file was opened"))
    assert look_into(file, "big.pdf", "", tmp_path).problem == "upload_too_big"


@pytest.mark.parametrize(
    ("content", "name", "media_type", "problem"),
    [
        (b"", "empty.pdf", "", "upload_empty"),
        (b"MZ" + bytes(500), "licence.pdf", "application/pdf", "upload_name_lies"),
        (b"MZ" + bytes(500), "setup.exe", "", "upload_wrong_type"),
        (b"PK\x03\x04" + bytes(500), "letter.docx", "", "upload_wrong_type"),
        (b"GIF89a" + bytes(500), "stamp.gif", "image/gif", "upload_wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg", "image/svg+xml", "upload_wrong_type"),
        (b"<html><script>alert(1)</script>", "licence.pdf", "", "upload_name_lies"),
        (b"hello", "note.txt", "text/plain", "upload_wrong_type"),
        (b"\x00" * 106 + b"%PDF-1.4\n", "late.pdf", "", "upload_name_lies"),
        (b"GIF89a" + b"\x00" * 100 + files.saved(files.pdf()), "both.pdf", "", "upload_name_lies"),
        (files.saved(files.pdf()), "licence.pdf.exe", "", "upload_name_lies"),
        (files.saved(files.pdf()), "licence.pdf", "text/html", "upload_name_lies"),
    ],
)
def test_files_that_are_not_what_we_take_or_say(content, name, media_type, problem, send, monkeypatch):
    monkeypatch.setattr(intake, "_child", lambda *_, **__: pytest.fail("the child was started"))
    assert send(content, name, media_type).problem == problem


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (files.image("JPEG"), "photo.png", "jpeg"),
        (files.image("PNG"), "scan.pdf", "png"),
        (files.saved(files.pdf()), "scan", "pdf"),
        (files.image("JPEG"), "photo.jpg_large", "jpeg"),
        (files.image("WEBP"), "photo.jpg", "webp"),
    ],
)
def test_a_harmless_wrong_ending_is_taken_for_what_it_is(content, name, kind, send):
    found = send(content, name, "application/octet-stream")
    assert (found.problem, found.kind) == ("", kind)


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="the HEIC extra is installed")
def test_heic_without_the_extra_says_so(send):
    assert send(files.heic_head(), "IMG_0001.HEIC", "image/heic").problem == "upload_heic"


@pytest.mark.skipif(find_spec("pillow_heif") is None, reason="needs the HEIC extra")
def test_heic_with_the_extra_is_taken(send):
    import pillow_heif

    pillow_heif.register_heif_opener()
    found = send(files.image("HEIF"), "IMG_0001.HEIC", "image/heic")
    assert (found.problem, found.kind, found.copy_kind) == ("", "heic", "jpeg")


@pytest.mark.parametrize("password", ["secret", ""])
def test_a_locked_pdf(password, send):
    assert send(files.locked_pdf(password), "bank.pdf").problem == "upload_locked"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.image("JPEG")[:9000], "cut.jpg"),
        (files.image("PNG")[:9000], "cut.png"),
        (files.image("WEBP")[:9000], "cut.webp"),
        (b"\xff\xd8\xff" + os.urandom(3000), "noise.jpg"),
        (b"%PDF-1.7\n" + b"\x8f\x01" * 2000, "noise.pdf"),
        (b"%PDF-1.7", "head.pdf"),
        (files.recursive_pages(), "loop.pdf"),
        (files.many_pages(0), "none.pdf"),
    ],
)
def test_broken_files(content, name, send):
    assert send(content, name).problem == "upload_broken"


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (files.flate_bomb, "upload_bomb"),
        (files.nested_bomb, "upload_bomb"),
        (files.image_bomb_pdf, "upload_bomb"),
        (files.huge_page, "upload_page_too_large"),
        (lambda: files.many_pages(51), "upload_too_many_pages"),
        (lambda: files.many_pages(100_000), "upload_too_many_pages"),
        (lambda: files.many_pages(100_000, said=1), "upload_too_many_pages"),
    ],
    ids=["flate", "nested", "image", "page", "51", "100000", "100000 hidden"],
)
def test_pdfs_that_would_use_us_up(made, problem, send):
    content = made()
    assert len(content) < 20_000_000
    start = time.perf_counter()
    assert send(content, "bomb.pdf").problem == problem
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    ("packed", "filters"),
    [
        (lambda: zlib.compress(bytes(300_000_000), 1).hex().encode() + b">", [pikepdf.Name.ASCIIHexDecode, pikepdf.Name.FlateDecode]),
        (lambda: b"\x81 " * 2_000_000 + b"\x80", [pikepdf.Name.RunLengthDecode]),
    ],
    ids=["hex", "run length"],
)  # fmt: skip
def test_a_bomb_in_another_wrapping_is_one_too(packed, filters, send):
    made = files.pdf()
    made.pages[0].Contents = made.make_stream(packed(), {"/Filter": pikepdf.Array(filters)})
    content = files.saved(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert send(content, "bomb.pdf").problem == "upload_bomb"


def test_a_pdf_s_copy_leads_nowhere(send):
    made = files.pdf()
    made.Root.URI = pikepdf.Dictionary(Base="http://CANARYBASE.example")
    form = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": pikepdf.Array([0, 0, 9, 9])}
    inside = {
        "Ref": made.make_stream(b"", form | {"/Ref": pikepdf.Dictionary(F="CANARYREF.pdf", Page=0)}),
        "Opi": made.make_stream(
            b"", form | {"/OPI": pikepdf.Dictionary({"/2.0": pikepdf.Dictionary(F="CANARYOPI.tif")})}
        ),
        "Far": made.make_stream(b"", form | {"/F": pikepdf.String("CANARYFAR.bin")}),
        "Ps": made.make_stream(b"CANARYPS", {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.PS}),
    }
    made.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(**inside))
    found = send(files.saved(made), "form.pdf")
    assert found.problem == "" and b"CANARY" not in everything_in(found.copy)


def test_a_pdf_that_unpacks_while_it_is_opened_is_stopped_by_the_memory_limit(send):
    assert send(files.object_stream_bomb(), "bomb.pdf", limits=Limits(memory=400_000_000)).problem in (
        "upload_bomb",
        "upload_broken",
    )


@pytest.mark.parametrize(("width", "height"), [(9400, 9400), (30_000, 30_000), (7100, 7100)])
def test_pictures_that_would_use_us_up(width, height, send):
    assert send(files.png_bomb(width, height), "bomb.png").problem == "upload_bomb"


def test_a_picture_just_within_the_limit_is_taken(send):
    found = send(files.png_bomb(7000, 7000), "large.png")
    assert found.problem == "" and found.pages[0].width == 7000


# --- the child


def test_memory_is_limited(send):
    content = files.image("PNG", Image.new("RGB", (4000, 4000)))
    assert send(content, "large.png").problem == ""
    refused = send(content, "large.png", limits=Limits(memory=200_000_000))
    assert refused.problem in ("upload_bomb", "upload_broken") and refused.copy is None


@pytest.mark.parametrize("limits", [Limits(cpu=1), Limits(wall=0.5)], ids=["processor", "clock"])
def test_time_is_limited(limits, send):
    content = files.image("JPEG", files.photo((5000, 6600), "HELLO"), quality=70)  # seconds of work
    start = time.perf_counter()
    assert send(content, "slow.jpg", limits=limits).problem == "upload_broken"
    assert time.perf_counter() - start < 10  # on a busy machine


def test_what_the_child_writes_is_limited(send):
    assert send(files.image("PNG"), "photo.png", limits=Limits(file_size=2000)).problem == "upload_broken"


TELLS_ONE_PAGE = (
    "print(json.dumps({'problem': '', 'pages': [{'width': 1, 'height': 1, 'codes': []}], 'copy_kind': %r}))"
)


@pytest.mark.parametrize(
    "program",
    [
        "os.abort()",
        "print('not json')",
        "print('[1]')",
        "print('{}')",
        "raise SystemExit(3)",
        "print(json.dumps({'problem': ''}))",
        TELLS_ONE_PAGE % "pdf",
        TELLS_ONE_PAGE % "../x",
        "os.symlink('/etc/passwd', 'copy.pdf'); open('page-1.png', 'w').close(); " + TELLS_ONE_PAGE % "pdf",
    ],
)
def test_a_child_that_crashes_or_lies_is_a_broken_file(program, send, tmp_path, monkeypatch):
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\nexec '{children.sys.executable}' -c \"$PROGRAM\"\n")
    fake.chmod(0o755)
    monkeypatch.setattr(children.sys, "executable", str(fake))
    monkeypatch.setattr(
        children, "environment", lambda inside: {"PROGRAM": f"import json, os; {program}", "PATH": os.defpath}
    )
    assert send(files.saved(files.pdf()), "file.pdf").problem == "upload_broken"


def test_the_child_gets_none_of_our_secrets_and_leaves_nothing_behind(send, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEYS", "a secret")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "a token")
    environment = children.environment(tmp_path)
    assert not {"SECRET_KEYS", "TELEGRAM_BOT_TOKEN"} & set(environment) and "a secret" not in environment.values()
    found = send(files.image("PNG"), "photo.png")
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["copy.png", "page-1.png"]
    assert found.copy == tmp_path / "work" / "copy.png"


def test_the_child_reaches_no_network():
    program = """
import socket, sys
from bot.uploads.child import leave_the_network
if not leave_the_network():
    sys.exit(77)
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
except OSError:
    sys.exit(0)
sys.exit(1)
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        root = Path(intake.__file__).resolve().parents[2]
        code = subprocess.run([sys.executable, "-c", program, port], cwd=root, check=False).returncode
    if code == 77:
        pytest.skip("the kernel forbids a network of one's own here")
    assert code == 0


def test_odd_bytes_never_do_worse_than_broken(send):
    """Good files with bytes changed: whatever comes out, it is an answer, and soon."""
    chance = random.Random(files.SEED)
    for content, name in ((files.active_pdf(), "a.pdf"), (files.image("JPEG"), "a.jpg"), (files.image("PNG"), "a.png")):
        for _ in range(4):
            changed = bytearray(content)
            for _ in range(30):
                changed[chance.randrange(20, len(changed))] = chance.randrange(256)
            found = send(bytes(changed), name)
            assert found.problem in ("", "upload_broken", "upload_bomb", "upload_locked", "upload_page_too_large")


# --- the copy that is handed on


def test_a_copy_within_the_limits_is_handed_on_as_it_is(send, tmp_path):
    found = send(files.image("JPEG"), "photo.jpg")
    handed = hand_on(found.copy, ["pdf", "jpeg"], 10_000_000, tmp_path / "work")
    assert handed.kind == "jpeg" and handed.path.read_bytes() == found.copy.read_bytes()


@pytest.mark.parametrize(
    ("formats", "kind"), [(["jpeg", "pdf"], "jpeg"), (["pdf"], "pdf"), (["png"], "png"), (["jpg"], "jpeg")]
)
def test_a_picture_is_made_small_enough_in_a_format_that_is_taken(formats, kind, send, tmp_path):
    noisy = files.noise((1200, 1600))
    found = send(files.image("JPEG", noisy), "photo.jpg")
    limit = 3_000_000 if kind == "png" else 400_000
    handed = hand_on(found.copy, formats, limit, tmp_path / "work")
    assert (handed.problem, handed.kind) == ("", kind) and handed.size <= limit
    if kind == "pdf":
        with pikepdf.open(handed.path) as document:
            assert len(document.pages) == 1
    else:
        with Image.open(handed.path) as picture:
            assert max(picture.size) >= 1100


def test_a_pdf_is_drawn_anew_until_it_fits(send, tmp_path):
    found = send(files.pdf_of_a_photo((1800, 2400)), "scan.pdf")
    handed = hand_on(found.copy, ["pdf"], found.copy.stat().st_size // 2, tmp_path / "work")
    assert (handed.problem, handed.kind) == ("", "pdf") and handed.size <= found.copy.stat().st_size // 2
    assert hand_on(found.copy, ["png", "jpeg"], None, tmp_path / "work").kind == "jpeg"


def test_what_cannot_be_handed_on_says_why(send, tmp_path):
    work = tmp_path / "work"
    found = send(files.saved(files.pdf(2)), "two.pdf")
    assert hand_on(found.copy, ["jpeg"], None, work).problem == "upload_wrong_type"
    assert hand_on(found.copy, ["docx"], None, work).problem == "upload_wrong_type"
    assert hand_on(found.copy, ["pdf"], 300, work).problem == "upload_too_big"
    assert sorted(path.name for path in work.iterdir()) == ["copy.pdf", "page-1.png", "page-2.png"]


@pytest.mark.parametrize("made", ["copy.jpg", "page-1.png", "copy.pdf"])
def test_a_disk_without_room_is_no_fault_of_the_file(send, monkeypatch, made):
    start = subprocess.Popen

    def into_a_full_disk(command, cwd, **options):
        (cwd / made).symlink_to("/dev/full")
        return start(command, cwd=cwd, **options)

    content = files.saved(files.pdf()) if made.endswith("pdf") else files.image("JPEG")
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "Popen", into_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            send(content, "")
    assert send(content, "").problem == ""
