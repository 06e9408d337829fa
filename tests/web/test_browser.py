"""The pages in a real browser. Every screen also fails when the page breaks its own policy or a script throws."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from browser import PHONE, WIDE, Served, fits, screen
from playwright.sync_api import Browser, expect

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("size", [PHONE, WIDE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chat_begins(house: Served, browser: Browser, size: tuple[int, int], scheme: str) -> None:
    with screen(browser, house.url, size, scheme) as customer:  # type: ignore[arg-type]
        customer.go()
        customer.says("Thailand")
        customer.presses("start")
        expect(customer.present_choices.first).to_be_visible()
        expect(customer.page.locator("#head")).to_contain_text("Thailand")
        expect(customer.log.locator('.choice.chosen[value="start"]')).to_be_disabled()
        assert fits(customer.page)


def test_two_tabs_of_one_chat_show_the_same(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as customer:
        customer.go()
        other = customer.page.context.new_page()
        other.goto(house.url)
        customer.says("help")
        expect(other.get_by_role("log").locator(".mine")).to_have_count(1)
        expect(other.get_by_role("log").locator(".theirs")).to_have_count(customer.answers())


def test_a_message_that_did_not_leave_stays_and_is_sent_once_by_the_button(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as customer:
        customer.go()
        page = customer.page
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
        before = customer.answers()
        retry.click()
        customer.answered(before)
        page.unroute("**/events*")
        page.reload()
        assert len(lost) == 1
        expect(customer.log.locator(".mine")).to_have_count(1)


def test_files_are_picked_shown_removed_and_sent(house: Served, browser: Browser, tmp_path: Path) -> None:
    one, two = tmp_path / "front page.png", tmp_path / "back.png"
    one.write_bytes(PIXEL)
    two.write_bytes(PIXEL + b"\0")
    with screen(browser, house.url) as customer:
        customer.go()
        page = customer.page
        page.get_by_label("Attach", exact=True).set_input_files([one, two])
        page.get_by_role("button", name="Remove back.png").click()
        expect(page.locator("#tray li")).to_have_count(1)
        before = customer.answers()
        page.get_by_role("button", name="Send", exact=True).click()
        customer.answered(before)
        expect(customer.log.locator(".mine")).to_have_count(1)
        expect(customer.log.locator(".mine img").or_(customer.log.get_by_text("front page.png")).first).to_be_visible()


def test_a_file_too_large_is_refused_before_it_is_sent(house: Served, browser: Browser, tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(b"\0" * 20_000_001)
    with screen(browser, house.url) as customer:
        customer.go()
        customer.page.get_by_label("Attach", exact=True).set_input_files([large])
        expect(customer.page.get_by_role("alert").filter(has_text="20 MB")).to_be_visible()
        expect(customer.page.locator("#tray li")).to_have_count(0)


def test_the_keyboard_alone_is_enough(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as customer:
        customer.go()
        page = customer.page
        expect(page.get_by_role("textbox", name="Message")).to_be_focused()
        before = customer.answers()
        page.keyboard.type("one")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("two")
        page.keyboard.press("Enter")
        customer.answered(before)
        assert customer.log.locator(".mine .text").inner_text() == "one\ntwo"
        expect(page.get_by_role("textbox", name="Message")).to_be_focused()


def test_on_a_phone_the_registration_is_a_sheet(house: Served, browser: Browser) -> None:
    with screen(browser, house.url, PHONE) as customer:
        customer.go()
        sheet = customer.page.get_by_role("complementary")
        expect(sheet).not_to_be_visible()
        customer.page.get_by_role("link", name="Registration").tap()
        expect(sheet).to_be_visible()
        customer.page.get_by_role("link", name="Close").tap()
        expect(sheet).not_to_be_visible()


def test_without_scripts_the_page_works(house: Served, browser: Browser) -> None:
    with screen(browser, house.url, java_script_enabled=False) as customer:
        customer.go()
        customer.page.get_by_role("textbox", name="Message").fill("Thailand")
        customer.page.get_by_role("button", name="Send", exact=True).click()
        customer.page.get_by_role("button", name="Start").click()
        expect(customer.page.get_by_role("complementary")).to_contain_text("Thailand")


def test_every_control_has_a_name(house: Served, browser: Browser) -> None:
    with screen(browser, house.url) as customer:
        customer.go()
        customer.says("Thailand")
        nameless = customer.page.evaluate(
            """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), textarea, aside")]
              .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.labels?.length || one.ariaHidden))
              .map((one) => one.outerHTML)"""
        )
        assert nameless == []
