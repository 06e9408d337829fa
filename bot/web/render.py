"""From values to HTML: templates, the catalog's words, times and links as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.web.sentences import linked, structured
from conversations.desk.page_labels import plain
from conversations.model import Country, Text, Value
from conversations.reasons import reason

if TYPE_CHECKING:
    from bot.words import Words

HERE = Path(__file__).parent


class Pages:
    """The templates, with every visible word drawn from the catalog."""

    def __init__(self, words: Words, locale: str = "en") -> None:
        self._words = words
        self.locale = locale
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.globals |= {"t": self.word, "country": self.country, "locale": locale.replace("_", "-")}
        self._templates.filters |= {
            "linked": linked, "structured": structured, "reason": self.reason,
            "date": self.date, "time": self.time, "moment": self.moment,
            "age": self.age, "size": size, "person": person, "label": plain,
        }  # fmt: skip

    def html(self, template: str, values: Mapping[str, Any]) -> str:
        return self._templates.get_template(template).render(values)

    def word(self, key: str, **values: Value) -> str:
        """The sentence of that key."""
        return self._words.text(Text(key, values))

    def text(self, text: Text) -> str:
        return self._words.text(text)

    def reason(self, written: str) -> str:
        """Reasons as they are read, with the sentence in the place of each word that stands for one."""
        return "; ".join(self._words.value(reason(one)) for one in written.split("; "))

    def country(self, code: str) -> str:
        return self._words.text(Text("page_country", {"country": Country(code)}))

    def date(self, at: datetime, zone: tzinfo = UTC) -> str:
        return str(format_date(at.astimezone(zone).date(), "long", self.locale))

    def time(self, at: datetime, zone: tzinfo = UTC) -> str:
        return str(format_time(at, "short", zone, self.locale))

    def moment(self, at: datetime, zone: tzinfo = UTC) -> str:
        return str(format_datetime(at, "medium", zone, self.locale))

    def age(self, span: timedelta) -> str:
        span = max(span, timedelta(minutes=1))
        return str(format_timedelta(span, granularity="minute", threshold=1, format="short", locale=self.locale))


def zone_of(*names: str | None) -> tzinfo:
    """The first of these time zones that exists."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return UTC


def person(name: str) -> str:
    """A staff member's name as people write it: it is kept as `anna-berg`, to be typed in commands."""
    return name.replace("-", " ").title()


def size(count: int | None) -> str:
    """Bytes as people read them, in the decimal units the limits are stated in."""
    if count is None:
        return ""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"
