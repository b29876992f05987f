"""The unit of a field, if its name states it or its magnitude leaves only one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log10
from statistics import median

import polars as pl

from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.rival_units import (
    FEW_NUMBERS,
    conversion_factor,
    rival_units,
    sample_numbers,
    unit_by_range,
)
from citylake.schemas.model.element import DataElement
from citylake.schemas.units import resolve_unit
from citylake.schemas.units.ucum import UcumError
from citylake.schemas.words.errors import CitylakeError

_BRACKETS = re.compile(r"[(（\[【]([^)）\]】]+)[)）\]】]\s*$")
_NEAR, _FAR = 0.4, 0.9
"""Differences of decimal logarithms of medians: units a thousand times apart differ by 3."""


def prove_unit(field: str, element: DataElement, values: Sequence[str], known: KnownTables) -> BindingProof:
    """``unit`` with its proof; without one, the note that it is not known."""
    if element.unit is None:
        return BindingProof()
    named = _named_unit(field, element.unit)
    if named:
        return _proof(named, element.unit, "unit_named", text=named)
    by_range = unit_by_range(element, values)
    if by_range:
        return _proof(by_range, element.unit, "unit_range", unit=by_range, range=_range_text(element))
    numbers, rivals = sample_numbers(element, values), rival_units(element.unit)
    if len(rivals) > 1 and len(numbers) >= FEW_NUMBERS:
        for dataset, typical in _typical_values(element, known):
            close = _only_close(element.unit, numbers, rivals, typical)
            if close:
                return _proof(close, element.unit, "unit_alike", unit=close, dataset=dataset, median=f"{typical:.3g}")
    return BindingProof()


def _proof(proven: str, own: str, key: str, **values: str) -> BindingProof:
    return BindingProof({"unit": proven} if proven != own else {}, [(key, values)])


def _named_unit(field: str, own: str) -> str | None:
    """The unit in brackets at the end of the name, if values in it can be converted."""
    found = _BRACKETS.search(field)
    try:
        code = resolve_unit(found[1]) if found else None
        return code if code and conversion_factor(code, own) is not None else None
    except (CitylakeError, UcumError, ValueError):
        return None


def _range_text(element: DataElement) -> str:
    return "–".join(f"{limit:g}" for limit in element.range or () if limit is not None)


def _typical_values(element: DataElement, known: KnownTables) -> Iterator[tuple[str, float]]:
    """The median of the element's positive values in each dataset of the lake."""
    for dataset, columns, rows in known.with_elements([element.id]):
        column = pl.col(columns[element.id]).cast(pl.Float64)
        found = rows.select(column.filter(column > 0).median()).collect(engine="streaming").item()
        if found:
            yield dataset, float(found)


def _only_close(own: str, numbers: Sequence[float], rivals: Sequence[str], typical: float) -> str | None:
    """The one unit in which the median is near ``typical``, if it is far from it in every other."""
    positive = [number for number in numbers if number > 0]
    factors = {unit: conversion_factor(unit, own) for unit in rivals}
    if len(positive) < FEW_NUMBERS:
        return None
    middle = median(positive)
    gaps = {unit: abs(log10(middle * factor / typical)) for unit, factor in factors.items() if factor}
    near = [unit for unit, gap in gaps.items() if gap <= _NEAR]
    far = [gap for unit, gap in gaps.items() if unit not in near]
    return near[0] if len(near) == 1 and min(far, default=_FAR) >= _FAR else None
