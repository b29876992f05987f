from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.ledger import batches_table
from citylake.pipelines.lake.ledger.lake_status import latest_status_rows, summarize_status
from citylake.pipelines.lake.ledger.ledger_order import in_written_order

START = datetime(2026, 3, 1, tzinfo=UTC)
OUTCOMES = st.lists(
    st.tuples(
        st.sampled_from(["air.hourly", "traffic.flow"]),
        st.sampled_from(["committed", "held", "failed", "incomplete", "unchanged"]),
        st.sampled_from([None, "b1", "b2", "b3"]),
    ),
    max_size=30,
)


def ledger(outcomes: list[tuple[str, str, str | None]]) -> pl.DataFrame:
    rows = [
        {
            "dataset": dataset,
            "status": state,
            "batch": batch,
            # The clock is set back between two rows: their order is not that of their times.
            "recorded_at": START - timedelta(minutes=number),
            "sequence": number,
            "rows_in": number,
        }
        | dict.fromkeys(("rows_standard", "rows_quarantined", "rows_duplicate"), 0)
        for number, (dataset, state, batch) in enumerate(outcomes)
    ]
    return pl.DataFrame(rows, schema=batches_table.SCHEMA, orient="row")


@given(OUTCOMES)
@settings(deadline=None)
def test_the_few_rows_that_are_read_say_what_the_whole_ledger_says(outcomes: list[tuple[str, str, str | None]]) -> None:
    rows, none = ledger(outcomes), pl.DataFrame()
    told = summarize_status(latest_status_rows(rows.reverse().lazy()), none)
    assert sorted(told["datasets"], key=str) == sorted(
        summarize_status(in_written_order(rows), none)["datasets"], key=str
    )
