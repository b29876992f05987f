"""The conservation law, over any rows at all."""

from __future__ import annotations

import tempfile
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from tests.thorough import examples

CONTRACT = """
fields:
  t: {element: time.observed_at, format: "%Y-%m-%d %H:%M"}
  d: {element: traffic.device_code}
  f: {element: traffic.flow}
  x: {element: place.longitude, frame: GCJ-02, pair: y}
  y: {element: place.latitude}
rules:
  - {issue: ODD_FLOW, when: "flow_veh % 2 = 1", severity: error}
write: {mode: upsert, key: [device_code, observed_at], partition: day(observed_at)}
"""
TIMES = st.sampled_from(["2026-03-01 08:00", "2026-03-02 08:00", "9999-12-31 00:00", "soon", "", None])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "t": TIMES,
            "d": st.sampled_from(["JT0000000001", "JT0000000002", None]),
            "f": st.sampled_from(["1", "2", "4", "x", None]),
            "x": st.sampled_from(["120.1", "999", "", None]),
            "y": st.sampled_from(["30.1", "-1e9", None]),
        }
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=examples(8, 25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_every_row_is_standard_quarantined_or_a_counted_duplicate(
    bench: Any, rows: list[dict[str, str | None]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench.lake = Lake(folder)
        staged = bench.stage(CONTRACT, rows)
        assert staged.counts.conserved
        kept = bench.standard(staged)
        refused = bench.quarantine(staged)
        seen = [*(kept["_row"] if kept.height else ()), *(refused["_row"] if refused.height else ())]
        assert len(seen) == len(set(seen)) == len(rows) - staged.counts.duplicates
        assert all(row["reasons"] for row in refused.iter_rows(named=True))
        assert kept.is_empty() or kept.select("device_code", "observed_at").is_unique().all()
