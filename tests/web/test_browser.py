"""The pages in a real browser. Every screen also fails when the page breaks its own policy or a script throws."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from browser import PATIENCE, PHONE, WIDE, Served, fits, screen
from PIL import Image
from playwright.sync_api import Browser, expect
from registering import customer

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("size", [PHONE, WIDE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chat_begins(house: Served, browser: Browser, size: tuple[int, int], scheme: str) -> None:
    with screen(browser, house.url, size, scheme) as at:  # type: ignore[arg-type]
        at.go()
        at.says("Thailand")
        at.presses("start")
        expect(at.present_choices.first).to_be_visible()
        expect(at.page.locator("#head")).to_contain_text("Thailand")
        expect(at.log.locator('.choice.chosen[value="start"]')).to_be_disabled()
        assert fits(at.page)


def test_two_tabs_of_one_chat_show_the_same(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as at:
        at.go()
        other = at.page.context.new_page()
        other.goto(house.url)
        at.says("help")
        expect(other.get_by_role("log").locator(".mine")).to_have_count(1)
        here, there = (page.get_by_role("log").locator(".theirs .text") for page in (at.page, other))
        deadline = time.monotonic() + PATIENCE / 1000
        while here.all_inner_texts() != there.all_inner_texts():  # a message reaches one before the other
            assert time.monotonic() < deadline, (here.all_inner_texts(), there.all_inner_texts())
            at.page.wait_for_timeout(20)


def test_a_message_that_did_not_leave_stays_and_is_sent_once_by_the_button(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as at:
        at.go()
        page = at.page
        lost = []

        def lose_the_answer(route: object) -> None:  # the server takes it, the browser never hears
            lost.append(route.fetch())  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]

        page.route("**/messages", lose_the_answer, times=1)
        page.route("**/events*", lambda route: route.abort())
        page.reload()
        page.get_by_role("textbox", name="Message").fill("help")
        page.get_by_role("button", name="Send", exact=True).click()
        retry = page.get_by_role("button", name="Try again")
        expect(retry).to_be_visible()
        before = at.answers()
        retry.click()
        at.answered(before)
        page.unroute("**/events*")
        page.reload()
        assert len(lost) == 1
        expect(at.log.locator(".mine")).to_have_count(1)


def test_files_are_picked_shown_removed_and_sent(house: Served, browser: Browser, tmp_path: Path) -> None:
    one, two = tmp_path / "front page.png", tmp_path / "back.png"
    one.write_bytes(PIXEL)
    two.write_bytes(PIXEL + b"\0")
    with screen(browser, house.url) as at:
        at.go()
        page = at.page
        page.get_by_label("Attach", exact=True).set_input_files([one, two])
        page.get_by_role("button", name="Remove back.png").click()
        expect(page.locator("#tray li")).to_have_count(1)
        before = at.answers()
        page.get_by_role("button", name="Send", exact=True).click()
        at.answered(before)
        expect(at.log.locator(".mine")).to_have_count(1)
        expect(at.log.locator(".mine img").or_(at.log.get_by_text("front page.png")).first).to_be_visible()


def test_a_file_too_large_is_refused_before_it_is_sent(house: Served, browser: Browser, tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"\0" * 20_000_001)
    with screen(browser, house.url) as at:
        at.go()
        at.page.get_by_label("Attach", exact=True).set_input_files([large])
        expect(at.page.get_by_role("alert").filter(has_text="20 MB")).to_be_visible()
        expect(at.page.locator("#tray li")).to_have_count(0)


def test_the_keyboard_alone_is_enough(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as at:
        at.go()
        page = at.page
        expect(page.get_by_role("textbox", name="Message")).to_be_focused()
        before = at.answers()
        page.keyboard.type("one")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("two")
        page.keyboard.press("Enter")
        at.answered(before)
        assert at.log.locator(".mine .text").inner_text() == "one\ntwo"
        expect(page.get_by_role("textbox", name="Message")).to_be_focused()


def test_on_a_phone_the_registration_is_a_sheet(house: Served, browser: Browser) -> None:
    with screen(browser, house.url, PHONE) as at:
        at.go()
        sheet = at.page.get_by_role("complementary")
        expect(sheet).not_to_be_visible()
        at.page.get_by_role("link", name="Registration").tap()
        expect(sheet).to_be_visible()
        at.page.get_by_role("link", name="Close").tap()
        expect(sheet).not_to_be_visible()


def test_without_scripts_the_page_works(house: Served, browser: Browser) -> None:
    with screen(browser, house.url, java_script_enabled=False) as at:
        at.go()
        at.page.get_by_role("textbox", name="Message").fill("Thailand")
        at.page.get_by_role("button", name="Send", exact=True).click()
        at.page.get_by_role("button", name="Start").click()
        expect(at.page.get_by_role("complementary")).to_contain_text("Thailand")


def test_every_control_has_a_name(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as at:
        at.go()
        at.says("Thailand")
        nameless = at.page.evaluate(
            """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), textarea, aside")]
              .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length || one.ariaHidden))
              .map((one) => one.outerHTML)"""
        )
        assert nameless == []


def test_one_box_takes_the_message_one_the_files_and_one_button_sends(house: Served, browser: Browser) -> None:
    """What other programs find the page by stays unmistakable all the way, whatever the questions and buttons say."""
    with screen(browser, house.url) as at:
        at.go()
        page = at.page
        for said in ("Afghanistan", "start", "transactional", "Oslo", "edit", "help"):
            expect(page.get_by_label("Message")).to_have_count(1)
            expect(page.get_by_label("Attach")).to_have_count(1)
            expect(page.get_by_role("button", name="Send")).to_have_count(1)
            expect(page.get_by_role("log")).to_have_count(1)
            at.says(said)


def test_the_lines_to_change_are_one_list_to_pick_from(house: Served, browser: Browser, tmp_path: Path) -> None:
    with customer(house, browser, "AF", PHONE, tmp_path) as her:
        her.begins()
        her.presses("transactional")
        her.says("edit")
        before = her.questions()
        her.log.get_by_role("combobox").select_option("Purpose of the messages")
        her.page.get_by_role("button", name="Choose").click()
        her.asked(before)
        expect(her.log.locator(".mine .text").last).to_have_text("Purpose of the messages")
        expect(her.log.get_by_role("combobox")).to_have_count(0)


def test_what_was_sent_in_one_tab_is_seen_in_the_other_with_its_picture(
    house: Served, browser: Browser, tmp_path: Path
) -> None:
    photo = tmp_path / "licence.jpg"
    Image.effect_noise((600, 800), 40).convert("RGB").save(photo)
    with screen(browser, house.url) as at:
        at.go()
        other = at.page.context.new_page()
        other.goto(house.url)
        at.attaches(photo)
        for page in (other, at.page):
            expect(page.get_by_role("log").locator(".mine a[data-view] img")).to_have_js_property("complete", True)
            expect(page.get_by_role("log").locator(".mine a[data-view]")).to_have_count(1)
