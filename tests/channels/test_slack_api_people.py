"""The people of the test server that stands for Slack: what the app is told of them, and what they see of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from PIL import Image
from slack_api import SlackApi
from slack_bolt.app.async_app import AsyncApp
from slack_client import (
    Hook,
    actions,
    bolt,
    button,
    client,
    menu,
    modal,
    on_socket,
    option,
    plain,
    question,
    refused,
    section,
)
from slack_delivery import Delivery
from slack_hands import Person
from slack_views import TROUBLE


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with SlackApi(events=["message.im", "message.channels", "app_home_opened", "app_mention"]) as api:
        api.app.scopes += ["channels:history"]
        yield api


@pytest.fixture
def anna(api: SlackApi) -> Person:
    return api.person("Anna")


@pytest.fixture
async def hook(api: SlackApi) -> AsyncIterator[Hook]:
    """An app that takes everything and says nothing."""
    async with Hook(api) as hook:
        await asyncio.to_thread(api.deliver_http, hook.url)
        yield hook


@pytest.fixture
def app(api: SlackApi) -> AsyncApp:
    return bolt(api)


async def waits(room: Any, until: Callable[[Any], Any]) -> Any:
    return await asyncio.to_thread(room.waits, until)


async def told(api: SlackApi, hook: Hook, count: int = 1) -> list[dict[str, Any]]:
    """The payloads the app got, once there are so many."""
    await waits(api, lambda api: len(hook.got) >= count)
    return [payload for _, payload in hook.got]


async def acknowledged(api: SlackApi, delivery: Delivery) -> None:
    await waits(api, lambda api: delivery.acknowledged)


# --- messages

TYPED = [
    ("acme.com", "<http://acme.com|acme.com>"),
    ("see https://acme.com/a?b=1&c=2.", "see <https://acme.com/a?b=1&amp;c=2>."),
    ("anna@acme.co.th", "<mailto:anna@acme.co.th|anna@acme.co.th>"),
    ("+66 81 234 5678", "<tel:+66812345678|+66 81 234 5678>"),
    ("M&S <Co>", "M&amp;S &lt;Co&gt;"),
    ("MY.BRAND", "MY.BRAND"),
    ("Shop.co", "<http://Shop.co|Shop.co>"),
    ("Sale 🎉", "Sale :tada:"),
    ("12345678", "12345678"),
]


async def test_what_she_types_is_decorated(api: SlackApi, anna: Person, hook: Hook) -> None:
    for typed, _ in TYPED:
        anna.types(typed)
    anna.types(raw="<exactly> & this")
    payloads = await told(api, hook, len(TYPED) + 1)
    assert {p["event"]["text"] for p in payloads} == {sent for _, sent in TYPED} | {"<exactly> & this"}
    assert [seen.text for seen in anna.sees[:-1]] == [typed for typed, _ in TYPED]
    event = next(p["event"] for p in payloads if "MY.BRAND" in p["event"]["text"])
    assert event["channel"] == anna.dm and event["channel_type"] == "im" and event["client_msg_id"]
    assert event["blocks"][0]["elements"][0]["elements"] == [{"type": "text", "text": "MY.BRAND"}]


async def test_edits_deletions_and_unfurls_come_hidden(api: SlackApi, anna: Person, hook: Hook) -> None:
    ts = anna.types("https://acme.com")
    anna.link_unfurls(ts)
    anna.edits(ts, "acme")
    anna.deletes(ts)
    payloads = await told(api, hook, 4)
    by_kind = {}
    for payload in payloads:
        event = payload["event"]
        by_kind[event.get("subtype"), "edited" in event.get("message", {})] = event
    unfurled, edited = by_kind["message_changed", False], by_kind["message_changed", True]
    assert unfurled["message"]["text"] == unfurled["previous_message"]["text"] and unfurled["message"]["attachments"]
    assert (edited["message"]["text"], edited["message"]["ts"], edited["hidden"]) == ("acme", ts, True)
    assert by_kind["message_deleted", False]["deleted_ts"] == ts
    assert not anna.sees


async def test_a_deleted_root_of_a_thread_leaves_a_tombstone(api: SlackApi, anna: Person, hook: Hook) -> None:
    root = anna.types("root")
    anna.types("reply", thread=root)
    anna.deletes(root)
    payloads = await told(api, hook, 3)
    reply = next(p["event"] for p in payloads if p["event"].get("text") == "reply")
    assert (reply["thread_ts"], reply["parent_user_id"]) == (root, anna.id)
    assert any(p["event"].get("message", {}).get("subtype") == "tombstone" for p in payloads)


async def test_the_bots_own_messages_come_back(api: SlackApi, anna: Person, hook: Hook) -> None:
    await client(api).chat_postMessage(channel=anna.dm, text="hello")
    (payload,) = await told(api, hook)
    assert payload["event"]["bot_id"] == api.app.bot_id and payload["event"]["user"] == api.bot_user
    assert payload["authorizations"][0]["user_id"] == api.bot_user


async def test_a_mention_in_a_channel_is_told_twice(api: SlackApi, anna: Person, hook: Hook) -> None:
    desk = api.channel("desk", [anna])
    ts = anna.mentions_bot("desk here", desk)
    payloads = await told(api, hook, 2)
    assert {(p["event"]["type"], p["event"]["ts"]) for p in payloads} == {("app_mention", ts), ("message", ts)}
    assert payloads[0]["event"]["text"] == f"<@{api.bot_user}> desk here"
    outside = api.channel("outside", [anna], bot=False)
    anna.types("nobody is told", outside)
    assert len(api.deliveries.all) == 2


async def test_a_stranger_is_of_another_workspace(api: SlackApi, hook: Hook) -> None:
    eve = api.person("Eve", stranger=True)
    eve.sends_files([("a.pdf", b"%PDF-1")])
    (payload,) = await told(api, hook)
    assert payload["is_ext_shared_channel"] and payload["event"]["user_team"] != api.team
    (file,) = payload["event"]["files"]
    assert file["file_access"] == "check_file_info" and "url_private" not in file
    assert (await client(api).files_info(file=file["id"]))["file"]["name"] == "a.pdf"


async def test_opening_the_app_is_told(api: SlackApi, anna: Person, hook: Hook) -> None:
    anna.opens_dm()
    anna.opens_home()
    payloads = await told(api, hook, 2)
    assert {p["event"]["tab"] for p in payloads} == {"messages", "home"}
    assert all("view" not in p["event"] for p in payloads)
    await client(api).views_publish(user_id=anna.id, view={"type": "home", "blocks": [actions("New")]})
    anna.opens_home()
    assert (await told(api, hook, 3))[-1]["event"]["view"]["blocks"][0]["elements"][0]["text"]["text"] == "New"
    anna.presses_home("New")
    pressed = (await told(api, hook, 4))[-1]
    assert (
        pressed["container"]["type"] == "view" and "response_url" not in pressed and pressed["view"]["type"] == "home"
    )


# --- files


async def test_files_are_given_only_for_the_token(api: SlackApi, anna: Person, hook: Hook) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    anna.sends_files([file.getvalue(), ("licence.pdf", b"%PDF-1")], "both & all")
    anna.sends_files([("drive.pdf", b"")], external=True)
    first, second = sorted((p["event"] for p in await told(api, hook, 2)), key=lambda event: event["ts"])
    assert first["subtype"] == "file_share" and first["text"] == "both &amp; all"
    assert [(f["name"], f["mimetype"], f["mode"]) for f in first["files"]] == [("image.jpg", "image/jpeg", "hosted"), ("licence.pdf", "application/pdf", "hosted")]  # fmt: skip
    assert second["files"][0]["is_external"] and "url_private_download" not in second["files"][0]

    async def get(token: str) -> tuple[str, bytes]:
        async with aiohttp.ClientSession() as http:
            url = first["files"][1]["url_private_download"]
            async with http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
                assert answer.status == 200
                return answer.content_type, await answer.read()

    assert await get(api.bot_token) == ("application/pdf", b"%PDF-1")
    assert (await get("xoxb-other"))[0] == "text/html"
    api.redirects_files("/elsewhere")
    async with (
        aiohttp.ClientSession() as http,
        http.get(first["files"][0]["url_private"], allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.headers["Location"]) == (302, "/elsewhere")
    api.redirects_files("")
    api.app.scopes.remove("files:read")
    assert (await get(api.bot_token))[0] == "text/html"
    api.app.scopes.append("files:read")
    anna.deletes_file("licence.pdf")
    assert (await get(api.bot_token))[0] == "text/html"


async def test_an_upload_makes_a_message_whose_ts_is_not_told(api: SlackApi, anna: Person) -> None:
    slack = client(api)
    answer = await slack.files_upload_v2(channel=anna.dm, file=b"%PDF-1", filename="letter.pdf", title="Letter", initial_comment="Sign *here*")  # fmt: skip
    assert answer["files"] == [{"id": answer["file"]["id"], "title": "Letter"}]
    (seen,) = anna.answers
    assert (seen.files, seen.text) == ([("letter.pdf", b"%PDF-1")], "Sign here")
    history = await slack.conversations_history(channel=anna.dm)
    assert history["messages"][0]["files"][0]["id"] == answer["file"]["id"]
    for channel, content, status, error in [
        (anna.id, b"abc", 200, "invalid_channel"),
        (anna.dm, b"four", 400, "file_not_found"),
    ]:
        url = await slack.files_getUploadURLExternal(filename="a.pdf", length=3)
        async with aiohttp.ClientSession() as http, http.post(url["upload_url"], data=content) as given:
            assert given.status == status
        with refused(error):
            await slack.files_completeUploadExternal(files=[{"id": url["file_id"]}], channel_id=channel)
    with refused("invalid_arguments"):
        await slack.files_getUploadURLExternal(filename="a.pdf", length=0)


# --- buttons and menus


async def test_a_press_is_told_and_answered(api: SlackApi, anna: Person, app: AsyncApp) -> None:
    @app.action("yes")
    async def yes(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        await respond(text="Thanks", replace_original=True)

    async with on_socket(api, app):
        await client(api).chat_postMessage(channel=anna.dm, text="?", blocks=[section("Sure?"), actions("Yes", "No")])
        press = anna.presses(None, "Yes")
        assert press and press.payload["message"]["text"] == "?" and press.payload["channel"]["id"] == anna.dm
        assert press.payload["actions"][0]["value"] == "yes" and press.payload["actions"][0]["block_id"]
        await waits(anna, lambda anna: anna.answers[-1].text == "Thanks")
        assert anna.answers[-1].edited and not anna.errors
        assert not anna.answers[-1].labels
        with pytest.raises(AssertionError, match=r"no button \[Maybe\]"):
            anna.presses(None, "Maybe")


async def test_a_press_nobody_takes_tells_her_so(api: SlackApi, anna: Person, app: AsyncApp) -> None:
    await client(api).chat_postMessage(channel=anna.dm, text="?", blocks=[actions(button("Go", confirm={"title": plain("?"), "text": plain("?"), "confirm": plain("y"), "deny": plain("n")}))])  # fmt: skip
    assert anna.presses(None, "Go", confirms=False) is None
    anna.presses(None, "Go")
    await waits(anna, lambda anna: anna.errors == [TROUBLE])
    assert [delivery.name for delivery in api.unacknowledged if not delivery.is_event] == ["block_actions"]


async def test_a_menu_gives_the_option_chosen(api: SlackApi, anna: Person, hook: Hook) -> None:
    overflow = {"type": "overflow", "action_id": "more", "options": [option("Help"), option("Stop")]}
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": [option("One"), option("Two")]}
    api.app.events.remove("message.im")
    await client(api).chat_postMessage(
        channel=anna.dm, text="?", blocks=[section("Where?", accessory=menu("Kenya", "Thailand")), actions(overflow, boxes)]
    )  # fmt: skip
    (seen,) = anna.answers
    assert seen.menus["Choose"] == ["Kenya", "Thailand"]
    for choice in ("Thailand", "Help", "One", "Two", "One"):
        anna.selects(seen, choice)
    chosen = {}
    for payload in await told(api, hook, 5):
        (action,) = payload["actions"]
        chosen[action["action_ts"]] = action
    actions_in_order = [chosen[ts] for ts in sorted(chosen)]
    assert [a["selected_option"]["value"] for a in actions_in_order[:2]] == ["thailand", "help"]
    assert [[o["value"] for o in a["selected_options"]] for a in actions_in_order[2:]] == [
        ["one"],
        ["one", "two"],
        ["two"],
    ]


async def test_options_are_searched(api: SlackApi, anna: Person, app: AsyncApp) -> None:
    countries = ["Thailand", "Kenya", "Thuringia"]
    picked = asyncio.Event()

    @app.options("country")
    async def options(ack: Any, payload: Any) -> None:
        await ack(options=[option(c) for c in countries if c.lower().startswith(payload["value"])])

    @app.action("country")
    async def country(ack: Any, payload: Any) -> None:
        await ack()
        if payload["selected_option"]["value"] == "thailand":
            picked.set()

    element = {"type": "external_select", "action_id": "country", "min_query_length": 1}
    async with on_socket(api, app):
        await client(api).chat_postMessage(channel=anna.dm, text="?", blocks=[section("Where?", accessory=element)])
        (seen,) = anna.answers
        assert await asyncio.to_thread(anna.searches, seen, "") == []
        assert await asyncio.to_thread(anna.searches, seen, "th") == ["Thailand", "Thuringia"]
        anna.picks(seen, "Thailand")
        await asyncio.wait_for(picked.wait(), 5)


async def test_a_link_button_is_told_too(api: SlackApi, anna: Person, hook: Hook) -> None:
    await client(api).chat_postMessage(
        channel=anna.dm, text="?", blocks=[actions(button("Open", url="https://example.org"))]
    )
    assert anna.opens(anna.answers[0], "Open") == "https://example.org"
    payloads = await told(api, hook, 2)
    assert [p["actions"][0]["url"] for p in payloads if p["type"] == "block_actions"] == ["https://example.org"]


# --- modals


async def test_a_form_is_opened_filled_refused_and_taken(api: SlackApi, anna: Person, app: AsyncApp) -> None:
    names = []

    @app.shortcut("new")
    async def new(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(
            section("*Who* are you?"), question("Name"), question("Country", menu("Kenya", "Thailand")),
            question("Papers", {"type": "file_input", "action_id": "files"}, optional=True), callback_id="form", private_metadata="TH-4K7Q",
        ))  # fmt: skip

    @app.view("form")
    async def form(ack: Any, view: Any) -> None:
        names.append(name := view["state"]["values"]["name"]["value"]["value"])
        if name == "Anna":
            await ack(response_action="errors", errors={"name": "Another name, please."})
        elif name == "Loop":
            await ack(response_action="push", view=modal(section("deeper"), title=plain("Deeper")))
        else:
            await ack()

    async with on_socket(api, app):
        anna.shortcut("new")
        shown = await waits(anna, lambda anna: anna.modal)
        assert (shown.title, shown.text, shown.inputs) == (
            "A form",
            "Who are you?\nName\nCountry\nPapers",
            ["Name", "Country", "Papers"],
        )
        assert shown.private_metadata == "TH-4K7Q"
        assert await asyncio.to_thread(anna.submits) == dict.fromkeys(
            ["Name", "Country"], "Please complete this required field."
        )
        anna.fills("Name", "Anna")
        anna.fills("Country", "Thailand")
        anna.fills("Papers", [("licence.pdf", b"%PDF-1")])
        with pytest.raises(AssertionError, match="no option 'Norway'"):
            anna.fills("Country", "Norway")
        assert await asyncio.to_thread(anna.submits) == {"Name": "Another name, please."}
        assert anna.modal and anna.modal.values == {"Name": "Anna", "Country": "Thailand", "Papers": ["licence.pdf"]}
        anna.fills("Name", "Loop")
        assert await asyncio.to_thread(anna.submits) is None
        assert (anna.modals, anna.modal.title) == (2, "Deeper")
        anna.closes()
        anna.fills("Name", "Bob")
        assert await asyncio.to_thread(anna.submits) is None
        assert anna.modal is None and names == ["Anna", "Loop", "Bob"]
    assert not api.complaints


async def test_a_useless_answer_to_a_form_is_a_complaint(api: SlackApi, anna: Person, app: AsyncApp) -> None:
    @app.view("")
    async def form(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "?"})

    slack = client(api)
    async with on_socket(api, app):
        await slack.views_open(trigger_id=api.world.new_trigger(anna.user), view=modal(question("Name", optional=True)))
        assert await asyncio.to_thread(anna.submits) == {"": TROUBLE}
    assert "blocks that are no inputs: nowhere" in api.complaints[0]


async def test_modals_lie_on_each_other_three_deep(api: SlackApi, anna: Person, hook: Hook) -> None:
    slack = client(api)
    await slack.views_open(
        trigger_id=api.world.new_trigger(anna.user), view=modal(actions("Next"), notify_on_close=True)
    )
    for depth in (2, 3, 4):
        press = anna.presses(anna.modal, "Next")
        assert press
        await acknowledged(api, press)
        call = slack.views_push(trigger_id=press.payload["trigger_id"], view=modal(actions("Next")))
        if depth < 4:
            assert (await call)["view"]["previous_view_id"]
        else:
            with refused("push_limit_reached"):
                await call
    assert anna.modals == 3
    with refused("not_found"):
        await slack.views_push(trigger_id=api.world.new_trigger(anna.user), view=modal())
    anna.closes(all=True)
    closed = (await told(api, hook, 4))[-1]
    assert (closed["type"], closed["is_cleared"]) == ("view_closed", True)


async def test_what_she_has_entered_outlives_an_update(api: SlackApi, anna: Person, hook: Hook) -> None:
    slack = client(api)
    view = (await slack.views_open(trigger_id=api.world.new_trigger(anna.user), view=modal(question("Name"))))["view"]
    anna.fills("Name", "Anna")
    await slack.views_update(
        view_id=view["id"], hash=view["hash"], view=modal(section("Loaded"), question("Name"), question("More"))
    )
    assert anna.modal and anna.modal.values == {"Name": "Anna", "More": None}
    with refused("hash_conflict"):
        await slack.views_update(view_id=view["id"], hash=view["hash"], view=modal())


# --- commands


async def test_a_command_is_answered_to_her_alone(api: SlackApi, anna: Person, app: AsyncApp) -> None:
    @app.command("/senderid")
    async def command(ack: Any, payload: Any, respond: Any) -> None:
        await ack(text=f"looking for {payload['text']}")
        for number in range(6):
            await respond(f"answer {number}")

    desk = api.channel("desk", [anna])
    async with on_socket(api, app):
        anna.commands("/senderid", "status", desk)
        await waits(api, lambda api: len(api.calls("response_url")) == 6 and api.deliveries.all[-1].acknowledged)
    assert {seen.text for seen in anna.sees_in(desk)} == {
        "looking for status",
        *(f"answer {number}" for number in range(5)),
    }
    assert all(seen.ephemeral for seen in anna.sees_in(desk)) and not desk.sees
    assert [call.status for call in api.calls("response_url")] == [200] * 5 + [404]
    with pytest.raises(AssertionError, match="for a command"):
        anna.types("/senderid status")
