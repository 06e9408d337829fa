"""Files made to harm, each with what is to be said of it. Equal chance, equal bytes."""

from __future__ import annotations

import io
import random
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "uploads"))

import files_to_send as files
import pikepdf
from files_to_send import image, saved
from pikepdf import Array, Dictionary, Name
from PIL import Image

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert('CANARYSCRIPT')</script>"
LARGEST = 20_000_000
TAKEN = ""
# What a file that nobody can foretell may come to.
ANY = (TAKEN, "upload_broken", "upload_bomb", "upload_locked", "upload_page_too_large", "upload_too_many_pages")


@dataclass(frozen=True)
class Hostile:
    """A file, the name and type it is sent under, and what may be said of it."""

    make: Callable[[], bytes]
    expected: tuple[str, ...]
    name: str = "paper.pdf"
    media_type: str = ""


@cache
def small_picture() -> Image.Image:
    return files.photo((240, 320))


@cache
def jpeg() -> bytes:
    return image("JPEG", small_picture(), exif=files.exif(6), quality=70)


@cache
def png() -> bytes:
    return image("PNG", small_picture())


@cache
def webp() -> bytes:
    return image("WEBP", small_picture(), quality=60)


@cache
def pdf() -> bytes:
    return saved(files.pdf(2))


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of(width: int, height: int, depth: int = 8, colour: int = 0, data: bytes | None = None) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = zlib.compress(bytes(1000) if data is None else data)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zipped(names: tuple[str, ...] = ("evil.exe",)) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"MZ CANARYZIP")
    return file.getvalue()


def pdf_of(*objects: bytes, root: int = 1, head: bytes = b"%PDF-1.7\n", end: bytes = b"", table: bool = True) -> bytes:
    """A PDF written by hand, object by object."""
    file, offsets = io.BytesIO(), []
    file.write(head)
    for number, content in enumerate(objects, 1):
        offsets.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = file.tell()
    if table:
        file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
        file.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    file.write(
        b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, end, start)
    )
    return file.getvalue()


CATALOG, PAGES = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"


