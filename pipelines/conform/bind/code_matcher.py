"""Codes: a source's names and codes become the codes of one code list, valid on the row's day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias
from unicodedata import normalize

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.crosswalk_lookup import translate_text
from citylake.pipelines.conform.bind.frame_types import FrameT, left_join_table
from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.lake.lake_zones import Lake
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.code_index import CodeEntry, code_entries
from citylake.schemas.model.code_list import CodeList, CodeTable
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

CodeMatch: TypeAlias = tuple[FrameT, list[RowRule]]


class CodeMatcher:
    """The code lists of one batch, each prepared once for all blocks."""

    def __init__(self, registry: Registry, lake: Lake) -> None:
        self._registry, self._lake = registry, lake
        self._known: dict[str, list[CodeEntry]] = {}

    def dated(self, bound: BoundColumn) -> bool:
        """Whether the day of a row decides which codes are valid."""
        known = () if bound.binding.separator else self._of(bound)
        return any(entry.valid_from or entry.valid_to for entry in known)

    def match(self, frame: FrameT, bound: BoundColumn, at: pl.Expr | None) -> CodeMatch[FrameT]:
        """Add ``bound.column`` with the code for ``bound.text``, and the rules for texts without a code.

        ``at``: the column of the row's day, if it has one.
        """
        codes, known = self._registry.codes[bound.codes or ""], self._of(bound)
        if at is not None and self.dated(bound):
            return _match_dated(frame, bound, codes, known, at)
        words = {entry.text: entry.code for entry in reversed(known)}
        if bound.binding.separator:
            return _match_list(frame, bound, words, bound.binding.separator)
        return _match_undated(frame, bound, codes, words)

    def _of(self, bound: BoundColumn) -> list[CodeEntry]:
        if bound.column not in self._known:
            self._known[bound.column] = _accepted_entries(bound, self._registry, self._lake)
        return self._known[bound.column]


def _accepted_entries(bound: BoundColumn, registry: Registry, lake: Lake) -> list[CodeEntry]:
    """Every text that stands for a code in this binding, with the code's validity."""
    codes = registry.codes[bound.codes or ""]
    known = _entries_from_table(codes.table, lake) if codes.table else code_entries(codes)
    by_code: dict[str, list[CodeEntry]] = {}
    for entry in known:
        if entry.text == entry.code:
            by_code.setdefault(entry.code, []).append(entry)
    own = [
        CodeEntry(text, code, same.valid_from, same.valid_to, same.successors)
        for text, code in bound.binding.codes.items()
        for same in by_code.get(code, ())
    ]
    replaced = set(bound.binding.codes)
    entries = [*own, *(entry for entry in known if entry.text not in replaced)]
    # Texts of a source are in NFC.
    return [replace(entry, text=normalize("NFC", entry.text)) for entry in entries]


def _entries_from_table(table: CodeTable, lake: Lake) -> list[CodeEntry]:
    names = (table.code, table.valid_from, table.valid_to, table.successors)
    columns = [name for name in names if name]
    try:
        rows = pl.scan_delta(open_delta(lake, lake.standard(table.dataset)), storage_options=lake.storage_options)
        frame = rows.select(columns).collect()
    except Exception as error:
        raise CitylakeError("CODE_TABLE_MISSING", dataset=table.dataset, why=str(error)) from error
    return [
        CodeEntry(
            row[table.code],
            row[table.code],
            row[table.valid_from] if table.valid_from else None,
            row[table.valid_to] if table.valid_to else None,
            tuple(parse_successors(row[table.successors])) if table.successors else (),
        )
        for row in frame.iter_rows(named=True)
    ]


def parse_successors(value: str | list[str] | None) -> Iterable[str]:
    """The codes of ``110101``, ``110101,110102`` or ``130108[2001];130111``; each may have a year."""
    parts = re.split(r"[,;]", value) if isinstance(value, str) else value or ()
    return [code for part in parts if (code := re.sub(r"\[[^\]]*\]", "", part).strip())]


def _match_list(frame: FrameT, bound: BoundColumn, words: dict[str, str], separator: str) -> CodeMatch[FrameT]:
    """A list in one text: each part once, in the source's order; one unknown part makes the whole list unknown."""
    part, code = pl.element().str.strip_chars(), pl.lit(None, pl.String)
    for word, value in words.items():
        code = pl.when(part == word).then(pl.lit(value)).otherwise(code)
    found = pl.col(bound.text).str.split(separator).list.eval(code)
    whole = found.list.eval(pl.element().is_null().any()).list.first()
    codes = pl.when(~whole).then(found.list.unique(maintain_order=True).list.join(","))
    return frame.with_columns(codes.alias(bound.column)), [_unknown_code_rule(bound)]


