"""Rules that change on a day, or in their files: told, and only the difference asked; what is with people keeps its own."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playing import SAMPLE, SETTINGS, Chat, House, answer_to

from bot.letters.font import unprintable
from bot.words import Catalogs
from conversations.edition import FOLLOWS
from conversations.errors import BadAnswer
from conversations.interview import stops
from conversations.model import Event, Kind, Role
from rules.book import Book, load
from rules.reading import OURS
from rules.schema import FieldType

DAY = datetime(2026, 12, 1, tzinfo=UTC)  # the first one, in the second week of every test
LATER = datetime(2026, 12, 8, tzinfo=UTC)
NUMBER = "1234567890123"


def listed(country: str, key: str) -> list[str]:
    raw = tomllib.loads((OURS / "countries" / f"{country}.toml").read_text(encoding="utf-8"))
    return [str(name) for name in raw[key]]


def thailand() -> str:
    """From the first day the tax number is wanted, volumes are large, and nobody asks for loans any more."""
    fields = [name for name in listed("th", "fields") if name != "loan_content"] + ["tax_id"]
    documents = [code for code in listed("th", "documents") if code != "bot_licence"]
    return f"""
[[changes]]
from = 2026-12-01
text = ["Carriers want the tax number.", "Small volumes are not taken."]
source = "aws"
[changes.rules]
fields = {json.dumps(fields)}
documents = {json.dumps(documents)}
[changes.rules.field.monthly_volume]
example = "20000"
limits = {{ min = 10000 }}
[changes.rules.field.tax_id]
label = "Tax number"
question = "What is your tax number?"
type = "text"
required = true
why = "The regulator lists it."
limits = {{ pattern = "[0-9]{{13}}" }}
"""


FILES = {
    "th": thailand,
    "ke": lambda: (
        """
[[changes]]
from = 2026-12-01
text = ["The letter needs no stamp."]
[changes.rules.document.loa]
stamped = false
[[changes]]
from = 2026-12-08
text = ["It takes longer."]
[changes.rules]
lead_time = { days = [1, 60] }
"""
    ),
    "gb": lambda: (
        """
[[changes]]
from = 2026-12-01
text = ["Names are shorter."]
[changes.rules]
sender_id = { max_length = 9 }
samples = { max_length = 20 }
"""
    ),
    "ae": lambda: (
        """
[paused]
until = 2026-12-01
"""
    ),
    "vn": lambda: (
        """
[[changes]]
from = 2026-12-01
text = ["Names are shorter."]
[changes.rules]
sender_id = { max_length = 9 }
"""
    ),
    "ie": lambda: (
        """
[[changes]]
from = 2026-12-01
text = ["Nobody registers any more."]
[changes.rules]
route = "not_required"
"""
    ),
    "sg": lambda: (
        """
[[changes]]
from = 2026-12-01
text = ["The registry is closed: we file it."]
[changes.rules]
route = "form"
"""
    ),
    "hk": lambda: (
        """
[[changes]]
from = 2026-12-01
text = ["Closed over the winter."]
[changes.rules.paused]
text = "Closed over the winter."
until = 2026-12-08
source = "bird"
"""
    ),
}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Our rules, with some that change."""
    folder = tmp_path_factory.mktemp("rules")
    for country, text in FILES.items():
        (folder / f"{country}.toml").write_text(text(), encoding="utf-8")
    found = load(folder)
    found.unprintable = unprintable
    return found


@pytest.fixture
def house(tmp_path: Path, dated: Book, catalogs: Catalogs) -> Iterator[House]:
    opened = House(tmp_path, dated, catalogs)
    yield opened
    opened.close()


def wakes(house: House, at: datetime) -> list[str]:
    """As if the process woke then, with the rules of that day in the tests' own hands too."""
    fired = house.ticks(at)
    house.book = house.app.book
    return fired


def is_then(house: House, at: datetime) -> None:
    """It is that time, and no timer was looked at yet."""
    house.clock.set_to(at)
    house.book = house.app.book


def told(chat: Chat, key: str = "rules_changed") -> str:
    return next(message.text for message in reversed(chat.messages) if message.key == key)


# --- a draft ------------------------------------------------------------------------------------------------------


