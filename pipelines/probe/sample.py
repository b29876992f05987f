"""The first rows of a source, read as a run would read them, in a scratch folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipelines.context import new_run
from pipelines.lake import Lake
from pipelines.pull.connector import Fetch, Pulling, Tally, connector
from pipelines.pull.landing import Landing
from pipelines.pull.variables import fill
from pipelines.records import Receipt
from schemas.contract import Contract
from schemas.faults import CitylakeError

if TYPE_CHECKING:
    import polars as pl

_ROWS = 1000


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
        lake = Lake(scratch)
        return _read(_landed(fetch, lake), contract.model_copy(update={"source": filled}), lake)


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


def _landed(fetch: Fetch, lake: Lake) -> Receipt:
    run = new_run()
    landing = Landing(lake, lake.landing("probe.sample", f"{run.started_at:%Y-%m-%d}", "sample"))
    # Two parts, for some sources land a description before their first page.
    landing.store(islice(fetch.parts(Tally()), 2))
    return Receipt(
        "sample", run.id, "probe.sample", fetch.source, fetch.name, "received", run.started_at, run.started_at,
        landing=tuple(landing.paths),
    )  # fmt: skip


def _read(receipt: Receipt, contract: Contract, lake: Lake) -> Sample:
    import polars as pl

    from pipelines.parse.step import parse

    parsed = parse(receipt, contract, lake)
    if parsed.problem:
        raise CitylakeError(parsed.problem.code, **parsed.problem.values)
    files = [Path(file) for file in parsed.files]
    rows = pl.scan_parquet(files).select(parsed.columns).head(_ROWS).collect() if files else pl.DataFrame()
    return Sample(parsed.columns, rows)
