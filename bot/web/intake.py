"""A posted form, read as it arrives: files go to disk while they are counted, and never into memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError, ParseError
from python_multipart.multipart import MultipartParser, QuerystringParser, parse_options_header
from starlette.requests import Request

FILE_LIMIT = 20_000_000  # bytes of one file
FILES = 10  # files of one message
FIELD_LIMIT = 64_000  # bytes of one field
FIELDS = 200
BODY_LIMIT = FILES * FILE_LIMIT + 1_000_000  # bytes of one post
NAME_LIMIT = 200  # characters of a file name


class Unreadable(Exception):
    """The body is no form."""


class TooMuch(Exception):
    """More bytes, files or fields than one post may have."""


@dataclass(slots=True)
class Received:
    """One file of a form, on disk until the form is closed."""

    name: str
    media_type: str
    path: Path
    size: int = 0

    @property
    def too_big(self) -> bool:
        return self.size > FILE_LIMIT


@dataclass(slots=True)
class Form:
    """What was posted. Used as a context: its files are gone afterwards."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[Received] = field(default_factory=list)
    folder: tempfile.TemporaryDirectory[str] | None = None

    def get(self, name: str, otherwise: str = "") -> str:
        return next((value for key, value in self.fields if key == name), otherwise)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name and value]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.folder:
            self.folder.cleanup()


async def read_form(request: Request) -> Form:
    """The form of this request.

    Raises:
        Unreadable: the body is not a form.
        TooMuch: it is larger than any message may be. A single file over FILE_LIMIT is no error: see `too_big`.
    """
    reader = _reader(request.headers.get("content-type"))
    try:
        async for chunk in _limited(request, BODY_LIMIT if isinstance(reader, _Multipart) else FIELD_LIMIT * 4):
            await asyncio.to_thread(reader.write, chunk)
        return reader.close()
    except FormParserError as error:
        reader.form.__exit__(None, None, None)
        raise Unreadable from error
    except BaseException:
        reader.form.__exit__(None, None, None)
        raise


def _reader(content_type: str | None) -> _Multipart | _Simple:
    kind, options = parse_options_header(content_type)
    if kind == b"application/x-www-form-urlencoded":
        return _Simple()
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Unreadable
    try:
        return _Multipart(options[b"boundary"])
    except FormParserError as error:  # no boundary is so long
        raise Unreadable from error


async def _limited(request: Request, limit: int) -> AsyncIterator[bytes]:
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > limit:
            raise TooMuch
        if chunk:
            yield chunk


class _Reader:
    """Shared by both kinds of form: a field is gathered in memory, under its limit."""

    def __init__(self) -> None:
        self.form = Form()
        self._name = b""
        self._value = b""

    def _keep_field(self) -> None:
        if len(self.form.fields) >= FIELDS:
            raise TooMuch
        self.form.fields.append((self._name.decode("utf-8", "replace"), self._value.decode("utf-8", "replace")))
        self._name = self._value = b""

    def _add(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        if len(self._value) > FIELD_LIMIT:
            raise TooMuch


class _Simple(_Reader):
    """application/x-www-form-urlencoded"""

    def __init__(self) -> None:
        super().__init__()
        self._parser = QuerystringParser({
            "on_field_name": self._add_name, "on_field_data": self._add, "on_field_end": self._end,
        })  # fmt: skip

    def write(self, chunk: bytes) -> None:
        self._parser.write(chunk)

    def close(self) -> Form:
        self._parser.finalize()
        return self.form

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _end(self) -> None:
        self._name, self._value = _plain(self._name), _plain(self._value)
        self._keep_field()


def _plain(quoted: bytes) -> bytes:
    return unquote_to_bytes(quoted.replace(b"+", b" "))


class _Multipart(_Reader):
    """multipart/form-data"""

    def __init__(self, boundary: bytes) -> None:
        super().__init__()
        self._header = b""
        self._header_value = b""
        self._headers: dict[bytes, bytes] = {}
        self._file: IO[bytes] | None = None
        self._parser = MultipartParser(boundary, {
            "on_part_begin": self._begin, "on_header_field": self._header_name, "on_header_value": self._header_data,
            "on_header_end": self._header_end, "on_headers_finished": self._headers_done, "on_part_data": self._data,
            "on_part_end": self._end,
        })  # fmt: skip

    def write(self, chunk: bytes) -> None:
        self._parser.write(chunk)

    def close(self) -> Form:
        self._parser.finalize()
        if self._file:
            raise ParseError("the body ends inside a file")
        # A file input left empty is posted as a file without name and bytes.
        self.form.files = [file for file in self.form.files if file.name or file.size]
        return self.form

    def _begin(self) -> None:
        self._headers = {}

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_data(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._header_value
        self._header = self._header_value = b""

    def _headers_done(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"")
        if b"filename" not in options:
            return
        if len(self.form.files) >= FILES:
            raise TooMuch
        if self.form.folder is None:
            self.form.folder = tempfile.TemporaryDirectory(prefix="senderdesk-")
        path = Path(self.form.folder.name) / str(len(self.form.files))
        name = options[b"filename"].decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2][-NAME_LIMIT:]
        kind = self._headers.get(b"content-type", b"").decode("latin-1")[:NAME_LIMIT]
        self.form.files.append(Received("".join(c for c in name if c.isprintable()), kind, path))
        self._file = path.open("wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            return self._add(data, start, end)
        file = self.form.files[-1]
        file.size += end - start
        if not file.too_big:  # the rest of a file that is too big anyway is counted, not kept
            self._file.write(data[start:end])

    def _end(self) -> None:
        if self._file:
            self._file.close()
            self._file, self._name, self._value = None, b"", b""
        else:
            self._keep_field()
