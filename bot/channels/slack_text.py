"""What people typed, out of what Slack made of it: links, addresses, mentions, emoji and entities.

`acme.com` arrives as `<http://acme.com|acme.com>`, an address as `<mailto:a@b.example|a@b.example>`, `&` as `&amp;`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# Slack escapes <, > and & in what people type: an angle bracket is always its own.
MARKED = re.compile(r"<(?P<what>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
ENTITY = re.compile(r"&(amp|lt|gt);")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
DEEPEST = 20  # blocks in blocks


def decoded(text: str, blocks: Any = None, ours: str = "") -> str:
    """The text as its writer saw it. `blocks` tell which `:words:` are emoji; mentions of the user `ours` go."""
    if mentions(text, ours):
        text = re.sub(rf" ?<@{re.escape(ours)}(?:\|[^<>]*)?>[,:]?", "", text).strip()
    text = MARKED.sub(_plain, text)
    if emoji := dict(_emoji(blocks)):
        names = "|".join(re.escape(name) for name in sorted(emoji, key=len, reverse=True))
        text = re.sub(names, lambda found: emoji[found[0]], text)
    return ENTITY.sub(lambda found: ENTITIES[found[1]], text)  # once, and last: "&amp;lt;" is "&lt;"


def mentions(text: str, user: str) -> bool:
    """Whether the text as Slack gives it names that user."""
    return bool(user) and re.search(rf"<@{re.escape(user)}(?:\|[^<>]*)?>", text) is not None


def _plain(found: re.Match[str]) -> str:
    """What stood there on the writer's screen."""
    what, label = found["what"], found["label"]
    if what.startswith("@"):
        return f"@{label or what[1:]}"
    if what.startswith("#"):
        return f"#{label or what[1:]}"
    if what.startswith("!"):
        return label or f"@{what[1:].partition('^')[0]}"
    return label or what.removeprefix("mailto:").removeprefix("tel:")


def _emoji(blocks: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(as in the text, the characters) of each emoji. A word between colons that is none is left alone."""
    if depth > DEEPEST:
        return
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Mapping):
            continue
        if block.get("type") == "emoji" and (characters := _characters(block.get("unicode"))):
            tone = block.get("skin_tone")
            yield f":{block.get('name')}:" + (f":skin-tone-{tone}:" if tone else ""), characters
        yield from _emoji(block.get("elements"), depth + 1)


def _characters(points: Any) -> str:
    """ "1f44b-1f3fc" as the characters it numbers; nothing for an emoji of the workspace's own."""
    try:
        return "".join(chr(int(point, 16)) for point in str(points or "").split("-") if point)
    except (ValueError, OverflowError):
        return ""
