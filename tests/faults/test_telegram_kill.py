"""kill -9 of the real process between and within updates, and all else that goes wrong between it and Telegram."""

from __future__ import annotations

import io
import random
import sys
import time
from pathlib import Path

import httpx
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "channels"))

from bot_api import BotApi
from telegram_process import PATIENCE, Applicant, Process, keeps_silent, let_act, registration_of

# When the process dies: `handed`: an update was handed to it a moment ago. `shown`: its message arrived, and it does
# not know yet. `idle`: nothing happens. `starting`: it has just been started, and something waits for it.
KILLS = ["handed"] * 4 + ["shown"] * 3 + ["idle"] * 2 + ["starting"] * 2
A_TURN = 0.05  # seconds from the handing out of an update to the end of what it leads to, and a little more
A_START = 1.4  # from the start of the process to its first message
UNNOTED = 3.0  # that an answer of Telegram's is kept from it, so that it dies without


def test_eleven_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    with BotApi(seed=seed) as api, Process(tmp_path / "desk", api) as process:
        killed = Killed(api, process, random.Random(seed))
        killed.lives()
        assert process.stop() == 0
        assert api.complaints == []
        keeps_silent(process.output, api, *(secret for one in killed.applicants for secret in one.secrets))


class Killed:
    """The people who go on with their registrations while the process dies again and again."""

    def __init__(self, api: BotApi, process: Process, chance: random.Random) -> None:
        self.api, self.process, self.chance = api, process, chance
        self.applicants: list[Applicant] = []
        self.somebody_comes()
        self.somebody_comes()

    def somebody_comes(self) -> Applicant:
        number = len(self.applicants)
        self.applicants.append(Applicant(self.api.person(f"Person {number}", "en"), registration_of(number)[:12]))
        return self.applicants[-1]

    def lives(self) -> None:
        kills = self.chance.sample(KILLS, len(KILLS))
        for kill in kills:
            getattr(self, kill)()
            for applicant in self.applicants:
                if self.chance.random() < 0.3:
                    applicant.act()  # while nobody is there
            self.process.start()
        let_act(self.api, self.applicants, lambda: all(one.is_through for one in self.applicants))
        self.api.waits(lambda api: not api.updates.waiting)
        self.nothing_is_lost()
        self.nothing_is_doubled(len(kills), kills.count("shown"))

    def nothing_is_lost(self) -> None:
        shown = sorted(self.process.command("case", "list"), key=lambda case: case["answers"]["company_name"])
        assert [case["answers"] for case in shown] == [one.stored for one in self.applicants]
        assert [[line["trigger"] for line in case["history"]] for case in shown] == [["open"]] * len(self.applicants)
        assert self.process.command("failed", "list") == []

    def nothing_is_doubled(self, kills: int, shown: int) -> None:
        found = [one.repeats() for one in self.applicants]
        print(f"{sum(one.acts for one in self.applicants)} messages and presses, seen twice and too early: {found}")
        assert all(twice <= kills and early <= kills for twice, early in found)
        # Killed between a message's arrival and the note of it, the process can't but send it again.
        assert sum(twice for twice, _ in found) >= shown
        acts = sum(one.acts for one in self.applicants)
        assert len(self.api.updates.confirmed) == acts and self.api.updates.dropped == []
        # A press is answered after its commit; killed in between, nobody is left to know of it.
        assert len(self.api.unanswered_presses) <= kills

    # --- the kills

    def somebody_acts(self) -> Applicant:
        """Wait until somebody can, and let her; the others wait."""
        if all(one.is_through for one in self.applicants):
            self.somebody_comes()
        self.api.waits(lambda api: any(one.can_act for one in self.applicants), PATIENCE)
        acting = self.chance.choice([one for one in self.applicants if one.can_act])
        acting.act()
        return acting

    def handed(self) -> None:
        given = self.handed_out()
        self.somebody_acts()
        self.api.waits(lambda api: self.handed_out() > given, PATIENCE)
        time.sleep(self.chance.uniform(0, A_TURN))
        self.process.kill()

    def handed_out(self) -> int:
        return sum(bool(call.answer) for call in self.api.calls("getUpdates"))

    def shown(self) -> None:
        with self.api.world.lock:
            slow, before = self.api.slows("sendMessage", UNNOTED), len(self.api.calls("sendMessage"))
        self.somebody_acts()
        self.api.waits(lambda api: slow.hits, PATIENCE)
        call = self.api.calls("sendMessage")[before]
        while call.answer is None:  # it was begun a moment ago
            time.sleep(0.001)
        self.process.kill()

    def idle(self) -> None:
        self.somebody_acts()
        self.api.waits(lambda api: not api.updates.waiting and all(
            one.can_act or one.is_through for one in self.applicants), PATIENCE)  # fmt: skip
        time.sleep(self.chance.uniform(0, A_TURN))
        self.process.kill()

    def starting(self) -> None:
        self.somebody_acts()
        self.process.kill()
        self.process.start()
        time.sleep(self.chance.uniform(0.2, A_START))
        self.process.kill()


