"""A binding: how a source's field becomes a data element."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier
from citylake.schemas.model.element import InvisiblePolicy

CoordinateSystem = Literal["WGS-84", "GCJ-02", "BD-09", "CGCS2000"]
CleanStep = Literal["fullwidth", "thousands", "percent", "upper", "excel"]


class UnitFrom(Declaration):
    """A unit that each row names itself, in the field ``from``; ``names`` maps the source's texts to UCUM."""

    field: str = Field(alias="from")
    names: dict[str, str] = {}


class Binding(Declaration):
    """One standard column: from one source field, several, a constant, or a lookup.

    The key in ``fields`` is the source field, unless ``from`` names other fields or ``constant`` gives the value.
    """

    element: Identifier
    column: ColumnName | None = Field(None, alias="as")
    """The standard column; by default the element's symbol."""
    source: str | tuple[str, ...] | None = Field(None, alias="from")
    join: str | None = None
    """Template that combines several fields into one text: ``{year}-{month}-{day} {hour}``."""
    constant: str | int | float | bool | None = None
    required: bool = False
    optional: bool = False
    """The field may be absent from the source without holding the batch."""

    format: str | None = None
    """strptime format(s) of dates and times; ``epoch_s`` and ``epoch_ms`` for numbers."""
    zone: str | None = None
    label: Literal["start", "end"] | None = None
    period: Duration | None = None

    unit: str | UnitFrom | None = None
    sentinels: tuple[str, ...] = ()
    qualifier: bool = False
    """``<0.01`` is read as 0.01, with ``<`` in ``<column>_qualifier``."""
    clean: tuple[CleanStep, ...] = ()
    invisible: InvisiblePolicy | None = None
    """Zero-width and control characters; by default as the element says. Columns of a key lose them."""
    pad: int | None = Field(None, ge=1, le=64)
    """Digits to which a number is filled with zeros; by default as the element says."""

    codes: dict[str, str] = {}
    separator: str | None = Field(None, min_length=1)
    """The separator of a text with several codes or words; the column has their codes, separated by commas."""
    code_at: ColumnName | None = None
    """The column whose date determines which codes are valid; by default the day of the partition."""
    lookup: Identifier | None = None
    """A crosswalk that is applied to the value first."""

    frame: CoordinateSystem | None = None
    pair: str | None = None
    """The source field of the other coordinate."""

    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
