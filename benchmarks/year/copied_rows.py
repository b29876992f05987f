"""The rows of the week repeated for each dataset and each week of the year before."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from benchmarks.year.city_year import WITH_MART, CityYear
from benchmarks.year.copied_values import CopiedValues
from benchmarks.year.day_files import WEEK
from benchmarks.year.real_week import RealWeek
from citylake.pipelines.lake.receipt_number import receipt_number
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.registry import load_registry

_ONCE, _FIRST = ("declarations", "revisions"), ("meanings", "categories")
"""Tables with rows of the first day alone: of the city, and of each dataset."""
_RENEWED = {("receipts", "sha256"), ("files", "sha256")}


@dataclass(frozen=True)
class CopiedRows:
    """Copies of ``week`` for the lake at ``root``; ``days``: the length of the history."""

    city: CityYear
    week: RealWeek
    root: str
    days: int

    @cached_property
    def copies(self) -> pl.DataFrame:
        """A row for each dataset and week; ``mark`` is the begin of its ids."""
        registry = load_registry(self.city.folder)
        prints = [contract_fingerprint(registry.contracts[name], registry) for name in self.city.names]
        datasets = pl.DataFrame({"dataset": self.city.names, "fingerprint": prints}).with_row_index("number")
        weeks = pl.DataFrame({"week": range(1, self.days // len(WEEK) + 1)})
        mark = "".join(["{:03x}", "{:02x}"])
        found = datasets.join(weeks, how="cross").with_columns(
            pl.col("number").cast(pl.Int64), back=(pl.col("week") - 1) * len(WEEK) + 1
        )
        marks = [mark.format(number, week) for number, week in found.select("number", "week").iter_rows()]
        return found.with_columns(mark=pl.Series(marks, dtype=pl.String))

    @cached_property
    def numbers(self) -> list[int]:
        """Every number of the lake's clock that the week has used, in order."""
        rows = self.week.ledger
        found = {number for table in rows.values() if "sequence" in table.columns for number in table["sequence"]}
        found |= {receipt_number(name) for name in rows["receipts"]["id"]}
        return sorted(found | {receipt_number(version) for version in rows["publications"]["version"] if version})

    def ledger_rows(self, table: str) -> pl.DataFrame:
        """The table's rows of the year, in the order of the ledger."""
        rows = self.week.ledger[table]
        if table == "files":
            # The year's lake has logs of its own.
            rows = rows.filter(~pl.col("path").str.contains("_delta_log/"))
        found = pl.concat(self._each(table, rows.schema, rows.iter_rows(named=True)))
        return found.sort("sequence") if "sequence" in found.columns else found

    def table_rows(self, zone: str) -> dict[str, pl.DataFrame]:
        """The rows of the year of the table of each dataset in a zone."""
        rows = pl.read_delta(f"{self.week.root}/{zone}/{WITH_MART}")
        found = pl.concat(self._each(zone, rows.schema, rows.iter_rows(named=True), of="dataset"))
        parts = found.partition_by("of", as_dict=True, include_key=False)
        return {str(name): part for (name,), part in parts.items()}

    def _each(
        self, table: str, schema: Mapping[str, pl.DataType], rows: Iterator[dict[str, Any]], of: str | None = None
    ) -> Iterator[pl.DataFrame]:
        for row in rows:
            values = self._values(table, row)
            columns = {
                name: self._column(values, table, name, row[name], dtype).cast(dtype) for name, dtype in schema.items()
            }
            more = {} if of is None else {"of": pl.col(of)}
            yield self._copies_of(table, row).select(**columns, **more)

    def _copies_of(self, table: str, row: Mapping[str, Any]) -> pl.DataFrame:
        oldest = pl.col("week") == self.copies["week"].max()
        if table in _ONCE:
            return self.copies.filter(oldest, pl.col("number") == 0)
        if table in _FIRST:
            return self.copies.filter(oldest)
        place = str(row.get("subject") or row.get("place") or row.get("mart") or "")
        if table == "publications" or place.startswith(("mart", "curated/", "ledger/publications")):
            return self.copies.filter(pl.col("dataset") == WITH_MART)
        return self.copies

    def _column(self, values: CopiedValues, table: str, name: str, value: Any, dtype: pl.DataType) -> pl.Expr:
        if name == "sequence":
            return values.sequence(value)
        if name == "table_version" and value is not None:
            return pl.lit(1)
        if (table, name) == ("publications", "versions"):
            return pl.lit(f'{{"{WITH_MART}": 1}}')
        if table == "standard" and isinstance(value, datetime):
            # The time of an event, not of a record.
            return pl.lit(value).cast(dtype) - pl.duration(days=pl.col("back"))
        return values.value(value, dtype, renewed=(table, name) in _RENEWED)

    def _values(self, table: str, row: Mapping[str, Any]) -> CopiedValues:
        number = row.get("sequence") or receipt_number(str(row.get("_receipt") or ""))
        day = min(bisect_left(self.week.day_ends, number), len(WEEK) - 1)
        fingerprint = self.week.ledger["meanings"]["fingerprint"][-1]
        lakes = (self.week.root, self.root)
        return CopiedValues(lakes, self.numbers, fingerprint, self.week.today, len(WEEK) - 1 - day)
