"""What Slack makes of what people type is undone, once and no more."""

from __future__ import annotations

import pytest

from bot.channels.slack_text import decoded, mentions


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("", ""),
        ("Fresh Bakery GmbH", "Fresh Bakery GmbH"),
        ("<http://acme.com|acme.com>", "acme.com"),
        ("<https://acme.com/a?b=1&amp;c=2>", "https://acme.com/a?b=1&c=2"),
        ("<https://acme.com|our site>", "our site"),
        ("<mailto:a@b.example|a@b.example>, <mailto:c@d.example>", "a@b.example, c@d.example"),
        ("<tel:+4930123456|+49 30 123456> <tel:112>", "+49 30 123456 112"),
        ("Fish &amp; Chips", "Fish & Chips"),
        ("&lt;b&gt; &amp;lt; &quot;", '<b> &lt; "'.replace('"', "&quot;")),
        ("<http://a.example|a&amp;b.example>", "a&b.example"),
        ("a < b", "a < b"),  # not as Slack sends it: left alone
        ("<unclosed", "<unclosed"),
        ("<@U1> <@U2|bo> <#C1> <#C2|general>", "@U1 @bo #C1 #general"),
        ("<!here> <!subteam^S1> <!subteam^S1|@crew> <!date^1^{date}|1 Jan>", "@here @subteam @crew 1 Jan"),
        (" outer spaces ", " outer spaces "),
        ("*ACME* _x_ `y`", "*ACME* _x_ `y`"),
    ],
)
def test_a_text_is_as_it_was_typed(sent: str, typed: str) -> None:
    assert decoded(sent) == typed


def test_our_own_name_is_left_out_and_others_stay() -> None:
    assert decoded("<@U0> status", ours="U0") == "status"
    assert decoded("Hi <@U0|desk>, and <@U1>", ours="U0") == "Hi and @U1"
    assert decoded(" x ", ours="U0") == " x "
    assert mentions("so <@U0|desk>?", "U0") and not mentions("<@U01>", "U0") and not mentions("<@>", "")


@pytest.mark.parametrize(
    ("sent", "emoji", "typed"),
    [
        (":tada: now", {"name": "tada", "unicode": "1f389"}, "\N{PARTY POPPER} now"),
        ("10:30:wave:", {"name": "wave", "unicode": "1f44b"}, "10:30\N{WAVING HAND SIGN}"),
        (":wave::skin-tone-3:", {"name": "wave", "unicode": "1f44b-1f3fc", "skin_tone": 3}, "\U0001f44b\U0001f3fc"),
        (":shipit:", {"name": "shipit"}, ":shipit:"),  # the workspace's own: there is no character for it
        (":bad:", {"name": "bad", "unicode": "zz"}, ":bad:"),
        ("not :an: emoji", {"name": "other", "unicode": "1f389"}, "not :an: emoji"),
    ],
)
def test_an_emoji_is_its_character(sent: str, emoji: dict[str, object], typed: str) -> None:
    section = {"type": "rich_text_section", "elements": [{"type": "emoji", **emoji}]}
    assert decoded(sent, [{"type": "rich_text", "elements": [section]}]) == typed


def test_blocks_of_any_shape_are_borne() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [{"elements": deep}]
    for blocks in (None, "x", [None, 1, "x"], [{"elements": {"type": "emoji"}}], deep):
        assert decoded("a", blocks) == "a"
