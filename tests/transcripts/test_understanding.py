"""What sentences about countries mean, and which ones are none: no step, no chat, only the words."""

from __future__ import annotations

import pytest

from conversations.countries.questions import Question, is_command, purpose_of, spelt, understand
from conversations.countries.vocabulary import TOPICS, Subject
from rules.book import Book
from rules.schema import Topic

# The subject, the countries ("-": which of all are asked for), and what else is asked: the purpose, "no", "7d".
QUESTIONS: dict[str, str] = {
    # registration
    "do I need to register in Kenya?": "registration KE",
    "Do we have to register a sender ID in the UAE": "registration AE",
    "is registration required in the US?": "registration US",
    "Must a name be registered in Côte d'Ivoire?": "registration CI",
    "DO I NEED TO REGISTER IN KENYA?": "registration KE",
    "is registration mandatory in Viet Nam?": "registration VN",
    "can I register in Ghana": "registration GH",
    "do I need to register in IN?": "registration IN",
    "does Congo need registration?": "registration CD CG",
    "which countries need no registration?": "registration - no",
    "where is no registration needed": "registration -no",
    "where do I have to register?": "registration -",
    "which countries don't need registration": "registration - no",
    "in which countries must I register?": "registration -",
    # everything
    "what does Thailand need?": "card TH",
    "What do I need in Thailand": "card TH",
    "tell me about Ghana": "card GH",
    "what about Japan?": "card JP",
    "what are the rules in France?": "card FR",
    "what are the requirements for South Africa?": "card ZA",
    "How does it work in Brazil?": "card BR",
    # time
    "how long does it take in Turkey": "time TR",
    "How long will it take in Indonesia and Malaysia?": "time ID MY",
    "how fast is Nigeria?": "time NG",
    "what is the lead time in Saudi Arabia?": "time SA",
    "how many days does Oman take?": "time OM",
    "which countries take less than a week?": "time - 7d",
    "which countries take at most 14 days?": "time - 14d",
    "which countries take more than 30 days": "time - no 30d",
    "which countries are done within two weeks?": "time - 14d",
    "which countries are fast?": "time -",
    # papers
    "which countries need a stamp?": "stamp -",
    "where do I need a company stamp?": "stamp -",
    "does Tanzania want a stamp?": "stamp TZ",
    "how many countries need a stamp?": "stamp -",
    "which countries need no stamp?": "stamp - no",
    "which countries need a letter?": "letter -",
    "do I need a letter in Qatar": "letter QA",
    "is an LOA needed in Bahrain?": "letter BH",
    "which countries don't need a letter": "letter - no",
    "do I need a no-objection certificate in the Philippines?": "letter PH",
    "what papers do I need in Egypt?": "papers EG",
    "which documents does Jordan want?": "papers JO",
    "which countries need no papers": "papers - no",
    "which countries need letterhead?": "letterhead -",
    "must it be on letterhead in Thailand?": "letterhead TH",
    "which countries want a power of attorney": "paper -",
    "which countries need a tax card?": "paper -",
    "does the UAE want an establishment card?": "paper AE",
    "which countries ask for a trade license?": "paper -",
    # signatures
    "who signs in Qatar?": "signature QA",
    "who has to sign the letter in the UAE?": "signature AE",
    "do I have to sign something in Indonesia?": "signature ID",
    "which countries want a signature?": "signature -",
    "which countries accept digital signatures?": "digital_signature -",
    "can we sign digitally in Thailand?": "digital_signature TH",
    "can I sign it digitally in Thailand?": "digital_signature TH",
    "may we sign the letters electronically in Egypt?": "digital_signature EG",
    "Is an electronic signature OK in Egypt?": "digital_signature EG",
    "which countries take no digital signature": "digital_signature - no",
    # people, registries, pauses
    "which countries need an account manager": "account_manager -",
    "does Vietnam need an account manager?": "account_manager VN",
    "is there a registry in Ireland?": "registry IE",
    "which countries have a national registry?": "registry -",
    "where do I register myself?": "registry -",
    "which countries are paused?": "paused -",
    "is the UAE still paused?": "paused AE",
    "are registrations closed in Dubai?": "paused AE",
    # money
    "how much does it cost in Singapore?": "cost SG",
    "what is the fee in Kenya": "cost KE",
    "is it free in France?": "cost FR no",
    "which countries cost money?": "cost -",
    "which countries are free?": "cost - no",
    "what's the price in Kazakhstan?": "cost KZ",
    "do I have to pay in Mexico?": "cost MX",
    # names
    "can I use digits in Kenya?": "digits KE",
    "are numbers allowed in Vietnam": "digits VN",
    "can my sender ID be a number in Vietnam?": "digits VN",
    "which countries allow digits?": "digits -",
    "which countries refuse digits?": "digits - no",
    "how long can the name be in India?": "length IN",
    "how many characters can a sender ID have in Saudi Arabia?": "length SA",
    "what is the maximum length in China?": "length CN",
    "are sender names supported in the USA?": "names US",
    "can I send with my brand name in Canada?": "names CA",
    "which countries support alphanumeric sender IDs?": "names -",
    "which countries do not support sender names?": "names - no",
    "how long is it valid in Thailand?": "validity TH",
    "does a name expire in Indonesia?": "validity ID",
    "how long does a registration last in Spain?": "validity ES",
    # messages
    "can I send links in Turkey?": "links TR",
    "Are links allowed in Thailand, Turkey and UAE?": "links TH TR AE",
    "are shortened URLs OK in Singapore?": "links SG",
    "which countries forbid links?": "links - no",
    "which countries allow links": "links -",
    "can I send marketing to the UAE": "purpose AE promotional",
    "can we send OTP to Kenya?": "purpose KE otp",
    "may I send promotions in Ghana?": "purpose GH promotional",
    "are alerts OK in Egypt?": "purpose EG transactional",
    "which countries take promotional messages?": "purpose - promotional",
    "which countries refuse marketing?": "purpose - promotional no",
    "where can I send marketing?": "purpose - promotional",
    "can I register marketing in Vietnam?": "purpose VN promotional",
    "what time can I send in France?": "quiet_hours FR",
    "can I send at night in Thailand?": "quiet_hours TH",
    "when may I send marketing in France?": "quiet_hours FR promotional",
    "which countries have quiet hours?": "quiet_hours -",
    # what texts may be about
    "is gambling allowed in UAE?": "content AE gambling",
    "is betting ok in Kenya": "content KE gambling",
    "can I send texts about politics in Oman?": "content OM politics",
    "what may I not send in Egypt?": "content EG no",
    "what content is prohibited in Qatar?": "content QA no",
    "what is forbidden in Vietnam and China?": "content VN CN no",
    "which countries forbid gambling?": "content - gambling no",
    "where are alcohol messages refused?": "content - alcohol no",
    "which countries have forbidden content?": "content - no",
    "do I need a licence for loans in Thailand?": "paper TH",
    "do I have to register crypto messages in Kenya?": "registration KE",
    # several together
    "OTP to UAE, Kenya and Thailand": "plan AE KE TH otp",
    "we want to send marketing to Kenya and Ghana": "plan KE GH promotional",
    "alerts to AE, KE and TH": "plan AE KE TH transactional",
    "OTP TO AE, KE AND TH": "plan AE KE TH otp",
    "please register Thailand and Vietnam": "plan TH VN",
    "what do I need for OTP to UAE, Kenya and Thailand?": "plan AE KE TH otp",
    "OTP to UAE, Kenia and Thailand": "plan AE KE TH otp",
    "a plan for Chad and Niger": "plan TD NE",
    # misspelt, in capitals, with names that are words
    "do i need to register in Kenia?": "registration KE",
    "how long does it take in Turky": "time TR",
    "What does Tailand need?": "card TH",
    "do we need a stamp in the US or in New Zealand?": "stamp US NZ",
    "sender ID in ID, do I need a letter?": "letter ID",
    "do I need a letter for a sender ID in ID?": "letter ID",
    # commands
    "country Kenya": "card KE",
    "/country burkina faso": "card BF",
    "/senderid country TH": "card TH",
    "look up Norway": "card NO",
    "countries stamp": "stamp -",
    "countries no registration page 2": "registration - no p2",
    "countries purpose promotional": "purpose - promotional",
    "countries time 7d": "time - 7d",
    "start otp AE KE": "start AE KE otp",
    "pdf TH KE": "pdf TH KE",
    "plan promotional TH KE": "plan TH KE promotional",
}
NO_QUESTIONS = [
    # answers, names, addresses
    "Need Ltd", "What Countries Inc", "Which? Ltd", "Kenya", "UK?", "Thailand, Kenya", "Stamp & Sign GmbH", "Turkey Shop Ltd",
    "Jordan Letters LLC",  "12 Kenya Road", "Chad Stamps", "Georgia", "How To Ltd", "Can Registers", "Free Digits Ltd",
    "5 Registry Street, Nairobi", "yes", "no", "", "?", "!!!", "START", "start", "plan", "country", "countries", "countries 2", "stop",
    # what messages are for
    "We send codes to customers in Kenya.", "Do our customers agree? Yes, they tick a box.",
    "We ask our customers in Kenya: do you want a letter? They say yes.", "Order updates for our shop in Thailand",
    "Customers ask where their order is. We tell them.", "OTP", "OTP codes", "marketing and offers", "OTP to Kenya",
    # sample texts
    "Your code is 1234. Do not share it.", "Did you order a taxi in Nairobi? Reply YES or NO.", "Where is your parcel?",
    "Will you bet on Kenya tonight?", "A loan in Kenya? Apply now.", "How was your stay in Dubai? Rate us: example.com", "Can you collect your order today?", "Is this you? Confirm at example.com",
    "What will you eat tonight? 20% off with code BREAD.", "Win a trip to Kenya! Will you be next?", "Who wants free bread?",
    "Your package from China has arrived. What now? Open the app.", "Do you need a new card?", "Will you vote? Text YES.",
    # words, and what is asked of other things
    "why?", "what?", "how?", "who are you?", "what do you mean?", "is anybody there?", "how long does it take?", "do I need a stamp?",
    "what is this?", "can you help me?", "how are you?", '"do I need to register in Kenya?"', "do I need a visa for Kenya?",
    "is it raining in Nairobi?", "who is the president of Kenya?",
    "please tell me, before I answer anything at all about this, what the rules are and how long all of that will take for a company "
    "like ours that sells bread in the streets of several towns and has never sent a message to anybody in Kenya or elsewhere",
]  # fmt: skip


