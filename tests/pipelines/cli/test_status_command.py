"""``citylake status``: what is in the lake, what waits for a person, and nothing that is solved."""

from __future__ import annotations

import pytest

from tests.pipelines.cli.conftest import City, KeptCity

LATER = (
    "时间,设备,流量\n2026-03-02 08:00,JT0000000001,\n2026-03-02 09:00,JT0000000001,\n2026-03-02 10:00,JT0000000002,30\n"
)


@pytest.fixture
def held_city(kept_city: KeptCity) -> City:
    def hold(city: City) -> None:
        assert city.call("run")[0] == 0
        city.drop("b.csv", LATER)
        assert city.call("run")[0] == 2

    return kept_city(hold)


def test_status_says_what_is_in_the_lake_what_is_held_and_the_next_command(held_city: City) -> None:
    _, found = held_city.json("status")
    (entry,) = found["datasets"]
    (waiting,) = entry["waiting"]
    assert (entry["rows"], entry["newest"], entry["refused"], entry["overdue"]) == (2, "2026-03-01", 0, 0)
    assert (entry["held"], waiting["codes"][0]) == ([waiting["batch"]], "QUARANTINE_SHARE_HIGH")
    code, shown, _ = held_city.call("status")
    assert code == 0
    assert f"citylake held release {waiting['batch']} --why TEXT" in [line.strip() for line in shown.splitlines()]
    assert "2 of 3 rows were quarantined" in shown


def test_a_decided_batch_is_gone_from_the_status(held_city: City) -> None:
    (entry,) = held_city.json("status")[1]["datasets"]
    assert held_city.call("held", "reject", entry["held"][0], "--why", "test data")[0] == 0
    (entry,) = held_city.json("status")[1]["datasets"]
    assert (entry["status"], entry["held"], entry["waiting"], entry["rows"]) == ("committed", [], [], 2)
    assert "citylake held" not in held_city.call("status")[1]


def test_refused_rows_that_wait_are_counted(city: City) -> None:
    city.drop("b.csv", LATER + "2026-03-02 11:00,JT0000000002,30\n")
    city.call("run")
    (entry,) = city.json("status")[1]["datasets"]
    assert (entry["rows"], entry["refused"], entry["overdue"]) == (4, 2, 0)


def test_a_failure_is_shown_with_its_reason_until_a_run_succeeds(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.call("run")

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("citylake.pipelines.flow.conductor.pull_step", fail)
        assert city.call("run")[0] == 3
    (entry,) = city.json("status")[1]["datasets"]
    assert "the disk is full" in entry["why"]["en"]
    assert entry["command"] == "citylake run --dataset traffic.counts"
    assert entry["command"] in city.call("status")[1]
    assert city.call("run")[0] == 0
    (entry,) = city.json("status")[1]["datasets"]
    assert (entry["why"], entry["command"]) == (None, None)


@pytest.mark.parametrize(("columns", "more"), [("80", False), ("140", True)])
def test_the_table_fits_the_terminal(
    held_city: City, monkeypatch: pytest.MonkeyPatch, columns: str, *, more: bool
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    _, shown, _ = held_city.call("status")
    table = shown.partition("\n\n")[0].splitlines()
    assert max(map(len, table)) <= int(columns)
    assert ("last run" in table[0]) is more
    assert table[1].startswith("traffic.counts")
