"""The English that questions about countries are asked in: which words mean what. Plain words: small, no accents."""

from __future__ import annotations

from enum import StrEnum


class Subject(StrEnum):
    """What a question is about. Those of rules/traits.py can be asked of all countries at once."""

    CARD = "card"  # everything that is known of a country
    PLAN = "plan"  # several countries together
    PDF = "pdf"
    START = "start"
    REGISTRATION = "registration"
    NAMES = "names"
    ACCOUNT_MANAGER = "account_manager"
    REGISTRY = "registry"
    PAUSED = "paused"
    COST = "cost"
    PAPERS = "papers"
    PAPER = "paper"  # one of them, by words of its title
    LETTER = "letter"
    STAMP = "stamp"
    SIGNATURE = "signature"
    DIGITAL_SIGNATURE = "digital_signature"
    LETTERHEAD = "letterhead"
    LINKS = "links"
    DIGITS = "digits"
    LENGTH = "length"
    QUIET_HOURS = "quiet_hours"
    CONTENT = "content"
    VALIDITY = "validity"
    TIME = "time"
    PURPOSE = "purpose"


def _any(*patterns: str) -> str:
    """One of these, as whole words. Compiled when it is first looked for, and not when the program starts."""
    return rf"\b(?:{'|'.join(patterns)})\b"


# What texts may be about, by the names that topics have in a country's rules.
TOPICS: tuple[tuple[str, str], ...] = (
    ("adult", _any("adult", "sex", "sexual", r"porn\w*", r"erotic\w*")),
    ("alcohol", _any(r"alcohol\w*", "beers?", "wines?", "liquor")),
    ("crypto", _any(r"crypto\w*", "bitcoins?", r"virtual currenc\w+")),
    ("discrimination", _any(r"racis\w+", r"discriminat\w+")),
    ("finance_marketing", _any("investments?", "insurance", r"financ\w+")),
    ("gambling", _any(r"gambl\w+", "bets?", "betting", "casinos?", r"lotter\w+")),
    ("loans", _any("loans?", "lending", "credits?")),
    ("medicine", _any("medicines?", r"pharmac\w+", "drugs?")),
    ("person_to_person", _any("person to person", "p2p")),
    ("politics", _any(r"politic\w*", "elections?")),
    ("real_estate", _any("real estate", r"propert\w+")),
    ("religion", _any(r"religio\w+")),
    ("tobacco", _any("tobacco", "cigarettes?", "vaping")),
    ("weapons", _any("weapons?", "guns?")),
)
_REFUSED = r"(?:forbid\w*|prohibit\w*|bann?\w*|barred|refus\w*|block\w*|allow\w*|permit\w*|legal|illegal|ok|okay)"
_SENT = r"(?:send|sending|sent|texts?|sms|messages?|about|contents?)"
CONTENT = _any(
    rf"contents?\b.*\b{_REFUSED}",
    rf"{_REFUSED}\b.*\b(contents?|topics?)",
    rf"what\b.*\b{_REFUSED}",
    r"(what|which (contents?|topics?))\b.*\b(may|can|must|should|to)\b.*\bnot (to )?send",
    r"(what|which) (contents?|topics?)",
)
OF_A_TOPIC = _any(_REFUSED, _SENT)  # beside the name of a topic

