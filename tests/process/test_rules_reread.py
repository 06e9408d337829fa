"""A real process reads its operator's rules anew when it is told to, and stays up on those it has when they are broken."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

from client import PATIENCE, Place

BROKEN, SOUND = "[sender_id]\nmax_lenght = 9\n", "[sender_id]\nmax_length = 9\n"


def test_sighup_has_the_rules_read_anew_and_what_is_broken_changes_nothing(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rules = tmp_path / "rules"
    rules.mkdir()
    place = Place(tmp_path / "desk", HTTP_PORT=str(port), RULES_DIR=str(rules))
    process = place.start("run", stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert process.stderr is not None

    def logged(what: str) -> str:
        """The next line of the log that has this."""
        assert process.stderr is not None
        return next(line for line in process.stderr if what in line)

    try:
        logged("Sender Desk is on")
        (rules / "ng.toml").write_text(BROKEN)
        process.send_signal(signal.SIGHUP)
        assert "ng.toml: sender_id.max_lenght Extra inputs are not permitted" in logged("rules_broken")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE) as answer:
            assert answer.status == 200
        assert "ng.toml: sender_id.max_lenght" in place.command("rules", "lint").stdout
        (rules / "ng.toml").write_text(SOUND)
        process.send_signal(signal.SIGHUP)
        assert '"count": 0' in logged("rules_reread")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