def page_with(box: bytes = b"[0 0 595 842]", more: bytes = b"") -> bytes:
    return pdf_of(CATALOG, PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox " + box + b" " + more + b" >>")


def content_of(data: bytes, filters: bytes, more: bytes = b"") -> bytes:
    """A page whose content is packed so."""
    stream = b"<< /Length %d /Filter %s %s >>\nstream\n%s\nendstream" % (len(data), filters, more, data)
    return pdf_of(CATALOG, PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", stream)


@cache
def flated(grown: int = 400_000_000) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(b"q Q " * 250_000) for _ in range(grown // 1_000_000)), packer.flush()])


def ascii85_bomb() -> bytes:
    import base64

    return content_of(base64.a85encode(flated()) + b"~>", b"[/ASCII85Decode /FlateDecode]")


def hex_bomb() -> bytes:
    return content_of(flated().hex().encode() + b">", b"[/AHx /Fl]")


def run_length_bomb() -> bytes:
    return content_of(b"\x81 " * 9_000_000 + b"\x80", b"/RunLengthDecode")


def many_streams() -> bytes:
    """A hundred streams, each of 15 MB: none is a bomb, all are."""
    made = files.pdf()
    packed = zlib.compress(bytes(15_000_000), 9)
    for _ in range(100):
        made.Root[Name(f"/X{_}")] = made.make_stream(packed + bytes([_]), {"/Filter": Name.FlateDecode})
    return saved(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def deep_pages(depth: int = 20_000) -> bytes:
    """A tree of pages that is one long branch."""
    nodes = [b"<< /Type /Pages /Count 1 /Kids [%d 0 R] /Parent %d 0 R >>" % (n + 1, n - 1) for n in range(2, depth)]
    return pdf_of(CATALOG, *nodes, b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] >>" % (depth - 1))


def everything_active() -> bytes:
    """What acts, hides or tells, in the places a sanitizer may forget."""
    made = files.pdf(2)
    run = made.make_indirect(Dictionary(S=Name.JavaScript, JS="app.alert('CANARYJS')"))
    launch = made.make_indirect(Dictionary(S=Name.Launch, F="CANARYLAUNCH.exe", Next=run))
    rectangle = Array([0, 0, 99, 99])
    spec = made.make_indirect(
        Dictionary(Type=Name.Filespec, F="CANARYSPEC.exe", EF=Dictionary(F=made.make_stream(b"MZ CANARYEMBEDDED")))
    )
    widget = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T="a",
        Rect=rectangle,
        A=launch,
        AA=Dictionary(K=run, F=run, V=run, C=run),
    )
    annotations = [
        widget,
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, A=Dictionary(S=Name.URI, URI="http://CANARYURI.example")),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, PA=Dictionary(S=Name.URI, URI="http://CANARYPA.example")),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, A=Dictionary(S=Name.GoToR, F="CANARYREMOTE.pdf", D=Array([0, Name.Fit]))),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, A=Dictionary(S=Name.GoToE, F=spec)),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, A=Dictionary(S=Name.ImportData, F="CANARYDATA.fdf")),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, A=Dictionary(S=Name.Rendition, OP=0, JS="CANARYRENDITION")),
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, A=Dictionary(S=Name("/Java#53cript"), JS=made.make_stream(b"CANARYSTREAMJS"))),
        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=rectangle, FS=spec),
        Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=rectangle, RichMediaContent=Dictionary(Assets=Dictionary(Names=Array(["x", spec])))),
        Dictionary(Type=Name.Annot, Subtype=Name.Screen, Rect=rectangle, A=Dictionary(S=Name.Rendition, R=Dictionary(C=Dictionary(D=spec)))),
        Dictionary(Type=Name.Annot, Subtype=Name.Movie, Rect=rectangle, Movie=Dictionary(F="CANARYMOVIE.swf")),
        Dictionary(Type=Name.Annot, Subtype=Name.Sound, Rect=rectangle, Sound=made.make_stream(b"CANARYSOUND")),
        Dictionary(Type=Name.Annot, Subtype=Name("/3D"), Rect=rectangle, **{"3DD": made.make_stream(b"CANARY3D")}),
    ]  # fmt: skip
    made.pages[0].Annots = made.make_indirect(Array([made.make_indirect(one) for one in annotations]))
    made.pages[0].AA = Dictionary(O=run, C=launch)
    made.pages[1].AF = Array([spec])
    made.Root.AF = Array([spec])
    made.Root.AA = Dictionary(WC=run, WS=run, DS=run, WP=run, DP=run)
    made.Root.OpenAction = launch
    made.Root.URI = Dictionary(Base="http://CANARYBASE.example")
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Kids=Array([made.make_indirect(Dictionary(Names=Array(["a", run]), Limits=Array(["a", "a"])))])),
        EmbeddedFiles=Dictionary(Names=Array(["a", spec])), AlternatePresentations=Dictionary(Names=Array(["a", run])),
    )  # fmt: skip
    field = made.make_indirect(Dictionary(FT=Name.Tx, T="b", AA=Dictionary(C=run)))
    made.Root.AcroForm = Dictionary(
        Fields=Array([field, made.pages[0].Annots[0]]),
        XFA=Array(["template", made.make_stream(b"<xdp>CANARYXFA</xdp>")]),
        CO=Array([field]),
    )
    item = made.make_indirect(Dictionary(Title="x", A=launch))
    made.Root.Outlines = made.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
    made.Root.Collection = Dictionary(Type=Name.Collection, D="CANARYCOLLECTION")
    made.Root.PieceInfo = Dictionary(App=Dictionary(Private="CANARYPRIVATE"))
    made.pages[1].Contents = Array([made.pages[1].Contents, made.make_stream(b"/External Do")])
    outside = made.make_stream(
        b"",
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Form,
            "/BBox": rectangle,
            "/Ref": Dictionary(F="CANARYREF.pdf", Page=0),
        },
    )
    script = made.make_stream(b"CANARYPS", {"/Type": Name.XObject, "/Subtype": Name.PS})
    opi = made.make_stream(
        b"",
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Form,
            "/BBox": rectangle,
            "/OPI": Dictionary(**{"2.0": Dictionary(F="CANARYOPI.tif")}),
        },
    )
    made.pages[1].Resources = Dictionary(XObject=Dictionary(External=outside, PS=script, OPI=opi))
    return saved(made)


def external_stream() -> bytes:
    """A content stream that lies in another file."""
    stream = b"<< /Length 0 /F (CANARYFILE.bin) /FFilter /FlateDecode >>\nstream\n\nendstream"
    return pdf_of(CATALOG, PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", stream)


def with_exif(data: bytes) -> bytes:
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(data) + 8) + b"Exif\0\0" + data + jpeg()[2:]


