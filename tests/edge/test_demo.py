"""The demonstration fills the desk by what customers and staff do, and its links work once."""

from __future__ import annotations

from pathlib import Path

from bot.clock import Clock
from bot.demo import Demo, Person, settings_for
from bot.wiring import opened
from conversations.model import Status
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
