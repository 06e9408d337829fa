"""Open a PDF from a stranger, and write one without anything that acts, hides or tells. Only inside the child."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pikepdf
from pikepdf import Name

from bot.uploads.refused import Refused

if TYPE_CHECKING:
    import pypdfium2
    from PIL import Image

_ENOUGH_PIXELS = 20_000_000  # of one rendered page


def cleaned(file: str, copy: str, limits: Mapping[str, Any]) -> bool:
    """Write the cleaned copy. True when the original is digitally signed.

    Raises:
        Refused: locked, broken, too many or too large pages, or streams that grow beyond the limits.
    """
    try:
        with pikepdf.open(file, suppress_warnings=True, attempt_recovery=True) as pdf:
            if pdf.is_encrypted:  # an empty password opens silently; the copy would still lock out whoever gets it
                raise Refused("upload_locked")
            _check_pages(pdf, limits)
            signed = _look_at_objects(pdf, limits)
            _clean(pdf)
            pdf.save(
                copy, linearize=False, object_stream_mode=pikepdf.ObjectStreamMode.generate,
                stream_decode_level=pikepdf.StreamDecodeLevel.specialized,
            )  # fmt: skip
        # However a stream was packed, in the copy it is packed in the one way we can count.
        with pikepdf.open(copy, suppress_warnings=True) as made:
            _count(made, limits)
        return signed
    except pikepdf.PasswordError as error:
        raise Refused("upload_locked") from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError, RuntimeError) as error:
        raise Refused("upload_broken") from error


def _check_pages(pdf: pikepdf.Pdf, limits: Mapping[str, Any]) -> None:
    said = pdf.Root.Pages.get(Name.Count, 0)
    if isinstance(said, int) and said > limits["pages"]:  # before the tree is walked: it may have any number
        raise Refused("upload_too_many_pages")
    count = len(pdf.pages)
    if count > limits["pages"]:
        raise Refused("upload_too_many_pages")
    if count == 0:
        raise Refused("upload_broken")
    for page in pdf.pages:
        unit = float(page.obj.get(Name.UserUnit, 1))
        left, bottom, right, top = (float(edge) * unit for edge in page.mediabox)
        width, height = abs(right - left), abs(top - bottom)
        if not (0 < width <= limits["page_points"] and 0 < height <= limits["page_points"]):
            raise Refused("upload_page_too_large")


def _look_at_objects(pdf: pikepdf.Pdf, limits: Mapping[str, Any]) -> bool:
    """Count what all streams unpack to, and find a signature on the way."""
    _count(pdf, limits)
    signed = False
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            pixels = _number(thing, Name.Width) * _number(thing, Name.Height)
            if pixels > limits["image_pixels"]:
                raise Refused("upload_bomb")
            _without_metadata(thing)
        elif isinstance(thing, pikepdf.Dictionary):
            field = thing.get(Name.FT) == Name.Sig and Name.V in thing
            signed = signed or field or (Name.ByteRange in thing and Name.Contents in thing)
    return signed


def _count(pdf: pikepdf.Pdf, limits: Mapping[str, Any]) -> None:
    """Count what all streams unpack to.

    Raises:
        Refused: it is more than the limits allow.
    """
    grown = 0
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Stream):
            grown += _unpacked(thing, limits["inflated"] - grown)
            if grown >= limits["inflated"]:
                raise Refused("upload_bomb")


def _number(thing: pikepdf.Object, key: Name) -> int:
    value = thing.get(key, 0)
    return value if isinstance(value, int) else 0


def _filters(stream: pikepdf.Stream) -> list[pikepdf.Object]:
    filters = stream.get(Name.Filter)
    if filters is None:
        return []
    return [filters] if isinstance(filters, Name) else list(filters.as_list())


_MOST_OF_ONE = 200_000_000  # bytes: a page of 50 million pixels in colour, unpacked, and some


def _unpacked(stream: pikepdf.Stream, room: int) -> int:
    """Bytes a Flate stream grows to, counted without keeping them, and no further than the room left."""
    names = _filters(stream)
    data = stream.read_raw_bytes()
    if names and names[0] in (Name.RunLengthDecode, Name.RL):
        if (size := _run_length(data)) >= min(room, _MOST_OF_ONE):
            raise Refused("upload_bomb")
        return size
    if not names or names[0] not in (Name.FlateDecode, Name.Fl):
        return len(data)
    if len(names) > 1 and names[1] in (Name.FlateDecode, Name.Fl):  # packed twice: nothing honest does that
        raise Refused("upload_bomb")
    most = min(room, _MOST_OF_ONE)
    inflate = zlib.decompressobj()
    size = 0
    try:
        while data and size < most and not inflate.eof:
            size += len(inflate.decompress(data, 1 << 20))
            data = inflate.unconsumed_tail
    except zlib.error:
        return size  # damaged: readers stop here too
    if size >= most:
        raise Refused("upload_bomb")
    return size


def _run_length(data: bytes) -> int:
    """Bytes these runs grow to: below 128 so many and one follow as they are, above it one is repeated, 128 ends."""
    size = at = 0
    while at < len(data) and (length := data[at]) != 128:
        size += length + 1 if length < 128 else 257 - length
        at += length + 2 if length < 128 else 2
    return size


def _clean(pdf: pikepdf.Pdf) -> None:
    from pikepdf.sanitize import Sanitizer

    (
        Sanitizer()
        .remove_javascript()
        .remove_external_access()
        .remove_attachments()
        .remove_multimedia()
        .remove_thumbnails()
        .remove_search_index()
        .remove_web_capture()
        .remove_private_app_data()
        .remove_collection()
        .apply(pdf)
    )
    form = pdf.Root.get(Name.AcroForm)
    if isinstance(form, pikepdf.Dictionary) and Name.XFA in form:
        del form[Name.XFA]
    for unread in pdf.Root.keys() - _OF_A_DOCUMENT:
        del pdf.Root[unread]
    if Name.Info in pdf.trailer:
        del pdf.trailer[Name.Info]
    for thing in _dictionaries(pdf):
        for key in _ACTS:
            if key in thing:
                del thing[key]
        for key in (Name.A, Name.PA, Name.Next):
            action = thing.get(key)
            if isinstance(action, pikepdf.Dictionary) and Name.S in action and action.S not in (Name.GoTo, Name.Named):
                del thing[key]
        if thing.get(Name.S) in _ACTIONS or thing.get(Name.Type) in _ATTACHED:  # under a key that nobody knows
            _empty(thing)
        if isinstance(thing, pikepdf.Stream):
            for key in _ELSEWHERE:
                if key in thing:
                    del thing[key]
            if thing.get(Name.Subtype) == Name.PS:  # a program for printers
                thing.write(b"")
                del thing[Name.Subtype]


def _empty(thing: pikepdf.Object) -> None:
    if isinstance(thing, pikepdf.Stream):
        thing.write(b"")
    for key in thing.keys() - {"/Length"}:
        del thing[key]


# What pages are read and drawn with. All else a document can have acts, tells, or holds what is on no page.
_OF_A_DOCUMENT = {"/Type", "/Version", "/Pages", "/AcroForm", "/OCProperties"}
# Kinds of actions, ISO 32000-2 table 201, but those that stay inside the document.
_ACTIONS = tuple(
    Name(f"/{kind}") for kind in (
        "GoToR", "GoToE", "GoToDp", "Launch", "Thread", "URI", "Sound", "Movie", "Hide", "SubmitForm", "ResetForm",
        "ImportData", "JavaScript", "SetOCGState", "Rendition", "Trans", "GoTo3DView", "RichMediaExecute",
    )
)  # fmt: skip
_ATTACHED = (Name.Filespec, Name.EmbeddedFile)
# What the sanitizer leaves where it does not look for it, or takes for harmless.
_ACTS = (
    Name.Metadata, Name.AA, Name.JS, Name.JavaScript, Name.EF, Name.EmbeddedFiles, Name.AF, Name.URI, Name.XFA,
    Name.OPI, Name("/3DD"), Name.Movie, Name.Sound, Name.RichMediaContent, Name.AlternatePresentations, Name.PieceInfo,
    Name.FS,
)  # fmt: skip
_ELSEWHERE = (Name.F, Name.FFilter, Name.FDecodeParms, Name.Ref)  # of a stream: where in another file its content lies


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary and stream, also those that lie within others."""
    for thing in pdf.objects:
        inside = [thing]
        while inside:
            one = inside.pop()
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                yield one
                inside += [value for _, value in one.items() if _holds(value)]
            elif isinstance(one, pikepdf.Array):
                inside += [value for value in one if _holds(value)]


