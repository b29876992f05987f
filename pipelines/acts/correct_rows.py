"""Corrections from a file: each is recorded for one row, or refused with what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.acts.act_record import ActContent, record_act
from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.correction_file import read_correction_file
from citylake.pipelines.acts.judge_corrections import JUDGED_SCHEMA, judge_corrections
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.flow.run_order import order_datasets
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class CorrectedRows:
    """What a file of corrections did in one dataset."""

    dataset: str
    act: str | None
    """The id of the act; None if nothing was recorded."""
    rows: int
    """Source rows that have a new correction, or would have in a dry run."""
    corrections: pl.DataFrame
    """The new corrections (``JUDGED_SCHEMA``)."""
    already: int
    """Corrections that were in force before."""
    refused: pl.DataFrame
    """The lines that were refused (``JUDGED_SCHEMA``); ``code`` says why."""

    def document(self) -> dict[str, Any]:
        """Return the result for JSON, without the values: they may be sensitive."""
        place = ("sheet", "line", "column", "row_id", "field", "code", "state", "now", "reasons")
        return {
            "dataset": self.dataset,
            "act": self.act,
            "rows": self.rows,
            "corrections": self.corrections.height,
            "already": self.already,
            "refused": self.refused.select(place).to_dicts(),
        }


def correct_rows(work: ActWork, file: Path, why: str = "", *, dry_run: bool = False) -> list[CorrectedRows]:
    """Record the corrections that stewards have filled in.

    Lines without a right value are no corrections. A line that is refused does not keep the others out. The same file
    again changes nothing.

    Args:
        work: Who corrects, and where.
        file: A workbook, CSV or YAML file of :func:`export_rows`, or one with the same columns.
        why: The reason for all corrections whose line has none.
        dry_run: Judge the corrections, and record nothing.

    Returns:
        One result for each dataset in the file.

    Raises:
        CitylakeError: CORRECTIONS_UNREADABLE; ACT_NOT_ALLOWED, if the person may not correct rows of one of the
            departments.
    """
    filled = read_correction_file(file)
    details = {"file": file.name, "sha256": sha256(file.read_bytes()).hexdigest()}
    return correct_lines(work, filled, why, details, dry_run=dry_run)


def correct_lines(
    work: ActWork, filled: pl.DataFrame, why: str, details: Mapping[str, Any], *, dry_run: bool = False
) -> list[CorrectedRows]:
    """Record the corrections of filled lines (``FILLED_SCHEMA``). Raises ACT_NOT_ALLOWED."""
    known = [name for name in sorted(filled["dataset"].unique().drop_nulls()) if name in work.registry.contracts]
    contracts = order_datasets(work.registry, known) if known else []
    for contract in contracts:
        require_right(work.registry, work.person, "correct", contract.owner.department)
    done = []
    for contract in contracts:
        own = filled.filter(pl.col("dataset") == contract.dataset)
        done.append(_correct_dataset(work, contract, judge_corrections(work, contract, own), why, details, dry_run))
    return done + list(_unknown_datasets(filled, known))


def _correct_dataset(
    work: ActWork, contract: Contract, judged: pl.DataFrame, why: str, details: Mapping[str, Any], dry_run: bool
) -> CorrectedRows:
    good = judged.filter(pl.col("code").is_null())
    new = good.filter(~pl.col("recorded")).unique(["row_id", "field"], keep="first", maintain_order=True)
    places, act = new.select(ROW_PLACE).unique(maintain_order=True), None
    if new.height and not dry_run:
        content = ActContent("correct_rows", contract, why, "corrected", places, _as_corrections(new, why), details)
        act = record_act(work, content)
    refused = judged.filter(pl.col("code").is_not_null())
    already = good.filter("recorded").select("row_id", "field").unique().height
    return CorrectedRows(contract.dataset, act, places.height, new, already, refused)


def _as_corrections(new: pl.DataFrame, why: str) -> pl.DataFrame:
    return new.select(
        pl.lit("row").alias("scope"),
        *ROW_PLACE,
        "field",
        pl.lit("literal").alias("match"),
        "old",
        "new",
        pl.lit(value=True).alias("active"),
        pl.coalesce("why", pl.lit(why or None, pl.String)).alias("why"),
    )


def _unknown_datasets(filled: pl.DataFrame, known: list[str]) -> Iterable[CorrectedRows]:
    """Lines that name no dataset, or one that the workspace does not have."""
    unknown = filled.filter(~pl.col("dataset").fill_null("").is_in(known))
    missing = [pl.lit(None, kind).alias(name) for name, kind in JUDGED_SCHEMA.items() if name not in filled.columns]
    lines = unknown.with_columns(*missing).with_columns(pl.lit("CORRECTION_DATASET_UNKNOWN").alias("code"))
    for (name,), own in lines.group_by("dataset", maintain_order=True):
        refused = own.select(JUDGED_SCHEMA.names()).cast(JUDGED_SCHEMA)
        yield CorrectedRows(str(name or ""), None, 0, refused.clear(), 0, refused)
