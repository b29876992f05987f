from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import fsspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.quality.check_result import CheckResult
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.message_catalogue import issue_type, render_issue

Stage = Callable[..., list[str]]
Judge = Callable[..., dict[str, CheckResult]]


def contract(**more: Any) -> Contract:
    base: dict[str, Any] = {
        "dataset": "traffic.detector_flow",
        "title": {"zh": "检测器流量", "en": "detector flow"},
        "owner": {"department": "市交通运输局"},
        "source": {"connector": "files", "path": "*.csv", "format": "csv"},
        "fields": {"设备编号": {"element": "traffic.device_code"}},
        "write": {"mode": "upsert", "key": ["device_code", "observed_at"], "partition": "day(observed_at)"},
    }
    return Contract.model_validate(base | more)


def rows(codes: list[str | None], at: datetime | date = datetime(2026, 3, 2, 11, tzinfo=UTC)) -> pl.DataFrame:
    return pl.DataFrame(
        {"device_code": codes, "observed_at": [at] * len(codes)}, schema_overrides={"device_code": pl.String}
    )


@pytest.mark.parametrize(
    ("expect", "name", "code"),
    [
        ({"min": 4}, "rows.min", "ROWS_TOO_FEW"),
        ({"max": 2}, "rows.max", "ROWS_TOO_MANY"),
        ({"vs_history": 0.5}, "rows.vs_history", "BATCH_BELOW_HISTORY"),
    ],
)
def test_a_batch_of_the_wrong_size_is_held_by_name(
    expect: dict[str, Any], name: str, code: str, stage: Stage, judge: Judge
) -> None:
    files = stage(rows(["a", "b"]), rows(["c"]))
    check = judge(contract(expect={"rows": expect}), files, batches=[9, 11, 9, 11])[name]
    assert (check.passed, check.severity) == (False, "error")
    assert check.problem is not None
    assert check.problem.code == code


def test_a_batch_of_the_right_size_passes(stage: Stage, judge: Judge) -> None:
    of = contract(expect={"rows": {"min": 3, "max": 3, "vs_history": 0.5}})
    assert all(check.passed for check in judge(of, stage(rows(["a", "b", "c"])), batches=[6, 6, 6, 6]).values())


@pytest.mark.parametrize(("count", "passed"), [(50, True), (49, False)])
def test_a_batch_may_have_exactly_the_promised_share_of_the_rows_of_earlier_batches(
    count: int, passed: bool, stage: Stage, judge: Judge
) -> None:
    files = stage(rows(["a"] * count))
    assert (
        judge(contract(expect={"rows": {"vs_history": 0.5}}), files, batches=[90, 110, 100, 100])[
            "rows.vs_history"
        ].passed
        is passed
    )


def test_a_first_batch_has_no_history_to_be_judged_by(stage: Stage, judge: Judge) -> None:
    found = judge(contract(expect={"rows": {"vs_history": 0.9}}), stage(rows(["a"])), batches=[9, 9, 9])
    assert found["rows.vs_history"].passed
    assert found["rows.vs_history"].observed == "3 of 4 batches known: not judged"


def test_one_large_backfill_does_not_hold_the_ordinary_batches_after_it(stage: Stage, judge: Judge) -> None:
    of = contract(expect={"rows": {"vs_history": 0.5}})
    assert judge(of, stage(rows(["a"] * 10)), batches=[400, 10, 11, 10])["rows.vs_history"].passed


def test_rows_that_conform_counted_but_did_not_stage_hold_the_batch(stage: Stage, judge: Judge) -> None:
    check = judge(contract(), stage(rows(["a", "b"])), rows_standard=3)["rows.staged"]
    assert not check.passed
    assert check.problem is not None
    assert check.problem.values == {"dataset": "traffic.detector_flow", "rows": 2, "expected": 3}


@pytest.mark.parametrize(("quarantined", "passed"), [(5, True), (6, False)])
def test_the_share_refused_is_judged_against_the_rows_that_came(
    quarantined: int, passed: bool, stage: Stage, judge: Judge
) -> None:
    of = contract(expect={"quarantine_share": 0.05})
    found = judge(of, stage(rows(["a"])), rows_in=100, rows_quarantined=quarantined)["quarantine_share"]
    assert (found.passed, found.observed) == (passed, f"{quarantined}.00%")


def test_completeness_counts_empty_values_of_each_promised_column(stage: Stage, judge: Judge) -> None:
    of = contract(expect={"completeness": {"device_code": 0.8, "observed_at": 1}})
    found = judge(of, stage(rows(["a", None, "c", "d"])))
    assert found["completeness.observed_at"].passed
    assert found["completeness.device_code"].observed == "75.00%"
    assert not found["completeness.device_code"].passed


