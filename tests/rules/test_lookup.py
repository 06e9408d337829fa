from __future__ import annotations

import time

import pytest

ONE = [
    ("Thailand", "TH"), ("  thailand!! ", "TH"), ("TH", "TH"), ("th", "TH"), ("THA", "TH"), ("no", "NO"), ("UK", "GB"), ("u.k.", "GB"),
    ("Great Britain", "GB"), ("England", "GB"), ("Russia", "RU"), ("Russian Federation", "RU"), ("Россия", "RU"), ("Ivory Coast", "CI"),
    ("Côte d’Ivoire", "CI"), ("cote d'ivoire", "CI"), ("Turkey", "TR"), ("Türkiye", "TR"), ("Turkiye", "TR"), ("Kosovo", "XK"),
    ("XK", "XK"), ("Holland", "NL"), ("Burma", "MM"), ("Swaziland", "SZ"), ("Eswatini", "SZ"), ("the Emirates", "AE"), ("UAE", "AE"),
    ("Dubai", "AE"), ("Bangkok", "TH"), ("Nairobi", "KE"), ("Saigon", "VN"), ("New York", "US"), ("USA", "US"), ("us", "US"),
    ("u.s.a.", "US"), ("America", "US"), ("South Korea", "KR"), ("DR Congo", "CD"), ("Congo-Brazzaville", "CG"), ("Kinshasa", "CD"),
    ("Guinea-Bissau", "GW"), ("Equatorial Guinea", "GQ"), ("Papua New Guinea", "PG"), ("Niger", "NE"), ("Nigeria", "NG"),
    ("Dominica", "DM"), ("Dominican Republic", "DO"), ("Georgia", "GE"), ("St. Lucia", "LC"), ("Saint Lucia", "LC"),
    ("Trinidad and Tobago", "TT"), ("Bosnia and Herzegovina", "BA"), ("Bosnia & Herzegovina", "BA"), ("Deutschland", "DE"),
    ("España", "ES"), ("中国", "CN"), ("ไทย", "TH"), ("Viet Nam", "VN"), ("Hongkong", "HK"), ("male", "MV"), ("Hong Kong", "HK"),
    ("I want to send SMS to Thailand", "TH"), ("we need it in the US please", "US"), ("sms to turkey", "TR"),
    ("Can you tell me about Ghana?", "GH"), ("Paris, France", "FR"), ("I live in Male", "MV"), ("no, it is Thailand", "TH"),
    ("Nice, Thailand please", "TH"), ("Mexico City", "MX"), ("Kuwait City", "KW"), ("Northern Ireland", "GB"), ("Ireland", "IE"),
]  # fmt: skip

SEVERAL = [
    ("UAE, Kenya and Thailand", ("AE", "KE", "TH")),
    ("th, ke", ("TH", "KE")),
    ("TH KE SG", ("TH", "KE", "SG")),
    ("Kenya & Tanzania", ("KE", "TZ")),
    ("UK or Ireland", ("GB", "IE")),
    ("germany france italy", ("DE", "FR", "IT")),
    ("Trinidad and Tobago, Bosnia and Herzegovina", ("TT", "BA")),
    ("We want Dubai and also Vietnam", ("AE", "VN")),
    ("Indonesia\nPhilippines\nSaudi Arabia", ("ID", "PH", "SA")),
]

GUESS = [
    ("Tailand", "TH"), ("Thialand", "TH"), ("Phillipines", "PH"), ("Kenia", "KE"), ("Indonasia", "ID"), ("chnia", "CN"), ("cannada", "CA"),
    ("Egpyt", "EG"), ("Singapur", "SG"), ("Saudia", "SA"), ("new zeeland", "NZ"), ("Bankok", "TH"), ("turky", "TR"), ("jordon", "JO"),
    ("I want to send to Tailand", "TH"), ("south koreea", "KR"), ("Slovania", "SI"), ("austrlia", "AU"),
]  # fmt: skip

AMBIGUOUS = [
    ("Korea", ("KR",)),
    ("Congo", ("CD", "CG")),
    ("the congo", ("CD", "CG")),
    ("SMS to Guinea please", ("GN", "GW", "GQ", "PG")),
    ("Virgin Islands", ("VG", "VI")),
    ("Congo and Kenya", ("CD", "CG", "KE")),
]

