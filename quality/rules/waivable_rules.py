"""Which rules a person may waive for one row: those that judge a value that could be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from citylake.schemas.model.contract import Contract

WAIVABLE_CODES: Final = frozenset(
    {
        "VALUE_OUT_OF_RANGE",
        "PATTERN_MISMATCH",
        "VALUE_TOO_LONG",
        "VALUE_TOO_SHORT",
        "CHECK_DIGIT_WRONG",
        "TIME_OUT_OF_SPAN",
        "CATEGORY_UNSEEN",
        "PLACE_ZERO",
        "PLACE_SWAPPED",
        "PLACE_OUTSIDE_BOUNDS",
    }
)
"""The issue types of elements, bindings and places. A text that cannot be read, an unknown code, a missing value and
a repeated key are not among them: there is no value that the standard table could hold."""


_NEVER = frozenset(
    {
        *(
            "REQUIRED_MISSING",
            "VALUE_UNREADABLE",
            "TIME_UNREADABLE",
            "CODE_UNKNOWN",
            "CODE_NOT_VALID",
            "LOOKUP_UNKNOWN",
        ),
        *("KEY_DUPLICATE", "PIVOT_CONFLICT", "DAY_NOT_IN_MONTH", "IDENTIFIER_SCIENTIFIC", "INVISIBLE_REFUSED"),
        *("PART_MISSING", "NUMBER_AMBIGUOUS", "NUMBER_STYLE_WRONG", "EPOCH_IMPLAUSIBLE", "FIELD_GONE", "FIELD_UNKNOWN"),
        *("ROW_DISCARDED", "ROW_RELEASED"),
    }
)
"""Issue types that no rule of a contract makes waivable by using their names."""


def waivable(code: str, contract: Contract) -> bool:
    """Whether a released row passes a rule with this issue type: the types above, and the contract's own rules."""
    return code in waivable_codes(contract)


def waivable_codes(contract: Contract) -> frozenset[str]:
    """The issue types that a released row passes."""
    return WAIVABLE_CODES | ({rule.issue for rule in contract.rules if not rule.refuse} - _NEVER)


def unwaivable_reasons(codes: Iterable[str], contract: Contract) -> list[str]:
    """Those of a row's reasons that a release cannot pass, in order; empty if the row can be released."""
    passed = waivable_codes(contract)
    return [code for code in codes if code not in passed]
