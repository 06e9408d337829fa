"""A sender ID that a country takes, built from its rules: where none can be built, the rules contradict each other."""

from __future__ import annotations

import string

from rules.schema import SenderIdRules

BRAND = "FRESHBAKERY"


def passing_name(rules: SenderIdRules, message_type: str = "") -> str | None:
    """A name that the rules take for messages of that type, or None where they take none."""
    prefix, suffix = rules.prefixes.get(message_type, ""), rules.suffixes.get(message_type, "")
    marked = len(prefix) + len(suffix)
    for length in range(rules.max_length, max(rules.min_length, marked + 1) - 1, -1):
        for first in (BRAND[0], *string.ascii_uppercase):
            inside = (first + BRAND[1:] * 2)[: length - marked]
            name = f"{prefix}{inside.lower() if rules.case == 'lower' else inside}{suffix}"
            if _passes(name, rules):
                return name
    return None


def _passes(name: str, rules: SenderIdRules) -> bool:
    """Whether the rules take a name of letters between its markers."""
    has_digits = any(char.isdigit() for char in name)  # in the markers: there are no others
    return (
        rules.min_length <= len(name) <= rules.max_length
        and name[0] not in rules.not_first
        and name[-1] not in rules.not_last
        and not (has_digits and not (rules.digits_allowed and rules.mixed))
        and name.upper() not in {reserved.upper() for reserved in rules.reserved}
    )