def _holds(value: Any) -> bool:
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def _without_metadata(stream: pikepdf.Stream) -> None:
    """Drop EXIF (place and time of the photo) and comments from a JPEG inside a PDF; its pixels stay untouched."""
    if _filters(stream) not in ([Name.DCTDecode], [Name.DCT]):
        return
    data = stream.read_raw_bytes()
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        # APP1 to APP13 and comments; APP0 is JFIF, APP2 a colour profile, APP14 says how colours are coded.
        if not ((0xE1 <= data[at + 1] <= 0xED and data[at + 1] != 0xE2) or data[at + 1] == 0xFE):
            kept.append(data[at:end])
        at = end
    if at < len(data) and data[at] == 0xFF:
        parameters = stream.get(Name.DecodeParms)
        stream.write(b"".join(kept) + data[at:], filter=Name.DCTDecode)
        if parameters is not None:
            stream.DecodeParms = parameters


def pictures(file: str, long_side: int) -> Iterator[tuple[int, tuple[float, float], Image.Image]]:
    """Page number from 1, its size in points and its picture, one after the other."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
        for number, page in enumerate(document, 1):
            yield number, page.get_size(), drawn(page, long_side)
            page.close()
    except pypdfium2.PdfiumError as error:
        raise Refused("upload_broken") from error


def drawn(page: pypdfium2.PdfPage, long_side: int) -> Image.Image:
    """The picture of a page.

    Raises:
        Refused: its sides differ so much that the picture would be too large.
    """
    width, height = page.get_size()
    scale = min(long_side / max(width, height), 4.0)  # a tiny page needs no four-metre picture
    if width * height * scale * scale > _ENOUGH_PIXELS:
        raise Refused("upload_page_too_large")
    picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return picture
