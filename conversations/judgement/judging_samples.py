"""A sample text judged: refused only for what the country's file forbids by key, warned of for everything else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from conversations.errors import BadAnswer
from conversations.judgement import sms
from conversations.judgement.fields import tidy
from conversations.judgement.links import Link, domain, is_shortened, links, opens_a_chat, phone_numbers
from conversations.judgement.lookalikes import folded
from conversations.judgement.relation import identities
from conversations.judgement.sender_ids import unmarked
from conversations.model import Country, Registration, SenderId, Text, Value
from rules.schema import Pack, SampleRules, Topic
from rules.watchlist import Watchlist, Words

MOST_SAMPLES = 20
PROMOTIONAL = "promotional"
LONG_WORD = 5  # letters from which a brand is looked for within words: freshbakery in "FreshBakery's"
FEW = 6  # different characters: more, and the text is written in letters that GSM-7 does not have
OF_ANOTHER_SCRIPT = 0.3  # share of letters that makes a text one of that script
SIGNS = re.compile(r"\w+|[^\w\s]")
FILLED_IN = (
    "address", "amount", "brand", "city", "client", "code", "company", "customer", "date", "day", "email", "first name",
    "id", "insert", "last name", "link", "name", "number", "order", "order number", "otp", "password", "phone", "pin",
    "price", "product", "text", "time", "url", "user", "value",
)  # fmt: skip
NONSENSE = (
    r"lorem ipsum.*|(?:this is (?:just )?(?:a )?)?(?:test|testing|sample|example)(?: (?:message|text|sms|sample))?"
    r"[ .!\d]*|(?:hello|hi)(?: world)?[ .!]*|asdf\w*|qwerty\w*"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a text is judged by: the country's rules, and what the customer has said."""

    rules: SampleRules
    country: str
    answers: Mapping[str, Any]
    watched: Watchlist
    brands: tuple[str, ...] = ()  # any of these in the text names the sender, as people say it

    @property
    def message_type(self) -> str:
        return str(self.answers.get("message_type") or "")

    @property
    def wants_brand(self) -> bool:
        when = self.rules.brand_inside_when
        return self.rules.brand_inside or (when is not None and when.holds(self.answers))

    @property
    def reserve(self) -> int:
        """Characters that are added here; those of an opt-out only to promotional texts."""
        only_offers = self.rules.opt_out and self.message_type != PROMOTIONAL
        return 0 if only_offers else self.rules.reserve


def setting(registration: Registration, pack: Pack, watched: Watchlist, name: SenderId) -> Setting:
    """What the texts under that name are judged by."""
    answers = registration.answers
    inside = unmarked(name.text, pack.sender_id.given(answers), str(answers.get("message_type") or ""))
    known = [folded(inside), folded(name.text), *("".join(one.words) for one in identities(answers, watched))]
    begins = [one.words[0] for one in identities(answers, watched) if one.words and len(one.words[0]) >= LONG_WORD]
    return Setting(pack.samples, pack.country, answers, watched, tuple(dict.fromkeys(filter(None, (*known, *begins)))))


# --- read ---------------------------------------------------------------------------------------------------------


def read_sample(text: str, name: SenderId, by: Setting, instead: int | None = None) -> str:
    """A text that will be sent under the name. `instead`: the sample it takes the place of.

    Raises:
        BadAnswer: it is empty, too long, there already, one too many, or has what the country's file forbids.
    """
    sample = tidy(text)
    others = [one for index, one in enumerate(name.samples) if index != instead]
    if not sample:
        raise BadAnswer("bad_empty")
    if len(sample) > by.rules.max_length:
        raise BadAnswer("sample_too_long", given=len(sample), limit=by.rules.max_length)
    if sample in others:
        raise BadAnswer("sample_there")
    if len(others) >= MOST_SAMPLES:
        raise BadAnswer("sample_most", limit=MOST_SAMPLES)
    _refuse_what_is_forbidden(sample, by)
    return sample