def test_a_draft_moves_on_the_day_and_only_the_difference_is_asked(chat: Chat, house: House) -> None:
    chat.drafts("Thailand")
    before = dict(chat.on.answers)
    assert chat.on.edition == "1"
    assert wakes(house, DAY + timedelta(hours=7)) == [], "in the night of Berlin nobody is woken"
    assert wakes(house, DAY + timedelta(hours=8)) == ["rules"]
    assert told(chat).splitlines() == [
        "The rules for Thailand have changed:",
        "• Since 1 December 2026: Carriers want the tax number. Small volumes are not taken. "
        "Source: https://docs.aws.amazon.com/end-user-messaging/latest/userguide/nx-country-reg-th.html",
        "",
        f"What that means for {chat.reference}:",
        "I ask this now, too:",
        "• Tax number",
        "These answers do not fit any more, so I ask them again:",
        "• Messages a month: The number must be at least 10000.",
        "Nobody asks this any more, so I forget your answer:",
        "• Loans in the messages",
    ]
    assert chat.last.key == "ask_field" and chat.summary.field == "monthly_volume"
    chat.plays(("20000", "ask_field tax_id"), (NUMBER, "ask_review"))
    assert chat.on.edition == "2026-12-01"
    gone = {name for name, value in before.items() if chat.on.answers.get(name) != value}
    assert gone == {"monthly_volume", "loan_content"}
    chat.plays(("submit", "drawing_letters"))
    assert [line.trigger for line in house.found(chat.reference).history] == ["open", "rules", "submit"]
    assert house.found(chat.reference).history[1].text == "2026-12-01"


def test_it_is_told_once(chat: Chat, house: House) -> None:
    chat.drafts("Thailand")
    wakes(house, DAY + timedelta(hours=8))
    before = len(chat.messages)
    assert wakes(house, DAY + timedelta(hours=9)) == []
    chat.types("status")
    assert "rules_changed" not in [message.key for message in chat.messages[before:]]


def test_whoever_writes_before_the_morning_is_told_at_once(chat: Chat, house: House) -> None:
    chat.starts("Thailand")
    chat.answers(until="city")
    is_then(house, DAY + timedelta(hours=1))
    assert chat.types("Hamburg") == ["rules_changed", "ask_optional_field"], "a question that stands is answered"
    assert chat.on.answers["city"] == "Hamburg"
    assert "rules" not in wakes(house, DAY + timedelta(hours=9)), "there is nothing left to wake for"


def test_what_answered_a_question_that_is_gone_answers_no_other(chat: Chat, house: House) -> None:
    chat.starts("Thailand")
    chat.answers(until="loan_content")
    assert chat.summary.field == "loan_content"
    before = dict(chat.on.answers)
    is_then(house, DAY + timedelta(hours=1))
    assert chat.types("no") == ["rules_changed", "came_too_early", "ask_field"]
    assert chat.on.answers == before and chat.summary.field == "company_name"


def test_a_button_of_a_question_that_is_gone_is_done(chat: Chat, house: House) -> None:
    chat.starts("Thailand")
    chat.answers(until="loan_content")
    is_then(house, DAY + timedelta(hours=1))
    assert chat.presses("yes") == ["rules_changed", "button_of_done_step", "ask_field"]
    assert "loan_content" not in chat.on.answers


def test_nothing_is_submitted_that_its_customer_has_not_seen(chat: Chat, house: House) -> None:
    chat.drafts("Thailand")
    is_then(house, DAY + timedelta(hours=1))
    assert chat.types("submit") == ["rules_changed", "came_too_early", "ask_field"]
    assert chat.status == "DRAFT"


def test_a_word_that_works_everywhere_works_then_too(chat: Chat, house: House) -> None:
    chat.drafts("Thailand")
    is_then(house, DAY + timedelta(hours=1))
    assert chat.types("status") == ["rules_changed", "status_is_DRAFT", "ask_field"]


def test_a_chat_that_is_elsewhere_is_told_and_shown_the_way(chat: Chat, house: House) -> None:
    reference = chat.drafts("Thailand")
    chat.types("another")
    wakes(house, DAY + timedelta(hours=8))
    assert chat.last.key == "rules_changed" and chat.buttons == [f"open {reference}"]
    assert chat.step == "country"
    chat.plays((f"[open {reference}]", "ask_field monthly_volume"))


