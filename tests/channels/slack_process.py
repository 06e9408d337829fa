"""The real process with a Slack workspace: it is started, and asked, as an operator would."""

from __future__ import annotations

import time

from slack_api import SlackApi
from telegram_process import PATIENCE
from telegram_process import Process as AnyProcess


class Process(AnyProcess):
    """One installation in Socket Mode, or posted to, whose process comes and goes."""

    def leading_to(self, api: SlackApi) -> dict[str, str]:
        known = {"SLACK_BOT_TOKEN": api.bot_token, "SLACK_BASE_URL": api.base_url}
        return known | {"SLACK_APP_TOKEN": api.app_token}


class Posted(Process):
    def leading_to(self, api: SlackApi) -> dict[str, str]:
        known = super().leading_to(api) | {"SLACK_SIGNING_SECRET": api.signing_secret}
        return known | {"SLACK_APP_TOKEN": ""}


def verified(api: SlackApi) -> None:
    """Wait until the address answers."""
    last = time.monotonic() + PATIENCE
    while True:
        try:
            return api.verifies_url()
        except Exception:
            assert time.monotonic() < last, "nobody answers"
            time.sleep(0.1)
