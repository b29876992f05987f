"""Corrections as files of the workspace, below ``corrections/``: a change can be reviewed before the lake has it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import polars as pl
import yaml

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.correct_rows import CorrectedRows, correct_lines
from citylake.pipelines.acts.correction_file import read_correction_file
from citylake.pipelines.acts.recorded_corrections import dataset_corrections
from citylake.pipelines.acts.steward_columns import NO_VALUE
from citylake.pipelines.lake.row_id import row_id_expr
from citylake.pipelines.read.masked_fields import masked_fields
from citylake.schemas.words.errors import CitylakeError

FOLDER = "corrections"


def save_corrections(work: ActWork, done: Sequence[CorrectedRows]) -> list[Path]:
    """Write the new corrections of each dataset to a file named by the dataset and the act; returns the files.

    Files of a workspace are shared: raises CORRECTION_NOT_SAVED for a dataset with new values of masked fields, before
    anything is written. Raises OUTPUT_UNWRITABLE.
    """
    acted = [each for each in done if each.act]
    for each in acted:
        masked = masked_fields(work.registry.contracts[each.dataset], work.registry)
        if hidden := sorted(name for name in each.corrections["field"].unique() if masked.hides(name)):
            raise CitylakeError("CORRECTION_NOT_SAVED", dataset=each.dataset, fields=", ".join(hidden))
    folder = work.registry.workspace.root / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        return [_save(folder, each) for each in acted]
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=folder, why=error.strerror or str(error)) from error


def correct_from_workspace(work: ActWork, why: str = "", *, dry_run: bool = False) -> list[CorrectedRows]:
    """Record the corrections of ``corrections/*.yaml`` that the lake never had; withdrawn ones stay withdrawn.

    Raises as :func:`correct_rows`.
    """
    files = sorted((work.registry.workspace.root / FOLDER).glob("*.yaml"))
    if not files:
        return []
    filled = pl.concat([read_correction_file(file).with_columns(pl.lit(file.name).alias("sheet")) for file in files])
    details = {"files": {file.name: sha256(file.read_bytes()).hexdigest() for file in files}}
    return correct_lines(work, _never_recorded(work, filled), why, details, dry_run=dry_run)


def _never_recorded(work: ActWork, filled: pl.DataFrame) -> pl.DataFrame:
    known = [
        dataset_corrections(work, name).select("dataset", row_id_expr().alias("row_id"), "field", "new")
        for name in filled["dataset"].unique().drop_nulls()
    ]
    if not known:
        return filled
    none = pl.col("correct_value").is_in(list(NO_VALUE))
    marked = filled.with_columns(pl.when(~none).then("correct_value").alias("new"))
    keys = ["dataset", "row_id", "field", "new"]
    every = pl.concat(known).unique().collect()
    return marked.join(every, on=keys, how="anti", nulls_equal=True, maintain_order="left").drop("new")


def _save(folder: Path, done: CorrectedRows) -> Path:
    path = folder / f"{done.dataset}-{done.act}.yaml"
    empty = pl.col("new").fill_null(NO_VALUE[1]).alias("correct_value")
    rows = done.corrections.select("dataset", "row_id", "field", "value_now", empty, "why")
    entries = [{key: value for key, value in row.items() if value is not None} for row in rows.iter_rows(named=True)]
    path.write_text(yaml.safe_dump({"corrections": entries}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