def test_an_edit_of_an_answer_that_is_gone_changes_nothing(chat: Chat, house: House) -> None:
    chat.starts("Thailand")
    chat.answers(until="loan_content")
    chat.types("no", message="the answer")
    chat.fills_in()
    wakes(house, DAY + timedelta(hours=8))
    assert chat.edits("the answer", "yes")[0] == "edit_of_nothing"


def test_what_was_put_off_and_is_not_asked_any_more_is_not_missing(chat: Chat, house: House) -> None:
    chat.starts("Thailand")
    chat.answers(until="loan_content")
    chat.types("later")
    chat.fills_in(monthly_volume="30000")
    assert "loan_content" in chat.on.parked
    wakes(house, DAY + timedelta(hours=8))
    chat.plays((NUMBER, "ask_review"), ("submit", "drawing_letters"))


def test_countries_that_are_answered_together_move_each_by_its_own(chat: Chat, house: House) -> None:
    chat.types("Thailand and UK")
    chat.presses("start")
    chat.answers(until="loan_content", mef_protected="no")
    is_then(house, DAY + timedelta(hours=1))
    keys = chat.types("no")
    assert keys.count("rules_changed") == 2 and "came_too_early" in keys
    for _ in range(8):
        if chat.step == "asking":
            chat.answers(monthly_volume="20000", tax_id=NUMBER, mef_protected="no")
        elif chat.step == "sender_ids":
            chat.types("FRESHBOX")
            chat.types("done")
        elif chat.step == "samples":
            chat.types("FRESHBOX: ready.")
            chat.types("done")
    assert chat.step == "review"
    thai, british = sorted(chat.case.registrations.values(), key=lambda one: one.country, reverse=True)
    assert {one.edition for one in (thai, british)} == {"2026-12-01"}
    assert thai.answers["tax_id"] == NUMBER and "tax_id" not in british.answers
    assert [name.text for name in thai.sender_ids] == [name.text for name in british.sender_ids] == ["FRESHBOX"]


def test_two_entries_that_were_slept_past_are_told_together(chat: Chat, house: House) -> None:
    chat.drafts("Kenya", brand_origin="international")
    wakes(house, LATER + timedelta(hours=12))
    text = told(chat)
    assert text.index("The letter needs no stamp.") < text.index("It takes longer.")
    assert "Nothing you gave me is touched by it." in text
    assert chat.messages[-1].key == "rules_changed", "the question that is open stands"


def test_a_clock_that_goes_back_takes_nothing_back(chat: Chat, house: House) -> None:
    chat.drafts("Thailand")
    wakes(house, DAY + timedelta(hours=8))
    is_then(house, DAY - timedelta(hours=8))
    assert "rules_changed" not in chat.types("20000")
    assert chat.on.edition == "2026-12-01" and chat.summary.field == "tax_id"


def test_what_was_opened_before_editions_were_noted_is_told_of_no_change(chat: Chat, house: House) -> None:
    chat.drafts("Thailand")
    for number, packed in house.store.execute("select id, packed from registrations").fetchall():
        held = json.loads(packed)
        del held["edition"], held["mark"]
        house.store.execute("update registrations set packed = ? where id = ?", (json.dumps(held), number))
    is_then(house, DAY + timedelta(hours=9))
    assert "rules_changed" not in chat.types("status")
    assert chat.on.edition == "2026-12-01"


# --- names, texts, letters ----------------------------------------------------------------------------------------


