"""How the test server that stands for Slack brings things to the app: posts, sockets, tries, losses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_api import SlackApi
from slack_client import Hook, actions, bolt, client, on_socket
from slack_delivery import FORGERIES
from slack_hands import Person
from slack_views import TROUBLE


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with SlackApi() as api:
        yield api


@pytest.fixture
def anna(api: SlackApi) -> Person:
    return api.person("Anna")


@pytest.fixture
async def hook(api: SlackApi) -> AsyncIterator[Hook]:
    async with Hook(api) as hook:
        await asyncio.to_thread(api.deliver_http, hook.url)
        yield hook


async def waits(api: SlackApi, until: Callable[[SlackApi], Any]) -> Any:
    return await asyncio.to_thread(api.waits, until)


async def settled(api: SlackApi) -> None:
    """Everything is acknowledged, lost, or waits for its time."""
    await waits(api, lambda api: all(d.due > api.clock.now() and not d.under_way for d in api.deliveries.waiting))


async def tried(api: SlackApi, count: int) -> None:
    await waits(api, lambda api: len(api.deliveries.all[0].tries) == count)


async def reopened(api: SlackApi, count: int) -> None:
    """So many connections were made, and one is left."""
    await waits(api, lambda api: api.sockets.opened == count and api.connected == 1)


def texts(hook: Hook) -> list[str]:
    return [payload["event"]["text"] for _, payload in hook.got]


# --- posts


async def test_a_post_is_signed_and_acknowledged(api: SlackApi, anna: Person, hook: Hook) -> None:
    anna.types("hello")
    await waits(api, lambda api: api.deliveries.all[0].acknowledged)
    ((headers, payload),) = hook.got
    assert (
        payload["type"] == "event_callback" and payload["event"]["text"] == "hello" and payload["team_id"] == api.team
    )
    assert "x-slack-retry-num" not in headers and headers["user-agent"].startswith("Slackbot")
    assert not api.unacknowledged


async def test_forged_posts_are_what_a_verifier_refuses(api: SlackApi, hook: Hook) -> None:
    for how in FORGERIES:
        status, _ = await asyncio.to_thread(api.forged, how)
        assert status in (
            (400,) if FORGERIES[how][0] is not None or "bad timestamp" in how or "empty" in how else (401,)
        ), how
    assert not hook.got
    assert (await asyncio.to_thread(api.posts, b'{"type": "event_callback"}'))[0] == 200


async def test_a_url_without_the_challenge_is_not_taken(api: SlackApi) -> None:
    async def silent(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/", silent)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with pytest.raises(AssertionError, match="url_verification"):
        await asyncio.to_thread(api.deliver_http, f"http://127.0.0.1:{runner.addresses[0][1]}/")
    await runner.cleanup()


async def test_an_event_is_tried_three_times_again(api: SlackApi, anna: Person, hook: Hook) -> None:
    hook.answers = [web.Response(status=500) for _ in range(4)]
    anna.types("hello")
    for tries, seconds in [(2, 60), (3, 300), (4, 3600)]:
        await tried(api, tries)
        await settled(api)
        assert len(hook.got) == tries
        api.clock.passes(seconds)
    heads = [headers for headers, _ in hook.got]
    assert [head.get("x-slack-retry-num") for head in heads] == [None, "1", "2", "3"]
    assert {head.get("x-slack-retry-reason") for head in heads[1:]} == {"http_error"}
    assert len({payload["event_id"] for _, payload in hook.got}) == 1
    assert api.deliveries.all[0].lost and [str(d) for d in api.unacknowledged]


async def test_a_slow_answer_is_too_late(api: SlackApi, anna: Person, hook: Hook) -> None:
    assert api.http
    api.http.patience = 0.05
    hook.open.clear()
    anna.types("hello")
    await hook.called.wait()
    api.http.patience = 3  # for the next try
    await tried(api, 1)
    hook.open.set()
    await waits(api, lambda api: api.deliveries.all[0].acknowledged)
    assert hook.got[1][0]["x-slack-retry-reason"] == "http_timeout"
    assert api.retried == api.deliveries.all


async def test_no_retry_is_honoured(api: SlackApi, anna: Person, hook: Hook) -> None:
    hook.answers = [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})]
    anna.types("hello")
    await waits(api, lambda api: api.deliveries.all[0].lost)
    assert len(hook.got) == 1


async def test_a_press_is_not_tried_again(api: SlackApi, anna: Person, hook: Hook) -> None:
    api.app.events.clear()
    await client(api).chat_postMessage(channel=anna.dm, text="?", blocks=[actions("Go")])
    hook.answers = [web.Response(status=500)]
    anna.presses(None, "Go")
    await waits(api, lambda api: anna.errors == [TROUBLE])
    anna.presses(None, "Go")
    await waits(api, lambda api: len(hook.got) == 2)
    assert len({payload["trigger_id"] for _, payload in hook.got}) == 2


async def test_a_command_is_a_form(api: SlackApi, anna: Person, hook: Hook) -> None:
    hook.answers = [web.json_response({"text": "as you wish"})]
    anna.commands("/senderid", "list & more")
    await waits(api, lambda api: anna.answers)
    ((headers, fields),) = hook.got
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert (fields["command"], fields["text"], fields["user_id"]) == ("/senderid", "list & more", anna.id)
    assert (anna.answers[0].text, anna.answers[0].ephemeral) == ("as you wish", True)


# --- what goes wrong


async def test_events_come_twice_or_only_the_second_time(api: SlackApi, anna: Person, hook: Hook) -> None:
    api.delivers_twice()
    anna.types("one")
    await waits(api, lambda api: not api.deliveries.waiting)
    api.drops_delivery()
    anna.types("two")
    await waits(api, lambda api: not api.deliveries.waiting)
    assert texts(hook) == ["one", "one", "two"]
    assert hook.got[2][0]["x-slack-retry-reason"] == "connection_failed"


async def test_events_come_in_another_order(api: SlackApi, anna: Person, hook: Hook) -> None:
    with api.shuffled():
        for number in range(5):
            anna.types(str(number))
        assert not hook.got
    await waits(api, lambda api: not api.deliveries.waiting)
    assert sorted(texts(hook)) == list("01234") != texts(hook)


async def test_what_is_missed_in_a_long_outage_is_in_the_history_alone(api: SlackApi, anna: Person, hook: Hook) -> None:
    with api.outage():
        anna.types("missed")
        anna.commands("/senderid")
        await waits(api, lambda api: anna.errors == ["/senderid failed"])
        api.clock.passes(400)
        late = anna.types("late")
    assert api.deliveries.all[0].lost
    api.clock.passes(60)
    await waits(api, lambda api: not api.deliveries.waiting)
    assert texts(hook) == ["late"]
    history = await client(api).conversations_history(channel=anna.dm)
    assert [(m["text"]) for m in history["messages"]] == ["late", "missed"] and history["messages"][0]["ts"] == late


async def test_chance_is_the_same_with_the_same_seed() -> None:
    runs = []
    for _ in range(2):
        with SlackApi(seed=7) as api:
            fault = api.fails("auth.test", "internal_error", times=None, chance=0.5)
            for _ in range(20):
                async with aiohttp.ClientSession() as http, http.post(f"{api.base_url}auth.test", headers={"Authorization": f"Bearer {api.bot_token}"}):  # fmt: skip
                    pass
            runs.append([call.error for call in api.log])
            assert 0 < fault.hits < 20
    assert runs[0] == runs[1]


# --- Socket Mode


async def raw_socket(api: SlackApi, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    url = (await client(api, "").apps_connections_open(app_token=api.app_token))["url"]
    socket = await http.ws_connect(url)
    assert (await socket.receive_json())["type"] == "hello"
    return socket


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


async def test_an_event_comes_in_an_envelope_until_it_is_acknowledged(api: SlackApi, anna: Person, http: aiohttp.ClientSession) -> None:  # fmt: skip
    api.sockets.patience = 0.05
    socket = await raw_socket(api, http)
    anna.types("hello")
    first = await socket.receive_json()
    api.sockets.patience = 3  # for the next try
    assert (first["type"], first["accepts_response_payload"], first["retry_attempt"]) == ("events_api", False, 0)
    again = await socket.receive_json()
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")
    assert again["payload"] == first["payload"] and again["envelope_id"] != first["envelope_id"]
    await socket.send_json({"envelope_id": again["envelope_id"]})
    await waits(api, lambda api: api.deliveries.all[0].acknowledged)
    assert not api.complaints
    await socket.send_json({"envelope_id": "unknown"})
    await waits(api, lambda api: api.complaints)


async def test_a_ticket_is_good_for_one_connection(api: SlackApi, http: aiohttp.ClientSession) -> None:
    url = (await client(api, "").apps_connections_open(app_token=api.app_token))["url"]
    async with http.ws_connect(url):
        pass
    for wrong in (url, url.replace("ticket=", "ticket=x")):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(wrong)
    with pytest.raises(Exception, match="not_allowed_token_type"):
        await client(api, "").apps_connections_open(app_token=api.bot_token)


async def test_a_payload_goes_to_one_of_several_connections(api: SlackApi, anna: Person, http: aiohttp.ClientSession) -> None:  # fmt: skip
    sockets = [await raw_socket(api, http) for _ in range(3)]
    got: list[list[str]] = [[], [], []]

    async def takes(place: int) -> None:
        async for message in sockets[place]:
            envelope = message.json()
            got[place].append(envelope["payload"]["event"]["text"])
            await sockets[place].send_json({"envelope_id": envelope["envelope_id"]})

    tasks = [asyncio.create_task(takes(place)) for place in range(3)]
    for number in range(12):
        anna.types(str(number))
    await waits(api, lambda api: not api.deliveries.waiting)
    assert sorted((text for texts in got for text in texts), key=int) == [str(number) for number in range(12)] and all(
        got
    )
    for task in tasks:
        task.cancel()


async def test_ten_connections_are_the_most(api: SlackApi, http: aiohttp.ClientSession) -> None:
    api.pace.off()
    sockets = [await raw_socket(api, http) for _ in range(10)]
    url = (await client(api, "").apps_connections_open(app_token=api.app_token))["url"]
    socket = await http.ws_connect(url)
    assert (await socket.receive_json())["reason"] == "too_many_websockets"
    assert (await socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert api.connected == len(sockets)


async def test_a_client_follows_a_refresh_and_survives_a_break(api: SlackApi, anna: Person) -> None:
    app, heard = bolt(api), asyncio.Queue[str]()

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.put_nowait(event["text"])

    async with on_socket(api, app):
        anna.types("before")
        assert await heard.get() == "before"
        for reason, opened in (("refresh_requested", 2), ("warning", 3)):
            await asyncio.to_thread(api.refreshes_sockets, reason)
            anna.types(reason)
            assert await heard.get() == reason
            await reopened(api, opened)
        await waits(api, lambda api: not api.unacknowledged)  # it was heard before its acknowledgement is there
    assert not api.complaints


async def test_without_a_connection_an_event_waits_for_its_next_try(api: SlackApi, anna: Person, http: aiohttp.ClientSession) -> None:  # fmt: skip
    first = await raw_socket(api, http)
    await asyncio.to_thread(api.drops_sockets)
    await waits(api, lambda api: api.connected == 0)
    anna.types("hello")
    await settled(api)
    assert (await first.receive()).type is not aiohttp.WSMsgType.TEXT
    socket = await raw_socket(api, http)
    api.clock.passes(60)
    envelope = await socket.receive_json()
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (2, "connection_failed")


async def test_what_no_listener_takes_is_not_acknowledged(api: SlackApi, anna: Person) -> None:
    async with on_socket(api, bolt(api)):
        api.sockets.patience = 0.05
        anna.types("hello")
        await waits(api, lambda api: len(api.deliveries.all[0].tries) == 2)
        assert api.unacknowledged == api.deliveries.all