NONE = [
    "", "   ", "?!", "hello", "yes", "is it in", "my brand", "send us a message", "what do I need?", "talk to a person", "OTP codes",
    "I do not know", "asdfgh", "our sender id is new", "okay", "later", "I changed my mind", "https://example.com", "0049 123 456",
    "marketing", "how much does it cost", "My company is Fresh Bakery GmbH", "🙂", "North Korea",
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), ONE)
def test_a_name_a_code_or_a_city_is_sure(book, text, code):
    assert (book.find(text).kind, book.find(text).countries) == ("one", (code,))


@pytest.mark.parametrize(("text", "codes"), SEVERAL)
def test_a_list_gives_all_its_countries_in_order(book, text, codes):
    assert (book.find(text).kind, book.find(text).countries) == ("several", codes)


@pytest.mark.parametrize(("text", "code"), GUESS)
def test_a_misspelling_is_a_guess_to_be_confirmed(book, text, code):
    found = book.find(text)
    assert found.kind == "guess" and found.countries[0] == code and len(found.countries) <= 3


@pytest.mark.parametrize(("text", "codes"), AMBIGUOUS)
def test_a_name_of_several_countries_is_asked_about(book, text, codes):
    assert (book.find(text).kind, book.find(text).countries) == ("ambiguous", codes)


KNOWN = frozenset(
    ["do", "i", "need", "to", "register", "in", "what", "does", "how", "long", "it", "take", "which", "countries", "a", "stamp", "otp",
     "and", "sender", "id", "we", "send", "the", "us"]
)  # fmt: skip
MENTIONED = [
    ("do I need to register in Kenya?", ("KE",), (), "do i need to register in *"),
    ("do I need to register in Kenia?", ("KE",), ("KE",), "do i need to register in kenia"),
    ("OTP to AE, KE and TH", ("AE", "KE", "TH"), (), "otp to * * and *"),
    ("OTP TO AE, KE AND TH", ("AE", "KE", "TH"), (), "otp to * * and *"),
    ("OTP to UAE, Kenia and Thailand", ("AE", "KE", "TH"), ("KE",), "otp to * kenia and *"),
    ("what does it take in IT and in ID", ("IT", "ID"), (), "what does it take in * and in *"),
    ("we send the sender ID to us", (), (), "we send the sender id to us"),
    ("we send it to the US", ("US",), (), "we send it to the *"),
    ("what does Dubai need", ("AE",), (), "what does * need"),
    ("do I need a stamp in Guinea-Bissau, Guinea and Chad", ("GW", "GN", "GQ", "PG", "TD"), (), "do i need a stamp in * * and *"),
    ("which countries need a stamp", (), (), "which countries need a stamp"),
    ("how long in North Korea", ("KP",), (), "how long in *"),
    ("", (), (), ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "countries", "guesses", "rest"), MENTIONED)
def test_a_sentence_is_told_apart_into_countries_and_words(book, text, countries, guesses, rest):
    found = book.mentioned(text, KNOWN)
    assert (found.countries, found.guesses, " ".join(found.rest)) == (countries, guesses, rest)
    assert book.mentioned(text).guesses == ()


def test_every_country_is_found_in_a_sentence_by_its_name_and_by_its_code(book):
    for code in book.codes:
        assert code in book.mentioned(f"do I need to register in {book.pack(code).name}?").countries, code
        assert book.mentioned(f"do I need to register in {code}?").countries == (code,)


@pytest.mark.parametrize("text", NONE)
def test_words_that_name_no_country_find_none(book, text):
    assert book.find(text).kind == "none"


@pytest.mark.parametrize("text", ["Kenia and Thailand", "Thailand, Kenia"])
def test_a_misspelt_country_in_a_list_is_not_lost(book, text):
    found = book.find(text)
    assert found.kind == "guess" and set(found.countries) == {"KE", "TH"}


def test_every_pack_is_found_by_its_name_and_its_codes(book):
    for code in book.codes:
        assert book.find(code).countries == (code,)
        assert code in book.find(book.pack(code).name).countries
        assert code in book.find(book.country_name(code, "en_GB")).countries


def test_companies_may_be_registered_where_nothing_is_sent(book):
    assert book.find("North Korea", anywhere=True).countries == ("KP",)
    assert book.find("Korea", anywhere=True).countries == ("KR", "KP")
    assert book.find("Vatican City", anywhere=True).countries == ("VA",)


def test_long_and_strange_texts_are_read_quickly_and_find_nothing(book):
    unlike = " ".join(f"w{number}xq" for number in range(1000))
    began = time.process_time()
    for text in ("x" * 4000, "qwz " * 1000, unlike, "\u202e\u0000", "\ud800"):
        assert book.find(text).kind == "none"
    assert time.process_time() - began < 0.5
