"""Poor lines and many tabs: a photo that takes minutes is not given up by our own page, and one visitor opens only so many."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import httpx2
from browser import Served, screen
from forms_to_post import opened
from playwright.sync_api import Browser, expect

from bot.web.chat import STREAMS

# A line on which nothing leaves by itself.
HELD = """
window.held = [];
XMLHttpRequest.prototype.send = function () { held.push(this); };
XMLHttpRequest.prototype.abort = function () { this.dispatchEvent(new Event("abort")); };
"""
MOVES = (
    'held.at(-1).upload.dispatchEvent(new ProgressEvent("progress", { lengthComputable: true, loaded: 1, total: 9 }))'
)


def test_an_upload_that_moves_may_take_long_and_one_that_stands_still_is_given_up(
    house: Served, browser: Browser
) -> None:
    with screen(browser, house.url) as at:
        at.page.clock.install()
        at.page.add_init_script(HELD)
        at.go()
        at.page.get_by_role("textbox", name="Message").fill("the licence")
        at.page.get_by_role("button", name="Send", exact=True).click()
        at.page.wait_for_function("held.length")
        for _ in range(10):
            at.page.clock.run_for(50_000)
            at.page.evaluate(MOVES)
        stuck = at.page.locator("#pending .stuck")
        expect(stuck).to_have_count(0)
        at.page.clock.run_for(61_000)
        expect(stuck).to_have_count(1)


def test_one_visitor_opens_only_so_many_streams(house: Served, visit: Callable[[], httpx2.Client]) -> None:
    anna, bea = visit(), visit()
    opened(anna), opened(bea)
    with ExitStack() as streams:
        read = []  # a reader that is dropped closes its stream

        def opens(client: httpx2.Client) -> int:
            stream = streams.enter_context(client.stream("GET", "/events"))
            read.append(stream.iter_text())
            assert next(read[-1])
            return int(stream.status_code)

        assert [opens(anna) for _ in range(STREAMS + 1)] == [200] * STREAMS + [429]
        assert opens(bea) == 200
