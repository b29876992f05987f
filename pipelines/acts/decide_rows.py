"""Acts about whole rows: release, discard and reopen. A row whose state does not allow the act is refused with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from citylake.pipelines.acts.act_record import ActContent, record_act
from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.chosen_rows import ChosenRows
from citylake.pipelines.acts.recorded_corrections import row_corrections
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.lake.ledger.acts_table import ActKind
from citylake.pipelines.lake.ledger.row_acts_table import RowDecision
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.read.quarantine_states import RowState
from citylake.quality.rules.waivable_rules import waivable_codes
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.roles import Right
from citylake.schemas.words.errors import CitylakeError

REFUSED_SCHEMA: Final = pl.Schema(
    {"dataset": pl.String(), "row_id": pl.String(), "state": pl.String(), "code": pl.String(), "codes": pl.String()}
)
"""A refused row: ``code`` says why; ``codes``: the reasons that a release cannot pass, joined by commas."""
_UNREAD: Final[tuple[RowState, ...]] = ("open", "exported", "corrected")
_DECIDED: Final[tuple[RowState, ...]] = ("exported", "corrected", "released", "discarded")


@dataclass(frozen=True, slots=True)
class DecidedRows:
    """What an act did in one dataset."""

    dataset: str
    act: str | None
    """The id of the act; None if nothing changed."""
    rows: int
    """Source rows that were decided, or would be in a dry run."""
    already: int
    """Source rows that had been decided so before."""
    refused: pl.DataFrame
    """The rows that cannot be decided so: ``REFUSED_SCHEMA``."""
    withdrawn: int = 0
    """Corrections that were withdrawn with the rows."""

    def document(self) -> dict[str, Any]:
        """Return the result for JSON."""
        counted = {"rows": self.rows, "already": self.already, "withdrawn": self.withdrawn}
        return {"dataset": self.dataset, "act": self.act, **counted, "refused": self.refused.to_dicts()}


def release_rows(work: ActWork, chosen: ChosenRows, why: str, *, dry_run: bool = False) -> list[DecidedRows]:
    """Let single rows pass the rules that they break, as they are.

    The rows become standard when their receipts are read again (``citylake replay DATASET --quarantine``). Rules about
    values that do not exist (unreadable texts, unknown codes, missing values, repeated keys) cannot be passed.

    Args:
        work: Who acts, and where.
        chosen: The rows.
        why: The reason, for the ledger.
        dry_run: Return what would be done, and record nothing.

    Returns:
        One result for each dataset.

    Raises:
        CitylakeError: WHY_MISSING; ROWS_NOT_CHOSEN; ACT_NOT_ALLOWED; ROW_ID_UNKNOWN.
    """
    return [_decide(work, found, _RELEASE, why, dry_run) for found in _checked(work, chosen, _RELEASE, why)]


def discard_rows(work: ActWork, chosen: ChosenRows, why: str, *, dry_run: bool = False) -> list[DecidedRows]:
    """Give up single rows: they stay in the quarantine and wait for nobody. Arguments as for :func:`release_rows`."""
    return [_decide(work, found, _DISCARD, why, dry_run) for found in _checked(work, chosen, _DISCARD, why)]


def reopen_rows(work: ActWork, chosen: ChosenRows, why: str, *, dry_run: bool = False) -> list[DecidedRows]:
    """Undo what was decided about rows: they are open again, and their corrections are withdrawn.

    Arguments as for :func:`release_rows`.
    """
    return [_decide(work, found, _REOPEN, why, dry_run) for found in _checked(work, chosen, _REOPEN, why)]


@dataclass(frozen=True, slots=True)
class _Kind:
    act: ActKind
    decision: RowDecision
    right: Right
    allowed: tuple[RowState, ...]
    after: tuple[RowState, ...] = ()
    """The state of rows that were decided so before."""


_RELEASE = _Kind("release_rows", "released", "release", _UNREAD, ("released",))
_DISCARD = _Kind("discard_rows", "discarded", "discard", _UNREAD, ("discarded",))
_REOPEN = _Kind("reopen_rows", "reopened", "correct", _DECIDED)


def _checked(work: ActWork, chosen: ChosenRows, kind: _Kind, why: str) -> Collection[tuple[Contract, pl.LazyFrame]]:
    """The chosen rows by dataset, after every right was checked: an act is allowed as a whole."""
    if not why.strip():
        raise CitylakeError("WHY_MISSING", act=kind.act)
    if chosen.everything:
        raise CitylakeError("ROWS_NOT_CHOSEN")
    found = chosen.by_dataset(work, (*kind.allowed, *kind.after))
    for contract, _ in found:
        require_right(work.registry, work.person, kind.right, contract.owner.department)
    return found


def _decide(work: ActWork, found: tuple[Contract, pl.LazyFrame], kind: _Kind, why: str, dry_run: bool) -> DecidedRows:
    contract, rows = found
    judged = _judge_rows(rows, kind, contract)
    good = judged.filter(pl.col("code").is_null() & ~pl.col("already"))
    places = good.select(ROW_PLACE)
    withdrawn = _withdrawn(work, contract.dataset, places) if kind.decision == "reopened" else None
    act = None
    if places.height and not dry_run:
        act = record_act(work, ActContent(kind.act, contract, why, kind.decision, places, withdrawn))
    refused = judged.filter(pl.col("code").is_not_null())
    return DecidedRows(
        dataset=contract.dataset,
        act=act,
        rows=places.height,
        already=judged.filter(pl.col("already")).height,
        refused=refused.with_columns(pl.lit(contract.dataset).alias("dataset")).select(REFUSED_SCHEMA.names()),
        withdrawn=0 if withdrawn is None else withdrawn.height,
    )


def _judge_rows(rows: pl.LazyFrame, kind: _Kind, contract: Contract) -> pl.DataFrame:
    """Each source row once, with ``already``, and ``code`` if it is refused."""
    each = rows.group_by("row_id", *ROW_PLACE).agg(
        pl.col("state").unique().sort(), pl.col("codes").explode(empty_as_null=True).drop_nulls().unique().sort()
    )
    states, allowed = pl.col("state"), list(kind.allowed)
    stuck = pl.col("codes").list.filter(~pl.element().is_in(list(waivable_codes(contract))))
    stays = (stuck.list.len() > 0) & (kind.decision == "released")
    fits = states.list.eval(pl.element().is_in(allowed)).list.all()
    code = pl.when(~fits).then(pl.lit("ROW_STATE_OTHER")).when(stays).then(pl.lit("ROW_NOT_RELEASABLE"))
    already = states.list.eval(pl.element() == kind.decision).list.all()
    return (
        each.with_columns(
            already.alias("already"),
            pl.when(~already).then(code).alias("code"),
            pl.when(fits & stays).then(stuck.list.join(",")).alias("codes"),
            states.list.join(",").alias("state"),
        )
        .sort("row_id")
        .collect(engine="streaming")
    )


def _withdrawn(work: ActWork, dataset: str, places: pl.DataFrame) -> pl.DataFrame | None:
    """The corrections in force of the rows, as their withdrawal."""
    known = row_corrections(work, dataset).join(places.lazy(), on=ROW_PLACE, how="semi").collect()
    if known.is_empty():
        return None
    return known.select(*ROW_PLACE, "field", "old", "new").with_columns(**withdrawal_columns())


def withdrawal_columns() -> Mapping[str, pl.Expr]:
    """Return the columns that make corrections of rows their withdrawal."""
    return {
        "scope": pl.lit("row"),
        "match": pl.lit("literal"),
        "active": pl.lit(value=False),
        "why": pl.lit(None, pl.String),
    }
