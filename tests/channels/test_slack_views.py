"""Forms and reasons in Slack's modals: same fields, same readers, nothing typed is lost, nothing forged is taken."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from slack_blocks import checked_view
from slack_elements import HOLDS, client_refuses, state_of

from bot.channels import slack_forms, slack_reasons
from bot.channels.slack_views import Views
from bot.channels.tokens import Tokens
from bot.demo import Person, Story
from bot.settings import Settings
from bot.settings import load as load_settings
from bot.wiring import House, opened
from bot.words import Catalogs
from bot.writer import Overloaded
from conversations.countries.specimens import example_answers
from conversations.interview.forms import Entry, Form, form
from conversations.model import Event, Kind, Registration, Role, Status, Text
from rules.book import load

KEYS = ("a key that is only for tests",)
SAMPLE = "FRESHBAKERY: your order 4711 is ready for collection."
STATIC = {"static_select", "radio_buttons", "checkboxes", "multi_static_select"}


@dataclass
class Window:
    """A modal, or a Home tab, as its reader has it open."""

    id: str
    user: str
    view: dict[str, Any]
    hash: str
    numbers: Any
    state: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = state_of(self.inputs, self.state)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        return [block for block in self.view["blocks"] if block["type"] == "input"]

    @property
    def names(self) -> list[str]:
        return [block["block_id"] for block in self.inputs]

    @property
    def text(self) -> str:
        return json.dumps(self.view, ensure_ascii=False)

    def element(self, name: str) -> dict[str, Any]:
        return dict(next(block for block in self.inputs if block["block_id"] == name)["element"])

    def enters(self, name: str, value: Any) -> None:
        """Type a text, or choose by value, or choose files."""
        element = self.element(name)
        kind, held = element["type"], HOLDS[element["type"]]
        options = [one for group in element.get("option_groups", [element]) for one in group.get("options", [])]
        if kind in STATIC:
            wanted = [value] if isinstance(value, str) else value
            chosen = [one for one in options if one["value"] in wanted]
            assert len(chosen) == len(wanted), f"{name}: {value} among {[one['value'] for one in options]}"
            value = chosen if held == "selected_options" else chosen[0]
        elif kind == "external_select":
            value = {"text": {"type": "plain_text", "text": value}, "value": value}
        entered = {"type": kind, held: value}
        block = next(block for block in self.inputs if block["block_id"] == name)
        assert not client_refuses(block, element, entered), name
        self.state[name] = {element["action_id"]: entered}

    def payload(self, kind: str, **more: Any) -> dict[str, Any]:
        view = copy.deepcopy(self.view)
        view |= {"id": self.id, "hash": self.hash, "state": {"values": copy.deepcopy(self.state)}}
        trigger = {} if kind == "view_closed" else {"trigger_id": f"tr.{next(self.numbers)}"}
        return {"type": kind, "user": {"id": self.user}, "team": {"id": "T1"}, "view": view, **trigger, **more}


class Client:
    """What slack_sdk's client does with views, and refuses."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.homes: dict[str, Window] = {}
        self.complaints: list[str] = []
        self.fails = False
        self.numbers = itertools.count(1)

    def shows(self, view: dict[str, Any], user: str, kind: str = "modal") -> Window:
        checked_view(view, self.complaints.append, kind)
        return Window(f"V{next(self.numbers)}", user, view, f"h{next(self.numbers)}", self.numbers)

    async def views_open(self, *, trigger_id: str, view: dict[str, Any]) -> None:
        if self.fails:
            raise RuntimeError("expired_trigger_id")
        self.windows.append(self.shows(view, trigger_id.partition("-")[2]))

    async def views_publish(self, *, user_id: str, view: dict[str, Any]) -> None:
        self.homes[user_id] = self.shows(view, user_id, "home")

    @property
    def top(self) -> Window:
        return self.windows[-1]


