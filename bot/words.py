"""Every sentence a person sees, filled in in their language as the message leaves.

The catalogs lie in conversations/texts/: gettext files whose msgid is the key and whose msgstr is the sentence, with
named {placeholders}. What people typed is put in as it is: it is never read as a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

import conversations
from bot.channels import Rendered
from conversations.model import Country, Day, Moment, Text, Value

if TYPE_CHECKING:
    from rules.book import Book
    from storage.store import Outgoing

log = structlog.get_logger()

OURS = Path(conversations.__file__).parent / "texts"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class TextsError(Exception):
    """A sentence or a value of it is missing, or a catalog can't be read."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One entry of a catalog: its forms (one, or the plural forms) and which of them a number takes."""

    forms: tuple[str, ...]
    which: Callable[[int], int]

    def of(self, values: Mapping[str, Value]) -> str:
        if len(self.forms) == 1:
            return self.forms[0]
        n = values.get("n")
        return self.forms[min(self.which(int(n)), len(self.forms) - 1) if isinstance(n, int | float) else -1]


Catalog = Mapping[str, Sentence]


def read(folder: Path) -> dict[str, dict[str, Sentence]]:
    """The catalogs of a folder by language: `en.po`, or all files below `en/`."""
    found: dict[str, dict[str, Sentence]] = {}
    for path in sorted(folder.rglob("*.po")):
        language = path.relative_to(folder).parts[0].removesuffix(".po")
        try:
            with path.open("rb") as file:
                catalog = read_po(file, locale=language)
        except (ValueError, UnknownLocaleError) as error:
            raise TextsError(f"{path.name}: {error}") from error
        which = _plural(catalog.plural_expr)
        sentences = found.setdefault(language, {})
        for message in catalog:
            key, forms = message.id, message.string
            if not key or not forms:
                continue
            key = key[0] if isinstance(key, tuple | list) else key
            sentences[str(key)] = Sentence((forms,) if isinstance(forms, str) else tuple(forms), which)
    return found


def _plural(expression: str) -> Callable[[int], int]:
    from gettext import c2py

    return c2py(expression)


class Catalogs:
    """The sentences of every language we speak, read once."""

    def __init__(
        self,
        catalogs: Mapping[str, Catalog],
        book: Book,
        *,
        locale: str = "en",
        time_zone: str = "UTC",
        strict: bool = False,
    ) -> None:
        """`locale` and `time_zone` are of readers we know nothing of. `strict`: what is missing raises TextsError."""
        self.catalogs, self.book, self.locale, self.time_zone, self.strict = catalogs, book, locale, time_zone, strict
        self._words: dict[tuple[str | None, str | None], Words] = {}

    @classmethod
    def load(cls, book: Book, overlay: Path | None = None, **options: object) -> Catalogs:
        """Ours, with the sentences of the operator's `texts/` laid over them, key by key.

        Raises:
            TextsError: a file is no catalog.
        """
        catalogs = read(OURS)
        for language, sentences in (read(overlay / "texts") if overlay else {}).items():
            catalogs.setdefault(language, {}).update(sentences)
        return cls(catalogs, book, **options)  # type: ignore[arg-type]

    def words(self, locale: str | None = None, time_zone: str | None = None) -> Words:
        """The words for a reader with this locale and IANA time zone, as far as they are known."""
        reader = (locale, time_zone)
        if reader not in self._words:
            if len(self._words) > 1000:
                self._words.clear()
            spoken = locale is not None and _locale(locale).language in self.catalogs
            # Else dates and countries would be in a language that the sentences around them are not.
            self._words[reader] = Words(self, locale if locale and spoken else self.locale, time_zone or self.time_zone)
        return self._words[reader]

    def speak_by(self, other: Catalogs) -> None:
        """Whoever holds these catalogs, or words of them, has the sentences of `other` from now on."""
        self.catalogs, self.book = other.catalogs, other.book
        self._words.clear()  # of languages that nothing was known of, perhaps

    def catalog(self, language: str) -> Catalog:
        return self.catalogs.get(language) or self.catalogs.get(self.locale) or self.catalogs.get("en", {})

    def pseudo(self) -> Catalogs:
        """The same with every sentence in accented letters: whatever stays plain was not taken from a catalog."""
        changed = {
            language: {key: Sentence(tuple(map(pseudo, one.forms)), one.which) for key, one in sentences.items()}
            for language, sentences in self.catalogs.items()
        }
        return Catalogs(changed, self.book, locale=self.locale, time_zone=self.time_zone, strict=True)