def _refuse_what_is_forbidden(sample: str, by: Setting) -> None:
    """Only what nobody reads as anything else: the rest is for remarks."""
    found = [link for link in links(sample, by.watched) if link.sure]
    here = Country(by.country)
    if found and by.rules.links == "none":
        raise BadAnswer("sample_no_links", link=found[0].text, country=here)
    for link in found:
        if by.rules.shorteners is False and is_shortened(link, by.watched):
            raise BadAnswer("sample_no_shorteners", link=link.text, country=here)
        if by.rules.chat_links is False and opens_a_chat(link, by.watched):
            raise BadAnswer("sample_no_chat_links", link=link.text, country=here)
    if by.rules.phone_numbers is False:
        number = next((one for one, sure in phone_numbers(sample, by.country, tuple(found)) if sure), None)
        if number is not None:
            raise BadAnswer("sample_no_phone_numbers", number=number, country=here)


def mended(sample: str, by: Setting) -> str | None:
    """The text with what can be mended without asking: its beginning, and typographic characters. None: nothing."""
    beginning = by.rules.begins_with.get(by.message_type, "")
    better = sample if _begins(sample, beginning) else f"{beginning}{'' if beginning[-1:].isspace() else ' '}{sample}"
    better = sms.plain(better) or better
    return better if better != sample and len(better) <= by.rules.max_length else None


def _begins(sample: str, beginning: str) -> bool:
    return sample.casefold().startswith(beginning.casefold().rstrip())


# --- judged -------------------------------------------------------------------------------------------------------


def remarks(sample: str, by: Setting) -> tuple[Text, ...]:
    """What speaks against a text that was taken, gravest first; nothing where nothing does."""
    found = links(sample, by.watched)
    return (
        *_placeholders(sample, by),
        *_forbidden_perhaps(sample, by, found),
        *_of_links(by, found),
        *_of_words(sample, by),
        *_of_brand(sample, by),
        *_of_beginning(sample, by),
        *_of_language(sample, by),
    )


def length(sample: str, by: Setting) -> tuple[str, int, int]:
    """(encoding, length, parts) with what carriers add."""
    return sms.parts(sample, by.reserve)


def notes_on_length(sample: str, by: Setting) -> tuple[Text, ...]:
    """What makes the text longer than it looks."""
    found = []
    if by.reserve:
        found.append(Text("sample_reserve", {"count": by.reserve}))
    odd, plain = sms.foreign(sample), sms.plain(sample)
    if plain is not None:
        now, shorter = sms.parts(sample, by.reserve)[2], sms.parts(plain, by.reserve)[2]
        key = "sample_could_be_plain" if shorter < now else "sample_could_be_plainer"
        found.append(Text(key, {"characters": _shown(odd), "parts": shorter}))
    elif odd and len(odd) <= FEW and len(odd) * 4 < len(sample):
        found.append(Text("sample_makes_long", {"characters": _shown(odd)}))
    return tuple(found)


def _shown(characters: list[str]) -> str:
    return " ".join("space" if char.isspace() else char for char in characters)


def _placeholders(sample: str, by: Setting) -> Iterator[Text]:
    variable = _variable().search(sample)
    if re.fullmatch(NONSENSE, sample, re.IGNORECASE | re.DOTALL):
        yield Text("sample_is_nonsense")
    elif variable is not None and not by.rules.template:
        yield Text("sample_has_placeholder", {"given": variable[0]})


@lru_cache(maxsize=1)
def _variable() -> re.Pattern[str]:
    """What stands in the place of something that changes: {code}, [name], %s, <<date>>, XXXX."""
    inside = "|".join(re.escape(word).replace(r"\ ", "[ _-]?") for word in FILLED_IN)
    return re.compile(
        r"\{\{?[^{}\n]{0,30}\}\}?|<<[^<>\n]{1,30}>>|%(?:\d\$)?[sd]\b|\$\{?[a-z_]{3,}\}?|\bX{4,}\b|(?<!\w)(?:_{3,}|#{3,})"
        rf"|[\[<(](?:your|the)?[ _-]?(?:{inside})[ _-]?\d?[\])>]",
        re.IGNORECASE,
    )


