"""The lengths that rule files are held to are those of the channels."""

from __future__ import annotations

from bot.channels import keyboards, markup, slack_blocks, slack_options, slack_parts
from bot.channels.tokens import Tokens
from rules import fit


def test_every_limit_is_the_one_a_channel_has():
    assert (fit.BUTTON.good, fit.BUTTON.most) == (keyboards.LONGEST_LABEL, slack_blocks.LONGEST_LABEL)
    assert fit.BUTTON.most <= min(slack_parts.LONGEST_OPTION, slack_parts.LONGEST_BUTTON, slack_options.LONGEST)
    assert fit.QUESTION.most == fit.HINT.most == slack_parts.LONGEST_LABEL
    assert fit.PLACEHOLDER.good == slack_blocks.LONGEST_PLACEHOLDER == slack_parts.LONGEST_PLACEHOLDER
    assert fit.SENTENCE.most == slack_blocks.LONGEST_SECTION == slack_parts.LONGEST_SECTION
    assert fit.MESSAGE == slack_blocks.LONGEST < markup.LONGEST
    assert fit.ASKED.most < fit.MESSAGE
    assert fit.MOST_CHOICES == keyboards.MOST == slack_blocks.MOST_OPTIONS
    assert fit.KEYBOARD == keyboards.MOST_BYTES


def test_a_value_of_the_longest_allowed_is_carried_by_every_button():
    token = Tokens(["a key that is only for tests"]).made("telegram:1:2", 36**5 - 1, 36**4 - 1, "x" * fit.LONGEST_VALUE)
    assert token is not None


def test_lengths_are_counted_as_the_platforms_count_them():
    for text in ("plain", "żółć", "🙂 two", "ไทย"):
        assert fit.units(text) == markup.units(text)


def test_the_buttons_of_the_largest_question_fit_into_one_keyboard(book):
    """As Telegram's keyboard is really laid out, with the longest of references."""
    tokens = Tokens(["a key that is only for tests"])
    for code in book.codes:
        for field in book.pack(code).fields:
            choices = [(choice, field.choice_labels.get(choice, choice)) for choice in field.limits.choices or ()]
            laid = keyboards.laid_out(
                choices, lambda value: tokens.made("telegram:1:2", 36**5 - 1, 36**4 - 1, value), str
            )
            assert not laid.left_out and not laid.shortened, (code, field.name)
            assert not any(button.copies for row in laid.rows for button in row), (code, field.name)
