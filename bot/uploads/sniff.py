"""What a file is by its first bytes, and whether its name and declared type tell the same. Opens nothing."""

from __future__ import annotations

from importlib.util import find_spec

HEAD = 64  # bytes that are enough to tell

EXTENSION = {"pdf": "pdf", "jpeg": "jpg", "png": "png", "webp": "webp", "heic": "heic"}
MEDIA_TYPE = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
}
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_ENDINGS = {
    "pdf": "pdf",
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "png": "png",
    "webp": "webp",
    "heic": "heic",
    "heif": "heic",
}
# Names a desktop may run when somebody opens the file: refused whatever is inside.
_DANGEROUS = frozenset(
    [
        "apk",
        "app",
        "bat",
        "chm",
        "cmd",
        "com",
        "cpl",
        "dll",
        "docm",
        "dmg",
        "exe",
        "gadget",
        "hta",
        "htm",
        "html",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "mht",
        "mhtml",
        "msi",
        "msp",
        "pif",
        "pptm",
        "ps1",
        "py",
        "reg",
        "scr",
        "sh",
        "shtml",
        "svg",
        "svgz",
        "url",
        "vb",
        "vbe",
        "vbs",
        "wsf",
        "xhtml",
        "xht",
        "xlsm",
        "xml",
    ]
)


def kind_of(head: bytes) -> str:
    """pdf, jpeg, png, webp, heic, or "" for everything else.

    A PDF must begin at the first byte: readers forgive some bytes before it, which is how a file can be two things.
    """
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "heic"
    return ""


def problem_of(head: bytes, name: str, media_type: str) -> str:
    """Why a file is refused before it is opened: a key of the texts, or "" when it may be looked into.

    A photo called .png that is a JPEG is taken for what it is; a name or declared type that could run is not.
    """
    endings = [part.strip().lower() for part in name.split(".")[1:]]
    declared = media_type.partition(";")[0].strip().lower()
    if (endings and endings[-1] in _DANGEROUS) or declared in _RUNNABLE:
        return "upload_name_lies" if kind_of(head) else "upload_wrong_type"
    kind = kind_of(head)
    if not kind:
        said = (endings and endings[-1] in _ENDINGS) or declared in MEDIA_TYPE.values()
        return "upload_name_lies" if said else "upload_wrong_type"
    if kind == "heic" and not heic_is_readable():
        return "upload_heic"
    return ""


_RUNNABLE = frozenset(
    (
        "text/html",
        "application/xhtml+xml",
        "image/svg+xml",
        "application/javascript",
        "text/javascript",
        "application/x-msdownload",
        "application/x-sh",
        "application/java-archive",
        "application/x-msdos-program",
    )
)


def heic_is_readable() -> bool:
    """Whether the extra that reads HEIC is installed."""
    return find_spec("pillow_heif") is not None
