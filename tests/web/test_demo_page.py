"""The demonstration on the page: one-time links, and signed photos without a printer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
from browser import PHONE, WIDE, screen, served
from forms_to_post import opened, post
from playwright.sync_api import Browser, expect
from registering import NAME, SLOWLY, Customer, Desk

from bot.demo import Demo, Person
from bot.wiring import House
from conversations.model import Role


def made_in(made: list[Demo]) -> Callable[[House], Demo]:
    """Makes the demonstration, and shows it to the test."""

    def make(house: House) -> Demo:
        made.append(Demo(house))
        return made[0]

    return make


def test_a_link_is_spent_by_its_button_and_not_by_a_look(tmp_path: Path) -> None:
    made: list[Demo] = []
    with served(tmp_path, demo=made_in(made)) as house:
        path = f"/demo/{made[0].link('customer')}"
        with httpx2.Client(base_url=house.url, follow_redirects=True) as client:
            assert httpx2.get(house.url + path).status_code == 200  # a chat's preview
            assert 'role="log"' in post(client, path, opened(client, path)).text
            assert client.get(path).status_code == 404
            assert client.get("/demo/none").status_code == 404


def test_a_newcomer_goes_from_the_two_links_to_successful_without_a_printer(tmp_path: Path, browser: Browser) -> None:
    made: list[Demo] = []
    with served(tmp_path, demo=made_in(made)) as house:
        links = {who: f"/demo/{made[0].link(who)}" for who in ("customer", "desk")}
        staff = Person(house.house, "web", made[0].visitor(links["desk"].rpartition("/")[2]) or "")
        house.do(staff.says(house.invitation(Role.ADMIN), person="You"))
        with screen(browser, house.url, PHONE) as customer, screen(browser, house.url, WIDE) as desk:
            her = Customer(house, customer, "KE", tmp_path, brand_origin="local")
            customer.go(links["customer"])
            her.page.get_by_role("button", name="Open").click()
            her.says("Kenya")
            her.presses("start")
            her.until("submit")
            her.presses("submit")
            expect(customer.present_choices.filter(has_text="All correct")).to_be_visible(timeout=SLOWLY)
            her.presses("yes")
            sample = her.page.get_by_role("button", name="Use a sample signed photo")
            while "submit" not in her.choices():
                if "company_registration" in her.choices():
                    her.presses("company_registration")
                else:
                    before = her.questions()
                    sample.click()
                    her.asked(before, SLOWLY)
            expect(sample).not_to_be_visible()
            expect(her.log.locator(".mine a[data-view] img").last).to_be_visible()
            her.presses("submit")

            desk.go(links["desk"])
            desk.page.get_by_role("button", name="Open").click()
            reviewer = Desk(desk)
            reviewer.takes(her.reference)
            reviewer.approves()
            her.is_told("Successful", NAME)


def test_in_earnest_there_is_no_demonstration(tmp_path: Path) -> None:
    with served(tmp_path) as house, httpx2.Client(base_url=house.url, follow_redirects=True) as client:
        assert "sample signed photo" not in client.get("/").text.split('id="sample"')[0]
        assert client.get("/demo/none").status_code == 404
        assert post(client, "/demo/sample").status_code == 404 == post(client, "/demo/fill").status_code
