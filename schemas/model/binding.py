"""A binding: how a source's field becomes a data element."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.base.declaration import ColumnName, Declaration, Duration, Identifier
from citylake.schemas.model.binding_words import (
    FactorFrom,
    GroupSign,
    NumberWord,
    QualifierFrom,
    SplitField,
    UnitFrom,
    ZoneFrom,
)
from citylake.schemas.model.element import GasProperties, InvisiblePolicy, Protection, TimeSpan
from citylake.schemas.model.field_names import FieldNames, FormerName, check_field_names, former_names
from citylake.schemas.model.place_words import CoordinateSystem, FrameFrom, PointOrder

CleanStep = Literal["fullwidth", "thousands", "percent", "upper", "excel", "digits", "accounting"]


class ValueFlag(Declaration):
    """The flag that each row gives for the value, in the field ``from``.

    ``refuse``: flags whose value is not taken; ``accept``: flags whose value is kept. A flag in neither is unknown and
    refused too. An empty flag is no flag, unless ``refuse`` has ``""``. ``<column>_flag`` has the flag beside the
    value, under the name that ``names`` gives it.
    """

    field: str = Field(alias="from")
    accept: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    names: dict[str, str] = {}

    @model_validator(mode="after")
    def _decided(self) -> Self:
        if both := set(self.accept) & set(self.refuse):
            raise ValueError(f"flags both in accept and in refuse: {', '.join(sorted(both))}")
        if not self.accept and not self.refuse:
            raise ValueError("flag needs accept, refuse or both")
        return self


class Binding(Declaration):
    """One standard column: from one source field, several, a constant, or a lookup.

    The key in ``fields`` is the source field, unless ``from`` names other fields or ``constant`` gives the value.
    """

    element: Identifier
    column: ColumnName | None = Field(None, alias="as")
    """The standard column; by default the element's symbol."""
    source: str | tuple[str, ...] | None = Field(None, alias="from")
    names: FieldNames = Field((), exclude_if=not_)
    """The names that the source field has had: ``[流量, {was: 车流量, until: 2026-03-08}]``."""
    join: str | None = None
    """Template that combines several fields into one text: ``{year}-{month}-{day} {hour}``."""
    constant: str | int | float | bool | None = None
    required: bool = False
    optional: bool = False
    """The field may be absent from the source without holding the batch."""

    format: str | None = None
    """strptime format(s) of dates and times; ``epoch_s`` and ``epoch_ms`` for numbers."""
    zone: str | ZoneFrom | None = None
    label: Literal["start", "end"] | None = None
    period: Duration | None = None
    precision: bool = Field(default=False, exclude_if=not_)
    """``<column>_precision`` has the precision of the format that a date was written in: year, month, day …"""
    span: TimeSpan | None = Field(None, exclude_if=not_)
    """The times that are plausible, instead of the element's."""
    hours: Literal["elapsed"] | None = Field(None, exclude_if=not_)
    """Hours are numbers since local midnight: up to 23 or 25 on days on which clocks change."""
    repeated: tuple[str, Annotated[str, StringConstraints(min_length=1)]] | None = Field(None, exclude_if=not_)
    """What the source writes after a repeated hour, the first time (perhaps nothing) and the second: ``2A``, ``2B``."""

    split: SplitField | None = Field(None, exclude_if=not_)
    """The part of a packed field that is the value."""
    decimal: Literal[".", ","] | None = Field(None, exclude_if=not_)
    thousands: GroupSign | None = Field(None, exclude_if=not_)
    interval: bool = Field(default=False, exclude_if=not_)
    """``10-20`` and ``≥ 5`` are read into ``<column>_min`` and ``<column>_max``."""
    words: dict[str, float | NumberWord] = Field({}, exclude_if=not_)
    """Texts that stand for a number: ``Calm`` for 0."""
    factor: Annotated[float, Field(gt=0)] | FactorFrom | None = Field(None, exclude_if=not_)
    """The number in the source times this is in ``unit``: 0.1 for tenths."""
    unit: str | UnitFrom | None = None
    gas: GasProperties | None = Field(None, exclude_if=not_)
    """The reference state, if the element does not have one."""
    sentinels: tuple[str, ...] = ()
    qualifier: bool | QualifierFrom = False
    """``<0.01`` is read as 0.01, with ``<`` in ``<column>_qualifier``."""
    clean: tuple[CleanStep, ...] = ()
    invisible: InvisiblePolicy | None = Field(None, exclude_if=not_)
    """Zero-width and control characters; by default as the element says. Columns of a key lose them."""
    pad: int | None = Field(None, ge=1, le=64, exclude_if=not_)
    """Digits to which a number is filled with zeros; by default as the element says."""

    codes: dict[str, str] = {}
    separator: str | None = Field(None, min_length=1)
    """The separator of a text with several codes or words; the column has their codes, separated by commas."""
    code_at: ColumnName | None = None
    """The column whose date determines which codes are valid; by default the day of the partition."""
    lookup: Identifier | None = None
    """A crosswalk that is applied to the value first."""

    flag: ValueFlag | None = Field(None, exclude_if=not_)
    refuse: Literal["row", "value"] = Field("row", exclude_if=lambda value: value == "row")
    """What a bad value refuses. ``value``: the column is null, ``_refused`` names it, and the row stays standard."""

    protect: Protection | None = Field(None, exclude_if=not_)
    """What the standard table holds instead of the value; only stricter than the element says."""

    frame: CoordinateSystem | FrameFrom | None = None
    pair: str | None = None
    """The source field of the other coordinate."""
    point: PointOrder | None = Field(None, exclude_if=lambda value: value is None)
    """The field holds both coordinates, in this order; ``POINT (x y)`` and GeoJSON have longitude first."""

    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()

    @property
    def qualified(self) -> bool:
        """Whether there is a column for the sign that a value was written with."""
        return bool(self.qualifier) or any(
            isinstance(word, NumberWord) and word.qualifier for word in self.words.values()
        )

    @property
    def former_names(self) -> tuple[FormerName, ...]:
        """The earlier names of the source field, newest first."""
        return former_names(self.names)

    @model_validator(mode="after")
    def _names_of_one_field(self) -> Self:
        if self.names and (self.constant is not None or self.join or isinstance(self.source, tuple)):
            raise ValueError("names needs a binding with one source field")
        check_field_names(self.names)
        return self

    @model_validator(mode="after")
    def _one_zone(self) -> Self:
        if isinstance(self.zone, ZoneFrom) and (self.hours or self.repeated):
            raise ValueError("hours and repeated need one zone, not one of each row")
        return self

    @property
    def row_fields(self) -> tuple[str, ...]:
        """The fields in which a row names its own unit, factor, zone, frame, sign, detection limit and flag."""
        named = (self.unit, self.factor, self.zone, self.frame)
        fields = [each.field for each in named if isinstance(each, UnitFrom | FactorFrom | ZoneFrom | FrameFrom)]
        if isinstance(self.qualifier, QualifierFrom):
            fields += [name for name in (self.qualifier.field, self.qualifier.limit) if name]
        return (*fields, *([self.flag.field] if self.flag else []))
