"""The rows that an act is about: by their ids, or by what they have in common."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.flow.run_order import order_datasets
from citylake.pipelines.lake.ledger import receipts_table
from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.read.quarantine_duties import scan_row_duties
from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
from citylake.pipelines.read.quarantine_states import RowState
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

_SHOWN = 10
_ANY = QuarantineFilter()


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Rows by their ids, or, without ids, those that ``where`` describes."""

    ids: tuple[str, ...] = ()
    where: QuarantineFilter = _ANY

    @property
    def everything(self) -> bool:
        """Whether nothing limits the rows."""
        return not self.ids and self.where == _ANY

    def by_dataset(self, work: ActWork, states: Collection[RowState] = ()) -> list[tuple[Contract, pl.LazyFrame]]:
        """Return the rows of each dataset (:func:`scan_row_duties`).

        ``states``: of rows without ids, unless ``where`` names states itself. Raises DATASET_UNKNOWN,
        ROW_ID_UNREADABLE, and ROW_ID_UNKNOWN for ids that no quarantine has.
        """
        if self.ids:
            return _rows_by_ids(work, self.ids)
        order_datasets(work.registry, self.where.datasets)
        wanted = self.where if self.where.states else replace(self.where, states=tuple(states))
        query = QuarantineQuery(work.lake, work.registry, work.ledger)
        found = zip(query.contracts(wanted), query.rows(wanted), strict=True)
        return [(contract, rows) for contract, rows in found if rows.head(1).collect(engine="streaming").height]


def _rows_by_ids(work: ActWork, ids: Collection[str]) -> list[tuple[Contract, pl.LazyFrame]]:
    wanted = pl.DataFrame({"row_id": sorted(set(ids))}, schema={"row_id": pl.String})
    found, known = [], set[str]()
    for name in _datasets_of(work, ids):
        contract = order_datasets(work.registry, [name])[0]
        rows = scan_row_duties(work.lake, contract, work.registry, work.ledger)
        chosen = rows.join(wanted.lazy(), on="row_id", how="semi")
        known |= set(chosen.select(pl.col("row_id").unique()).collect(engine="streaming")["row_id"])
        found.append((contract, chosen))
    if unknown := sorted(set(ids) - known):
        raise CitylakeError("ROW_ID_UNKNOWN", row=", ".join(unknown[:_SHOWN]), count=len(unknown))
    return found


def _datasets_of(work: ActWork, ids: Collection[str]) -> list[str]:
    receipts = sorted({RowId.parse(text).receipt for text in ids})
    rows = work.ledger.scan(receipts_table.TABLE).filter(pl.col("id").is_in(receipts))
    return sorted(rows.select(pl.col("dataset").unique()).collect()["dataset"])
