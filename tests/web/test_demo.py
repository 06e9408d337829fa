"""The demonstration on the page: one-time links, and signed photos without a printer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
from browser import PHONE, screen, served
from forms_to_post import opened, post
from playwright.sync_api import Browser, expect

from bot.demo import Demo, Person, Story
from bot.wiring import House
from conversations.model import Status


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


def test_sample_photos_fill_the_checklist(tmp_path: Path, browser: Browser) -> None:
    made: list[Demo] = []
    with served(tmp_path, demo=made_in(made)) as house:
        token = made[0].link("customer")
        person = Person(house.house, "web", made[0].visitor(token) or "")
        house.do(person.registers(Story(0, "TH", "Acme Retail", ("ACMESHOP",), Status.DOCUMENTS_RENDERED)))
        with screen(browser, house.url, PHONE) as customer:
            customer.go(f"/demo/{token}")
            customer.page.get_by_role("button", name="Open").click()
            expect(customer.log.locator("a[data-view] img").first).to_be_visible()
            customer.presses("yes")
            customer.page.get_by_role("button", name="Use a sample signed photo").click()
            expect(customer.page.locator("#aside .checks li.done")).to_have_count(1, timeout=30_000)


def test_in_earnest_there_is_no_demonstration(tmp_path: Path) -> None:
    with served(tmp_path) as house, httpx2.Client(base_url=house.url, follow_redirects=True) as client:
        assert "sample signed photo" not in client.get("/").text.split('id="sample"')[0]
        assert client.get("/demo/none").status_code == 404
        assert post(client, "/demo/sample").status_code == 404
