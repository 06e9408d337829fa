"""Whole registrations in Slack with the real process, by what the clients show.

The bot keeps Slack's pace in every conversation, so everybody registers at the same time, in two processes: one holds
a socket, the other is posted to. Each test then looks at one of the stories.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from customer_reading import (
    BERLIN,
    DECIDED,
    PATIENCE,
    REGISTERED,
    SAMPLE,
    SHELF,
    THAI,
    WITHOUT_PAUSE,
    Does,
    Town,
    Wish,
    approved,
    approved_in_words,
    asks,
    forgets_to_sign,
    has_no_number_yet,
    hears_that_it_works,
    mends_the_city,
    misspells_the_city,
    pages_of,
    passed_on_and_approved,
    result,
    said_to,
    triggers,
    verdicts,
)
from PIL import Image
from slack_api import SlackApi
from slack_customer import (
    WITH_FILES,
    Customer,
    Filler,
    OneByOne,
    Presser,
    Process,
    Staff,
    Typist,
    put_into,
)
from slack_people import Conversation

# What Slack's clients decorate: a link, an address, a number, an ampersand.
DECORATED = BERLIN | {
    "company_name": "A&B <Bakers> Ltd", "company_name_on_certificate": "A&B <Bakers> Ltd", "company_website": "acme.com",
    "contact_email": "anna@acme.com", "contact_phone": "+49 40 32012345",
}  # fmt: skip
SAMPLES = ["Track it: https://acme.com/a?b=1&c=2. A&B", "Questions? anna@acme.com or +49 40 32012345 🎉"]
DOTTED = Wish("GB", DECORATED, {"acme.com": SAMPLES[:1], "A&B": SAMPLES[1:], "MY.BRAND": [SAMPLE]})
WRONG = {"contact_email": "somchai at freshbakery", "city": ""}


# --- what people do beside answering -------------------------------------------------------------------------------


def comes_by_a_link(channel: Conversation) -> Does:
    """She asks in a channel and is led into her own chat."""

    def begins(customer: Customer) -> None:
        channel.adds(customer.person)
        customer.person.mentions_bot("Thailand", channel)
        link = channel.waits(lambda _: re.search(r"https://slack\.com/app_redirect\S+point=TH\b", text_of(channel)), PATIENCE)  # fmt: skip
        assert f"team={customer.person.world.team}" in link[0]
        customer.looks_up()
        customer.person.opens_dm()

    return begins


def text_of(channel: Conversation) -> str:
    return "\n".join(message.text for message in channel.answers)


def types_into_the_list(customer: Customer) -> None:
    """She finds her country in the list of all."""
    question = customer.questions["destination"]
    found = customer.person.searches(question, customer.pack["name"][:4])
    assert customer.pack["name"] in found
    customer.looks_up()
    customer.person.picks(question, customer.pack["name"])


def commands(words: str) -> Does:
    def does(customer: Customer) -> None:
        customer.looks_up()
        customer.person.commands("/senderid", words)

    return does


def mends_the_street(customer: Customer) -> None:
    """What she once wrote, she writes anew."""
    customer.looks_up()
    customer.person.edits(customer.sent["address_line1"], MENDED)


def looks_at_home(customer: Customer) -> None:
    """The Home tab has what she is at, and brings her back to the question."""
    person = customer.person
    person.opens_home()
    home = person.waits(lambda person: person.home, PATIENCE)
    assert customer.reference in home.text and customer.pack["name"] in home.text and "Draft" in home.text
    assert not [secret for secret in customer.wish.secrets if secret in str(home.blocks)]
    customer.looks_up()
    person.presses_home("Continue" if "Continue" in home.labels else home.labels[-1])


def presses_an_old_button(customer: Customer) -> None:
    """A client that was not updated yet still shows it."""
    old = customer.questions["start"]
    customer.looks_up()
    with customer.person.world.lock:
        message = customer.person.channel.messages[old.id]
        now, message.blocks = message.blocks, old.blocks
        customer.person.presses(old, "Start")
        message.blocks = now


# --- two towns -----------------------------------------------------------------------------------------------------

Towns = tuple[Town, Town]


def opened(stack: ExitStack, pool: ThreadPoolExecutor, folder: Path, seed: int, *, socket: bool, **settings: str) -> Town:  # fmt: skip
    """A process whose desk is a channel."""
    folder.mkdir()
    api = stack.enter_context(SlackApi(seed=seed))
    people = {name: api.person(name.title()) for name in ("rita", "rob", "max", "eve")}
    channel = api.channel("sender-desk", list(people.values()), private=socket)
    desk = f"slack:{api.team}:{channel.id}"
    process = stack.enter_context(Process(api, folder / "desk", socket=socket, DESK_CHAT=desk, **settings))
    roles = {"rita": "reviewer", "rob": "reviewer", "max": "account_manager"}
    staff = {name: Staff(process, channel, people[name], role) for name, role in roles.items()}
    staff["eve"] = Staff(process, channel, people["eve"], "")  # who reads along, and has no invitation
    return Town(process, channel, staff, folder, pool, api.person)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Towns]:
    """The one that holds a socket and the one that is posted to, with everybody at it."""
    base = tmp_path_factory.getbasetemp()
    SHELF[:] = [base if worker_id == "master" else base.parent]
    folder = tmp_path_factory.mktemp("towns")
    ours = folder / "rules"
    ours.mkdir()
    (ours / "ae.toml").write_text(WITHOUT_PAUSE)
    with ExitStack() as stack, ThreadPoolExecutor(16) as pool:
        socket = opened(stack, pool, folder / "socket", 1, socket=True, RULES_DIR=str(ours))
        posted = opened(stack, pool, folder / "posted", 2, socket=False, RULES_DIR=str(ours))
        for town in (socket, posted):
            town.process.started()
            for name in ("rita", "rob", "max"):
                town.staff[name].binds()
        people_press_buttons(socket)
        people_write_and_fill_in(posted)
        yield socket, posted
        for town in (socket, posted):
            town.settled()
            print({name: round(seconds) for name, seconds in town.took.items()})


def people_press_buttons(town: Town) -> None:
    bakers = town.api.channel("bakers", [town.api.person("Owner")])
    town.begins("TH", Presser, passed_on_and_approved, begins=[comes_by_a_link(bakers)], papers=[forgets_to_sign])
    town.begins("AE", OneByOne, approved, postal_code=[looks_at_home])
    town.begins("VN", Presser, taken_by_a_manager, destination=[types_into_the_list])
    town.begins("SG", Presser, approved_in_words, ssir_reference=[has_no_number_yet], number_waiting=[asks("status")])
    town.api.person("Guest", guest=True).types("hello")
    town.api.person("Stranger", stranger=True).types("hello")


def people_write_and_fill_in(town: Town) -> None:
    town.begins("TH by words", Typist, approved_in_words, company_name=[asks("why")], city=[commands("status")])
    town.begins("TH by form", Filler, approved, wrongly=WRONG)
    town.begins("VN by form", Filler, approved_in_words)
    town.begins(
        "GB", Typist, sent_back_and_mended, wish=DOTTED, city=[misspells_the_city], postal_code=[mends_the_city],
        company_name=[presses_an_old_button], correction=[mends_the_street, asks("submit")],
    )  # fmt: skip


# --- how stories end -----------------------------------------------------------------------------------------------


def taken_by_a_manager(town: Town, customer: Customer) -> None:
    manager, reference = town.staff["max"], customer.reference
    eve = town.staff["eve"]
    eve.decides(reference, "Take it")
    town.room.waits(lambda _: "There is nothing by that name." in told_alone(town, eve), PATIENCE)
    manager.takes(reference)
    customer.hears("Max is now looking after Vietnam")
    manager.decides(reference, "Approve")
    hears_that_it_works(customer)
    assert manager.card(reference, "Successful").labels == []


def told_alone(town: Town, staff: Staff) -> str:
    """What only that person sees in the desk's channel."""
    return "\n".join(message.text for message in staff.person.sees_in(town.room) if message.ephemeral)