def _forbidden_perhaps(sample: str, by: Setting, found: tuple[Link, ...]) -> Iterator[Text]:
    """What the country's file forbids, where it may be read as something else."""
    here = Country(by.country)
    if by.rules.links == "none" and found:
        yield Text("sample_link_perhaps", {"link": found[0].text, "country": here})
    if by.rules.phone_numbers is False:
        for number, _ in phone_numbers(sample, by.country, found)[:1]:
            yield Text("sample_phone_perhaps", {"number": number, "country": here})


def _of_links(by: Setting, found: tuple[Link, ...]) -> Iterator[Text]:
    here = Country(by.country)
    if found and by.answers.get("messages_carry_links") is False and by.rules.links != "none":
        yield Text("sample_link_unannounced", {"link": found[0].text})
    shortened = next((link for link in found if is_shortened(link, by.watched)), None)
    if shortened is not None and by.rules.shorteners is not True and by.rules.links != "none":
        yield Text("sample_shortened", {"link": shortened.text, "country": here})
    chat = next((link for link in found if opens_a_chat(link, by.watched)), None)
    if chat is not None and by.rules.chat_links is False:
        yield Text("sample_chat_link", {"link": chat.text, "country": here})
    own = domain(str(by.answers.get("company_website") or ""), by.watched)
    told = {domain(str(one), by.watched) for one in _listed(by.answers.get("content_urls"))}
    for link in found:
        mine = domain(link.host, by.watched)
        if link in (shortened, chat) or mine in told:
            continue
        if by.rules.links == "own_domain" and mine != own:
            yield Text("sample_link_not_own", {"link": link.text, "country": here, "own": own or "-"})
            break
        if by.rules.links == "listed" and (told or mine != own):
            yield Text("sample_link_to_list", {"link": link.text, "country": here})
            break


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _of_words(sample: str, by: Setting) -> Iterator[Text]:
    here = Country(by.country)
    spaced, folded = _spaced(sample), sample.casefold()
    for topic in by.rules.prohibited:
        word = _first(spaced, folded, by.watched.topics.get(topic, {}))
        if word is not None:
            yield Text("sample_topic", {"topic": Text(f"topic_{topic.value}"), "word": word, "country": here})
    offer = _first(spaced, folded, by.watched.promotional) if by.rules.transactional_only else None
    if offer is not None:
        yield Text("sample_sounds_promotional", {"word": offer, "country": here})
    asked_for = by.rules.opt_out and by.message_type == PROMOTIONAL
    if asked_for and _first(spaced, folded, by.watched.opt_out) is None:
        yield Text("sample_without_opt_out", {"country": here})


def _of_brand(sample: str, by: Setting) -> Iterator[Text]:
    if by.wants_brand and not _names(sample, by.brands):
        yield Text("sample_without_brand", {"country": Country(by.country)})


def _names(sample: str, brands: tuple[str, ...]) -> bool:
    words, together = {folded(word) for word in re.split(r"[\s,.:;!?()\[\]【】]+", sample)}, folded(sample)
    return any(brand in together if len(brand) >= LONG_WORD else brand in words for brand in brands)


def _of_beginning(sample: str, by: Setting) -> Iterator[Text]:
    beginning = by.rules.begins_with.get(by.message_type, "")
    if not _begins(sample, beginning):
        yield Text("sample_without_beginning", {"beginning": beginning, "country": Country(by.country)})


