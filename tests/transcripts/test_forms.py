"""Several answers at once: the same fields and readers as in the chat, nothing typed is lost."""

from __future__ import annotations

from playing import SAMPLE, Chat, House, answer_to

from conversations.interview.forms import NAMES, Form, form, problems
from conversations.model import Kind


def shown(chat: Chat, reference: str | None = None) -> Form:
    found = form(chat.case, chat.house.book, reference)
    assert found is not None
    return found


def fills(chat: Chat, answers: dict[str, str], submitted: bool = True, reference: str | None = None) -> list[str]:
    result = {"reference": reference or chat.reference, "answers": answers, "submitted": submitted}
    return chat._does(Kind.FORM, result=result)


def answers_for(chat: Chat, asked: Form) -> dict[str, str]:
    pack = chat.house.book.pack(asked.country)
    found = {}
    for entry in asked.entries:
        if entry.kind == "sender_ids":
            found[entry.name] = "FRESHBAKERY\nFRESHCAKES"
        elif entry.kind == "samples":
            found[entry.name] = SAMPLE
        else:
            answer = answer_to(pack.field(entry.name))
            found[entry.name] = "" if answer == "skip" else answer
    return found


def test_a_whole_registration_by_forms_alone(chat: Chat) -> None:
    chat.starts("TH")
    steps = 0
    while (asked := form(chat.case, chat.house.book)) is not None and any(entry.required for entry in asked.entries):
        answers = answers_for(chat, asked)
        assert problems(chat.case, chat.house.book, asked.reference, answers) == {}
        assert "form_taken" in fills(chat, answers)
        assert "sender_id_link_plain" not in answers or "sender_id_link_plain" in chat.on.answers
        steps += 1
        assert steps < 6
    chat.answers(**dict.fromkeys(("dba_name", "address_line2", "region"), "skip"))
    assert chat.step == "review" and not chat.summary.checklist[0].done
    assert [one.text for one in chat.on.sender_ids] == ["FRESHBAKERY", "FRESHCAKES"]
    assert chat.on.typed == {}
    assert chat.types("submit")[-1] == "drawing_letters"


def test_what_is_wrong_is_said_for_each_answer_and_empty_is_not_wrong(chat: Chat) -> None:
    chat.starts("TH")
    wrong = {
        "contact_email": "nobody", "country": "Atlantis", "company_name": "", "message_type": "transactional",
        NAMES: "OK\nTWELVELETTERS",
    }  # fmt: skip
    found = problems(chat.case, chat.house.book, chat.reference, wrong)
    assert set(found) == {"contact_email", "country", NAMES}
    said = {name: chat.house.catalogs.words().text(text) for name, text in found.items()}
    assert all(said.values())


def test_what_is_wrong_comes_with_the_mended_form(chat: Chat) -> None:
    chat.starts("TH")
    (problem,) = problems(chat.case, chat.house.book, chat.reference, {NAMES: " FRESH"}).values()
    assert chat.house.catalogs.words().text(problem).endswith("Perhaps: FRESH")


def test_what_was_typed_into_a_form_that_was_closed_is_there_again(chat: Chat) -> None:
    chat.starts("TH")
    assert fills(chat, {"company_name": "Fresh Bakery GmbH", "contact_email": "nobody"}, submitted=False) == []
    values = {entry.name: entry.value for entry in shown(chat).entries}
    assert (values["company_name"], values["contact_email"]) == ("Fresh Bakery GmbH", "nobody")
    assert "company_name" not in chat.on.answers
    assert chat.last.key == "ask_field"


def test_what_does_not_read_stays_typed_and_the_rest_is_taken(chat: Chat) -> None:
    chat.starts("TH")
    keys = fills(
        chat, {"message_type": "transactional", "contact_email": "nobody", "company_name": "Fresh Bakery GmbH"}
    )
    assert keys[0] == "form_taken" and chat.on.answers["company_name"] == "Fresh Bakery GmbH"
    assert {entry.name: entry.value for entry in shown(chat).entries}["contact_email"] == "nobody"


def test_a_draft_that_was_left_does_not_come_over_a_newer_answer(chat: Chat) -> None:
    chat.starts("TH")
    fills(chat, {"company_name": "Old Draft Ltd", "city": "Oldtown"}, submitted=False)
    chat.answers(until="city")
    assert chat.on.answers["company_name"] == "Fresh Bakery GmbH"
    fills(chat, {"contact_email": "anna@freshbakery.example"})
    assert chat.on.answers["company_name"] == "Fresh Bakery GmbH" and "city" not in chat.on.answers
    assert chat.on.typed == {"city": "Oldtown"}


def test_a_name_in_doubt_is_left_for_the_chat(chat: Chat) -> None:
    chat.starts("GB")
    assert "form_names_left" in fills(chat, {NAMES: "FRESHBAKERY\nINFO"})
    assert [one.text for one in chat.on.sender_ids] == ["FRESHBAKERY"] and not chat.on.names_done


def test_a_form_of_another_registration_brings_the_chat_there(chat: Chat) -> None:
    first = chat.drafts("GB")
    chat.types("another")
    chat.starts("TH")
    second = chat.reference
    chat.types(f"open {first}")
    assert "form_taken" in fills(chat, {"message_type": "transactional"}, reference=second)
    assert chat.reference == second


def test_nobody_fills_in_the_form_of_another_company_or_of_a_registration_that_went_on(
    chat: Chat, house: House
) -> None:
    reference = chat.reaches_review_desk("GB")
    assert form(chat.case, house.book, reference) is None
    assert fills(chat, {"company_name": "Other"})[0] == "form_too_late"
    eve = house.customer("eve")
    eve.starts("TH")
    assert form(eve.case, house.book, reference) is None
    assert fills(eve, {"company_name": "Other"}, reference=reference)[0] == "form_too_late"
    assert chat.on.answers["company_name"] == "Fresh Bakery GmbH"


def test_what_was_typed_dies_with_its_registration(chat: Chat, house: House) -> None:
    chat.starts("TH")
    fills(chat, {"company_name": "Canary Bakery 7351"}, submitted=False)
    chat.plays(("cancel", "ask_cancel"), ("withdraw", "ask_withdraw"), ("yes", "ask_country"))
    house.works()
    assert not any(b"Canary" in path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