MENDED = "Kastanienallee 84"
REASON = "There is another street in the register."


def sent_back_and_mended(town: Town, customer: Customer) -> None:
    rita, reference = town.staff["rita"], customer.reference
    rita.takes(reference)
    customer.looks_up()
    label = customer.field("address_line1")["label"]
    rita.gives_reasons(reference, "Send back", own=REASON, touches=[label])
    customer.hears("needs a correction", REASON)
    customer.registers_again()
    rita.takes(reference)
    rita.decides(reference, "Approve")
    hears_that_it_works(customer)
    customer.person.opens_home()
    customer.person.waits(lambda person: person.home and "Successful" in person.home.text, PATIENCE)


# --- what is looked at ---------------------------------------------------------------------------------------------


def test_thailand_is_registered_with_its_letters_as_files(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    assert triggers(ploy) == ["open", "submit", "rendered", "submit_documents", "pass_on", "approve"]
    assert len(ploy.letters) == 2
    assert set(verdicts(ploy)) == {"loa", "url_form", "bot_licence", "brand_proof"}
    assert all(pages and set(pages) == {"accepted"} for pages in verdicts(ploy).values())
    assert {one["outcome"] for one in ploy.shown["sender_ids"]} == {"approved"}


def test_the_checklist_changes_where_it_stands(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    lists = [message for message in ploy.person.answers if re.match(r"Documents for|.+: every document", message.text)]
    assert ["0 of 4" in ploy.checklists[0], "1 of 4" in ploy.checklists[1]] == [True, True]
    first, second, *_ = lists
    assert "1 of 4" in first.text, "the files that came changed it in its place"
    assert "✘ Letter of authorization: page 2 of 2 again, no signature" in first.text
    assert "2 of 4" in second.text and "person" not in second.text, "and the page that came again"
    assert "0 of 4" not in said_to(ploy)


def test_a_page_that_is_not_signed_comes_back_as_a_file_with_its_one_reason(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    (marked,) = ploy.marked
    with Image.open(io.BytesIO(marked)) as picture:
        assert picture.format == "JPEG" and min(picture.size) > 500
    told = next(one for one in ploy.person.answers if "I see no signature" in one.text)
    assert "Send it to a person anyway" in told.labels
    assert verdicts(ploy)["loa"] == ["accepted", "accepted"], "signed after all, it is accepted at once"


def test_that_files_are_looked_at_gives_way_to_what_was_seen(towns: Towns) -> None:
    for name in ("TH", "AE"):
        assert "I am looking at" not in said_to(towns[0].told(name))
    good = [one for one in towns[0].told("AE").person.answers if re.search(r"^✔ .+: page 1 of 2$", one.text, re.M)]
    assert good and all(one.edited for one in good), "the line that said so became the result"


def test_the_emirates_open_by_rules_of_the_operator_and_two_carriers_get_a_letter_each(towns: Towns) -> None:
    anna = towns[0].told("AE")
    assert "no new registrations" not in said_to(anna)
    assert triggers(anna) == ["open", "submit", "rendered", "submit_documents", "approve"]
    assert verdicts(anna) == {
        "loa_etisalat_intl": ["accepted"] * 2, "loa_du_intl": ["accepted"] * 2, "company_registration": ["accepted"]
    }  # fmt: skip
    etisalat, du = ("\n".join(pages_of(pdf)) for pdf in anna.letters.values())
    assert "Etisalat" in etisalat and "Etisalat" not in du


def test_vietnam_is_taken_by_an_account_manager_in_the_desks_channel(towns: Towns) -> None:
    mai = towns[0].told("VN")
    assert triggers(mai) == ["open", "hand_over", "approve"]
    assert [line["by"] for line in mai.shown["history"] if line["trigger"] in DECIDED] == ["max", "max"]


def test_singapore_waits_for_its_number_and_goes_to_an_account_manager(towns: Towns) -> None:
    wei = towns[0].told("SG")
    assert triggers(wei) == ["open", "start_self_registration", "registered_by_customer", "approve"]
    assert "waits for you to register with SGNIC" in said_to(wei)


@pytest.mark.parametrize("country", ["TH", "AE", "VN", "SG"])
def test_buttons_lead_to_what_they_lead_to_in_telegram(towns: Towns, country: str) -> None:
    assert result(towns[0].told(country)) == REGISTERED[country]


@pytest.mark.parametrize("story", ["TH by words", "TH by form", "VN by form"])
def test_words_alone_and_a_form_lead_to_the_same(towns: Towns, story: str) -> None:
    customer = towns[1].told(story)
    assert result(customer) == REGISTERED[story[:2]]
    pressed = [one for one in customer.process.api.deliveries.all if one.name == "block_actions"]
    if "words" in story:
        assert customer.person.id not in {one.payload["user"]["id"] for one in pressed}


def test_a_form_asks_everything_that_is_still_open(towns: Towns) -> None:
    ploy = towns[1].told("TH by form")
    asked = [name for names in ploy.forms for name in names]
    assert {"company_name", "contact_email", "contact_phone", "sender_ids", "sample:BKKROLLS"} <= set(asked)
    in_chat = [name for name in ploy.asked if ploy.field(name)]
    assert len(in_chat) <= 3, f"the form left that to the chat: {in_chat}"


def test_what_a_form_says_is_wrong_stands_below_its_input(towns: Towns) -> None:
    ploy = towns[1].told("TH by form")
    (refused,) = ploy.refused
    (label,) = refused
    assert label.startswith(ploy.field("contact_email")["question"])


def test_what_slack_decorates_is_kept_as_it_was_typed(towns: Towns) -> None:
    james = towns[1].told("GB")
    answers, names = james.shown["answers"], james.shown["sender_ids"]
    assert {name: answers[name] for name in ("company_name", "company_website", "contact_email")} == {
        name: DECORATED[name] for name in ("company_name", "company_website", "contact_email")
    }
    assert answers["contact_phone"].replace(" ", "") == "+494032012345"
    assert {one["sender_id"]: tuple(one["samples"]) for one in names} == {
        name: tuple(samples) for name, samples in DOTTED.names.items()
    }
    assert answers["city"] == DECORATED["city"] and "Changed: City." in said_to(james), "an edit"


def test_the_desk_says_why_in_a_window_and_the_customer_mends_that_alone(towns: Towns) -> None:
    james = towns[1].told("GB")
    assert triggers(james) == ["open", "submit", "send_back", "resubmit", "approve"]
    assert james.shown["answers"]["address_line1"] == MENDED


def test_words_at_any_question_are_answered_and_the_question_comes_again(towns: Towns) -> None:
    ploy = towns[1].told("TH by words")
    told = said_to(ploy)
    assert ploy.field("company_name")["why"] in told
    assert "is a draft: it is your turn" in told, "/senderid status"
    assert [ploy.asked.count(name) for name in ("company_name", "city")] == [2, 2]
    assert "That step is done. Here is where we are now." in said_to(towns[1].told("GB")), "an old button"


def test_who_speaks_to_us_in_a_channel_is_led_to_her_own_chat(towns: Towns) -> None:
    ploy = towns[0].told("TH")
    assert ploy.asked[0] in ("destination", "start")


def test_guests_and_strangers_are_told_who_may_register(towns: Towns) -> None:
    for person in towns[0].api.people:
        if person.user.name in ("Guest", "Stranger"):
            (word,) = person.waits(lambda person: person.answers, PATIENCE)
            assert "member" in word.text
    assert len(towns[0].process.place.order("case list")) == len(towns[0].customers)


def test_in_the_desks_channel_stands_no_answer_and_no_document(towns: Towns) -> None:
    for town in towns:
        town.settled()
        shared = [channel.id for channel in town.api.world.channels.values() if channel.kind != "im"]
        sent = [one for channel in shared for one in put_into(town.api, channel)]
        assert sent and not [method for method, _ in sent if method in WITH_FILES]
        for secret in town.secrets:
            assert not [method for method, parameters in sent if secret in str(parameters)], secret


def test_documents_are_sent_to_their_customer_and_to_who_took_them(towns: Towns) -> None:
    for town in towns:
        town.settled()
        customers = {customer.person.dm for customer in town.customers.values()}
        chats = {call.parameters["channel_id"] for call in town.api.log if call.method in WITH_FILES}
        desk = {one.person.dm: name for name, one in town.staff.items()}
        assert chats <= customers | desk.keys()
        assert {desk[chat] for chat in chats & desk.keys()} == ({"rita"} if town is towns[0] else {"rita", "rob"})


def test_slack_had_nothing_to_complain_about(towns: Towns) -> None:
    for town in towns:
        town.settled()
        assert town.api.complaints == []
        assert town.api.unacknowledged == []
        assert [person.errors for person in town.api.people if person.errors] == []
        assert town.api.too_fast == 0
        assert [str(call) for call in town.api.refused] == []
        assert town.api.mentions == []


def test_no_answer_and_no_token_is_in_the_log(towns: Towns) -> None:
    for town in towns:
        town.settled()
        log, api = town.process.log, town.api
        assert "error" not in log, log
        said = (api.bot_token, api.app_token, api.signing_secret, "xoxb-", "xapp-", *town.secrets, THAI["company_name"])
        assert not [secret for secret in said if secret in log]
