"""Whatever drifts and whatever the contract wants done about it, every row stays accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import examples

FIELDS = ["时间", "设备", "流量", "速度", "车型"]
MODES = st.fixed_dictionaries(
    {kind: st.sampled_from(["report", "quarantine", "hold"]) for kind in ("added", "missing", "renamed", "categories")}
    | {"retyped": st.sampled_from(["quarantine", "hold"])}
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["2026-03-01 08:00", "2026-03-02 08:00", "soon"]),
        st.sampled_from(["JT0000000001", "JT0000000002"]),
        st.sampled_from(["1", "2", "many", ""]),
        st.sampled_from(["40", "fast", ""]),
        st.sampled_from(["K1", "K3", "H1", "none"]),
    ),
    min_size=1,
    max_size=12,
)
PLAIN = [("2026-02-01 08:00", "JT0000000001", "1", "40", "K1")]


def text_of(rows: Sequence[tuple[str, ...]], lost: str | None = None, new: str = "") -> str:
    lines = [dict(zip(FIELDS, row, strict=True)) for row in (tuple(FIELDS), *rows)]
    for number, line in enumerate(lines):
        if lost:
            line.pop(lost)
        if new:
            line[new] = "40" if number else new
    return "".join(",".join(line.values()) + "\n" for line in lines)


@settings(max_examples=examples(5, 16), deadline=None)
@given(modes=MODES, rows=ROWS, lost=st.sampled_from([None, *FIELDS]), new=st.sampled_from(["", "平均车速", "天气"]))
def test_rows_in_are_standard_quarantined_or_duplicates(
    take: Any, modes: Any, rows: list[tuple[str, ...]], lost: str | None, new: str
) -> None:
    with TemporaryDirectory() as folder:
        assert take(folder, text_of(PLAIN), modes).counts.rows_in == 1
        result = take(folder, text_of(rows, lost, new), modes)
    assert result.counts.conserved
    if result.status == "committed":
        assert result.counts.rows_in == len(rows)
    else:
        assert result.status == "held"
        assert result.problems
    holds = {modes["missing"]} | (
        {"hold"} if lost in ("时间", "设备", "流量") and modes["missing"] == "report" else set()
    )
    if lost and not new and "hold" in holds:
        assert result.status == "held"