@dataclass
class Office:
    """A house, its views, and one customer with one chat."""

    house: House
    client: Client
    views: Views
    chat: str = "slack:T1:D1"
    principal: str = "slack:T1:U1"
    taken: list[Event] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.house.app.watch(lambda taken: self.taken.extend(one.event for one in taken))

    async def says(self, text: str, **more: Any) -> Any:
        app = self.house.app
        who = {"chat": self.chat, "principal": self.principal, "private": True, **more}
        event = Event(f"test:{next(self.numbers)}", Kind.TEXT, app.clock.now(), text=text, **who)
        return await app.take(event)

    async def starts(self, country: str) -> Registration:
        for text in ("hello", country, "start"):
            await self.says(text)
        return self.on

    @property
    def case(self) -> Any:
        return self.house.app.store.snapshot(self.chat)

    @property
    def on(self) -> Registration:
        found = self.case.on
        assert found is not None
        return found

    @property
    def kinds(self) -> list[Kind]:
        return [event.kind for event in self.taken]

    async def opens(self, about: int | str | None = None) -> Window:
        assert await self.views.open_form(f"tr-{self.user}", self.chat, self.principal, about) is None
        return self.client.top

    @property
    def user(self) -> str:
        return self.principal.rpartition(":")[2]

    async def submits(self, window: Window) -> Window | None:
        """Send it; the next step, when there is one, or the same with errors."""
        answer = await self.views.submitted(window.payload("view_submission"))
        assert answer is not None
        if answer["response_action"] == "errors":
            assert answer["errors"] and set(answer["errors"]) <= set(window.names)
            return replace(window, errors=answer["errors"])
        if answer["response_action"] == "update":
            checked_view(answer["view"], self.client.complaints.append, "modal")
            return replace(window, view=answer["view"], hash=f"h{next(self.numbers)}", state={}, errors={})
        assert answer == {"response_action": "clear"}
        return None

    def answer(self, name: str, names: str = "FRESHBAKERY\nFRESHCAKES") -> str:
        if name == "sender_ids":
            return names
        if name.startswith("sample:"):
            return SAMPLE
        value = example_answers(self.house.app.book.pack(self.on.country)).get(
            name, name == "sender_id_link_plain" or ""
        )
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value[0] if isinstance(value, list) else value)

    def fills(self, window: Window) -> None:
        for name in window.names:
            if name != slack_forms.FILES and (value := self.answer(name)):
                window.enters(name, value)


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[Office]:
    async with opened(settings) as house:
        client = Client()
        tokens = Tokens(KEYS)
        views = Views(house.app, house.catalogs, tokens, KEYS, client, quiet=0.02, public_url="https://desk.example")
        yield Office(house, client, views)
        await views.stop()
    assert client.complaints == []


def settings_in(folder: Path) -> Settings:
    return load_settings(
        database_url=f"sqlite:///{folder}/desk.db",
        files_url=f"file:{folder}/files",
        SECRET_KEYS="a key that is only for tests",
    )


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    async with at_work(settings) as opened_office:
        yield opened_office


# --- a form -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["GB", "TH", "SA", "AU", "SG", "KZ"])
async def test_every_question_is_an_input_that_slack_takes(office: Office, country: str) -> None:
    await office.starts(country)
    window = await office.opens()
    asked = form(office.case, office.house.app.book)
    assert asked is not None and window.names == [entry.name for entry in asked.entries]
    assert all(block["optional"] and block["dispatch_action"] for block in window.inputs)
    assert len(window.view["private_metadata"]) < 1000 and window.view["notify_on_close"]
    for entry, block in zip(asked.entries, window.inputs, strict=True):
        assert block["label"]["text"].endswith(" *") == entry.required
        assert block["element"]["type"] == {
            "boolean": "radio_buttons", "country": "external_select", "date": "datepicker",
            "choice": "radio_buttons" if len(entry.choices) <= 5 else "static_select",
        }.get(entry.kind, "plain_text_input")  # fmt: skip


