"""Drift through ``citylake run``: each kind in each mode, and that every row stays accounted for."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

HEADER = "时间,设备,流量,速度,车型"
FIRST = f"{HEADER}\n2026-03-01 08:00,JT0000000001,10,40,K3\n2026-03-01 09:00,JT0000000001,20,50,K1\n"
ROWS = ["2026-03-02 08:00,JT0000000001,10,40,K3", "2026-03-02 09:00,JT0000000001,20,50,K1"]


def file_of(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


TEXTS = {
    "added": file_of(HEADER + ",天气", ROWS[0] + ",晴", ROWS[1] + ","),
    "missing": file_of(
        "时间,设备,流量,车型", "2026-03-02 08:00,JT0000000001,10,K3", "2026-03-02 09:00,JT0000000001,20,K1"
    ),
    "renamed": file_of(HEADER.replace("速度", "平均车速"), *ROWS),
    "retyped": file_of(HEADER, ROWS[0].replace(",40,", ",快,"), ROWS[1].replace(",50,", ",慢,")),
    "categories": file_of(HEADER, ROWS[0], ROWS[1].replace("K1", "H1")),
}


@pytest.fixture
def drifting(kept_city: Any) -> Any:
    return kept_city(first_day)


def first_day(city: Any) -> None:
    """The small city with a speed and a vehicle class, its first day in the table."""
    contract = city.root / "workspace/datasets/traffic/counts.yaml"
    more = "  速度: {element: traffic.mean_speed, unit: km/h}\n  车型: {element: traffic.vehicle_class}\nrules:"
    text = contract.read_text(encoding="utf-8").replace("rules:", more).replace("0.6", "1.0")
    contract.write_text(text, encoding="utf-8")
    mart = city.root / "workspace/marts/traffic"
    declared = (mart / "mart.yaml").read_text(encoding="utf-8")
    columns = "      mean_speed_kmh: {element: traffic.mean_speed}\n      cars: {text: {zh: 小客车, en: cars}}\n"
    (mart / "mart.yaml").write_text(declared + columns, encoding="utf-8")
    weighted = "sum(flow_veh * mean_speed_kmh) / sum(flow_veh) FILTER (WHERE mean_speed_kmh IS NOT NULL)"
    made = f"{weighted} AS mean_speed_kmh, count(*) FILTER (vehicle_class = 'K3') AS cars"
    select = (mart / "day.sql").read_text(encoding="utf-8").replace(" FROM", f", {made} FROM")
    (mart / "day.sql").write_text(select, encoding="utf-8")
    city.drop("a.csv", FIRST)
    assert city.json("run")[0] == 0


def declare(city: Any, modes: str) -> None:
    contract = city.root / "workspace/datasets/traffic/counts.yaml"
    text = contract.read_text(encoding="utf-8").partition("drift:")[0]
    contract.write_text(text + f"drift: {modes}\n", encoding="utf-8")
    (city.files / "a.csv").unlink(missing_ok=True)


def taken(city: Any, modes: str, text: str) -> tuple[int, Any, list[str]]:
    """Exit code and dataset of a run over one more file under these modes."""
    declare(city, modes)
    city.drop("b.csv", text)
    code, told = city.json("run")
    dataset = told["datasets"][0]
    parts = ("rows_standard", "rows_quarantined", "rows_duplicate")
    assert dataset["rows_in"] == sum(dataset[part] for part in parts)
    return code, dataset, [problem["code"] for problem in dataset["problems"]]


CASES = [
    ("{}", "added", ["UNKNOWN_COLUMN"], (2, 0)),
    ("{added: quarantine}", "added", ["UNKNOWN_COLUMN"], (1, 1)),
    ("{added: hold}", "added", ["UNKNOWN_COLUMN"], None),
    ("{}", "missing", ["MISSING_COLUMN"], None),
    ("{missing: report}", "missing", ["MISSING_COLUMN"], (2, 0)),
    ("{missing: quarantine}", "missing", ["MISSING_COLUMN"], (0, 2)),
    ("{missing: report}", "renamed", ["RENAMED_COLUMN"], None),
    ("{renamed: quarantine}", "renamed", ["RENAMED_COLUMN"], (0, 2)),
    ("{renamed: report}", "renamed", ["MISSING_COLUMN", "RENAMED_COLUMN", "UNKNOWN_COLUMN"], None),
    (
        "{renamed: report, missing: report}",
        "renamed",
        ["RENAMED_COLUMN", "MISSING_COLUMN", "UNKNOWN_COLUMN"],
        (2, 0),
    ),
    ("{}", "retyped", ["RETYPED_COLUMN"], (0, 2)),
    ("{retyped: hold}", "retyped", ["RETYPED_COLUMN"], None),
    ("{}", "categories", ["NEW_CATEGORY"], (2, 0)),
    ("{categories: quarantine}", "categories", ["NEW_CATEGORY"], (1, 1)),
    ("{categories: hold}", "categories", ["NEW_CATEGORY"], None),
    ("{categories: hold, accept: {vehicle_class: [H1]}}", "categories", [], (2, 0)),
    ("{categories: quarantine, accept: {vehicle_class: [H1]}}", "categories", [], (2, 0)),
]


@pytest.mark.parametrize(("modes", "kind", "problems", "rows"), CASES)
def test_each_kind_does_what_its_mode_says(
    drifting: Any, modes: str, kind: str, problems: list[str], rows: tuple[int, int] | None
) -> None:
    # What becomes of marts does not depend on the mode.
    shutil.rmtree(drifting.root / "workspace/marts")
    code, dataset, found = taken(drifting, modes, TEXTS[kind])
    assert found == problems
    if rows is None:
        assert (code, dataset["status"]) == (2, "held")
    else:
        assert (code, dataset["status"]) == (0, "committed")
        assert (dataset["rows_standard"], dataset["rows_quarantined"]) == rows


def test_a_problem_names_its_dataset_once(drifting: Any) -> None:
    declare(drifting, "{}")
    drifting.drop("b.csv", TEXTS["retyped"])
    _, out, _ = drifting.call("run")
    text = " ".join(out.split())
    assert "traffic.counts: most values of mean_speed_kmh" in text
    assert "traffic.counts: traffic.counts:" not in text


def second_day(city: Any) -> pl.DataFrame:
    table = pl.read_delta(str(city.root / "lake/standard/traffic.counts"))
    return table.filter(pl.col("_source") == "b.csv").sort("hour_start")


def test_a_field_that_is_reported_missing_leaves_its_column_null(drifting: Any) -> None:
    taken(drifting, "{missing: report}", TEXTS["missing"])
    assert second_day(drifting)["mean_speed_kmh"].to_list() == [None, None]
    assert second_day(drifting)["flow_veh"].to_list() == [10, 20]


def test_a_new_field_is_never_taken_for_the_old_one(drifting: Any) -> None:
    taken(drifting, "{renamed: report, missing: report}", TEXTS["renamed"])
    assert second_day(drifting)["mean_speed_kmh"].to_list() == [None, None]


def test_a_required_field_holds_even_where_missing_ones_are_only_reported(drifting: Any) -> None:
    text = file_of("时间,设备,速度,车型", "2026-03-02 08:00,JT0000000001,40,K3")
    code, dataset, found = taken(drifting, "{missing: report}", text)
    assert (code, dataset["status"], found) == (2, "held", ["MISSING_COLUMN"])


@pytest.mark.parametrize("lost", ["时间", "设备"])
def test_without_a_column_of_the_key_every_row_can_still_be_refused(drifting: Any, lost: str) -> None:
    place = HEADER.split(",").index(lost)
    cut = [",".join(cell for at, cell in enumerate(line.split(",")) if at != place) for line in (HEADER, *ROWS)]
    code, dataset, _ = taken(drifting, "{missing: quarantine}", file_of(*cut))
    assert (code, dataset["rows_standard"], dataset["rows_quarantined"]) == (0, 0, 2)
    _, found = drifting.json("quarantine", "list", "--dataset", "traffic.counts")
    codes = {reason["code"] for row in found["rows"] for reason in row["reasons"]}
    assert codes == {"FIELD_GONE"}
    assert {lost in row["raw"] for row in found["rows"]} == {False}


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("categories", ("CATEGORY_UNSEEN", "vehicle_class", "H1")),
        ("added", ("FIELD_UNKNOWN", "天气", "晴")),
        ("retyped", ("VALUE_UNREADABLE", "mean_speed_kmh", "快")),
    ],
)
def test_a_refused_row_says_which_value_it_is_refused_for(
    drifting: Any, kind: str, reason: tuple[str, str, str]
) -> None:
    taken(drifting, f"{{{kind}: quarantine}}", TEXTS[kind])
    row = drifting.json("quarantine", "list", "--dataset", "traffic.counts")[1]["rows"][0]
    (told,) = row["reasons"]
    assert (told["code"], told["field"], told["value"]) == reason


def test_the_report_names_marts_and_columns_everywhere_it_is_told(drifting: Any) -> None:
    _, dataset, _ = taken(drifting, "{}", TEXTS["retyped"])
    (problem,) = dataset["problems"]
    for language, words in (
        ("zh", "下游：traffic.day.mean_speed_kmh"),
        ("en", "Downstream: traffic.day.mean_speed_kmh"),
    ):
        assert words in problem["text"][language]
        assert "{" not in problem["text"][language]
    assert drifting.call("report", "build", "--no-charts")[0] == 0
    pages = (page.read_text(encoding="utf-8") for page in (drifting.root / "lake/reports/zh").rglob("*.html"))
    assert any("下游：traffic.day.mean_speed_kmh" in page for page in pages)
    ledger = pl.read_delta(str(drifting.root / "lake/ledger/batches")).sort("recorded_at")["problems"][-1]
    assert "RETYPED_COLUMN" in ledger
    assert "traffic.day.mean_speed_kmh" in ledger


def test_a_run_prints_what_drifted(drifting: Any) -> None:
    declare(drifting, "{}")
    drifting.drop("b.csv", TEXTS["categories"])
    out = " ".join(drifting.call("run")[1].split())
    assert "vehicle_class" in out
    assert "never had: H1" in out
    assert "traffic.day.cars" in out


def kept(city: Any) -> set[tuple[str, str]]:
    table = pl.read_delta(str(city.root / "lake/ledger/categories"))
    return set(table.select("column_name", "value").rows())


def test_categories_are_kept_with_the_commit_and_only_then(drifting: Any) -> None:
    first = {("vehicle_class", "K1"), ("vehicle_class", "K3")}
    assert kept(drifting) == first
    taken(drifting, "{categories: hold}", TEXTS["categories"])
    assert kept(drifting) == first
    taken(drifting, "{categories: quarantine}", TEXTS["categories"])
    assert kept(drifting) == first
    taken(drifting, "{categories: report}", TEXTS["categories"])
    assert kept(drifting) == first | {("vehicle_class", "H1")}
    assert taken(drifting, "{categories: hold}", TEXTS["categories"])[2] == []


def test_a_category_that_only_refused_rows_have_is_not_had(drifting: Any) -> None:
    taken(drifting, "{}", file_of(HEADER, ROWS[0], ROWS[1].replace("K1", "H1").replace(",20,", ",many,")))
    assert ("vehicle_class", "H1") not in kept(drifting)


def test_a_table_from_before_the_ledger_of_categories_is_asked_itself(drifting: Any) -> None:
    shutil.rmtree(Path(drifting.root, "lake/ledger/categories"))
    _, dataset, found = taken(drifting, "{}", TEXTS["categories"])
    assert found == ["NEW_CATEGORY"]
    assert "never had: H1;" in dataset["problems"][0]["text"]["en"]
    assert kept(drifting) == {("vehicle_class", value) for value in ("K1", "K3", "H1")}


def test_dirt_is_no_change_of_type(drifting: Any) -> None:
    rows = [f"2026-03-02 {hour:02}:00,JT0000000001,10,{'快' if hour < 3 else 40},K3" for hour in range(24)]
    code, dataset, found = taken(drifting, "{retyped: hold}", file_of(HEADER, *rows))
    assert (code, dataset["status"], dataset["rows_quarantined"], found) == (0, "committed", 3, [])


def test_one_retyped_file_among_many_is_found(drifting: Any) -> None:
    for day in range(10, 30):
        rows = (f"2026-03-{day} {hour:02}:00,JT0000000001,10,40,K3" for hour in range(24))
        drifting.drop(f"c{day}.csv", file_of(HEADER, *rows))
    _, dataset, found = taken(drifting, "{retyped: hold}", TEXTS["retyped"])
    assert (dataset["status"], found) == ("held", ["RETYPED_COLUMN"])
    assert "2 rows of b.csv" in dataset["problems"][0]["text"]["en"]


def test_unreadable_values_cannot_be_reported_away(drifting: Any) -> None:
    declare(drifting, "{retyped: report}")
    code, out, _ = drifting.call("lint")
    assert code == 1
    assert "retyped cannot be report" in out
