"""What Telegram makes of a text: its HTML, the entities of it, the limits on both.

Offsets and lengths are UTF-16 code units, as everywhere in the Bot API.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

from bot_methods import Misuse, Params, bad, read_object

TEXT_MAX, CAPTION_MAX, ENTITIES_MAX = 4096, 1024, 100

Entity = dict[str, Any]
TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "tg-spoiler": "spoiler", "span": "spoiler", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
BY_HAND = {*TAGS.values(), "expandable_blockquote", "text_mention", "date_time"}
FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
UNKNOWN_ENTITY = re.compile(r"&[a-zA-Z]+;")


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def _wrong(words: str) -> Exception:
    return bad(f"can't parse entities: {words}")


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int  # in UTF-16 units


class HtmlReader:
    """Reads Telegram's HTML: plain text and entities, or Telegram's words about the first fault."""

    def __init__(self, html: str) -> None:
        self.html, self.at = html, 0
        self.text, self.entities = "", list[Entity]()
        self.open = list[_Open]()

    def read(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.html):
            if self.html[self.at] == "<":
                self._end_tag() if self.html.startswith("</", self.at) else self._start_tag()
            else:
                self.text += self._character()
        if self.open:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return self.text, self.entities

    def _character(self) -> str:
        """One character; a reference to one counts as one."""
        if found := ENTITY.match(self.html, self.at):
            self.at = found.end()
            decimal, hexadecimal, name = found.groups()
            return NAMED[name] if name else chr(int(decimal) if decimal else int(hexadecimal, 16))
        if found := UNKNOWN_ENTITY.match(self.html, self.at):
            # Telegram shows it as it stands, which nobody can have meant.
            raise Misuse(f"{found[0]} is no entity Telegram knows: only &lt; &gt; &amp; &quot; and numbers are")
        self.at += 1
        return self.html[self.at - 1]

    def _bytes(self, at: int) -> int:
        return len(self.html[:at].encode())

    def _upto(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.html) and self.html[self.at] not in stops:
            self.at += 1
        return self.html[start : self.at]

    def _skip_space(self, begin: int, what: str = "start") -> None:
        while self.at < len(self.html) and self.html[self.at].isspace():
            self.at += 1
        if self.at >= len(self.html):
            raise _wrong(f"Unclosed {what} tag at byte offset {self._bytes(begin)}")

    def _start_tag(self) -> None:
        begin, self.at = self.at, self.at + 1
        tag = self._upto(" \t\r\n>").lower()
        if self.at >= len(self.html):
            raise _wrong(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        if tag not in TAGS:
            raise _wrong(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        attributes = {}
        self._skip_space(begin)
        while self.html[self.at] != ">":
            name, value = self._attribute(tag, begin)
            attributes[name] = value
            self._skip_space(begin)
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self.open.append(_Open(tag, attributes, units(self.text)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self._upto(" \t\r\n=>/\"'").lower()
        if not name:
            raise _wrong(f'Empty attribute name in the tag "{tag}" at byte offset {self._bytes(begin)}')
        self._skip_space(begin)
        if self.html[self.at] != "=":
            return name, ""
        self.at += 1
        self._skip_space(begin)
        quote = self.html[self.at]
        if quote not in "\"'":
            value = self._upto(" \t\r\n>")
            if not re.fullmatch(r"[\w.-]+", value, re.ASCII):
                raise _wrong(f"Unexpected end of name token at byte offset {self._bytes(begin)}")
            return name, value
        self.at, value = self.at + 1, ""
        while self.at < len(self.html) and self.html[self.at] != quote:
            value += self._character()
        self.at += 1
        self._skip_space(begin)
        return name, value

    def _end_tag(self) -> None:
        begin, self.at = self.at, self.at + 2
        if not self.open:
            raise _wrong(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        tag, opened = self._upto(" \t\r\n>").lower(), self.open.pop()
        self._skip_space(begin, "end")
        if self.html[self.at] != ">":
            raise _wrong(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        self.at += 1
        if tag and tag != opened.tag:
            raise _wrong(
                f'Unmatched end tag at byte offset {self._bytes(begin)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        if length := units(self.text) - opened.offset:
            self._close(opened, length)

    def _close(self, opened: _Open, length: int) -> None:
        entity: Entity = {"type": TAGS[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            url = opened.attributes.get("href") or self.text.encode("utf-16-le")[opened.offset * 2 :].decode(
                "utf-16-le"
            )
            if wrong_with(url):
                return  # shown as plain words
            entity["url"] = url
        elif opened.tag == "tg-emoji":
            if not opened.attributes.get("emoji-id", "").isdigit():
                raise _wrong("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = opened.attributes["emoji-id"]
        elif opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "code" and opened.attributes.get("class", "").startswith("language-"):
            entity["language"] = opened.attributes["class"].removeprefix("language-")
        self.entities.append(entity)


def wrong_with(url: str) -> str | None:
    """Telegram's words about a link it does not take, or None."""
    scheme, there, _rest = url.partition("://")
    if there and scheme not in ("http", "https", "tg", "ton", "tonsite"):
        return "Unsupported URL protocol"
    if url.startswith(("tg://", "mailto:", "tel:")):
        return None
    host = urlsplit(url if there else f"http://{url}").hostname or ""
    if not host:
        return "URL host is empty"
    if "." not in host and ":" not in host:
        return "Wrong HTTP URL"
    return None