async def test_a_whole_registration_by_forms_alone(office: Office) -> None:
    registration = await office.starts("TH")
    window: Window | None = await office.opens()
    steps = 0
    while window is not None:
        office.fills(window)
        following = await office.submits(window)
        assert following is None or not following.errors, following
        window, steps = following, steps + 1
    assert steps == 2  # the sender IDs bring the samples, and what their purpose brings
    now = office.on
    assert [name.text for name in now.sender_ids] == ["FRESHBAKERY", "FRESHCAKES"]
    assert all(name.samples == [SAMPLE] for name in now.sender_ids)
    left = form(office.case, office.house.app.book)
    needed = {entry.name for entry in left.entries if entry.required} if left else set()
    assert needed <= {"sender_id_link_plain"}  # asked anew of each sender ID
    assert now.reference == registration.reference and now.typed == {}
    assert office.kinds.count(Kind.FORM) == 2


async def test_what_is_wrong_stands_below_its_input_and_nothing_is_taken(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("contact_email", "nobody")
    window.enters("sender_ids", "GOODNAME\nTWELVELETTERS")
    again = await office.submits(window)
    assert again is not None and set(again.errors) == {"contact_email", "sender_ids"}
    assert "TWELVELETTERS" in again.errors["sender_ids"]
    assert office.on.sender_ids == [] and Kind.FORM not in office.kinds
    window.state, entered = {}, window.state
    await office.views.closed(window.payload("view_closed"))
    assert (await office.opens()).element("contact_email")["initial_value"] == "nobody"
    window.state = entered
    window.enters("contact_email", "anna@freshbakery.example")
    window.enters("sender_ids", "FRESHBAKERY")
    assert (await office.submits(window)) is not None  # the samples
    assert office.on.answers["contact_email"] == "anna@freshbakery.example"


async def test_what_is_left_empty_stays_missing_and_an_empty_form_just_closes(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    assert await office.submits(window) is None
    assert "company_name" not in office.on.answers
    assert not any(event.result.get("submitted") for event in office.taken if event.kind is Kind.FORM)


async def test_a_form_over_the_limits_goes_on_in_steps(office: Office) -> None:
    office.views._most = 7
    await office.starts("TH")
    window: Window | None = await office.opens()
    seen: list[str] = []
    while window is not None:
        assert 0 < len(window.names) <= 7 and not set(seen) & set(window.names)
        seen += window.names
        office.fills(window)
        window = await office.submits(window)
    assert len(seen) > 14
    assert len(office.on.sender_ids) == 2


def test_a_step_is_never_larger_than_slack_takes() -> None:
    long = [Entry(f"field{n}", "x" * 900, "text", "y" * 1900, value="ö" * 2900, longest=3000) for n in range(60)]
    asked = Form("TH-AAAA", "TH", tuple(long))
    book = load()
    words = Catalogs.load(book, strict=True).words()
    seen: list[str] = []
    while (now := slack_forms.step(asked, False, seen)) is not None:
        seen += [slack_forms.short(entry.name) for entry in now.entries]
        complaints: list[str] = []
        checked_view(slack_forms.view(now, words, book, ""), complaints.append, "modal")
        assert complaints == []
    assert len(seen) == 60


def test_the_longest_of_everything_is_cut_and_said_in_full_elsewhere() -> None:
    book = load()
    words = Catalogs.load(book, strict=True).words()
    many = tuple((f"value{n}", f"label {n} " + "long " * 40) for n in range(12))
    entries = (
        Entry("one", "Q" * 3000, "choice", "h" * 3000, "p" * 300, value="value3", choices=many, required=True),
        Entry("two", "Q", "choice", choices=tuple((str(n), str(n)) for n in range(300)), value="7"),
        Entry("three", "Q", "text", value="\ud83d broken", longest=5),
        Entry("four", "Q", "date", value="31 December"),
        Entry("five", "Q", "country", value="Norway"),
        Entry("six", "Q", "choice", choices=(("x" * 80, "A"), ("b", "B"))),
    )
    now = slack_forms.step(Form("TH-AAAA", "TH", entries), files=True)
    assert now is not None
    view = slack_forms.view(now, words, book, "")
    checked_view(view, lambda _: None, "modal")
    window = Window("V1", "U1", view, "h", itertools.count(1))
    assert window.element("one")["initial_option"]["value"] == "value3"
    assert window.element("two")["type"] == "plain_text_input" and window.element("two")["initial_value"] == "7"
    assert window.element("four")["initial_value"] == "31 December"
    assert window.element("five")["initial_option"]["value"] == "NO"
    assert [one["value"] for one in window.element("six")["options"]] == ["1", "b"]
    assert window.names[-1] == slack_forms.FILES


# --- what was typed -----------------------------------------------------------------------------------------------


async def test_what_was_typed_is_kept_when_the_form_closes_and_shown_again(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    for text in ("F", "Fr", "Fresh Bakery GmbH"):  # every character is told
        window.enters("company_name", text)
        await office.views.changed(window.payload("block_actions", actions=[{"action_id": "answer"}]))
    window.enters("message_type", "transactional")
    await office.views.changed(window.payload("block_actions", actions=[{"action_id": "answer"}]))
    window.state = {}  # Slack does not promise to say it again
    await office.views.closed(window.payload("view_closed"))
    assert office.kinds.count(Kind.FORM) == 1
    assert "company_name" not in office.on.answers
    again = await office.opens()
    assert again.element("company_name")["initial_value"] == "Fresh Bakery GmbH"
    assert again.element("message_type")["initial_option"]["value"] == "transactional"


async def test_what_was_typed_is_kept_after_a_while_and_by_what_a_closing_form_says(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("company_name", "Fresh Bakery")
    await office.views.changed(window.payload("block_actions", actions=[{"action_id": "answer"}]))
    async with asyncio.timeout(5):
        while not office.on.typed:
            await asyncio.sleep(0.01)
    window.enters("company_name", "Fresh Bakery GmbH")
    await office.views.closed(window.payload("view_closed"))
    assert office.on.typed["company_name"] == "Fresh Bakery GmbH"


async def test_what_comes_late_does_not_bring_back_what_was_submitted(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("company_name", "Fresh Bakery")
    late = window.payload("block_actions", actions=[{"action_id": "answer"}])
    await office.submits(window)
    await office.views.changed(late)
    await office.views.stop()
    assert office.on.typed == {} and office.on.answers["company_name"] == "Fresh Bakery"


# --- refused ------------------------------------------------------------------------------------------------------


async def _told(office: Office, payload: dict[str, Any]) -> str:
    answer = await office.views.submitted(payload)
    assert answer is not None and answer["response_action"] == "update"
    checked_view(answer["view"], office.client.complaints.append, "modal")
    return str(answer["view"]["blocks"][0]["text"]["text"])


async def test_a_forged_or_borrowed_form_is_refused(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("company_name", "Fresh Bakery")
    forged = window.payload("view_submission")
    forged["view"]["private_metadata"] += "x"
    borrowed = window.payload("view_submission") | {"user": {"id": "U2"}}
    for payload in (forged, borrowed):
        assert "not good any more" in await _told(office, payload)
        await office.views.changed(payload)
        await office.views.closed(payload)
    await office.views.stop()
    assert Kind.FORM not in office.kinds


async def test_nobody_opens_anothers_registration(office: Office) -> None:
    registration = await office.starts("TH")
    other = "slack:T1:D2", "slack:T1:U2"
    await office.says("hello", chat=other[0], principal=other[1])
    for about in (registration.id, registration.reference, None):
        assert await office.views.open_form("tr-U2", *other, about) == Text("form_nothing")
    assert office.client.windows == []


async def test_a_trigger_that_expired_is_said(office: Office) -> None:
    await office.starts("TH")
    office.client.fails = True
    assert await office.views.open_form("tr-U1", office.chat, office.principal) == Text("form_not_opened")


async def test_a_submission_delivered_twice_counts_once(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("sender_ids", "FRESHBAKERY")
    payload = window.payload("view_submission")
    first, second = await office.views.submitted(payload), await office.views.submitted(payload)
    assert (
        first is not None and second is not None and first["response_action"] == second["response_action"] == "update"
    )
    assert office.kinds.count(Kind.FORM) == 1 and len(office.on.sender_ids) == 1


async def test_too_much_at_once_is_said_in_the_form(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("company_name", "Fresh Bakery")

    async def full(*_: Any) -> None:
        raise Overloaded

    monkeypatch.setattr(office.house.app, "take_all", full)
    again = await office.submits(window)
    assert again is not None and "try again" in next(iter(again.errors.values()))


async def test_a_registration_that_went_on_is_said(office: Office) -> None:
    await office.starts("TH")
    window = await office.opens()
    window.enters("company_name", "Fresh Bakery")
    for text in ("cancel", "withdraw", "yes"):
        await office.says(text)
    assert "not open any more" in await _told(office, window.payload("view_submission"))


# --- papers -------------------------------------------------------------------------------------------------------


async def test_papers_are_sent_by_the_form_once_they_are_wanted(office: Office) -> None:
    customer = Person(office.house, "slack:T1", "D1")
    registration = await customer.registers(Story(0, "SA", "Najd Coffee", ("NAJDCOFFEE",), Status.DOCUMENTS_RENDERED))
    window = await office.opens(registration.id)
    assert window.names[-1] == slack_forms.FILES
    assert window.element(slack_forms.FILES) == {"type": "file_input", "action_id": "answer", "max_files": 10}
    files = [{"id": f"F{n}", "name": f"page{n}.jpg", "mimetype": "image/jpeg", "size": 1000 + n} for n in (1, 2)]
    window.enters(slack_forms.FILES, files)
    before = len(office.taken)
    assert await office.submits(window) is None
    sent = [event for event in office.taken[before:] if event.kind is Kind.FILES]
    assert [(file.ref, file.name, file.size, file.media_type) for file in sent[0].files] == [
        ("slack:T1:F1", "page1.jpg", 1001, "image/jpeg"), ("slack:T1:F2", "page2.jpg", 1002, "image/jpeg"),
    ]  # fmt: skip
    assert len(sent) == 1 and sent[0].chat == office.chat and sent[0].private


# --- reasons ------------------------------------------------------------------------------------------------------


@dataclass
class Case:
    office: Office
    reference: str
    staff: str = "slack:T1:U9"

    @property
    def registration(self) -> Registration:
        found = self.office.house.app.store.found(self.reference)
        assert found is not None
        return found.registration

    async def asks(self, value: str, principal: str | None = None) -> Window:
        said = await self.office.views.open_reasons("tr-U9", principal or self.staff, value)
        assert said is None, said
        return self.office.client.top


async def _comes_to_the_desk(settings: Settings) -> str:
    """A case with all its papers, under review, and two who may decide on it. Its reference."""
    async with at_work(settings) as office:
        app = office.house.app
        for chat, who in (("slack:T1:D9", "slack:T1:U9"), ("slack:T1:D8", "slack:T1:U8")):
            code = (await app.write(app.store.invite, Role.ADMIN, app.clock.now())).code
            await office.says(code, chat=chat, principal=who, person=f"Rita {who[-1]}")
        customer = Person(office.house, "web", "5" * 16)
        story = Story(0, "KE", "Savanna <Clinics>", ("SAVANNA", "SAVANNACARE"), Status.UNDER_REVIEW)
        registration = await customer.registers(story)
        await office.house.settled()
        return registration.reference


@pytest.fixture(scope="module")
def under_review(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a house with such a case, to be copied: its letters are drawn and its photos checked once."""
    folder = tmp_path_factory.mktemp("under_review")
    return folder, asyncio.run(_comes_to_the_desk(settings_in(folder)))


@pytest.fixture
async def case(under_review: tuple[Path, str], tmp_path: Path) -> AsyncIterator[Case]:
    folder, reference = under_review
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    async with at_work(settings_in(tmp_path)) as office:
        office.numbers = itertools.count(1000)  # those before are taken already
        yield Case(office, reference)


async def _takes(case: Case) -> None:
    await case.office.says(f"take {case.reference}", chat="slack:T1:D9", principal=case.staff)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("send back KE-AAAA", slack_reasons.Wanted("send_back", "KE-AAAA")),
        ("reject ke-aaaa", slack_reasons.Wanted("reject", "KE-AAAA")),
        ("refuse KE-AAAA", slack_reasons.Wanted("refuse", "KE-AAAA")),
        ("refuse KE-AAAA MY SHOP", slack_reasons.Wanted("refuse", "KE-AAAA", "MY SHOP")),
        ("reject KE-AAAA: fraud", None),
        ("approve KE-AAAA", None),
        ("take question 12", None),
    ],
)
def test_only_decisions_that_want_reasons_ask_for_them(value: str, wanted: slack_reasons.Wanted | None) -> None:
    assert slack_reasons.wanted(value) == wanted


async def test_a_case_is_sent_back_with_reasons_exactly_as_written(case: Case) -> None:
    await _takes(case)
    window = await case.asks(f"send back {case.reference}")
    assert "Savanna <Clinics>" in window.text
    window.enters(slack_reasons.READY, ["stamp", "signature"])
    window.enters(slack_reasons.OWN, "Page 1; the name differs: see <the extract>\n\n  Sign it  ")
    paper = next(one["value"] for one in window.element("touches")["option_groups"][0]["options"])
    window.enters(slack_reasons.TOUCHES, [paper, "field:company_name"])
    assert await case.office.submits(window) is None
    now = case.registration
    assert now.status is Status.NEEDS_CORRECTION
    assert now.reasons == ["signature", "stamp", "Page 1; the name differs: see <the extract>", "Sign it"]
    assert now.to_mend == ["company_name", paper.removeprefix("paper:")]


async def test_without_a_reason_nothing_is_decided(case: Case) -> None:
    await _takes(case)
    window = await case.asks(f"reject {case.reference}")
    again = await case.office.submits(window)
    assert again is not None and "at least one reason" in again.errors[slack_reasons.OWN]
    assert case.registration.status is Status.UNDER_REVIEW


async def test_one_sender_id_of_several_is_refused(case: Case) -> None:
    await _takes(case)
    window = await case.asks(f"refuse {case.reference}")
    assert [one["value"] for one in window.element("sender_id")["options"]] == ["SAVANNA", "SAVANNACARE"]
    window.enters(slack_reasons.OWN, "their name is another")
    again = await case.office.submits(window)
    assert again is not None and "which sender ID" in next(iter(again.errors.values()))
    window.enters("sender_id", "SAVANNACARE")
    said = await _told(case.office, window.payload("view_submission"))
    assert "SAVANNA" in said
    assert [name.outcome for name in case.registration.sender_ids] == [None, "refused"]

    window = await case.asks(f"refuse {case.reference} SAVANNA")
    assert "sender_id" not in window.names
    window.enters(slack_reasons.READY, "brand")
    assert "All sender IDs" in await _told(case.office, window.payload("view_submission"))


async def test_reasons_are_asked_of_whoever_holds_the_case_and_of_nobody_else(case: Case) -> None:
    ask: Callable[..., Any] = case.office.views.open_reasons
    value, about = f"refuse {case.reference}", {"reference": case.reference}
    assert await ask("tr-U1", "slack:T1:U1", value) == Text("desk_not_there")
    assert await ask("tr-U9", case.staff, "refuse KE-ZZZZ") == Text("desk_not_there")
    assert await ask("tr-U9", case.staff, value) == Text("desk_take_first", about)
    await _takes(case)
    assert await ask("tr-U8", "slack:T1:U8", value) == Text("desk_taken_by_another", about)
    window = await case.asks(value)
    window.enters(slack_reasons.READY, "brand")
    window.enters("sender_id", "SAVANNA")
    await case.office.says(f"take {case.reference}", chat="slack:T1:D8", principal="slack:T1:U8")
    again = await case.office.submits(window)
    assert again is not None and again.errors
    borrowed = window.payload("view_submission") | {"user": {"id": "U8"}}
    assert "not good any more" in await _told(case.office, borrowed)
    assert case.registration.sender_ids[0].outcome is None