# What a sentence is about, in the order tried: the first that fits.
SUBJECTS: tuple[tuple[Subject, str], ...] = (
    (Subject.PLAN, _any("plans?")),
    (Subject.PAUSED, _any(r"paus\w*", r"suspend\w*", "on hold", "closed", r"reopen\w*")),
    (Subject.ACCOUNT_MANAGER, _any("account managers?")),
    (Subject.REGISTRY, _any("registr(y|ies)", r"self regist\w*", r"regist\w+ (myself|ourselves)")),
    (
        Subject.DIGITAL_SIGNATURE,
        _any(
            r"(digital\w*|electronic\w*|e) sign\w*",
            r"sign\w* (?:(?:it|this|them|(?:the|a|our) \w+) )?(digital|electronic)\w*",
            r"esign\w*",
        ),
    ),
    (Subject.VALIDITY, _any(r"valid\w*", r"expir\w*", "lasts?", r"renew\w*", r"keep \w+ alive")),
    (
        Subject.LENGTH,
        _any(
            r"how (long|many (characters|letters)) (can|may|must|should|is|are)\b.*\b(names?|ids?|be)",
            "how many characters",
            r"(max|min)\w* (length|characters)",
        ),
    ),
    (Subject.LETTERHEAD, _any(r"letter ?head\w*", "headed paper")),
    (Subject.STAMP, _any(r"stamp\w*", "seals?")),
    (Subject.SIGNATURE, _any("sign", "signs", "signed", "signing", r"signatur\w*", r"signator\w*")),
    (
        Subject.COST,
        _any("costs?", "prices?", "fees?", r"charg\w*", "pay", "paid", "expensive", r"cheap\w*", "free", "how much"),
    ),
    (
        Subject.TIME,
        _any(
            r"how (long|fast|soon|quick\w*)",
            "how many (days|weeks)",
            r"lead time\w*",
            r"(fast|slow|quick)\w*",
            r"(less|fewer|more|longer|within|under|over|in) (than )?(a|an|one|two|three|\d+) (days?|weeks?|months?)",
            r"takes?\b.*\b(days?|weeks?|months?)",
        ),
    ),
    (
        Subject.QUIET_HOURS,
        _any(
            "quiet (hours|times?)",
            "(which|what) (hours|times?)",
            "at night",
            "nights?",
            "sundays?",
            "when (can|may|must) (i|we) (not )?send",
        ),
    ),
    (Subject.LINKS, _any("links?", "urls?", "shorteners?", "shortened")),
    (Subject.DIGITS, _any("digits?", "numeric", "numbers?")),
    (
        Subject.REGISTRATION,
        _any(
            r"(needs?|have|has|must|required|necessary)\b.*\b(register|registered|registration)",
            r"registration\b.*\b(required|needed|necessary|mandatory)",
            "(no|without) registration",
        ),
    ),
    (Subject.LETTER, _any("letters?", "loas?", "nocs?", "no objection")),
    (Subject.PAPERS, _any("papers?", "paperwork", "documents?")),
    (
        Subject.NAMES,
        _any(
            "alphanumeric",
            "alpha",
            "send with (a|my|our|the) (brand |sender )?name",
            r"(deliver|support|show)\w*\b.*\b(names?|ids?)",
            r"(names?|ids?)\b.*\b((deliver|support)\w*|shown?|possible|allowed)",
        ),
    ),
)
# Weaker words, tried after a purpose was looked for: "can I register marketing" is about marketing.
REGISTRATION = _any(r"regist\w*")
NEEDS = _any(
    r"what\b.*\b((need|require|want|ask)\w*|takes?)",
    "requirements?",
    "rules?",
    "tell (me|us)",
    "what about",
    "how (do|can|does|to)",
    "what (do|does|should|must)",
)

PURPOSES: tuple[tuple[str, str], ...] = (
    (
        "promotional",
        _any(r"marketing", r"promot\w+", "promos?", "offers?", r"advert\w*", "ads", r"newsletters?", "campaigns?"),
    ),
    (
        "otp",
        _any("otps?", "2fa", "one time", "pass(codes?|words?)", r"verif\w+", "codes?", "logins?", r"authenticat\w+"),
    ),
    (
        "transactional",
        _any("transactional", "alerts?", "notifications?", "reminders?", "service messages?", "updates", "bookings?"),
    ),
)

COUNTRIES = _any("countr(y|ies)", "destinations?", "where", "anywhere")
NEGATED = _any(
    "no(?! objection)", "not", "dont", "doesnt", "without", "never", "none", "cannot", "cant", "isnt", "arent",
    "neither", r"refus\w+", r"forbid\w*", r"prohibit\w*", "barred", "free", r"block\w*", r"bann?\w*",
)  # fmt: skip
WITHIN = (
    r"\b(less|fewer|faster|quicker|shorter|sooner|under|within|in|most|up|longer|more|over|after)\b(?: than| to)?"
    r" (a|an|one|two|three|four|five|six|\d{1,3}) (day|week|month)s?\b"
)
LONGER = frozenset({"longer", "more", "over", "after"})
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
DAYS = {"day": 1, "week": 7, "month": 30}