class Words:
    """Fills in sentences for one reader."""

    def __init__(self, catalogs: Catalogs, locale: str, time_zone: str) -> None:
        self._catalogs = catalogs
        self.locale = _locale(locale)
        self.time_zone = _zone(time_zone)

    def render(self, outgoing: Outgoing, path: Callable[[str], Path]) -> Rendered:
        """The message as this reader gets it. `path` tells where a file of the store lies."""
        say = outgoing.say
        said = Text(say.key, say.values)
        if say.regarding:
            said = Text("regarding_question", {"label": say.regarding, "text": said})
        return Rendered(
            text=squeezed(self.text(said)),
            choices=tuple((choice.value, self.value(choice.label)) for choice in say.choices),
            files=tuple((path(file.file), file.name, file.media_type) for file in say.files),
            placeholder=self.value(say.placeholder),
        )

    def text(self, text: Text) -> str:
        """The sentence with its values. A key or a value that is missing is an error in tests and a log line else."""
        sentence = self._catalogs.catalog(self.locale.language).get(text.key) or self._catalogs.catalog("en").get(
            text.key
        )
        if sentence is None:
            self._miss(f"no sentence has the key {text.key}")
            return text.key
        values = text.values

        def fill(found: re.Match[str]) -> str:
            if found[1] not in values:
                self._miss(f"{text.key} got no value for {{{found[1]}}}")
                return ""
            return self.value(values[found[1]])

        return PLACEHOLDER.sub(fill, sentence.of(values))

    def value(self, value: Value) -> str:
        """A value as this reader reads it: a list a line each, a time in their zone, a country by its name."""
        if isinstance(value, str):
            return value
        if isinstance(value, Text):
            return self.text(value)
        if isinstance(value, Moment):
            return self.moment(value.at)
        if isinstance(value, Day):
            return str(format_date(value.on, "d MMMM y", locale=self.locale))
        if isinstance(value, Country):
            return self._catalogs.book.country_name(value.code, str(self.locale))
        if value is None:
            return ""
        if isinstance(value, bool):
            return self.text(Text("choice_yes" if value else "choice_no"))
        if isinstance(value, int):
            return str(value)  # ungrouped: most are years, lengths and numbers of pages
        if isinstance(value, float):
            return str(format_decimal(value, locale=self.locale))
        return "\n".join(self.value(one) for one in value)

    def moment(self, at: datetime) -> str:
        """A time on the reader's own clock, which nobody reads two ways: "Friday 5 March 2027, 09:00 (GMT+7)"."""
        return str(format_datetime(at, "EEEE d MMMM y, HH:mm (z)", tzinfo=self.time_zone, locale=self.locale))

    def _miss(self, what: str) -> None:
        if self._catalogs.strict:
            raise TextsError(what)
        log.error("text_missing", what=what, locale=str(self.locale))


def plain_values(value: Any, words: Words) -> Any:
    """The same lists and mappings with every sentence in words, for a process that knows none."""
    if isinstance(value, Mapping):
        return {key: plain_values(one, words) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(one, words) for one in value]
    return words.value(value) if isinstance(value, Text | Moment | Day | Country) else value


def squeezed(text: str) -> str:
    """The text without the gaps that values with nothing in them leave."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+(?=\n|$)", "", text)).strip()


def _locale(name: str) -> Locale:
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a name the platform made up; OSError: it names a directory
        return ZoneInfo("UTC")


ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçđéƒĝĥíĵķĺɱñóƥɋŕšţúṽŵẋýžÁƁÇĐÉƑĜĤÍĴĶĹṀÑÓƤɊŔŠŢÚṼŴẊÝŽ",
)


def pseudo(sentence: str) -> str:
    """The sentence in accented letters, its placeholders untouched."""
    parts = re.split(r"(\{\w+\})", sentence)
    return "".join(part if PLACEHOLDER.fullmatch(part) else part.translate(ACCENTED) for part in parts)


def placeholders(sentence: Sentence) -> set[str]:
    """The names a sentence wants filled in, in any of its forms."""
    return {name for form in sentence.forms for name in PLACEHOLDER.findall(form)}
