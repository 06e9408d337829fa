"""Every route of the page, every command of the socket, every id of Slack's: who gets what, from the code's own lists."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import stat
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from matrix_web import NOWHERE, ROLES, Doors, Reader, begun, doors, enters, headers_of, httpx2, opened, post, revoked
from starlette.routing import Mount, Route

from bot.channels import slack_forms, slack_home, slack_in, slack_parts, slack_reasons, slack_views
from bot.channels.slack_http import events
from bot.channels.telegram_webhook import webhook
from bot.commands.asked import handlers
from bot.control import listening
from bot.demo import Demo
from bot.metrics import Metrics
from bot.settings import Settings
from bot.web.desk import ACTIONS
from bot.web.render import Pages
from bot.web.server import make_app
from bot.wiring import opened as house_of
from conversations.engine import FROM_PEOPLE, HANDLERS
from conversations.model import Kind, Role

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
AT_THE_DESK = ("reviewer", "account_manager", "admin")
THINGS = ("form", "manager", "own", "none", "erased")
OPEN = "everybody"  # whatever it shows is the visitor's own, or nobody's
STAFF_SEES = "staff, what their role acts on, never their own; of what was erased the receipt"
STAFF_DOES = "the same, but nothing of what was erased"
HOLDS = "whoever took it"
THEIRS = "staff, not about their own"
PLATFORM = "the platform, by its secret"
DEMO = "only in the demonstration"
# A route that is new fails until its row says who may.
ROUTES: Mapping[tuple[str, str], str] = {
    ("GET", "/"): OPEN,
    ("POST", "/messages"): OPEN,
    ("POST", "/press"): OPEN,
    ("GET", "/events"): OPEN,
    ("GET", "/files/{token}"): HOLDS,
    ("GET", "/desk"): OPEN,
    ("POST", "/desk"): OPEN,
    ("POST", "/desk/cards/{card:int}"): THEIRS,
    ("POST", "/desk/handoffs/{handoff:int}/{action}"): THEIRS,
    ("GET", "/desk/{reference}"): STAFF_SEES,
    ("GET", "/desk/{reference}/files/{key:path}"): HOLDS,
    ("POST", "/desk/{reference}/{action}"): STAFF_DOES,
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): OPEN,
    ("POST", "/demo/sample"): DEMO,
    ("POST", "/demo/fill"): DEMO,
    ("GET", "/demo/{token}"): DEMO,
    ("POST", "/demo/{token}"): DEMO,
    ("POST", "/telegram/webhook"): PLATFORM,
    ("POST", "/slack/events"): PLATFORM,
}
# A command that is new fails until it is listed: they are the operator's, who owns the socket's file.
COMMANDS: Mapping[str, Mapping[str, Any]] = {
    "case list": {}, "case show": {"reference": NOWHERE}, "staff list": {}, "staff invite": {"role": "reviewer"},
    "staff revoke": {"name": "nobody"}, "failed list": {}, "failed replay": {"id": 99}, "pause": {"text": "later"},
    "resume": {}, "letters render": {"reference": NOWHERE, "out": "."}, "letters awaited": {}, "chat": {"name": "eve"},
    "letters score": {}, "backup": {"file": "copy.tar"}, "tick": {"at": "2031-01-01T00:00:00+00:00"},
}  # fmt: skip
SAYS_NO = {"case show", "staff revoke", "failed replay", "letters render"}  # of what is not there: exit code 1


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with doors(tmp_path_factory.mktemp("doors")) as found:
        yield found


def routes(at: Doors) -> set[tuple[str, str]]:
    """The router's own list, of a house with everything in it."""
    house = at.house.house
    whole = make_app(
        house.app, at.house.settings, house.page, Pages(house.catalogs.words(), "en"), Demo(house),
        [*Metrics(house).routes(), webhook(None), events(None)],
    )  # fmt: skip
    found = set()
    for route in whole.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        found |= {(method, route.path) for method in route.methods or ()}
    return found


def filled(path: str, at: Doors, role: str, thing: str) -> list[str]:
    """The route's addresses, about that thing."""
    reference = at.reference(role, thing)
    if reference is None:
        return []
    cards = [card.id for card in at.house.house.app.store.cards() if card.reference == reference] or [987654]
    found = at.house.house.app.store.found(reference) if thing not in ("none", "erased") else None
    handoffs = [one.id for one in found.open_handoffs] if found else []
    values = {
        "{token}": ["nothing"], "{card:int}": [str(cards[0])], "{handoff:int}": [str((handoffs or [987654])[0])],
        "{key:path}": [at.files.get(thing, "r1/aa/none.png")], "{reference}": [reference], "{action}": [*sorted(ACTIONS)],
    }  # fmt: skip
    if "{handoff:int}" in path:
        values["{action}"] = ["take", "close"]
    addresses = [path]
    for name, those in values.items():
        addresses = [one.replace(name, value) for one in addresses for value in those] if name in path else addresses
    return addresses


def sees(role: str, thing: str) -> bool:
    return role in AT_THE_DESK and (thing == "manager" or (thing == "form" and role != "account_manager"))


