"""What the page and the terminal share: their history is ours, and a message stored in it is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels import Rendered, Sent
from storage.store import Entry, Outgoing

if TYPE_CHECKING:
    from bot.app import App


async def keep(app: App, outgoing: Outgoing, rendered: Rendered) -> Sent:
    """Store the message in its chat's history, once however often it is tried."""
    say, now = outgoing.say, app.clock.now()
    entry = Entry(
        id=0, chat=outgoing.chat, incoming=False, at=now, text=rendered.text, choices=rendered.choices,
        asked=outgoing.asked, files=tuple((file.file, file.name, file.media_type) for file in say.files),
        registration=say.registration, reference=outgoing.reference, key=say.key, asks=say.asks, slot=say.slot,
        progress=say.progress, reminder=say.reminder,
    )  # fmt: skip
    kept = await app.write(app.store.deliver, outgoing, entry, now)
    return Sent(order=kept.id, message=str(kept.id))
