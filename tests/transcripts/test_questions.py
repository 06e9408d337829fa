"""Questions about countries asked in the chat: answered at every step, the place is kept, nothing is stored."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playing import Chat, House
from steps_to_reach import WAYS, reach
from test_asides import state_of
from test_understanding import QUESTIONS
from test_words_shown import MONTHS_AND_DAYS, strings

from bot.words import Catalogs
from conversations.model import Step
from rules.book import Book
from rules.fit import MESSAGE, units
from rules.schema import Route

STEPS = sorted(WAYS)
ASKED = {
    "do I need to register in Kenya?": "answer_country",
    "which countries need a stamp?": "countries_where",
    "who signs in Qatar and in Turkey?": "answer_country",
    "what documents do I need for Egypt?": "answer_country",
    "/country Norway": "country_card",
    "/senderid country norway": "country_card",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_question_is_answered_at_every_step_and_the_same_is_asked_again(chat: Chat, step: Step) -> None:
    reach(chat, step)
    question, field, kept = chat.last.key, chat.summary.field, state_of(chat)
    for said, answered in ASKED.items():
        keys = chat.types(said)
        assert keys[0] == answered, (said, keys)
        assert keys[1:] == [question], (said, keys)
        assert (chat.step, chat.summary.field) == (step.value, field)
    assert state_of(chat) == kept


def test_a_question_asked_before_the_present_one_was_seen_is_answered_all_the_same(chat: Chat) -> None:
    chat.starts("TH")
    order = chat.case.conversation.question_order or 0
    keys = chat.types("which countries need a stamp?", order=order - 1)
    assert keys == ["countries_where", "ask_field"]


def test_while_a_line_to_change_is_asked_for_a_question_leaves_that_open(chat: Chat) -> None:
    chat.drafts("TH")
    chat.plays(("edit", "ask_which_line"), ("can I send links in Turkey?", ["answer_country", "ask_which_line"]))
    chat.plays(("1", "ask_again_field message_type"))


HERE = ["do I need a stamp?", "how long does it take?", "who signs?", "how much does it cost?", "can I send links?",
        "can we sign digitally?", "how long can the name be?", "can I send marketing?"]  # fmt: skip


@pytest.mark.parametrize("step", [Step.BRIEFING, Step.ASKING, Step.REVIEW, Step.DOCUMENTS, Step.TRACKING])
def test_without_a_name_the_country_is_meant_that_one_is_at(chat: Chat, step: Step) -> None:
    reach(chat, step)
    question, kept = chat.last.key, state_of(chat)
    for said in HERE:
        assert chat.types(said) == ["answer_country", question], said
        assert chat.messages[-2].text.startswith("Thailand"), said
    assert state_of(chat) == kept


@pytest.mark.parametrize(
    "said", ["can I pay by card?", "what is this?", "which number do you need?", "is anybody there?"]
)
def test_of_anything_else_nothing_is_made_up(chat: Chat, said: str) -> None:
    reach(chat, Step.REVIEW)
    assert "answer_country" not in chat.types(said)


def test_where_nothing_was_named_yet_there_is_no_country_to_mean(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("do I need a stamp?", "country_unknown"))


# --- what may be the answer -----------------------------------------------------------------------------------------

SAMPLES = [
    "Where is your parcel? Track it at https://www.freshbakery.example", "Do you need a taxi in Nairobi? Reply YES.",
    "Who wants free bread in Kenya?", "What about Japan? Fly with FRESHBAKERY!", "How long will you stay in Dubai? Tell us.",
    "Is it your birthday in Thailand today? FRESHBAKERY congratulates.", "OTP to UAE, Kenya and Thailand", "country music tonight",
    "Can you come to Kenya with us? FRESHBAKERY", "What does Thailand mean to you? FRESHBAKERY wants to know.",
]  # fmt: skip
DESCRIPTIONS = [
    "We send codes to our customers in Kenya and Thailand when they log in.", "OTP to UAE, Kenya and Thailand",
    "Do customers agree? Yes: they tick a box in Kenya.", "Messages ask: do you want a letter from Kenya? They answer yes.",
    "What we send: order updates to Kenya, Ghana and Chad", "Which bread is ready, and when our shop in Nairobi opens",
]  # fmt: skip


@pytest.mark.parametrize("text", SAMPLES)
def test_a_sample_text_is_kept_as_one(chat: Chat, text: str) -> None:
    reach(chat, Step.SAMPLES)
    chat.types(text)
    assert [sample for name in chat.on.sender_ids for sample in name.samples] == [text]


@pytest.mark.parametrize("text", DESCRIPTIONS)
def test_a_description_is_kept_as_one(chat: Chat, text: str) -> None:
    chat.starts("TH")
    chat.answers(until="use_case_description")
    chat.types(text)
    assert chat.on.answers["use_case_description"] == text


@pytest.mark.parametrize(
    "text", ["Need Ltd", "What Countries Inc", "Jordan Stamps", "Which Kenya Ltd", "Turkey Letters"]
)
def test_a_companys_name_is_kept_as_one(chat: Chat, text: str) -> None:
    chat.starts("TH")
    chat.answers(until="company_name")
    chat.types(text)
    assert chat.on.answers["company_name"] == text


def test_in_quotes_a_question_is_an_answer(chat: Chat) -> None:
    reach(chat, Step.SAMPLES)
    chat.types('"do I need to register in Kenya?"')
    assert chat.on.sender_ids[0].samples == ["do I need to register in Kenya?"]


# --- what is answered -----------------------------------------------------------------------------------------------


def says(chat: Chat, text: str) -> str:
    before = len(chat.messages)
    chat.types(text)
    return chat.messages[before].text


def test_each_kind_of_question_is_answered_from_the_rules(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    kenya, turkey, egypt = book.pack("KE"), book.pack("TR"), book.pack("EG")
    assert kenya.lead_time.days is not None
    assert "must be registered" in says(chat, "do I need to register in Kenya?")
    assert "no registration is needed" in says(chat, "do I need to register in France?")
    assert "not delivered" in says(chat, "do I need to register in the US?")
    low, high = kenya.lead_time.days
    assert f"between {low} and {high} days" in says(chat, "how long does it take in Kenya?")
    assert "no digits at all" in says(chat, "can I use digits in Kenya?")
    assert "no, links are not delivered" in says(chat, "can I send links in Turkey?") and turkey.samples.links == "none"
    letters = [one.title for one in egypt.documents if one.template and (one.required or one.required_when)]
    told = says(chat, "do I need a letter in Egypt?")
    assert letters and all(title in told for title in letters)
    told = says(chat, "who signs in Thailand?")
    assert "signed and stamped by a person who may sign for the company" in told
    paused = book.pack("AE").paused
    assert paused is not None and paused.text in says(chat, "is the UAE paused?")
    assert all(fee.text in says(chat, "what does it cost in Kenya?") for fee in kenya.fees)
    assert "none of our sources names a fee" in says(chat, "what does it cost in France?")
    rules = book.pack("SA").sender_id
    assert f"{rules.min_length} to {rules.max_length} characters" in says(
        chat, "how long can the name be in Saudi Arabia?"
    )
    assert "Do" not in says(chat, "can I send marketing to Kenya?").split("\n")[0]
    assert "ComReg" in says(chat, "is there a registry in Ireland?")
    assert "texts about gambling are refused" in says(chat, "is gambling allowed in Egypt?")
    assert "don't say that texts about gambling are refused" in says(chat, "is gambling allowed in Kenya?")
    assert "texts may not be about religion, politics, adult content." in says(chat, "what may I not send in Israel?")
    assert "name nothing" in says(chat, "what content is forbidden in Kenya?")
    assert all(hours.text in says(chat, "when may I send in France?") for hours in book.pack("FR").quiet_hours)


def test_an_answer_names_its_sources_with_the_day_they_were_read(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    told = says(chat, "how long does it take in Kenya?")
    source = book.pack("KE").sources[0]
    assert source.title in told and source.url in told and source.read_on.isoformat() in told


def test_marketing_that_is_not_possible_is_answered_with_what_is_instead(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    told = says(chat, "can I send marketing to the Philippines?")
    stops = [stop for field in book.pack("PH").fields for stop in field.stops_when]
    assert any(stop.text in told and stop.alternative in told for stop in stops)


def test_a_misspelt_country_is_answered_and_what_it_was_taken_for_is_said(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"))
    assert says(chat, "how long does it take in Turky").startswith("I take it that you mean Turkey.\nTurkey:")


def test_a_name_two_countries_bear_is_answered_for_both(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"))
    told = says(chat, "do I need to register in Congo?")
    assert "DR Congo:" in told and "Congo:" in told.replace("DR Congo:", "")


def test_of_a_country_without_rules_that_is_said(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"))
    assert "no facts about North Korea" in says(chat, "do I need to register in North Korea?")
    told = chat.types("do I need a stamp in North Korea and Kenya?")
    assert told == ["no_facts_of", "answer_country", "ask_country"]


def test_a_look_up_of_nothing_and_of_no_country_says_how(chat: Chat) -> None:
    chat.plays(
        ("hello", "ask_country"),
        ("/country", ["country_how_empty", "ask_country"]),
        ("/country of dreams", ["country_how", "ask_country"]),
        ("/country Nigera", ["country_which", "ask_country"]),
    )
    assert chat.messages[-2].values[0].startswith("country ")


# --- of all countries -----------------------------------------------------------------------------------------------


def names_in(told: str) -> set[str]:
    """Every name a list of countries shows, those under a condition too."""
    lines = [line.partition(": ")[2] if line.startswith("Only ") else line for line in told.split("\n")[1:]]
    return {
        name.partition(" (")[0] if name.endswith(")") and "–" in name else name
        for line in lines
        for name in line.split(", ")
    }


def test_the_countries_with_a_stamp_are_those_whose_papers_want_one(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    told = says(chat, "which countries need a stamp?")
    stamped = {
        pack.name
        for pack in map(book.pack, book.codes)
        if any(one.stamped and (one.required or one.required_when) for one in pack.documents)
    }
    assert stamped and stamped <= names_in(told)
    others = {pack.name for pack in map(book.pack, book.codes)} - stamped
    assert not others & names_in(told)
    assert "Only for local brands: " in told


def test_the_countries_that_refuse_a_topic_are_those_whose_rules_name_it(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    for asked, topic in (("which countries forbid gambling?", "gambling"), ("which countries refuse loans?", "loans")):
        refusing = {pack.name for pack in map(book.pack, book.codes) if topic in pack.samples.prohibited}
        told = says(chat, asked)
        assert f"Texts may not be about {topic} in {len(refusing)} countries:" in told
        assert all(name in told for name in refusing)


def test_the_countries_without_registration_come_a_page_at_a_time(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    told = says(chat, "which countries need no registration?")
    free = [book.country_name(code) for code in book.by_name if book.pack(code).route is Route.NOT_REQUIRED]
    assert f"in {len(free)} countries:" in told.split("\n")[0] and ", ".join(free[:80]) == told.split("\n")[1]
    assert f"and {len(free) - 80} more: write" in told
    more = chat.messages[-2].values
    assert more == ["countries no registration page 2"]
    chat.presses(more[0])
    assert chat.messages[-2].text.split("\n")[1] == ", ".join(free[80:])


def test_the_countries_within_a_week_are_those_whose_slowest_figure_is_a_week(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    told = says(chat, "which countries take less than a week?")
    days = {pack.name: pack.lead_time.days for pack in map(book.pack, book.codes) if pack.lead_time.days}
    surely = {name for name, (_, high) in days.items() if high <= 7 and f"{name} (" in told.split("\n")[1]}
    registered = {p.name for p in map(book.pack, book.codes) if p.route not in (Route.NOT_REQUIRED, Route.UNSUPPORTED)}
    assert surely == {name for name, (_, high) in days.items() if high <= 7} & registered
    assert all(f"{name} (" not in told for name, (_, high) in days.items() if high > 7)


def test_the_countries_that_are_paused_refuse_marketing_or_need_an_account_manager(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    packs = list(map(book.pack, book.codes))
    told = says(chat, "which countries are paused?")
    assert {pack.name for pack in packs if pack.paused} <= names_in(told)
    told = says(chat, "which countries need an account manager?")
    by_manager = {"account_manager", "self_registration", "template_approval"}
    assert {pack.name for pack in packs if pack.route in by_manager} == names_in(told) & {pack.name for pack in packs}
    told = says(chat, "which countries refuse marketing?")
    assert {"Philippines", "Turkey"} <= names_in(told) and "Thailand" not in names_in(told)


# --- a card ---------------------------------------------------------------------------------------------------------


def test_every_country_has_a_card_with_its_route_its_notes_and_every_source(chat: Chat, book: Book) -> None:
    chat.plays(("hello", "ask_country"))
    for code in book.codes:
        before = len(chat.messages)
        assert chat.types(f"country {code}") == ["country_card", "ask_country"], code
        card, pack = chat.messages[before], book.pack(code)
        assert card.text.startswith(f"{pack.name}: "), code
        assert units(card.text) <= MESSAGE, (code, units(card.text))
        assert all(note in card.text for note in (*pack.notes, *pack.uncertain, *pack.prepare)), code
        assert all(fee.text in card.text for fee in pack.fees) and all(h.text in card.text for h in pack.quiet_hours)
        assert all(one.title in card.text for one in pack.documents if one.required or one.required_when), code
        assert ("Texts may not be about: " in card.text) == bool(pack.samples.prohibited), code
        shown = pack.sources[:8]
        assert all(f"{one.title}, read {one.read_on}: {one.url}" in card.text for one in shown), code
        assert not (pack.sources[8:]) or f"and {len(pack.sources) - 8} more" in card.text
        starts = pack.route not in (Route.NOT_REQUIRED, Route.UNSUPPORTED)
        assert ([f"start {code}"] if starts else []) + ["another"] == card.values
    assert chat.case.registrations == {} and chat.step == "country"


def test_what_texts_may_not_be_about_is_said_on_the_card_in_the_briefing_and_in_a_plan(chat: Chat) -> None:
    barred = {
        "PS": "Texts may not be about: loans, gambling, virtual currency.",
        "AE": "Texts may not be about: virtual currency, gambling, religion, adult content, loans.",
    }
    chat.plays(("hello", "ask_country"))
    for code, line in barred.items():
        chat.plays((f"country {code}", ["country_card", "ask_country"]))
        assert line in chat.messages[-2].text
    chat.plays(("OTP to Palestine and UAE", ["plan", "ask_start"]))
    assert all(line in chat.messages[-2].text for line in barred.values())
    chat.plays(("another", "ask_country"), ("Palestine", ["briefing_recommended", "ask_start"]))
    assert barred["PS"] in chat.messages[-2].text


def test_a_country_can_be_started_from_its_card_also_in_the_middle_of_another(chat: Chat, house: House) -> None:
    chat.starts("TH")
    thailand = chat.reference
    chat.types("country Ghana")
    card = chat.messages[-2]
    chat.types("transactional")
    assert chat.presses("start GH", asked=card.asked)[-1] == "ask_field"
    assert chat.on.country == "GH" and chat.registration(thailand).answers["message_type"] == "transactional"


def test_of_a_country_without_registration_nothing_can_be_started(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"), ("start FR", ["briefing_not_required", "ask_other_country"]))
    assert chat.case.registrations == {}


# --- nothing is hard-coded ------------------------------------------------------------------------------------------


def test_in_another_language_no_answer_leaves_anything_plain(tmp_path: Path, book: Book, catalogs: Catalogs) -> None:
    """In accented letters: what stays plain came from a pack, or is a name or a command."""
    house = House(tmp_path, book, catalogs.pseudo())
    chat = house.customer()
    chat.types("hello")
    for text, meant in QUESTIONS.items():
        if not meant.startswith(("start", "pdf", "purpose - no")):
            chat.types(text)
    plain = {text for code in book.codes for text in strings(book.pack(code).model_dump(mode="json"))}
    plain |= {part for text in plain for part in (text.partition(":")[0],) if len(part) < 40}
    plain |= {book.country_name(code) for code in book.codes} | {*MONTHS_AND_DAYS, "North Korea"}
    longest_first = sorted((one for one in plain if len(one) > 2), key=len, reverse=True)
    answers = [one for one in chat.messages if one.key in ("answer_country", "country_card", "countries_where", "plan")]
    assert len(answers) > 90
    for message in answers:
        left = message.text
        for one in longest_first:
            left = left.replace(one, " ")
        left = re.sub(r'"[a-z_ 0-9]+"', " ", left)  # a command, or words of a title
        assert not re.findall(r"[A-Za-z]{3,}", left), (message.key, left[:300])
    house.close()


def test_the_country_one_is_at_is_not_offered_to_be_started_once_more(chat: Chat) -> None:
    chat.starts("TH")
    chat.types("do I need a stamp?")
    here = [value for value, _ in chat.messages[-2].choices]
    chat.types("do I need a stamp in Qatar?")
    elsewhere = [value for value, _ in chat.messages[-2].choices]
    assert here == ["country TH", "another"] and elsewhere == ["country QA", "start QA", "another"]
