"""A data element (数据元): one meaning, declared once for every department."""

from __future__ import annotations

from datetime import date
from operator import not_
from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier, LocalizedText
from citylake.schemas.model.sharing import Sharing

ElementType = Literal["string", "integer", "decimal", "date", "datetime", "time", "boolean", "binary", "geometry"]
Representation = Literal[
    "amount", "date", "datetime", "time", "code", "description", "name",
    "number", "percent", "quantity", "ratio", "indicator",
]  # fmt: skip
CheckDigit = Literal["uscc", "organisation_code", "id_number", "vin", "luhn"]
EntityKind = Literal["enterprise", "facility", "address", "road_segment", "station", "person"]
"""The kinds of things that records of several datasets may be about. Links of persons are refused by lint."""
InvisiblePolicy = Literal["remove", "refuse", "keep"]
Measure = Literal["stock", "flow", "intensity"]
"""``stock``: counted at a time, additive over things and not over times; ``flow``: additive over both; ``intensity``:
not additive. None: not said, and nothing is concluded."""
CoordinateFrame = Literal["WGS-84", "GCJ-02", "CGCS2000", "BD-09"]
TimeLabel = Literal["start", "end"]
Protection = Literal["none", "mask", "token"]
"""What the standard table holds instead of a value, the strictest last: the value, a part of it, or a keyed token."""

_LOW_GRADES = ("L1", "L2")


def _no_part(_: object) -> bool:
    """Say that a word is no part of a fingerprint: it changes what may be done with values, and no value."""
    return True


class Sensitivity(Declaration):
    """Security grade (GB/T 43697 style, L1 lowest) and openness of a value."""

    grade: Literal["L1", "L2", "L3", "L4", "important", "core"] = "L1"
    openness: Literal["open", "conditional", "none"] = "open"
    personal: Literal["none", "ordinary", "sensitive"] = "none"
    protect: Protection = Field("none", exclude_if=lambda value: value == "none")
    """What the standard table holds instead of the value."""

    @property
    def shown(self) -> bool:
        """Whether values may be shown to everyone: open, and not personal."""
        return self.openness == "open" and not self.hidden

    @property
    def restricted(self) -> bool:
        """Whether the grade is L3 or above."""
        return self.grade not in _LOW_GRADES

    @property
    def hidden(self) -> bool:
        """Whether values are masked wherever people read them: personal, protected, or of grade L3 or above."""
        return self.personal != "none" or self.protect != "none" or self.restricted


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
    names_entity: EntityKind | None = Field(None, exclude_if=not_)
    """The kind of entity that a value names, as a credit code names an enterprise."""
    measure: Measure | None = Field(None, exclude_if=_no_part)
    """What may be added up."""
    weight: Identifier | None = Field(None, exclude_if=_no_part)
    """The element by which a mean of this one is weighted: vehicles for their mean speed."""
    edition: Identifier | None = Field(None, exclude_if=_no_part)
    """The element that says by which edition of a standard an index was computed."""
    frame: CoordinateFrame | None = Field(None, exclude_if=_no_part)
    """The reference frame of coordinates in the lake."""
    label: TimeLabel | None = Field(None, exclude_if=_no_part)
    """Whether a time names the start or the end of its period."""
    period: Duration | None = None
    gas: GasProperties | None = None
    span: TimeSpan | None = Field(None, exclude_if=not_)
    sensitivity: Sensitivity = Sensitivity()
    # Never part of the fingerprint: who may have the data does not change what bytes become.
    sharing: Sharing | None = Field(None, exclude_if=lambda _: True)
    """Whether other departments may have it; by default nothing is said."""
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
    """Whether the element's values are categories: codes of a list, or free ones if they may be shown."""
    free = element.representation == "code" and not element.sensitivity.hidden
    return element.type == "string" and (element.codes is not None or free)
