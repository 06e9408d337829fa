"""What a rule file may say. Facts only: every value has a source, unknown is absent, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Key

from rules.conditions import Condition, Scalar


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


class Source(Facts):
    title: str
    url: str
    read_on: date


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
    must_be: Scalar | None = None  # another answer ends the registration here, with `must_be_text`
    must_be_text: str | None = None
    why: str | None = None
    example: str | None = None
    hint: str | None = None  # what is allowed, in words, when limits cannot say it
    english: bool = True  # carriers read it: Latin script only
    many: bool = False  # several values, one a line
    judgement: bool = False  # the customer's own judgement, which the desk may overrule
    forbid_free_mail: bool = False
    uncertain: str | None = None  # what the sources do not agree on, said to the customer and flagged at the desk
    phase: Phase = Phase.BASIC


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
    upload: Upload = Upload()
    notes: str | None = None
    uncertain: str | None = None

    @model_validator(mode="after")
    def _ours_have_a_template(self) -> Document:
        if (self.origin is Origin.PROVIDER_TEMPLATE) != (self.template is not None):
            raise ValueError("template: needed for provider_template documents, and only for them")
        return self


class SenderIdRules(Facts):
    min_length: int = 1
    max_length: int = 11  # characters
    max_digits: int = 15  # a sender ID of digits only
    symbols: str | None = None  # allowed beside letters and digits; None = every printable ASCII symbol and space
    digits_only: bool = True
    digits_allowed: bool = True
    case: str | None = None  # "upper" | "lower": refused otherwise, the mended form offered
    case_sensitive: bool | None = None  # recipients see exactly the registered case
    # message_type -> marker that counts in the length, e.g. promotional = "AD-"
    prefixes: Mapping[str, str] = Key(default_factory=dict)
    suffixes: Mapping[str, str] = Key(default_factory=dict)
    generic_allowed: bool | None = None
    generic_examples: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()  # rules in words
    reserved: tuple[str, ...] = ()  # names of others that are protected
    brand_match: str | None = None
    exclusivity: str | None = None
    notes: tuple[str, ...] = ()
    source: Source | None = None


class SampleRules(Facts):
    max_length: int = 1000  # characters
    rules: tuple[str, ...] = ()
    links: str | None = None
    brand_inside: bool = False


class LeadTime(Facts):
    """Calendar days from filing to approval, the fastest and the slowest vendor estimate."""

    days: tuple[int, int] | None = None
    by_source: tuple[str, ...] = ()


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


class Registry(Facts):
    """The national registry where the customer registers before us."""

    name: str
    url: str
    number_field: str  # the field that holds the number or ID it gives
    steps: tuple[str, ...] = ()
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
    validity: str | None = None
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
    version: str = "1"

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
