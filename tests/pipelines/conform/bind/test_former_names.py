"""Files are read with the names of their time, wherever a contract names a field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.conform.bind.field_renames import rename_fields
from citylake.pipelines.conform.bind.former_names import field_renames, file_day
from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.records import Receipt, Run
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_meaning import contract_meaning, meaning_changes
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from tests.pipelines.conform.conftest import Bench

NAMES = "names: [流量, {was: 车流量, until: 2026-03-08}, {was: 车数, until: 2025-12-31}]"
CONTRACT = """
source: {connector: files, path: x.csv, format: csv, name_fields: '(?P<day>\\d{8})'}
fields:
  dev: {element: traffic.device_code}
  流量: {element: traffic.flow, as: flow, %s}
"""
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("name", "requested", "old", "counts"),
    [
        ("x.csv", datetime(2026, 3, 8, 15, 59, tzinfo=UTC), "车流量", True),
        ("x.csv", datetime(2026, 3, 8, 16, 0, tzinfo=UTC), "车流量", False),
        ("x-20260131.csv", datetime(2026, 4, 2, tzinfo=UTC), "车流量", True),
        ("x-20260315.csv", datetime(2026, 3, 7, tzinfo=UTC), "车流量", True),
        ("x-20260131.csv", datetime(2026, 4, 2, tzinfo=UTC), "车数", False),
        ("x-20251231.csv", datetime(2026, 4, 2, tzinfo=UTC), "车数", True),
    ],
)
def test_the_earlier_of_the_requests_day_and_the_names_day_decides(
    bench: Bench, name: str, requested: datetime, old: str, *, counts: bool
) -> None:
    contract, receipt = bench.contract(CONTRACT % NAMES), _receipt(name, requested)
    found = field_renames(contract, ["dev", old], receipt, ZONE)
    assert found == ({"流量": old} if counts else {})


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dates(date(2025, 1, 1), date(2027, 1, 1)), st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)))
def test_a_file_is_never_younger_than_its_request(day: date, at: datetime) -> None:
    contract = _CONTRACT
    receipt = _receipt(f"x-{day:%Y%m%d}.csv", at.replace(tzinfo=UTC))
    assert file_day(receipt, contract, "UTC") == min(day, at.date())


def test_rows_under_an_old_name_are_the_rows_under_todays_and_keep_their_fields_as_sent(bench: Bench) -> None:
    contract = bench.contract(CONTRACT % NAMES)
    old = bench.stage(contract, [{"dev": "D1", "车流量": "7"}, {"dev": "D2", "车流量": "many"}])
    assert bench.standard(old)["flow"].to_list() == [7]
    (refused,) = bench.quarantine(old).iter_rows(named=True)
    assert '"车流量"' in refused["raw"]
    assert '"流量"' not in refused["raw"]
    new = bench.stage(contract, [{"dev": "D1", "流量": "7"}, {"dev": "D2", "流量": "many"}])
    assert bench.standard(new)["flow"].to_list() == [7]
    assert new.notes == old.notes


def test_both_names_in_one_file_hold_it_with_both_named(bench: Bench) -> None:
    with pytest.raises(CitylakeError) as caught:
        bench.stage(CONTRACT % NAMES, [{"dev": "D1", "流量": "7", "车流量": "8"}])
    assert caught.value.code == "FIELD_NAMES_BOTH"
    assert all(name in caught.value.say("zh") for name in ("流量", "车流量", "0.csv", "names"))


def test_an_old_name_that_means_something_else_after_its_time_can_be_ignored(bench: Bench) -> None:
    contract = bench.contract(CONTRACT % NAMES + "ignore: [车流量]\n")
    (source,) = [bench.source([{"dev": "D1", "流量": "7", "车流量": "8"}], "x.csv")]
    late = replace(source.parsed, receipt=replace(source.receipt, requested_at=datetime(2026, 4, 1, tzinfo=UTC)))
    staged = conform_batch([replace(source, parsed=late)], contract, bench.registry, bench.lake, Run("run", NOON))
    assert bench.standard(staged)["flow"].to_list() == [7]


def test_every_mention_of_a_field_has_the_name_of_the_file(bench: Bench) -> None:
    contract = bench.contract(
        """
where: {a: x}
reshape:
  - unpivot: {keep: [a, b], name: n, value: v}
  - pivot: {keys: [a], on: b, value: {v: "{}"}, columns: [k]}
  - padding: {month: "{a}-{c}", day: b, values: [a]}
fields:
  a: {element: traffic.device_code, names: [{was: old, until: 2026-03-08}]}
  x: {element: traffic.flow, from: a, as: x, flag: {from: a, accept: [k]}}
  y: {element: traffic.mean_speed, as: y, join: "{a} {c}", unit: {from: a}, factor: {from: a}, qualifier: {from: a}}
  lon: {element: place.longitude, pair: a}
"""
    )
    text = rename_fields(contract, {"a": "old"}).model_dump_json()
    assert text == contract.model_dump_json().replace('"a"', '"old"').replace("{a}", "{old}").replace(_NAMES, "")


_NAMES = '"names":[{"was":"old","until":"2026-03-08"}],'


def test_a_new_old_name_changes_no_meaning(bench: Bench) -> None:
    before, after = bench.contract(CONTRACT % ""), bench.contract(CONTRACT % NAMES)
    assert meaning_changes(contract_meaning(before, bench.registry), contract_meaning(after, bench.registry)) == []


_CONTRACT = Contract.model_validate(
    {
        "dataset": "test.rows",
        "title": {"zh": "测试", "en": "test"},
        "owner": {"department": "测试局"},
        "source": {"connector": "files", "path": "x.csv", "format": "csv", "name_fields": r"(?P<day>\d{8})"},
        "fields": {"v": {"element": "traffic.flow"}},
        "write": {"mode": "append"},
    }
)


def _receipt(name: str, requested: datetime) -> Receipt:
    return Receipt("r", "run", "test.rows", name, name, "received", requested, requested)
