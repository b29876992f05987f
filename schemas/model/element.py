"""A data element (数据元): one meaning, declared once for every department."""

from __future__ import annotations

from datetime import date
from operator import not_
from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier, LocalizedText

ElementType = Literal["string", "integer", "decimal", "date", "datetime", "time", "boolean", "binary", "geometry"]
Representation = Literal[
    "amount", "date", "datetime", "time", "code", "description", "name",
    "number", "percent", "quantity", "ratio", "indicator",
]  # fmt: skip
CheckDigit = Literal["uscc", "organisation_code", "id_number", "vin", "luhn"]
InvisiblePolicy = Literal["remove", "refuse", "keep"]


class Sensitivity(Declaration):
    """Security grade (GB/T 43697 style, L1 lowest) and openness of a value."""

    grade: Literal["L1", "L2", "L3", "L4", "important", "core"] = "L1"
    openness: Literal["open", "conditional", "none"] = "open"
    personal: Literal["none", "ordinary", "sensitive"] = "none"


class ElementRelation(Declaration):
    """The relation of one element to another (派生, 组成, 替代, 连用)."""

    kind: Literal["derived_from", "composed_of", "replaces", "used_with"]
    element: Identifier


class GasProperties(Declaration):
    """What the conversion ppb ↔ µg/m³ needs: the molar mass and the reference state of the concentration.

    The temperature has no default: 298.15 K and 293.15 K are both usual, and differ by 1.7 %.
    """

    molar_mass_g_mol: float | None = None
    temperature_k: float | None = None
    pressure_hpa: float = 1013.25

    @property
    def complete(self) -> bool:
        """Whether a conversion is possible."""
        return None not in (self.molar_mass_g_mol, self.temperature_k)

    def complete_with(self, element: GasProperties | None) -> GasProperties:
        """What the binding states, with what the element does not leave open."""
        known = element.model_dump(exclude_unset=True) if element else {}
        return GasProperties(**{**known, **self.model_dump(exclude_unset=True)})


class TimeSpan(Declaration):
    """The plausible times: not before ``earliest``, and not later than ``latest`` after the run: ``1d``."""

    earliest: date | None = None
    latest: Duration | None = None


class DataElement(Declaration):
    """One row of the registry, with the attributes of GB/T 19488.1 that people use."""

    id: Identifier
    symbol: ColumnName
    name: LocalizedText
    definition: LocalizedText
    object_class: str
    property: str
    representation: Representation
    type: ElementType
    format: str | None = None
    unit: str | None = None
    range: tuple[float | None, float | None] | None = None
    pattern: str | None = None
    codes: Identifier | None = None
    check_digit: CheckDigit | None = None
    invisible: InvisiblePolicy | None = Field(None, exclude_if=not_)
    """Zero-width and control characters in texts; by default identifiers and codes lose them, other texts keep them."""
    pad: int | None = Field(None, ge=1, le=64, exclude_if=not_)
    """Digits of an identifier that is a number: with 4, ``12`` and ``12.0`` become ``0012``; with 1, ``0012`` is 12."""
    period: Duration | None = None
    gas: GasProperties | None = None
    span: TimeSpan | None = Field(None, exclude_if=not_)
    sensitivity: Sensitivity = Sensitivity()
    synonyms: tuple[str, ...] = ()
    relations: tuple[ElementRelation, ...] = ()
    context: str | None = None
    version: str = "1.0.0"
    status: Literal["draft", "candidate", "standard", "retired", "superseded"] = "standard"
    steward: str | None = None
    source: str | None = None
    note: str | None = None


def is_identifier(element: DataElement) -> bool:
    """Whether the element's values name things: numbers of devices, enterprises or records, and codes."""
    named = element.representation in ("number", "code") or element.check_digit is not None
    return element.type == "string" and (named or element.codes is not None)


def is_categorical(element: DataElement) -> bool:
    """Whether the element's values are categories: codes, of a code list or free."""
    return element.type == "string" and (element.codes is not None or element.representation == "code")
