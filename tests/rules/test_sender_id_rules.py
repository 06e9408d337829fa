"""A sender ID is taken exactly when its country's rules take it, and what is offered instead always passes."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.errors import BadAnswer
from conversations.judgement.judging import doubts, reads_as_number
from conversations.judgement.relation import How, related
from conversations.judgement.sender_ids import example, in_words, read_sender_id, rules_in_words
from rules.book import Book
from rules.schema import NameCase, SenderIdRules

MESSAGE_TYPES = ("otp", "transactional", "promotional")
PRINTABLE = "".join(map(chr, range(32, 127)))
MARKERS = st.sampled_from(["", "AD-", "-AD", "adv", "AD", "x"])
SYMBOLS = st.one_of(st.none(), st.text(alphabet=" -_.&+", max_size=4))


@st.composite
def rules(draw: Any) -> SenderIdRules:
    low = draw(st.integers(1, 5))
    return SenderIdRules(
        min_length=low,
        max_length=draw(st.integers(low, 12)),
        max_digits=draw(st.integers(3, 15)),
        symbols=draw(SYMBOLS),
        digits_only=draw(st.booleans()),
        digits_allowed=draw(st.booleans()),
        mixed=draw(st.booleans()),
        not_first=draw(st.sampled_from(["", "+", " +-"])),
        not_last=draw(st.sampled_from(["", "-", " -."])),
        phone_like=draw(st.sampled_from([None, True, False])),
        case=draw(st.sampled_from([None, "upper", "lower"])),
        prefixes=draw(st.sampled_from([{}, {"promotional": "AD-"}, {"promotional": "adv"}])),
        suffixes=draw(st.sampled_from([{}, {"promotional": "-AD"}, {"otp": "AD"}])),
    )


NAMES = st.one_of(
    st.text(alphabet=PRINTABLE, max_size=17),
    st.text(alphabet=string.ascii_letters + string.digits + " -+.&_", max_size=13),
    st.text(alphabet=string.digits + "+- ()", max_size=17),
    st.text(alphabet="Aa1é面-", max_size=6),
    st.builds(
        lambda front, name, back: front + name + back, MARKERS, st.text(alphabet="ABcd12- ", max_size=9), MARKERS
    ),
)


def takes(name: str, rules: SenderIdRules, message_type: str) -> bool:
    """The rules, read once more by somebody who knows only what they mean."""
    if not name or name != name.strip() or any(char not in PRINTABLE for char in name):
        return False
    front, back = rules.prefixes.get(message_type, ""), rules.suffixes.get(message_type, "")
    if not (name.startswith(front) and name.endswith(back) and len(name) > len(front + back)):
        return False
    inside = name[len(front) : len(name) - len(back)]
    digits, letters = [c for c in name if c in string.digits], [c for c in name if c in string.ascii_letters]
    if not rules.min_length <= len(name) <= (rules.max_digits if len(digits) == len(name) else rules.max_length):
        return False
    if len(digits) == len(name) and not rules.digits_only:
        return False
    if digits and len(digits) < len(name) and not rules.digits_allowed:
        return False
    if digits and letters and not rules.mixed:
        return False
    if rules.symbols is not None and set(inside) - set(string.ascii_letters + string.digits + rules.symbols):
        return False
    if name[0] in rules.not_first or name[-1] in rules.not_last:
        return False
    if rules.phone_like is False and len(digits) >= 7 and not letters and not set(name) & set("&@#%*=_~"):
        return False
    wrong = {"upper": string.ascii_lowercase, "lower": string.ascii_uppercase, None: ""}[rules.case]
    return not set(inside) & set(wrong)


@settings(max_examples=600, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(rules=rules(), name=NAMES, message_type=st.sampled_from(MESSAGE_TYPES))
def test_a_name_is_taken_as_typed_exactly_when_the_rules_take_it(
    rules: SenderIdRules, name: str, message_type: str
) -> None:
    try:
        assert read_sender_id(name, rules, message_type) == name
        taken = True
    except BadAnswer as bad:
        taken = False
        if bad.offer is not None:
            assert bad.offer != name
            assert takes(bad.offer, rules, message_type), f"{bad.offer!r} was offered for {name!r}"
    assert taken == takes(name, rules, message_type)


@settings(max_examples=100, derandomize=True, deadline=None, database=None)
@given(rules=rules(), name=st.text(alphabet=string.ascii_letters, min_size=1, max_size=12))
def test_a_marker_always_counts_in_the_length(rules: SenderIdRules, name: str) -> None:
    marked = rules.model_copy(
        update={"prefixes": {"promotional": "AD-"}, "suffixes": {"promotional": "-X"}, "case": None}
    )
    try:
        taken = read_sender_id(f"AD-{name}-X", marked, "promotional")
        assert len(taken) == len(name) + 5 <= marked.max_length
    except BadAnswer as bad:
        if bad.key == "sender_id_too_long":
            assert len(name) + 5 > marked.max_length
    with pytest.raises(BadAnswer):
        read_sender_id("AD--X", marked.model_copy(update={"min_length": 1}), "promotional")


def test_an_example_of_the_country_passes_its_own_rules(book: Book) -> None:
    """What the errors show as an example, with every kind of messages, and for local and international brands."""
    checked = 0
    for code in book.codes:
        for message_type in MESSAGE_TYPES:
            for origin in ("local", "international"):
                given_rules = book.pack(code).sender_id.given({"message_type": message_type, "brand_origin": origin})
                name = example(given_rules, message_type)
                assert read_sender_id(name, given_rules, message_type) == name, (code, message_type)
                checked += 1
    assert checked == 6 * len(book.codes)


def test_the_names_a_country_calls_generic_or_keeps_for_others_are_doubted_and_never_refused_for_it(book: Book) -> None:
    for code in book.codes:
        pack = book.pack(code)
        for name in (*pack.sender_id.generic_examples, *pack.sender_id.reserved):
            found = doubts(name, pack, {"company_name": "Fresh Bakery GmbH"}, book.watchlist)
            assert found or pack.sender_id.generic == "allowed", (code, name)
            assert all(doubt.source.startswith("http") for doubt in found)


def test_rules_that_hold_under_a_condition_are_read_and_told_with_it(book: Book) -> None:
    case = NameCase.model_validate(
        {
            "when": {"field": "brand_origin", "in": ["local"]},
            "text": "Local brands: capitals.",
            "rules": {"case": "upper"},
        }
    )
    own = SenderIdRules(cases=(case,))
    assert read_sender_id("Fresh", own.given({"brand_origin": "international"})) == "Fresh"
    with pytest.raises(BadAnswer) as bad:
        read_sender_id("Fresh", own.given({"brand_origin": "local"}))
    assert (bad.value.key, bad.value.offer) == ("sender_id_upper_only", "FRESH")

    pack = book.pack("GB").model_copy(update={"sender_id": own})
    told = [line.values.get("text") for line in rules_in_words(_registration({"brand_origin": "local"}), pack)]  # type: ignore[union-attr]
    assert "Local brands: capitals." in told


def _registration(answers: dict[str, Any]) -> Any:
    from conversations.model import Registration

    return Registration(1, "GB-0000", 1, 1, "GB", "form", answers=answers)


@pytest.mark.parametrize(
    ("typed", "given_rules", "message_type", "key", "offer"),
    [
        ("FRESH BAKERY", {}, "", "sender_id_too_long", "FRESHBAKERY"),
        ("Frésh Bäkery", {}, "", "sender_id_not_ascii", "FreshBakery"),
        ("SHOP123", {"digits_allowed": False}, "", "sender_id_no_digits", "SHOP"),
        ("SHOP123", {"mixed": False}, "", "sender_id_mixed", "SHOP"),
        ("-FRESH-", {"not_first": "-", "not_last": "-"}, "", "sender_id_not_first", "FRESH"),
        ("+FRESH", {"not_first": "+"}, "", "sender_id_not_first", "FRESH"),
        ("+49 151 12345", {"phone_like": False, "max_length": 15}, "", "sender_id_phone_like", None),
        ("fresh-ad", {"suffixes": {"promotional": "-AD"}}, "promotional", "sender_id_marker", "fresh-AD"),
        ("ad-fresh", {"prefixes": {"promotional": "AD-"}}, "promotional", "sender_id_marker", "AD-fresh"),
        (
            "fresh",
            {"case": "upper", "prefixes": {"promotional": "adv"}},
            "promotional",
            "sender_id_upper_only",
            "advFRESH",
        ),
        ("FRESH.BAKE", {"symbols": "", "suffixes": {"otp": "-AD"}}, "otp", "sender_id_no_symbols", None),
        ("FRESH.B", {"symbols": "", "suffixes": {"otp": "-AD"}}, "otp", "sender_id_no_symbols", "FRESHB-AD"),
        ("123", {"min_length": 4}, "", "sender_id_too_short", None),
        ("AD-", {"prefixes": {"otp": "AD-"}}, "otp", "sender_id_marker", None),
    ],
)
def test_each_slip_is_named_and_mended_where_it_can_be(
    typed: str, given_rules: dict[str, Any], message_type: str, key: str, offer: str | None
) -> None:
    with pytest.raises(BadAnswer) as bad:
        read_sender_id(typed, SenderIdRules(**given_rules), message_type, "KE")
    assert (bad.value.key, bad.value.offer) == (key, offer)
    assert bad.value.values["country"] and bad.value.values["such"]


def test_all_that_holds_is_told_before_the_name_is_asked() -> None:
    every = SenderIdRules(
        min_length=3, digits_only=False, symbols="- ", not_first="-", not_last="-", phone_like=False, case="upper",
        prefixes={"otp": "A-"}, suffixes={"otp": "-B"}, one_purpose=True, generic="refused", brand_match="It must show the brand.",
        forbidden=("No umlauts.",),
    )  # fmt: skip
    assert [line.key for line in in_words(every, "otp")] == [  # type: ignore[union-attr]
        "rule_name_length", "rule_name_needs_letter", "rule_name_symbols", "rule_name_not_first", "rule_name_not_last",
        "rule_name_phone_like", "rule_name_upper", "rule_name_prefix", "rule_name_suffix", "rule_name_one_purpose",
        "rule_name_generic", "briefing_line", "briefing_line",
    ]  # fmt: skip
    assert [line.key for line in in_words(SenderIdRules(digits_allowed=False, digits_only=False))] == [  # type: ignore[union-attr]
        "rule_name_letters"
    ]


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("+4915112345678", True), ("0800FRESH", True), ("1234567890", True), ("123456789012345", True), ("004930901820", True),
        ("030901820", True), ("CALL5551234", True), ("1-800-FRESH", True),
        ("12345", False), ("1234567", False), ("FRESH24", False), ("B2B", False), ("24SEVEN", False), ("3M", False),
    ],
)  # fmt: skip
def test_digits_that_read_as_a_phone_number(name: str, reads: bool) -> None:
    assert reads_as_number(name, ("DE", "")) is reads


COMPANY = {"company_name": "Fresh Bakery GmbH", "company_website": "https://www.ofenhaus.example/start"}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("FRESHBAKERY", How.SAME), ("Fresh Bakery", How.SAME), ("FRESHBAKERYGMBH", How.SAME), ("OFENHAUS", How.SAME),
        ("FRESH", How.CONTAINED), ("FRESHBAK", How.CONTAINED), ("FreshBakery24", How.CONTAINED), ("MyOfenhaus", How.CONTAINED),
        ("FB", How.INITIALS), ("FBG", How.INITIALS), ("FRSHBKRY", How.SHORT), ("FreBak", How.SHORT), ("FRESHBAKRY", How.SIMILAR),
        ("ZORRO", None), ("FRESHBOX", None), ("RESH", None), ("F", None), ("ONE", None), ("GMB", None), ("HAUS", None),
    ],
)  # fmt: skip
def test_the_relation_to_the_company_is_seen_and_told(book: Book, name: str, how: How | None) -> None:
    found = related(name, COMPANY, book.watchlist)
    assert (found.how if found else None) == how


def test_the_brand_and_the_end_brand_count_as_the_companys_names(book: Book) -> None:
    answers = {
        "company_name": "Northern Holdings 7 Ltd",
        "dba_name": "Zorro",
        "end_brand_name": "Sunrise Bakery Pte. Ltd.",
    }
    assert related("ZORRO", answers, book.watchlist).to == "Zorro"  # type: ignore[union-attr]
    assert related("SUNRISE", answers, book.watchlist).to == "Sunrise Bakery Pte. Ltd."  # type: ignore[union-attr]
    assert related("NH7", answers, book.watchlist).how is How.INITIALS  # type: ignore[union-attr]


def test_several_doubts_about_one_name_come_together_each_with_its_source(book: Book) -> None:
    pack = book.pack("GB")
    found = doubts("0800DHL-INFO", pack, {}, book.watchlist)
    assert [doubt.key for doubt in found] == ["doubt_brand_leans", "doubt_number"]
    assert len({doubt.source for doubt in found}) == 2
    allowed = pack.model_copy(update={"sender_id": SenderIdRules(generic="allowed")})
    assert doubts("INFO", allowed, {}, book.watchlist) == ()
    refused = pack.model_copy(update={"sender_id": SenderIdRules(generic="refused", generic_examples=("Sweets",))})
    assert [one.key for one in doubts("SWEETS", refused, {}, book.watchlist)] == ["doubt_generic_refused"]
    weak = pack.model_copy(update={"sender_id": SenderIdRules(generic="discouraged")})
    assert [one.key for one in doubts("O-T-P", weak, {}, book.watchlist)] == ["doubt_generic_discouraged"]
