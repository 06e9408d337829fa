"""The files of the workspace: sent by people or by the app, handed out only to whoever shows the token."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot_methods import Params
from slack_blocks import checked_blocks
from slack_methods import SlackError
from slack_texts import mentions
from slack_world import World

LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in to your workspace</body></html>"
Source = Path | str | bytes | tuple[str, bytes]


@dataclass(eq=False)
class File:
    id: str
    name: str
    mimetype: str
    content: bytes
    owner: str
    team: str
    base: str  # where the server's addresses begin
    title: str = ""
    created: int = 0
    external: bool = False  # it lies at another service
    stub: bool = False  # of a stranger: events say only to ask for it
    deleted: bool = False
    shared: bool = False
    expected: int | None = None  # bytes the app announced, until it has sent them

    @property
    def path(self) -> str:
        return f"/files-pri/{self.team}-{self.id}/download/{self.name}"

    def json(self, *, whole: bool = False) -> Params:
        """As events have it; `whole` as files.info answers it."""
        if self.deleted:
            return {"id": self.id, "mode": "tombstone"}
        if self.stub and not whole:
            return {"id": self.id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "timestamp": 0, "user": "U00"}  # fmt: skip
        known: Params = {
            "id": self.id, "created": self.created, "timestamp": self.created, "name": self.name,
            "title": self.title or self.name, "mimetype": self.mimetype, "filetype": Path(self.name).suffix[1:].lower(),
            "pretty_type": Path(self.name).suffix[1:].upper(), "user": self.owner, "user_team": self.team,
            "editable": False, "size": len(self.content), "mode": "hosted", "is_external": False, "external_type": "",
            "is_public": False, "public_url_shared": False, "display_as_bot": False, "username": "",
            "file_access": "visible", "url_private": f"{self.base}{self.path.replace('download/', '')}",
            "url_private_download": f"{self.base}{self.path}", "permalink": f"https://acme.slack.com/files/{self.id}",
        }  # fmt: skip
        if self.external:
            elsewhere = f"https://drive.example.com/{self.id}"
            known |= {"mode": "external", "is_external": True, "external_type": "gdrive", "url_private": elsewhere}
            del known["url_private_download"]
        return known


class Files:
    """Those kept, and the methods about them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.base = ""
        self.known: dict[str, File] = {}

    def keep(self, source: Source, owner: str, **values: Any) -> File:
        name, content = named(source)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        id, created = self.world.new_id("F"), int(self.world.clock.now())
        file = File(id, name, kind, content, owner, self.world.team, self.base, created=created, **values)
        self.known[id] = file
        return file

    def download(self, path: str, token: str) -> tuple[bytes, str]:
        """Return what an address gives and its content type: to a stranger the page to sign in."""
        found = [f for f in self.known.values() if path in (f.path, f.path.replace("download/", ""))]
        may_read = token == self.world.app.bot_token and self.world.app.may(["files:read"]) and not self.world.app.dead
        if not found or not may_read or found[0].deleted or found[0].external:
            return LOGIN_PAGE, "text/html; charset=utf-8"
        return found[0].content, found[0].mimetype

    def files_info(self, params: Params) -> Params:
        file = self.known.get(params["file"])
        if file is None or not (file.shared or file.owner == self.world.bot.id):
            raise SlackError("file_not_found")
        if file.deleted:
            raise SlackError("file_deleted")
        return {"file": file.json(whole=True), "comments": [], "response_metadata": {"next_cursor": ""}}

    # --- out

    def files_getUploadURLExternal(self, params: Params) -> Params:
        if params["length"] <= 0:
            raise SlackError("invalid_arguments", "[ERROR] length must be greater than 0")
        file = self.keep((params["filename"], b""), self.world.bot.id)
        file.expected = params["length"]
        return {"upload_url": f"{self.base}/upload/v1/{file.id}", "file_id": file.id}

    def upload(self, id: str, content: bytes) -> tuple[int, str]:
        """Return status and text: the bytes must be as many as announced."""
        file = self.known.get(id)
        if file is None or file.expected is None:
            return 404, "not found"
        if file.expected != len(content):
            self.world.complain(f"{file.name}: {file.expected} bytes announced, {len(content)} sent")
            return 400, "invalid length"
        file.content, file.expected = content, None
        return 200, f"OK - {len(content)}"

    def files_completeUploadExternal(self, params: Params) -> Params:
        """Share what was uploaded; the message this makes is not in the answer."""
        files = [self._uploaded(entry) for entry in params["files"]]
        if not files:
            raise SlackError("invalid_arguments", "[ERROR] files must have at least 1 item")
        targets = [params["channel_id"]] if "channel_id" in params else params.get("channels", "").split(",")
        if params.get("thread_ts") and len([t for t in targets if t]) > 1:
            raise SlackError("invalid_arguments", "[ERROR] only one channel with thread_ts")
        for target in filter(None, targets):
            self._share(files, target, params)
        return {"files": [{"id": file.id, "title": file.title or file.name} for file in files]}

    def _uploaded(self, entry: Any) -> File:
        if not isinstance(entry, dict) or entry.keys() - {"id", "title", "highlight_type"}:
            raise SlackError("invalid_arguments", "[ERROR] files: only id, title and highlight_type")
        file = self.known.get(entry.get("id", ""))
        if file is None or file.expected is not None or file.shared:
            raise SlackError("file_not_found")
        file.title = entry.get("title") or file.name
        return file

    def _share(self, files: Sequence[File], target: str, params: Params) -> None:
        channel = self.world.channels.get(target)
        if channel is None:
            raise SlackError("invalid_channel")
        if self.world.bot.id not in channel.members:
            raise SlackError("not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        blocks = params.get("blocks") if "initial_comment" not in params else None
        if any(isinstance(block, dict) and block.get("type") == "markdown" for block in blocks or []):
            raise SlackError("internal_error")  # seen with Slack; the same block may be posted
        if blocks:
            checked_blocks(blocks, self.world.complain)
        text = params.get("initial_comment", "")
        for file in files:
            file.shared = True
        self.world.post(
            channel, self.world.bot, text, files=list(files), blocks=blocks or [], thread=params.get("thread_ts"),
            mentions=mentions(text),
        )  # fmt: skip


def named(source: Source) -> tuple[str, bytes]:
    """Of a path, of bytes or of (name, bytes), the name and the bytes."""
    if isinstance(source, tuple):
        return source
    if isinstance(source, bytes):
        return "image.jpg" if source[:2] == b"\xff\xd8" else "file.bin", source
    return Path(source).name, Path(source).read_bytes()