def test_names_and_texts_that_are_refused_now_are_mended_before_anything_is_submitted(chat: Chat, house: House) -> None:
    chat.drafts("UK", names=("FRESHBAKERY", "FRESHBOX"), mef_protected="no")
    wakes(house, DAY + timedelta(hours=10))
    text = told(chat)
    assert "• FRESHBAKERY: " in text and "FRESHBOX: " not in text and f"• {SAMPLE}: " in text
    assert chat.step == "sender_ids" and chat.on.names_done is False
    chat.plays(("done", "ask_sample"))
    for _ in range(2):
        chat.plays(("FRESHBAKERY: ready.", ["sample_taken", "ask_more_samples"]))
        chat.types("done")
    assert chat.last.key == "ask_review_missing" and "⚠" in chat.last.text
    chat.plays(("submit", "not_ready"), ("continue", "ask_more_sender_ids"))
    chat.plays(("remove FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_review"))
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_letters_that_changed_are_drawn_again_and_those_signed_before_count_no_more(chat: Chat, house: House) -> None:
    kenyan(chat)
    chat.submits()
    signed = chat.page("loa")
    wakes(house, DAY + timedelta(hours=9))
    assert "I draw your letters again." in told(chat)
    assert (chat.status, chat.last.key) == ("DOCUMENTS_TO_BE_RENDERED", "drawing_letters")
    house.works()
    assert chat.summary.step == "preview" and chat.on.letters[0].version == 2
    chat.types("yes")
    chat.sends_files({"old.jpg": [signed]})
    assert not any(line.done for line in chat.summary.checklist)
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def test_letters_that_were_being_drawn_are_drawn_by_the_new_rules(chat: Chat, house: House) -> None:
    kenyan(chat)
    chat.types("submit")
    (job,) = house.store.claim_jobs(house.now, 10, 600.0)
    is_then(house, DAY + timedelta(hours=9))
    chat.types("status")
    name, result = house._plain(job, False) or ("", {})
    house.happens(Event("late", Kind.JOB, house.now, registration=chat.on.id, name=name, result=result))
    assert chat.status == "DOCUMENTS_TO_BE_RENDERED", "what was drawn by the former rules is dropped"
    house.works()
    assert (chat.status, chat.on.letters[0].drawn) == ("DOCUMENTS_RENDERED", 2)


def test_letters_that_did_not_change_stay(chat: Chat, house: House) -> None:
    wakes(house, DAY)
    kenyan(chat)
    chat.submits()
    wakes(house, LATER + timedelta(hours=9))
    assert "It takes longer." in told(chat) and "Nothing you gave me is touched by it." in told(chat)
    assert (chat.status, [letter.version for letter in chat.on.letters]) == ("DOCUMENTS_RENDERED", [1])
    chat.sends_papers()
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


def kenyan(chat: Chat) -> str:
    """A draft of a local brand, whose letter is signed and stamped."""
    return chat.drafts("KE", brand_origin="local", country="Kenya", contact_phone="+254 20 2012345")


# --- with people --------------------------------------------------------------------------------------------------


def test_what_is_under_review_keeps_its_rules_through_being_sent_back(chat: Chat, house: House) -> None:
    reviewer = house.staff(Role.REVIEWER, "rita", channel="group")
    kenyan(chat)
    chat.submits()
    chat.sends_papers()
    chat.types("submit")
    reference = chat.reference
    assert "rules" not in wakes(house, DAY + timedelta(hours=9))
    reviewer.types(f"take {reference}")
    assert "Rules: edition 1. Newer ones hold since 1 December 2026." in told(reviewer, "desk_dossier")
    reviewer.desk("send_back", reference, why=["page 1 is cut off"], papers=["loa"])
    assert chat.status == "NEEDS_CORRECTION"
    chat.types("submit")
    assert chat.status == "DOCUMENTS_RENDERED" and chat.on.letters[0].version == 1
    wakes(house, DAY + timedelta(days=1))
    assert chat.on.edition == "1" and "rules_changed" not in [message.key for message in chat.messages]
    chat.sends_files({"again.jpg": [chat.page("loa")]})
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    assert chat.on.edition == "1"


def test_what_is_taken_back_follows_the_rules_of_the_day_again(chat: Chat, house: House) -> None:
    kenyan(chat)
    chat.submits()
    chat.sends_papers()
    chat.types("submit")
    wakes(house, DAY + timedelta(hours=9))
    assert chat.types("take back") == ["taken_back", "rules_changed", "drawing_letters"]
    assert chat.on.edition == "2026-12-01"


def test_what_a_manager_hands_back_follows_the_rules_of_the_day_again(chat: Chat, house: House, manager: Chat) -> None:
    reference = chat.drafts("VN")
    chat.types("submit")
    wakes(house, DAY + timedelta(hours=9))
    assert chat.on.edition == "1"
    manager.plays((f"hand back {reference}: The name is too long by now", "desk_handed_back"))
    wakes(house, house.now)
    assert "FRESHBAKERY" in told(chat) and chat.step == "sender_ids"