def status(method: str, path: str, role: str, thing: str) -> int:
    """What is answered."""
    who = ROUTES[method, path]
    if who == OPEN:
        return 303 if method == "POST" else 200
    if who == STAFF_SEES:
        return 200 if sees(role, thing) or (thing == "erased" and role in AT_THE_DESK) else 404
    if who == STAFF_DOES:
        return 303 if sees(role, thing) else 404
    if who == THEIRS:
        return 303 if sees(role, thing) else 404
    return 404  # nobody took anything; no demonstration, no platform here


def test_every_route_has_its_row(at: Doors) -> None:
    assert routes(at) - {("HEAD", path) for method, path in ROUTES if method == "GET"} == set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_every_role_as_written(at: Doors, role: str) -> None:
    client, token = at.clients[role], at.csrf(role)
    cells, theirs, nobodys = 0, {}, {}
    for method, path in ROUTES:
        for thing in THINGS if "{" in path else ("none",):
            for address in filled(path, at, role, thing):
                if path == "/events":
                    with client.stream("GET", path) as stream:
                        assert stream.status_code == 200
                    cells += 1
                    continue
                answer = asks(at, method, address, role, token)
                wanted = status(method, path, role, thing)
                if path.startswith("/desk/handoffs") and wanted == 303 and "987654" in address:
                    wanted = 404  # nobody asked for a person there, or it was closed
                if path.startswith("/desk/cards") and "987654" in address:
                    wanted = 404
                assert answer.status_code == wanted, (method, address, thing)
                same = address.replace(at.reference(role, thing) or "", "REF")
                if answer.status_code == 404:
                    (nobodys if thing == "none" else theirs)[method, re.sub(r"\d{6}|/\d+/", "N", same), thing] = answer
                cells += 1
    for (method, same, thing), answer in theirs.items():
        other = next(iter(nobodys.values()))
        assert answer.text == other.text and headers_of(answer) == headers_of(other), (method, same, thing)
    assert cells > 60


def asks(at: Doors, method: str, address: str, role: str, token: str) -> Any:
    client = at.clients[role]
    if method == "GET":
        answer = client.get(address)
        head = client.head(address)
        assert head.status_code == answer.status_code and not head.content
        return answer
    form = {
        "csrf": token,
        "event": str(uuid.uuid4()),
        "why": "signature",
        "choice": "help",
        "text": "help",
        "code": "x",
    }
    return client.post(address, data=form, follow_redirects=False)


def test_no_other_method_is_there(at: Doors) -> None:
    for path in {path for _, path in ROUTES}:
        there = {method for method, one in ROUTES if one == path}
        (address, *_) = filled(path, at, "admin", "form")
        for method in METHODS:
            if method in there or (method == "HEAD" and "GET" in there):
                continue
            answer = at.clients["admin"].request(method, address, follow_redirects=False)
            assert answer.status_code in (404, 405), (method, address)


def test_an_unknown_action_is_no_route(at: Doors) -> None:
    for role in ROLES:
        for reference in at.references.values():
            for action in ("burn", "close", "delete", "OPEN", "take%00"):
                assert asks(at, "POST", f"/desk/{reference}/{action}", role, at.csrf(role)).status_code == 404


@pytest.mark.parametrize("number", ["0", "987654", "9" * 18, "9" * 30, "9" * 5000, "1e3", "-1", "1.5", "%00"])
def test_a_guessed_number_is_nothing_and_no_error_of_ours(at: Doors, number: str) -> None:
    token = at.csrf("admin")
    for path in (f"/desk/cards/{number}", f"/desk/handoffs/{number}/take", f"/desk/handoffs/{number}/close"):
        assert asks(at, "POST", path, "admin", token).status_code in (404, 405, 414), path
    client = at.clients["member"]
    page = opened(client)
    assert post(client, "/messages", page, text="help", order=number).status_code == 200
    assert post(client, "/press", page, choice="help", asked=number).status_code == 200
    with client.stream("GET", "/events", headers={"last-event-id": number}) as stream:
        assert stream.status_code == 200 and next(stream.iter_lines()) == "retry: 2000"


def test_nobody_finds_their_own_at_the_desk_in_any_view(at: Doors) -> None:
    for role in AT_THE_DESK:
        client = at.clients[role]
        for view in ("review", "carrier", "handoffs", "customer", "closed", "cards"):
            assert at.own[role] not in client.get(f"/desk?view={view}").text, (role, view)
        found = client.get("/desk", params={"q": at.own[role]})
        assert found.url.path == "/desk" and "Nothing has that" in found.text
    manager = at.clients["account_manager"]
    for view in ("review", "customer", "cards"):
        assert at.references["form"] not in manager.get(f"/desk?view={view}").text
    assert "Nothing has that" in manager.get("/desk", params={"q": at.references["form"]}).text


