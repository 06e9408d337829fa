"""The demonstration: a desk full of work, a link for a customer and one for the desk, signed photos without a printer.

Nothing is made up behind the scenes: made-up customers answer the assistant's questions through the App, on days past.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import typer

from bot import log as logs
from bot.channels.page import Page
from bot.clock import Clock
from bot.commands.asked import handlers
from bot.commands.run import PortTaken, serve_pages
from bot.control import listening
from bot.demo_papers import sample_files, unsigned_file
from bot.settings import Settings, load
from bot.wiring import House, opened
from conversations.countries.specimens import EXAMPLES, SENDER_ID, example_answers
from conversations.edition import pack_of
from conversations.model import Case, Event, IncomingFile, Kind, Registration, Role, Status, Step
from conversations.papers.wanted import papers

MOST_TURNS = 90  # of one made-up customer: more means that an example answer is not taken


@dataclass(frozen=True, slots=True)
class Story:
    """One made-up customer: when they came, what they want, how far they are, what the desk did."""

    days_ago: float
    country: str
    company: str
    names: tuple[str, ...]
    until: Status
    decision: str = ""  # of the desk, afterwards
    why: tuple[str, ...] = ()


STORIES = (
    Story(45, "AF", "Harbour Rowing Club", ("HARBOUR",), Status.DRAFT),  # expires on the way
    Story(30, "AF", "Kabul Fresh Market", ("KABULFRESH",), Status.UNDER_REVIEW, "approve"),
    Story(
        26,
        "AF",
        "Coral Dental",
        ("CORALDENT",),
        Status.UNDER_REVIEW,
        "reject",
        ("The extract shows another company name.",),
    ),
    Story(
        12, "GB", "Harbour Ferries", ("HARBOURFRY",), Status.UNDER_REVIEW, "send_back", ("Page 1 has no signature.",)
    ),
    Story(9, "AF", "Herat Logistics", ("HERATLOG",), Status.UNDER_REVIEW, "pass_on"),
    Story(8, "VN", "Lotus Travel", ("LOTUS",), Status.WITH_ACCOUNT_MANAGER),
    Story(6, "SG", "Merlion Books", ("MERLION",), Status.SELF_REGISTERING),
    Story(5, "KE", "Savanna Clinics", ("SAVANNA", "SAVANNACARE"), Status.UNDER_REVIEW),
    Story(3, "SA", "Najd Coffee", ("NAJDCOFFEE",), Status.DOCUMENTS_RENDERED),
    Story(2, "AU", "Billabong Vets", ("BILLABONG",), Status.DRAFT, "withdraw"),
    Story(1, "KH", "Angkor Stays", ("ANGKOR",), Status.WITH_ACCOUNT_MANAGER),
    Story(0.5, "GB", "Mill Lane Books", ("MILLBOOKS",), Status.DRAFT),
    Story(0.2, "AF", "Orchid Hotels", ("ORCHID",), Status.UNDER_REVIEW),
)
EXAMPLE = Story(0, "", EXAMPLES["company_name"], (SENDER_ID,), Status.DRAFT)  # who fills in for a visitor
QUESTIONS = frozenset({Step.ASKING, Step.SENDER_IDS, Step.SENDER_ID_DOUBT, Step.SAMPLES})  # what can be filled in


def serve(port: int) -> None:
    """Run the demonstration until stopped; everything in it is gone afterwards."""
    logs.to_stderr(quiet=True)
    try:
        _listen(port)
        with tempfile.TemporaryDirectory(prefix="senderdesk-demo-") as folder:
            asyncio.run(_serve(settings_for(Path(folder), port)))
    except PortTaken:
        other = port + 1 if port < 65535 else port - 1
        print(
            f"Port {port} is taken by another program. End that one (it may be `make run`), or choose another port:\n"
            f".venv/bin/python -m bot demo --port {other}",
            file=sys.stderr,
        )
        raise typer.Exit(2) from None


def _listen(port: int) -> None:
    """Try whether we could, before the desk is filled for half a minute.

    Raises:
        PortTaken: another program does.
    """
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken from error


def settings_for(folder: Path, port: int) -> Settings:
    """Settings of a demonstration: this computer only, a folder of its own."""
    return load(
        database_url=f"sqlite:///{folder}/demo.db", files_url=f"file:{folder}/files", http_host="127.0.0.1",
        http_port=port, public_url=None, rules_dir=None, given_keys=(secrets.token_urlsafe(32),),
        operator_name="Example Telecom", operator_address="1 Example Street, 1000 Example Town",
        support_contact="support@example.com", desk_chat=None, telegram_bot_token=None, telegram_mode="polling",
        slack_bot_token=None, slack_app_token=None, slack_signing_secret=None,
    )  # fmt: skip


async def _serve(settings: Settings) -> None:
    clock = Clock()
    async with opened(settings, clock) as house, listening(house, handlers()):
        print("Filling the desk with work, half a minute ...", file=sys.stderr)
        demo = Demo(house)
        await demo.fill(clock)
        await serve_pages(house, demo, when_up=lambda: _welcome(demo, settings.http_port))


def _welcome(demo: Demo, port: int) -> None:
    address = f"http://127.0.0.1:{port}/demo/"
    print(f"\nYou are the customer:  {address}{demo.link('customer')}")
    print(f"You are at the desk:   {address}{demo.link('desk')}")
    print("\nOpen them in two different browsers, or one in a private window. Each works once. Ctrl-C ends it.")
    sys.stdout.flush()


class Demo:
    """What the page asks of the demonstration."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._people = {"customer": secrets.token_hex(8), "desk": secrets.token_hex(8)}
        self._links: dict[str, str] = {}  # token -> visitor
        self._filled_in: set[str] = set()  # chats for which answers are being given just now

    def link(self, who: str) -> str:
        """A new one-time word that makes its browser this person."""
        token = secrets.token_urlsafe(18)
        self._links[token] = self._people[who]
        return token

    def visitor(self, token: str) -> str | None:
        """Whom the link makes you, or None when there is no such link or it was used. Spends nothing."""
        return self._links.get(token)

    def spend(self, token: str) -> str | None:
        """The same, and the link is used up."""
        return self._links.pop(token, None)

    async def sample(self, chat: str, *, signed: bool = True) -> list[tuple[str, bytes]]:
        """(file name, bytes) of what the chat is asked for: photos of missing pages, else a made-up paper.

        Not `signed`: one of a page that somebody forgot to sign, where there is one.
        """
        case = await asyncio.to_thread(self._house.app.store.snapshot, chat)
        registration = case.on if case else None
        if registration is None:
            return []
        made = unsigned_file if not signed else sample_files
        return await asyncio.to_thread(made, self._house, registration)

    def can_fill_in(self, case: Case | None) -> bool:
        """Whether the chat is asked what a made-up answer would do for."""
        return bool(case and case.on and case.conversation.state in QUESTIONS)

    async def fill_in(self, chat: str) -> None:
        """Answer what this chat is still asked with made-up data, up to the review, or as far as that is an answer."""
        if chat in self._filled_in:  # pressed twice
            return
        self._filled_in.add(chat)
        try:
            await Person(self._house, *chat.split(":", 1)).answers_the_rest()
        finally:
            self._filled_in.remove(chat)

    async def fill(self, clock: Clock) -> None:
        """Let every story happen on its day."""
        now = clock.now()
        desk = Person(self._house, Page.name, self._people["desk"])
        try:
            clock.set_to(now - timedelta(days=max(story.days_ago for story in STORIES), hours=1))
            app = self._house.app
            invitation = await app.write(app.store.invite, Role.ADMIN, clock.now())
            await desk.says(invitation.code, person="You")
            for story in STORIES:
                await self._pass_time(clock, now - timedelta(days=story.days_ago))
                customer = Person(self._house, Page.name, secrets.token_hex(8))
                registration = await customer.registers(story)
                if story.decision == "withdraw":
                    for word in ("cancel", "withdraw", "yes"):
                        await customer.says(word)
                elif story.decision:
                    clock.set_to(min(now, clock.now() + timedelta(hours=20)))
                    await desk.decides(registration, story.decision, {"why": list(story.why)})
            await self._pass_time(clock, now)
        finally:
            clock.set_to(None)
            self._house.ring()

    async def _pass_time(self, clock: Clock, until: datetime) -> None:
        """Go on day by day, so that reminders are said on their days and what nobody answers expires."""
        while clock.now() < until:
            clock.set_to(min(until, clock.now() + timedelta(days=1)))
            self._house.ring()
            await self._house.settled()


