"""Whether all that was taken from people is kept, once each: by `case list`, by the database and by the files.

Everything is compared with what the stories say. Nothing of the product is imported here.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kill_lives import Death
from kill_people import Kept, Somebody

Case = dict[str, Any]


@dataclass(frozen=True)
class Mistake:
    """What is lost or was done twice, of whom, and at the latest death before it showed."""

    what: str  # lost, twice
    words: str
    at: str = "in the end"


def of_cases(people: Iterable[Somebody], cases: Sequence[Case]) -> list[Mistake]:
    """What `case list --json` says against what the stories say."""
    found: list[Mistake] = []
    left = {case["reference"]: case for case in cases}
    for one in people:
        if not one.kept.opened:
            continue
        case = left.pop(one.reference, None)
        if case is None:
            found.append(Mistake("lost", f"{one.reference}: the registration"))
        elif one.kept.withdrawn:
            receipt = {"reference", "country", "status", "opened_at", "closed_at", "why"}
            if set(case) != receipt or (case["status"], case["why"]) != ("WITHDRAWN", "withdraw"):
                found.append(Mistake("lost", f"{one.reference}: the deletion, {case}"))
        else:
            found += of_case(one.reference, one.kept, case)
    return found + [Mistake("twice", f"{reference}: nobody opened it") for reference in left]


def of_case(reference: str, kept: Kept, case: Case) -> list[Mistake]:
    found = []
    triggers = [line["trigger"] for line in case["history"]]
    for what, wanted, there in (
        ("answers", kept.answers, case["answers"]),
        ("status", kept.status, case["status"]),
        ("sender IDs", kept.sender_ids, {one["sender_id"]: one["samples"] for one in case["sender_ids"]}),
        ("papers", [1] if kept.letters else [None], [one["version"] for one in case["documents"]] or [None]),
    ):
        if wanted != there:
            found.append(Mistake("lost", f"{reference}: {what} are {there} and should be {wanted}"))
    if triggers != kept.triggers:
        what = "twice" if Counter(triggers) - Counter(kept.triggers) else "lost"
        found.append(Mistake(what, f"{reference}: its history is {triggers} and should be {kept.triggers}"))
    return found


def of_database(folder: Path, people: Sequence[Somebody], platform: str) -> list[Mistake]:
    """What lies in the tables, in the file itself and beside it, when no process runs."""
    found: list[Mistake] = []
    with closing(sqlite3.connect(f"file:{folder}/desk.db?mode=ro", uri=True)) as database:
        packed = {row[0]: (row[1], json.loads(row[2])) for row in database.execute("select reference, id, packed from registrations")}  # fmt: skip
        (acts,) = database.execute("select count(*) from inbox where event like ? || ':%'", (platform,)).fetchone()
    found += [Mistake("lost", told) for told in undone(folder)]
    if (did := sum(one.acts for one in people)) != acts:
        found.append(Mistake("lost" if acts < did else "twice", f"{acts} of {did} messages and presses were taken"))
    for one in people:
        if one.kept.opened and not one.kept.withdrawn and one.reference in packed:
            found += of_files(one, folder / "files", *packed[one.reference])
    return found + of_deleted(folder, people, {f"r{id}" for id, _ in packed.values()})


def undone(folder: Path) -> list[str]:
    """What the process has yet to do: for a while after the last answer, files are still being erased."""
    found = []
    with closing(sqlite3.connect(f"file:{folder}/desk.db?mode=ro", uri=True)) as database:
        for table, where in (("outbox", "done_at is null"), ("jobs", "true"), ("failed", "true")):
            if rows := database.execute(f"select * from {table} where {where}").fetchall():
                found.append(f"{table}: {len(rows)} rows are not done: {rows[:3]}")
    return found


def of_files(one: Somebody, files: Path, id: int, packed: dict[str, Any]) -> list[Mistake]:
    """Every file she sent is there, as it was, once."""
    sent = Counter(hashlib.sha256(content).hexdigest() for content in one.kept.files)
    there = Counter(upload.get("sha256", "") for upload in packed.get("uploads", []))
    found = []
    if sent != there:
        found.append(Mistake("twice" if there - sent else "lost", f"{one.reference}: uploads are {there}, sent was {sent}"))  # fmt: skip
    for sha256 in sent:
        path = files / f"r{id}" / sha256[:2] / sha256
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            found.append(Mistake("lost", f"{one.reference}: the file {sha256} of {id}"))
    return found


def of_deleted(folder: Path, people: Iterable[Somebody], owners: set[str]) -> list[Mistake]:
    """Of what was withdrawn no byte is left, neither in the database nor among the files."""
    found = []
    for path in (folder / "files").iterdir():
        if path.name not in owners and any(one.is_file() for one in (path, *path.rglob("*"))):
            found.append(Mistake("lost", f"the deletion of files/{path.name}"))
    content = b"".join(path.read_bytes() for path in folder.glob("desk.db*") if not path.is_dir())
    for one in people:
        if one.kept.withdrawn:
            left = [text for text in one.kept.answers.values() if text.encode() in content]
            found += [Mistake("lost", f"{one.reference}: the deletion of {text!r}") for text in left]
    return found


def of_repeats(one: Somebody, deaths: Sequence[Death]) -> list[Mistake]:
    """A message may come once more only after a death that came between its sending and the note of it, once for each.

    The deaths get their share of the repeats counted.
    """
    found = []
    free = [death for death in deaths if one.client.chat in death.chats]
    for repeat in one.reading.repeats:
        # The first of it may have been on its way to the platform yet, when the process that sent it was dead.
        death = next((d for d in free if repeat.before <= d.seen[one.client.chat] <= repeat.at), None)
        if death is None:
            found.append(Mistake("twice", f"{one.client.chat}: no death explains that this came again: {repeat}"))
        else:
            free.remove(death)
            death.repeated += 1
    for at in one.reading.early:
        death = next((d for d in deaths if one.client.chat in d.chats and d.seen[one.client.chat] <= at), None)
        if death is None:
            found.append(
                Mistake("lost", f"{one.client.chat}: no death explains that {at} refuses an answer as too early")
            )
        else:
            death.refused += 1
    return found


COLUMNS = ("kills", "lost", "twice", "repeated", "asked again")


def table(deaths: Sequence[Death], mistakes: Sequence[Mistake]) -> str:
    """For each point: kills, lost, done twice, messages repeated, answers refused because their question came again."""
    lines = [f"{'point':<20}" + "".join(f"{name:>13}" for name in COLUMNS)]
    points = sorted({death.at for death in deaths} | {mistake.at for mistake in mistakes})
    for name, ats in (*((at, {at}) for at in points), ("all", set(points))):
        died = [death for death in deaths if death.at in ats]
        wrong = [mistake.what for mistake in mistakes if mistake.at in ats]
        counts = (len(died), wrong.count("lost"), wrong.count("twice"),
                  sum(death.repeated for death in died), sum(death.refused for death in died))  # fmt: skip
        lines.append(f"{name:<20}" + "".join(f"{count:>13}" for count in counts))
    return "\n".join(lines)
