from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.data_age import DataAge, LastArrival, last_arrivals
from citylake.pipelines.records import BatchResult
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from tests.pipelines.site.conftest import COUNTS

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
CONTRACT = Contract.model_validate(yaml.safe_load(COUNTS))


@pytest.mark.parametrize(("hours", "late"), [(25, False), (26, False), (27, True)])
def test_late_is_older_than_the_contract_promises(hours: int, late: bool) -> None:
    event = NOW - timedelta(hours=hours)
    found = DataAge(CONTRACT, LastArrival(NOW, event.date(), event), NOW).document()
    assert (found["newest"], found["late"]) == (event.isoformat(), late)


def test_a_day_is_as_new_as_its_end_in_the_departments_zone() -> None:
    found = DataAge(CONTRACT, LastArrival(NOW, date(2026, 3, 9)), NOW).document()
    assert found["newest"] == "2026-03-10T00:00:00+08:00"


def test_a_forecast_is_as_fresh_as_its_coming() -> None:
    came = NOW - timedelta(hours=30)
    found = DataAge(CONTRACT, LastArrival(came, date(2026, 3, 20), NOW + timedelta(days=9)), NOW).document()
    assert (found["newest"], found["late"]) == (came.isoformat(), True)


def test_the_newest_event_is_that_of_any_committed_batch_and_of_no_other(tmp_path: Path) -> None:
    ledger = Ledger(Lake(str(tmp_path)))
    seen = {"b1": "2026-03-09 08:00+08:00", "late": "2026-03-01 08:00+08:00", "stopped": "2026-03-10 08:00+08:00"}
    for batch, moment in seen.items():
        state = "held" if batch == "stopped" else "committed"
        ledger.add_batches([BatchResult("a", state, batch, days=(date(2026, 3, 1),))], run="r")  # type: ignore[arg-type]
        check = CheckResult(
            "freshness", passed=True, severity="warning", observed=f"1:00:00 ({moment})", expected="≤ 26h"
        )
        ledger.add_checks("r", "a", batch, [check])
    ledger.flush()
    assert last_arrivals(ledger)["a"].event == datetime(2026, 3, 9, tzinfo=UTC)


def test_a_future_time_that_an_earlier_version_recorded_does_not_count(tmp_path: Path) -> None:
    ledger = Ledger(Lake(str(tmp_path)))
    for batch, day, moment in (("b1", date(2062, 3, 1), "2062-03-01 00:00+08:00"), ("b2", date(2026, 3, 1), None)):
        ledger.add_batches([BatchResult("a", "committed", batch, days=(day,))], run="r")
        observed = f"1:00:00 ({moment})" if moment else "no event time"
        check = CheckResult("freshness", passed=True, severity="warning", observed=observed, expected="≤ 26h")
        ledger.add_checks("r", "a", batch, [check])
    ledger.flush()
    found = last_arrivals(ledger)["a"]
    assert (found.day, found.event) == (date(2026, 3, 1), None)
