"""The shortest way of a customer to each step of the dialogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playing import Chat

from conversations.model import Step


def country(chat: Chat) -> None:
    chat.plays(("hello", "ask_country"))


def which_country(chat: Chat) -> None:
    chat.plays(("Guinea", "ask_which_country"))


def briefing(chat: Chat) -> None:
    chat.plays(("Thailand", "ask_start"))


def profile(chat: Chat) -> None:
    review(chat)
    chat.types("submit")
    chat.types("keep my details")
    chat.types("another")
    chat.plays(("Kenya", "ask_start"), ("start", "ask_profile"))


def asking(chat: Chat) -> None:
    chat.starts("TH")
    chat.plays(("[transactional]", "ask_field country"))


def sender_ids(chat: Chat) -> None:
    chat.starts("TH")
    chat.answers()


def sender_id_doubt(chat: Chat) -> None:
    sender_ids(chat)
    chat.plays(("INFO", "ask_keep_name"))


def samples(chat: Chat) -> None:
    sender_ids(chat)
    chat.plays(("FRESHBAKERY", "ask_more_sender_ids"), ("done", "ask_sample"))


def review(chat: Chat) -> None:
    chat.drafts("TH")


def registry(chat: Chat) -> None:
    chat.starts("IE")


def rendering(chat: Chat) -> None:
    review(chat)
    chat.plays(("submit", "drawing_letters"))


def preview(chat: Chat) -> None:
    rendering(chat)
    chat.house.works()


def documents(chat: Chat) -> None:
    preview(chat)
    chat.plays(("yes", "ask_documents"))


def placing(chat: Chat) -> None:
    documents(chat)
    assert chat.sends_files(["photo.jpg"])[-1] == "ask_is_it_this_paper"


def tracking(chat: Chat) -> None:
    chat.reaches_review_desk("TH")


def cancelling(chat: Chat) -> None:
    asking(chat)
    chat.plays(("cancel", "ask_cancel"))


def withdrawing(chat: Chat) -> None:
    cancelling(chat)
    chat.plays(("withdraw", "ask_withdraw"))


WAYS: Mapping[Step, Callable[[Chat], None]] = {
    Step.COUNTRY: country, Step.WHICH_COUNTRY: which_country, Step.BRIEFING: briefing, Step.PROFILE: profile, Step.ASKING: asking,
    Step.SENDER_IDS: sender_ids, Step.SENDER_ID_DOUBT: sender_id_doubt, Step.SAMPLES: samples, Step.REVIEW: review,
    Step.REGISTRY: registry, Step.RENDERING: rendering, Step.PREVIEW: preview, Step.DOCUMENTS: documents,
    Step.PLACING: placing, Step.TRACKING: tracking, Step.CANCELLING: cancelling, Step.WITHDRAWING: withdrawing,
}  # fmt: skip


def reach(chat: Chat, step: Step) -> None:
    WAYS[step](chat)
    assert chat.step == step.value, (chat.step, chat.last.text)
