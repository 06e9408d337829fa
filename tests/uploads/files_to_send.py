"""Files a customer may send, good and bad, made by code. Equal seed, equal bytes."""

from __future__ import annotations

import io
import random
import struct
import zlib
from functools import cache
from typing import Any

import pikepdf
import segno
from pikepdf import Array, Dictionary, Name
from PIL import Image

SEED = 20261122
CODE = "SZDRRFYRD221IYV8"
PLACE = "48.8583, 2.2945"


@cache
def _noise(size: tuple[int, int]) -> Image.Image:
    width, height = size[0] // 16, size[1] // 16
    noise = Image.frombytes("RGB", (width, height), random.Random(SEED).randbytes(width * height * 3))
    return noise.resize(size).point([200 + value // 8 for value in range(256)] * 3)


def photo(size: tuple[int, int] = (600, 800), code: str = CODE) -> Image.Image:
    """A grey-brown picture with noise and a QR code in its lower right corner."""
    width, height = size
    picture = _noise(size).copy()
    file = io.BytesIO()
    segno.make(code, version=1, error="q", mode="alphanumeric", boost_error=False).save(
        file, kind="png", scale=5, border=4
    )
    stamp = Image.open(file).convert("RGB")
    picture.paste(stamp, (width - stamp.width - 40, height - stamp.height - 40))
    return picture


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture that hardly packs."""
    width, height = size[0] // 2, size[1] // 2
    return Image.frombytes("RGB", (width, height), random.Random(SEED).randbytes(width * height * 3)).resize(size)


def exif(orientation: int = 6) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "CameraMaker"
    tags.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0), 29: "2026:11:22"})
    return tags


def image(kind: str, picture: Image.Image | None = None, **values: Any) -> bytes:
    file = io.BytesIO()
    (picture or photo()).save(file, kind, **values)
    return file.getvalue()


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842)) -> pikepdf.Pdf:
    made = pikepdf.new()
    for number in range(pages):
        made.add_blank_page(page_size=size)
        made.pages[-1].Contents = made.make_stream(b"0.5 g 72 72 200 100 re f %% page %d" % number)
    return made


def saved(document: pikepdf.Pdf, **values: Any) -> bytes:
    file = io.BytesIO()
    document.save(file, **values)
    return file.getvalue()


def pdf_of_a_photo(size: tuple[int, int] = (600, 800)) -> bytes:
    """A scan app's PDF: one JPEG with EXIF and a place in it."""
    jpeg = image("JPEG", photo(size), exif=exif(1), quality=95)
    made = pikepdf.new()
    made.add_blank_page(page_size=(595, 842))
    picture = made.make_stream(
        jpeg,
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": size[0],
            "/Height": size[1],
            "/ColorSpace": Name.DeviceRGB,
            "/BitsPerComponent": 8,
            "/Filter": Name.DCTDecode,
        },
    )
    made.pages[0].Resources = Dictionary(XObject=Dictionary(P=picture))
    made.pages[0].Contents = made.make_stream(b"q 595 0 0 793 0 20 cm /P Do Q")
    return saved(made)


def active_pdf() -> bytes:
    """Everything a PDF can do by itself: scripts, programs, attachments, links, forms in XML, and metadata."""
    made = pdf(2)
    script = Dictionary(S=Name.JavaScript, JS="app.alert('CANARYJS')")
    made.Root.OpenAction = made.make_indirect(script)
    made.Root.Names = Dictionary(
        JavaScript=Dictionary(Names=Array(["run", Dictionary(S=Name.JavaScript, JS="CANARYNAMED")]))
    )
    made.pages[0].AA = Dictionary(O=Dictionary(S=Name.Launch, F="CANARYLAUNCH.exe"))
    made.pages[1].Annots = made.make_indirect(
        Array(
            [
                made.make_indirect(
                    Dictionary(
                        Type=Name.Annot,
                        Subtype=Name.Link,
                        Rect=Array([0, 0, 9, 9]),
                        A=Dictionary(S=Name.URI, URI="http://CANARYURI.example"),
                    )
                ),
                made.make_indirect(
                    Dictionary(
                        Type=Name.Annot,
                        Subtype=Name.Link,
                        Rect=Array([0, 0, 9, 9]),
                        A=Dictionary(S=Name.SubmitForm, F="http://CANARYSUBMIT.example"),
                    )
                ),
            ]
        )
    )
    made.attachments["CANARYFILE.exe"] = b"MZ CANARYATTACHED"
    made.Root.AcroForm = Dictionary(Fields=Array([]), XFA=made.make_stream(b"<xdp>CANARYXFA</xdp>"))
    with made.open_metadata() as metadata:
        metadata["dc:creator"] = ["CANARYXMP"]
    made.docinfo[Name.Author] = "CANARYAUTHOR"
    made.pages[0].PieceInfo = Dictionary(App=Dictionary(Private="CANARYPRIVATE"))
    return saved(made)


def signed_pdf() -> bytes:
    """A PDF with a filled signature field. The signature itself is not a real one."""
    made = pdf()
    value = made.make_indirect(
        Dictionary(
            Type=Name.Sig,
            Filter=Name("/Adobe.PPKLite"),
            ByteRange=Array([0, 9, 99, 9]),
            Contents=pikepdf.String(b"\x30\x00" * 20),
        )
    )
    field = made.make_indirect(Dictionary(FT=Name.Sig, T="Signature1", V=value))
    made.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    return saved(made)


def locked_pdf(password: str) -> bytes:
    return saved(pdf(), encryption=pikepdf.Encryption(owner="owner", user=password))


def flate_bomb(grown: int = 400_000_000) -> bytes:
    """A page whose content unpacks to this many bytes."""
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(b"q Q " * 250_000) for _ in range(grown // 1_000_000)), packer.flush()])
    made = pdf()
    made.pages[0].Contents = made.make_stream(packed, {"/Filter": Name.FlateDecode})
    return saved(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def nested_bomb() -> bytes:
    made = pdf()
    packed = zlib.compress(zlib.compress(b" " * 100_000_000, 9), 9)
    made.pages[0].Contents = made.make_stream(packed, {"/Filter": Array([Name.FlateDecode, Name.FlateDecode])})
    return saved(made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def object_stream_bomb() -> bytes:
    """A cross-reference stream that unpacks to 600 MB before anything else can be read."""
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(bytes(10_000_000)) for _ in range(60)), packer.flush()])
    head = b"%PDF-1.5\n1 0 obj\n<< /Type /XRef /Size 2 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length "
    return head + str(len(packed)).encode() + b" >>\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


def image_bomb_pdf() -> bytes:
    made = pdf()
    picture = made.make_stream(
        b"\x00" * 64,
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": 60_000,
            "/Height": 60_000,
            "/ColorSpace": Name.DeviceRGB,
            "/BitsPerComponent": 8,
        },
    )
    made.pages[0].Resources = Dictionary(XObject=Dictionary(P=picture))
    made.pages[0].Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /P Do Q")
    return saved(made)


def many_pages(count: int, said: int | None = None) -> bytes:
    """A PDF whose page tree has this many pages and says another number of them."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (count if said is None else said, b" ".join(b"%d 0 R" % (number + 3) for number in range(count))),
    ]
    objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * count
    file, offsets = io.BytesIO(), []
    file.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        offsets.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    file.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return file.getvalue()


def recursive_pages() -> bytes:
    """A page tree that is its own child."""
    return many_pages(1).replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def huge_page() -> bytes:
    """A page of 144,000 points a side: pdfium takes it, and would need 60 GB to draw it in full."""
    return many_pages(1).replace(b"[0 0 595 842]", b"[0 0 144000 144000]")


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of one colour, tiny as a file; the data of a really huge one ends early, for its header is enough."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    packer = zlib.compressobj(9)
    packed = b"".join(
        [*(packer.compress(bytes(width + 1)) for _ in range(height if width < 10_000 else 100)), packer.flush()]
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", packed)
        + chunk(b"IEND", b"")
    )


def heic_head() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500)
