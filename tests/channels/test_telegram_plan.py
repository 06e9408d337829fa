"""The plan of several countries in Telegram: one message, its buttons, and the PDF as a document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bot_api import BotApi
from running import running, settings_for, until


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api
    assert api.complaints == []


async def test_a_plan_is_one_message_and_its_pdf_a_document(api: BotApi, tmp_path: Path) -> None:
    anna = api.person("Anna")
    async with running(settings_for(tmp_path, api)) as run:
        anna.starts()
        await until(anna, lambda anna: any("All countries" in one.labels for one in anna.answers))
        await run.house.settled()
        anna.types("OTP to UAE, Kenya and Thailand")
        asked = await until(anna, lambda anna: next((one for one in anna.answers if "Plan as PDF" in one.labels), None))
        assert [one.text for one in anna.answers if one.text.startswith("Plan for login and security codes")]
        assert asked.labels == ["Start them all (3)", "Tell me when it reopens", "Plan as PDF", "Another country"]
        anna.presses(asked, "Plan as PDF")
        sent = await until(anna, lambda anna: next((one for one in anna.answers if one.documents), None))
        ((name, data),) = sent.documents
        assert name == "Sender-ID-plan-KE-TH-AE.pdf" and data.startswith(b"%PDF")

        anna.types("/country Kenya")
        card = await until(anna, lambda anna: next((one for one in anna.answers if "Start Kenya" in one.labels), None))
        assert card.text.startswith("Kenya: ")
        await run.house.settled()
