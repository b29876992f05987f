"""Lines below a header that are no records: units, types, tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

from citylake.pipelines.parse.cell_kinds import cell_kind
from citylake.pipelines.parse.csv_header import is_hxl_row

_TYPE = re.compile(
    r"(string|str|text|varchar|n?char|int(eger)?|long|bigint|double|float|decimal|num(ber|eric)|real|date(time)?|"
    r"timestamp|bool(ean)?|geometry)( ?\(.*\))?",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[kcmdMG](m|g|s|Pa|W|Wh|V|A|L|l|b|t)|Pa|Wh|hPa|min|degC|deg|pp[mb]|EUR|USD|GBP|CNY|[万亿]?元|[个人米吨辆件次]|毫米|公里|小时|摄氏度|"
    r"百分比|[(\[].*[)\]]|[^\w\s]+|\S{0,12}[/%°²³µμ]\S{0,8}|unit:? .*"
)
"""Units as suppliers write them, but for single letters; texts in brackets, and signs alone."""


def is_unit_row(cells: Sequence[str]) -> bool:
    """Whether the cells are units, types or tags, and not the values of a record."""
    texts = [cell.strip() for cell in cells if cell.strip()]
    if is_hxl_row(texts):
        return True
    return bool(texts) and all(map(_is_unit, texts))


def _is_unit(text: str) -> bool:
    """Whether a text can hardly be anything else than a unit or a type."""
    if cell_kind(text) in ("missing", "number", "time"):
        return False
    return bool(_UNIT.fullmatch(text) or _TYPE.fullmatch(text))
