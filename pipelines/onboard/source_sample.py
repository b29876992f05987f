"""A sample of a source, read like in a run, in a scratch folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.context import new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.onboard.format_draft import FormatDraft, draft_format
from citylake.pipelines.parse.parse_receipt import parse_texts
from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, PullContext, load_connector
from citylake.pipelines.pull.landing_writer import LandingWriter
from citylake.pipelines.pull.source_variables import fill_variables
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.formats import GeoFormat, SourceFormat
from citylake.schemas.words.errors import CitylakeError

_ROWS, _PARTS = 1000, 3


@dataclass(frozen=True, slots=True)
class SourceSample:
    """Source columns in order, and the first rows, as text. ``encoding``: that of delimited text, otherwise None."""

    columns: tuple[str, ...]
    rows: pl.DataFrame
    encoding: str | None = None
    layout: FormatDraft | None = None
    """The words of the format that delimited text needs."""
    notices: tuple[str, ...] = ()
    """Codes of what was reported while the rows were read."""
    encoding_kind: str | None = None
    """How sure the encoding is, as the parse report says: ``proven`` if no other is possible."""

    @property
    def ascii_only(self) -> bool:
        """Whether no value or name says which encoding other characters would have."""
        return self.encoding == "utf-8" and all(map(str.isascii, (*self.columns, self.rows.write_csv())))


def sample_source(source: Mapping[str, Any], variables: Mapping[str, str], zone: str | None = None) -> SourceSample:
    """The first part that the source sends, parsed; raises CitylakeError if there is none or it cannot be parsed.

    ``zone``: the workspace's time zone, by which an encoding is likelier.
    """
    contract = _unbound_contract(source, zone)
    pulling = PullContext(variables, new_run())
    filled = fill_variables(contract.source, variables)
    fetch = next(iter(load_connector(filled.connector).fetches(filled, pulling)))
    with scratch_folder() as scratch:
        return _first_rows(fetch, contract.model_copy(update={"source": filled}), Lake(scratch))


def _unbound_contract(source: Mapping[str, Any], zone: str | None) -> Contract:
    """A contract without bindings: only its source is used."""
    return Contract.model_validate(
        {
            "dataset": "onboard.sample",
            "title": {"zh": "样", "en": "sample"},
            "owner": {"department": "—"},
            "source": dict(source),
            "fields": {"-": {"element": "onboard.none"}},
            "write": {"mode": "append"},
            **({"zone": zone} if zone else {}),
        }
    )


def _first_rows(fetch: Fetch, contract: Contract, lake: Lake) -> SourceSample:
    """The rows of the first part that has any: some sources land metadata before their first page."""
    run = new_run()
    landing = LandingWriter(lake, lambda: lake.landing(contract.dataset, f"{run.started_at:%Y-%m-%d}", "sample"))
    receipt = Receipt(
        "sample", run.id, contract.dataset, fetch.source, fetch.name, "received", run.started_at, run.started_at
    )
    found = SourceSample((), pl.DataFrame())
    if isinstance(contract.source.format, GeoFormat):
        # A shapefile is several parts.
        landing.take(fetch.parts(FetchProgress()))
        landing.keep()
        return _parse_rows(replace(receipt, landing=tuple(landing.paths)), contract, lake)
    for part in islice(fetch.parts(FetchProgress()), _PARTS):
        landing.take(iter((part,)))
        landing.keep()
        found = _parse_drafted(replace(receipt, landing=tuple(landing.paths)), contract, lake)
        if found.rows.height:
            break
    return found


def _parse_drafted(receipt: Receipt, contract: Contract, lake: Lake) -> SourceSample:
    """The rows, read with the layout that a delimited file seems to have."""
    with scratch_folder() as scratch:
        layout = draft_format(receipt, contract, lake, Path(scratch))
    if layout is None:
        return _parse_rows(receipt, contract, lake)
    stated = contract.source.format
    form = stated.model_dump(exclude_unset=True) | {"type": stated.type, **layout.words}
    source = contract.source.model_copy(update={"format": SourceFormat.validate_kind(form)})
    found = _parse_rows(receipt, contract.model_copy(update={"source": source}), lake)
    return replace(found, layout=layout.with_notices(found.notices))


def _parse_rows(receipt: Receipt, contract: Contract, lake: Lake) -> SourceSample:
    with scratch_folder() as scratch:
        parsed, files = parse_texts(receipt, contract, lake, Path(scratch))
        if parsed.problem:
            raise CitylakeError(parsed.problem.code, **parsed.problem.values)
        texts = list(map(Path, files))
        rows = pl.scan_parquet(texts).select(parsed.columns).head(_ROWS).collect() if texts else pl.DataFrame()
    notices = tuple(notice.code for notice in parsed.notices)
    return SourceSample(
        parsed.columns, rows, parsed.report.get("encoding"), None, notices, parsed.report.get("encoding_kind")
    )
