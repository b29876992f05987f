"""``citylake mart test``: 0 if every test passes, 2 if one fails, 1 if a file of tests has a fault."""

from __future__ import annotations

from typing import Any

TESTS = """
- name: added up by day
  given:
    traffic.counts:
      - {hour_start: 2026-03-01T08:00, device_code: JT0000000001, flow_veh: 10}
      - {hour_start: 2026-03-01T09:00, device_code: JT0000000001, flow_veh: 20}
  expect: {rows: [{day: 2026-03-01, flow_veh: 30}]}
"""


def _write(city: Any, text: str) -> None:
    (city.root / "workspace" / "marts" / "traffic" / "day.test.yaml").write_text(text, encoding="utf-8")


def test_tests_run_without_a_lake_and_the_exit_code_tells(city: Any) -> None:
    _write(city, TESTS)
    code, out, _ = city.call("mart", "test")
    assert (code, out.splitlines()[-1]) == (0, "1 tests passed, 0 failed.")
    assert not (city.root / "lake").exists()
    _write(city, TESTS.replace("flow_veh: 30", "flow_veh: 31"))
    code, document = city.json("mart", "test", "traffic", "day")
    (outcome,) = document["outcomes"]
    assert (code, document["failed"], outcome["passed"]) == (2, 1, False)
    assert outcome["differences"] == ["row day=2026-03-01: flow_veh should be 31, is 30"]
    _write(city, TESTS.replace("flow_veh: 10", "flow: 10"))
    code, _, err = city.call("mart", "test")
    assert code == 1
    assert "day.test.yaml:5" in err


def test_an_unknown_mart_is_named(city: Any) -> None:
    code, _, err = city.call("mart", "test", "trafic")
    assert code == 1
    assert "traffic" in err