def _match_undated(frame: FrameT, bound: BoundColumn, codes: CodeList, words: dict[str, str]) -> CodeMatch[FrameT]:
    text = pl.col(bound.text)
    code = translate_text(text, words)
    frame = frame.with_columns(_keep_extensible(code, text, codes).alias(bound.column))
    return frame, [_unknown_code_rule(bound)]


def _keep_extensible(code: pl.Expr, text: pl.Expr, codes: CodeList) -> pl.Expr:
    """Codes in a range for local extensions are accepted unchanged."""
    for span in codes.extensible:
        inside = (text >= span.first) & (text <= span.last) & (text.str.len_chars() == len(span.first))
        code = pl.coalesce(code, pl.when(inside).then(text))
    return code


def _unknown_code_rule(bound: BoundColumn, found: pl.Expr | None = None) -> RowRule:
    missing = (found if found is not None else pl.col(bound.column)).is_null()
    broken = pl.col(bound.text).is_not_null() & missing
    return RowRule("CODE_UNKNOWN", bound.column, broken, detail_text=bound.codes or "")


def _match_dated(
    frame: FrameT, bound: BoundColumn, codes: CodeList, known: Sequence[CodeEntry], at: pl.Expr
) -> CodeMatch[FrameT]:
    table, depth = _validity_intervals(bound, known)
    frame = left_join_table(frame, table, on=bound.text)
    choices = [_valid_code(bound, number, at) for number in range(depth)]
    first = pl.col(f"_code0.{bound.column}")
    code = pl.when(at.is_null()).then(first).otherwise(pl.coalesce(choices))
    assigned = _keep_extensible(code, pl.col(bound.text), codes)
    frame = frame.with_columns(assigned.alias(bound.column))
    stale = first.is_not_null() & pl.col(bound.column).is_null()
    expired = RowRule("CODE_NOT_VALID", bound.column, stale, detail=pl.col(f"_when.{bound.column}"))
    return frame, [_unknown_code_rule(bound, pl.coalesce(first, pl.col(bound.column))), expired]


def _valid_code(bound: BoundColumn, number: int, at: pl.Expr) -> pl.Expr:
    start, end = (pl.col(f"_{side}{number}.{bound.column}") for side in ("from", "to"))
    holds = (start.is_null() | (at >= start)) & (end.is_null() | (at < end))
    return pl.when(holds).then(pl.col(f"_code{number}.{bound.column}"))


def _validity_intervals(bound: BoundColumn, known: Sequence[CodeEntry]) -> tuple[pl.DataFrame, int]:
    """One row per text: its codes with their validity, newest first, and a description of them for messages."""
    by_text: dict[str, list[CodeEntry]] = {}
    for entry in known:
        by_text.setdefault(entry.text, []).append(entry)
    for same in by_text.values():
        same.sort(key=lambda entry: entry.valid_from or date.min, reverse=True)
    depth = max(map(len, by_text.values()), default=1)
    data: dict[str, list[object]] = {bound.text: list(by_text)}
    schema: dict[str, pl.DataType | type[pl.DataType]] = {bound.text: pl.String}
    for number in range(depth):
        for side, dtype in (("code", pl.String), ("from", pl.Date), ("to", pl.Date)):
            name = f"_{side}{number}.{bound.column}"
            schema[name] = dtype
            data[name] = [_interval_side(same, number, side) for same in by_text.values()]
    data[f"_when.{bound.column}"] = [_format_validity(same) for same in by_text.values()]
    schema[f"_when.{bound.column}"] = pl.String
    return pl.DataFrame(data, schema=schema), depth


def _interval_side(same: Sequence[CodeEntry], number: int, side: str) -> object:
    if number >= len(same):
        return None
    entry = same[number]
    return {"code": entry.code, "from": entry.valid_from, "to": entry.valid_to}[side]


def _format_validity(same: Sequence[CodeEntry]) -> str:
    """``1981-01-01 … 2010-01-01 → 110101``: the validity and the successor."""
    spans = (f"{entry.valid_from or '…'} – {entry.valid_to or '…'}" for entry in reversed(same))
    successors = ", ".join(dict.fromkeys(code for entry in same for code in entry.successors))
    return "; ".join(spans) + (f" → {successors}" if successors else "")
