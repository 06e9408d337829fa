"""What a person at the desk finds true of a page: what it changes, what the customer hears of it, what stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from playing import Chat, House, photo

from conversations.model import Role, UploadPage, Verdict


def hands_in(chat: Chat, *reasons: str) -> str:
    """A registration whose letter's pages came back with these reasons not to take them, under review."""
    reference = chat.drafts("TH")
    chat.house.letter_pages["loa"] = len(reasons)
    chat.submits()
    files = {f"{n}.jpg": [photo(chat.page("loa", n), reason, number=n)] for n, reason in enumerate(reasons, 1)}
    chat.sends_files(files)
    chat.house.works()  # the clean scan
    chat.types("submit")
    assert chat.status == "UNDER_REVIEW", chat.last.text
    return reference


def judges(desk: Chat, reference: str, number: int, label: str = "") -> str:
    """Agree with the check on that page of the letter, or say what is true of it instead; the key of the answer."""
    registration = desk.registration(reference)
    upload, page = next(
        (upload, page) for upload in registration.uploads for page in upload.pages if page.page == number
    )
    action = "overrule_page" if label else "agree"
    return desk.desk(action, reference, upload=upload.id, page=page.number, label=label)


def page(house: House, reference: str, number: int) -> UploadPage:
    uploads = house.found(reference).registration.uploads
    return next(page for upload in uploads for page in upload.pages if page.page == number)


def test_a_page_found_wrong_is_asked_for_again_with_the_decision_and_not_before(
    chat: Chat, reviewer: Chat, house: House
) -> None:
    reference = hands_in(chat, "altered", "")
    reviewer.types(f"take {reference}")
    heard = len(chat.messages)
    assert judges(reviewer, reference, 1) == "desk_page_labelled"
    changed = page(house, reference, 1)
    assert (changed.verdict, changed.label, changed.labelled_by) == (Verdict.REFUSED, "altered", "rita")
    assert len(chat.messages) == heard
    reviewer.desk("send_back", reference, why=["The fee was changed"], papers=["loa"])
    assert page(house, reference, 1).reason == "The fee was changed"
    assert page(house, reference, 2).verdict is Verdict.ACCEPTED  # what is fine is not asked for again
    assert "The fee was changed" in chat.messages[-2].text
    chat.sends_files({"new.jpg": [photo(chat.page("loa", 1), number=9)]})
    chat.plays(("submit", "status_is_UNDER_REVIEW"))
    labels = [one.label for upload in house.found(reference).registration.uploads for one in upload.pages]
    assert sorted(labels) == ["", "", "altered"]  # it stays with the page it was said of


def test_a_page_found_fine_counts_and_the_clean_scan_goes_with_what_is_refused(
    chat: Chat, reviewer: Chat, house: House
) -> None:
    reference = hands_in(chat, "unsure", "")
    assert house.found(reference).registration.letters[0].scan is not None
    reviewer.types(f"take {reference}")
    assert judges(reviewer, reference, 1, "unsigned") == "desk_page_labelled"
    assert house.found(reference).registration.letters[0].scan is None
    assert judges(reviewer, reference, 1, "accepted") == "desk_page_labelled"
    fine = page(house, reference, 1)
    assert (fine.verdict, fine.label, fine.reason) == (Verdict.ACCEPTED, "accepted", "")
    assert "bind_scans" in house.works()
    assert house.found(reference).registration.letters[0].scan is not None
    lines = [(line.trigger, line.text) for line in house.found(reference).history]
    assert lines[-2:] == [("overrule_page loa 1", "unsigned"), ("overrule_page loa 1", "accepted")]


def test_where_the_check_could_not_tell_there_is_nothing_to_agree_with(
    chat: Chat, reviewer: Chat, house: House
) -> None:
    reference = hands_in(chat, "unsure")
    reviewer.types(f"take {reference}")
    assert judges(reviewer, reference, 1) == "desk_page_what_is_true"
    assert judges(reviewer, reference, 1, "burnt") == "desk_page_what_is_true"
    assert page(house, reference, 1).label == ""
    assert reviewer.desk("agree", reference, upload=99, page=1) == "desk_no_such_page"


def test_pages_are_judged_by_whoever_has_seen_them_while_they_are_at_the_desk(
    chat: Chat, reviewer: Chat, house: House
) -> None:
    reference = hands_in(chat, "altered")
    other, manager = house.staff(Role.ADMIN, "otto"), house.staff(Role.ACCOUNT_MANAGER, "max")
    assert judges(reviewer, reference, 1) == "desk_take_first"
    reviewer.types(f"take {reference}")
    assert judges(other, reference, 1) == "desk_taken_by_another"
    assert judges(manager, reference, 1) == "desk_not_there"
    reviewer.desk("send_back", reference, why=["Look"], papers=[])
    assert judges(reviewer, reference, 1) == "desk_not_now"
    assert page(house, reference, 1).label == ""


def test_a_label_dies_with_the_registration(chat: Chat, reviewer: Chat, house: House) -> None:
    reference = hands_in(chat, "unsure")
    reviewer.types(f"take {reference}")
    judges(reviewer, reference, 1, "unstamped")
    assert "unstamped" in everything_kept(house)
    for word in ("cancel", "withdraw", "yes"):
        chat.types(word)
    assert house.store.receipt(reference) is not None
    assert "unstamped" not in everything_kept(house)


def everything_kept(house: House) -> str:
    with closing(sqlite3.connect(house.folder / "desk.db")) as database:
        return "\n".join(database.iterdump())


def test_whoever_took_it_gets_the_reasons_and_the_clean_scan(chat: Chat, house: House) -> None:
    reference = hands_in(chat, "unsure", "")
    reviewer = house.staff(Role.REVIEWER, "rita", "group")  # of whose channel no history is ours to show
    reviewer.types(f"take {reference}", private=True)
    told = next(message for message in reviewer.messages if message.key == "desk_dossier")
    assert "This page needs a look" in told.text
    assert "page 1: The check is not sure" in told.text
    letter = house.found(reference).registration.letters[0]
    assert [one.file for one in told.say.files][:1] == [letter.scan]
    copies = {upload.copy for upload in house.found(reference).registration.uploads}
    assert not copies & {one.file for one in told.say.files}
