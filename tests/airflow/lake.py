"""The content of the cluster's lake, and of one filled by a single undisturbed run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.airflow.city import BACKFILLED, KINDS, MART
from tests.airflow.cluster import Cluster


def lake_of(cluster: Cluster) -> Lake:
    """The cluster's lake, as its workers see it."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in cluster.environment.items():
            environment.setenv(name, value)
        lake = Lake(cluster.environment["CITYLAKE_LAKE"])
        assert lake.storage_options
        assert lake.fs
    return lake


def undisturbed(workspace: Path, sources: Path, root: Path) -> Lake:
    """A lake in a folder, with every file of ``sources`` ingested in one run of one process."""
    registry, this, lake = load_valid_registry(workspace), new_run(), Lake(str(root))
    given = run_variables(registry, this, {"SOURCES": str(sources)})
    run_pipeline(RunContext(registry, lake, Ledger(lake), this, given), datasets=list(BACKFILLED))
    return lake


def standard(lake: Lake, dataset: str) -> list[tuple[Any, ...]]:
    """Every row of a dataset's standard table: day, hour, place, value."""
    kind = KINDS[dataset]
    found = pl.read_delta(lake.standard(dataset), storage_options=lake.storage_options)
    return sorted(found.select("_day", "hour_start", kind.place_column, kind.column).rows())


def built(lake: Lake) -> dict[str, tuple[Any, ...]]:
    """The mart's table by day."""
    found = pl.read_delta(lake.curated(MART, "city_day"), storage_options=lake.storage_options)
    rows = {str(row[0]): row[1:] for row in found.select("day", "flow_veh", "precipitation_1h_mm").rows()}
    assert len(rows) == found.height
    return rows


def committed(lake: Lake, dataset: str) -> list[dict[str, Any]]:
    """The ledger's entries of a dataset's committed batches."""
    found = Ledger(lake).read("batches")
    return found.filter((pl.col("dataset") == dataset) & (pl.col("status") == "committed")).to_dicts()
