"""Texts as Slack writes them: what a client makes of what is typed, and what a reader sees of mrkdwn."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot_methods import Params

# Domains without http:// are links when they end in one of these; Slack knows many more.
ENDINGS = (
    "com net org io co info biz shop store online app dev ai me tv one bank africa ae ar at au be br ca ch cn cz de dk"
    " es eu fi fr gr hk id ie il in it jp ke kh kz mx my ng nl no nz ph pl pt ro rs ru sa se sg th tr tw ua uk us vn za"
)
EMOJI = {
    "😀": "grinning", "😊": "blush", "🙂": "slightly_smiling_face", "👍": "+1", "🎉": "tada", "✅": "white_check_mark",
    "❤️": "heart", "🔥": "fire", "🚀": "rocket", "💰": "moneybag", "🎁": "gift", "👋": "wave", "🙏": "pray",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?P<domain>(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{'|'.join(ENDINGS.split())})(?![\w-])(?:/[^\s<>]*)?)"
    r"|(?P<phone>(?<![\w.+])(?:\+\d[\d ()-]{6,}\d|\d{3}[-. ]\d{3}[-. ]\d{4})(?!\w))"
    rf"|(?P<emoji>{'|'.join(EMOJI)})",
    re.IGNORECASE,
)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def decorated(typed: str) -> tuple[str, list[Params]]:
    """Return what a client sends for it: the `text` of the event, and the elements of its rich text."""
    text, elements, at = "", list[Params](), 0

    def plain(words: str) -> None:
        nonlocal text
        if words:
            text += escaped(words)
            elements.append({"type": "text", "text": words})

    for found in _TOKEN.finditer(typed):
        word, kind = found.group(), found.lastgroup
        kept = word if kind == "emoji" else word.rstrip(".,;:!?)'\"")
        plain(typed[at : found.start()])
        at = found.start() + len(kept)
        if kind == "emoji":
            text += f":{EMOJI[word]}:"
            unicode = "-".join(f"{ord(letter):x}" for letter in word)
            elements.append({"type": "emoji", "name": EMOJI[word], "unicode": unicode})
            continue
        url = {
            "mail": f"mailto:{kept}", "domain": f"http://{kept}", "phone": "tel:" + re.sub(r"[^\d+]", "", kept),
        }.get(kind or "", kept)  # fmt: skip
        text += f"<{escaped(url)}>" if kind == "url" else f"<{escaped(url)}|{escaped(kept)}>"
        elements.append({"type": "link", "url": url} | ({} if kind == "url" else {"text": kept}))
    plain(typed[at:])
    return text, elements


_ANGLED = re.compile(r"<([^<>\n]*)>")
_MENTION = re.compile(r"<(@[UW]\w+|!channel|!here|!everyone|!subteam\^\w+)(?:\|[^<>]*)?>")
_MARKS = re.compile(r"(?<![\w*_~])([*_~])(?=\S)(.+?)(?<=\S)\1(?![\w*_~])")
_CODE = re.compile(r"```\n?(.*?)```|`([^`\n]+)`", re.DOTALL)
_DATE = re.compile(r"!date\^(\d+)\^([^\^|]*)(?:\^[^|]*)?\|(.*)", re.DOTALL)
_SHORT, _BY_NAME = re.compile(r":([\w+-]+):"), {name: emoji for emoji, name in EMOJI.items()}
Names = Callable[[str], str]  # an id of a person or a channel -> how it is called


def mentions(mrkdwn: str) -> list[str]:
    """Whom it calls: `@U...`, `!channel` ..."""
    return [found.group(1) for found in _MENTION.finditer(mrkdwn)]


def oddities(mrkdwn: str) -> list[str]:
    """What somebody forgot to escape."""
    odd = [
        found.group()
        for found in _ANGLED.finditer(mrkdwn)
        if not re.match(r"(https?://|mailto:|tel:|@[UW]|#C|![a-z])", found.group(1))
    ]
    outside = _ANGLED.sub("", mrkdwn)
    odd += re.findall(r"&(?!amp;|lt;|gt;)\S{0,10}", outside) + re.findall(r"<\S{0,10}", outside)
    return odd


def links(mrkdwn: str) -> list[tuple[str, str]]:
    """Of each link its address and its label."""
    found = []
    for angled in _ANGLED.finditer(mrkdwn):
        url, _, label = unescaped(angled.group(1)).partition("|")
        if re.match(r"(https?://|mailto:|tel:)", url):
            found.append((url, label or url))
    return found


def shown(mrkdwn: str, names: Names, zone: str | None) -> str:
    """Return the characters a reader sees."""
    kept = list[str]()

    def keep(words: str) -> str:
        kept.append(words)
        return f"\x00{len(kept) - 1}\x00"

    text = _CODE.sub(lambda found: keep(found.group(1) or found.group(2) or ""), mrkdwn)
    text = _ANGLED.sub(lambda found: keep(_angled(found.group(1), names, zone)), text)
    for _ in range(3):  # bold in italics in strike
        text = _MARKS.sub(r"\2", text)
    text = re.sub(r"^&gt; ?", "", text, flags=re.MULTILINE)
    while "\x00" in text:
        text = re.sub("\x00(\\d+)\x00", lambda found: kept[int(found.group(1))], text)
    return _SHORT.sub(lambda found: _BY_NAME.get(found.group(1), found.group()), unescaped(text))


def _angled(inside: str, names: Names, zone: str | None) -> str:
    if date := _DATE.fullmatch(inside):
        return _date(int(date.group(1)), date.group(2), date.group(3), zone)
    target, _, label = inside.partition("|")
    if target[:1] in ("@", "#"):
        return target[0] + (label or names(target[1:]))
    if target.startswith("!"):
        return "@" + (label or target[1:])
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _date(seconds: int, pattern: str, fallback: str, zone: str | None) -> str:
    """In the reader's own time zone, in English."""
    if zone is None:
        return fallback
    at, now = (datetime.fromtimestamp(seconds, ZoneInfo(zone)), datetime.now(ZoneInfo(zone)))
    day = f"{at.day}{'th' if 10 <= at.day % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(at.day % 10, 'th')}"
    near = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get((at.date() - now.date()) // timedelta(days=1))
    forms = {
        "date_num": f"{at:%Y-%m-%d}", "date": f"{at:%B} {day}, {at.year}", "date_short": f"{at:%b} {at.day}, {at.year}",
        "date_long": f"{at:%A, %B} {day}, {at.year}", "time": f"{at.hour % 12 or 12}:{at:%M %p}",
        "time_secs": f"{at.hour % 12 or 12}:{at:%M:%S %p}", "ago": f"{(datetime.now(UTC) - at).days} days ago",
    }  # fmt: skip
    forms |= {f"{name}_pretty": near or forms[name] for name in ("date", "date_short", "date_long")}
    if unknown := set(re.findall(r"\{(\w+)\}", pattern)) - forms.keys():
        return f"{fallback} (no date token {', '.join(sorted(unknown))})"
    return re.sub(r"\{(\w+)\}", lambda found: forms[found.group(1)], pattern)
