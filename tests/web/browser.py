"""The real house behind a real server on loopback, and a real browser before it."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import uvicorn
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

from bot.metrics import Metrics
from bot.settings import Settings, load
from bot.web.render import Pages
from bot.web.server import make_app
from bot.web.web import Demo
from bot.wiring import House, opened
from conversations.model import Role

T = TypeVar("T")

PHONE = (360, 740)
WIDE = (1280, 860)
PATIENCE = 10_000  # milliseconds a page may take to show what is expected


@dataclass
class Served:
    """A running house. Calls into it go to its own thread's loop."""

    url: str
    house: House
    settings: Settings
    loop: asyncio.AbstractEventLoop

    def do(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(20)

    def write(self, call: Callable[..., T], *args: Any) -> T:
        """What a call of the store returns, after its commit."""
        return self.do(self.house.app.write(call, *args))

    def settled(self) -> None:
        """Wait until nothing is on its way: messages are out, jobs are done."""
        self.do(self.house.settled())

    def invitation(self, role: Role = Role.REVIEWER) -> str:
        """A code that binds whoever types it to the desk."""
        return self.write(self.house.app.store.invite, role, self.house.app.clock.now()).code


@contextmanager
def served(folder: Path, demo: Callable[[House], Demo] | None = None, **given: Any) -> Iterator[Served]:
    """The house with its database and files in `folder`, on a free port."""
    settings = load(
        database_url=f"sqlite:///{folder}/house.db", files_url=f"file:{folder}/files",
        SECRET_KEYS="a key that is for tests only", **given,
    )  # fmt: skip
    ready = threading.Event()
    found: list[Served] = []
    trouble: list[BaseException] = []
    stop: list[Callable[[], object]] = []

    async def serve() -> None:
        async with opened(settings) as house:
            pages = Pages(house.catalogs.words(), settings.default_locale)
            app = make_app(
                house.app, settings, house.page, pages, demo(house) if demo else None, Metrics(house).routes()
            )
            config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=3)
            server = uvicorn.Server(config)
            loop = asyncio.get_running_loop()

            def end() -> None:
                house.page.close()
                server.should_exit = True

            stop.append(partial(loop.call_soon_threadsafe, end))
            running = asyncio.create_task(server.serve())
            while not server.started and not running.done():
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            found.append(Served(f"http://127.0.0.1:{port}", house, settings, loop))
            ready.set()
            await running

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            trouble.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(60)
    if not found:
        raise RuntimeError("the house did not start") from (trouble[0] if trouble else None)
    try:
        yield found[0]
    finally:
        stop[0]()
        thread.join(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser: the system's when there is one, else the one Playwright brought."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def launch(playwright: Playwright) -> Browser:
    args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run"]  # fmt: skip
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=args)


@dataclass
class Screen:
    """One person at one browser, with what the browser complained of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def present_choices(self) -> Locator:
        return self.log.locator(".choices:not(.done) .choice:enabled")

    def go(self, path: str = "/") -> None:
        self.page.goto(self.url + path)

    def says(self, text: str) -> None:
        """Type a message and send it; back when its answer is shown."""
        before = self.answers()
        self.page.get_by_role("textbox", name="Message").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()
        self.answered(before)

    def presses(self, value: str) -> None:
        """Press the present question's button of that value; back when its answer is shown."""
        before = self.answers()
        self.log.locator(f'.choices:not(.done) .choice[value="{value}"]').last.click()
        self.answered(before)

    def attaches(self, *files: Path, text: str = "") -> None:
        before = self.answers()
        self.page.get_by_label("Attach", exact=True).set_input_files(list(files))
        if text:
            self.page.get_by_role("textbox", name="Message").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()
        self.answered(before)

    def answers(self) -> int:
        """How many messages of ours the page shows."""
        return self.log.locator(".theirs").count()

    def answered(self, before: int) -> None:
        expect(self.log.locator(".theirs").nth(before)).to_be_visible(timeout=PATIENCE)

    def last(self) -> str:
        """The text of our newest message."""
        return self.log.locator(".theirs .text").last.inner_text()

    def shoot(self, file: Path | str) -> None:
        """A picture of what is on the screen, for a person to look at."""
        self.page.wait_for_timeout(350)  # what moves has come to rest
        self.page.screenshot(path=str(file))


@contextmanager
def screen(
    browser: Browser, url: str, size: tuple[int, int] = WIDE, scheme: Literal["light", "dark"] = "light", **options: Any
) -> Iterator[Screen]:
    """A fresh browser profile with one page open. Leaving it fails when the page broke its policy or a script threw."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, is_mobile=size == PHONE,
        has_touch=size == PHONE, locale="en-GB", timezone_id="Europe/Berlin", reduced_motion="reduce", **options,
    )  # fmt: skip
    page = context.new_page()
    found = Screen(page, url)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("console", lambda line: found.complaints.append(line.text) if _is_bad(line.type, line.text) else None)
    yield found
    context.close()
    assert not found.complaints, found.complaints


def _is_bad(kind: str, text: str) -> bool:
    return kind == "error" and "Failed to load resource" not in text


def fits(page: Page) -> bool:
    """Whether nothing that is seen sticks out to the side; what scrolls sideways by design may."""
    return not page.evaluate(
        """(width) => [...document.querySelectorAll("body *")].filter((one) => {
          const { left, right } = one.getBoundingClientRect();
          return one.checkVisibility({ visibilityProperty: true }) && (right > width + 1 || left < -1)
            && !one.closest(".tabs, .viewer-stage, .skip, .unseen");
        }).map((one) => one.outerHTML.slice(0, 80))""",
        (page.viewport_size or {})["width"],
    )
