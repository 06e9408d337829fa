"""The page under a flood: cookies cost nothing, so neither a cookie nor an address gets all it asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import pytest
from browser import Served, served
from forms_to_post import opened, post
from httpx2 import Client

from conversations.limits import FILES


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


def test_an_address_gets_only_so_many_cookies_and_visitors_go_on(house: Served) -> None:
    with Client(base_url=house.url, follow_redirects=True) as anna, Client(base_url=house.url) as nobody:
        page = opened(anna)
        answers = []
        for _ in range(600):
            answers.append(nobody.get("/"))
            nobody.cookies.clear()
        assert {answer.status_code for answer in answers} == {303, 429}
        refused = answers[-1]
        assert refused.status_code == 429 and "few seconds" in refused.text and "set-cookie" not in refused.headers
        assert nobody.get("/desk").status_code == 429
        assert post(anna, "/messages", page, text="Thailand").status_code == 200
        chats = house.write(lambda: house.house.app.store.execute("select count(*) from conversations").fetchone()[0])
        assert chats == 1, "a cookie alone leaves nothing behind"


def test_a_visitor_fills_no_disk(house: Served) -> None:
    with Client(base_url=house.url, follow_redirects=True) as anna:
        page, codes = opened(anna), []
        for post_number in range(FILES // 10 + 5):
            files = [("file", (f"{number}.pdf", b"%%PDF-1.4 %d %d" % (post_number, number))) for number in range(10)]
            codes.append(post(anna, "/messages", page, files=files).status_code)
        assert codes == [200] * (FILES // 10) + [429] * 5
        house.settled()
        kept = [path for path in Path(house.settings.files).rglob("*") if path.is_file()]
        assert len(kept) <= FILES
        assert post(anna, "/messages", page, text="help").status_code == 200, "words are read all the same"