def _of_language(sample: str, by: Setting) -> Iterator[Text]:
    language = by.rules.languages.get(by.message_type, "")
    script = next(
        (script for name, script in by.watched.scripts.items() if name.casefold() in language.casefold()), None
    )
    letters = [char for char in sample if char.isalpha()]
    of_it = sum(unicodedata.name(char, "").startswith(script) for char in letters) if script else 0
    if script and of_it < OF_ANOTHER_SCRIPT * len(letters):
        yield Text("sample_language", {"language": language, "country": Country(by.country)})


def _first(spaced: str, folded: str, words: Words) -> str | None:
    """The first of the words that the text has: whole words where the script has spaces between them."""
    for word, needle, anywhere in _needles(tuple(of_language for of_language in words.values())):
        if needle in (folded if anywhere else spaced):
            return word
    return None


@lru_cache(maxsize=64)
def _needles(words: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, str, bool], ...]:
    """(word, what is looked for, whether within words too), the longest first."""
    listed = sorted({word for of_language in words for word in of_language}, key=len, reverse=True)
    unspaced = {word: any(unicodedata.name(char, "").startswith(("CJK", "THAI")) for char in word) for word in listed}
    return tuple((word, word.casefold() if unspaced[word] else _spaced(word), unspaced[word]) for word in listed)


def _spaced(text: str) -> str:
    """The text in small letters with a space around each word and sign."""
    return f" {' '.join(SIGNS.findall(text.casefold()))} "


# --- the rules in words -------------------------------------------------------------------------------------------

TOLD_BY = {  # what a country's own sentence speaks of, and the line it makes superfluous
    "sample_rule_brand": "brand", "sample_rule_no_links": "link", "sample_rule_listed_links": "link",
    "sample_rule_own_links": "link", "sample_rule_no_shorteners": "shorten", "sample_rule_no_chat_links": "chat link",
    "sample_rule_no_phone_numbers": "phone number", "sample_rule_opt_out": "opt out", "sample_rule_reserve": "room",
    "sample_rule_template": "template", "sample_rule_transactional": "transactional",
}  # fmt: skip


def rules_in_words(by: Setting) -> list[Value]:
    """What holds for texts here, a short line each: the country's own sentences, and what they do not say."""
    said = " ".join(by.rules.rules).casefold()
    own: list[Value] = [Text("briefing_line", {"text": sentence}) for sentence in by.rules.rules]
    return own + [line for line in _in_words(by) if TOLD_BY.get(line.key, "\n") not in said]


def _in_words(by: Setting) -> Iterator[Text]:
    rules = by.rules
    if rules.transactional_only:
        yield Text("sample_rule_transactional")
    if by.wants_brand:
        yield Text("sample_rule_brand")
    links_allowed = {"none": "no_links", "listed": "listed_links", "own_domain": "own_links"}
    if rules.links is not None:
        yield Text(f"sample_rule_{links_allowed[rules.links]}")
    if rules.shorteners is False and rules.links != "none":
        yield Text("sample_rule_no_shorteners")
    if rules.chat_links is False and rules.links != "none":
        yield Text("sample_rule_no_chat_links")
    if rules.phone_numbers is False:
        yield Text("sample_rule_no_phone_numbers")
    if rules.opt_out and by.message_type == PROMOTIONAL:
        yield Text("sample_rule_opt_out")
    beginning = rules.begins_with.get(by.message_type)
    if beginning:
        yield Text("sample_rule_beginning", {"beginning": beginning})
    if by.reserve:
        yield Text("sample_rule_reserve", {"count": by.reserve})
    if rules.template:
        yield Text("sample_rule_template")
    language = rules.languages.get(by.message_type)
    if language:
        yield Text("sample_rule_language", {"language": language})
    if rules.prohibited:
        yield Text("sample_rule_prohibited", {"topics": topics_in_words(rules.prohibited)})


def topics_in_words(topics: Iterable[Topic]) -> Text:
    """What texts may not be about, in a series of words. At least one topic."""
    return reduce(_series, [Text(f"topic_{topic.value}") for topic in topics])


def _series(before: Text, last: Text) -> Text:
    return Text("series", {"before": before, "last": last})
