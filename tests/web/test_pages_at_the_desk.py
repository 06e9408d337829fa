"""Pages that came back, at the desk: seen beside and laid over what we drew, judged, and their pictures kept from others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pages_to_judge
import pytest
from browser import PHONE, WIDE, Served, fits, screen
from forms_to_post import opened, post
from pages_to_judge import CHANGED, DOUBTED
from playwright.sync_api import Browser, Page, expect
from registering import desk

from conversations.model import Role, Verdict

Visit = Callable[[], httpx2.Client]


@pytest.fixture(scope="module")
def reference(house: Served) -> str:
    """Of a registration with a page the check calls altered, and one it is not sure of."""
    return pages_to_judge.came_back(house, CHANGED, DOUBTED)


@pytest.fixture
def fresh(house: Served, reference: str) -> str:
    """The same, as if nobody had judged anything yet."""
    registration = pages_to_judge.found(house, reference)
    registration.taken_by, registration.holder = None, ""
    for upload in registration.uploads:
        for page in upload.pages:
            page.verdict, page.reason, page.label, page.labelled_by = Verdict.WITH_PERSON, "", "", ""
            found = CHANGED if page.page == 1 else DOUBTED
            if page.check is not None:
                page.check = replace(page.check, accepted=False, altered=found.altered, reason=found.reason)
    pages_to_judge.scan(registration)
    pages_to_judge.put(house, registration)
    return reference


def takes(at: Page, url: str, reference: str) -> None:
    at.goto(f"{url}/desk/{reference}")
    at.get_by_role("button", name="Take").click()
    expect(at.get_by_role("heading", name="Answers", exact=True)).to_be_visible()


def test_the_scan_lies_over_the_letter_and_is_switched_by_button_and_key(
    house: Served, fresh: str, browser: Browser
) -> None:
    with desk(house, browser, WIDE, "Blinka") as staff:
        at = staff.page
        takes(at, house.url, fresh)
        look = at.locator(".look").first
        scan, drawn = look.locator(".scan"), look.locator(".drawn")
        expect(scan).to_be_visible()
        expect(drawn).to_be_visible()
        look.get_by_role("button", name="Lay over").click()
        expect(scan).to_be_visible()
        expect(drawn).to_be_hidden()
        one = scan.locator("img").bounding_box()
        at.keyboard.press("b")
        expect(scan).to_be_hidden()
        expect(drawn).to_be_visible()
        other = drawn.locator("img").bounding_box()
        assert one is not None and other is not None
        assert all(abs(one[side] - other[side]) < 1.5 for side in ("x", "y", "width", "height")), (one, other)
        expect(look.get_by_role("status")).to_have_text("Shown: as we drew it")
        at.keyboard.press("Escape")
        expect(scan).to_be_visible()
        expect(drawn).to_be_visible()


def test_it_blinks_only_when_asked_to_and_never_for_who_wants_little_motion(
    house: Served, fresh: str, browser: Browser
) -> None:
    with desk(house, browser, WIDE, "Calma") as staff:
        at = staff.page
        takes(at, house.url, fresh)
        look = at.locator(".look").first
        blink = look.get_by_role("button", name="Blink")
        expect(blink).to_be_hidden()
        at.keyboard.press("v")
        expect(look.locator(".compare")).not_to_have_class("compare over")
        at.emulate_media(reduced_motion="no-preference")
        blink.click()
        expect(blink).to_have_attribute("aria-pressed", "true")
        expect(look.locator(".scan")).to_be_hidden()
        expect(look.locator(".drawn")).to_be_hidden()  # ... a second later
        at.emulate_media(reduced_motion="reduce")
        expect(blink).to_be_hidden()
        expect(look.locator("[data-do=blink]")).to_have_attribute("aria-pressed", "false")


def test_without_scripts_they_stand_side_by_side(house: Served, fresh: str, browser: Browser) -> None:
    with screen(browser, house.url, PHONE, java_script_enabled=False) as at:
        at.go("/desk")
        at.page.get_by_label("Your name").fill("Plain")
        at.page.get_by_label("Invitation").fill(house.invitation())
        at.page.get_by_role("button", name="Enter").click()
        takes(at.page, house.url, fresh)
        look = at.page.locator(".look").first
        expect(look.locator(".scan img")).to_be_visible()
        expect(look.locator(".drawn img")).to_be_visible()
        expect(look.locator(".compare-bar")).to_be_hidden()
        look.locator("summary", has_text="Overrule").click()
        look.get_by_role("button", name="The page is fine").click()
        expect(at.page.get_by_role("status")).to_contain_text("The page is fine")
        assert fits(at.page)
    assert pages_to_judge.page(house, fresh, 1).label == "accepted"


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_agree_and_overrule_say_what_is_true_and_prepare_the_answer(
    house: Served, fresh: str, browser: Browser, size: tuple[int, int]
) -> None:
    with desk(house, browser, size, f"Judith {size[0]}") as staff:
        at = staff.page
        takes(at, house.url, fresh)
        first = at.locator(".look").first
        expect(first).to_contain_text("The printed text may be changed")
        expect(first.locator(".check-no")).to_have_text("Unaltered no")
        expect(at.locator(".look").nth(1).locator(".crops img")).to_have_count(2)
        for picture in at.locator(".look img").all():
            picture.scroll_into_view_if_needed()
            expect(picture).not_to_have_js_property("naturalWidth", 0)
        assert fits(at)
        first.get_by_role("button", name="Agree").click()
        expect(at.locator("details.look")).to_contain_text("The printed text was changed")
        at.locator("article.look").get_by_role("button", name="The page is fine").click()
        expect(at.locator("article.look")).to_have_count(0)
        assert fits(at)
        at.locator("summary", has_text="Send back").click()
        expect(at.get_by_label("Letter of authorization")).to_be_checked()
        expect(at.get_by_role("textbox", name="Reasons")).to_have_value("Letter of authorization, page 1: The printed text was changed. "
            "Please sign the letter as we drew it; if something in it is wrong, change the answer first.\n")  # fmt: skip
        expect(at.locator(".history")).to_contain_text("Agreed with the check: loa 1")
    changed, fine = (pages_to_judge.page(house, fresh, number) for number in (1, 2))
    assert (changed.verdict, changed.label, changed.reason) == (Verdict.REFUSED, "altered", "altered")
    assert (fine.verdict, fine.label, fine.reason) == (Verdict.ACCEPTED, "accepted", "")
    assert changed.labelled_by == fine.labelled_by == f"judith-{size[0]}"


def test_what_the_check_accepted_is_folded_and_lies_last(house: Served, fresh: str, visit: Visit) -> None:
    registration = pages_to_judge.found(house, fresh)
    for page in (page for upload in registration.uploads for page in upload.pages if page.page == 1):
        assert page.check is not None
        page.verdict, page.check = Verdict.ACCEPTED, replace(page.check, accepted=True, altered="no", reason="")
    pages_to_judge.put(house, registration)
    client = enters(house, visit(), Role.REVIEWER, "Fold")
    text = post(client, f"/desk/{fresh}/take", opened(client, f"/desk/{fresh}")).text
    wanted, folded = (
        text.index('<article class="look look-with_person"'),
        text.index('<details class="look look-accepted"'),
    )
    assert wanted < folded and "Accepted by the check" in text[folded:]


def enters(house: Served, client: httpx2.Client, role: Role, name: str) -> httpx2.Client:
    post(client, "/desk", opened(client, "/desk"), code=house.invitation(role), name=name)
    return client


def test_the_pictures_are_for_whoever_took_it_and_others_learn_nothing(house: Served, fresh: str, visit: Visit) -> None:
    holder, other = enters(house, visit(), Role.REVIEWER, "Holder"), enters(house, visit(), Role.REVIEWER, "Other")
    manager, stranger = enters(house, visit(), Role.ACCOUNT_MANAGER, "Manager"), visit()
    opened(stranger)
    path = f"/desk/{fresh}"
    post(holder, f"{path}/take", opened(holder, path))
    house.settled()  # a scan may be bound anew
    check = pages_to_judge.page(house, fresh, 2).check
    (letter,) = pages_to_judge.found(house, fresh).letters
    assert check is not None and set(check.crops) == {"signature", "stamp"}
    for key in (check.scan, check.marked, *check.crops.values(), letter.scan):
        shown = holder.get(f"{path}/files/{key}")
        assert shown.status_code == 200
        assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert shown.headers["cache-control"] == "no-store" and shown.headers["x-content-type-options"] == "nosniff"
        inline = shown.headers["content-disposition"].startswith("inline")
        assert inline == (shown.headers["content-type"] == "image/jpeg") == (key != letter.scan)
        nothing = stranger.get("/desk/TH-0000/files/r1/aa/none.jpg")
        for client in (other, manager, stranger):
            answer = client.get(f"{path}/files/{key}")
            assert (answer.status_code, answer.text) == (404, nothing.text)


def test_a_page_is_judged_by_who_took_it_alone_and_only_if_there_is_one(
    house: Served, fresh: str, visit: Visit
) -> None:
    holder, other = enters(house, visit(), Role.REVIEWER, "Hilde"), enters(house, visit(), Role.ADMIN, "Odo")
    manager = enters(house, visit(), Role.ACCOUNT_MANAGER, "Mira")
    path = f"/desk/{fresh}"
    upload = next(one for one in pages_to_judge.found(house, fresh).uploads if one.pages[0].page == 1)
    says: dict[str, Any] = {"upload": upload.id, "number": 1, "label": "unsigned"}
    token = opened(other, path)
    assert "take" in post(other, f"{path}/overrule_page", token, **says).text.casefold()
    assert pages_to_judge.page(house, fresh, 1).label == ""  # whoever has not taken it has seen nothing
    post(holder, f"{path}/take", opened(holder, path))
    assert "taken" in post(other, f"{path}/overrule_page", opened(other, path), **says).text.casefold()
    nowhere = post(manager, "/desk/TH-0000/agree", **says)
    refused = post(manager, f"{path}/agree", **says)
    assert (refused.status_code, refused.text) == (nowhere.status_code, nowhere.text) == (404, nowhere.text)
    assert post(holder, f"{path}/agree", opened(holder, path), **says | {"csrf": "x"}).status_code == 403
    for bad in ({"upload": "x"}, {"upload": 10**17}, {"number": 99}, {"number": ""}, {"label": "burnt"}):
        post(holder, f"{path}/overrule_page", opened(holder, path), **says | bad)
    assert pages_to_judge.page(house, fresh, 1).label == ""
    post(holder, f"{path}/overrule_page", opened(holder, path), **says)
    page = pages_to_judge.page(house, fresh, 1)
    assert (page.label, page.labelled_by, page.verdict) == ("unsigned", "hilde", Verdict.REFUSED)