def told(question: Question | None) -> str:
    """The question as the table writes it."""
    if question is None:
        return ""
    named = [question.subject.value, *question.countries] if question.countries else [question.subject.value, "-"]
    named += [question.purpose or "", question.topic or ""]
    named += ["no" if question.negated else "", f"{question.days}d" if question.days else ""]
    return " ".join(filter(None, [*named, f"p{question.page}" if question.page > 1 else ""]))


@pytest.mark.parametrize(("text", "meant"), QUESTIONS.items())
def test_a_question_is_understood(book: Book, text: str, meant: str) -> None:
    assert told(understand(text, book)) == meant.replace("-no", "- no")


@pytest.mark.parametrize("text", NO_QUESTIONS)
def test_what_is_no_question_is_none(book: Book, text: str) -> None:
    question = understand(text, book)
    assert question is None or not question.asks, told(question)
    assert understand(text, book, strictly=True) is None


@pytest.mark.parametrize("text", ["Who Signs Media", "Do you need a stamp in Kenia?"])
def test_a_misspelt_country_makes_no_question_where_nearly_everything_is_an_answer(book: Book, text: str) -> None:
    assert understand(text, book) is not None
    assert understand(text, book, strictly=True) is None


@pytest.mark.parametrize("text", QUESTIONS)
def test_where_nearly_everything_is_an_answer_only_a_question_rightly_spelt_is_one(book: Book, text: str) -> None:
    question = understand(text, book, strictly=True)
    assert question is None or (not question.guesses and question.asks)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("where do I sign?", "signature TH"), ("where does the stamp go?", "stamp TH"), ("can I sign it digitally?", "digital_signature TH"),
     ("where do I need a stamp?", "stamp -"), ("which countries need a signature?", "signature -")],
)  # fmt: skip
def test_where_one_signs_is_asked_of_the_letter_when_there_is_one(book: Book, text: str, meant: str) -> None:
    asked = understand(text, book, here=("TH",))
    assert asked is not None
    assert f"{asked.subject} {' '.join(asked.countries) or '-'}" == meant


