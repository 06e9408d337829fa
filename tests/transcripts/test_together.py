"""Several countries as one interview: what they share is asked once, then what each adds; reviewed and handed in at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playing import SAMPLE, Chat, House, answer_to

from conversations.interview.forms import form
from conversations.model import Kind, Registration

TWO, SIX = ("TH", "AE"), ("GB", "TH", "AE", "KE", "VN", "SG")


def of(chat: Chat, country: str) -> Registration:
    return next(one for one in chat.case.registrations.values() if one.country == country)


def begins(chat: Chat, *countries: str) -> None:
    chat.types(", ".join(chat.house.book.country_name(code) for code in countries))
    chat.types("start")


def goes_to(chat: Chat, field: str, **special: str) -> None:
    """Answer until that field is asked."""
    for _ in range(80):
        if chat.summary.step != "asking" or chat.summary.field == field:
            break
        chat.answers(until=field, **special)
    assert chat.summary.field == field, (chat.summary.step, chat.summary.field, chat.last.text)


def questions(chat: Chat, **special: str) -> list[str]:
    """Answer all there is until the review: what had to be answered.

    Counted are the required questions of the packs, each time one is asked, two in one message as one, for they are
    answered so; the sender ID, the sample text and a registry's number, each time they are. Not counted: optional
    questions, "done", the review itself.
    """
    asked = []
    for _ in range(150):
        now = chat.summary
        if now.step == "asking":
            field = chat.house.book.pack(chat.on.country).field(str(now.field))
            asked += [field.name] if chat.last.key == "ask_field" else []
            both = field.also.example if field.also and field.also.adds in chat.last.text else None
            chat.types(special.get(field.name) or both or answer_to(field))
        elif now.step in ("sender_ids", "samples"):
            asked.append(now.step)
            chat.types("FRESHBAKERY" if now.step == "sender_ids" else SAMPLE)
            chat.types("done")
        elif now.step == "registry":
            asked.append(now.step)
            chat.types("REG-12345")
        else:
            assert now.step == "review", (now.step, chat.last.text)
            return asked
    raise AssertionError("the questions never end")


@pytest.mark.parametrize(("countries", "most", "share"), [(TWO, 19, 0.52), (SIX, 27, 0.31)], ids=["two", "six"])
def test_what_they_share_is_asked_once(house: House, countries: tuple[str, ...], most: int, share: float) -> None:
    alone = []
    for code in countries:
        one = house.customer(f"alone-{code}".lower())
        begins(one, code)
        alone.append(len(questions(one)))
    chat = house.customer("together")
    begins(chat, *countries)
    asked = questions(chat)
    print(f"{'+'.join(countries)}: {sum(alone)} questions one by one ({alone}), {len(asked)} as one interview")
    assert len(asked) <= most and len(asked) <= share * sum(alone)
    assert len(asked) == len(set(asked)), "asked twice"
    for one in chat.case.registrations.values():
        assert not [name for name in chat.house.book.pack(one.country).fields if name.name in one.parked]
    assert all(not missing(chat, one) for one in chat.case.registrations.values())
    assert chat.last.say.progress == (chat.last.say.progress or (0, 0))[1:] * 2, "all of all"


def missing(chat: Chat, one: Registration) -> tuple[str, ...]:
    from conversations.interview.plan import plan

    return plan(one, chat.house.book.pack(one.country)).missing


def test_what_can_stop_comes_first_in_every_country_then_names_then_what_each_adds(chat: Chat) -> None:
    begins(chat, "TH", "AE", "GB")
    places = []
    for _ in range(80):
        now = chat.summary
        if now.step == "review":
            break
        kind = now.step
        if kind == "asking":
            field = chat.house.book.pack(chat.on.country).field(str(now.field))
            others = [one for one in chat.case.registrations.values() if one is not chat.on and one.id != chat.on.id]
            shared = any(f.name == field.name for one in others for f in chat.house.book.pack(one.country).fields)
            kind = field.phase.value if field.phase.value != "basic" else "common" if shared else "own"
            chat.types(answer_to(field))
        else:
            chat.types("FRESHBAKERY" if kind == "sender_ids" else SAMPLE)
            chat.types("done")
        places.append(kind)
    order = ["first", "common", "sender_ids", "samples", "own", "after_sender_ids"]
    plain = [place if place != "after_sender_ids" else "own" for place in places]
    assert plain == sorted(plain, key=order.index), places
    said = [message.text for message in chat.messages if message.key == "country_adds"]
    assert said and said[0].startswith("United Kingdom asks ")


def test_an_answer_says_for_whom_it_is(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    assert "One answer for each of these: Thailand, United Arab Emirates." in chat.last.text
    goes_to(chat, "loan_content")
    assert "Only for Thailand." in chat.last.text
    goes_to(chat, "company_name")
    said = len([message for message in chat.messages if "One answer for each of these" in message.text])
    goes_to(chat, "monthly_volume")
    assert said == len([message for message in chat.messages if "One answer for each of these" in message.text])
    chat.types("another")
    chat.starts("KE")
    assert "for each of" not in chat.last.text and "Only for" not in chat.last.text


# --- a stop in one of several -------------------------------------------------------------------------------------


def test_a_stop_in_one_country_does_not_end_the_others(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    chat.plays(("[promotional]", ["followed", "stopped_there", "ask_field"]))
    assert chat.on.country == "KE" and chat.summary.field == "message_type"
    assert chat.messages[-2].text.startswith("Kenya stops here: Marketing")
    assert {"take out KE", "later", "person", "transactional"} <= set(chat.buttons)
    assert of(chat, "TH").answers["message_type"] == "promotional" and "message_type" not in of(chat, "KE").answers
    chat.plays(("promotional", "stopped_here"), ("[transactional]", "ask_field country"))
    assert of(chat, "KE").answers["message_type"] == "transactional"
    assert of(chat, "TH").answers["message_type"] == "promotional"


def test_the_country_that_stops_is_taken_out_and_the_others_go_on(chat: Chat) -> None:
    begins(chat, "KE", "TH", "GB")
    chat.plays(
        ("promotional", ["followed", "stopped_there", "ask_field"]),
        ("take Kenya out of this", ["taken_out", "ask_field"]),
    )
    kenya = of(chat, "KE")
    assert kenya.together is None and chat.on.country != "KE" and chat.summary.field == "country"
    chat.answers(until="company_name")
    assert "country" not in of(chat, "KE").answers
    chat.plays((f"open {kenya.reference}", "ask_field message_type"), (f"open {chat.reference}", "ask_field"))


@pytest.mark.parametrize("said", ["take Kenya out", "take out KE", "leave Kenya out of this", "Take out Nairobi"])
def test_a_country_is_taken_out_in_many_words_at_any_question(chat: Chat, said: str) -> None:
    begins(chat, "TH", "KE")
    chat.plays((said, ["taken_out", "ask_field"]))
    assert of(chat, "KE").together is None and chat.on.country == "TH"


def test_what_is_no_country_of_the_interview_is_not_taken_out(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    goes_to(chat, "company_name")
    chat.types("Take Away Pizza out")
    assert all(one.together for one in chat.case.registrations.values())
    assert of(chat, "TH").answers["company_name"] == "Take Away Pizza out"


def test_a_stop_in_all_of_them_is_said_and_asked_again(chat: Chat) -> None:
    begins(chat, "KE", "KW")
    chat.plays(("promotional", "stopped_here"))
    assert "transactional" in chat.buttons and all(not one.answers for one in chat.case.registrations.values())
    chat.plays(("[transactional]", "ask_field country"))


def test_a_stop_can_be_put_off_and_is_missing_there_only(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    chat.plays(("promotional", "ask_field"), ("[later]", "ask_field country"))
    questions(chat)
    assert "message_type" in missing(chat, of(chat, "KE")) and not missing(chat, of(chat, "TH"))
    assert chat.last.key == "ask_joint_review_missing"
    chat.plays(("[continue]", ["stopped_there", "ask_field"]), ("[transactional]", "ask_joint_review"))


# --- names and samples --------------------------------------------------------------------------------------------


def test_a_name_one_country_refuses_is_asked_there_with_the_mended_form(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    while chat.step == "asking":
        chat.answers()
    chat.plays(("FRESHGO24", "ask_more_sender_ids"), ("done", ["name_refused_there", "ask_sender_id"]))
    assert chat.on.country == "KE" and chat.buttons[0] == "FRESHGO"
    assert "FRESHGO24" in chat.messages[-2].text and "digits" in chat.messages[-2].text
    chat.plays(("[FRESHGO]", "ask_more_sender_ids"), ("done", "ask_sample"))
    names = {one.country: [name.text for name in one.sender_ids] for one in chat.case.registrations.values()}
    assert names == {"TH": ["FRESHGO24"], "KE": ["FRESHGO"]}


def test_of_several_names_those_that_pass_are_taken_over(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    while chat.step == "asking":
        chat.answers()
    chat.types("FRESHBAKERY\nFRESHGO24")
    chat.plays(("done", ["name_refused_there", "ask_more_sender_ids"]))
    assert chat.on.country == "KE" and [name.text for name in chat.on.sender_ids] == ["FRESHBAKERY"]
    assert "FRESHGO" in chat.buttons
    chat.plays(("[done]", "ask_sample"), (SAMPLE, "ask_more_samples"), ("done", "ask_sample"))
    assert chat.on.country == "TH" and "FRESHGO24" in chat.last.text, "one text for the name they share"


def test_names_and_samples_are_given_once_and_changed_for_all(chat: Chat) -> None:
    begins(chat, "TH", "AE", "VN")
    questions(chat)
    for code in ("TH", "AE"):
        assert [(name.text, name.samples) for name in of(chat, code).sender_ids] == [("FRESHBAKERY", [SAMPLE])]
    assert [name.text for name in of(chat, "VN").sender_ids] == ["FRESHBAKERY"], "and no texts: it is handed over"
    chat.plays(("edit sender_id", "ask_more_sender_ids"), ("remove FRESHBAKERY", "ask_sender_id"))
    chat.plays(("BAKERYFRESH", "ask_more_sender_ids"), ("done", "ask_sample"))
    chat.plays((SAMPLE, "ask_more_samples"))
    chat.types("done")
    assert {name.text for one in chat.case.registrations.values() for name in one.sender_ids} == {"BAKERYFRESH"}
    chat.plays(("edit TH sender_id", "ask_more_sender_ids"), ("FRESHCAKES", "ask_more_sender_ids"))
    chat.plays(("done", "ask_sample"), ("FRESHCAKES: your cake is ready.", "ask_more_samples"))
    chat.types("done")
    assert [name.text for name in of(chat, "TH").sender_ids] == ["BAKERYFRESH", "FRESHCAKES"]
    assert [name.text for name in of(chat, "AE").sender_ids] == ["BAKERYFRESH"]


# --- changing answers ---------------------------------------------------------------------------------------------


def test_an_edit_changes_all_that_share_the_answer_unless_it_was_given_there(chat: Chat) -> None:
    begins(chat, "TH", "AE", "GB")
    questions(chat)
    chat.plays(("edit city", "ask_again_field city"), ("Berlin", "ask_joint_review"))
    assert {one.answers["city"] for one in chat.case.registrations.values()} == {"Berlin"}
    chat.plays(("edit AE city", "ask_again_field city"))
    assert chat.on.country == "AE" and "Only for United Arab Emirates." in chat.last.text
    chat.plays(("Dubai", "ask_joint_review"), ("edit city", "ask_again_field city"), ("Bonn", "ask_joint_review"))
    cities = {one.country: one.answers["city"] for one in chat.case.registrations.values()}
    assert cities == {"TH": "Bonn", "AE": "Dubai", "GB": "Bonn"}
    part = next(message for message in reversed(chat.messages) if "Dubai" in message.text)
    assert part.key == "review_of_country" and part.say.registration == of(chat, "AE").id


def test_an_edited_message_changes_the_answer_for_all(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    goes_to(chat, "city")
    chat.types("Hamburg", message="m-city")
    assert chat.edits("m-city", "Kiel")[0] == "answer_changed"
    assert {one.answers["city"] for one in chat.case.registrations.values()} == {"Kiel"}


def test_lines_are_changed_by_number_for_all_or_for_one(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    questions(chat)
    shared = next(message for message in reversed(chat.messages) if message.key == "review_of_some")
    common = next(line for line in shared.text.splitlines() if "Legal company name" in line)
    chat.plays((common.split(".")[0], "ask_again_field company_name"), ("Fresh Bread GmbH", "ask_joint_review"))
    chat.plays(("edit TH 2", "ask_again_field loan_content"), ("yes", "ask_joint_review"))
    chat.plays(("edit Thailand loans in the messages", "ask_again_field loan_content"), ("no", "ask_joint_review"))
    chat.plays(("[edit]", "ask_which_line"))
    assert {"edit company_name", "edit TH loan_content", "edit AE brand_origin"} <= set(chat.buttons)
    chat.plays(("[edit AE brand_origin]", "ask_again_field brand_origin"), ("[international]", "ask_joint_review"))
    assert "edit_not_there" in chat.types("edit KE 1")


def test_a_changed_answer_that_one_country_does_not_take_is_asked_there(chat: Chat) -> None:
    begins(chat, "TH", "KE")
    goes_to(chat, "company_name")
    chat.plays(
        ("edit message_type", "ask_again_field message_type"), ("promotional", ["followed", "stopped_there", "ask_field"]),
        ("[otp]", ["followed", "ask_field"]),
    )  # fmt: skip
    assert {one.country: one.answers["message_type"] for one in chat.case.registrations.values()} == {
        "TH": "promotional", "KE": "otp",
    }  # fmt: skip


def test_skip_later_and_back_hold_for_all(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    goes_to(chat, "dba_name")
    chat.plays(("skip", "ask_field company_registration_number"), ("later", "ask_field company_website"))
    for one in chat.case.registrations.values():
        assert "dba_name" in one.skipped and "company_registration_number" in one.parked
    chat.plays(("back", "ask_field company_registration_number"), ("back", "ask_optional_field dba_name"))
    chat.plays(("Fresh", "ask_field company_website"))
    assert {one.answers["dba_name"] for one in chat.case.registrations.values()} == {"Fresh"}
    questions(chat)
    assert chat.last.key == "ask_joint_review_missing"
    chat.plays(("[continue]", "ask_field company_registration_number"), ("HRB 1", "ask_joint_review"))


def test_back_goes_through_all_countries(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    goes_to(chat, "company_name")
    seen = []
    for _ in range(6):
        chat.types("back")
        seen.append((chat.on.country, chat.summary.field))
    assert ("AE", "is_healthcare") in seen and ("TH", "loan_content") in seen
    assert seen[-1][1] in ("country", "message_type")


def test_international_is_taken_over_where_the_company_is_not_at_home(chat: Chat) -> None:
    begins(chat, "AE", "KE", "VN")
    asked = []
    while chat.step == "asking":
        field = chat.house.book.pack(chat.on.country).field(str(chat.summary.field))
        asked += [chat.on.country] if field.name == "brand_origin" else []
        chat.types("Kenya" if field.name == "country" else answer_to(field))
    assert asked == ["KE"], "it is asked only in the country where the company is"
    assert {one.answers["brand_origin"] for one in chat.case.registrations.values()} == {"international"}


def test_a_question_that_comes_up_later_in_one_country_takes_the_answer_that_is_there(chat: Chat) -> None:
    begins(chat, "TH", "GB")
    questions(chat, mef_protected="yes")
    assert of(chat, "GB").answers["signatory_name"] == of(chat, "TH").answers["signatory_name"]


# --- review and handing in ----------------------------------------------------------------------------------------


def test_all_are_handed_in_at_once_and_then_papers_follow(chat: Chat, house: House) -> None:
    begins(chat, "TH", "GB", "VN")
    questions(chat)
    keys = chat.types("submit all")
    assert "submitted_several" in keys and keys[-1] == "drawing_letters" and keys.count("ask_consent") == 1
    assert keys.index("ask_consent") == keys.index("submitted_several") + 1
    assert {one.country: one.status.value for one in chat.case.registrations.values()} == {
        "TH": "DOCUMENTS_TO_BE_RENDERED", "GB": "UNDER_REVIEW", "VN": "WITH_ACCOUNT_MANAGER",
    }  # fmt: skip
    assert not any(one.together for one in chat.case.registrations.values())
    assert sorted(house.cards()) == ["card_to_review", "handoff_account_manager"]
    house.works()
    chat.plays(("yes", "ask_documents"))


def test_the_review_begins_with_what_all_share_then_some_then_each_alone(chat: Chat) -> None:
    begins(chat, "TH", "AE", "GB")
    questions(chat)
    keys = chat.types("status")
    shown = [message for message in chat.messages[-len(keys) :] if message.key.startswith("review_of")]
    kinds = [message.text.split(":")[0].count(",") for message in shown if message.key == "review_of_some"]
    assert kinds[0] == 2 and kinds == sorted(kinds, reverse=True) and len(kinds) > 1
    keys = [message.key for message in shown]
    assert keys == sorted(keys, reverse=True), "some before each one's own"
    numbers = [
        int(line.split(".")[0])
        for message in shown
        if message.key == "review_of_some"
        for line in message.text.splitlines()[1:]
    ]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("said", ["edit TH city", "edit th city", "edit Thailand city", "edit {reference} city"])
def test_an_edit_that_names_another_country_changes_that_one(chat: Chat, said: str) -> None:
    begins(chat, "KE", "TH")
    questions(chat)
    chat.types("submit all")
    chat.types(f"open {of(chat, 'KE').reference}")
    assert chat.on.country == "KE"
    before = of(chat, "KE").answers["city"]
    keys = chat.types(said.format(reference=of(chat, "TH").reference))
    assert "edit_goes_to" in keys and keys[-1] == "ask_again_field" and chat.on.country == "TH"
    chat.types("Bremen")
    assert (of(chat, "KE").answers["city"], of(chat, "TH").answers["city"]) == (before, "Bremen")


def test_an_edit_of_a_country_that_is_not_there_or_not_open_changes_nothing(chat: Chat) -> None:
    begins(chat, "KE", "GB")
    questions(chat)
    chat.types("submit all")
    chat.types(f"open {of(chat, 'KE').reference}")
    assert "cannot_edit_now" in chat.types("edit GB city")
    assert "edit_not_there" in chat.types("edit VN city")
    assert "edit_not_there" in chat.types("edit Vietnam city")
    assert chat.on.country == "KE" and chat.summary.field != "city"
    chat.plays(("edit KE city", "ask_again_field city"))
    assert chat.on.country == "KE"


def test_an_edit_from_elsewhere_changes_one_country_of_an_interview(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    questions(chat)
    chat.types("another")
    chat.starts("KE")
    chat.answers(until="company_website")
    chat.plays(("edit AE city", ["edit_goes_to", "ask_again_field"]))
    chat.types("Dubai")
    assert of(chat, "AE").answers["city"] == "Dubai"
    assert of(chat, "TH").answers["city"] != "Dubai" and of(chat, "KE").answers.get("city") != "Dubai"


def test_each_can_be_handed_in_on_its_own(chat: Chat) -> None:
    begins(chat, "TH", "GB", "VN")
    questions(chat)
    chat.plays(("submit Vietnam", "ask_joint_review"))
    assert of(chat, "VN").status == "WITH_ACCOUNT_MANAGER" and chat.status == "DRAFT"
    chat.plays(("submit GB", "ask_review"), ("submit", "drawing_letters"))
    chat.types("another")
    assert of(chat, "GB").status == "UNDER_REVIEW"


def test_one_alone_that_was_handed_in_is_changed_alone(chat: Chat, house: House) -> None:
    begins(chat, "TH", "GB")
    questions(chat)
    chat.plays(("submit TH", "ask_review"))
    house.works()
    chat.plays(("edit city", "ask_again_field city"), ("Bremen", "ask_review"))
    assert (of(chat, "TH").answers["city"], of(chat, "GB").answers["city"]) != ("Bremen", "Bremen")
    assert chat.on.country == "GB" and chat.on.answers["city"] == "Bremen"


def test_what_is_incomplete_is_said_and_the_rest_is_handed_in(chat: Chat) -> None:
    begins(chat, "GB", "KE")
    goes_to(chat, "brand_origin", country="Kenya", contact_phone="+254 20 2012345")
    chat.plays(("later", "ask_field"))
    questions(chat)
    keys = chat.types("submit all")
    assert "submitted_several" in keys and "not_ready_there" in keys
    assert of(chat, "GB").status == "UNDER_REVIEW" and chat.on.country == "KE"
    chat.plays(("continue", "ask_field brand_origin"))


def test_a_paused_country_is_prepared_with_the_others(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    questions(chat)
    chat.types("submit all")
    assert {one.status.value for one in chat.case.registrations.values()} == {"DOCUMENTS_TO_BE_RENDERED"}
    assert of(chat, "AE").ends_at is None


def test_a_registry_number_that_is_not_there_yet_holds_up_nobody(chat: Chat) -> None:
    begins(chat, "SG", "TH")
    for _ in range(80):
        if chat.step in ("registry", "review"):
            break
        if chat.step == "asking":
            chat.answers()
        else:
            chat.types("FRESHBAKERY" if chat.step == "sender_ids" else SAMPLE)
            chat.types("done")
    singapore = of(chat, "SG").reference
    chat.types("later")
    questions(chat)
    assert of(chat, "SG").status == "SELF_REGISTERING" and chat.on.country == "TH" and chat.step == "review"
    number = next(line for line in chat.last.text.splitlines() if "Loans in the messages" in line).split(".")[0]
    chat.plays((f"edit {number}", "ask_again_field loan_content"), ("no", "ask_review"), ("edit", "ask_which_line"))
    assert "Loans in the messages" in chat.last.text
    chat.plays(("back", "ask_review"))
    chat.plays(("submit", "drawing_letters"), (f"open {singapore}", "ask_number_waiting"))
    chat.plays(("SSIR-2026-1", "status_is_WITH_ACCOUNT_MANAGER"))


# --- leaving and coming back --------------------------------------------------------------------------------------


def test_one_leaves_the_interview_and_comes_back_to_where_it_was(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    goes_to(chat, "city")
    reference = of(chat, "AE").reference
    chat.types("another")
    chat.starts("KE")
    chat.plays((f"open {reference}", "ask_field city"), ("Hamburg", "ask_optional_field region"))
    assert {of(chat, code).answers["city"] for code in ("TH", "AE")} == {"Hamburg"}
    assert "city" not in of(chat, "KE").answers
    chat.plays(("status", "ask_optional_field region"), ("list", "ask_optional_field region"))


def test_every_word_keeps_the_whole_interview_alive(chat: Chat, house: House) -> None:
    begins(chat, "TH", "GB")
    house.passes(20)
    goes_to(chat, "company_name")
    assert len({one.ends_at for one in chat.case.registrations.values()}) == 1


def test_withdrawing_one_deletes_what_was_its_own_and_leaves_the_others(chat: Chat, house: House) -> None:
    begins(chat, "TH", "KE")
    questions(chat)
    chat.types("edit KE city")
    chat.types("Canaryville")
    kenya = of(chat, "KE")
    chat.plays((f"open {kenya.reference}", "ask_joint_review"), ("cancel", "ask_cancel"))
    assert kenya.reference in chat.last.text
    chat.plays(("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    house.works()
    assert [one.country for one in chat.case.registrations.values()] == ["TH"]
    assert not any(b"Canaryville" in path.read_bytes() for path in Path(house.folder).rglob("*") if path.is_file())
    chat.plays((f"open {of(chat, 'TH').reference}", "ask_review"))


def test_a_form_answers_for_all_countries(chat: Chat) -> None:
    begins(chat, "TH", "AE")
    asked = form(chat.case, chat.house.book)
    assert asked is not None and asked.country == "TH"
    answers = {}
    for entry in asked.entries:
        if entry.kind == "sender_ids":
            answers[entry.name] = "FRESHBAKERY"
        else:
            answer = answer_to(chat.house.book.pack("TH").field(entry.name))
            answers[entry.name] = "" if answer == "skip" else answer
    result = {"reference": asked.reference, "answers": answers, "submitted": True}
    assert chat._does(Kind.FORM, result=result)[:2] == ["form_taken", "followed"]
    emirates = of(chat, "AE")
    assert (emirates.answers["brand_origin"], emirates.answers["company_name_on_certificate"]) == (
        "international", "Fresh Bakery GmbH",
    )  # fmt: skip
    assert emirates.answers["company_name"] == "Fresh Bakery GmbH"
    assert [name.text for name in emirates.sender_ids] == ["FRESHBAKERY"]
    left = form(chat.case, chat.house.book, emirates.reference)
    assert left is not None and "is_healthcare" in {entry.name for entry in left.entries}
    assert "company_name" not in {entry.name for entry in left.entries}
