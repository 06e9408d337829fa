"""Strings that mean something somewhere: to Slack, Telegram, a browser, a terminal, a template, a log, a PDF."""

from __future__ import annotations

import random

SLACK = (
    "<!channel>", "<!here|here>", "<!everyone>", "<@U024BE7LD>", "<@U0SENDER01|Anna>", "<#C0DESK|general>", "@channel",
    "<https://evil.example|your bank>", "<!subteam^S012|@desk>", "<!date^0^{date}^https://evil.example|x>", "&lt;!channel&gt;",
    "&amp;lt;", "*bold*", "_it_", "~no~", "`code`", "```pre```", "> quote", ":smile:", ":+1:", "<mailto:a@b.example|c>", "<", ">", "&",
)  # fmt: skip
TELEGRAM = (
    "<b>", "</b>", "<i>x", "</code>", "<a href='tg://user?id=1'>x</a>", '<a href="https://evil.example">bank</a>',
    "<tg-spoiler>", "<pre>", "&nbsp;", "&#0;", "&lt", "&quot;", "tg://resolve?domain=x", "t.me/joinchat/x", "@username",
    "/start", "/help@bot", "#tag", "$USD", "<tg-emoji emoji-id='1'>", "[x](tg://user?id=1)", "||spoiler||", "__u__",
)  # fmt: skip
PAGE = (
    "<script>pwned()</script>", "</script><script>pwned()</script>", "<img src=x onerror=pwned()>", "\"><svg onload=pwned()>",
    "' onmouseover='pwned()", "javascript:pwned()", "</textarea><script>pwned()</script>", "</title><script>pwned()</script>",
    "<!--", "-->", "]]>", "<iframe srcdoc='<script>pwned()</script>'>", "{{7*7}}", "{% raw %}", "{{config}}", "\u2028pwned()\u2029",
    "https://a.example/\"onclick=pwned()", "http://x'><script>pwned()</script>", "data:text/html,<script>pwned()</script>",
    "<a href=javascript:pwned()>x</a>", "\\u003cscript\\u003e", "event: turn\ndata: {}", "\n\ndata: x\n\n", "</template>", "<base href=//evil>",
    "https://evil.example/<script>pwned()</script>", "<style>*{display:none}</style>", "&lt;script&gt;", "\" autofocus onfocus=pwned() x=\"",
)  # fmt: skip
TEMPLATES = (
    "{answer}", "{}", "{0}", "{0.__class__}", "{__class__}", "%s", "%(name)s", "%n%x", "$name", "${x}", "#{x}", "{company}",
    "{text}", "{{", "}}", "%", "\\", "\\n", "{label!r}", "{n:>1000000}", "msgid", "\x1fmsgstr",
)  # fmt: skip
LOGS = (
    "\r\nlevel=critical event=owned", "\n{\"event\": \"owned\"}", "\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\x1b[31mred", "\x9b31m", "\x08\x08",
    "\x00", "\x7f", "\x1b]8;;http://evil\x07x", "\\x1b[0m", "\"}\n{\"", "\x0b\x0c", "\x85", "\x1a",
)  # fmt: skip
WORDS = (
    "back", "help", "submit", "withdraw", "yes", "done", "cancel", "status", "/senderid back", "open TH-0000", "take TH-0000",
    "approve TH-0000 ALL", "DESK-AAAA-AAAA", "desk here", "remove 1", "change 1", "reject TH-0000: no", "11.1.yes.AAAAAAAAAAA",
    "person", "start", "my time zone is ../../etc/passwd", "apply again", "later", "1", "TH-AAAA", "KE-0000 XX-1234", "list", "edit",
)  # fmt: skip
SCRIPTS = (
    "שלום", "مرحبا", "สวัสดี", "你好", "नमस्ते", "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u202egnp.exe", "\u2066\u2069\u202a",
    "\u200b\u200d\ufeff", "a" + "\u0301" * 80, "\u0e47" * 60, "\U000e0041\U000e0042", "\ufff9x\ufffb", "\ue000\U0010fffd", "\ufdfd" * 9, "İıſK", "ﷺ",
    "\ud800", "x\udfffy", "\ufffe", "\U0001d518", "\u1680\u3000", "A\u030a", "ｆｕｌｌ", "\u00ad\u2060", "\U0001f1e9\U0001f1ea",
)  # fmt: skip
ALL = (*SLACK, *TELEGRAM, *PAGE, *TEMPLATES, *LOGS, *WORDS, *SCRIPTS)
PLAIN = ("Fresh Bakery", "a", "Your order 4711", "Acme & Sons <Ltd>", "x" * 60, " ", "\n", "\t", ", ", "  \n ")
LONGEST = 64_000


def hostile(chance: random.Random) -> str:
    """One of them: alone, several glued together, in the middle of something plain, very long, or any characters."""
    how = chance.random()
    if how < 0.3:
        return chance.choice(ALL)
    if how < 0.75:
        return "".join(chance.choice((ALL, ALL, PLAIN)[chance.randrange(3)]) for _ in range(chance.randint(2, 6)))
    if how < 0.9:
        return "".join(_any(chance) for _ in range(chance.randint(1, 40)))
    if how < 0.99:
        return f"Fresh {chance.choice(ALL)} Bakery"
    return (chance.choice(ALL) + chance.choice(("", " ", "\n"))) * chance.randint(50, 900)


def _any(chance: random.Random) -> str:
    """Any character there is, those of the first planes more often."""
    return chr(chance.randrange(chance.choice((0x80, 0x300, 0x3000, 0x10000, 0x110000))))


def file_name(chance: random.Random) -> str:
    """A name as a platform may announce it."""
    name = hostile(chance)[:300]
    return chance.choice((name, f"{name}.pdf", f"../../{name}.jpg", f"C:\\{name}.png", f"{name}\u202egpj.exe"))