def _checked(text: str, entities: Sequence[Any]) -> list[Entity]:
    """Entities that came with a text and lie within it."""
    end = units(text)
    for entity in entities:
        read_object("MessageEntity", entity, "can't parse MessageEntity: ")
        kind, offset, length = entity["type"], entity["offset"], entity["length"]
        if kind not in BY_HAND | FOUND:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        if offset < 0:
            raise bad(f"receive an entity with incorrect offset {offset}")
        if length < 0:
            raise bad(f"receive an entity with incorrect length {length}")
        if offset > end:
            raise bad(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if offset + length > end:
            raise bad(f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {offset + length}")  # fmt: skip
        if kind == "text_link":
            if "url" not in entity:
                raise bad("can't parse MessageEntity: Can't find field \"url\"")
            if wrong := wrong_with(entity["url"]):
                raise bad(f"entity URL '{entity['url']}' is invalid: {wrong}")
    return [entity for entity in entities if entity["type"] in BY_HAND]


def formatted(params: Params, name: str = "text") -> tuple[str, list[Entity]]:
    """Return the plain text and the entities of a `text` or `caption`, within Telegram's limits."""
    raw, mode = params.get(name, ""), params.get("parse_mode", "").lower()
    given = params.get("entities" if name == "text" else "caption_entities")
    if mode not in ("", "html", "markdown", "markdownv2"):
        raise bad("unsupported parse_mode")
    if mode.startswith("markdown"):
        raise Misuse("Markdown is not spoken here: send HTML, or entities")
    if mode and given:
        raise Misuse("parse_mode and entities together: Telegram drops the entities")
    if name == "text" and not raw:
        raise bad("message text is empty")
    text, entities = HtmlReader(raw).read() if mode else (raw, _checked(raw, given or []))
    text, entities = _trimmed(text, entities)
    if name == "text" and not text:
        raise bad("text must be non-empty")
    if units(text) > (TEXT_MAX if name == "text" else CAPTION_MAX):
        raise bad("message is too long" if name == "text" else "message caption is too long")
    if len(entities) > ENTITIES_MAX:
        raise Misuse(f"{len(entities)} entities: Telegram ignores those after {ENTITIES_MAX}")
    return text, entities


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the space around it, which Telegram takes away."""
    left = units(text) - units(text.lstrip())
    text = text.strip()
    end, kept = units(text), []
    for entity in entities:
        start, stop = max(0, entity["offset"] - left), min(end, entity["offset"] + entity["length"] - left)
        if stop > start:
            kept.append(entity | {"offset": start, "length": stop - start})
    return text, kept


SIGHTS = [
    ("bot_command", re.compile(r"(?<![\w/<>])/\w{1,64}(?:@\w+)?")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("url", re.compile(r"(?:https?://[^\s<>\"]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|co|me|dev|app)\b(?:/\S*)?)", re.I)),
]  # fmt: skip


def found_in(text: str) -> list[Entity]:
    """The commands, addresses and links Telegram sees by itself in a plain text."""
    seen, taken = [], set[int]()
    for kind, pattern in SIGHTS:
        for match in pattern.finditer(text):
            if taken.isdisjoint(range(*match.span())):
                taken.update(range(*match.span()))
                seen.append({"type": kind, "offset": units(text[: match.start()]), "length": units(match[0])})
    return sorted(seen, key=lambda entity: entity["offset"])


def as_html(text: str, entities: Sequence[Entity]) -> str:
    """The text as HTML, to see in a test what is bold and where a link leads."""
    raw = text.encode("utf-16-le")
    cuts = sorted({0, len(raw) // 2, *(at for e in entities for at in (e["offset"], e["offset"] + e["length"]))})
    html = ""
    for start, stop in [*itertools.pairwise(cuts), (cuts[-1], cuts[-1])]:
        for entity in reversed(entities):
            if entity["offset"] + entity["length"] == start and entity["length"]:
                html += f"</{_tag(entity).split()[0]}>" if _tag(entity) else ""
        for entity in entities:
            if entity["offset"] == start < stop:
                html += f"<{_tag(entity)}>" if _tag(entity) else ""
        html += escape(raw[start * 2 : stop * 2].decode("utf-16-le"), quote=False)
    return html


def _tag(entity: Entity) -> str:
    kind = entity["type"]
    if kind == "text_link":
        return f'a href="{escape(entity["url"])}"'
    if kind == "expandable_blockquote":
        return "blockquote expandable"
    names = {"bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler"}
    return names.get(kind, kind if kind in ("code", "pre", "blockquote") else "")
