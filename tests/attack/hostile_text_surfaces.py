"""Every message as each surface would carry it, held against what that surface refuses, calls, or runs."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "transcripts"))

from bot_keyboards import read_markup
from bot_texts import formatted
from flood_house import CATALOGS
from slack_blocks import checked_blocks
from slack_elements import elements, render
from slack_texts import links, mentions, oddities, unescaped

from bot.channels import Rendered, slack_blocks, telegram_text
from bot.channels.markup import html, units, whole
from bot.channels.tokens import Tokens
from bot.commands.terminal import printable
from bot.web.lines import laid_out
from bot.web.render import Pages
from storage.store import Entry, Outgoing

TOKENS = Tokens(("a key that is only for tests",))
ON_TELEGRAM = telegram_text.Composer(TOKENS, CATALOGS)
ON_SLACK = slack_blocks.Composer(TOKENS, CATALOGS)
PAGES = Pages(CATALOGS.words())
OURS = {"code", "italic"}  # the only formatting of ours on Telegram
TAGS = frozenset({
    "p", "time", "article", "h3", "h4", "div", "a", "img", "span", "form", "input", "select", "option", "button", "svg", "use",
    "path", "ul", "ol", "li", "strong", "b", "em", "dl", "dt", "dd", "br", "code", "progress",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "class", "id", "datetime", "href", "src", "alt", "title", "loading", "width", "height", "download", "method", "action",
    "type", "name", "value", "required", "disabled", "max", "hidden", "selected", "rel", "viewbox", "fill", "stroke", "d", "xlink:href", "focusable", "target",
    "stroke-width", "stroke-linecap", "stroke-linejoin",
})  # fmt: skip


def dense(text: str) -> str:
    """The characters that are seen, without the gaps between them."""
    return "".join(whole(text).split())


def check_telegram(outgoing: Outgoing, rendered: Rendered) -> None:
    """Telegram takes every piece, no tag in it is a person's, and nothing that was typed is missing."""
    made = ON_TELEGRAM.composed(replace(outgoing, chat="telegram:7:8"), rendered, is_private=True)
    said = ""
    for number, part in enumerate(made.parts, 1):
        text, entities = formatted(
            {"text": html(part, made.small if number == len(made.parts) else ""), "parse_mode": "HTML"}
        )
        assert {entity["type"] for entity in entities} <= OURS, entities
        assert text == part.strip(), "Telegram shows something else than was said"
        said += text
    assert dense(said).startswith(dense(rendered.text)), "something that was said is not shown"
    if made.markup is not None:
        read_markup(json.loads(made.markup.to_json()), private=True)


def check_slack(outgoing: Outgoing, rendered: Rendered) -> None:
    """Slack takes every part, calls nobody, makes no link but of an address, and shows what was said."""
    outgoing = replace(outgoing, chat="slack:T1:D1", say=replace(outgoing.say, calls=()))
    odd: list[str] = []
    said = ""
    for part in ON_SLACK.composed(outgoing, rendered, is_private=True):
        checker = checked_blocks(list(part.blocks), odd.append)
        assert not checker.mentions and not mentions(part.text) and not mentions(part.plain)
        assert not oddities(part.text) and not oddities(part.plain)
        assert units(part.text) <= 4000 and units(part.plain) <= 4000
        for block in part.blocks:
            text = block.get("text", {})
            if text.get("type") == "mrkdwn":
                assert text["verbatim"]
                for url, label in links(text["text"]):
                    assert url == label, "a link that leads elsewhere than it says"
            if block["type"] == "section":
                said += render([block], str, None).text
        for _, element in elements(list(part.blocks)):
            assert units(json.dumps(element)) < 12_000 * 12
    assert not odd, odd
    assert dense(said).startswith(dense(slack_blocks.clean(rendered.text))), "something that was said is not shown"


class Strict(HTMLParser):
    """A page of ours as a browser reads it: known tags, known attributes, nothing that runs."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._open: list[str] = []
        self._in = 0
        self.feed(page)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, f"a tag that is none of ours: {tag}"
        for name, value in attributes:
            assert name in ATTRIBUTES or name == "role" or name.startswith(("data-", "aria-")), (
                f"an attribute that is none of ours: {name}"
            )
            if name in ("href", "src", "action"):
                assert re.match(r"https?://|/files/|/press$|/static/|#|mailto:", value or ""), (
                    f"{name} leads to {value!r}"
                )
        classes = (dict(attributes).get("class") or "").split()
        if tag not in ("img", "input", "br", "path", "use"):
            self._open.append(tag)
            if self._in or "text" in classes:
                self._in += 1
                if self._in == 1:
                    self.text.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("path", "use"):
            return
        assert self._open and self._open.pop() == tag, f"</{tag}> closes nothing"
        self._in -= bool(self._in)

    def handle_data(self, data: str) -> None:
        if self._in:
            self.text[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment in the page")


def check_page(outgoing: Outgoing, rendered: Rendered, typed: str, file: str) -> None:
    """What was typed and what is answered, as lines of the page: the words as they are, and no markup of theirs."""
    typed = whole(typed)
    files = (("incoming/ab/" + "ab" * 32, whole(file), "image/png"),) if file else ()
    mine = Entry(1, outgoing.chat, True, outgoing.created_at, typed, files=files)
    theirs = Entry(
        2, outgoing.chat, False, outgoing.created_at, whole(rendered.text),
        tuple((whole(value), whole(label)) for value, label in rendered.choices), outgoing.asked, asks=True,
    )  # fmt: skip
    lines = laid_out([mine, theirs], outgoing.asked, UTC, {}, lambda file: "/files/token")
    page = PAGES.html("lines.html", {"lines": lines, "zone": UTC, "csrf": "c", "event": "e", "asked": 1})
    page.encode()
    read = Strict(page)
    if typed:
        assert dense(read.text[0]) == dense(typed), "what was typed is shown otherwise"
    assert dense(read.text[-1]) == dense(rendered.text), "what is said is shown otherwise"


def check_terminal(line: dict[str, Any]) -> str:
    """What a terminal gets can't steer it."""
    text = printable(json.dumps(line, ensure_ascii=False))
    text.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    assert json.loads(text)
    return text


__all__ = ["check_page", "check_slack", "check_telegram", "check_terminal", "dense", "unescaped"]
