"""Posts that no browser makes are refused like any other, and are no error of ours."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
from forms_to_post import opened

Visit = Callable[[], httpx2.Client]


def test_an_address_too_long_to_be_ours_is_not_looked_up(visit: Visit) -> None:
    client = visit()
    assert client.get("/desk/cards/" + "9" * 5000).status_code == 414
    assert client.get("/?notice=" + "x" * 5000).status_code == 414


def test_there_is_one_address_for_each_thing(visit: Visit) -> None:
    assert visit().post("/slack/events/").status_code == 404


def test_a_boundary_longer_than_any_is_no_form(visit: Visit) -> None:
    client = visit()
    csrf = opened(client).hidden["csrf"]
    kind = "multipart/form-data; boundary=" + "b" * 9000
    answer = client.post("/messages", content=b"--x--", headers={"content-type": kind, "x-csrf-token": csrf})
    assert answer.status_code == 400
