"""Hostile strings in a real browser, with the page's policy switched off: it is the escaping that has to hold."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import pytest
from browser import Served, chromium, served
from forms_to_post import opened, post
from hostile_text_strings import PAGE, SCRIPTS, TEMPLATES, hostile
from hostile_text_surfaces import Strict, dense
from httpx2 import Client
from playing import SAMPLE, answer_to
from playwright.sync_api import Browser, Page, expect

from conversations.model import Event, Kind, Role, Status
from conversations.summary import summary
from rules.schema import FieldType
from tests.seeded import Share

HTML = ("<img src=x onerror=pwned()> & Sons", '"><script>pwned()</script>', "'><svg onload=pwned()>")
NAME = "FRESHBAKERY"
IN_ONE = 12  # strings of one message
WATCH = "window.ran = 0; window.pwned = () => { window.ran += 1 }; window.alert = window.pwned;"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("hostile")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, house: Served) -> Iterator[Page]:
    """A page whose policy would let anything run."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(WATCH)
    page = context.new_page()
    yield page
    context.close()


def said(page: Page, text: str) -> None:
    before = page.get_by_role("log").locator(".theirs").count()
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("log").locator(".theirs").nth(before)).to_be_visible(timeout=10_000)


def test_nothing_typed_runs_and_all_of_it_is_shown(
    page: Page, house: Served, chance: random.Random, share: Share
) -> None:
    page.goto(house.url)
    for text in chance.sample(PAGE, share.of(len(PAGE))):
        said(page, text)
        shown = page.get_by_role("log").locator(".mine .text").last.text_content() or ""
        assert dense(shown) == dense(text.replace("\r", "\n"))
    page.reload()
    page.wait_for_load_state()
    assert page.evaluate("window.ran") == 0
    assert page.locator("iframe, [onerror], [onload], [onclick], [onfocus], base[href*=evil]").count() == 0


def test_nothing_in_a_files_name_runs(page: Page, house: Served, share: Share) -> None:
    page.goto(house.url)
    for number, text in enumerate(("<img src=x onerror=pwned()>.pdf", '"><svg onload=pwned()>.pdf', "'-pwned()-'.pdf")):
        page.get_by_label("Attach", exact=True).set_input_files(
            {"name": text, "mimeType": "application/pdf", "buffer": f"%PDF-1.4 {number}".encode()}
        )
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_role("log").locator(".mine")).to_have_count(number + 1)
    page.reload()
    page.wait_for_load_state()
    assert page.evaluate("window.ran") == 0


def test_nothing_of_a_customers_runs_at_the_desk(page: Page, house: Served) -> None:
    """Answers, names and history, as the reviewer opens them."""
    app = house.house.app
    with Client(base_url=house.url, follow_redirects=True, timeout=20) as anna:
        for text in ("Russia", "start"):
            post(anna, "/messages", text=text)
        (found,) = (one for one in app.store.registrations() if one.registration.country == "RU")
        for number in range(80):
            case = app.store.snapshot(found.owner)
            assert case is not None and case.on is not None
            if case.on.status is Status.WITH_ACCOUNT_MANAGER:
                break
            now = summary(case, app.book)
            text = {"sender_ids": NAME, "samples": f"{SAMPLE} {HTML[0]}", "review": "submit"}.get(now.step, "done")
            if now.step == "asking" and now.field:
                field = app.book.pack("RU").field(now.field)
                text = HTML[number % 3] if field.type is FieldType.TEXT and number % 2 else answer_to(field)
            elif now.step in ("sender_ids", "samples") and number % 2:
                text = "done"
            assert post(anna, "/messages", text=text).status_code == 200
        else:
            raise AssertionError([line.text for line in opened(anna).lines][-4:])
    house.settled()
    page.goto(f"{house.url}/desk")
    page.locator("input[name=code]").fill(house.invitation(Role.ADMIN))
    page.locator("input[name=name]").fill("<img src=x onerror=pwned()>")
    page.locator("form button").last.click()
    page.wait_for_load_state()
    (staff,) = (one for one, _ in app.store.staff())
    took = house.do(app.take(Event("test:take", Kind.DESK, app.clock.now(), principal=staff.principal, name="take",
                            registration=found.registration.id)))  # fmt: skip
    for path in (
        "/desk",
        f"/desk/{found.registration.reference}",
        "/desk?view=all",
        "/desk?q=%3Cscript%3Epwned()%3C/script%3E",
    ):
        page.goto(house.url + path)
        assert page.evaluate("window.ran") == 0, path
    page.goto(f"{house.url}/desk/{found.registration.reference}")
    shown = page.locator("body").inner_text()
    assert HTML[1] in shown and HTML[2] in shown, (took, shown)


def test_whole_pages_hold_nothing_but_our_own_tags(house: Served, chance: random.Random, share: Share) -> None:
    """Without a browser: every tag and attribute of the chat page, with hostile lines in it."""
    for _ in range(share.of(20)):
        with Client(base_url=house.url, follow_redirects=True, timeout=20) as anna:
            typed = []
            for _ in range(3):
                text = " ".join(
                    chance.choice((chance.choice((*PAGE, *TEMPLATES, *SCRIPTS)), hostile(chance)[:500]))
                    for _ in range(IN_ONE)
                )
                text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                post(anna, "/messages", text=text)
                typed.append(text)
            lines = re.findall(r'<article class="line .*?</article>', anna.get("/").text, re.DOTALL)
            read = [Strict(line).text for line in lines]
            mine = [line[0] for line, html in zip(read, lines, strict=True) if "line mine" in html and line]
            assert [dense(one) for one in mine if one.strip()] == [dense(one.strip("\n")) for one in typed]
