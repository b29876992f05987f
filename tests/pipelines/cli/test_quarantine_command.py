"""The quarantine on the command line: what waits, why, for whom, and one row as the source sent it."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "时间,设备,流量\n"
ROWS = [
    f"2026-03-01 {hour:02}:00,JT0000000001,{value}\n" for hour, value in enumerate(["1", "待核实", "待核实", "x", "-5"])
]


@pytest.fixture
def refused(kept_city: Any) -> Any:
    def refuse(city: Any) -> None:
        city.drop("b.csv", HEAD + "".join(ROWS))
        city.json("run")

    return kept_city(refuse)


def listed(city: Any, *options: str) -> Any:
    return city.json("quarantine", "list", *options)[1]


def test_without_options_every_dataset_has_its_counts_values_and_next_command(refused: Any) -> None:
    (entry,) = listed(refused)["datasets"]
    assert (entry["dataset"], entry["department"], entry["rows"]) == ("traffic.counts", "市交通运输局", 4)
    assert (entry["overdue"], entry["due_on"] is not None) == (0, True)
    assert [(each["state"], each["responsible"], each["rows"]) for each in entry["states"]] == [("open", "supplier", 4)]
    unreadable = next(each for each in entry["reasons"] if each["code"] == "VALUE_UNREADABLE")
    assert unreadable["examples"] == [{"value": "待核实", "rows": 2}, {"value": "x", "rows": 1}]
    assert (unreadable["rows"], unreadable["values"]) == (3, 2)
    assert entry["next"] == ["citylake quarantine export --dataset traffic.counts"]


def test_the_overview_is_read_on_a_terminal(refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = refused.call("quarantine", "list")
    assert (code, '"待核实" 2 rows' in out) == (0, True)
    assert "Next: citylake quarantine export --dataset traffic.counts" in out
    monkeypatch.setenv("CITYLAKE_LANG", "zh")
    out = refused.call("quarantine", "list")[1]
    assert "traffic.counts（市交通运输局）：4 行" in out
    assert "“待核实” 2 行" in out


def test_a_reason_has_the_values_of_the_rows_in_its_state(refused: Any) -> None:
    refused.drop("c.csv", HEAD + "2026-03-02 08:00,JT0000000002,故障\n2026-03-02 09:00,JT0000000002,x\n")
    assert refused.json("run")[0] == 2
    (entry,) = listed(refused)["datasets"]
    unreadable = [each for each in entry["reasons"] if each["code"] == "VALUE_UNREADABLE"]
    examples = {each["state"]: {one["value"]: one["rows"] for one in each["examples"]} for each in unreadable}
    assert examples == {"open": {"待核实": 2, "x": 1}, "held": {"x": 1, "故障": 1}}
    assert {each["state"]: (each["rows"], each["values"]) for each in unreadable} == {"open": (3, 2), "held": (2, 2)}
    # Without states, a value is counted once.
    found = listed(refused, "--values", "--reason", "VALUE_UNREADABLE")["values"]
    assert [(each["value"], each["rows"]) for each in found] == [("x", 2), ("待核实", 2), ("故障", 1)]


def test_an_empty_lake_has_nothing_in_quarantine(city: Any) -> None:
    assert city.call("quarantine", "list") == (0, "Nothing in quarantine.\n", "")
    assert listed(city) == {"datasets": []}


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (["--dataset", "traffic.counts"], [3, 4, 5, 6]),
        (["--value", "待核实"], [3, 4]),
        (["--reason", "VALUE_UNREADABLE"], [3, 4, 5]),
        (["--reason", "VALUE_UNREADABLE", "--value", "-5"], []),
        (["--field", "flow_veh"], [3, 4, 5, 6]),
        (["--state", "returned"], []),
        (["--state", "open", "--department", "市交通运输局"], [3, 4, 5, 6]),
        (["--responsible", "lake"], []),
        (["--overdue"], []),
        (["--older-than", "1"], []),
        (["--receipt", "nothing"], []),
        (["--batch", "nothing"], []),
    ],
)
def test_a_filter_chooses_the_rows_to_which_all_of_it_applies(
    refused: Any, options: list[str], rows: list[int]
) -> None:
    found = listed(refused, *options)
    assert ([row["row"] for row in found["rows"]], found["total"]) == (rows, len(rows))


def test_pages_are_the_whole_list_in_its_order(refused: Any) -> None:
    whole = listed(refused, "--dataset", "traffic.counts")["rows"]
    pages = [listed(refused, "--dataset", "traffic.counts", "--limit", "3", "--offset", str(n))["rows"] for n in (0, 3)]
    assert [row["row_id"] for page in pages for row in page] == [row["row_id"] for row in whole]
    out = refused.call("quarantine", "list", "--dataset", "traffic.counts", "--limit", "3")[1]
    assert "Rows 1 to 3 of 4; the next page: --offset 3." in out


def test_distinct_values_come_with_their_rows_the_most_frequent_first(refused: Any) -> None:
    found = listed(refused, "--values", "--reason", "VALUE_UNREADABLE")["values"]
    assert [(each["value"], each["rows"]) for each in found] == [("待核实", 2), ("x", 1)]
    assert "待核实" in refused.call("quarantine", "list", "--values")[1]


@pytest.mark.parametrize(
    "options",
    [("--state", "lost"), ("--responsible", "nobody"), ("--department", "市气象局")],
    ids=lambda each: each[0],
)
def test_a_word_that_an_option_does_not_know_is_a_fault_of_usage(refused: Any, options: tuple[str, str]) -> None:
    code, found = refused.json("quarantine", "list", *options)
    assert (code, found["error"]["code"]) == (1, "OPTION_UNKNOWN")


def test_a_row_is_shown_as_the_source_sent_it(refused: Any) -> None:
    row_id = listed(refused, "--value", "待核实")["rows"][0]["row_id"]
    code, found = refused.json("quarantine", "show", row_id)
    assert (code, found["source_from"], found["times_seen"], found["state"]) == (0, "landing", 1, "open")
    assert found["source"] == {"时间": "2026-03-01 01:00", "设备": "JT0000000001", "流量": "待核实"}
    out = refused.call("quarantine", "show", row_id)[1]
    assert "流量: 待核实" in out
    assert "VALUE_UNREADABLE" in out


def test_a_row_that_no_quarantine_has_is_a_fault_of_usage(refused: Any) -> None:
    code, found = refused.json("quarantine", "show", "nothing/7")
    assert (code, found["error"]["code"]) == (1, "ROW_ID_UNKNOWN")


def test_a_reason_is_explained_by_what_the_element_demands(refused: Any) -> None:
    row_id = listed(refused, "--value", "-5")["rows"][0]["row_id"]
    (reason,) = refused.json("quarantine", "explain", row_id)[1]["explained"]
    assert (reason["value"], reason["demands"]["range"]) == ("-5", "0 – 100,000")
    assert reason["demands"]["element"].startswith("traffic.flow ")
    assert f'citylake quarantine discard {row_id} --why "…"' in reason["commands"]
    _, found = refused.json("quarantine", "explain", "traffic.counts", "--reason", "VALUE_UNREADABLE")
    assert [(each["rows"], each["values"][0]) for each in found["explained"]] == [(3, {"value": "待核实", "rows": 2})]
    assert "integer" in refused.call("quarantine", "explain", "traffic.counts")[1]


def test_a_reason_that_no_row_has_is_a_fault_of_usage(refused: Any) -> None:
    code, found = refused.json("quarantine", "explain", "traffic.counts", "--reason", "CODE_UNKNOWN")
    assert (code, found["error"]["code"]) == (1, "REASON_NOT_FOUND")
    assert "VALUE_UNREADABLE" in found["error"]["text"]["en"]
