"""Stores an act with its rows and corrections, in the order in which a crash leaves nothing half done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.lake.ledger import acts_table, corrections_table, row_acts_table
from citylake.pipelines.lake.ledger.acts_table import Act, ActKind
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.pipelines.lake.ledger.row_acts_table import RowDecision
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.schemas.model.contract import Contract

PLACE_SCHEMA = pl.Schema({name: row_acts_table.SCHEMA[name] for name in ROW_PLACE})
_ID_DIGITS = 20
_SLICE = 100_000


@dataclass(frozen=True, slots=True)
class ActContent:
    """What an act consists of. Its id follows from this and from how often the same was done before."""

    kind: ActKind
    contract: Contract
    why: str
    decision: RowDecision | None = None
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PLACE_SCHEMA))
    """The source rows (the columns of ``ROW_PLACE``), each once."""
    corrections: pl.DataFrame | None = None
    """Columns of the ledger's table but the act's own: scope, place, field, match, old, new, active, why."""
    details: Mapping[str, Any] = field(default_factory=dict)
    concerned: int | None = None
    """The number of rows that the act concerns, if they are not ``rows``. No part of the id: it changes with time."""


def record_act(work: ActWork, content: ActContent) -> str:
    """Store the corrections, then the rows, then the act; returns its id.

    What is stored without its act was interrupted: the same content gets the same id, and is stored again.
    """
    act_id, at = _act_id(work, content), pl.lit(ledger_now(), pl.Datetime("us", "UTC"))
    dataset = content.contract.dataset
    same = (pl.lit(act_id).alias("act_id"), at.alias("recorded_at"), pl.lit(dataset).alias("dataset"))
    if content.corrections is not None:
        user = pl.lit(work.person.user).alias("user")
        work.ledger.append_frame(corrections_table.TABLE, content.corrections.with_columns(*same, user))
    if content.decision is not None and content.rows.height:
        decided = content.rows.select(*ROW_PLACE, *same, pl.lit(content.decision).alias("decision"))
        work.ledger.append_frame(row_acts_table.TABLE, decided)
    work.ledger.add_act(_act(work, content, act_id))
    work.ledger.flush()
    return act_id


def recorded_acts(work: ActWork) -> pl.LazyFrame:
    """Return the ids (``act_id``) of the acts on record."""
    return work.ledger.scan(acts_table.TABLE).select("act_id").unique()


def _act(work: ActWork, content: ActContent, act_id: str) -> Act:
    return Act(
        act_id=act_id,
        act=content.kind,
        dataset=content.contract.dataset,
        department=content.contract.owner.department,
        user=work.person.user,
        why=content.why,
        via=work.person.via,
        rows=content.rows.height if content.concerned is None else content.concerned,
        details=to_json_text(dict(content.details)),
    )


def _act_id(work: ActWork, content: ActContent) -> str:
    """The digest of the content; a repetition after other acts undid it gets a number."""
    digest = sha256(repr((content.kind, content.contract.dataset, content.why)).encode("utf-8", "surrogatepass"))
    for frame in (content.rows, content.corrections):
        if frame is not None:
            ordered = frame.sort(frame.columns)
            for part in ordered.iter_slices(_SLICE):
                digest.update(part.write_csv(null_value="\0").encode("utf-8", "surrogatepass"))
    base = digest.hexdigest()[:_ID_DIGITS]
    known = recorded_acts(work).filter(pl.col("act_id").str.starts_with(base))
    times = known.select(pl.len()).collect().item()
    return f"{base}-{times + 1}" if times else base
