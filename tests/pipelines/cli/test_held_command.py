"""``citylake held``: what a person sees of held batches, and decides about them."""

from __future__ import annotations

import csv
import re

import pytest

from tests.pipelines.cli.conftest import GOOD, City, KeptCity

LATER = (
    "时间,设备,流量\n2026-03-02 08:00,JT0000000001,\n2026-03-02 09:00,JT0000000001,\n2026-03-02 10:00,JT0000000002,30\n"
)


@pytest.fixture
def held_city(kept_city: KeptCity) -> City:
    """A good file is committed; of the next one, too many rows are refused."""

    def hold(city: City) -> None:
        (city.files / "a.csv").write_text(GOOD, "utf-8")
        assert city.call("run")[0] == 0
        (city.files / "b.csv").write_text(LATER, "utf-8")
        assert city.call("run")[0] == 2

    return kept_city(hold)


def batch_of(city: City) -> str:
    _, found = city.json("held", "list")
    (entry,) = found["batches"]
    return str(entry["batch"])


def test_the_list_has_the_reason_in_one_line_and_the_next_commands(held_city: City) -> None:
    batch = batch_of(held_city)
    code, shown, _ = held_city.call("held", "list")
    assert code == 0
    assert "traffic.counts" in shown
    assert re.search(r"2 of 3 rows were quarantined", shown)
    assert f"citylake held release {batch} --why TEXT" in shown.splitlines()[3]
    assert held_city.call("held", "list", "--dataset", "traffic.counts")[1] == shown
    assert held_city.call("held", "list", "--dataset", "no.such")[0] == 1


def test_show_has_every_check_with_what_was_found_and_the_files(held_city: City) -> None:
    code, shown, _ = held_city.call("held", "show", batch_of(held_city)[:5])
    assert code == 0
    for word in ("QUARANTINE_SHARE_HIGH", "66.67%", "≤ 60.00%", "b.csv"):
        assert word in shown
    assert "citylake held release" in shown.partition("QUARANTINE_SHARE_HIGH")[2]


def test_rows_are_shown_page_by_page_and_written_whole(held_city: City) -> None:
    batch = batch_of(held_city)
    _, first, _ = held_city.call("held", "rows", batch, "--limit", "2")
    assert "1–2 of 3" in first
    command = first.strip().splitlines()[-1].partition("citylake ")[2].split()
    _, second, _ = held_city.call(*command)
    assert "3–3 of 3" in second
    assert "设备=JT0000000002" in second
    out = held_city.root / "rows.csv"
    code, _, error = held_city.call("held", "rows", batch, "--output", str(out))
    assert (code, error[:6]) == (0, "Writte"), error
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][6:] == ["时间", "设备", "流量"]
    assert [row[7] for row in rows[1:]] == ["JT0000000001", "JT0000000001", "JT0000000002"]
    assert "QUARANTINE_SHARE_HIGH: traffic.counts: 2 of 3 rows" in rows[1][2]


def test_a_release_brings_the_rows_into_the_table_and_the_mart(held_city: City) -> None:
    batch = batch_of(held_city)
    code, shown, _ = held_city.call("held", "release", batch, "--why", "a new sensor", "--user", "ana")
    assert code == 0
    assert "ana" in shown
    _, found = held_city.json("query", "traffic", "SELECT count(*) AS days FROM day")
    assert found["rows"] == [{"days": 2}]
    assert held_city.json("held", "list")[1] == {"batches": []}
    _, shown, _ = held_city.call("held", "list")
    assert shown == "No batch is held.\n"


def test_a_reject_is_listed_with_all_and_the_same_file_stays_out(held_city: City) -> None:
    batch = batch_of(held_city)
    assert held_city.call("held", "reject", batch, "--why", "test data")[0] == 0
    assert held_city.json("held", "list")[1] == {"batches": []}
    (entry,) = held_city.json("held", "list", "--all")[1]["batches"]
    assert (entry["batch"], entry["status"]) == (batch, "rejected")
    code, shown, _ = held_city.call("run")
    assert code == 0
    assert "stays out" in shown


def test_a_decision_without_a_reason_is_wrong_usage(held_city: City) -> None:
    code, _, error = held_city.call("held", "release", batch_of(held_city))
    assert (code, "--why" in error) == (1, True)


def test_an_unknown_batch_names_the_known_ones(held_city: City) -> None:
    code, _, error = held_city.call("held", "show", "ffff0000")
    assert code == 1
    assert batch_of(held_city) in error


@pytest.mark.parametrize("columns", ["40", "80"])
def test_a_command_on_its_own_line_is_never_folded(
    held_city: City, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    (held_city.files / "c.csv").write_text(LATER, "utf-8")
    after_run, batch = held_city.call("run")[1], batch_of(held_city)
    shown = [held_city.call(*command.split())[1] for command in ("status", "held list", f"held show {batch}")]
    for text in (after_run, *shown):
        lines = [line.strip() for line in text.splitlines()]
        assert f"citylake held show {batch}" in lines
        assert f"citylake held release {batch} --why TEXT" in lines


def own_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith("citylake held")]


def test_after_a_release_no_command_is_shown_for_what_is_not_held_any_more(held_city: City) -> None:
    batch = batch_of(held_city)
    code, shown, _ = held_city.call("held", "release", batch, "--why", "a new sensor")
    assert (code, own_lines(shown)) == (0, [])
    assert [own_lines(held_city.call(*command)[1]) for command in (["run"], ["status"], ["held", "list"])] == [[]] * 3
    _, found = held_city.json("run")
    assert [each["held"] for each in found["datasets"]] == [[]]


def test_a_held_replay_shows_no_command_that_cannot_release_it(held_city: City) -> None:
    batch = batch_of(held_city)
    contract = held_city.root / "workspace/datasets/traffic/counts.yaml"
    contract.write_text(contract.read_text("utf-8").replace("%H:%M", "%H点%M"), "utf-8")
    code, shown, _ = held_city.call("replay", "traffic.counts")
    assert (code, own_lines(shown)) == (2, [])
    assert "A replay is not released by held release" in " ".join(shown.split())
    # What waited before waits still.
    assert batch_of(held_city) == batch
