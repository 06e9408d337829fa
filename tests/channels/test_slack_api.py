"""The test server that stands for Slack, seen through slack_sdk: its Web API refuses what Slack refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from slack_api import SlackApi
from slack_client import Block, actions, button, client, menu, modal, option, plain, question, refused, section
from slack_hands import Person
from slack_people import Seen
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with SlackApi() as api:
        yield api


@pytest.fixture
def anna(api: SlackApi) -> Person:
    return api.person("Anna")


@pytest.fixture
async def slack(api: SlackApi) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        web = client(api)
        web.session = session
        yield web


async def raw(api: SlackApi, method: str, token: str | None = "", **sent: Any) -> dict[str, Any]:
    headers = {} if token is None else {"Authorization": f"Bearer {token or api.bot_token}"}
    async with aiohttp.ClientSession() as http, http.post(api.base_url + method, json=sent, headers=headers) as answer:
        return dict(await answer.json())


async def said(slack: AsyncWebClient, anna: Person, text: str = "", **more: Any) -> Seen:
    """Post to Anna and return what she sees."""
    await slack.chat_postMessage(channel=anna.dm, text=text, **more)
    return anna.answers[-1]


# --- tokens, scopes, methods


async def test_a_token_is_known_or_not(api: SlackApi, slack: AsyncWebClient) -> None:
    me = await slack.auth_test()
    assert (me["user_id"], me["team_id"], me["bot_id"]) == (api.bot_user, api.team, api.app.bot_id)
    assert "im:history" in me.headers["x-oauth-scopes"]
    assert (await raw(api, "auth.test", None))["error"] == "not_authed"
    assert (await raw(api, "auth.test", "xoxb-other"))["error"] == "invalid_auth"
    with refused("not_allowed_token_type"):
        await slack.apps_connections_open(app_token=api.bot_token)
    with refused("not_allowed_token_type"):
        await client(api, api.app_token).auth_test()
    assert (await raw(api, "chat.meMessage")) == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.meMessage",
    }
    assert (await raw(api, "files.upload"))["error"] == "method_deprecated"
    assert api.complaints == ["no method chat.meMessage", "no method files.upload"]


async def test_an_uninstalled_app_is_dead(api: SlackApi, slack: AsyncWebClient) -> None:
    api.uninstalls()
    assert [delivery.name for delivery in api.deliveries.all] == ["tokens_revoked", "app_uninstalled"]
    with refused("account_inactive"):
        await slack.auth_test()


async def test_a_missing_scope_is_named() -> None:
    with SlackApi(scopes=["chat:write", "commands"]) as api:
        anna, slack = api.person("Anna"), client(api)
        desk = api.channel("desk", [anna])
        for call, needed in [
            (slack.conversations_history(channel=anna.dm), "im:history"),
            (slack.conversations_history(channel=desk.id), "channels:history"),
            (slack.users_info(user=anna.id), "users:read"),
            (slack.files_info(file="F1"), "files:read"),
            (slack.conversations_open(users=anna.id), "im:write"),
        ]:
            with pytest.raises(SlackApiError) as caught:
                await call
            assert caught.value.response["error"] == "missing_scope"
            assert caught.value.response["needed"] == needed
            assert caught.value.response["provided"] == "chat:write,commands"
        with refused("missing_scope"):
            await slack.chat_postMessage(channel=anna.dm, text="hi", username="Somebody")
        anna.types("hello")
        assert not api.deliveries.all  # without im:history nobody is told


async def test_what_slack_passes_over_in_silence_is_a_complaint(api: SlackApi, anna: Person) -> None:
    sent: list[dict[str, Any]] = [{"txt": "x"}, {"text": 7}, {"text": "x", "blocks": "[not json"}]
    for wrong in sent:
        assert (await raw(api, "chat.postMessage", channel=anna.dm, **wrong))["error"] == "invalid_arguments"
    assert len(api.complaints) == 3
    for odd in (
        {"text": "<b>bold</b>"}, {"text": "R&D"}, {"blocks": [section("no text beside")]}, {"text": "x" * 4001},
        {"text": "x", "link_names": True}, {"text": "x", "thread_ts": "1700000000.000001"}, {"text": "x", "attachments": [{"text": "old"}]},
    ):  # fmt: skip
        count = len(api.complaints)
        await raw(api, "chat.postMessage", channel=anna.dm, **odd)
        assert len(api.complaints) > count, odd


# --- messages


async def test_a_message_is_posted_changed_and_deleted(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    sent = await slack.chat_postMessage(channel=anna.id, text="*Hello* &amp; <https://example.org|welcome>")
    assert sent["channel"] == anna.dm
    seen = anna.answers[0]
    assert (seen.text, seen.links, seen.edited) == ("Hello & welcome", [("https://example.org", "welcome")], False)
    await slack.chat_update(channel=anna.dm, ts=sent["ts"], text="changed")
    assert (anna.answers[0].text, anna.answers[0].edited) == ("changed", True)
    with refused("channel_not_found"):
        await slack.chat_update(channel=anna.id, ts=sent["ts"], text="by the person's id")
    await slack.chat_delete(channel=anna.dm, ts=sent["ts"])
    assert not anna.answers
    for call in (
        slack.chat_update(channel=anna.dm, ts=sent["ts"], text="x"),
        slack.chat_delete(channel=anna.dm, ts=sent["ts"]),
    ):
        with refused("message_not_found"):
            await call


async def test_an_update_without_blocks_leaves_them_standing(anna: Person, slack: AsyncWebClient) -> None:
    seen = await said(slack, anna, "Which?", blocks=[section("Which?"), actions("A", "B")])
    await slack.chat_update(channel=anna.dm, ts=seen.ts, text="Thanks")
    assert (anna.answers[0].text, anna.answers[0].labels) == ("Which?", ["A", "B"])
    await slack.chat_update(channel=anna.dm, ts=seen.ts, text="Thanks", blocks=[])
    assert (anna.answers[0].text, anna.answers[0].labels) == ("Thanks", [])


async def test_where_the_bot_may_not_write(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    outside, private = api.channel("outside", [anna], bot=False), api.channel("secret", [anna], bot=False, private=True)
    archived = api.channel("archived", [anna])
    archived.is_archived()
    hers = anna.types("mine")
    for channel, error in [
        ("D0UNKNOWN", "channel_not_found"), ("#desk", "channel_not_found"), ("U0NOBODY", "channel_not_found"),
        (outside.id, "not_in_channel"), (private.id, "channel_not_found"), (archived.id, "is_archived"),
    ]:  # fmt: skip
        with refused(error):
            await slack.chat_postMessage(channel=channel, text="hi")
    with refused("cant_update_message"):
        await slack.chat_update(channel=anna.dm, ts=hers, text="yours")
    for nothing in ({}, {"text": "  "}, {"text": "", "blocks": []}):
        assert (await raw(api, "chat.postMessage", channel=anna.dm, **nothing))["error"] == "no_text"
    assert not api.complaints


async def test_only_she_sees_an_ephemeral_message(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    bob = api.person("Bob")
    desk = api.channel("desk", [anna, bob])
    sent = await slack.chat_postEphemeral(channel=desk.id, user=anna.id, text="psst")
    assert [seen.text for seen in anna.sees_in(desk)] == ["psst"]
    assert not bob.sees_in(desk) and not desk.sees
    with refused("message_not_found"):
        await slack.chat_update(channel=desk.id, ts=sent["message_ts"], text="louder")
    with refused("user_not_in_channel"):
        await slack.chat_postEphemeral(channel=desk.id, user=api.person("Eve").id, text="psst")


async def test_history_is_read_in_pages_with_metadata_on_demand(anna: Person, slack: AsyncWebClient) -> None:
    first = anna.types("0")
    await slack.chat_postMessage(
        channel=anna.dm, text="1", metadata={"event_type": "outbox", "event_payload": {"id": 7}}
    )
    for number in range(2, 6):
        anna.types(str(number))
    anna.types("in the thread", thread=first)
    newest = await slack.conversations_history(channel=anna.dm, limit=4)
    assert [m["text"] for m in newest["messages"]] == ["5", "4", "3", "2"]
    rest = await slack.conversations_history(channel=anna.dm, limit=4, cursor=newest["response_metadata"]["next_cursor"], include_all_metadata=True)  # fmt: skip
    assert [m["text"] for m in rest["messages"]] == ["1", "0"] and not rest["has_more"]
    assert rest["messages"][0]["metadata"]["event_payload"] == {"id": 7}
    assert rest["messages"][1]["reply_count"] == 1
    since = await slack.conversations_history(channel=anna.dm, oldest=first, limit=3)
    assert [m["text"] for m in since["messages"]] == ["3", "2", "1"] and "metadata" not in since["messages"][2]
    more = await slack.conversations_history(channel=anna.dm, oldest=first, limit=3, cursor=since["response_metadata"]["next_cursor"])  # fmt: skip
    assert [m["text"] for m in more["messages"]] == ["5", "4"]
    thread = await slack.conversations_replies(channel=anna.dm, ts=first)
    assert [m["text"] for m in thread["messages"]] == ["0", "in the thread"]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"cursor": "nonsense"}, "invalid_cursor"), ({"oldest": "now"}, "invalid_ts_oldest"),
        ({"limit": 1000}, "invalid_limit"),
    ]  # fmt: skip
    for params, error in wrong:
        with refused(error):
            await slack.conversations_history(channel=anna.dm, **params)


async def test_people_and_conversations_are_described(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    user = (await slack.users_info(user=anna.id, include_locale=True))["user"]
    assert (user["tz"], user["tz_offset"], user["locale"], user["is_restricted"]) == (
        "Asia/Bangkok",
        25200,
        "en-US",
        False,
    )
    assert (await slack.users_info(user=api.person("Guest", guest=True).id))["user"]["is_restricted"]
    stranger = (await slack.users_info(user=api.person("Eve", stranger=True).id))["user"]
    assert stranger["is_stranger"] and "tz" not in stranger and stranger["team_id"] != api.team
    with refused("user_not_found"):
        await slack.users_info(user="U0NOBODY")
    assert (await slack.conversations_open(users=anna.id))["channel"]["id"] == anna.dm
    assert (await slack.conversations_open(users=anna.id))["already_open"]
    assert (await slack.conversations_info(channel=anna.dm))["channel"]["user"] == anna.id
    assert (await slack.conversations_members(channel=anna.dm))["members"] == [anna.id, api.bot_user]
    assert [c["id"] for c in (await slack.conversations_list(types="im"))["channels"]] == [anna.dm]


# --- Block Kit

LONG_TEXTS = "x" * 3000
GOOD_BLOCKS: list[Block] = [
    section(LONG_TEXTS, block_id="b" * 255), {"type": "header", "text": plain("x" * 150)}, {"type": "divider"},
    {"type": "section", "fields": [plain("x" * 100)] * 10}, {"type": "context", "elements": [plain("x")] * 10},
    actions(*(button(str(number)) for number in range(25))), section("x", accessory=menu(*map(str, range(100)))),
    actions(button("x" * 75, value="x" * 2000, style="primary")), {"type": "markdown", "text": "**bold**"},
    question("Name"), section("x", accessory=menu("A", "B", initial_option=option("B"))),
    {"type": "input", "label": plain("Pick"), "element": {"type": "external_select", "action_id": "x", "min_query_length": 0}},
]  # fmt: skip
BAD_BLOCKS: list[tuple[list[Block], str]] = [
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([{"type": "section"}], "missing required field: text"),
    ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items allowed"),
    ([{"type": "section", "fields": [plain("x" * 2001)]}], "must be less than 2001 characters"),
    ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
    ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items allowed"),
    ([{"type": "context", "elements": [button("x")]}], "unsupported type: button"),
    ([actions(*(button(str(number)) for number in range(26)))], "no more than 25 items allowed"),
    ([actions("Same", "Same")], "`action_id` same already exists"),
    ([section("x", block_id="a"), section("y", block_id="a")], "`block_id` a already exists"),
    ([section("x", block_id="b" * 256)], "must be less than 256 characters"),
    ([actions(button("x" * 76))], "must be less than 76 characters"),
    ([actions(button("x", value="x" * 2001))], "must be less than 2001 characters"),
    ([actions(button("x", action_id="x" * 256))], "must be less than 256 characters"),
    ([actions(button("x", style="blue"))], "must be primary or danger"),
    ([section("x", accessory=menu(*map(str, range(101))))], "no more than 100 items allowed"),
    ([section("x", accessory=menu("A", options=[option("x" * 76, "x")]))], "must be less than 76 characters"),
    ([section("x", accessory=menu("A", options=[option("A", "x" * 151)]))], "must be less than 151 characters"),
    ([section("x", accessory=menu("A", placeholder=plain("x" * 151)))], "must be less than 151 characters"),
    ([section("x", accessory=menu("A", initial_option=option("B")))], "initial option must be one of the options"),
    ([section("x", accessory={"type": "static_select", "action_id": "a"})], "must have one of options and option_groups"),
    ([question("x", {"type": "file_input", "action_id": "a"})], "unsupported type: file_input"),
    ([question("x", {"type": "plain_text_input", "action_id": "a", "max_length": 3001})], "must be at most 3000"),
    ([{"type": "carousel"}], "unsupported type: carousel"),
]  # fmt: skip


async def test_blocks_within_the_limits_are_taken(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    for block in GOOD_BLOCKS:
        api.clock.passes(1)
        await slack.chat_postMessage(channel=anna.dm, text="x", blocks=[block])
    assert not api.complaints


@pytest.mark.parametrize("bad", BAD_BLOCKS, ids=lambda bad: bad[1][:40])
async def test_blocks_are_refused_with_a_pointer(api: SlackApi, anna: Person, slack: AsyncWebClient, bad: tuple[list[Block], str]) -> None:  # fmt: skip
    with refused("invalid_blocks", bad[1]):
        await slack.chat_postMessage(channel=anna.dm, text="x", blocks=bad[0])
    assert not anna.answers and not api.complaints


async def test_an_unknown_property_is_refused_and_told(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    with refused("invalid_blocks", "no additional properties allowed: colour"):
        await slack.chat_postMessage(channel=anna.dm, text="x", blocks=[section("x", colour="red")])
    assert api.complaints == ["block section has no property 'colour'"]


async def test_all_blocks_together_may_be_too_long(anna: Person, slack: AsyncWebClient) -> None:
    with refused("msg_blocks_too_long"):
        await slack.chat_postMessage(channel=anna.dm, text="x", blocks=[section("x" * 3000)] * 5)


async def test_who_is_called_and_what_unfurls_is_recorded(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    seen = await said(slack, anna, f"<!channel> <@{anna.id}> &lt;!here&gt; <https://example.org>")
    assert (seen.text, seen.unfurls) == ("@channel @Anna <!here> https://example.org", True)
    assert api.mentions == ["!channel", f"@{anna.id}"]
    quiet = await said(slack, anna, "<https://example.org>", unfurl_links=False, unfurl_media=False)
    assert not quiet.unfurls and not api.complaints


async def test_a_date_is_shown_in_the_readers_zone(anna: Person, slack: AsyncWebClient) -> None:
    seen = await said(slack, anna, "until <!date^1795000000^{date_num} {time}|soon>")
    assert seen.text == "until 2026-11-18 6:06 PM"


# --- views


async def test_views_within_the_limits(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    def trigger() -> str:
        return api.world.new_trigger(anna.user)

    bad = [
        (
            modal(question("x"), title=plain("x" * 25)),
            "must be less than 25 characters [json-pointer:/view/title/text]",
        ),
        (modal(question("x"), submit=plain("x" * 25)), "must be less than 25 characters"),
        (modal(question("x"), close=plain("x" * 25)), "must be less than 25 characters"),
        (modal(question("x"), private_metadata="x" * 3001), "must be less than 3001 characters"),
        (modal(*[{"type": "divider"}] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        ({"type": "modal", "title": plain("x"), "blocks": [question("x")]}, "missing required field: submit"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "home", "blocks": []}, "must be modal"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
        (modal(question("x", {"type": "file_input", "action_id": "x", "max_files": 11})), "must be between 1 and 10"),
    ]
    for view, words in bad:
        with refused("invalid_arguments", words):
            await slack.views_open(trigger_id=trigger(), view=view)
    with refused("view_too_large"):
        await slack.views_open(
            trigger_id=trigger(), view=modal(*[section("ü" * 2999, block_id=str(i)) for i in range(42)])
        )
    assert anna.modal is None and not api.complaints
    await slack.views_open(trigger_id=trigger(), view=modal(question("x", {"type": "file_input", "action_id": "x"})))
    assert anna.modal and anna.modal.inputs == ["x"]


async def test_a_trigger_lives_three_seconds_and_opens_once(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    trigger = api.world.new_trigger(anna.user)
    await slack.views_open(trigger_id=trigger, view=modal(external_id="one"))
    with refused("exchanged_trigger_id"):
        await slack.views_open(trigger_id=trigger, view=modal())
    with refused("duplicate_external_id"):
        await slack.views_open(trigger_id=api.world.new_trigger(anna.user), view=modal(external_id="one"))
    late = api.world.new_trigger(anna.user)
    api.clock.passes(3.1)
    with refused("expired_trigger_id"):
        await slack.views_open(trigger_id=late, view=modal())
    with refused("invalid_trigger_id"):
        await slack.views_open(trigger_id="1.2.3", view=modal())


async def test_a_changed_view_has_another_hash(anna: Person, slack: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": [section("Your registrations"), actions("New")]}
    view = (await slack.views_publish(user_id=anna.id, view=home))["view"]
    assert anna.home and (anna.home.text, anna.home.labels) == ("Your registrations", ["New"])
    await slack.views_publish(user_id=anna.id, view=home, hash=view["hash"])
    with refused("hash_conflict"):
        await slack.views_publish(user_id=anna.id, view=home, hash=view["hash"])
    with refused("not_found"):
        await slack.views_update(view_id="V0NONE", view=modal())


# --- pace and faults


async def test_too_many_messages_are_put_off(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    for _ in range(10):
        await slack.chat_postMessage(channel=anna.dm, text="x")
    with pytest.raises(SlackApiError) as caught:
        await slack.chat_postMessage(channel=anna.dm, text="x")
    answer = caught.value.response
    assert (answer.status_code, answer.headers["Retry-After"], answer["error"]) == (429, "1", "ratelimited")
    assert api.too_fast == 1
    await slack.chat_postMessage(channel=api.person("Bob").dm, text="x")
    api.clock.passes(1)
    await slack.chat_postMessage(channel=anna.dm, text="x")


async def test_the_pace_can_be_lifted(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    api.pace.off()
    await asyncio.gather(*(slack.chat_postMessage(channel=anna.dm, text=str(number)) for number in range(30)))
    assert len({seen.ts for seen in anna.answers}) == 30 and api.too_fast == 0


async def test_faults_befall_the_calls_they_are_meant_for(api: SlackApi, anna: Person, slack: AsyncWebClient) -> None:
    bob = api.person("Bob")
    api.refuses("chat.postMessage", 429, retry_after=30, channel=bob.dm)
    api.refuses("chat.postMessage", 503, channel=anna.dm)
    with pytest.raises(SlackApiError) as put_off:
        await slack.chat_postMessage(channel=bob.dm, text="x")
    assert put_off.value.response.headers["Retry-After"] == "30"
    with pytest.raises(SlackApiError) as away:
        await slack.chat_postMessage(channel=anna.dm, text="x")
    assert away.value.response.status_code == 503
    api.fails("chat.postMessage", "internal_error")
    with refused("internal_error"):
        await slack.chat_postMessage(channel=anna.dm, text="x")
    api.resets("chat.postMessage")
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await slack.chat_postMessage(channel=anna.dm, text="never")
    assert not anna.answers
    api.loses_answer("chat.postMessage")
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await slack.chat_postMessage(channel=anna.dm, text="once")
    assert [seen.text for seen in anna.answers] == ["once"]
    api.slows("chat.postMessage", 0.01)
    await slack.chat_postMessage(channel=anna.dm, text="at last")
    assert [call.status for call in api.calls("chat.postMessage")] == [429, 503, 200, 0, 0, 200]
    with api.downtime(), pytest.raises((aiohttp.ClientError, ConnectionError)):
        await slack.auth_test()
    await slack.auth_test()


async def test_parameters_may_stand_in_a_form(api: SlackApi, anna: Person) -> None:
    fields = {"channel": anna.dm, "text": "x", "blocks": json.dumps([section("in a form")]), "unfurl_links": "false"}
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{api.base_url}chat.postMessage", data={**fields, "token": api.bot_token}) as answer:
            assert (await answer.json())["ok"]
        async with http.post(f"{api.base_url}chat.postMessage", data=b"{", headers={"Content-Type": "application/json"}) as answer:  # fmt: skip
            assert (await answer.json())["error"] == "invalid_json"
    assert anna.answers[0].text == "in a form"