def test_repeats_are_found_across_files_and_an_empty_value_repeats_nothing(stage: Stage, judge: Judge) -> None:
    of = contract(expect={"unique": [["device_code"], ["device_code", "observed_at"]]})
    files = stage(rows(["a", "b", None, None]), rows(["a"], datetime(2026, 3, 1, tzinfo=UTC)))
    found = judge(of, files)
    assert found["unique.device_code"].observed == "1 repeated, such as a"
    assert found["unique.device_code+observed_at"].passed


@pytest.mark.parametrize(
    ("newest", "passed"),
    [
        (datetime(2026, 3, 1, 10, tzinfo=UTC), True),
        (datetime(2026, 3, 1, 9, tzinfo=UTC), False),
        (datetime(2026, 3, 1, 18), True),  # Shanghai's clock
        (datetime(2026, 3, 1, 17), False),
        (date(2026, 3, 1), True),
        (date(2026, 2, 28), False),
    ],
)
def test_old_data_are_a_warning_and_never_hold(
    newest: datetime | date, passed: bool, stage: Stage, judge: Judge
) -> None:
    of = contract(expect={"freshness": "26h"}, schedule={"cron": "0 1 * * *"})
    check = judge(of, stage(rows(["a"], newest)))["freshness"]
    assert (check.passed, check.severity) == (passed, "warning")


@pytest.mark.parametrize(
    ("times", "expect", "newest", "future"),
    [
        (
            ["2026-03-02 11:00", "2062-03-01 00:00"],
            {},
            "2026-03-02 11:00+00:00",
            "1 rows, up to 2062-03-01 08:00+08:00",
        ),
        (["2062-03-01 00:00", "2062-03-02 00:00"], {}, None, "2 rows, up to 2062-03-02 08:00+08:00"),
        (["2026-03-02 12:50"], {}, "2026-03-02 12:00+00:00", None),
        (["2026-03-09 12:00"], {"ahead": "10d"}, "2026-03-02 12:00+00:00", None),
        (["2026-03-09 12:00"], {"ahead": "6d"}, None, "1 rows, up to 2026-03-09 20:00+08:00"),
    ],
)
@pytest.mark.parametrize("kind", ["instants", "Shanghai's clock"])
def test_rows_in_the_future_do_not_make_a_batch_fresh(
    times: list[str],
    expect: dict[str, str],
    newest: str | None,
    future: str | None,
    kind: str,
    stage: Stage,
    judge: Judge,
) -> None:
    of = contract(expect={"freshness": "26h", **expect}, schedule={"cron": "0 1 * * *"})
    moments = [datetime.fromisoformat(f"{time}+00:00") for time in times]
    if kind != "instants":
        moments = [each.astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None) for each in moments]
    frame = pl.concat([rows(["a"], moment) for moment in moments])
    checks = judge(of, stage(frame))
    found = re.search(r"\((.*)\)$", checks["freshness"].observed)
    assert (found and datetime.fromisoformat(found[1])) == (newest and datetime.fromisoformat(newest))
    assert checks["freshness"].passed == bool(newest)
    assert ("future_times" in checks) == bool(future)
    if future:
        assert checks["future_times"].observed == future
        assert checks["future_times"].severity == "warning"


def test_days_in_the_future_do_not_make_a_batch_fresh(stage: Stage, judge: Judge) -> None:
    of = contract(expect={"freshness": "26h"}, schedule={"cron": "0 1 * * *"})
    frame = pl.concat([rows(["a"], day) for day in (date(2026, 2, 1), date(2062, 3, 1))])
    checks = judge(of, stage(frame))
    assert not checks["freshness"].passed
    assert checks["freshness"].observed.endswith("(2026-02-02 00:00+08:00)")
    assert checks["future_times"].observed == "1 rows, up to 2062-03-01"


@given(st.integers(0, 9999), st.sampled_from(["s", "m", "h", "d", "w"]))
def test_a_length_of_time_reads_as_it_is_written(number: int, unit: str) -> None:
    words = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
    assert parse_duration(f"{number}{unit}") == timedelta(**{words[unit]: number})


def reference(severity: str = "warning") -> dict[str, Any]:
    return {
        "columns": ["device_code"],
        "dataset": "traffic.devices",
        "keys": ["code"],
        "severity": severity,
    }


def test_a_reference_names_what_has_no_match_and_counts_what_is_empty(stage: Stage, judge: Judge) -> None:
    devices = stage(pl.DataFrame({"code": ["a", "b"]}), name="devices")
    files = stage(rows(["a", "x", "x", "y", None]))
    check = judge(contract(references=[reference()]), files, references={"traffic.devices": devices})
    found = check["reference.device_code→traffic.devices"]
    assert (found.passed, found.severity) == (False, "warning")
    assert found.observed == "3 unknown (x, y); 1 empty"
    assert found.problem is not None
    assert found.problem.values["unknown"] == 3


