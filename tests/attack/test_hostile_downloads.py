"""Files on their way to us: over the page's own form, and from file servers that do not send what was announced."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "web"))

import aiohttp
import hostile_downloads_sent as sent
import hostile_files_made as made
import pytest
import running as telegram_running
import slack_running
from bot_api import BotApi
from browser import Served, served
from forms_to_post import Reader, opened, post
from hostile_downloads_sent import LARGEST, Pieces
from httpx2 import Client
from slack_api import SlackApi

from bot import jobs, looking
from bot.channels import Pace, slack_files, telegram_files
from bot.wiring import House
from conversations.model import Kind

# What a customer reads, by hand: the first words of it that are no file's name.
SAYS = {
    "upload_too_big": "is too large. A file may have up to 20 MB", "upload_empty": "is empty. Please send it again.",
    "upload_wrong_type": "I can't use", "upload_name_lies": "is not what its name says",
    "upload_broken": "the file seems damaged. Please send it again.", "upload_bomb": "unpacks to more than I can open",
    "upload_locked": "is protected with a password", "upload_too_many_pages": "has too many pages; 50 are the most",
    "upload_page_too_large": "has a page of enormous size", "upload_heic": "is in Apple's HEIC format",
}  # fmt: skip
CORPUS = made.corpus()
TAKEN = made.TAKEN
FAST = Pace(1000, 1000)  # what is said how fast is shown elsewhere
# What only the declared type tells against is taken here: a type is the client's guess, and is not kept.
BY_TYPE = {"PDF declared HTML": (TAKEN,), "JPEG declared SVG": (TAKEN,)}
QUICK = [name for name in CORPUS if "million" not in name and "bomb" not in name and "text" not in name]


def reasons(text: str) -> list[str]:
    return [key for key, words in SAYS.items() if words in text]


class FileServer:
    """Hands out one file, in whatever way it is told to. Keeps what it was asked."""

    def __init__(self) -> None:
        self.content, self.ways, self.asked = b"", list[Pieces](), list[bytes]()
        self.url, self.left = "", asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            way = self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]
            gone = asyncio.create_task(reader.read())  # ends when the client has left
            writing = asyncio.create_task(self._writes(way, writer))
            await asyncio.wait([gone, writing], return_when=asyncio.FIRST_COMPLETED)
            for task in (gone, writing):
                task.cancel()
        writer.transport.abort() if writer.is_closing() else writer.close()

    async def _writes(self, way: Pieces, writer: asyncio.StreamWriter) -> None:
        async for piece in way(self.content):
            writer.write(piece)
            await writer.drain()


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with listening() as made:
        yield made


@asynccontextmanager
async def listening(name: str = "127.0.0.1") -> AsyncIterator[FileServer]:
    made = FileServer()
    listener = await asyncio.start_server(made, "127.0.0.1")
    made.url = f"http://{name}:{listener.sockets[0].getsockname()[1]}"
    yield made
    listener.close()


class Chat:
    """Anna on a platform whose files lie on that server."""

    house: House
    run: Any
    anna: Any

    def __init__(self, server: FileServer) -> None:
        self.server, self._sent = server, 0

    def puts(self, content: bytes, name: str, media_type: str, announced: int | None) -> None:
        raise NotImplementedError

    async def sends(
        self,
        content: bytes,
        *ways: Pieces,
        name: str = "licence.pdf",
        media_type: str = "",
        announced: int | None = None,
    ) -> list[str]:
        """Send a file, and go on for hours. The reasons she is given; none when it is taken."""
        self.server.content, self.server.ways = content, list(ways or (sent.whole,))
        await self.house.settled()
        before, kept = len(self.anna.answers), len(self.kept)
        self.puts(content, name, media_type, announced)
        self._sent += 1
        await telegram_running.soon(lambda: sum(one.kind is Kind.FILES for one in self.run.taken) == self._sent)
        async with asyncio.timeout(60):
            for _ in range(4):
                await self.house.settled()
                self.house.app.clock.set_to(self.house.app.clock.now() + timedelta(hours=1))
                self.house.ring()
            await self.house.settled()
        assert self.house.app.store.health(self.house.app.clock.now()).waiting_jobs == 0
        said = [key for one in self.anna.answers[before:] for key in reasons(one.text)]
        assert (len(self.kept) == kept + 1) == (not said), "it is kept, or she is told why not"
        assert not list(self.house.app.files.root.rglob("*.half"))
        return said

    @property
    def kept(self) -> list[Any]:
        """The files the house has of her."""
        (chat,) = {one.chat for one in self.run.taken if one.chat}
        case = self.house.app.store.snapshot(chat)
        assert case is not None
        return [upload for upload in case.conversation.early if upload.checked]


class InTelegram(Chat):
    def puts(self, content: bytes, name: str, media_type: str, announced: int | None) -> None:
        files = self.anna.world.files
        keep = files.keep

        def kept(*args: Any) -> Any:
            file = keep(*args)
            ids = {"file_id": file.id, "file_unique_id": file.unique, "file_size": announced or len(content)}
            object.__setattr__(file, "ids", lambda: ids)
            return file

        files.keep = kept
        self.anna.sends_document(content, name, media_type or None)
        files.keep = keep


class InSlack(Chat):
    api: SlackApi

    def puts(self, content: bytes, name: str, media_type: str, announced: int | None) -> None:
        files, keep = self.api.files, self.api.files.keep

        def kept(*args: Any, **values: Any) -> Any:
            file = keep(*args, **values)
            json = file.json
            more = {"size": announced} if announced else {}
            more |= {"mimetype": media_type} if media_type else {}
            file.json = lambda **how: json(**how) | more  # type: ignore[method-assign]
            return file

        files.keep = kept  # type: ignore[method-assign]
        self.anna.sends_files([(name, content)])
        files.keep = keep  # type: ignore[method-assign]


@asynccontextmanager
async def telegram(folder: Path, server: FileServer) -> AsyncIterator[Chat]:
    with BotApi() as api:
        settings = telegram_running.settings_for(folder, api, telegram_base_file_url=f"{server.url}/file/bot")
        async with telegram_running.running(settings) as run:
            chat = InTelegram(server)
            chat.house, chat.run, chat.anna = run.house, run, api.person("Anna")
            api.pace.off()
            run.intake.channel.pace = lambda _: FAST  # type: ignore[method-assign]
            chat.anna.starts()
            await telegram_running.until(chat.anna, lambda anna: anna.answers)
            yield chat
        assert api.complaints == []


@asynccontextmanager
async def slack(folder: Path, server: FileServer) -> AsyncIterator[Chat]:
    with SlackApi() as api:
        api.files.base = server.url
        async with slack_running.running(api, slack_running.settings_for(folder, api)) as run:
            chat = InSlack(server)
            chat.house, chat.run, chat.anna, chat.api = run.house, run, api.person("Anna"), api
            api.pace.off()
            run.intake.channel.pace = lambda _: FAST  # type: ignore[method-assign]
            chat.anna.types("hello")
            await slack_running.until(chat.anna, lambda anna: anna.answers)
            yield chat


PLATFORMS = {"telegram": telegram, "slack": slack}


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def chat(
    platform: str, tmp_path: Path, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Chat]:
    # Trouble on the way is waited out for hours, which another suite shows; here two tries must do.
    monkeypatch.setattr(looking, "DOWNLOADS", 1)
    monkeypatch.setattr(jobs, "TRIES", 2)
    monkeypatch.setattr(telegram_files, "LONGEST", 0.5)
    monkeypatch.setattr(slack_files, "TIMEOUT", aiohttp.ClientTimeout(total=0.5))
    async with PLATFORMS[platform](tmp_path, server) as chat:
        yield chat


async def test_what_is_sent_instead_of_a_file_gets_its_sentence(chat: Chat, platform: str) -> None:
    paper, small = made.pdf(), 1000
    large = made.padded(paper, LARGEST + 1)
    of_slack = platform == "slack"
    broken, big, lies = ["upload_broken"], ["upload_too_big"], ["upload_name_lies"]
    told: list[tuple[str, list[str], bytes, tuple[Pieces, ...], int | None]] = [
        ("announced small and streamed large", big, large, (sent.whole,), small),
        ("announced by its server only", big, paper, (sent.announced_large,), small),
        ("endless", big, paper, (sent.streamed_large,), small),
        ("packed", lies, paper, (sent.unpacks_large,), None),
        ("a page to sign in", broken if of_slack else lies, paper, (sent.html,), None),
        ("cut once", [], paper, (sent.cut, sent.whole), None),
        ("cut", broken, paper, (sent.cut,), None),
        ("cut between chunks", broken, paper, (sent.cut_in_chunks,), None),
        ("no HTTP", broken, paper, (sent.no_http,), None),
        ("silent", broken, paper, (sent.silent,), None),
        ("drips for ever", broken, paper, (sent.drips,), None),
        ("drips once", [], paper, (sent.drips, sent.whole), None),
        ("nothing", ["upload_empty"], b"", (sent.whole,), small),
        ("one too few", [], made.padded(paper, LARGEST - 1), (sent.whole,), None),
        ("exactly", [], made.padded(paper, LARGEST), (sent.whole,), None),
        ("one too many", big, large, (sent.whole,), None),
    ]
    found = {what: await chat.sends(content, *ways, announced=size) for what, _, content, ways, size in told}
    assert found == {what: reason for what, reason, *_ in told}


async def test_what_is_announced_too_large_is_not_asked_for(chat: Chat) -> None:
    assert await chat.sends(made.pdf(), announced=LARGEST + 1) == ["upload_too_big"]
    assert chat.server.asked == []


async def test_a_file_said_to_lie_elsewhere_is_not_fetched_from_there(chat: Chat, platform: str) -> None:
    async with listening("localhost") as other:  # another host by its name
        other.content, other.ways = made.pdf(), [sent.whole]
        places = [f"{other.url}/x", f"//{other.url.partition('//')[2]}/x", "http://169.254.169.254/latest/meta-data/",
                  "file:///etc/passwd", "http://[::1/", "", "gopher://localhost/", f"http://127.0.0.1@{other.url[7:]}/x"]  # fmt: skip
        for place in places:
            assert await chat.sends(made.pdf(), sent.to(place)) == ["upload_broken"], place
        assert other.asked == [], "and nobody there has seen a token"
    if platform == "slack":  # round and round on its own host
        assert await chat.sends(made.pdf(), sent.to(f"{chat.server.url}/again")) == ["upload_broken"]
        assert len([one for one in chat.server.asked if b"/again" in one]) < 10


async def test_kinds_of_the_corpus_get_their_reason_on_platforms(chat: Chat, chance: random.Random, share: Any) -> None:
    mistakes = {}
    for name in chance.sample(QUICK, share.of(60)):
        hostile = CORPUS[name]
        content = hostile.make()
        if not hostile.name:
            continue  # platforms give every file one
        media_type = hostile.media_type.partition(";")[0]
        (said,) = await chat.sends(content, name=hostile.name, media_type=media_type) or [TAKEN]
        if said not in BY_TYPE.get(name, hostile.expected):
            mistakes[name] = (said, hostile.expected)
    assert not mistakes


# --- the page


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


def answered(house: Served, client: Client, *files: tuple[str, bytes, str]) -> list[str]:
    """The reasons the page shows beneath what was sent."""
    before = len(opened(client).lines)
    answer = post(client, "/messages", files=[("file", file) for file in files])
    assert answer.status_code == 200
    house.settled()
    noticed = ["upload_too_big"] if 'role="alert">That file is larger than 20 MB' in answer.text else []
    return noticed + [key for line in opened(client).lines[before:] if not line.mine for key in reasons(line.text)]


def test_kinds_of_the_corpus_get_their_reason_on_the_page(page: Served, chance: random.Random, share: Any) -> None:
    mistakes = {}
    for name in chance.sample(QUICK, share.of(len(QUICK))):
        hostile = CORPUS[name]
        with Client(base_url=page.url, follow_redirects=True, timeout=60) as client:
            (said,) = answered(page, client, (hostile.name, hostile.make(), hostile.media_type)) or [TAKEN]
        if said not in BY_TYPE.get(name, hostile.expected):
            mistakes[name] = (said, hostile.expected)
    assert not mistakes


def test_a_post_of_twenty_million_bytes_is_taken_and_one_byte_more_is_named(page: Served) -> None:
    paper = made.pdf()
    with Client(base_url=page.url, follow_redirects=True, timeout=60) as client:
        for size, said in ((LARGEST - 1, []), (LARGEST, []), (LARGEST + 1, ["upload_too_big"])):
            assert answered(page, client, ("licence.pdf", made.padded(paper, size), "application/pdf")) == said, size
        both = [("large.pdf", made.padded(paper, LARGEST + 1), ""), ("licence.pdf", paper, "")]
        assert answered(page, client, *both) == ["upload_too_big"], "the other one is taken"
        kept = [path for path in Path(page.settings.files).rglob("*") if path.is_file() and path.suffix != ".png"]
        assert sum(path.stat().st_size >= LARGEST - 1 for path in kept) == 2
        assert isinstance(opened(client), Reader)
