"""``where``: rows of a source that are not the dataset's are counted, and never lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.conform.conftest import Bench
from tests.thorough import examples

FIELDS = """
fields:
  code: {element: air.station_code, required: true}
  no2: {element: air.no2, unit: ug/m3}
"""
KINDS = ["10", "20", " 10 ", "", None]
ROWS = [{"kind": kind, "code": f"A{number}", "no2": "1"} for number, kind in enumerate(KINDS)]


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("kind: 10", ["A0", "A2"]),
        ('kind: ["20", ""]', ["A1", "A3", "A4"]),
        ("kind: {not: [10]}", ["A1", "A3", "A4"]),
        ('kind: {pattern: "^[12]0$"}', ["A0", "A1", "A2"]),
        ('kind: {not_pattern: "^2", not: [""]}', ["A0", "A2"]),
        ("kind: 10, code: A2", ["A2"]),
    ],
)
def test_rows_that_the_filter_keeps_are_the_datasets(bench: Bench, where: str, kept: list[str]) -> None:
    staged = bench.stage(f"where: {{{where}}}{FIELDS}", ROWS)
    assert bench.standard(staged)["station_code"].to_list() == kept
    assert (staged.counts.rows_in, staged.counts.filtered) == (5, 5 - len(kept))
    assert staged.notes == ()


def test_a_filtered_row_is_neither_judged_nor_a_duplicate(bench: Bench) -> None:
    contract = f"where: {{kind: 10}}{FIELDS}write: {{mode: upsert, key: [station_code]}}\n"
    rows: list[dict[str, str | None]] = [
        {"kind": "20", "code": "A1", "no2": "bad"},
        {"kind": "20", "code": "A1", "no2": "2"},
    ]
    staged = bench.stage(
        contract, [*rows, {"kind": "10", "code": "A1", "no2": "1"}, {"kind": "10", "code": "", "no2": "1"}]
    )
    assert bench.reasons(staged) == {4: [("REQUIRED_MISSING", "station_code")]}
    assert bench.standard(staged)["no2_ugm3"].to_list() == [1.0]
    assert staged.counts.duplicates == 0


def test_a_filter_that_keeps_no_row_holds_the_batch_and_shows_the_values(bench: Bench) -> None:
    with pytest.raises(CitylakeError) as held:
        bench.stage(f"where: {{kind: 30}}{FIELDS}", ROWS)
    assert held.value.code == "WHERE_KEEPS_NONE"
    assert "kind: " in str(held.value.values["values"])
    assert "10" in str(held.value.values["values"])


def test_a_contract_can_say_that_there_may_be_no_row(bench: Bench) -> None:
    staged = bench.stage(f"where: {{kind: 30}}\nexpect: {{rows: {{min: 0}}}}{FIELDS}", ROWS)
    assert [note.code for note in staged.notes] == ["WHERE_KEEPS_NONE"]
    assert (staged.counts.rows_in, staged.counts.filtered, staged.counts.standard) == (5, 5, 0)


def test_a_field_of_the_filter_that_is_gone_holds_the_batch(bench: Bench) -> None:
    with pytest.raises(CitylakeError) as held:
        bench.stage(f"where: {{kine: 10}}{FIELDS}", ROWS)
    assert held.value.code == "MISSING_COLUMN"


def test_rows_are_filtered_before_they_are_reshaped(bench: Bench) -> None:
    contract = """
where: {kind: [10]}
reshape: [{unpivot: {named: '^v\\.(?P<code>\\w+)$', value: no2}}]
ignore: [kind]
fields:
  code: {element: air.station_code, required: true}
  no2: {element: air.no2, unit: ug/m3}
"""
    rows = [{"kind": kind, "v.A1": "1", "v.A2": "2"} for kind in KINDS]
    staged = bench.stage(contract, rows)
    assert (staged.counts.rows_in, staged.counts.filtered, staged.counts.standard) == (7, 3, 4)
    with pytest.raises(CitylakeError, match="kind: —, 10, 20"):
        bench.stage(contract.replace("[10]", "[30]"), rows)


@settings(max_examples=examples(10, 30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(KINDS), "code": st.sampled_from(["A1", ""]), "no2": st.just("1")}
        )
    )
)
def test_every_row_is_counted_once(bench: Bench, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    staged = bench.stage(f"where: {{kind: 10}}\nexpect: {{rows: {{min: 0}}}}{FIELDS}", rows)
    mine = [row for row in rows if (row["kind"] or "").strip() == "10"]
    assert staged.counts.filtered == len(rows) - len(mine)
    assert staged.counts.standard == sum(bool(row["code"]) for row in mine)
    assert staged.counts.conserved
