"""What each step says and what it reads: one line a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conversations.interview import asking, beginning, names, profile, question, review, samples
from conversations.model import Step
from conversations.registration import editing, tracking
from conversations.talk import Talk
from conversations.uploads import documents, placing
from conversations.words import Said

Ask = Callable[[Talk], None]
Read = Callable[[Talk, str, Said | None], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A step's two halves: what it asks, and how it takes what comes back."""

    ask: Ask
    read: Read


STEPS: Mapping[Step, Part] = {
    Step.NEW: Part(beginning.ask_country, beginning.read_country),
    Step.COUNTRY: Part(beginning.ask_country, beginning.read_country),
    Step.WHICH_COUNTRY: Part(beginning.ask_which, beginning.read_which),
    Step.BRIEFING: Part(beginning.ask_briefing, beginning.read_briefing),
    Step.PROFILE: Part(profile.ask_profile, profile.read_profile),
    Step.ASKING: Part(question.ask_field, asking.read_field),
    Step.SENDER_IDS: Part(names.ask_names, names.read_names),
    Step.SENDER_ID_DOUBT: Part(names.ask_doubt, names.read_doubt),
    Step.SAMPLES: Part(samples.ask_samples, samples.read_samples),
    Step.REVIEW: Part(review.ask_review, editing.read_review),
    Step.REGISTRY: Part(review.ask_number, review.read_number),
    Step.RENDERING: Part(documents.ask_rendering, documents.read_rendering),
    Step.PREVIEW: Part(documents.ask_preview, documents.read_preview),
    Step.DOCUMENTS: Part(documents.ask_documents, documents.read_documents),
    Step.PLACING: Part(placing.ask_placing, placing.read_placing),
    Step.TRACKING: Part(tracking.ask_tracking, tracking.read_tracking),
    Step.CANCELLING: Part(tracking.ask_cancelling, tracking.read_cancelling),
    Step.WITHDRAWING: Part(tracking.ask_withdrawing, tracking.read_withdrawing),
}
