"""All countries and what they ask on one page of Markdown: `rules matrix`, and docs/countries.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rules.book import Book
from rules.editions import began
from rules.schema import Document, Field, Pack, Route

FREE = (Route.NOT_REQUIRED, Route.UNSUPPORTED)  # nothing is asked there
NONE = "–"
LINKS = {None: NONE, "listed": "registered ones", "own_domain": "own domain", "none": "none"}

PAGE = """# What each country asks

Made from `rules/countries/` by `python docs/tables.py`: change a rule file, not this page. `python -m bot rules show
XX` prints all that is known of one country, with the words of every question; `python -m bot rules matrix` prints this
page with your own rules laid over ours.

[{asking} countries register names](#where-names-are-registered), [{free} do not](#where-nothing-is-registered). Every
row can be linked to by the country's code, such as [`countries.md#{example}`](#{example}). The facts are those of the
vendors and regulators named in each file, read on the day in the last column: a starting point, not legal advice.

## Where names are registered

- **Route**: who takes the registration. *Form*: we ask and file it. *Account manager*: paid, a person takes over after
  a few questions. *Own registration*: the company registers with the national registry itself, and the form or an
  account manager follows. *Recommended*: not needed everywhere, but names get through better. *Texts*: texts are
  approved instead of names.
- **Questions**: those asked of everybody, in brackets those asked only after certain answers, then those that may be
  skipped. Where a person takes over, only what is asked beforehand is counted.
- **Letters** are drawn by us and signed by the customer; **own papers** are brought along. In brackets those needed
  only after certain answers.
- **Signed**, **stamped**: the letters. *Not said*: no source says; a place for a stamp is drawn, and none is demanded.
- **Days**: calendar days from filing to approval, the fastest and the slowest estimate of the vendors.
- **Stops**: answers with which a name can't be registered. **Links**: which may stand in the texts. **Price**: whether
  a source names one.
- **Read**: the day the oldest of the sources was read, and how many there are.

{asked}

## Where nothing is registered

- **Names**: whether a name is delivered as it was sent. **Digits**: whether a sender of digits only is delivered.
- **Instead**: what people see where a name is not delivered.
- **Read**: as above.

{unasked}
"""


def matrix(book: Book) -> str:
    """The page, with a row for every country in the order of their names."""
    packs = [book.pack(code) for code in book.by_name]
    asking, free = [pack for pack in packs if pack.route not in FREE], [pack for pack in packs if pack.route in FREE]
    return PAGE.format(
        asking=len(asking), free=len(free), example=asking[0].country.lower() if asking else "",
        asked=_table(ASKED, asking, book), unasked=_table(UNASKED, free, book),
    )  # fmt: skip


Column = Callable[[Pack], str]


def _table(columns: Mapping[str, Column], packs: Iterable[Pack], book: Book) -> str:
    rows = [["Country", *columns], ["---"] * (len(columns) + 1)]
    rows += [[_country(pack, book), *(of(pack) for of in columns.values())] for pack in packs]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _country(pack: Pack, book: Book) -> str:
    """The name with its code, which a link can lead to, and what holds for a time only."""
    code = pack.country.lower()
    later = [one.version for one in book.editions(pack.country) if began(one.version) > began(pack.version)]
    marks = [*(["paused"] if pack.paused else []), *(f"changes {version}" for version in later)]
    link = f'<a id="{code}"></a>[{_plain(pack.name)}](../rules/countries/{code}.toml) {pack.country}'
    return f"{link} ({', '.join(marks)})" if marks else link


def _route(pack: Pack) -> str:
    words = {
        Route.SELF_REGISTRATION: "own registration, then account manager",
        Route.SELF_REGISTRATION_THEN_FORM: "own registration, then form",
        Route.TEMPLATE_APPROVAL: "texts",
    }
    return words.get(pack.route, pack.route.value.replace("_", " "))


def _questions(pack: Pack) -> str:
    beforehand = set(pack.handoff_fields)
    fields = [field for field in pack.fields if not beforehand or field.name in beforehand]
    skipped = sum(not field.required and field.required_when is None for field in fields)
    return _counted(fields) + (f" + {skipped}" if skipped else "")


def _counted(needed: Iterable[Field | Document]) -> str:
    """How many are needed always, and in brackets how many on a condition."""
    listed = list(needed)
    always = sum(one.required for one in listed)
    at_times = sum(not one.required and one.required_when is not None for one in listed)
    return f"{always} ({at_times})" if at_times else str(always) if always else NONE


def _letters(pack: Pack) -> list[Document]:
    return [one for one in pack.documents if one.template and (one.required or one.required_when)]


def _own_papers(pack: Pack) -> list[Document]:
    return [one for one in pack.documents if not one.template and (one.required or one.required_when)]


def _signed(pack: Pack) -> str:
    return _all_or_some({one.signed for one in _letters(pack)})


def _stamped(pack: Pack) -> str:
    return _all_or_some({one.stamped for one in _letters(pack)})


def _all_or_some(found: set[bool | None]) -> str:
    words = {True: "yes", False: "no", None: "not said"}
    return NONE if not found else words[found.pop()] if len(found) == 1 else "some" if True in found else "not said"


def _days(pack: Pack) -> str:
    days = pack.lead_time.days
    return NONE if days is None else str(days[0]) if days[0] == days[1] else f"{days[0]}–{days[1]}"


def _stops(pack: Pack) -> str:
    return str(sum(len(field.stops_when) for field in pack.fields) or NONE)


def _links(pack: Pack) -> str:
    refused = "no short ones" if pack.samples.shorteners is False else ""
    allowed = LINKS[pack.samples.links]
    return refused or allowed if allowed == NONE else f"{allowed}, {refused}" if refused else allowed


def _price(pack: Pack) -> str:
    return "yes" if pack.fees or (pack.registry and pack.registry.fee) else NONE


def _read(pack: Pack) -> str:
    """The day of the source that was read longest ago, which is what the row can be trusted for."""
    return f"{min(source.read_on for source in pack.sources)} ({len(pack.sources)})"


def _plain(text: str | None) -> str:
    return (text or NONE).replace("|", "\\|").replace("\n", " ")


ASKED: Mapping[str, Column] = {
    "Route": _route, "Questions": _questions, "Letters": lambda pack: _counted(_letters(pack)),
    "Own papers": lambda pack: _counted(_own_papers(pack)), "Signed": _signed, "Stamped": _stamped, "Days": _days,
    "Stops": _stops, "Links": _links, "Price": _price, "Read": _read,
}  # fmt: skip
UNASKED: Mapping[str, Column] = {
    "Names": lambda pack: pack.alpha_sender, "Digits": lambda pack: pack.numeric_sender,
    "Instead": lambda pack: _plain(pack.instead), "Read": _read,
}  # fmt: skip
