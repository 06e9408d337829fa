"""Every sentence comes from a catalog: keys exist, none is idle, placeholders are filled, nothing is hard-coded."""

from __future__ import annotations

import ast
import calendar
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playing import OPT_IN, SAMPLE, Chat, House

import bot
import conversations
from bot.channels.telegram_menus import DESK, GROUP, PRIVATE
from bot.uploads.intake import UNCLEAR
from bot.words import ACCENTED, PLACEHOLDER, Catalogs, placeholders, pseudo, read
from conversations.countries.plan_sheet import COLUMNS
from conversations.countries.questions import OF_ALL
from conversations.desk import page_labels
from conversations.judgement import lookalikes, relation
from conversations.lifecycle import DECISIONS, WITH_PEOPLE
from conversations.model import Outcome, Role, Status, Step, Verdict
from conversations.papers.page_verdicts import LOOKS, NEVER, REFUSALS
from conversations.reasons import CANNED
from conversations.words import PHRASES
from rules import traits
from rules.book import Book
from rules.schema import Route, Topic

CORE = Path(conversations.__file__).parent
TEXTS = CORE / "texts"
KINDS_OF_PAPERS = {"papers", "paper", "letter", "stamp", "signature", "digital_signature", "letterhead"}
# What stands in the place of the changing part of a key such as f"help_{step}".
FAMILIES: dict[str, set[str]] = {
    "help_*": set(Step),
    "why_*": set(Step) - {Step.ASKING},
    "example_*": set(Step) - {Step.ASKING},
    "status_*": set(Status),
    "status_is_*": set(Status),
    "briefing_*": set(Route),
    "route_*": set(Route),
    "role_*": set(Role),
    "rule_name_*": {"upper", "lower", "length", "letters", "unmixed"},
    "doubt_generic_*": {"refused", "discouraged"},
    "doubt_brand_*": set(lookalikes.How),
    "relation_*": set(relation.How),
    "sample_rule_*": {"no_links", "listed_links", "own_links"},
    "topic_*": set(Topic),
    "registration_*": {"required", "recommended", "not_required", "unsupported", "unknown"},
    "sender_*": {"yes", "no", "partial", "unknown"},
    "purpose_*": set(traits.PURPOSES),
    "answer_*": KINDS_OF_PAPERS,
    "answer_no_*": KINDS_OF_PAPERS,
    "answer_links_*": {"none", "listed", "own_domain", "unknown"},
    "answer_names_*": set(traits.Holds),
    "answer_content_*": {traits.Holds.NO, traits.Holds.UNKNOWN},
    "answer_purpose_*": set(traits.Holds),
    "where_*": OF_ALL,
    "where_no_*": OF_ALL,
    "sometimes_*": {"registration", "names", "links", "digits", "time", "purpose"},
    "plan_route_*": set(Route),
    "count_*": {"letters", "signatures", "stamps", "own"},
    "sheet_*": set(COLUMNS),
    "handoff_*": {"account_manager", "self_registration", "template_approval"},
    "nudge_*": {"WITH_ACCOUNT_MANAGER", "UNDER_REVIEW", "WITH_CARRIER"},
    "card_waits_*": {"WITH_ACCOUNT_MANAGER", "UNDER_REVIEW", "WITH_CARRIER"},
    "sender_id_*_only": {"upper", "lower"},
    "desk_reason_*": set(CANNED),
    "desk_label_*": set(page_labels.LABELS),
    "desk_why_*": {*page_labels.REASONS, *page_labels.PLACINGS},
    "desk_unsure_*": {"signed", "stamped"},
    "desk_seen_*": set(page_labels.SIGHTS),
    "desk_insisted_*": {"anyway", "no_stamp"},
    "again_*": {*REFUSALS} - {*NEVER, "unlooked"},
    "fault_*": {*REFUSALS, *LOOKS},
    "why_again_*": {*REFUSALS},
    "own_*": set(UNCLEAR) - {"no_text"},  # said when it is asked what the file is
    "sight_no_letter_*": set(UNCLEAR),
    "own_desk_*": set(UNCLEAR),
    "ask_date_*": {"age", "expiry", "year"},
    "paper_too_old_*": {"age", "expiry", "year"},
    "desk_wanted_*": set(WITH_PEOPLE),
    "choice_desk_*": {*DECISIONS, "take", "close"},
    "command_*": {word.replace(" ", "_") for word in (*PRIVATE, *GROUP, *DESK)},
    "choice_desk_*_name": {"approve", "refuse"},
}
# Refusals that come from the look into a file, by their key.
PROBLEMS = re.compile(r'"(upload_[a-z_]+)"')


