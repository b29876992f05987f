"""Rows through the whole pass: what is kept, what is refused, and that nothing vanishes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from citylake.schemas.words.errors import CitylakeError

FLOW = """
fields:
  时间: {element: time.observed_at, format: "%Y-%m-%d %H:%M:%S", label: end, period: 1h}
  设备: {element: traffic.device_code}
  速度: {element: traffic.mean_speed, unit: {from: 单位, names: {千米/小时: km/h, 米/秒: m/s}}}
  流量: {element: traffic.flow, required: true}
rules:
  - {issue: FLOW_WITHOUT_SPEED, when: "flow_veh > 0 AND mean_speed_kmh IS NULL", severity: warning}
write: {mode: upsert, key: [device_code, observed_at], partition: day(observed_at)}
"""


def row(**changes: str | None) -> dict[str, str | None]:
    base = {"时间": "2026-03-01 09:00:00", "设备": "JT0000000001", "速度": "36", "单位": "千米/小时", "流量": "10"}
    return base | changes


def test_a_good_row_lands_typed_in_utc_in_one_unit_on_its_local_day(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(), row(设备="JT0000000002", 速度="10", 单位="米/秒")])
    rows = bench.standard(staged)
    assert rows["observed_at"].to_list() == [datetime(2026, 3, 1, 0, tzinfo=UTC)] * 2
    assert rows["mean_speed_kmh"].to_list() == [36.0, 36.0]
    assert staged.days == (date(2026, 3, 1),)
    assert "_day=2026-03-01" in staged.standard[0]
    assert staged.counts.conserved


def test_a_row_keeps_all_its_reasons_and_its_raw_fields(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(时间="昨天", 流量=None, 速度="abc")])
    assert set(bench.reasons(staged)[1]) == {
        ("TIME_UNREADABLE", "observed_at"),
        ("VALUE_UNREADABLE", "mean_speed_kmh"),
        ("REQUIRED_MISSING", "flow_veh"),
    }
    refused = bench.quarantine(staged).row(0, named=True)
    assert json.loads(refused["raw"])["时间"] == "昨天"
    assert refused["reasons"][0]["value"] == "昨天"
    assert refused["state"] == "open"


def test_after_a_failed_cast_rules_on_that_field_are_unknown(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(速度="abc"), row(设备="JT0000000002", 速度=None)])
    assert bench.reasons(staged) == {1: [("VALUE_UNREADABLE", "mean_speed_kmh")]}
    assert staged.issues == {"VALUE_UNREADABLE": 1, "FLOW_WITHOUT_SPEED": 1}
    assert bench.standard(staged)["_warnings"].to_list() == ["FLOW_WITHOUT_SPEED"]


def test_an_unknown_unit_in_a_row_is_named(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(单位="英里")])
    reason = bench.quarantine(staged)["reasons"].to_list()[0][0]
    assert (reason["code"], reason["detail"], reason["value"]) == ("UNIT_UNKNOWN_IN_ROW", "英里", "36")


def test_a_broken_key_keeps_the_first_row_and_names_it_to_the_others(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(), row(流量="11"), row(), row(流量="坏")])
    assert bench.standard(staged)["_row"].to_list() == [1]
    assert bench.reasons(staged) == {2: [("KEY_DUPLICATE", None)], 4: [("VALUE_UNREADABLE", "flow_veh")]}
    assert staged.counts.duplicates == 1
    detail = bench.quarantine(staged)["reasons"].to_list()[0][0]["detail"]
    assert detail == "0.csv : 1"


def test_the_first_good_row_of_a_key_stays_when_an_earlier_one_is_bad(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(流量="坏"), row(流量="12")])
    assert bench.standard(staged)["flow_veh"].to_list() == [12]


def test_the_same_key_in_two_receipts_is_left_to_the_commit(bench: Any) -> None:
    staged = bench.stage(FLOW, [row()], [row(流量="11")])
    assert staged.counts.standard == 2


def test_a_missing_mapped_column_holds_the_batch_and_names_what_is_there(bench: Any) -> None:
    rows = [{"时间": "2026-03-01 09:00:00", "速度": "1", "单位": "米/秒", "流量": "1"}]
    with pytest.raises(CitylakeError) as caught:
        bench.stage(FLOW, rows)
    assert caught.value.code == "MISSING_COLUMN"
    assert "设备" in caught.value.values["fields"]
    assert "时间, 速度, 单位, 流量" in caught.value.say("en")


def test_a_missing_column_that_another_looks_like_holds_the_batch_with_the_proposal(bench: Any) -> None:
    rows = [{"时间": "2026-03-01 09:00:00", "设备编": "JT01", "速度": "1", "单位": "米/秒", "流量": "1"}]
    with pytest.raises(CitylakeError) as caught:
        bench.stage(FLOW, rows)
    assert caught.value.code == "RENAMED_COLUMN"
    assert (caught.value.values["field"], caught.value.values["added"]) == ("设备", "设备编")


def test_a_field_that_nobody_bound_is_reported(bench: Any) -> None:
    staged = bench.stage(FLOW, [row(新列="1")])
    assert [(note.code, note.values["fields"]) for note in staged.notes] == [("UNKNOWN_COLUMN", "新列")]


def test_the_same_input_is_the_same_batch(bench: Any) -> None:
    assert bench.stage(FLOW, [row()]).batch == bench.stage(FLOW, [row()]).batch


def test_a_receipt_without_rows_stages_nothing(bench: Any) -> None:
    contract = bench.contract(FLOW)
    source = bench.source([row()])
    parsed = source.parsed
    import polars as pl

    pl.read_parquet(parsed.files[0]).clear().write_parquet(parsed.files[0])
    from dataclasses import replace

    from citylake.pipelines.conform.conform_batch import conform_batch
    from citylake.pipelines.records import Run

    staged = conform_batch(
        [replace(source, parsed=replace(parsed, rows=0))],
        contract,
        bench.registry,
        bench.lake,
        Run("run", datetime.now(UTC)),
    )
    assert (staged.standard, staged.quarantine, staged.counts.rows_in) == ((), (), 0)
