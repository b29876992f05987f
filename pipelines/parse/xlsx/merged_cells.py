"""Merged ranges below the header: every cell of one gets the range's value."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.parse.parse_limits import SPARSE_CELLS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.xlsx.sheet_cells import SheetCells
from citylake.pipelines.parse.xlsx.sheet_xml import column_letters

_RANGE = {"top": pl.Int64, "left": pl.Int64, "bottom": pl.Int64, "right": pl.Int64}


def fill_merged(request: ReadRequest, cells: SheetCells, first_row: int, report: ParseReport) -> pl.LazyFrame:
    """The rows below the header with their merged cells filled; reported with the first range.

    Raises WORKBOOK_BROKEN for ranges that cover more places than there are.
    """
    body, found = cells.body, cells.found
    merged = [each for each in found.merged if each[0] >= first_row]
    if not merged:
        return body
    top, left, bottom, right = min(merged)
    where = f"{column_letters(left)}{top + 1}:{column_letters(right)}{bottom + 1}"
    values = {"sheet": cells.name, "number": len(merged), "cell": where, "row": top + 1}
    report.add_notice("CELLS_MERGED", file=request.shown, **values)
    ranges = pl.DataFrame(merged, schema=_RANGE, orient="row").with_columns(
        bottom=pl.min_horizontal("bottom", found.rows - 1),
        right=pl.min_horizontal("right", cells.offset + found.width - 1),
    )
    across = pl.col("left").is_between(cells.offset, pl.col("right"))
    ranges = ranges.filter(across & (pl.col("top") <= pl.col("bottom")))
    _check_places(request, ranges)
    filled = _range_places(ranges, _range_values(body, ranges))
    return _joined(body, filled, cells.columns) if len(filled) else body


def _check_places(request: ReadRequest, ranges: pl.DataFrame) -> None:
    rows, columns = pl.col("bottom") - pl.col("top") + 1, pl.col("right") - pl.col("left") + 1
    places = ranges.select((rows * columns).sum()).item()
    if places > SPARSE_CELLS:
        raise request.fault("WORKBOOK_BROKEN", reason=f"merged ranges of {places} cells")


def _range_values(body: pl.LazyFrame, ranges: pl.DataFrame) -> pl.DataFrame:
    """``top``, ``left`` and the text there, of ranges that have one."""
    starts = [column for (column,) in ranges.select("left").unique().iter_rows()]
    tops = ranges.select(_row=pl.col("top") + 1).unique().lazy()
    rows = body.join(tops, on="_row", how="semi").select("_row", *(f"c{column}" for column in starts)).collect()
    values = [
        rows.select(top=pl.col("_row") - 1, left=pl.lit(column, pl.Int64), text=pl.col(f"c{column}"))
        for column in starts
    ]
    empty = pl.DataFrame(schema={"top": pl.Int64, "left": pl.Int64, "text": pl.String})
    return pl.concat([empty, *values]).drop_nulls()


def _range_places(ranges: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """A row for each row of a range with a value: ``_row``, and ``m<number>`` with the text of each column."""
    texts = ranges.join(values, on=["top", "left"], how="inner")
    rows = texts.select("text", _row=pl.int_ranges(pl.col("top") + 1, pl.col("bottom") + 2), column="left", to="right")
    places = rows.explode("_row").with_columns(column=pl.int_ranges("column", pl.col("to") + 1)).explode("column")
    named = places.select("_row", "text", column=pl.lit("m") + pl.col("column").cast(pl.String))
    return named.pivot(on="column", index="_row", values="text", aggregate_function="last").sort("_row")


def _joined(body: pl.LazyFrame, filled: pl.DataFrame, columns: list[str]) -> pl.LazyFrame:
    present = body.select("_row").collect(engine="streaming")
    absent = filled.select("_row").join(present, on="_row", how="anti").sort("_row")
    if len(absent):
        blank = absent.lazy().with_columns(pl.lit(None, pl.String).alias(name) for name in columns)
        body = body.merge_sorted(blank, key="_row")
    texts = [name for name in filled.columns if name != "_row"]
    joined = body.join(filled.lazy(), on="_row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(name, f"c{name[1:]}").alias(f"c{name[1:]}") for name in texts).drop(texts)