class Person:
    """A made-up customer or staff member, who acts through the App like any other."""

    def __init__(self, house: House, channel: str, id: str) -> None:
        self._house = house
        self.chat = f"{channel}:{id}"

    async def says(self, text: str, **more: Any) -> None:
        await self._takes(kind=Kind.TEXT, text=text, **more)

    async def decides(self, registration: Registration, name: str, values: Mapping[str, Any]) -> None:
        await self._takes(kind=Kind.DESK, chat=None, registration=registration.id, name=name, result=values)

    async def sends(self, files: list[tuple[str, bytes]]) -> None:
        store = self._house.app.files
        kept = []
        for name, data in files:
            key = await asyncio.to_thread(store.put, "incoming", data)
            kept.append(IncomingFile(f"stored:{key}", name, len(data), "image/jpeg", as_photo=True))
        await self._takes(kind=Kind.FILES, files=tuple(kept))

    async def _takes(self, **values: Any) -> None:
        app = self._house.app
        id = secrets.token_hex(12)
        common = {"chat": self.chat, "principal": self.chat, "message": id}
        await app.take(Event(id=f"demo:{id}", at=app.clock.now(), **{**common, **values}))
        await self._house.settled()

    def _case(self) -> Case | None:
        return self._house.app.store.snapshot(self.chat)

    async def registers(self, story: Story) -> Registration:
        """Go through the dialogue until the registration is where the story wants it.

        Raises:
            RuntimeError: an example answer is not taken, so that the dialogue does not move.
        """
        for _ in range(MOST_TURNS):
            case = self._case()
            registration = case.on if case else None
            if registration and registration.status == story.until and story.until != Status.DRAFT:
                return registration
            if case and registration and story.until == Status.DRAFT and registration.answers.get("company_name"):
                return registration
            await self._answers(case, registration, story)
        raise RuntimeError(f"{story.country}: still {case and case.conversation.state} after {MOST_TURNS} turns")

    async def answers_the_rest(self) -> None:
        """Give made-up answers for as long as there are questions and the dialogue takes them."""
        before = None
        for _ in range(MOST_TURNS):
            case = await asyncio.to_thread(self._case)
            registration = case.on if case else None
            if case is None or registration is None or case.conversation.state not in QUESTIONS:
                return
            names = [(name.text, len(name.samples), name.sampled) for name in registration.sender_ids]
            now = (registration.id, case.conversation.state, case.conversation.cursor.field, names)
            if now == before:
                return  # what was said is no answer here
            before = now
            await self._answers(case, registration, EXAMPLE)

    async def _answers(self, case: Case | None, registration: Registration | None, story: Story) -> None:
        step = case.conversation.state if case else Step.NEW
        if registration and step in (Step.DOCUMENTS, Step.PLACING):
            return await self._hands_in(registration, step)
        await self.says(self._word(case, registration, step, story))

    def _word(self, case: Case | None, registration: Registration | None, step: Step, story: Story) -> str:
        book = self._house.app.book
        if step is Step.ASKING and case and registration:
            name = case.conversation.cursor.field or ""
            if name == "company_name":
                return story.company
            value = example_answers(pack_of(registration, book)).get(name, "Example")
            return (
                ("yes" if value else "no")
                if isinstance(value, bool)
                else str(value[0] if isinstance(value, list) else value)
            )
        if step is Step.SENDER_IDS and registration:
            given = [name.text for name in registration.sender_ids]
            return next((name for name in story.names if name not in given), "done")
        if step is Step.SAMPLES and registration:
            open_names = [name for name in registration.sender_ids if not name.sampled]
            if open_names and open_names[0].samples:
                return "done"
            return f"{story.company}: your order 1234 is ready for collection until 18:00 today."
        words = {
            Step.NEW: "/start", Step.COUNTRY: book.country_name(story.country), Step.WHICH_COUNTRY: story.country,
            Step.BRIEFING: "start", Step.SENDER_ID_DOUBT: "keep", Step.REVIEW: "submit", Step.PREVIEW: "yes",
            Step.REGISTRY: "later",
        }  # fmt: skip
        return words.get(step, "continue")

    async def _hands_in(self, registration: Registration, step: Step) -> None:
        book = self._house.app.book
        needed = papers(registration, pack_of(registration, book), book.templates)
        missing = [item for item in needed.items if item.slot.required and not item.done]
        if step is Step.PLACING:
            await self.says(next(item.slot.key for item in missing if not item.slot.ours))
        elif missing:
            await self.sends(await asyncio.to_thread(sample_files, self._house, registration))
        else:
            await self.says("submit")
