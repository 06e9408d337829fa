"""Whole registrations through the real process, by what the chat asks and what the rules say; nothing else is known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from client import Chat, Customer, Desk, Line, Place, rules

REVIEWED = ["open {}", "take {}", "pass on {}", "approve {}"]
MANAGED = ["open {}", "take {}", "approve {}"]
LETTERED = ["open", "submit", "rendered", "submit_documents", "pass_on", "approve"]
PAPERED = ["open", "submit", "submit_documents", "pass_on", "approve"]
PLAIN = ["open", "submit", "pass_on", "approve"]
HANDED = ["open", "hand_over", "approve"]
CASE = {"reference", "country", "route", "status", "company", "sender_ids", "answers", "missing", "documents",
        "ends_at", "history"}  # fmt: skip
REPEATED = {"country", "sender_ids", "samples", "documents", "placing"}  # asked again for every further one
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def reviewer(house: Place) -> Iterator[Desk]:
    yield Desk(house, "rob", "reviewer")


@pytest.fixture(scope="module")
def manager(house: Place) -> Iterator[Desk]:
    yield Desk(house, "mara", "account_manager")


@pytest.mark.parametrize(
    ("country", "answers", "triggers"),
    [
        ("TH", {}, LETTERED),
        ("KE", {"brand_origin": "local"}, LETTERED),
        ("GB", {}, PLAIN),
        ("GB", {"mef_protected": "yes"}, LETTERED),
        ("VN", {"brand_origin": "international"}, HANDED),
        ("IE", {}, PAPERED),
        ("CN", {}, HANDED),
        ("AF", {}, PLAIN),
        ("SG", {"ssir_reference": "SSIR-20261122"}, HANDED),
    ],
)
def test_a_country_is_registered_to_successful(
    house: Place, reviewer: Desk, manager: Desk, country: str, answers: dict[str, str], triggers: list[str]
) -> None:
    names = {"FRESHBAKERY": ["Your order 7 is ready.", "Ваш заказ готов."], "FreshBake": ["Two rolls are waiting."]}
    chat = Chat(house, f"{country}-{len(answers)}")
    customer = Customer(chat, country, answers, names, photos=country == "TH")
    customer.register()
    assert customer.reference
    managed = triggers is HANDED
    assert customer.status == ("WITH_ACCOUNT_MANAGER" if managed else "UNDER_REVIEW")
    once = [name for name in customer.asked if name not in REPEATED]
    assert sorted(once) == sorted(set(once)), "asked twice"
    shown = house.case(customer.reference)
    has_shape(shown)
    keeps(shown, customer)
    assert shown["missing"] == [] and shown["ends_at"] is None
    staff = manager if managed else reviewer
    staff.decides(*(word.format(customer.reference) for word in (MANAGED if managed else REVIEWED)))
    result = next(line for line in iter(customer.chat.next_push, None) if line["status"] == "SUCCESSFUL")
    assert result["pushed"] is True and "end" not in result
    assert all(name in result["text"] for name in ([] if country == "CN" else names))
    shown = house.case(customer.reference)
    has_shape(shown)
    assert [line["trigger"] for line in shown["history"] if line["from"] != line["to"]] == triggers
    assert {one["outcome"] for one in shown["sender_ids"]} == {"approved"}
    told = house.order("case show", reference=customer.reference, for_people=True)[0]["documents"]
    assert {type(one.pop("required")) for one in told} <= {bool} and told == shown["documents"]
    if not managed:
        assert {page["verdict"] for one in shown["documents"] for page in one["pages"]} <= {"accepted"}


def has_shape(shown: Line) -> None:
    """`case show --json`, to the letter."""
    assert set(shown) == CASE
    assert re.fullmatch(rf"{shown['country']}-[A-Z0-9]{{4}}", shown["reference"])
    assert all(set(one) == {"sender_id", "samples", "outcome"} for one in shown["sender_ids"])
    for document in shown["documents"]:
        assert set(document) == {"code", "version", "pages"}
        assert all(set(page) == {"page", "verdict"} for page in document["pages"])
    for line in shown["history"]:
        assert set(line) == {"at", "trigger", "from", "to", "by"} and TIME.fullmatch(line["at"])
    at = [datetime.fromisoformat(line["at"]) for line in shown["history"]]
    assert at == sorted(at)
    assert shown["ends_at"] is None or TIME.fullmatch(shown["ends_at"])


def keeps(shown: Line, customer: Customer) -> None:
    """Every answer is there as it was given; texts to the letter."""
    assert shown["company"] == customer.answers["company_name"]
    for name, text in customer.given.items():
        kind = customer.fields[name]["type"]
        kept: Any = shown["answers"][name]
        if kind == "boolean":
            assert kept is (text == "yes")
        elif kind == "country":
            assert kept == "DE"
        elif kind == "phone":
            assert re.sub(r"\D", "", kept) == re.sub(r"\D", "", text)
        elif kind == "number":
            assert kept == int(text)
        else:
            assert kept == ([text] if customer.fields[name]["many"] else text)
    if customer.country == "CN":
        assert [one["sender_id"] for one in shown["sender_ids"]] == [customer.answers["signature"]]
        return
    wanted = {name: [] if shown["route"] in ("account_manager", "self_registration") else samples
              for name, samples in customer.sender_ids.items()}  # fmt: skip
    assert {one["sender_id"]: one["samples"] for one in shown["sender_ids"]} == wanted


def test_a_paused_country_is_prepared_and_waits_without_a_clock(house: Place) -> None:
    customer = Customer(Chat(house, "amal"), "AE", {"brand_origin": "international"}, photos=False)
    customer.meet()
    told = customer.chat.says(customer.pack["name"])
    assert any("no new registrations" in line["text"] for line in told), "told before the first question"
    customer.note(told)
    customer.register("documents")
    while customer.reference and wants_papers(house.case(customer.reference)):
        customer.go_on()
        while customer.step == "placing":
            customer.go_on()
    assert "submit" not in customer.choices
    refused = customer.chat.says("submit")[-1]
    assert refused["status"] == "DOCUMENTS_RENDERED"
    assert customer.reference and house.case(customer.reference)["ends_at"] is None


def wants_papers(shown: Line) -> bool:
    return any(not one["pages"] or None in [page["verdict"] for page in one["pages"]] for one in shown["documents"])


def test_a_country_without_registration_says_so_and_opens_none(house: Place) -> None:
    assert rules("NO")["route"] == "not_required"
    customer = Customer(Chat(house, "nora"), "NO")
    customer.meet()
    customer.go_on()
    assert customer.reference is None
    assert "start" not in customer.choices and "another" in customer.choices


@pytest.mark.parametrize(("country", "after"), [("SG", "WITH_ACCOUNT_MANAGER"), ("IE", "DRAFT")])
def test_the_registrys_number_may_come_later(house: Place, country: str, after: str) -> None:
    customer = Customer(Chat(house, f"sam-{country}"), country)
    customer.register("registry")
    customer.note(customer.chat.says("later"))
    assert customer.status == "SELF_REGISTERING" and customer.step == "registry"
    assert customer.last["field"] == rules(country)["registry"]["number_field"]
    customer.note(customer.chat.says("REG-2026-117"))
    assert customer.status == ("DRAFT" if after == "DRAFT" else after)
    assert customer.reference
    assert house.case(customer.reference)["answers"][customer.pack["registry"]["number_field"]] == "REG-2026-117"


def test_a_letter_sent_back_is_mended_and_only_then_reviewed_again(house: Place, reviewer: Desk) -> None:
    customer = Customer(Chat(house, "lea"), "AF")
    customer.register()
    assert customer.reference
    reviewer.decides(f"take {customer.reference}", f"send back {customer.reference}: The website shows another name")
    told = next(line for line in iter(customer.chat.next_push, None) if line["status"] == "NEEDS_CORRECTION")
    assert "The website shows another name" in told["text"]
    turn = customer.chat.says("edit company_website")
    assert turn[-1]["field"] == "company_website"
    customer.note(customer.chat.says("https://www.bakery.example"))
    assert customer.step == "review"
    customer.go_on()
    assert customer.status == "UNDER_REVIEW"
    assert house.case(customer.reference)["answers"]["company_website"] == "https://www.bakery.example"


def test_a_rejection_offers_to_apply_again_with_everything_kept(house: Place, reviewer: Desk) -> None:
    customer = Customer(Chat(house, "finn"), "AF")
    customer.register()
    assert customer.reference
    former = house.case(customer.reference)
    reviewer.decides(f"reject {customer.reference}: Not their brand")
    told = next(line for line in iter(customer.chat.next_push, None) if line["status"] == "FAILED")
    assert "Not their brand" in told["text"]
    again = next(choice["value"] for choice in told["choices"] if choice["value"].startswith("apply again"))
    customer.note(customer.chat.turn({"choose": again}))
    assert customer.reference != former["reference"]
    shown = house.case(customer.reference)
    assert shown["answers"] == former["answers"]
    assert [one["samples"] for one in shown["sender_ids"]] == [one["samples"] for one in former["sender_ids"]]


def test_what_is_attached_is_a_file_there(house: Place, tmp_path: Path) -> None:
    customer = Customer(Chat(house, "paul"), "TH")
    customer.register("preview")
    files = [Path(file) for line in customer.chat.said for file in line.get("files", ())]
    assert {file.suffix for file in files} == {".pdf", ".png"}
    assert all(file.is_absolute() and file.stat().st_size > 1000 for file in files)
    assert customer.reference
    pages = house.order("letters render", reference=customer.reference, out=str(tmp_path / "out"))
    assert {page["version"] for page in pages} == {1}
    assert all(page["signature_box"] is None or len(page["signature_box"]) == 4 for page in pages)
    assert {one["letter"] for one in json.loads((tmp_path / "out" / "letters.json").read_text())} == {"loa"}
