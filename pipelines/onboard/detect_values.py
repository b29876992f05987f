"""Whether a column's values fit an element, and the format of its times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from citylake.pipelines.onboard.number_draft import read_sample_numbers
from citylake.schemas.model.code_index import code_entries
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

_GEOMETRY = re.compile(
    r'(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION|\{"type":\s*"|0[01]0[0-9A-F]{8}',
    re.IGNORECASE,
)
_ENOUGH = 0.9
"""Share of the values that must fit."""
TIME_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%:z",
    "%Y-%m-%dT%H:%M:%S%.f%:z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H",
    "%Y年%m月%d日 %H时",
)
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日", "%m/%d/%Y")
_EPOCHS = {"epoch_s": (1e8, 1e10), "epoch_ms": (1e11, 1e13)}


def fits_element(element: DataElement, values: Sequence[str], registry: Registry) -> bool:
    """Whether 90 % of ``values`` can be parsed as the element."""
    if element.type in ("decimal", "integer"):
        within = [_is_in_element_range(element, number) for number in read_sample_numbers(element, values)]
        return bool(within) and sum(within) / len(within) >= _ENOUGH
    if element.type in ("datetime", "date"):
        return detect_time_format(element, values) is not None
    if element.type == "geometry":
        return _share(values, lambda text: _GEOMETRY.match(text) is not None) >= _ENOUGH
    codes = registry.codes.get(element.codes) if element.codes else None
    if codes is not None and not codes.table:
        known = {entry.text for entry in code_entries(codes)}
        return _share(values, known.__contains__) >= _ENOUGH
    if element.pattern:
        whole = re.compile(element.pattern)
        return _share(values, lambda text: whole.fullmatch(text) is not None) >= _ENOUGH
    return True


def detect_time_format(element: DataElement, values: Sequence[str]) -> str | None:
    """The format by which 90 % of ``values`` can be parsed; None if there is none."""
    for name, (least, most) in _EPOCHS.items():
        if element.type == "datetime" and _share(values, partial(_is_between, least, most)) >= _ENOUGH:
            return name
    return detect_text_format(values, TIME_FORMATS if element.type == "datetime" else DATE_FORMATS)


def detect_text_format(values: Sequence[str], formats: Sequence[str]) -> str | None:
    """The first of ``formats`` by which 90 % of ``values`` can be parsed; None if there is none."""
    return next((form for form in formats if _share(values, partial(_matches_format, form)) >= _ENOUGH), None)


def _is_between(least: float, most: float, text: str) -> bool:
    return text.isdecimal() and least <= float(text) < most


def _matches_format(form: str, text: str) -> bool:
    # Directives for fractions and zones differ between polars and Python.
    python = form.replace("%.f", ".%f").replace("%:z", "%z")
    try:
        datetime.strptime(_cut_to_microseconds(text), python)  # noqa: DTZ007 (only whether it can be read)
    except ValueError:
        return False
    return True


def _cut_to_microseconds(text: str) -> str:
    """Python parses at most six digits of a fraction."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _is_in_element_range(element: DataElement, value: float | None) -> bool:
    if value is None:
        return False
    least, most = element.range or (None, None)
    return (least is None or value >= least) and (most is None or value <= most)


def _share(values: Sequence[str], good: Callable[[str], bool]) -> float:
    return sum(map(good, values)) / len(values) if values else 0.0
