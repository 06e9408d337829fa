"""What a rule file may say. Facts only: every value has a source, unknown is absent, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Key

from rules.conditions import Condition, Scalar
from rules.shortcuts import Also, Follows


class Facts(BaseModel):
    """Base of everything read from a rule file: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Route(StrEnum):
    FORM = "form"
    ACCOUNT_MANAGER = "account_manager"
    SELF_REGISTRATION = "self_registration"
    SELF_REGISTRATION_THEN_FORM = "self_registration_then_form"
    RECOMMENDED = "recommended"
    NOT_REQUIRED = "not_required"
    UNSUPPORTED = "unsupported"
    TEMPLATE_APPROVAL = "template_approval"


# A person sees to these: few things are asked beforehand, and the papers are between them and the customer.
HANDED_OVER = frozenset({Route.ACCOUNT_MANAGER, Route.SELF_REGISTRATION, Route.TEMPLATE_APPROVAL})


class Origin(StrEnum):
    """Who makes a document: we draw it for signature, or the customer brings it."""

    PROVIDER_TEMPLATE = "provider_template"
    CUSTOMER = "customer"


class FieldType(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    DATE = "date"
    CHOICE = "choice"
    COUNTRY = "country"
    NUMBER = "number"
    BOOLEAN = "boolean"


class Phase(StrEnum):
    """When a field is asked: what can stop or reroute first, then the rest, then what needs the sender IDs."""

    FIRST = "first"
    BASIC = "basic"
    AFTER_SENDER_IDS = "after_sender_ids"


class Scope(StrEnum):
    """For whom an answer holds: asked once for all of them."""

    COMPANY = "company"  # the same in every registration of the company: kept in its profile, with consent
    MESSAGES = "messages"  # the same in the countries that are registered together
    COUNTRY = "country"  # this registration's own


class Topic(StrEnum):
    """What carriers or regulators do not deliver."""

    ADULT = "adult"
    ALCOHOL = "alcohol"
    CRYPTO = "crypto"
    DISCRIMINATION = "discrimination"
    FINANCE_MARKETING = "finance_marketing"
    GAMBLING = "gambling"
    LOANS = "loans"
    MEDICINE = "medicine"
    PERSON_TO_PERSON = "person_to_person"
    POLITICS = "politics"
    REAL_ESTATE = "real_estate"
    RELIGION = "religion"
    TOBACCO = "tobacco"
    WEAPONS = "weapons"


class Source(Facts):
    title: str
    url: str
    read_on: date


class Stop(Facts):
    """An answer with which the registration can go no further, and the way that is left."""

    when: Condition  # over this field and those asked before it
    text: str  # what is not possible here, and why
    alternative: str  # what is
    offer: Scalar | None = None  # the answer to this field with which it goes on


class Limits(Facts):
    """What an answer may be. Lengths in characters; min and max are numbers, or years for a date."""

    min_length: int | None = None
    max_length: int | None = None
    min: int | None = None
    max: int | None = None
    pattern: str | None = None  # a regular expression the whole answer must match
    choices: tuple[str, ...] | None = None


class Field(Facts):
    name: str
    label: str  # short: a line of the review page
    question: str | None = None  # the sentence asked; made from the label when absent
    type: FieldType
    required: bool = False
    required_when: Condition | None = None  # over fields asked earlier; when it does not hold the field is not asked
    limits: Limits = Limits()
    choice_labels: Mapping[str, str] = Key(default_factory=dict)
    stops_when: tuple[Stop, ...] = ()
    why: str | None = None
    example: str | None = None
    counter_example: str | None = None  # an answer the limits refuse
    # Ready sentences to pick and adjust. In braces: {brand}, {company}, {website}, {country} (the destination).
    phrases: tuple[str, ...] = ()
    same_as: str | None = None  # a field asked before, whose answer is offered
    # Where several countries are asked for at once, the first of these that holds is taken for an answer, and shown.
    follows: tuple[Follows, ...] = ()
    also: Also | None = None
    scope: Scope = Scope.COUNTRY
    hint: str | None = None  # what is allowed, in words, when limits cannot say it
    english: bool = True  # carriers read it: Latin script only
    many: bool = False  # several values, one a line
    judgement: bool = False  # the customer's own judgement, which the desk may overrule
    forbid_free_mail: bool = False
    uncertain: str | None = None  # what the sources do not agree on, said to the customer and flagged at the desk
    phase: Phase = Phase.BASIC

    @cached_property
    def follows_from(self) -> tuple[str, ...]:
        """The fields from whose answers this one's may follow."""
        return tuple(dict.fromkeys(name for one in self.follows for name in one.fields()))

    def stop(self, answers: Mapping[str, Any], value: Any) -> Stop | None:
        """What stands against going on with that value, beside the answers given before."""
        told = {**answers, self.name: value}
        return next((stop for stop in self.stops_when if stop.when.holds(told)), None)


class Upload(Facts):
    """Limits on the copy handed on, not on what the customer sends."""

    formats: tuple[str, ...] = ("pdf", "png", "jpeg")
    max_bytes: int | None = None


class Document(Facts):
    code: str
    title: str
    origin: Origin
    required: bool = False
    required_when: Condition | None = None
    template: str | None = None  # rules/letters/<template>.toml, for our own letters
    addressees: tuple[str, ...] = ()  # carriers; empty = one general letter
    one_for_all: bool = False  # one letter names all addressees; else one letter each
    signed_by: str | None = None
    signed: bool = True
    stamped: bool | None = None  # None: the source says nothing (then a box is drawn, and a stamp is not demanded)
    stamp_every_page: bool = False
    letterhead: bool = False
    digital_signature: bool = False  # a digitally signed PDF may come instead
    digital_tools: tuple[str, ...] = ()  # ... made with one of these; empty = any
    max_age_days: int | None = None  # the date on it, when it is handed in
    not_expired: bool = False  # it says until when it is valid, and that day has not passed when it is handed in
    current_year: bool = False  # it was issued in the year in which it is handed in
    languages: tuple[str, ...] = ()  # in words; another language needs a certified translation
    upload: Upload = Upload()
    notes: str | None = None
    uncertain: str | None = None

    @model_validator(mode="after")
    def _ours_have_a_template(self) -> Document:
        if (self.origin is Origin.PROVIDER_TEMPLATE) != (self.template is not None):
            raise ValueError("template: needed for provider_template documents, and only for them")
        return self


class NameCase(Facts):
    """Rules for sender IDs that hold under a condition only: keys of SenderIdRules laid over the others."""

    when: Condition
    text: str | None = None  # in words, when the rules do not say it all
    rules: Mapping[str, Any]


class SenderIdRules(Facts):
    min_length: int = 1
    max_length: int = 11  # characters
    max_digits: int = 15  # a sender ID of digits only
    symbols: str | None = None  # allowed beside letters and digits; None = every printable ASCII symbol and space
    digits_only: bool = True
    digits_allowed: bool = True
    mixed: bool = True  # letters and digits in one name
    not_first: str = ""  # characters that may not be the first ...
    not_last: str = ""  # ... or the last
    phone_like: bool | None = None  # False: what reads as a phone number is refused
    case: str | None = None  # "upper" | "lower": refused otherwise, the mended form offered
    case_sensitive: bool | None = None  # recipients see exactly the registered case
    # message_type -> marker that counts in the length, e.g. promotional = "AD-"
    prefixes: Mapping[str, str] = Key(default_factory=dict)
    suffixes: Mapping[str, str] = Key(default_factory=dict)
    generic: Literal["allowed", "discouraged", "refused"] | None = None  # names that say nothing of who sends
    generic_examples: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()  # rules in words
    reserved: tuple[str, ...] = ()  # names of others that are protected
    one_purpose: bool = False  # promotional and transactional messages need a name each
    brand_match: str | None = None
    exclusivity: str | None = None
    notes: tuple[str, ...] = ()
    cases: tuple[NameCase, ...] = ()
    source: Source | None = None

    @model_validator(mode="after")
    def _cases_hold_rules(self) -> SenderIdRules:
        for case in self.cases:
            if unknown := set(case.rules) - set(SenderIdRules.model_fields) | set(case.rules) & {"cases", "source"}:
                raise ValueError(f"cases.rules: {', '.join(sorted(unknown))} is no rule for sender IDs")
            SenderIdRules.model_validate({**self.model_dump(exclude={"cases"}), **case.rules})
        return self

    def given(self, answers: Mapping[str, Any]) -> SenderIdRules:
        """The rules that hold with these answers."""
        rules = self
        for case in self.cases:
            if case.when.holds(answers):
                rules = SenderIdRules.model_validate({**rules.model_dump(exclude={"cases"}), **case.rules})
        return rules


class SampleRules(Facts):
    """What the texts under a name may be. None: the sources say nothing."""

    max_length: int = 1000  # characters
    rules: tuple[str, ...] = ()  # in words, what the keys below do not say
    transactional_only: bool = False
    brand_inside: bool = False  # the brand is named in every text ...
    brand_inside_when: Condition | None = None  # ... under this condition only
    # listed: only those registered with the name; own_domain: only full links to the company's own domain
    links: Literal["listed", "own_domain", "none"] | None = None
    shorteners: bool | None = None  # False: shortened links are refused
    chat_links: bool | None = None
    phone_numbers: bool | None = None
    opt_out: bool = False  # promotional texts say how to stop them
    begins_with: Mapping[str, str] = Key(default_factory=dict)  # message_type -> what the text begins with
    reserve: int = 0  # characters that carriers add to a text
    template: bool = False  # the text is registered word by word, with its variables declared
    languages: Mapping[str, str] = Key(default_factory=dict)  # message_type -> the language it must be in, in words
    prohibited: tuple[Topic, ...] = ()


class LeadTime(Facts):
    """Calendar days from filing to approval, the fastest and the slowest vendor estimate."""

    days: tuple[int, int] | None = None
    by_source: tuple[str, ...] = ()


class Validity(Facts):
    """How long an approved name holds, and what keeps it alive."""

    text: str
    months: int | None = None  # at most, then it is registered anew
    min_messages: int | None = None  # fewer within `per_days` and the name is removed
    per_days: int | None = None
    idle: bool = False  # a name that is not used is switched off
    editable: bool | None = None  # False: what was submitted can't be changed
    returns_after_days: int | None = None  # a deleted name can be registered again


class Fee(Facts):
    """What a vendor or registry takes, as one source says: a hint, never an offer."""

    text: str
    amount: Decimal | None = None
    currency: str | None = Key(default=None, pattern=r"^[A-Z]{3}$")  # ISO 4217
    per: Literal["once", "month", "year", "sender_id"] | None = None
    when: Condition | None = None


class QuietHours(Facts):
    """When messages of that type are not delivered; times are the destination's own."""

    text: str
    begin: time | None = None
    end: time | None = None
    message_types: tuple[str, ...] = ("promotional",)


class BrandOrigin(Facts):
    distinguished: bool = False
    local: str | None = None
    international: str | None = None
    note: str | None = None


class Paused(Facts):
    """New registrations are not taken by the regulator for now."""

    since: date | None = None
    until: date | None = None
    text: str
    source: Source


class Change(Facts):
    """A dated entry of a country's file: its keys are laid over what holds before that day, which stays as it is."""

    begins: date = Key(alias="from")  # 00:00 UTC
    text: tuple[str, ...] = Key(min_length=1)  # what changed, told to customers
    source: Source | None = None
    rules: Mapping[str, Any] = Key(min_length=1)  # keys of a country's file


class Registry(Facts):
    """The national registry where the customer registers before us."""

    name: str
    url: str
    number_field: str  # the field that holds the number or ID it gives
    needs: tuple[str, ...] = ()  # what to have ready before going there
    steps: tuple[str, ...] = ()  # what the customer does there, in order
    choose: tuple[str, ...] = ()  # companies to name or tick there, as vendors say
    bring_back: str | None = None  # what comes of it, in words
    fee: str | None = None


class Pack(Facts):
    """One country. Everything the dialogue asks, the letters show and the desk checks comes from here."""

    country: str = Key(pattern=r"^[A-Z]{2}$")
    name: str
    route: Route
    registration: str  # required | not_required | unsupported | recommended | unknown, as vendors say it
    alpha_sender: str = "unknown"  # yes | no | partial | unknown
    numeric_sender: str = "unknown"  # yes | no | unknown
    detailed: bool = False  # a country with its own fields; else the common fields, and more may be asked
    lead_time: LeadTime = LeadTime()
    validity: Validity | None = None
    fees: tuple[Fee, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    brand_origin: BrandOrigin = BrandOrigin()
    paused: Paused | None = None
    registry: Registry | None = None
    fields: tuple[Field, ...] = ()
    handoff_fields: tuple[str, ...] = ()  # account_manager and other handed-over routes: the few asked beforehand
    documents: tuple[Document, ...] = ()
    sender_id: SenderIdRules = SenderIdRules()
    samples: SampleRules = SampleRules()
    instead: str | None = None  # unsupported: what is delivered instead of a name
    prepare: tuple[str, ...] = ()  # things to have ready
    notes: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    sources: tuple[Source, ...]
    version: str = "1"  # "1", then the day of the dated entry that holds, such as "2027-01-01"
    changed: tuple[str, ...] = ()  # what that entry changed, as customers are told
    changed_source: Source | None = None

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def document(self, code: str) -> Document:
        """The document of that code. Raises KeyError."""
        for document in self.documents:
            if document.code == code:
                return document
        raise KeyError(code)


class LetterTemplate(Facts):
    """The words of a letter we draw. Placeholders in braces are fields of the answers, or one of LETTER_FACTS."""

    template: str
    title: str
    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[str, ...]  # answer fields shown in the table of facts; those without an answer are left out
    show_samples: bool = True
    signed_for: str = "company_name"  # the field that names the company that signs: not always the one that applies
    closing: tuple[str, ...] = ()
    language: str = "en"
    # False: the source wants no company in between named, so the operator is neither addressed nor mentioned.
    names_operator: bool = True

    @property
    def signature(self) -> tuple[str, ...]:
        """The fields printed at the place to sign."""
        return self.signed_for, "signatory_name", "signatory_title"

    def shows(self, answers: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answers this letter repeats: when they change, it must be drawn anew."""
        text = " ".join((self.subject, *self.paragraphs, *self.closing))
        return {
            name: value
            for name, value in answers.items()
            if name in (*self.facts, *self.signature) or f"{{{name}}}" in text
        }


# What a template may name beside the answers of the pack.
LETTER_FACTS = frozenset(
    {"addressee", "sender_ids", "country_name", "operator", "operator_address", "reference", "date"}
)