def test_the_desks_card_names_an_edition_that_is_not_the_newest(
    tmp_path: Path, dated: Book, catalogs: Catalogs
) -> None:
    house = House(tmp_path / "desk", dated, catalogs, {**SETTINGS, "desk_chat": "group:desk"})
    chat = house.customer()
    chat.drafts("UK", names=("FRESHBOX",), mef_protected="no")
    house.happens(Event("seen", Kind.GROUP, house.now, chat="group:desk", principal="group:rita", text="hello"))
    chat.types("submit")
    line = "Rules: edition 1. Newer ones hold since 1 December 2026."
    assert line not in shown(house)
    wakes(house, DAY + timedelta(hours=9))
    chat.types("status")
    assert line in shown(house)
    house.close()


def shown(house: House) -> str:
    """The case's card as it stands in the desk's chat."""
    return [message.text for message in house.said["group:desk"] if message.key == "desk_card"][-1]


def test_what_is_applied_for_again_is_told_what_changed_since(chat: Chat, house: House, reviewer: Chat) -> None:
    chat.drafts("UK", mef_protected="no")
    chat.types("submit")
    reviewer.desk("reject", chat.reference, why=["not their brand"])
    is_then(house, DAY + timedelta(hours=9))
    assert "rules_changed" in chat.types("apply again")
    assert "FRESHBAKERY" in told(chat) and chat.step == "sender_ids"


# --- another route ------------------------------------------------------------------------------------------------


def test_where_nothing_is_registered_any_more_it_is_asked_whether_to_withdraw(chat: Chat, house: House) -> None:
    chat.starts("Ireland")
    chat.types("SIDO123456")
    is_then(house, DAY + timedelta(hours=9))
    assert chat.types("transactional")[:1] == ["rules_changed"]
    assert chat.last.key == "ask_cancel"
    chat.plays(("withdraw", "ask_withdraw"), ("yes", "ask_country"))


def test_a_registry_that_is_closed_is_not_waited_for(chat: Chat, house: House) -> None:
    chat.starts("SG")
    chat.answers()
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_number"), ("later", "ask_number_waiting"))
    wakes(house, DAY + timedelta(hours=9))
    assert chat.status == "DRAFT" and chat.step == "asking", chat.last.text
    assert chat.on.route == "form"


# --- a pause ------------------------------------------------------------------------------------------------------


def test_whoever_prepared_or_wants_to_be_told_hears_on_the_day_a_pause_ends(chat: Chat, house: House) -> None:
    prepared = chat.drafts("UAE")
    waiting = house.customer("bea")
    waiting.plays(("AE", "ask_start"), ("[later]", ["will_tell", "ask_country"]))
    wakes(house, DAY - timedelta(hours=1))
    assert "country_reopened" not in [message.key for message in (*chat.messages, *waiting.messages)]
    wakes(house, DAY + timedelta(hours=9))
    assert (chat.last.key, waiting.last.key) == ("country_reopened", "country_reopened")
    assert chat.on.ends_at == house.now + timedelta(days=30)
    chat.plays(("submit", "drawing_letters"))
    assert chat.reference == prepared
    (value,) = waiting.buttons
    waiting.presses(value)
    assert waiting.last.key == "ask_field"


def test_a_pause_that_begins_stops_the_clock_until_it_ends(chat: Chat, house: House) -> None:
    chat.drafts("Hong Kong")
    chat.submits()
    ends_at = chat.on.ends_at
    assert ends_at is not None
    wakes(house, DAY + timedelta(hours=9))
    assert chat.last.key == "country_paused" and "Closed over the winter." in chat.last.text
    assert chat.on.ends_at is None and chat.on.preparing
    chat.sends_papers()
    chat.plays(("submit", "submit_waits_for_pause"))
    wakes(house, LATER + timedelta(hours=9))
    assert chat.last.key == "country_reopened"
    assert chat.on.ends_at == ends_at + timedelta(days=7)
    chat.plays(("submit", "status_is_UNDER_REVIEW"))


# --- files that are others now ------------------------------------------------------------------------------------


