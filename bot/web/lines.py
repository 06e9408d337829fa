"""The lines of a chat as its template takes them: days, buttons that can be pressed, pictures of what was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from conversations.model import CLOSED, Case
from storage.store import Entry

INLINE = "image/png"  # shown in the page: our own previews
MARKED = frozenset({"pages_again", "pages_of_several", "pages_marked"})  # come with the customer's own pages, outlined
Named = tuple[str, str, str]  # file store key, name, media type
Link = Callable[[Named], str | None]  # the address of a file for who looks, None when it is not kept
Pictures = Mapping[str, tuple[str, Sequence[str]]]  # by content of a file: where it lies now, a PNG of each page


MANY = 10  # buttons of one question; more of them become a list to pick from
LISTED = frozenset({"ask_which_line"})  # questions whose choices are the lines of a page, however few
STANDING = frozenset({"ask_consent"})  # asked beside the way: the next question, seconds later, does not end them


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the chat, ready for its template."""

    entry: Entry
    files: tuple[dict[str, Any], ...]
    new_day: bool
    open: bool  # its buttons belong to the present question, or stand until they are pressed
    chosen: str | None = None  # the button that was pressed
    label: str | None = None  # of the button this incoming line pressed

    @property
    def listed(self) -> bool:
        """Whether its choices are a list to pick from instead of buttons."""
        return len(self.entry.choices) > MANY or self.entry.key in LISTED

    @property
    def stands(self) -> bool:
        """Whether it may be answered while another question is the present one."""
        return self.entry.key in STANDING


def laid_out(entries: Sequence[Entry], asked: int, zone: tzinfo, pictures: Pictures, link: Link) -> list[Shown]:
    """The lines, oldest first. `asked` is the number of the present question."""
    found: list[Shown] = []
    question: int | None = None  # where in `found` the newest buttons are
    standing: int | None = None  # and the newest that stand
    # A question asked again repeats its buttons: the newest are the ones to press.
    newest = {entry.choices: entry.id for entry in entries}
    day = None
    for entry in entries:
        today = entry.at.astimezone(zone).date()
        label = None
        for place in {question, standing} if entry.incoming else ():
            if place is None:
                continue
            before = found[place]
            label = label or dict(before.entry.choices).get(entry.text)
            words = {entry.text.strip().casefold(), (label or "").casefold()}
            chosen = _chosen(before.entry, words, by_label=place == question)  # "No" answers what was asked last
            if chosen and before.chosen is None:
                found[place] = replace(before, chosen=chosen, open=before.open and not before.stands)
        if entry.choices:
            question = len(found)
            standing = question if entry.key in STANDING else standing
        can_press = (entry.asked == asked or entry.key in STANDING) and newest[entry.choices] == entry.id
        found.append(Shown(entry, _files(entry, pictures, link), today != day, can_press, label=label))
        day = today
    return found


def _chosen(question: Entry, words: set[str], by_label: bool) -> str | None:
    """The button that was pressed, or whose word was typed."""
    named = {
        value: {value.casefold(), label.casefold()} if by_label else {value.casefold()}
        for value, label in question.choices
    }
    return next((value for value, names in named.items() if words & names), None)


def _files(entry: Entry, pictures: Pictures, link: Link) -> tuple[dict[str, Any], ...]:
    """What came with a line, and the pictures of its pages once they are made: of a letter, or of an upload."""
    found: list[Named] = []
    sent_along = {key for key, _, _ in entry.files}
    for key, name, kind in entry.files:
        moved, previews = pictures.get(content(key), (key, ()))  # an upload moved from "incoming" to its owner
        found += [
            (preview, f"{name} {number}" if len(previews) > 1 else name, INLINE)
            for number, preview in enumerate(previews, 1)
            if preview not in sent_along
        ]
        if not (entry.incoming and previews):
            found.append((moved, name, "" if entry.incoming else kind))
    marked = {key for key, _, _ in entry.files if entry.key in MARKED}
    return tuple(
        {
            "url": link(file),
            "name": file[1],
            "image": file[2] == INLINE or file[0] in marked,
            "marked": file[0] in marked,
        }
        for file in found
    )


def pictures(case: Case | None) -> Pictures:
    """Of all letters and uploads of a case."""
    found: dict[str, tuple[str, Sequence[str]]] = {}
    if case is None:
        return found
    uploads = [*case.conversation.early, *(upload for one in case.registrations.values() for upload in one.uploads)]
    for upload in uploads:
        where = upload.file or upload.ref.removeprefix("stored:")
        found[content(where)] = where, [page.preview for page in upload.pages if page.preview]
    for letter in (letter for one in case.registrations.values() for letter in one.letters):
        if letter.file:
            found[content(letter.file)] = letter.file, letter.previews
    return found


def checking(case: Case | None) -> int:
    """How many files of this chat's registrations are being looked into."""
    if case is None:
        return 0
    here = [one for one in case.registrations.values() if one.conversation_id == case.conversation.id]
    return sum(not upload.checked for one in here if one.status not in CLOSED for upload in one.uploads)


def content(key: str) -> str:
    """The part of a file's key that names its content: the same wherever the file moves."""
    return key.rpartition("/")[2].partition(".")[0]
