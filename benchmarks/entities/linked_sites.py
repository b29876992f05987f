"""Runs the lists through a lake and links them as any city would; the true ids are joined afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.lint.valid_registry import load_valid_registry

WORKSPACE = Path(__file__).parent / "workspace"
TRUTH, KEY = "True Id", "Id"


@dataclass(frozen=True, slots=True)
class LinkedSites:
    """``clusters``: record, source, truth, found (entity_id). ``pending``: pairs that wait for a person."""

    clusters: pl.DataFrame
    pending: int


def link_sites(file: Path, folder: Path) -> LinkedSites:
    """Load ``file`` into a new lake below ``folder`` and link its records."""
    registry, this, lake = load_valid_registry(WORKSPACE), new_run(), Lake(str(folder / "lake"))
    given = run_variables(registry, this, {"CHILDCARE_CSV": str(file.resolve())})
    context = RunContext(registry, lake, Ledger(lake), this, given)
    outcome = run_pipeline(context)
    if outcome.exit_code:
        raise SystemExit(f"the run ended with {outcome.exit_code}")
    links, pairs = (scan_lake_table(lake, lake.curated("entities", name)) for name in ("facility", "facility.pairs"))
    if links is None or pairs is None:
        raise SystemExit("no links were made")
    found = links.select(pl.col("record_key").alias("record"), pl.col("entity_id").alias("found")).collect()
    truth = pl.read_csv(file, infer_schema=False).select(
        pl.col(KEY).alias("record"), pl.col("Source").alias("source"), pl.col(TRUTH).alias("truth")
    )
    return LinkedSites(truth.join(found, on="record", how="inner", validate="1:1"), pairs.collect().height)


def half_of(file: Path, folder: Path, half: int) -> Path:
    """Write the records of about half of the true sites to ``folder``, and return the file."""
    rows = pl.read_csv(file, infer_schema=False)
    sites = rows[TRUTH].unique().to_list()
    chosen = [site for site in sites if int(hashlib.sha256(site.encode()).hexdigest(), 16) % 2 == half]
    path = folder / f"half_{half}.csv"
    rows.filter(pl.col(TRUTH).is_in(chosen)).write_csv(path)
    return path
