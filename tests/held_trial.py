"""A workspace with one dataset whose gate holds small deliveries, for the tests of held batches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.acts.held_batch import BatchDecision, decide_held_batch
from citylake.pipelines.acts.person import Person
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.held_batches import held_batches
from citylake.pipelines.flow.run_pipeline import RunOutcome
from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.ledger.held_records import HeldBatch
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import DEMO, declare_packs
from tests.trial import Trial

DATASET = "h.x"
KEY = ["device_code", "hour_start"]
HEADER = "t,dev,v"
UPSERT: Mapping[str, Any] = {"mode": "upsert", "key": KEY, "partition": "day(hour_start)"}


def held_contract(
    write: Mapping[str, Any] = UPSERT, expect: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Hours of devices; by default, a batch of which more than half of the rows are refused is held."""
    hour = {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai", "label": "start"}
    return {
        "dataset": DATASET,
        "title": {"zh": "题", "en": "title"},
        "owner": {"department": "市交通运输局"},
        "source": {"connector": "files", "path": "${IN}/*.csv", "format": "csv"},
        "fields": {
            "t": {**hour, "required": True},
            "dev": {"element": "traffic.device_code", "required": True},
            "v": {"element": "traffic.mean_speed", "unit": "km/h"},
        },
        "write": dict(write),
        "expect": dict(expect or {"quarantine_share": 0.5}),
        **more,
    }


def open_held_trial(folder: Path, declared: Mapping[str, Any] | None = None) -> Trial:
    """The workspace, with its contract, and an empty folder for deliveries."""
    declare_packs(folder / "workspace", extends=DEMO)
    (folder / "in").mkdir()
    trial = Trial(folder, {"IN": str(folder / "in")})
    trial.declare("datasets/c", dict(declared or held_contract()))
    return trial


def deliver(trial: Trial, name: str, *rows: str, header: str = HEADER) -> None:
    """Write a file into the folder of deliveries."""
    (trial.root / "in" / name).write_text("\n".join([header, *rows, ""]), "utf-8")


def context_of(trial: Trial) -> RunContext:
    """The context of a new process over the lake."""
    registry, this = load_valid_registry(trial.root / "workspace"), new_run()
    return RunContext(registry, trial.lake, trial.ledger, this, run_variables(registry, this, trial.given))


def held(trial: Trial, *, rejected: bool = False) -> list[HeldBatch]:
    """The batches that wait for a decision."""
    context = context_of(trial)
    return held_batches(context.registry, context.ledger, rejected=rejected)


def decide(trial: Trial, decision: BatchDecision, batch: str = "", why: str = "known") -> RunOutcome:
    """Decide about a batch (the only one, if none is named), as a new process does it."""
    name = batch or held(trial, rejected=True)[0].batch
    return decide_held_batch(context_of(trial), name, decision, Person("ana"), why)


def quarantined(trial: Trial, state: str | None = None) -> pl.DataFrame:
    """The rows of the quarantine, of one state or of all, in the order of their places."""
    if not delta_exists(trial.lake, trial.lake.quarantine(DATASET)):
        return pl.DataFrame(schema=dict.fromkeys(("_batch", "_receipt", "state", "_source", "raw"), pl.String))
    rows = pl.read_delta(trial.lake.quarantine(DATASET)).sort("_receipt", "_part", "_row", nulls_last=False)
    return rows if state is None else rows.filter(pl.col("state") == state)


def standard_rows(trial: Trial) -> list[tuple[Any, ...]]:
    """The rows of the standard table, without the batch and the receipt."""
    if not delta_exists(trial.lake, trial.lake.standard(DATASET)):
        return []
    names = ["hour_start", "device_code", "mean_speed_kmh", "_source", "_row"]
    return sorted(trial.standard(DATASET).select(names).rows(), key=str)