def test_at_most_five_examples_are_named_commonest_first(stage: Stage, judge: Judge) -> None:
    devices = stage(pl.DataFrame({"code": ["a"]}), name="devices")
    files = stage(rows([*"bcdefgh", "h"]))
    check = judge(contract(references=[reference("error")]), files, references={"traffic.devices": devices})
    found = check["reference.device_code→traffic.devices"]
    assert found.severity == "error"
    assert found.observed == "8 unknown (h, b, c, d, e); 0 empty"


def test_a_key_of_another_type_is_compared_and_not_a_failed_query(stage: Stage, judge: Judge) -> None:
    devices = stage(pl.DataFrame({"code": [1, 2]}), name="devices")
    check = judge(contract(references=[reference()]), stage(rows(["1", "x"])), references={"traffic.devices": devices})
    assert check["reference.device_code→traffic.devices"].observed == "1 unknown (x); 0 empty"


def test_a_register_that_is_still_empty_says_so(stage: Stage, judge: Judge) -> None:
    check = judge(contract(references=[reference()]), stage(rows(["a"])))["reference.device_code→traffic.devices"]
    assert check.problem is not None
    assert check.problem.code == "REFERENCE_EMPTY"


def test_a_batch_in_which_nothing_was_staged_is_judged_too(judge: Judge) -> None:
    of = contract(
        expect={
            "rows": {"min": 1, "vs_history": 0.5},
            "completeness": {"device_code": 1},
            "unique": [["device_code"]],
            "quarantine_share": 0.5,
            "freshness": "1d",
        },
        references=[reference()],
    )
    found = judge(of, rows_in=2, rows_quarantined=2, batches=[4] * 4)
    failed = {name for name, check in found.items() if not check.passed}
    assert failed == {"rows.min", "rows.vs_history", "quarantine_share", "freshness"}


@pytest.mark.parametrize(
    "of",
    [
        contract(expect={"completeness": {"lane": 1}}),
        contract(expect={"unique": [["lane"]]}),
        contract(references=[reference() | {"columns": ["lane"]}]),
        contract(references=[reference() | {"keys": ["lane"]}]),
        contract(expect={"freshness": "1d"}, write={"mode": "append", "partition": "day(gone)"}),
    ],
)
def test_a_promise_about_a_column_that_is_not_there_fails_by_name(of: Contract, stage: Stage, judge: Judge) -> None:
    devices = stage(pl.DataFrame({"code": ["a"]}), name="devices")
    found = judge(of, stage(rows(["a"])), references={"traffic.devices": devices})
    assert [c.problem.code for c in found.values() if c.problem] == ["AUDIT_COLUMN_UNKNOWN"]


def test_of_rows_that_tell_no_time_the_audit_says_nothing(stage: Stage, judge: Judge) -> None:
    of = contract(expect={"freshness": "1d"}, write={"mode": "append"})
    assert "freshness" not in judge(of, stage(rows(["a"])))


def test_files_of_an_object_store_are_read_without_any_extension(judge: Judge, tmp_path: Any) -> None:
    memory = fsspec.filesystem("memory")
    rows(["a", "a"]).write_parquet(tmp_path / "a.parquet")
    memory.pipe("/lake/a.parquet", (tmp_path / "a.parquet").read_bytes())
    of = contract(expect={"unique": [["device_code"]]})
    found = judge(of, ["memory://lake/a.parquet"], rows_in=2, rows_standard=2)
    assert found["unique.device_code"].observed == "1 repeated, such as a"


def test_every_problem_is_told_in_full_in_both_languages(stage: Stage, judge: Judge) -> None:
    devices = stage(pl.DataFrame({"code": ["a"]}), name="devices")
    of = contract(
        expect={
            "rows": {"min": 9, "max": 1, "vs_history": 0.9},
            "completeness": {"device_code": 1, "lane": 1},
            "unique": [["device_code"]],
            "quarantine_share": 0,
            "freshness": "1m",
        },
        references=[reference(), reference() | {"dataset": "traffic.lanes"}],
    )
    files = stage(rows(["x", "x", None]))
    found = judge(of, files, batches=[9] * 4, rows_in=9, rows_standard=8, rows_quarantined=1,
                  references={"traffic.devices": devices})  # fmt: skip
    problems = [check.problem for check in found.values() if check.problem]
    assert len(problems) == 11
    for problem in problems:
        assert issue_type(problem.code).scope == "batch"
        for language in ("zh", "en"):
            # The audit step adds the batch that a person can release.
            assert "{" not in render_issue(problem.code, {**problem.values, "batch": "b1"}, language)


def test_importing_the_audit_imports_no_great_expectations() -> None:
    code = (
        "import sys, citylake.quality.audit; "
        "sys.exit('great_expectations' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
