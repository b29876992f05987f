"""A zone per row, mixed precision, and plausible spans of times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.pipelines.conform.test_bindings import one

ZONES = "{from: z, names: {CET: Europe/Berlin, EST: America/New_York}}"
ZONED = f"{{element: time.hour_start, format: '%Y-%m-%d %H:%M', zone: {ZONES}, label: end}}"


def _utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


def test_each_local_time_is_read_in_the_zone_of_its_row(bench: Any) -> None:
    given = [("2024-03-01 12:00", "CET"), ("2024-03-01 12:00", "EST"), ("2024-10-27 02:30", "CET")]
    staged = bench.stage(f"fields: {{v: {ZONED}}}", [{"v": text, "z": zone} for text, zone in given])
    rows = bench.standard(staged)
    assert rows["hour_start"].to_list() == [_utc(1, 10), _utc(1, 16), _utc(26, 23, 30, month=10)]
    assert rows["_warnings"].to_list() == [None, None, "TIME_REPEATED"]


def test_an_unknown_zone_refuses_its_row_and_a_bad_time_has_its_own_reason(bench: Any) -> None:
    given = [("2024-03-01 12:00", "PST"), ("2024-03-01 12:00", None), ("x", "CET"), ("2024-03-31 02:30", "CET")]
    staged = bench.stage(f"fields: {{v: {ZONED}}}", [{"v": text, "z": zone} for text, zone in given])
    codes = {row: [code for code, _ in reasons] for row, reasons in bench.reasons(staged).items()}
    unknown, unreadable = ["ZONE_UNKNOWN_IN_ROW"], ["TIME_UNREADABLE"]
    assert codes == {1: unknown, 2: unknown, 3: unreadable, 4: unreadable}


def test_a_field_with_names_of_zones_needs_no_list(bench: Any) -> None:
    contract = "fields: {v: {element: time.observed_at, format: '%Y-%m-%d %H:%M', zone: {from: z}}}"
    staged = bench.stage(contract, [{"v": "2024-03-01 12:00", "z": "Europe/Madrid"}])
    assert bench.standard(staged)["observed_at"].to_list() == [_utc(1, 11)]


def test_dates_of_mixed_precision_keep_it_beside_them(bench: Any) -> None:
    contract = one("organisation.established_on", format="'%Y||%Y-%m||%Y-%m-%d'", precision="true")
    staged = bench.stage(contract, [{"v": text} for text in ("2024", "2024-05", "2024-05-02", "2019/20", None)])
    rows = bench.standard(staged)
    assert rows["established_on"].to_list() == [date(2024, 1, 1), date(2024, 5, 1), date(2024, 5, 2), None]
    assert rows["established_on_precision"].to_list() == ["year", "month", "day", None]
    assert bench.reasons(staged) == {4: [("TIME_UNREADABLE", "established_on")]}


def test_times_outside_the_plausible_span_are_refused(bench: Any) -> None:
    contract = one("time.observed_at", format="'%Y-%m-%d'", span="{earliest: 1990-01-01, latest: 1d}")
    staged = bench.stage(contract, [{"v": text} for text in ("2024-05-01", "1989-12-30", "2062-03-01", "2026-03-01")])
    assert bench.standard(staged).height == 2
    assert bench.reasons(staged) == {row: [("TIME_OUT_OF_SPAN", "observed_at")] for row in (2, 3)}