def broken_table() -> bytes:
    return files.saved(files.pdf(1), object_stream_mode=pikepdf.ObjectStreamMode.disable).replace(
        b"startxref\n", b"startxref\n9"
    )


def padded(made: bytes, size: int) -> bytes:
    """The same file with so many bytes, by what readers pass over."""
    return made + b"\n" * (size - len(made)) if made.startswith(b"%PDF") else made + bytes(size - len(made))


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500)


def moving() -> bytes:
    frames = [Image.new("RGB", (64, 64), (shade, 0, 0)) for shade in range(0, 250, 10)]
    return image("WEBP", frames[0], save_all=True, append_images=frames[1:])


def corpus() -> dict[str, Hostile]:
    """Every kind by its name. What is to be said of each is written by hand."""
    lies, wrong, broken, bomb = ("upload_name_lies",), ("upload_wrong_type",), ("upload_broken",), ("upload_bomb",)
    taken, locked, large = (TAKEN,), ("upload_locked",), ("upload_page_too_large",)
    stopped = ("upload_bomb", "upload_broken")  # by the limits of the process, which can't say why
    kinds = {
        # two things at once
        "PDF and ZIP": Hostile(lambda: pdf() + zipped(), taken),
        "ZIP and PDF": Hostile(lambda: zipped() + pdf(), lies),
        "PDF and HTML": Hostile(lambda: pdf() + b"<html>" + SCRIPT, taken),
        "HTML and PDF": Hostile(lambda: b"<html>" + SCRIPT + pdf(), lies),
        "PDF called HTML": Hostile(pdf, lies, "paper.html"),
        "PDF with HTML in its head": Hostile(lambda: b"%PDF-1.4 " + SCRIPT + b"\n" + pdf()[9:], (TAKEN, "upload_broken")),
        "JPEG and PDF": Hostile(lambda: jpeg() + pdf(), taken, "photo.jpg"),
        "JPEG and PDF called PDF": Hostile(lambda: jpeg() + pdf(), taken),
        "JPEG with a ZIP": Hostile(lambda: jpeg() + zipped(), taken, "photo.jpg"),
        "JPEG with PHP": Hostile(lambda: with_exif(b"<?php CANARYPHP ?>"), taken, "photo.php.jpg"),
        "PNG with a script": Hostile(lambda: png()[:-12] + chunk(b"tEXt", b"a\0" + SCRIPT) + png()[-12:], taken, "photo.png"),
        "PNG with HTML behind": Hostile(lambda: png() + SCRIPT, taken, "photo.png"),
        "GIF": Hostile(lambda: image("GIF", small_picture()), lies, "photo.jpg"),
        "GIF by name": Hostile(lambda: image("GIF", small_picture()), wrong, "photo.gif", "image/gif"),
        "GIF and JavaScript": Hostile(lambda: b"GIF89a/*" + bytes(50) + b"*/=1;alert('CANARY')", wrong, "photo.gif"),
        "TIFF": Hostile(lambda: image("TIFF", small_picture()), wrong, "photo.tif"),
        "BMP": Hostile(lambda: image("BMP", small_picture()), wrong, "photo.bmp"),
        "JPEG 2000": Hostile(lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(500), wrong, "photo.jp2"),
        "AVIF": Hostile(lambda: b"\0\0\0\x1cftypavif" + bytes(500), wrong, "photo.avif"),
        "SVG": Hostile(lambda: b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", wrong, "logo.svg", "image/svg+xml"),
        "SVG called PNG": Hostile(lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", lies, "logo.png", "image/png"),
        "HEIC": Hostile(heic, ("upload_heic", "upload_broken"), "IMG_1.HEIC", "image/heic"),
        "EPS": Hostile(lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", lies),
        "Word": Hostile(lambda: zipped(("[Content_Types].xml", "word/document.xml")), wrong, "letter.docx"),
        "program": Hostile(lambda: b"MZ" + bytes(2000), wrong, "setup.exe"),
        "program called PDF": Hostile(lambda: b"MZ" + bytes(2000), lies),
        "program of Linux": Hostile(lambda: b"\x7fELF" + bytes(2000), lies, "photo.jpg"),
        "shell": Hostile(lambda: b"#!/bin/sh\nid\n", wrong, "run.sh"),
        "PDF called program": Hostile(pdf, lies, "paper.pdf.exe"),
        "PDF declared HTML": Hostile(pdf, lies, "paper.pdf", "text/html; charset=utf-8"),
        "JPEG declared SVG": Hostile(jpeg, lies, "photo.jpg", "IMAGE/SVG+XML"),
        "JPEG called PNG": Hostile(jpeg, taken, "photo.png", "image/png"),
        "PNG without a name": Hostile(png, taken, ""),
        "EICAR": Hostile(lambda: EICAR, wrong, "eicar.com"),
        "EICAR called PDF": Hostile(lambda: EICAR, lies),
        "EICAR behind a PDF": Hostile(lambda: pdf() + EICAR, taken),
        "EICAR in a JPEG": Hostile(lambda: jpeg() + EICAR, taken, "photo.jpg"),
        # sizes
        "empty": Hostile(lambda: b"", ("upload_empty",)),
        "one byte": Hostile(lambda: b"%", lies),
        "one too few": Hostile(lambda: padded(pdf(), LARGEST - 1), taken),
        "exactly": Hostile(lambda: padded(pdf(), LARGEST), taken),
        "one too many": Hostile(lambda: padded(pdf(), LARGEST + 1), ("upload_too_big",)),
        "exactly, a picture": Hostile(lambda: padded(jpeg(), LARGEST), taken, "photo.jpg"),
        "too many, a picture": Hostile(lambda: padded(jpeg(), LARGEST + 1), ("upload_too_big",), "photo.jpg"),
        "twenty million NULs behind a head": Hostile(lambda: b"%PDF-1.7\n" + bytes(LARGEST - 9), broken),
        "twenty million brackets": Hostile(lambda: b"%PDF-1.7\n1 0 obj\n" + b"[" * (LARGEST - 17), broken),
        "a million objects": Hostile(lambda: b"%PDF-1.7\n" + b"1 0 obj\n<<>>\nendobj\n" * 900_000, broken),
        # bombs
        "flate": Hostile(files.flate_bomb, bomb),
        "flate in flate": Hostile(files.nested_bomb, bomb),
        "flate in ASCII 85": Hostile(ascii85_bomb, bomb),
        "flate in hex": Hostile(hex_bomb, bomb),
        "run length": Hostile(run_length_bomb, bomb),
        "many streams": Hostile(many_streams, bomb),
        "xref stream": Hostile(files.object_stream_bomb, stopped),
        "PNG of 9400": Hostile(lambda: files.png_bomb(9400, 9400), bomb, "photo.png"),
        "PNG of 30,000": Hostile(lambda: files.png_bomb(30_000, 30_000), bomb, "photo.png"),
        "PNG of two thousand millions": Hostile(lambda: png_of(2**31 - 1, 2**31 - 1), bomb, "photo.png"),
        "PNG with a huge text": Hostile(lambda: png()[:-12] + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000), 9)) + png()[-12:], (TAKEN, *stopped), "photo.png"),
        "PNG with a huge profile": Hostile(lambda: png()[:33] + chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(200_000_000), 9)) + png()[33:], (TAKEN, *stopped), "photo.png"),
        "JPEG of 65,500": Hostile(lambda: jpeg().replace(jpeg()[(at := jpeg().index(b"\xff\xc0")) : at + 9], jpeg()[at : at + 5] + b"\xff\xdc\xff\xdc"), bomb, "photo.jpg"),
        "picture in a PDF": Hostile(files.image_bomb_pdf, bomb),
        # pages
        "10,000 pages": Hostile(lambda: files.many_pages(10_000), ("upload_too_many_pages",)),
        "10,000 pages, said to be 1": Hostile(lambda: files.many_pages(10_000, said=1), ("upload_too_many_pages",)),
        "50 pages": Hostile(lambda: files.many_pages(50), taken),
        "51 pages": Hostile(lambda: files.many_pages(51), ("upload_too_many_pages",)),
        "no page": Hostile(lambda: files.many_pages(0), broken),
        "pages that are their own": Hostile(files.recursive_pages, broken),
        "a page again and again": Hostile(lambda: pdf_of(CATALOG, b"<< /Type /Pages /Count 9 /Kids [" + b"3 0 R " * 9 + b"] >>", PAGE), (TAKEN, "upload_broken")),
        "a long branch of pages": Hostile(deep_pages, (TAKEN, "upload_broken")),
        "huge page": Hostile(files.huge_page, large),
        "huge page in units": Hostile(lambda: page_with(more=b"/UserUnit 1000"), large),
        "a page of no size": Hostile(lambda: page_with(b"[0 0 0 0]"), large),
        "a page that is a line": Hostile(lambda: page_with(b"[0 0 14000 1]"), (TAKEN, "upload_page_too_large")),
        "a box of words": Hostile(lambda: page_with(b"[/a /b (c) null]"), (TAKEN, "upload_broken", *large)),
        "a box of three": Hostile(lambda: page_with(b"[0 0 595]"), (TAKEN, "upload_broken", *large)),
        "a box beyond numbers": Hostile(lambda: page_with(b"[0 0 1e400 999999999999999999999]"), (*large, *broken)),
        "a crop of nothing": Hostile(lambda: page_with(more=b"/CropBox [9 9 9 9]"), (TAKEN, *large, *broken)),
        # odd structure
        "arrays in arrays": Hostile(lambda: page_with(more=b"/X " + b"[" * 100_000 + b"]" * 100_000), (TAKEN, "upload_broken")),
        "dictionaries in dictionaries": Hostile(lambda: page_with(more=b"/X " + b"<< /a " * 5000 + b"1" + b" >>" * 5000), (TAKEN, "upload_broken")),
        "content that is itself": Hostile(lambda: page_with(more=b"/Contents 3 0 R"), (TAKEN, "upload_broken")),
        "a parent in a circle": Hostile(lambda: pdf_of(CATALOG, b"<< /Type /Pages /Count 1 /Kids [3 0 R] /Parent 3 0 R >>", b"<< /Type /Page /Parent 2 0 R >>"), (TAKEN, "upload_broken", *large)),
        "a length that is itself": Hostile(lambda: pdf_of(CATALOG, PAGES, PAGE.replace(b">>", b"/Contents 4 0 R >>"), b"<< /Length 4 0 R >>\nstream\nq Q\nendstream"), (TAKEN, "upload_broken")),
        "a form that draws itself": Hostile(lambda: pdf_of(CATALOG, PAGES, PAGE.replace(b">>", b"/Contents 4 0 R /Resources << /XObject << /A 4 0 R >> >> >>"), b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 5 /Resources << /XObject << /A 4 0 R >> >> >>\nstream\n/A Do\nendstream"), (TAKEN, "upload_broken")),
        "a chain of actions in a circle": Hostile(lambda: pdf_of(b"<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>", PAGES, PAGE, b"<< /S /URI /URI (http://CANARY) /Next 4 0 R >>"), (TAKEN, "upload_broken")),
        "outlines in a circle": Hostile(lambda: pdf_of(b"<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>", PAGES, PAGE, b"<< /First 4 0 R /Next 4 0 R /Last 4 0 R /A << /S /Launch /F (CANARY) >> >>"), (TAKEN, "upload_broken")),
        "a broken table": Hostile(broken_table, taken),
        "no table": Hostile(lambda: pdf_of(CATALOG, PAGES, PAGE, table=False), taken),
        "a table of a thousand millions": Hostile(lambda: pdf_of(CATALOG, PAGES, PAGE).replace(b"xref\n0 4", b"xref\n0 999999999"), (TAKEN, "upload_broken")),
        "a table that is its own past": Hostile(lambda: pdf_of(CATALOG, PAGES, PAGE, end=b"/Prev 190"), (TAKEN, "upload_broken")),
        "no root": Hostile(lambda: pdf_of(PAGE, root=9), broken),
        "a root that is a number": Hostile(lambda: pdf_of(b"7"), broken),
        "a head alone": Hostile(lambda: b"%PDF-1.7", broken),
        # locked
        "locked": Hostile(lambda: files.locked_pdf("secret"), locked),
        "locked with nothing": Hostile(lambda: files.locked_pdf(""), locked),
        "locked in an unknown way": Hostile(lambda: pdf_of(CATALOG, PAGES, PAGE, end=b"/Encrypt << /Filter /Unheard /V 9 >>"), ("upload_locked", "upload_broken")),
        # what acts
        "active": Hostile(files.active_pdf, taken),
        "active everywhere": Hostile(everything_active, taken),
        "a stream elsewhere": Hostile(external_stream, (TAKEN, "upload_broken")),
        "signed": Hostile(files.signed_pdf, taken),
        # pictures
        "no width": Hostile(lambda: png_of(0, 9), broken, "photo.png"),
        "no data": Hostile(lambda: png_of(9, 9, data=b""), broken, "photo.png"),
        "one pixel": Hostile(lambda: image("PNG", Image.new("RGB", (1, 1))), taken, "photo.png"),
        "a line of pixels": Hostile(lambda: image("PNG", Image.new("L", (1, 40_000))), taken, "photo.png"),
        "moving": Hostile(moving, taken, "photo.webp"),
        "16 bits": Hostile(lambda: image("PNG", small_picture().convert("L").convert("I;16")), taken, "photo.png"),
        "1 bit": Hostile(lambda: image("PNG", small_picture().convert("1")), taken, "photo.png"),
        "CMYK": Hostile(lambda: image("JPEG", small_picture().convert("CMYK")), taken, "photo.jpg"),
        "see-through": Hostile(lambda: image("PNG", small_picture().convert("RGBA")), taken, "photo.png"),
        "a palette": Hostile(lambda: image("PNG", small_picture().convert("P")), taken, "photo.png"),
        "a profile of noise": Hostile(lambda: image("JPEG", small_picture(), icc_profile=bytes(range(256)) * 900), taken, "photo.jpg"),
        "EXIF of noise": Hostile(lambda: with_exif(b"II*\0\x08\0\0\0\xff\xff" + bytes(range(200))), (TAKEN, "upload_broken"), "photo.jpg"),
        "EXIF that points to itself": Hostile(lambda: with_exif(b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"), taken, "photo.jpg"),
        "turned nine ways": Hostile(lambda: image("JPEG", small_picture(), exif=files.exif(9)), taken, "photo.jpg"),
        "a checksum that is wrong": Hostile(lambda: png()[:29] + b"\0\0\0\0" + png()[33:], broken, "photo.png"),
        "thumbnails in a thumbnail": Hostile(lambda: with_exif(b"MM\0*\0\0\0\x08\0\0\0\0\0\x1a" + jpeg()), (TAKEN, "upload_broken"), "photo.jpg"),
    }  # fmt: skip
    return kinds


# --- chance

GOOD: dict[str, Callable[[], bytes]] = {
    "photo.jpg": jpeg, "photo.png": png, "photo.webp": webp, "paper.pdf": pdf, "active.pdf": files.active_pdf,
    "scan.pdf": lambda: files.pdf_of_a_photo((240, 320)),
}  # fmt: skip


def cut(made: bytes, chance: random.Random) -> bytes:
    """The file up to some byte of it."""
    return made[: chance.randrange(len(made))]


def mutated(made: bytes, chance: random.Random) -> bytes:
    """The file with bytes flipped, lost, doubled, moved, or numbers in it changed; its first bytes stay."""
    changed = bytearray(made)
    for _ in range(chance.choice([1, 2, 4, 8, 30])):
        at, length = chance.randrange(12, len(changed)), chance.randrange(1, 40)
        way = chance.randrange(6)
        if way == 0:
            changed[at] = chance.randrange(256)
        elif way == 1:
            changed[at] ^= 1 << chance.randrange(8)
        elif way == 2:
            del changed[at : at + length]
        elif way == 3:
            changed[at:at] = changed[at : at + length] * chance.randrange(1, 50)
        elif way == 4:
            changed[at : at + 4] = chance.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"9999", b"-1  "]
            )
        else:
            source = chance.randrange(len(changed))
            changed[at : at + length] = changed[source : source + length]
        if len(changed) < 20:
            break
    return bytes(changed)


NAMES = (
    "../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\Windows\\win.ini", "a\0.pdf", "\0", "a\nb.pdf", "a\r\nSet-Cookie: x.pdf",
    "\u202efdp.exe", "\u2066a\u2069.pdf", "x" * 4096 + ".pdf", "é" * 2000 + ".pdf", "CON", "con.pdf", "NUL.pdf", "LPT1.pdf.pdf", "COM¹.pdf",
    "aux .pdf", ".htaccess", "...", "..", ".", "", " ", "-rf.pdf", "--help", "~root", "$(id).pdf", "`id`.pdf", "a;b|c&d.pdf", "<b>.pdf",
    '"><script>.pdf', "'or 1=1--.pdf", "👩‍👩‍👧‍👦.pdf", "𝓹𝓭𝓯.pdf", "a" * 119 + "é.pdf", "\ud800.pdf", "a:b.pdf", "a::$DATA.pdf", "a\u200b.pdf",
    "a.pdf ", "a.pdf.", "a.pdf\u00a0.exe", "%2e%2e%2f.pdf", "=cmd|' /C calc'!A0.pdf", "a\t.pdf", "a/b/c.pdf", "\ufeffa.pdf", "ﷺ" * 200 + ".pdf",
)  # fmt: skip
