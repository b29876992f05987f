"""What the standard table holds instead of a direct identifier, and the sensitivity that is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, Protection, Sensitivity
from citylake.schemas.read.registry import Registry

PROTECTED_GRADE: Final = "L2"
"""The grade of a token and of a masked value, unless the value's own is lower."""
_STRICTNESS: Final[tuple[Protection, ...]] = get_args(Protection)


@dataclass(frozen=True, slots=True)
class ProtectedColumn:
    """A standard column: its element, what it holds instead of the values, and the sensitivity of what it holds."""

    element: DataElement
    protection: Protection
    sensitivity: Sensitivity


def protected_columns(contract: Contract, registry: Registry) -> dict[str, ProtectedColumn]:
    """Every column of the standard table that is bound to a known element, protected or not."""
    known = ((binding, registry.elements.get(binding.element)) for binding in contract.fields.values())
    return {
        binding.column or element.symbol: protected_column(binding, element) for binding, element in known if element
    }


def protected_column(binding: Binding, element: DataElement) -> ProtectedColumn:
    """The column that ``binding`` makes."""
    protection = column_protection(binding, element)
    return ProtectedColumn(element, protection, protected_sensitivity(element, protection))


def column_protection(binding: Binding, element: DataElement) -> Protection:
    """The stricter of what the binding and the element say. Only texts without a code list are protected."""
    if element.type != "string" or element.codes is not None:
        return "none"
    return max(binding.protect or "none", element.sensitivity.protect, key=_STRICTNESS.index)


def protected_sensitivity(element: DataElement, protection: Protection | None = None) -> Sensitivity:
    """The sensitivity of what the standard table holds; by default with the element's own protection.

    A token and a masked value of a person are personal information still (de-identified, not anonymised: the Personal
    Information Protection Law, article 73), so that they are never open.
    """
    own = element.sensitivity
    if (own.protect if protection is None else protection) == "none":
        return own
    grade = PROTECTED_GRADE if own.restricted else own.grade
    personal = own.personal if own.personal == "none" else "ordinary"
    openness = own.openness if own.openness == "open" and personal == "none" else "conditional"
    return Sensitivity(grade=grade, openness=openness, personal=personal)


def has_tokens(contract: Contract, registry: Registry) -> bool:
    """Whether the dataset needs the key of tokens."""
    return any(column.protection == "token" for column in protected_columns(contract, registry).values())


def has_hidden(contract: Contract, registry: Registry) -> bool:
    """Whether some values of the dataset, as its source sends them, are shown nowhere."""
    return any(column.element.sensitivity.hidden for column in protected_columns(contract, registry).values())
