"""A binding with its element: which source fields make which standard column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from string import Formatter

from citylake.pipelines.conform.bind.number_style import NumberStyle, declared_style
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, GasProperties, InvisiblePolicy, is_identifier
from citylake.schemas.model.formats import GeoFormat
from citylake.schemas.model.place_words import FrameFrom
from citylake.schemas.read.day_zones import day_zone, text_zone
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

RAW_PREFIX = "raw."
"""Prefix of source fields inside the conform pass: a source may use the names of standard columns."""
TEXT_PREFIX = "text."
"""Prefix of cleaned text, before it is typed."""


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """One standard column of a contract."""

    column: str
    element: DataElement
    binding: Binding
    fields: tuple[str, ...]
    zone: str
    """The zone of local times in the source."""
    day_zone: str
    """The zone whose calendar days the column has: of times in UTC, that of the contract or of the workspace."""
    sentinels: tuple[str, ...]
    style: NumberStyle = field(default_factory=NumberStyle)
    """How the column's numbers are written, as far as the contract states it; the column's values may decide more."""
    run_at: datetime | None = None
    """The start of the run, against which times in the future are checked."""
    clock_hours: bool = False
    """Hours are those of a clock: columns of the source, one for each, or marked if they come twice."""
    in_key: bool = False
    """Whether the column is part of the contract's key."""

    @property
    def text(self) -> str:
        """The column that holds the cleaned text."""
        return TEXT_PREFIX + self.column

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return self.element.type in ("integer", "decimal") and not self.codes and self.binding.format is None

    @property
    def gas(self) -> GasProperties | None:
        """The gas at the reference state of the column: the element's, or the binding's if the element has none."""
        own, stated = self.element.gas, self.binding.gas
        return own if stated is None or (own and own.complete) else stated.complete_with(own)

    @property
    def codes(self) -> str | None:
        """The code list whose values the column holds."""
        return self.element.codes

    def with_format(self, form: str) -> BoundColumn:
        """The column read by one of the binding's formats alone."""
        return replace(self, binding=self.binding.model_copy(update={"format": form}))

    @property
    def holds_text(self) -> bool:
        """Whether the column's values are texts of the source, or are found by them."""
        return self.element.type == "string"

    @property
    def identifies(self) -> bool:
        """Whether the values name things, so that two spellings would be two things."""
        return is_identifier(self.element) or (self.in_key and self.holds_text)

    @property
    def invisible(self) -> InvisiblePolicy:
        """What happens to zero-width and control characters in the column's texts."""
        declared = self.binding.invisible or self.element.invisible
        return declared or ("remove" if self.identifies else "keep")

    @property
    def pad(self) -> int | None:
        """Digits to which numbers are filled with zeros."""
        return self.binding.pad or self.element.pad


def bind_columns(contract: Contract, registry: Registry) -> list[BoundColumn]:
    """The standard columns of ``contract``, whether or not the source has their fields. Raises ELEMENT_UNKNOWN."""
    return [_bind_column(contract, registry, key, binding) for key, binding in contract.fields.items()]


def _bind_column(contract: Contract, registry: Registry, key: str, binding: Binding) -> BoundColumn:
    element = registry.elements.get(binding.element)
    if element is None:
        near = ", ".join(nearest_elements(binding.element, registry))
        raise CitylakeError("ELEMENT_UNKNOWN", name=binding.element, suggestion=near)
    return BoundColumn(
        column=binding.column or element.symbol,
        element=element,
        binding=_with_frame(binding, element, contract, key),
        fields=_binding_fields(key, binding),
        zone=text_zone(binding, contract, registry),
        day_zone=day_zone(binding, contract, registry),
        sentinels=(*contract.sentinels, *binding.sentinels),
        style=declared_style(binding),
        clock_hours=bool(binding.repeated)
        or not _unpivoted_fields(contract).isdisjoint((*_binding_fields(key, binding), *_joined_fields(binding))),
        in_key=(binding.column or element.symbol) in contract.write.key,
    )


def _with_frame(binding: Binding, element: DataElement, contract: Contract, key: str) -> Binding:
    """``geo`` writes the reference system of the file beside each geometry, where the contract states none."""
    if element.type != "geometry" or binding.frame is not None or not isinstance(contract.source.format, GeoFormat):
        return binding
    field = binding.source if isinstance(binding.source, str) else key
    return binding.model_copy(update={"frame": FrameFrom.model_validate({"from": f"{field}.crs"})})


def _joined_fields(binding: Binding) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(binding.join or "") if name]


def _unpivoted_fields(contract: Contract) -> set[str]:
    """The fields that hold what the names of columns said."""
    steps = [step.unpivot for step in contract.reshape if step.unpivot]
    named = {name for step in steps if step.named for name in re.compile(step.named).groupindex}
    return named | {step.name for step in steps if step.name}


def _binding_fields(key: str, binding: Binding) -> tuple[str, ...]:
    if binding.constant is not None:
        return ()
    if binding.source is None:
        return (key,)
    return (binding.source,) if isinstance(binding.source, str) else binding.source


def required_fields(bound: BoundColumn) -> list[str]:
    """Every source field that the column is made from, units, flags and pairs included."""
    fields = [*cell_fields(bound), *bound.binding.row_fields]
    if bound.binding.pair:
        fields.append(bound.binding.pair)
    return list(dict.fromkeys(fields))


def cell_fields(bound: BoundColumn) -> list[str]:
    """The source fields that the column's text is made from."""
    joined = [name for _, name, _, _ in Formatter().parse(bound.binding.join or "") if name]
    return [*bound.fields, *joined]
