"""A binding: how a source's field becomes a data element."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.model.declaration import ColumnName, Declaration, Duration, Identifier

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
    """The standard column; the element's symbol where not given."""
    source: str | tuple[str, ...] | None = Field(None, alias="from")
    join: str | None = None
    """Template that makes one text of several fields: ``{year}-{month}-{day} {hour}``."""
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

    codes: dict[str, str] = {}
    separator: str | None = Field(None, min_length=1)
    """The text lists several codes or words, parted by this; the column holds their codes, joined by commas."""
    code_at: ColumnName | None = None
    """The column whose date says which codes are valid; the partition's day where not given."""
    lookup: Identifier | None = None
    """A crosswalk through which the value goes first."""

    frame: CoordinateSystem | None = None
    pair: str | None = None
    """The source field of the other coordinate."""

    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
