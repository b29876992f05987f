"""Measured values joined to the site table, by site and index."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citylake.pipelines.parse.datex2.measured_values import SITE_COLUMN, VERSION_COLUMN
from citylake.pipelines.parse.datex2.site_table import VALUE_COLUMNS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest

_KEY = [SITE_COLUMN, VERSION_COLUMN]


@dataclass(frozen=True, slots=True)
class Datex2Tables:
    """Text columns: the measured values; the sites by id and version; the characteristics of values, also by index."""

    values: pl.LazyFrame
    sites: pl.LazyFrame
    kinds: pl.LazyFrame


def join_sites(request: ReadRequest, tables: Datex2Tables, report: ParseReport) -> pl.LazyFrame:
    """``values`` with the site's columns, which are null if the table has no site of that id and version.

    The number of such values is reported (DATEX2_VERSION_DIFFERS, DATEX2_SITE_UNKNOWN). Without any site there are no
    site columns.
    """
    if not tables.sites.collect_schema().names()[2:]:
        return tables.values
    sites = _first_per_key(request, tables.sites.drop("_part", "_row"), _KEY, report)
    _report_missing_sites(request, tables.values.select(_KEY), sites.select(_KEY), report)
    found = tables.values.join(sites, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
    if not tables.kinds.collect_schema().names()[2:]:
        return found.with_columns(pl.lit(None, pl.String).alias(name) for name in VALUE_COLUMNS)
    by_index = [*_KEY, "index"]
    kinds = _first_per_key(request, tables.kinds.drop("_part", "_row"), by_index, report)
    return found.join(kinds, on=by_index, how="left", nulls_equal=True, maintain_order="left")


def _first_per_key(request: ReadRequest, frame: pl.LazyFrame, key: list[str], report: ParseReport) -> pl.LazyFrame:
    """One row per key: the first one."""
    twice = frame.group_by(key).len().filter(pl.col("len") > 1).collect(engine="streaming")
    if len(twice):
        report.add_notice("DATEX2_SITE_TWICE", file=request.shown, count=len(twice), example=twice[SITE_COLUMN][0])
    return frame.unique(key, keep="first", maintain_order=True)


def _report_missing_sites(request: ReadRequest, values: pl.LazyFrame, sites: pl.LazyFrame, report: ParseReport) -> None:
    missing = (
        values.group_by(_KEY)
        .len()
        .join(sites, on=_KEY, how="anti", nulls_equal=True)
        .join(sites.select(SITE_COLUMN, known=VERSION_COLUMN).unique(SITE_COLUMN), on=SITE_COLUMN, how="left")
        .sort(_KEY)
    )
    has_other = sites.select(SITE_COLUMN).unique().with_columns(other=pl.lit(value=True))
    told = missing.join(has_other, on=SITE_COLUMN, how="left").collect(engine="streaming")
    for code, part in (
        ("DATEX2_VERSION_DIFFERS", told.filter(pl.col("other").is_not_null())),
        ("DATEX2_SITE_UNKNOWN", told.filter(pl.col("other").is_null())),
    ):
        if len(part):
            first = {
                "site": part[SITE_COLUMN][0] or "—",
                "version": part[VERSION_COLUMN][0] or "—",
                "known": part["known"][0] or "—",
            }
            report.add_notice(code, file=request.shown, count=int(part["len"].sum()), sites=len(part), **first)
