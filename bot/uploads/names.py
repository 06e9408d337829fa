"""A user's file name, made safe to keep and to show. The file itself is stored under a name of ours."""

from __future__ import annotations

import re
import unicodedata

from bot.uploads.sniff import EXTENSION

LONGEST = 120  # characters, extension included
LONGEST_BYTES = 255  # of UTF-8: what a file system takes

_DEVICES = re.compile(r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)


def clean(name: str, kind: str = "") -> str:
    """The name with the extension of its sniffed kind, or with its own when the kind is unknown.

    Without control and direction characters, path separators, leading dots and names of Windows devices; never empty.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(
        character for character in name if unicodedata.category(character)[0] != "C" or character in "\t\n\r"
    )
    name = re.sub(r'[<>:"|?*]', "_", re.sub(r"\s+", " ", name))
    stem, dot, ending = name.strip(" .").rpartition(".")
    ending = ending.strip().lower()
    if not dot or not re.fullmatch(r"[a-z0-9_]{1,12}", ending):
        stem, ending = name.strip(" ."), ""
    own = _KEEPS.get(kind, ())
    if kind and ending not in own:
        stem, ending = (stem if ending in _ALL else name), EXTENSION.get(kind, ending)
    stem = stem.strip(" .-_") or "file"
    if _DEVICES.fullmatch(stem):
        stem = f"file {stem}"
    tail = f".{ending}" if ending else ""
    stem = stem[: LONGEST - len(tail)].rstrip(" .")
    while len((stem + tail).encode()) > LONGEST_BYTES:
        stem = stem[:-1].rstrip(" .")
    return stem + tail


_KEEPS = {
    "pdf": ("pdf",),
    "jpeg": ("jpg", "jpeg", "jfif"),
    "png": ("png",),
    "webp": ("webp",),
    "heic": ("heic", "heif"),
}
_ALL = {ending for endings in _KEEPS.values() for ending in endings}