def test_refusals_resets_and_doubles_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    with BotApi(seed=seed) as api:
        lost = api.loses_answer("sendMessage", times=3, chance=0.15)
        faults = [
            lost,
            api.refuses("sendMessage", 429, retry_after=1, times=2, chance=0.15),
            api.refuses("sendMessage", 500, chance=0.15),
            api.refuses("sendMessage", 502, chance=0.15),
            api.resets("sendMessage", times=2, chance=0.15),
            api.refuses("getUpdates", 429, retry_after=1, chance=0.2),
            api.resets("getUpdates", chance=0.2),
            api.loses_answer("getUpdates", chance=0.2),
            api.resets("answerCallbackQuery", chance=0.5),
            api.refuses("answerCallbackQuery", 500, chance=0.5),
        ]
        api.delivers_twice(5)
        api.forgets_confirmation(5)
        with Process(tmp_path / "desk", api) as process:
            applicants = [Applicant(api.person(f"Person {i}", "en"), registration_of(i)[:8]) for i in range(3)]
            let_act(api, applicants, lambda: all(one.is_through for one in applicants))
            api.waits(lambda api: not api.updates.waiting)
            shown = sorted(process.command("case", "list"), key=lambda case: case["answers"]["company_name"])
            assert process.command("failed", "list") == []
            assert process.stop() == 0
        assert sum(fault.hits for fault in faults) > 5, faults  # whichever they were
        assert (api.updates.doubles, api.updates.forgets) == (0, 0)
        assert [case["answers"] for case in shown] == [one.stored for one in applicants]
        found = [one.repeats() for one in applicants]
        # What arrived without our knowing is sent again, and nothing else is.
        assert sum(twice for twice, _ in found) == lost.hits, found
        assert len(api.updates.confirmed) == sum(one.acts for one in applicants)
        assert len(api.unanswered_presses) <= 2  # a courtesy: those whose answer broke off
        assert api.complaints == []
        keeps_silent(process.output, api, *(secret for one in applicants for secret in one.secrets))


def test_a_token_that_is_refused_is_not_printed(tmp_path: Path) -> None:
    with BotApi() as api:
        wrong = "7123456789:BBHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T1"
        with Process(tmp_path / "desk", api, TELEGRAM_BOT_TOKEN=wrong) as process:
            assert process.ends() == 2
        assert "TELEGRAM_BOT_TOKEN: Telegram refuses it" in process.output
        secret = wrong.partition(":")[2]
        assert secret not in process.output
        keeps_silent(process.output, api)


def test_whatever_goes_wrong_no_token_and_no_answer_is_logged(tmp_path: Path) -> None:
    with BotApi() as api, Process(tmp_path / "desk", api) as process:
        anna = Applicant(api.person("Quillfeather", "en"), registration_of(1))
        ben = api.person("Ramsbottom", "en")
        let_act(api, [anna], lambda: anna.person.answers and "legal name" in anna.person.answers[-1].text)

        api.resets("download")
        ben.sends_photo(a_photo(), caption="certificate of Thistledown")
        process.logs("NotServed")
        with api.world.lock:
            api.updates.add("message", {"message_id": "one", "text": "Thistledown unreadable"}, "chat 1")
        process.logs("update_unreadable")

        api.resets("getUpdates")
        api.refuses("getUpdates", 500)
        api.resets("sendMessage", chat=anna.person.id)
        api.refuses("sendMessage", 400, chat=ben.id)
        ben.types("Thistledown is what we are called")
        anna.act()
        process.logs("poll_failed", 2)
        process.logs("send_failed")
        process.logs("send_given_up")

        broken = api.resets("sendMessage", chat=ben.id)
        ben.shares_contact("+254 20 7654321")
        api.waits(lambda api: broken.hits, PATIENCE)
        token, api.token = api.token, "7123456789:CCHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T2"
        ben.types("Thistledown once more")  # ends the poll that is under way
        process.logs("token_refused")
        process.logs("poll_failed", 3)
        api.token = token

        api.waits(lambda api: api.calls("getUpdates")[-1].status == 0, PATIENCE)  # it polls again
        assert httpx.get(f"{api.base_url}{token}/getUpdates", trust_env=False).status_code == 200
        process.logs("telegram_conflict")
        assert process.stop() == 0
        keeps_silent(process.output, api, *anna.secrets, "Thistledown", "7654321", "Quillfeather", "Ramsbottom")
        assert "Traceback" not in process.output


def a_photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "lightgrey").save(out, "JPEG")
    return out.getvalue()
