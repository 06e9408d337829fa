from __future__ import annotations

import pytest

from rules.lint import lint
from rules.reading import OURS


def found_in(folder, file: str, text: str) -> set[tuple[str, str, str]]:
    """(file, key, level) of what lint says about one file laid over ours."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return {(one["file"], one["key"], one["level"]) for one in lint(folder)}


def test_our_own_files_are_clean():
    assert lint(OURS) == []


PLANTED = {
    "an unknown key": ("th.toml", 'colour = "red"', "colour", "error"),
    "a value of the wrong kind": ("th.toml", "[lead_time]\ndays = 3", "lead_time.days", "error"),
    "a condition in prose": ("th.toml", '[field.content_urls]\nrequired_when = "messages carry links"', "field.content_urls.required_when", "error"),
    "a condition on a field nobody asks": (
        "th.toml", '[field.content_urls]\nrequired_when = { field = "brand_origin", in = ["local"] }', "field.content_urls.required_when", "error",
    ),
    "a condition on a field asked later": (
        "th.toml", '[field.company_name]\nrequired_when = { field = "monthly_volume", in = [1] }', "field.company_name.required_when", "error",
    ),
    "a condition on an answer nobody can give": (
        "ke.toml", '[field.signatory_name]\nrequired_when = { field = "brand_origin", in = ["lokal"] }', "field.signatory_name.required_when", "error",
    ),
    "a yes/no field compared with a word": (
        "th.toml", '[field.content_urls]\nrequired_when = { field = "messages_carry_links", in = ["yes"] }', "field.content_urls.required_when", "error",
    ),
    "a document on a field nobody asks": (
        "th.toml", '[document.bot_licence]\nrequired_when = { field = "is_bank", in = [true] }', "document.bot_licence.required_when", "error",
    ),
    "a letter that is not there": ("th.toml", '[document.loa]\ntemplate = "letter"', "document.loa.template", "error"),
    "a letter that names what is not asked": ("th.toml", '[document.loa]\ntemplate = "bm04"', "document.loa.template", "error"),
    "a customer's paper with a letter": ("th.toml", '[document.bot_licence]\ntemplate = "loa"', "document.bot_licence", "error"),
    "a stop with no way out": (
        "th.toml", '[[field.loan_content.stops_when]]\nwhen = { field = "loan_content", in = [true] }\ntext = "No."',
        "field.loan_content.stops_when.0.alternative", "error",
    ),
    "a stop nobody wrote": ("th.toml", '[field.loan_content]\nstops_when = ["loans"]', "field.loan_content.stops_when", "error"),
    "a stop that offers what stops": (
        "th.toml",
        '[[field.loan_content.stops_when]]\nwhen = { field = "loan_content", in = [true] }\ntext = "No."\nalternative = "-"\noffer = true',
        "field.loan_content.stops_when.0.offer", "error",
    ),
    "a counter-example the limits take": (
        "th.toml", '[field.company_name]\ncounter_example = "Bakery"', "field.company_name.counter_example", "error",
    ),
    "a source nobody cites": ("th.toml", 'sources = ["newspaper"]', "sources", "error"),
    "a choice without a label": (
        "th.toml", '[field.message_type.limits]\nchoices = ["otp", "transactional", "promotional", "spam"]', "field.message_type.choice_labels", "error",
    ),
    "a label without a choice": ("th.toml", '[field.message_type.choice_labels]\nspam = "Spam"', "field.message_type.choice_labels", "error"),
    "a choice without choices": ("th.toml", '[field.company_name]\ntype = "choice"', "field.company_name.limits.choices", "error"),
    "an example its own limits refuse": ("th.toml", "[field.company_name]\nexample = ''", "field.company_name.example", "error"),
    "a pattern that is none": ("th.toml", '[field.company_name.limits]\npattern = "("', "field.company_name.limits.pattern", "error"),
    "a handoff field nobody asks": ("ru.toml", 'handoff_fields = ["passport"]', "handoff_fields", "error"),
    "a handoff field without what it depends on": ("rs.toml", 'handoff_fields = ["opt_out_keyword"]', "handoff_fields", "error"),
    "no handoff fields": ("ru.toml", "handoff_fields = []", "handoff_fields", "warning"),
    "a registry number nobody asks": ("ie.toml", '[registry]\nnumber_field = "number"', "registry.number_field", "error"),
    "a self-registration without a registry": ("th.toml", 'route = "self_registration"', "registry", "error"),
    "no sources": ("th.toml", "sources = []", "sources", "error"),
    "a source without a day": ("th.toml", '[[sources]]\ntitle = "t"\nurl = "u"', "sources.0.read_on", "error"),
    "a form without fields": ("rw.toml", "fields = []\ndocuments = []", "fields", "error"),
    "names too long for themselves": ("th.toml", "[sender_id]\nmin_length = 12", "sender_id.min_length", "error"),
    "a lead time backwards": ("th.toml", "[lead_time]\ndays = [30, 7]", "lead_time.days", "error"),
    "nothing instead of a name": ("us.toml", 'instead = ""', "instead", "warning"),
    "a question nobody words": (
        "th.toml", '[field.loan_content]\nquestion = ""', "field.loan_content.question", "warning",
    ),
    "a letter nobody sends": (
        "letters/memo.toml", 'template = "memo"\ntitle = "t"\nsubject = "s"\nparagraphs = ["p"]\nfacts = ["city"]', "template", "warning",
    ),
    "a letter with a stray brace": ("letters/loa.toml", 'paragraphs = ["We, {company name}, agree."]', "paragraphs", "error"),
    "a letter that names whom it may not": ("letters/loa_brand.toml", 'closing = ["Sent by {operator}."]', "names_operator", "error"),
    "a file that is not TOML": ("th.toml", "= 3", "", "error"),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_error_is_found(tmp_path, what):
    file, text, key, level = PLANTED[what]
    assert (file.rsplit("/", 1)[-1], key, level) in found_in(tmp_path, file, text)


def test_a_problem_says_what_to_do(tmp_path):
    found_in(tmp_path, "th.toml", '[field.content_urls]\nrequired_when = { field = "brand_origin", in = ["local"] }')
    (told,) = lint(tmp_path)
    assert told["text"] == "brand_origin is not asked earlier: put it before this one in fields"
