"""Our sentences as HTML: their lists as lists, their addresses as links. What is read out or copied stays the text."""

from __future__ import annotations

import re
from itertools import groupby

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
TRAILING = ".,;:!?)]}»”’"  # ends the sentence around a link, not the link
ITEM = re.compile(r"([•✔☐○✘]|\d{1,3}\.) (.*)", re.DOTALL)
STATES = {"✔": "done", "☐": "open", "○": "maybe", "✘": "wrong"}
LABEL = re.compile(r"(⚠ )?([^:\n]{1,80}): (.*)", re.DOTALL)


def linked(text: str) -> Markup:
    """The text as HTML, with its http and https addresses as links. Nothing else in it becomes markup."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        url = found.group().rstrip(TRAILING)
        parts += [
            escape(text[end : found.start()]),
            Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>').format(url),
        ]
        end = found.start() + len(url)
    return Markup("").join([*parts, escape(text[end:])])


def structured(text: str) -> Markup:
    """Paragraphs and lists. The bare text of the result is the text given, to the character."""
    return Markup("\n").join(
        _listed(list(lines)) if in_list else _paragraphs(list(lines))
        for in_list, lines in groupby(_joined(text), key=lambda line: ITEM.match(line) is not None)
    )


def _joined(text: str) -> list[str]:
    """The lines; an answer of several lines, which a numbered line shows, stays one with it."""
    lines: list[str] = []
    numbered = False
    for line in text.split("\n"):
        item = ITEM.match(line)
        if item is None and line and numbered:
            lines[-1] += "\n" + line
            continue
        lines.append(line)
        numbered = item is not None and item[1] not in STATES and item[1] != "•"
    return lines


def _paragraphs(lines: list[str]) -> Markup:
    """Lines between blank ones belong together."""
    return Markup("\n").join(
        Markup("\n").join(Markup("") for _ in part) if blank else _paragraph("\n".join(part))
        for blank, part in ((blank, list(part)) for blank, part in groupby(lines, key=lambda line: not line))
    )


def _paragraph(words: str) -> Markup:
    kind = Markup(' class="lead"') if words.endswith(":") else ""
    return Markup("<p{}>{}</p>").format(kind, linked(words))


def _listed(lines: list[str]) -> Markup:
    return Markup("<ul>{}</ul>").format(Markup("\n").join(_item(line) for line in lines))


def _item(line: str) -> Markup:
    item = ITEM.fullmatch(line)
    assert item is not None
    mark, words = item[1], item[2]
    label = LABEL.fullmatch(words) if mark.endswith(".") else None
    inside = linked(words)
    if label:
        inside = Markup('{}<span class="label">{}:</span> {}').format(label[1] or "", label[2], linked(label[3]))
    kind = "numbered" if mark.endswith(".") else STATES.get(mark, "plain")
    return Markup('<li class="{}"><span class="mark">{} </span>{}</li>').format(kind, mark, inside)
