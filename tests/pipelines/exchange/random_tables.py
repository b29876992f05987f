"""Random tables of every type that a lake stores, staged for an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from citylake.pipelines.exchange.described_table import DescribedColumn, DescribedTable
from citylake.pipelines.exchange.staged_data import StagedTable
from citylake.schemas.base.declaration import LocalizedText

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
_AWKWARD = st.sampled_from(
    ["", "NULL", "NA", '"', "a,b", "x\ny", "\r", " a ", "=1+1", "2026-03-01", "中文", "-", "0012"]
)
_MOMENTS = st.datetimes(datetime(1850, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (pl.String, _TEXT | _AWKWARD),
    "whole": (pl.Int64, st.integers(-(2**63), 2**63 - 1)),
    "real": (pl.Float64, st.floats(allow_nan=False)),
    "exact": (pl.Decimal(18, 3), st.decimals(-(10**12), 10**12, places=3, allow_nan=False)),
    "day": (pl.Date, st.dates(date(1000, 1, 1), date(2999, 1, 1))),
    "moment": (pl.Datetime("us", "UTC"), _MOMENTS),
    "clock": (pl.Time, st.times()),
    "yes": (pl.Boolean, st.booleans()),
}
"""Name → type and values."""


@dataclass(frozen=True)
class RandomTable:
    """Rows, by column."""

    frame: pl.DataFrame

    def stage(self, folder: Path) -> StagedTable:
        """The table as an export stages it."""
        file = folder / "0.parquet"
        self.frame.write_parquet(file)
        words = LocalizedText(zh="表", en="table")
        columns = tuple(DescribedColumn(name) for name in self.frame.columns)
        return StagedTable(DescribedTable("r.table", words, columns), file, self.frame.height)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as Python values."""
        return self.frame.to_dicts()


@st.composite
def random_tables(draw: st.DrawFn) -> RandomTable:
    """Up to five rows of some of the columns, with nulls."""
    names = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, unique=True))
    height = draw(st.integers(1, 5))
    data = {}
    for name in names:
        kind, values = COLUMNS[name]
        data[name] = pl.Series(
            name, draw(st.lists(st.none() | values, min_size=height, max_size=height)), kind, strict=True
        )
    return RandomTable(pl.DataFrame(data))
