"""The first rows of a source, read as a run would read them, in a scratch folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from pipelines.context import new_run
from pipelines.lake import Lake
from pipelines.parse.step import parse
from pipelines.pull.connector import Fetch, Pulling, Tally, connector
from pipelines.pull.landing import Landing
from pipelines.pull.variables import fill
from pipelines.records import Receipt
from schemas.contract import Contract
from schemas.faults import CitylakeError

_ROWS, _PARTS = 1000, 3


@dataclass(frozen=True, slots=True)
class Sample:
    """Source columns in order, and the first rows of them, as text."""

    columns: tuple[str, ...]
    rows: pl.DataFrame


def sample(source: Mapping[str, Any], variables: Mapping[str, str]) -> Sample:
    """The first part that the source sends, parsed; raises CitylakeError where it sends none or it cannot be read."""
    contract = _contract(source)
    pulling = Pulling(variables, new_run())
    filled = fill(contract.source, variables)
    fetch = next(iter(connector(filled.connector).fetches(filled, pulling)))
    with TemporaryDirectory(prefix="citylake-") as scratch:
        return _first_rows(fetch, contract.model_copy(update={"source": filled}), Lake(scratch))


def _contract(source: Mapping[str, Any]) -> Contract:
    """A contract that binds nothing: only its source counts."""
    return Contract.model_validate(
        {
            "dataset": "probe.sample",
            "title": {"zh": "样", "en": "sample"},
            "owner": {"department": "—"},
            "source": dict(source),
            "fields": {"-": {"element": "probe.none"}},
            "write": {"mode": "append"},
        }
    )


def _first_rows(fetch: Fetch, contract: Contract, lake: Lake) -> Sample:
    """The rows of the first part that has any: some sources land a description before their first page."""
    run = new_run()
    landing = Landing(lake, lake.landing(contract.dataset, f"{run.started_at:%Y-%m-%d}", "sample"))
    receipt = Receipt(
        "sample", run.id, contract.dataset, fetch.source, fetch.name, "received", run.started_at, run.started_at
    )
    found = Sample((), pl.DataFrame())
    for part in islice(fetch.parts(Tally()), _PARTS):
        landing.take(iter((part,)))
        landing.keep()
        found = _read(replace(receipt, landing=tuple(landing.paths)), contract, lake)
        if found.rows.height:
            break
    return found


def _read(receipt: Receipt, contract: Contract, lake: Lake) -> Sample:
    parsed = parse(receipt, contract, lake)
    if parsed.problem:
        raise CitylakeError(parsed.problem.code, **parsed.problem.values)
    files = [Path(file) for file in parsed.files]
    rows = pl.scan_parquet(files).select(parsed.columns).head(_ROWS).collect() if files else pl.DataFrame()
    return Sample(parsed.columns, rows)