def test_nobody_answers_a_question_of_their_own(at: Doors) -> None:
    """Not even one asked before there was any registration."""
    with httpx2.Client(base_url=at.house.url, follow_redirects=True) as client:
        post(client, "/messages", text="person")
        own = max(one.id for one, _ in at.house.house.app.store.handoffs())
        enters(at.house, client, Role.ADMIN, "Asker")
        assert f"/desk/handoffs/{own}/" not in client.get("/desk?view=handoffs").text
        assert f"/desk/handoffs/{own}/" in at.clients["admin"].get("/desk?view=handoffs").text
        page = opened(client)
        assert post(client, f"/desk/handoffs/{own}/take", page).status_code == 404
        assert post(client, f"/desk/handoffs/{own}/take", page).text == client.get("/desk/GB-2222").text


def test_answers_and_papers_open_only_for_whoever_took_it_and_close_with_their_role(at: Doors) -> None:
    with httpx2.Client(base_url=at.house.url, follow_redirects=True) as client, \
         httpx2.Client(base_url=at.house.url, follow_redirects=True) as customer:  # fmt: skip
        enters(at.house, client, Role.REVIEWER, "Held")
        reference = begun(customer)
        path = f"/desk/{reference}"
        assert "are closed" in client.get(path).text
        assert "are closed" not in post(client, f"{path}/take", opened(client, path)).text
        token = opened(client, path).hidden["csrf"]
        assert "are closed" in at.clients["admin"].get(path).text
        revoked(at.house, client)
        nowhere = at.clients["stranger"].get(f"/desk/{NOWHERE}")
        for address in (path, f"{path}/files/r1/aa/none.png"):
            assert (client.get(address).status_code, client.get(address).text) == (404, nowhere.text)
        for action in ACTIONS:
            answer = client.post(f"{path}/{action}", data={"csrf": token, "event": str(uuid.uuid4()), "why": "x"})
            assert (answer.status_code, answer.text) == (404, nowhere.text)
        assert "To review" not in client.get("/desk").text


# --- the socket -----------------------------------------------------------------------------------------------------


async def test_the_socket_is_the_operators_alone_and_every_command_is_known(settings: Settings, tmp_path: Path) -> None:
    assert set(handlers()) == set(COMMANDS)
    async with house_of(settings) as house, listening(house, handlers()):
        socket = settings.socket
        assert stat.S_ISSOCK(socket.stat().st_mode) and stat.S_IMODE(socket.stat().st_mode) == 0o600
        for command, args in COMMANDS.items():
            args = {name: str(tmp_path / value) if name in ("file", "out") else value for name, value in args.items()}
            end = await asked(socket, {"command": command, "args": args})
            assert (end["exit"], command) == (1 if command in SAYS_NO else 0, command), end
        for bad in ("approve", "staff", "", "__init__"):
            end = await asked(socket, {"command": bad, "args": {}})
            assert end["exit"] == 2


async def asked(socket: Path, order: Mapping[str, Any]) -> dict[str, Any]:
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(json.dumps(order).encode() + b"\n")
    writer.write_eof()
    lines = (await reader.read()).splitlines()
    writer.close()
    last: dict[str, Any] = json.loads(lines[-1])
    return last


# --- Slack's ids, and what an event may be ---------------------------------------------------------------------------


def test_every_id_that_slack_sends_back_is_known() -> None:
    """What a press, a list or a view may name; a new one fails until the matrix of decisions has a way for it."""
    source = "".join(
        inspect.getsource(module) for module in (slack_forms, slack_home, slack_parts, slack_reasons, slack_views)
    )
    named = set(re.findall(r'"action_id": ([\w.]+)', source)) | set(re.findall(r"\bbutton\(([A-Z]+)", source))
    assert named <= {"ANSWER", "COUNTRY", "OPEN", "REGISTER", "DESK", "action"}, named
    assert (slack_parts.SAY, slack_parts.FORM, slack_parts.COUNTRY, slack_parts.ANSWER) == (
        "say:", "form", "country", "answer",
    )  # fmt: skip
    assert {slack_forms.KIND, slack_reasons.KIND, slack_home.KIND} == {"form", "reasons", "home"}
    assert set(re.findall(r"== (\w+\.KIND)", inspect.getsource(slack_views))) == {
        "forms.KIND", "reasons.KIND", "homes.KIND",
    }  # fmt: skip
    assert set(slack_in.SHORTCUTS) == {"register", "registrations"} and slack_in.COMMAND == "/senderid"


def test_every_kind_of_event_is_known() -> None:
    by_people = {"opened", "text", "press", "files", "edited", "contact", "other", "form"}
    assert {kind.value for kind in FROM_PEOPLE} == by_people
    # DESK asks for the principal's role; GROUP says nothing personal; the others nobody can send.
    assert {kind.value for kind in HANDLERS} == by_people | {
        "desk",
        "group",
        "job",
        "timer",
        "unreachable",
        "reachable",
    }
    assert set(HANDLERS) == set(Kind)


def test_a_page_of_the_chat_reader_knows_its_fields() -> None:
    assert Reader('<input type="hidden" name="csrf" value="x">').hidden == {"csrf": "x"}
