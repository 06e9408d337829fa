"""The files Telegram keeps: bytes by file id, photos as it recompresses them, links that grow old."""

from __future__ import annotations

import hashlib
import io
import itertools
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot_clock import Clock
from bot_methods import bad
from PIL import Image, ImageOps, UnidentifiedImageError

DOWNLOAD_MAX = 20 * 1024 * 1024
UPLOAD_MAX, UPLOADED_PHOTO_MAX = 50 * 1024 * 1024, 10 * 1024 * 1024
LINK_LIVES = 3600.0  # seconds
SIDES, SIDE_HD = (90, 320, 800, 1280), 2560  # the long side of each size kept of a photo


@dataclass(frozen=True)
class Kept:
    """A file on Telegram's side."""

    id: str
    kind: str  # photo, document ...
    path: str
    content: bytes
    unique: str  # the same for the same bytes, for ever

    def ids(self) -> dict[str, Any]:
        return {"file_id": self.id, "file_unique_id": self.unique, "file_size": len(self.content)}


class Files:
    """Every file sent through the server, and the links handed out for them."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock, self._random = clock, random.Random(f"files {seed}")
        self._by_id: dict[str, Kept] = {}
        self._numbers = itertools.count()  # people send from several threads
        self._links: dict[str, float] = {}  # path -> the moment it was asked for

    def keep(self, content: bytes, kind: str, suffix: str) -> Kept:
        number = next(self._numbers)
        unique = hashlib.blake2s(content, digest_size=12).hexdigest()
        mark = f"{self._random.getrandbits(256):064x}"  # of no fixed length: it is opaque
        file = Kept(
            f"AgAC{kind[:3]}{mark[: 40 + number % 20]}",
            kind,
            f"{kind}s/file_{number}{suffix}",
            content,
            f"AQAD{unique}",
        )
        self._by_id[file.id] = file
        return file

    def known(self, id: str) -> Kept | None:
        return self._by_id.get(id)

    def link(self, id: str) -> dict[str, Any]:
        """What getFile answers; the link is good for an hour."""
        file = self._by_id.get(id)
        if file is None:
            raise bad("invalid file_id")
        if len(file.content) > DOWNLOAD_MAX:
            raise bad("file is too big")
        self._links[file.path] = self._clock.now()
        return {**file.ids(), "file_path": file.path}

    def download(self, path: str) -> bytes | None:
        """The bytes behind a link, or None when it is unknown or too old."""
        asked = self._links.get(path)
        if asked is None or self._clock.now() - asked >= LINK_LIVES:
            return None
        return next(file.content for file in list(self._by_id.values()) if file.path == path)

    def expire_links(self) -> None:
        self._links.clear()

    def photo(self, content: bytes, *, hd: bool = False) -> list[dict[str, Any]]:
        """Keep a picture as Telegram does, in several sizes, and return them, the smallest first."""
        sizes = []
        for jpeg, width, height in recompressed(content, hd=hd):
            kept = self.keep(jpeg, "photo", ".jpg")
            sizes.append({**kept.ids(), "width": width, "height": height})
        return sizes

    def photo_of_bot(self, content: bytes) -> list[dict[str, Any]]:
        """The same for a picture the bot sent, within the limits for it."""
        if len(content) > UPLOADED_PHOTO_MAX:
            raise bad(f"file of size {len(content)} bytes is too big for a photo; the maximum size is {UPLOADED_PHOTO_MAX} bytes")  # fmt: skip
        try:
            width, height = Image.open(io.BytesIO(content)).size
            if width + height > 10000 or max(width, height) > 20 * min(width, height):
                raise bad("PHOTO_INVALID_DIMENSIONS")
            return self.photo(content)
        except (UnidentifiedImageError, OSError) as wrong:
            raise bad("IMAGE_PROCESS_FAILED") from wrong


def recompressed(content: bytes, *, hd: bool = False) -> list[tuple[bytes, int, int]]:
    """A photo's sizes as (JPEG, width, height), the smallest first: turned upright, without EXIF."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    longest = max(picture.size)
    sides = [side for side in (*SIDES, *([SIDE_HD] if hd else [])) if side < longest]
    if len(sides) < len(SIDES) + hd:
        sides.append(longest)
    sizes = []
    for side in sorted(sides, reverse=True):
        picture = picture.copy()
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        jpeg = io.BytesIO()
        picture.save(jpeg, "JPEG", quality=84)
        sizes.append((jpeg.getvalue(), *picture.size))
    return sizes[::-1]


def bytes_of(source: Path | str | bytes) -> bytes:
    return source if isinstance(source, bytes) else Path(source).read_bytes()