STARTS = (
    r"(?:(?:and|so|but|ok|okay|hi|hello|hey|please|also) )*"
    r"(?:do|does|did|is|are|am|can|could|may|must|should|shall|will|would|what|whats|which|who|whos|whom|whose|how|where"
    r"|wheres|when|have|has|any|tell me|tell us|show me|show us|list|countries (?:that|which|with|without|where|in))\b"
)
# A sentence that names countries and what is to be done there: "we want to send OTP to Kenya and Chad".
SENDING = _any("send", "sending", "register", "registering", "sms", "messages?", "texts?")
# What nobody writes to their customers: with it even a question at the place of a sample text is one to us.
OUR_TRADE = _any(
    r"regist\w*", "senders?", "send", r"stamp\w*", r"sign\w*", "letters?", "letterhead", "documents?", "papers?",
    "paperwork", "countries", "account managers?", "digits?", "marketing", "promotional", "paused",
)  # fmt: skip

_WORDS = """
    a about accept accepted accepts account after again alive all allow allowed allows alpha alphanumeric also am an
    and another any anything anywhere are as ask asked asks at available be because been before begin between both
    brand brands but by can cannot cant carrier carriers characters cheap cheapest check closed companies company
    cost costs could countries country date day days deliver delivered delivers demand demanded demands destination
    destinations did digit digital digitally digits do document documents does doesnt done dont e each electronic
    electronically english every exactly expensive expire expires fast faster fastest fee fees few fewer first
    foreign for form forms free from get give given go has have having hello here hey hi hold hours how i id ids if
    in international is isnt it its just keep know last lasts lead least length less let letter letterhead letters
    like link links list local long longer longest look loa loas make made manager managers mandatory many max
    maximum may me mean message messages min minimum money month months more most much must my myself name named
    names national necessary need needed needs network networks new night nights no noc nocs none not now number
    numbers numeric objection of off offline ok okay on one only open operator operators or original our ourselves
    out over own page paid paper papers paperwork pause paused pauses pay people per permitted person place places
    plan plans please possible price prices put quick quickest quickly quiet quite ready refuse refused refuses
    register registered registering registration registrations registries registry regulator renew renewed reopen
    require required requirement requirements requires right rule rules same say seal seals see self send sender
    senders sending sends shall short shortened shortener shorteners shortest should show shown shows sign signatory
    signature signatures signed signing signs slow slower slowest sms so some someone somebody something soon
    special stamp stamped stamps start still sunday sundays support supported supports suspended take taken takes
    tell text texts than that the their them then there these they thing things this those time times to today
    together too turnaround two type under until up upload url urls us use used using valid validity via want wants
    was way we week weeks were what whats when where wheres which who whom whose will with within without work works
    would write year years yes you three four five six stops stop sure otp otps 2fa passcode passcodes password
    passwords verification verify code codes login logins authentication marketing promotion promotions promotional
    promo promos offer offers advertising advertisement ads newsletter newsletters campaign campaigns transactional
    alert alerts notification notifications reminder reminders service
    about content contents topic topics forbid forbids forbidden prohibit prohibits prohibited ban bans banned barred
    block blocks blocked refuse permitted legal illegal adult sex sexual alcohol beer wine crypto cryptocurrency bitcoin
    investment investments insurance finance gamble gambling bet bets betting casino casinos lottery lotteries loan
    loans lending credit credits medicine medicines pharmacy drug drugs politics political election elections property
    real estate religion religious tobacco cigarette cigarettes vaping weapon weapons gun guns
"""
KNOWN = frozenset(_WORDS.split())  # with a country's name, all that a question needs
TO_ANOTHER = frozenset({"you", "their", "them", "here"})  # who says these speaks to their own customers
