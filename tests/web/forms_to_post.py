"""Reading our own pages as a browser without scripts does."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx2


@dataclass
class Line:
    mine: bool
    text: str


class Reader(HTMLParser):
    """Hidden fields, links and the lines of the chat."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.links: list[str] = []
        self.inline: list[str] = []
        self.lines: list[Line] = []
        self._in_text = 0
        self._in_template = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self._in_template = self._in_template or tag == "template"
        if tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"] or ""] = given.get("value") or ""
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if "style" in given or any(name.startswith("on") for name in given) or (tag == "script" and "src" not in given):
            self.inline.append(self.get_starttag_text() or tag)
        classes = (given.get("class") or "").split()
        if tag == "article" and "line" in classes and not self._in_template:
            self.lines.append(Line("mine" in classes, ""))
        if self._in_text or (tag == "div" and "text" in classes and self.lines and not self._in_template):
            self._in_text += tag == "div"

    def handle_endtag(self, tag: str) -> None:
        if self._in_text and tag == "div":
            self._in_text -= 1
        if tag == "template":
            self._in_template = False

    def handle_data(self, data: str) -> None:
        if self._in_text:
            self.lines[-1].text += data


def opened(client: httpx2.Client, path: str = "/") -> Reader:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return Reader(answer.text)


def post(client: httpx2.Client, path: str, page: Reader | None = None, **fields: object) -> httpx2.Response:
    """Post as the page's own form would, with its token and a new event, unless `fields` say otherwise."""
    files = fields.pop("files", None)
    headers = fields.pop("headers", None)
    page = page or opened(client)
    data = {"csrf": page.hidden["csrf"], "event": str(uuid.uuid4()), "order": page.hidden.get("order", "")} | fields
    return client.post(path, data=data, files=files, headers=headers)  # type: ignore[arg-type]
