"""kill -9 of the real process before and after every point of no return, while people write to it on the page."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
from kill_lives import Lives
from kill_people import Shown
from kill_world import World, nothing_is_lost_or_done_twice, parts

from tests.seeded import Share

KILLS = 400
A_LOOK = 0.2  # seconds between two looks at a page
RED_LIGHTS = (429, 503)


class Page(HTMLParser):
    """What a browser makes of the chat page: the assistant's lines with their links and buttons, and the form's fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []  # of the lines
        self.lines: list[str] = []
        self.links: list[dict[str, str]] = []  # of each line, name -> address
        self.buttons: dict[str, tuple[str, str]] = {}  # label -> value and the question's number, the newest
        self.fields: dict[str, str] = {}
        self._is_theirs = self._is_template = False
        self._in_text = 0
        self._asked, self._value, self._label = "", None, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        classes = given.get("class", "").split()
        self._is_template = self._is_template or tag == "template"
        if tag == "article" and not self._is_template:
            self._is_theirs = "theirs" in classes
            if self._is_theirs:
                self.ids.append(given["data-id"])
                self.lines.append("")
                self.links.append({})
        elif tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given.get("value", "")
            self._asked = given["value"] if given["name"] == "asked" else self._asked
        elif tag == "a" and "download" in given and self._is_theirs:
            self.links[-1][given["download"]] = given["href"]
        elif tag == "button" and "choice" in classes:
            self._value, self._label = given["value"], ""
        if self._in_text or (self._is_theirs and tag == "div" and "text" in classes):
            self._in_text += tag == "div"

    def handle_endtag(self, tag: str) -> None:
        self._in_text -= bool(self._in_text) and tag == "div"
        if tag == "article":
            self._is_theirs = False
        elif tag == "template":
            self._is_template = False
        elif tag == "button" and self._value is not None:
            self.buttons[self._label.strip()], self._value = (self._value, self._asked), None

    def handle_data(self, data: str) -> None:
        if self._in_text:
            self.lines[-1] += data
        if self._value is not None:
            self._label += data


class Browser:
    """A browser without scripts. A post that was not answered is posted again, the same as it was."""

    hello = ("opens", "")

    def __init__(self, lives: Lives) -> None:
        self.chat = (
            f"web:{uuid.uuid4()}"  # nobody is told its real name: a line of the page comes once, and that is all
        )
        self._client = httpx2.Client(base_url=f"http://127.0.0.1:{lives.port}", follow_redirects=True, timeout=20)
        self._lives = lives
        self._shown: list[Shown] = []
        self._known: set[str] = set()
        self._page: Page | None = None
        self._post: dict[str, Any] | None = None  # not answered yet
        self._opens = False
        self._looked = 0.0

    def shown(self) -> list[Shown]:
        if (self._opens or self._page) and self._lives.runs and time.monotonic() > self._looked + A_LOOK:
            self._looked = time.monotonic()
            try:
                self._posts()
                self._look()
            except httpx2.TransportError:
                pass  # it is dead, or not up yet
        return self._shown

    def does(self, how: str, what: Any) -> None:
        if how == "opens":
            self._opens = True
            return
        assert self._page
        fields = {"csrf": self._page.fields["csrf"], "event": str(uuid.uuid4()), "order": self._page.fields["order"]}
        if how == "types":
            self._post = {"url": "/messages", "data": fields | {"text": what}}
        elif how == "presses":
            choice, asked = self._page.buttons[what]
            self._post = {"url": "/press", "data": fields | {"choice": choice, "asked": asked}}
        else:
            name, content = what
            self._post = {"url": "/messages", "data": fields, "files": {"files": (name, content)}}
        self._looked = 0.0

    def _posts(self) -> None:
        if self._post:
            answer = self._client.post(**self._post, headers={"accept": "application/json"})
            if answer.status_code in RED_LIGHTS:
                return
            assert answer.status_code == 200, (answer.status_code, answer.text[:500])
            self._post = None

    def _look(self) -> None:
        answer = self._client.get("/")
        if answer.status_code in RED_LIGHTS:
            return
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        page = Page(answer.text)
        new = []
        for id, text, links in zip(page.ids, page.lines, page.links, strict=True):
            if id not in self._known:  # the lines of a registration go with it
                files = tuple((name, self._client.get(address).content) for name, address in links.items())
                new.append(Shown(text.strip(), files))
        self._page = page
        self._known.update(page.ids)
        self._shown += new


class OnThePage(World):
    platform = "web"
    has_desk = False

    def house(self, folder: Path, **settings: str) -> Lives:
        return Lives(folder, None, **settings)

    def newcomer(self, name: str) -> Browser:
        return Browser(self.lives)

    def waits(self, seconds: float) -> None:
        self.lives.waits(seconds)

    def undelivered(self) -> Sequence[object]:
        return ()


def test_whatever_moment_the_pages_process_dies_nothing_is_lost_or_done_twice(
    tmp_path: Path, chance: random.Random, share: Share
) -> None:
    worlds = []
    for place, kills in enumerate(parts(share.of(KILLS))):
        worlds.append(OnThePage(tmp_path / str(place), chance))
        worlds[-1].suffers(kills)
    nothing_is_lost_or_done_twice(worlds)
    assert not any(one.reading.repeats for world in worlds for one in world.people), "the page shows a line once"
