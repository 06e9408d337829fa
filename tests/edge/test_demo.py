"""The demonstration fills the desk by what customers and staff do, and its links work once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import typer

from bot.clock import Clock
from bot.demo import Demo, Person, serve, settings_for
from bot.wiring import opened
from conversations.model import Status, Step
from storage.store import Store

ON_THEIR_WAY = {Status.DOCUMENTS_TO_BE_RENDERED}  # lasts as long as the drawing: a second


def reasons(store: Store, reference: str) -> list[str]:
    """Why each page that was sent is not accepted; "" where it is."""
    found = store.found(reference)
    assert found is not None
    pages = [page for upload in found.registration.uploads for page in upload.pages]
    return ["" if page.check and page.check.accepted else page.reason for page in pages]


async def test_the_demonstration_fills_the_desk(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(settings_for(tmp_path, 8080), clock) as house:
        demo = Demo(house)
        await demo.fill(clock)
        store = house.app.store
        statuses = {found.registration.status for found in store.registrations()}
        statuses |= {Status(receipt.status) for receipt in store.receipts()}
        assert statuses == set(Status) - ON_THEIR_WAY
        assert store.failures() == []
        assert abs((clock.now() - Clock().now()).total_seconds()) < 5

        token = demo.link("desk")
        who = demo.visitor(token)
        assert who and demo.visitor(token) == who  # looking spends nothing
        assert store.staff_of(f"web:{who}")
        assert demo.spend(token) == who and demo.spend(token) is None and demo.visitor(token) is None

        waiting = next(found for found in store.registrations() if found.registration.country == "SA")
        await Person(house, *waiting.chat.split(":")).says("yes")
        photos = await demo.sample(waiting.chat)
        assert photos and all(data.startswith(b"\xff\xd8") for _, data in photos)

        customer = Person(house, *waiting.chat.split(":"))
        await customer.sends(await demo.sample(waiting.chat, signed=False))
        assert reasons(store, waiting.registration.reference) == ["unsigned"]
        await customer.sends(photos)
        assert set(reasons(store, waiting.registration.reference)[1:]) == {""}, "all accepted by the check"


@pytest.mark.parametrize("wanted", ["Thailand", "Sri Lanka", "UAE, Kenya and Thailand"])
async def test_what_is_left_to_answer_is_filled_in_up_to_the_review(tmp_path: Path, wanted: str) -> None:
    async with opened(settings_for(tmp_path, 8080)) as house:
        demo, visitor = Demo(house), Person(house, "web", "anna")
        await visitor.says(wanted)
        assert not demo.can_fill_in(house.app.store.snapshot(visitor.chat)), "it is the visitor who starts"
        await visitor.says("start")
        assert demo.can_fill_in(house.app.store.snapshot(visitor.chat))
        await visitor.says("local" if wanted == "Sri Lanka" else "later")
        await demo.fill_in(visitor.chat)
        case = house.app.store.snapshot(visitor.chat)
        assert case and case.on and case.conversation.state is Step.REVIEW
        assert case.on.answers["company_name"] == "Fresh Bakery GmbH" and not demo.can_fill_in(case)


def test_a_port_that_is_taken_is_told_at_once_with_a_command_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(typer.Exit) as ended:
            serve(port)
    told = capsys.readouterr()
    assert ended.value.exit_code == 2 and told.out == ""
    assert f"Port {port} is taken" in told.err and "-m bot demo --port" in told.err and "Filling" not in told.err
