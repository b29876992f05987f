"""Corrections, releases and discards in the conform pass."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.lake.ledger.row_decisions import RowDecisions
from citylake.pipelines.records import ConformedBatch, Run
from tests.pipelines.conform.conftest import NOW, Bench

CONTRACT = """
fields:
  dev: {element: traffic.device_code, required: true}
  v: {element: traffic.mean_speed, unit: km/h}
write: {mode: upsert, key: [device_code]}
rules:
  - {issue: TOO_FAST_HERE, when: "mean_speed_kmh > 100"}
"""
RESHAPED = """
fields:
  dev: {element: traffic.device_code, required: true}
  v: {element: traffic.mean_speed, unit: km/h}
reshape: [{unpivot: {named: '(?P<dev>D[0-9])', value: v}}]
"""
RECEIPT = "r-a.csv"
_PLACE = {"_receipt": pl.String, "_first": pl.String, "_part": pl.String, "_row": pl.Int64}
Row = dict[str, str | None]


def decisions(
    cells: list[tuple[int, str, str | None, str | None]] = (),  # type: ignore[assignment]
    values: list[tuple[str, str, str | None, str | None]] = (),  # type: ignore[assignment]
    rows: list[tuple[int, str]] = (),  # type: ignore[assignment]
    part: str = "",
) -> RowDecisions:
    """``cells``: row, field, old, new; ``values``: field, match, old, new; ``rows``: row, decision; acts c0, v0, r0."""
    at = (RECEIPT, RECEIPT, part)
    texts = {"field": pl.String, "old": pl.String, "new": pl.String}
    made_cells = [(f"c{number}", *at, *cell) for number, cell in enumerate(cells)]
    made_values = [(f"v{number}", *value) for number, value in enumerate(values)]
    made_rows = [(f"r{number}", *at, *row) for number, row in enumerate(rows)]
    kinds = {"act_id": pl.String, **_PLACE}
    acts = [str(each[0]) for each in (*made_cells, *made_values, *made_rows)]
    return RowDecisions(
        pl.DataFrame(made_cells, {**kinds, **texts}, orient="row"),
        pl.DataFrame(made_values, {"act_id": pl.String, "field": pl.String, "match": pl.String, **texts}, orient="row"),
        pl.DataFrame(made_rows, {**kinds, "decision": pl.String}, orient="row"),
        frozenset(acts),
    )


@pytest.fixture
def stage(bench: Bench) -> Any:
    def run(rows: list[Row], found: RowDecisions | None, contract: str = CONTRACT) -> ConformedBatch:
        sources = [bench.source(rows)]
        declared = bench.contract(contract)
        return conform_batch(sources, declared, bench.registry, bench.lake, Run("run", NOW), decisions=found)

    return run


def test_a_corrected_row_is_standard_and_keeps_its_place(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "10"}, {"dev": "D2", "v": "x"}, {"dev": "D3", "v": "30"}]
    staged = stage(rows, decisions(cells=[(2, "v", "x", "20")]))
    found = bench.standard(staged).select("device_code", "mean_speed_kmh", "_receipt", "_row")
    assert found.rows() == [("D1", 10.0, RECEIPT, 1), ("D2", 20.0, RECEIPT, 2), ("D3", 30.0, RECEIPT, 3)]
    assert (staged.quarantine, dict(staged.applied), staged.counts.conserved) == ((), {"c0": 1}, True)


def test_a_corrected_row_that_is_still_wrong_shows_the_text_that_was_sent(bench: Bench, stage: Any) -> None:
    staged = stage([{"dev": "D1", "v": "x"}], decisions(cells=[(1, "v", "x", "y")]))
    (row,) = bench.quarantine(staged).iter_rows(named=True)
    assert json.loads(row["raw"]) == {"dev": "D1", "v": "x"}
    assert [(reason["code"], reason["value"]) for reason in row["reasons"]] == [("VALUE_UNREADABLE", "y")]


def test_a_correction_of_another_text_than_what_stands_there_is_reported(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "x"}]
    given = decisions(cells=[(1, "v", "z", "1"), (1, "w", "x", "1"), (9, "v", "x", "1")])
    staged = stage(rows, given)
    told = {note.code: note.values for note in staged.notes}
    assert {"CORRECTION_STALE", "CORRECTION_FIELD_UNKNOWN", "CORRECTION_ROW_MISSING"} <= set(told)
    assert told["CORRECTION_STALE"]["row"] == f"{RECEIPT}/1"
    assert (told["CORRECTION_STALE"]["now"], told["CORRECTION_STALE"]["old"]) == ("x", "z")
    assert (dict(staged.applied), staged.counts.quarantined) == ({"c0": 0, "c1": 0, "c2": 0}, 1)


def test_a_correction_of_a_value_changes_every_row_that_has_it_and_once(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"dev": f"D{number}", "v": text} for number, text in enumerate(["x", "10", "X ", None, "x"])]
    given = decisions(
        values=[("v", "literal", "x", "20"), ("v", "pattern", "(?i)x *|20", "30"), ("v", "literal", None, "5")]
    )
    staged = stage(rows, given)
    assert bench.standard(staged)["mean_speed_kmh"].to_list() == [20.0, 10.0, 30.0, 5.0, 20.0]
    assert dict(staged.applied) == {"v0": 2, "v1": 1, "v2": 1}


def test_an_expression_must_match_the_whole_text_and_one_that_cannot_be_read_is_reported(
    bench: Bench, stage: Any
) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "1x"}]
    given = decisions(values=[("v", "pattern", "x", "3"), ("v", "pattern", "(", "3"), ("v", "pattern", "(?=x)", "3")])
    staged = stage(rows, given)
    assert staged.counts.quarantined == 1
    assert [note.code for note in staged.notes].count("CORRECTION_PATTERN_INVALID") == 2


def test_a_released_row_passes_what_can_be_waived_with_the_codes_as_warnings(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "150"}, {"dev": "D2", "v": "999"}, {"dev": "D3", "v": "150"}]
    staged = stage(rows, decisions(rows=[(1, "released"), (2, "released")]))
    assert bench.standard(staged).select("device_code", "mean_speed_kmh", "_warnings").rows() == [
        ("D1", 150.0, "TOO_FAST_HERE,ROW_RELEASED"),
        ("D2", 999.0, "VALUE_OUT_OF_RANGE,TOO_FAST_HERE,ROW_RELEASED"),
    ]
    assert bench.reasons(staged) == {3: [("TOO_FAST_HERE", "mean_speed_kmh")]}
    assert staged.issues["ROW_RELEASED"] == 2
    assert dict(staged.applied) == {"r0": 1, "r1": 1}


def test_a_release_cannot_pass_what_the_table_could_not_hold(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "x"}, {"dev": None, "v": "150"}, {"dev": "D3", "v": "1"}]
    staged = stage(
        [*rows, {"dev": "D3", "v": "120"}], decisions(rows=[(1, "released"), (2, "released"), (4, "released")])
    )
    found = {row["_row"]: row["reasons"] for row in bench.quarantine(staged).iter_rows(named=True)}
    assert [reason["code"] for reason in found[1]] == ["VALUE_UNREADABLE", "RELEASE_NOT_POSSIBLE"]
    assert [reason["code"] for reason in found[2]] == ["REQUIRED_MISSING", "RELEASE_NOT_POSSIBLE"]
    assert found[2][1]["detail"] == "REQUIRED_MISSING"
    assert [reason["code"] for reason in found[4]] == ["KEY_DUPLICATE"]


def test_a_discarded_row_is_quarantined_whatever_it_says(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "10"}, {"dev": "D2", "v": "x"}, {"dev": "D3", "v": "3"}]
    staged = stage(rows, decisions(rows=[(1, "discarded"), (2, "discarded")]))
    assert {row: [code for code, _ in each] for row, each in bench.reasons(staged).items()} == {
        1: ["ROW_DISCARDED"], 2: ["VALUE_UNREADABLE", "ROW_DISCARDED"],
    }  # fmt: skip
    assert (staged.counts.standard, staged.counts.quarantined, staged.counts.conserved) == (1, 2, True)


def test_of_a_reshaped_contract_the_row_that_was_sent_is_corrected(bench: Bench, stage: Any) -> None:
    rows: list[Row] = [{"D1": "10", "D2": "x"}, {"D1": "999", "D2": "40"}]
    given = decisions(cells=[(1, "v", "x", "20")], rows=[(2, "discarded")], part="D2")
    staged = stage(rows, given, RESHAPED)
    assert bench.standard(staged).select("device_code", "mean_speed_kmh").rows() == [("D1", 10.0), ("D2", 20.0)]
    refused = bench.quarantine(staged).sort("_part").select("_part", "codes").rows()
    assert refused == [("D1", ["VALUE_OUT_OF_RANGE"]), ("D2", ["ROW_DISCARDED"])]
    assert dict(staged.applied) == {"c0": 1, "r0": 1}


def test_a_decision_about_a_reshaped_row_as_it_was_sent_is_about_all_that_is_made_of_it(
    bench: Bench, stage: Any
) -> None:
    rows: list[Row] = [{"D1": "10", "D2": "20"}, {"D1": "30", "D2": "40"}]
    staged = stage(rows, decisions(cells=[(2, "D1", "30", "35")], rows=[(1, "discarded")]), RESHAPED)
    assert bench.standard(staged)["mean_speed_kmh"].to_list() == [35.0, 40.0]
    assert dict(staged.applied) == {"c0": 1, "r0": 2}


def test_the_batch_of_the_same_bytes_is_another_one_with_other_decisions(stage: Any) -> None:
    rows: list[Row] = [{"dev": "D1", "v": "10"}]
    plain, ended = stage(rows, None).batch, decisions()
    corrected = stage(rows, decisions(values=[("v", "literal", "x", "1")])).batch
    assert (stage(rows, ended).batch, corrected == plain) == (plain, False)
    assert stage(rows, decisions(values=[("v", "literal", "x", "2")])).batch not in (plain, corrected)
