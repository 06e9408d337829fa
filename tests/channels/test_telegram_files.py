"""Files to and from people, through the real library, against a server that refuses what Telegram refuses."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog.testing
from bot_api import BotApi
from bot_people import Person
from messages_to_send import Post, large_picture, pdf, picture, telegram_of
from telegram.error import NetworkError

from bot.channels import Refused, TooBig, TryLater, telegram_files
from bot.channels.telegram import Telegram
from bot.channels.telegram_files import NotServed, Piece, pieces

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture(scope="module")
def server() -> Iterator[BotApi]:
    with BotApi() as api:
        api.pace.overall = None  # tests are not people
        yield api


@pytest.fixture
def api(server: BotApi) -> Iterator[BotApi]:
    server.log.clear()
    yield server
    server.faults.end()
    assert server.complaints == []


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[Telegram]:
    async with telegram_of(api) as channel:
        yield channel


@pytest.fixture
def anna(api: BotApi) -> Person:
    anna = api.person("Anna")
    anna.starts()
    return anna


@pytest.fixture
def say(channel: Telegram, api: BotApi, anna: Person) -> Post:
    return Post(api, channel, anna.id)


# --- to people


async def test_letters_and_their_pictures_come_before_the_question(say: Post, anna: Person, tmp_path: Path) -> None:
    letter = pdf(tmp_path / "TH-4K7Q-letter-v1.pdf")
    pages = [picture(tmp_path / f"TH-4K7Q-letter-v1-page-{number}.png") for number in (1, 2)]
    consent = pdf(tmp_path / "TH-4K7Q-consent-v1.pdf", b"%PDF-1.7 another")
    page = picture(tmp_path / "TH-4K7Q-consent-v1-page-1.png")
    sent = await say("All correct?", files=[letter, *pages, consent, page], choices=[("yes", "Yes")], asks=True)
    first, second, third, fourth, fifth, text = anna.answers
    assert first.documents == [(letter.name, letter.read_bytes())]
    assert first.content["document"]["mime_type"] == "application/pdf"
    assert second.photos and third.photos and second.album == third.album is not None
    assert fourth.documents == [(consent.name, consent.read_bytes())]
    assert fifth.photos and fifth.album is None
    assert (text.text, text.labels) == ("All correct?", ["Yes"])
    assert [shown.text for shown in anna.answers] == [""] * 5 + [text.text]  # no captions
    assert not any(shown.protected for shown in anna.answers)
    assert (sent.order, sent.message, sent.messages) == (text.id, str(text.id), 6)


@pytest.mark.parametrize(("count", "albums"), [
    (0, []), (1, [1]), (2, [2]), (10, [10]), (11, [6, 5]), (20, [10, 10]), (21, [7, 7, 7]), (25, [9, 8, 8]),
])  # fmt: skip
def test_pictures_come_in_albums_none_of_them_of_one(count: int, albums: list[int], tmp_path: Path) -> None:
    files = [(picture(tmp_path / f"{number}.png"), f"{number}.png", "image/png") for number in range(count)]
    found = pieces(files)
    assert [len(piece.files) for piece in found] == albums
    assert [file for piece in found for file in piece.files] == files


def test_a_document_parts_two_albums(tmp_path: Path) -> None:
    page, letter = picture(tmp_path / "1.png"), pdf(tmp_path / "2.pdf")
    png, paper = (page, "1.png", "image/png"), (letter, "2.pdf", "application/pdf")
    assert pieces([png, png, paper, png]) == [Piece((png, png), True), Piece((paper,)), Piece((png,), True)]


async def test_a_picture_telegram_does_not_take_for_one_is_a_document(
    api: BotApi, say: Post, anna: Person, tmp_path: Path
) -> None:
    files = [
        large_picture(tmp_path / "large.png"), picture(tmp_path / "strip.jpg", (2000, 50)),
        picture(tmp_path / "good.jpg"), picture(tmp_path / "wide.png", (9990, 600)),
    ]  # fmt: skip
    await say("The papers.", files=files)
    assert [name for shown in anna.answers for name, _ in shown.documents] == [file.name for file in files]
    assert anna.answers[-1].text == "The papers."


async def test_a_single_picture_is_a_photo(say: Post, anna: Person, tmp_path: Path) -> None:
    await say("The page.", files=[picture(tmp_path / "page.jpg", (900, 1200))])
    assert [bool(shown.photos) for shown in anna.answers] == [True, False]


async def test_a_file_that_is_missing_or_refused_does_not_hold_the_message(
    say: Post, anna: Person, tmp_path: Path
) -> None:
    files = [tmp_path / "erased.pdf", pdf(tmp_path / "empty.pdf", b""), pdf(tmp_path / "letter.pdf")]
    with structlog.testing.capture_logs() as logs:
        await say("All correct?", files=files)
    assert [name for shown in anna.answers for name, _ in shown.documents] == ["letter.pdf"]
    assert anna.answers[-1].text.startswith("All correct?\n\n2 files could not be attached here.")
    assert [line["event"] for line in logs] == ["file_not_sent", "file_not_sent"]


async def test_files_already_sent_are_not_sent_again(api: BotApi, say: Post, anna: Person, tmp_path: Path) -> None:
    files = [pdf(tmp_path / "letter.pdf"), picture(tmp_path / "1.png"), picture(tmp_path / "2.png")]
    outgoing, rendered = say.message("All correct?", files=files, choices=[("yes", "Yes")])
    api.refuses("sendMediaGroup", 502)
    with pytest.raises(NetworkError):
        await say.channel.send(outgoing, rendered)
    api.refuses("sendMessage", 429, retry_after=1)
    with pytest.raises(TryLater):
        await say.channel.send(outgoing, rendered)
    sent = await say.channel.send(outgoing, rendered)
    assert [len(shown.documents) + 10 * len(shown.photos) for shown in anna.answers] == [1, 10, 10, 0]
    assert sent.messages == 4


async def test_who_blocked_us_meanwhile_is_gone_whatever_is_sent(say: Post, anna: Person, tmp_path: Path) -> None:
    anna.blocks()
    with pytest.raises(Refused) as refused:
        await say("All correct?", files=[picture(tmp_path / "page.png")])
    assert refused.value.gone


async def test_files_in_a_message_that_could_be_an_edit_make_it_a_new_one(
    say: Post, anna: Person, tmp_path: Path
) -> None:
    first = await say("0 of 1", slot="checklist")
    await say("1 of 1", slot="checklist", edits=first.message, files=[pdf(tmp_path / "letter.pdf")])
    assert [shown.text for shown in anna.answers] == ["0 of 1", "", "1 of 1"]


# --- from people


def ref(say: Post, file_id: str) -> str:
    return f"{':'.join(say.chat.split(':')[:2])}:{file_id}"


def file_of(anna: Person, message: int) -> str:
    (shown,) = [shown for shown in anna.sees if shown.id == message]
    return str(shown.content["document"]["file_id"])


async def test_a_file_is_fetched_as_it_was_sent(say: Post, anna: Person, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    document = ref(say, file_of(anna, anna.sends_document(content, "licence.pdf")))
    assert await say.channel.download(document, tmp_path / "file", len(content)) == {}
    assert (tmp_path / "file").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


async def test_a_file_over_the_limit_is_too_big_and_leaves_nothing(
    api: BotApi, say: Post, anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = ref(say, file_of(anna, anna.sends_document(b"x" * 1000, "licence.pdf")))
    with pytest.raises(TooBig):  # by what was announced
        await say.channel.download(document, tmp_path / "file", 999)
    assert [call.method for call in api.log] == ["getFile"]
    link = api.files.link
    monkeypatch.setattr(api.files, "link", lambda file_id: {**link(file_id), "file_size": 0})
    with pytest.raises(TooBig):  # by what the file server announced
        await say.channel.download(document, tmp_path / "file", 999)

    async def flood() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100

    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=flood()))
    say.channel._downloads._client = httpx.AsyncClient(transport=transport)
    with pytest.raises(TooBig):  # by what came
        await say.channel.download(document, tmp_path / "file", 999)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_too_big_for_a_bot_is_too_big(say: Post, anna: Person, tmp_path: Path) -> None:
    document = ref(say, file_of(anna, anna.sends_document(bytes(20 * 1024 * 1024 + 1), "video.bin")))
    with pytest.raises(TooBig):
        await say.channel.download(document, tmp_path / "file", 10**9)


async def test_a_file_that_is_none_is_refused(api: BotApi, say: Post, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        await say.channel.download(ref(say, "nonsense"), tmp_path / "file", 10)
    with pytest.raises(Refused):
        await say.channel.download("telegram:1:AgACsomething", tmp_path / "file", 10)
    assert len(api.log) == 1


async def test_a_link_grown_old_is_asked_for_anew(
    api: BotApi, say: Post, anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = ref(say, file_of(anna, anna.sends_document(b"licence", "licence.pdf")))
    path = telegram_files.Downloads._path
    old = True

    async def path_grown_old(*args: object) -> str:
        nonlocal old
        found = await path(*args)  # type: ignore[arg-type]
        if old:
            api.expire_links()
        old = False
        return found

    monkeypatch.setattr(telegram_files.Downloads, "_path", path_grown_old)
    await say.channel.download(document, tmp_path / "file", 100)
    assert (tmp_path / "file").read_bytes() == b"licence"
    assert [call.method for call in api.log] == ["getFile", "download", "getFile", "download"]


async def test_asked_to_wait_the_file_waits(api: BotApi, say: Post, anna: Person, tmp_path: Path) -> None:
    document = ref(say, file_of(anna, anna.sends_document(b"licence", "licence.pdf")))
    api.refuses("getFile", 429, retry_after=9)
    with pytest.raises(TryLater) as later:
        await say.channel.download(document, tmp_path / "file", 100)
    assert later.value.wait == 9.0


async def test_trouble_on_the_way_leaves_nothing_and_says_no_token(
    api: BotApi, say: Post, anna: Person, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    document = ref(say, file_of(anna, anna.sends_document(b"licence", "licence.pdf")))
    api.resets("download")
    with pytest.raises(NotServed) as broken:
        await say.channel.download(document, tmp_path / "file", 100)
    api.refuses("getFile", 502)
    with pytest.raises(NetworkError) as gateway:
        await say.channel.download(document, tmp_path / "file", 100)
    assert list(tmp_path.iterdir()) == []
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn")]
    for error in (broken.value, gateway.value):
        assert api.token.partition(":")[2] not in f"{error!r} {error.__cause__!r} {ours}"
    await say.channel.download(document, tmp_path / "file", 100)


@pytest.mark.parametrize(("status", "headers", "raises"), [
    (500, {}, NotServed), (403, {}, NotServed), (301, {"location": "http://127.0.0.1/"}, NotServed),
    (429, {"retry-after": "12"}, TryLater), (429, {}, TryLater), (410, {}, NotServed), (200, {"content-length": "8"}, TooBig),
])  # fmt: skip
async def test_what_the_file_server_may_answer(
    say: Post, anna: Person, tmp_path: Path, status: int, headers: dict[str, str], raises: type[Exception]
) -> None:
    document = ref(say, file_of(anna, anna.sends_document(b"x", "licence.pdf")))
    body = b"x" * int(headers.get("content-length", 0))
    transport = httpx.MockTransport(lambda request: httpx.Response(status, headers=headers, content=body))
    say.channel._downloads._client = httpx.AsyncClient(transport=transport)
    with pytest.raises(raises):
        await say.channel.download(document, tmp_path / "file", 7)
    assert list(tmp_path.iterdir()) == []


async def test_a_server_of_ones_own_hands_out_files_on_its_disk(
    api: BotApi, say: Post, anna: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lies = pdf(tmp_path / "on the server's disk.pdf", b"licence")
    document = ref(say, file_of(anna, anna.sends_document(b"licence", "licence.pdf")))
    link = api.files.link

    def local(file_id: str) -> dict[str, object]:
        return {**link(file_id), "file_path": str(lies)}

    monkeypatch.setattr(api.files, "link", local)
    await say.channel.download(document, tmp_path / "file", 100)
    assert (tmp_path / "file").read_bytes() == b"licence"
    lies.write_bytes(b"x" * 101)
    with pytest.raises(TooBig):
        await say.channel.download(document, tmp_path / "other", 100)
    lies.unlink()
    with pytest.raises(NotServed):
        await say.channel.download(document, tmp_path / "other", 100)
    lies.write_bytes(b"a secret of ours")
    say.channel._downloads._is_official = True
    with pytest.raises(NotServed):  # the cloud has no business on our disk
        await say.channel.download(document, tmp_path / "other", 100)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", lies.name]
