"""A form of the page is posted several times at once, and all of them once more at the end: each counts once."""

from __future__ import annotations

import random
import re
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

from browser import Served, served
from forms_to_post import opened, post

from tests.seeded import Share

WORDS = ("Thailand", "[start]", "transactional", "Germany", "Fresh Bakery GmbH", "why", "[help]")
REFERENCE = re.compile(r"\b[A-Z]{2}-[0-9A-Z]{4}\b")


def lines(house: Served, client: httpx2.Client) -> list[tuple[bool, str]]:
    house.settled()
    return [(line.mine, REFERENCE.sub("XX-0000", line.text)) for line in opened(client).lines]


def converses(house: Served, times: random.Random | None) -> tuple[list[tuple[bool, str]], int]:
    """What stands on the page of somebody who said all the words, each posted so many times; how many posts that took."""
    posted: list[tuple[str, dict[str, str]]] = []
    count = 0
    with httpx2.Client(base_url=house.url, follow_redirects=True, timeout=20) as client, ThreadPoolExecutor(5) as pool:
        for said in WORDS:
            page = opened(client)
            what = {"choice": said.strip("[]")} if said.startswith("[") else {"text": said}
            form = {**page.hidden, **what, "event": str(uuid.uuid4())}
            path = "/press" if "choice" in what else "/messages"
            posted.append((path, form))
            at_once = times.randint(1, 5) if times else 1
            answers = [pool.submit(post, client, path, page, **form) for _ in range(at_once)]
            assert {answer.result().status_code for answer in answers} == {200}
            house.settled()
            count += at_once
        if times:
            before = lines(house, client)
            times.shuffle(posted)
            for path, form in posted:
                post(client, path, opened(client), **form)
            count += len(posted)
            assert lines(house, client) == before
        return lines(house, client), count


def test_a_form_that_is_posted_again_counts_once(chance: random.Random, share: Share, tmp_path: Path) -> None:
    with served(tmp_path) as house:
        once, _ = converses(house, None)
        posts = 0
        for _ in range(share.of(20)):
            often, count = converses(house, chance)
            assert often == once
            posts += count
    print(f"{posts} posts")
    assert len(once) > len(WORDS) * 2