def core(folder: Path = CORE) -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            yield path, node


def dialogue() -> dict[str, set[str]]:
    """The keys of the dialogue's own catalog, with the placeholders of each."""
    from babel.messages.pofile import read_po

    with (TEXTS / "en" / "dialogue.po").open("rb") as file:
        catalog = read_po(file)
    known = read(TEXTS)["en"]
    keys = {str(m.id[0] if isinstance(m.id, tuple | list) else m.id) for m in catalog if m.id}
    return {key: placeholders(known[key]) for key in keys}


def literals() -> set[str]:
    return {node.value for _, node in core() if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def families() -> set[str]:
    """The f-strings of the core that look like keys: changing parts as a star."""
    found = set()
    for _, node in core():
        if isinstance(node, ast.JoinedStr):
            shape = "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
            if re.fullmatch(r"[a-z_]*\*[a-z_]*", shape) and "_" in shape:
                found.add(shape)
    return found


def used_keys() -> set[str]:
    edge = "\n".join(path.read_text() for path in Path(bot.__file__).parent.rglob("*.py"))
    made = {family.replace("*", str(part)) for family, parts in FAMILIES.items() for part in parts}
    return (
        literals()
        | made
        | set(PROBLEMS.findall(edge))
        | set(re.findall(r'"([a-z]+(?:_[a-z]+)+)"', edge))
        | {
            node.values[0].value
            for _, node in core()
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
        }
        | {"apology", "turn_failed"}
    )


def said_keys() -> set[str]:
    """Literal keys in the calls that say something."""
    found = set()
    for _, node in core():
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = {
            "say": 0,
            "tell_desk": 0,
            "Text": 0,
            "BadAnswer": 0,
            "tell_customer": 1,
            "hand_to_a_person": 0,
            "tell_outcome": 2,
        }.get(name)
        if place is not None and len(node.args) > place:
            for one in ast.walk(node.args[place]):
                if (
                    isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and re.fullmatch(r"[a-z]+(_[a-zA-Z]+)*", one.value)
                ):
                    found.add(one.value)
    return found


def test_every_key_that_is_said_has_a_sentence() -> None:
    known = read(TEXTS)["en"]
    parts = {piece for family in families() for piece in family.split("*") if piece}
    missing = {key for key in said_keys() if key not in known and key not in parts}
    assert not missing - {str(one) for one in (*Status, *Step, *Outcome, *Verdict)}


def test_every_key_the_edge_says_has_a_sentence() -> None:
    known = read(TEXTS)["en"]
    for path, node in core(Path(bot.__file__).parent):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Text", "Say") and node.args:
            key = node.args[0]
            if isinstance(key, ast.Constant):
                assert key.value in known, (path.name, key.value)


def test_every_family_of_keys_is_known_here_and_complete() -> None:
    known = read(TEXTS)["en"]
    strange = {family for family in families() if family not in FAMILIES and not family.startswith(("r*", "*_choice"))}
    assert not strange - {"*_*"}, "a new family of keys: say above what may stand in its place"
    for family, parts in FAMILIES.items():
        for part in parts:
            assert family.replace("*", str(part)) in known, (family, str(part))


def test_no_sentence_of_the_dialogue_is_idle() -> None:
    assert sorted(set(dialogue()) - used_keys()) == []


def test_every_form_of_a_sentence_wants_the_same_values() -> None:
    for key, sentence in read(TEXTS)["en"].items():
        wanted = [set(PLACEHOLDER.findall(form)) for form in sentence.forms]
        for one in wanted[1:]:
            assert one | {"n"} >= wanted[0] - {"n"}, key
        for form in sentence.forms:
            assert form.strip(), key
            assert "{}" not in form and form.count("{") == form.count("}"), key


@pytest.mark.parametrize(
    "word", ["why", "example", "back", "skip", "later", "edit", "status", "list", "another", "cancel", "person"]
)
def test_every_word_the_help_names_is_heard(word: str) -> None:
    assert PHRASES[word].value == word
    assert f'"{word}"' in read(TEXTS)["en"]["help"].forms[0]


# --- nothing is hard-coded ------------------------------------------------------------------------------------------


def test_in_another_language_nothing_plain_is_left(tmp_path: Path, book: Book, catalogs: Catalogs) -> None:
    """One long transcript in accented letters: what stays plain came from a pack, a person, or is a bare word."""
    house = House(tmp_path, book, catalogs.pseudo())
    chat = house.customer()
    a_long_day(chat, house)
    plain = allowed(house, chat)
    for name in house.said:
        for message in house.said[name]:
            for text in (message.text, *(label for _, label in message.choices)):
                left = text
                for one in plain:
                    left = left.replace(one, " ")
                words = [word for word in re.findall(r"[A-Za-z]{3,}", left) if word not in MONTHS_AND_DAYS]
                assert not words, f"{message.key}: {words} in {text[:400]!r}"
    house.close()


MONTHS_AND_DAYS = {*calendar.month_name, *calendar.day_name, "UTC", "GMT", "GSM", "UCS"}


def a_long_day(chat: Chat, house: House) -> None:
    for text in ("hello", "Atlantis", "Thialand", "help", "yes", "why", "start", "example", "later"):
        chat.types(text)
    chat.types("Atlantis")
    chat.answers(
        loan_content="yes",
        messages_carry_links="yes",
        content_urls="www.freshbakery.example",
        link_purpose="To follow the order.",
    )
    for text in (
        "INFO",
        "back",
        "TWELVELETTER",
        "Café",
        "FRESHBAKERY",
        "done",
        SAMPLE,
        "done",
        "submit",
        "continue",
        "otp",
        "city",
        "later",
        "status",
        "list",
        "person",
        "my time zone is Asia/Bangkok",
        "submit",
    ):
        chat.types(text)
    house.works()
    for text in ("hm", "help", "yes", "why", "submit", "letters", "remove"):
        chat.types(text)
    chat.sends_files(["photo.jpg"])
    for text in ("help", "later"):
        chat.types(text)
    chat.sends_files({"bad.bin": "upload_broken", "strange.jpg": [("ABCDEFGH", 1, 1)]})
    chat.types("other") if chat.step == "placing" else None
    chat.sends_papers()
    chat.types("submit")
    reference = chat.reference
    reviewer = house.staff(Role.REVIEWER, "rita")
    for text in (
        f"approve {reference} X",
        f"refuse {reference}: x",
        f"send back {reference}",
        f"send back {reference}: zq zq",
    ):
        reviewer.types(text)
    for text in ("list", "submit", "take back", "submit", "another", "UAE", "later", "Korea", "no", "Vietnam", "start"):
        chat.types(text)
    reviewer.types(f"reject {reference}: zq zq")
    for text in ("cancel", "keep", f"open {reference}", "apply again", "cancel", "withdraw", "yes", "list"):
        chat.types(text)
    house.passes(31)


def allowed(house: House, chat: Chat) -> list[str]:
    """What may stay plain, longest first: the packs' own words, what was typed, names, links, bare words."""
    plain = set()
    for code in ("TH", "AE", "VN", "KR", "KP"):
        if code in house.book.codes:
            plain |= set(strings(house.book.pack(code).model_dump(mode="json")))
    plain |= {house.book.country_name(code) for code in house.book.codes}
    plain |= {
        "send back ",
        "Atlantis",
        "Thialand",
        "FRESHBAKERY",
        "TWELVELETTER",
        "INFO",
        "OTP",
        "Café",
        "Cafe",
        SAMPLE,
        OPT_IN,
        "zq zq",
        "photo.jpg",
        "bad.bin",
        "strange.jpg",
        "rita",
        "Fresh Bakery GmbH",
        "Hamburg",
        "Bremen",
        "Asia/Bangkok",
        "Example SMS",
        "help@example.com",
        "https://example.com/privacy",
        "www.freshbakery.example",
        "To follow the order.",
        "anna@freshbakery.example",
    }
    plain |= {part for one in plain if "{" in one for part in PLACEHOLDER.split(one)}  # of ready sentences
    plain |= {one.reference for one in chat.case.registrations.values()}
    plain |= {
        reference for message in chat.messages for reference in re.findall(r"\b[A-Z]{2}-[A-Z0-9]{4}\b", message.text)
    }
    plain |= {
        message.say.values.get("given", "")
        for message in chat.messages
        if isinstance(message.say.values.get("given"), str)
    }  # type: ignore[misc]
    return sorted((one for one in plain if len(one) > 1), key=len, reverse=True)


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield from value.split("\n")
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


def test_the_accented_letters_leave_placeholders_alone() -> None:
    assert (
        pseudo("Hello {name}, {n} files")
        == f"{'Hello'.translate(ACCENTED)} {{name}}, {{n}} {'files'.translate(ACCENTED)}"
    )