def puts_in_use(house: House, tmp_path: Path, **files: str) -> None:
    """What the running process does with a changed file, once it is sound."""
    folder = tmp_path / "other"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    book = load(folder)
    book.unprintable = unprintable
    house.book = house.app.book = book
    house.store.wake("rules", book.codes, FOLLOWS, house.now)


def test_a_corrected_file_is_told_where_it_matters(chat: Chat, house: House, tmp_path: Path) -> None:
    chat.drafts("Nigeria")
    other = house.customer("bea")
    other.drafts("Ghana")
    before = len(other.messages)
    puts_in_use(house, tmp_path, ng="[sender_id]\nmax_length = 9\n", gh='notes = ["Something to know."]\n')
    assert sorted(house.ticks(house.now)) == ["rules", "rules"]
    assert "FRESHBAKERY" in told(chat, "rules_corrected") and chat.step == "sender_ids"
    assert other.messages[before:] == [], "what changes nothing is not told"
    chat.plays(
        ("FRESHBOX", "ask_more_sender_ids"), ("remove FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_sample"),
    )  # fmt: skip


def test_a_corrected_file_asks_again_what_fits_no_more(chat: Chat, house: House, tmp_path: Path) -> None:
    chat.drafts("Nigeria")
    puts_in_use(house, tmp_path, ng='[field.monthly_volume]\nexample = "20000"\nlimits = { min = 10000 }\n')
    house.ticks(house.now)
    assert chat.last.key == "ask_field" and chat.summary.field == "monthly_volume"
    chat.plays(("20000", "ask_review"))


def test_other_words_of_a_letter_have_it_drawn_again(chat: Chat, house: House, tmp_path: Path) -> None:
    chat.drafts("Thailand")
    chat.submits()
    puts_in_use(house, tmp_path, letters__loa='subject = "Authority to send in our name"\n')
    house.ticks(house.now)
    assert chat.status == "DOCUMENTS_TO_BE_RENDERED" and "I draw your letters again." in told(chat, "rules_corrected")
    house.works()
    assert chat.on.letters[0].version == 2


def test_at_night_a_corrected_file_waits_for_the_morning(chat: Chat, house: House, tmp_path: Path) -> None:
    chat.drafts("Nigeria")
    house.ticks(house.now + timedelta(hours=13))  # midnight in Berlin
    puts_in_use(house, tmp_path, ng="[sender_id]\nmax_length = 9\n")
    house.ticks(house.now)
    assert chat.last.key != "sender_ids" and chat.step == "review"
    house.ticks(house.now + timedelta(hours=9))
    assert chat.step == "sender_ids"


def test_a_pause_that_a_file_lifts_is_told(chat: Chat, house: House, tmp_path: Path) -> None:
    chat.drafts("UAE")
    puts_in_use(house, tmp_path, ae="paused = false\n")
    house.ticks(house.now)
    assert chat.last.key == "country_reopened" and not chat.on.preparing


def test_an_entry_that_is_withdrawn_takes_its_questions_along(chat: Chat, house: House, tmp_path: Path) -> None:
    chat.drafts("Thailand")
    wakes(house, DAY + timedelta(hours=9))
    chat.plays(("20000", "ask_field tax_id"), (NUMBER, "ask_review"))
    puts_in_use(house, tmp_path)
    house.ticks(house.now)
    assert chat.on.edition == "1" and "tax_id" not in chat.on.answers
    assert "• tax id" in told(chat, "rules_corrected") and chat.summary.field == "loan_content"


# --- what was given is read again ---------------------------------------------------------------------------------


def test_an_answer_that_was_taken_is_taken_again_as_it_is_kept(book: Book) -> None:
    """Else a corrected file would ask again what fits."""
    asked = {field.model_dump_json(): field for code in book.codes for field in book.pack(code).fields}
    given = {"country": "DE", "message_type": "transactional"}
    taken = 0
    for field in asked.values():
        try:
            value = stops.read(field, answer_to(field), given, book)
        except BadAnswer:
            continue  # that answer stops it, or is to be skipped
        taken += 1
        if field.type is FieldType.COUNTRY:
            assert value == "DE", "is not read again: it is a code"
        else:
            assert stops.read(field, stops.typed(value), given, book) == value, field.name
    assert taken > len(asked) / 2