def test_every_topic_of_the_rules_is_known_by_words() -> None:
    assert {topic for topic, _ in TOPICS} == {topic.value for topic in Topic}


def test_a_paper_is_found_by_the_words_of_its_title(book: Book) -> None:
    question = understand("which countries want a power of attorney?", book)
    assert question is not None and question.words == ("power", "attorney")


def test_a_misspelling_is_known_as_one(book: Book) -> None:
    question = understand("OTP to UAE, Kenia and Thailand", book)
    assert question is not None and question.guesses == ("KE",) and not question.clear


@pytest.mark.parametrize("text", [text for text, meant in QUESTIONS.items() if " - " in f" {meant} " or "-no" in meant])
def test_the_command_under_a_list_asks_the_same(book: Book, text: str) -> None:
    question = understand(text, book)
    assert question is not None
    if question.subject is not Subject.PAPER:  # whose titles are no command's words
        assert told(understand(spelt(question), book)) == told(question) and is_command(spelt(question))


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("OTP to Kenya", "otp"),
        ("Login codes", "otp"),
        ("newsletter", "promotional"),
        ("alerts", "transactional"),
        ("SMS", None),
    ],
)
def test_a_purpose_is_named_with_a_country(text: str, purpose: str | None) -> None:
    assert purpose_of(text) == purpose
