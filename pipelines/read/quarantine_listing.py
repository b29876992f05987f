"""Pages of quarantined rows, each with the messages of its reasons, its state and its due date."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
from citylake.pipelines.read.quarantine_rows import quarantine_row_reader

_KEPT = (
    "row_id", "dataset", "department", "responsible", "first_seen_at", "times_seen", "due_on", "overdue",
    "decision", "decided_at", "decided_by", "closed_at", "closed_by_batch",
)  # fmt: skip


def list_quarantine(
    query: QuarantineQuery, wanted: QuarantineFilter, offset: int = 0, limit: int | None = None
) -> dict[str, Any]:
    """Return the chosen rows, ready for JSON, by dataset and age, from ``offset`` on, ``limit`` of them (None: all).

    ``total`` counts all that are chosen, standard rows of which values were refused, too; ``with_values`` is their
    number. ``rows`` have the source's fields (``raw``), their ``reasons`` with the text in both languages, and what
    :class:`QuarantineQuery` says of them. A reason CODE_UNKNOWN has ``suggestions``: the codes most similar to the
    value.
    """
    total, values = query.count(wanted)
    readers = {each.dataset: quarantine_row_reader(each, query.registry) for each in query.contracts(wanted)}
    page = query.page(wanted, offset, limit)
    rows = [
        {**readers[row["dataset"]]({**row, "_receipt": row["read_receipt"]}), **{name: row[name] for name in _KEPT}}
        for row in page.iter_rows(named=True)
    ]
    return {"datasets": sorted(readers), "total": total, "with_values": values, "offset": offset, "rows": rows}
