"""``citylake run``: what it prints, what it returns, and what it leaves in the lake."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.thorough import THOROUGH

GOOD = "时间,设备,流量\n2026-03-01 08:00,JT0000000001,10\n2026-03-01 09:00,JT0000000001,20\n"
BAD = "时间,设备,流量\n2026-03-02 08:00,JT0000000001,30\n2026-03-02 09:00,JT0000000001,many\n"


def test_a_run_takes_in_every_row_and_publishes_the_mart(city: Any) -> None:
    code, told = city.json("run", "--report")
    assert code == 0
    dataset = told["datasets"][0]
    assert (dataset["status"], dataset["rows_in"], dataset["rows_standard"]) == ("committed", 2, 2)
    assert told["marts"][0]["status"] == "published"
    assert Path(told["marts"][0]["path"]).exists()
    assert Path(told["report"]).read_text(encoding="utf-8").startswith("<!")
    assert told["run"]["exit_code"] == 0


def test_the_same_bytes_again_are_a_no_op_that_says_so(ran: Any) -> None:
    code, told = ran.json("run")
    assert code == 0
    assert told["datasets"][0]["status"] == "unchanged"
    assert told["marts"][0]["status"] == "unchanged"
    assert "Nothing new" in ran.call("run")[1]


def test_a_refused_row_is_counted_kept_and_told(city: Any) -> None:
    city.drop("b.csv", BAD)
    code, told = city.json("run")
    dataset = told["datasets"][0]
    assert code == 0
    assert (dataset["rows_in"], dataset["rows_standard"], dataset["rows_quarantined"]) == (4, 3, 1)
    assert [(issue["code"], issue["rows"]) for issue in dataset["issues"]] == [("VALUE_UNREADABLE", 1)]
    code, found = city.json("quarantine", "list", "--dataset", "traffic.counts")
    assert (code, found["total"]) == (0, 1)
    row = found["rows"][0]
    assert (row["source"], row["raw"]["流量"]) == ("b.csv", "many")
    assert "“many” cannot be read as an integer" in row["reasons"][0]["text"]["en"]
    assert "“many”无法读取为整数" in row["reasons"][0]["text"]["zh"].replace(" ", "")


def test_the_printed_table_counts_every_row(city: Any) -> None:
    city.drop("b.csv", BAD)
    code, out, _ = city.call("run")
    assert code == 0
    for words in ("traffic.counts", "committed", "unreadable value", "published", "Rows by dataset"):
        assert words in out


def test_a_held_batch_changes_nothing_and_returns_two(ran: Any) -> None:
    ran.drop("c.csv", "时间,设备,流量\n" + "2026-03-03 08:00,JT0000000001,bad\n" * 3)
    code, told = ran.json("run")
    assert code == 2
    assert told["datasets"][0]["status"] == "held"
    assert ran.json("query", "traffic", "SELECT count(*) AS days FROM day")[1]["rows"] == [{"days": 1}]


def test_a_missing_column_holds_its_own_file_only(city: Any) -> None:
    city.drop("d.csv", "时间,设备\n2026-03-04 08:00,JT0000000001\n")
    code, told = city.json("run")
    dataset = told["datasets"][0]
    assert (code, dataset["status"], dataset["rows_standard"]) == (2, "held", 2)
    assert dataset["problems"][0]["code"] == "MISSING_COLUMN"


def test_a_source_without_files_is_incomplete_and_returns_two(city: Any) -> None:
    (city.files / "a.csv").unlink()
    code, told = city.json("run")
    assert (code, told["datasets"][0]["status"]) == (2, "incomplete")


def test_only_the_chosen_dataset_runs(city: Any) -> None:
    code, told = city.json("run", "--dataset", "traffic.counts")
    assert (code, [item["dataset"] for item in told["datasets"]]) == (0, ["traffic.counts"])


def test_only_the_chosen_mart_is_built(ran: Any) -> None:
    code, told = ran.json("run", "--mart", "traffic")
    assert (code, told["datasets"], [item["mart"] for item in told["marts"]]) == (0, [], ["traffic"])


def test_an_unknown_dataset_is_a_fault_of_usage(city: Any) -> None:
    code, told = city.json("run", "--dataset", "traffic.nothing")
    assert (code, told["error"]["code"]) == (1, "DATASET_UNKNOWN")


def test_faulty_declarations_stop_the_run_with_one(city: Any) -> None:
    file = city.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "colour: red\n", encoding="utf-8")
    assert city.json("run")[0] == 1


def test_an_option_that_does_not_exist_is_a_fault_of_usage(city: Any) -> None:
    code, told = city.json("run", "--colour")
    assert (code, told["error"]["code"]) == (1, "USAGE")


def test_a_changed_contract_takes_the_same_bytes_through_again(ran: Any) -> None:
    file = ran.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("900", "15"), encoding="utf-8")
    code, told = ran.json("run")
    dataset = told["datasets"][0]
    assert (code, dataset["status"], dataset["rows_in"]) == (0, "committed", 2)


@pytest.mark.parametrize("mode", ["mode: upsert, key: [device_code, hour_start]", "mode: append", "mode: replace"])
def test_the_table_is_what_the_contract_makes_of_the_files_now(city: Any, mode: str) -> None:
    file = city.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    first = file.read_text(encoding="utf-8").replace("mode: upsert, key: [device_code, hour_start]", mode)
    second = first.replace("required: true", 'required: true, sentinels: ["20"]')
    changes = [(first, 30, 0), (second, 10, 1), (first, 30, 0), (second, 10, 1)]
    for text, flow, refused in changes if THOROUGH else changes[:3]:
        file.write_text(text, encoding="utf-8")
        code, told = city.json("run")
        assert (code, told["datasets"][0]["status"]) == (0, "committed")
        assert city.json("query", "traffic", "SELECT * FROM day")[1]["rows"] == [
            {"day": "2026-03-01", "flow_veh": flow}
        ]
        assert city.json("quarantine", "list", "--dataset", "traffic.counts")[1]["total"] == refused
        assert city.json("run")[1]["datasets"][0]["status"] == "unchanged"


def test_a_correction_that_is_taken_back_is_news(city: Any) -> None:
    for text, flow in ((GOOD, 30), (GOOD.replace(",20", ",25"), 35), (GOOD, 30)):
        city.drop("a.csv", text)
        assert city.json("run")[1]["datasets"][0]["status"] == "committed"
        assert city.json("query", "traffic", "SELECT flow_veh FROM day")[1]["rows"] == [{"flow_veh": flow}]


def test_words_come_in_chinese_too(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_LANG", "zh_CN")
    out = city.call("run")[1]
    assert "各数据集行数" in out
    assert "已提交" in out


def test_days_that_are_asked_for_are_built_again(ran: Any) -> None:
    code, told = ran.json("run", "--mart", "traffic", "--from", "2026-03-01", "--to", "2026-03-01")
    assert (code, told["marts"][0]["days"]) == (0, {"day": ["2026-03-01"]})


def test_days_the_wrong_way_round_are_a_fault_of_usage(city: Any) -> None:
    code, told = city.json("run", "--from", "2026-03-02", "--to", "2026-03-01")
    assert (code, told["error"]["code"]) == (1, "DAYS_REVERSED")


def test_a_field_of_the_files_name_is_no_drift(city: Any) -> None:
    file = city.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    text = file.read_text(encoding="utf-8").replace("format: csv}", 'format: csv, name_fields: "^(?P<part>[a-z])"}')
    file.write_text(text + "drift: {added: hold}\n", encoding="utf-8")
    code, told = city.json("run")
    assert (code, told["datasets"][0]["status"]) == (0, "committed")
    city.drop("b.csv", GOOD.replace("流量", "流量,新列").replace(",10", ",10,1").replace(",20", ",20,1"))
    code, told = city.json("run")
    assert (code, [problem["code"] for problem in told["datasets"][0]["problems"]]) == (2, ["UNKNOWN_COLUMN"])


def test_a_header_alone_is_told_and_changes_nothing(city: Any) -> None:
    city.drop("e.csv", "时间,设备,流量\n")
    code, told = city.json("run")
    dataset = told["datasets"][0]
    assert (code, dataset["status"], dataset["rows_in"]) == (0, "committed", 2)
    assert "HEADER_ONLY" in [problem["code"] for problem in dataset["problems"]]


def test_a_mart_is_not_published_empty_before_anything_came(city: Any) -> None:
    code, told = city.json("run", "--mart", "traffic")
    [mart] = told["marts"]
    assert (code, mart["status"], mart["version"]) == (0, "unchanged", None)
    assert [(problem["code"], "traffic.counts" in problem["text"]["en"]) for problem in mart["problems"]] == [
        ("MART_WITHOUT_INPUT", True)
    ]
    assert not (city.root / "lake" / "marts").exists()
    assert "traffic.counts" in city.call("run", "--mart", "traffic")[1]
    city.json("run")
    assert city.json("run", "--mart", "traffic")[1]["marts"][0]["version"] is not None


def registers_of(city: Any) -> None:
    """Make the dataset a register: each file is the whole of it on the day in its name."""
    file = city.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    snapshot = "write: {mode: snapshot, key: [device_code], effective: day}"
    text = file.read_text(encoding="utf-8")
    text = text.replace(text[text.index("write:") : text.index("expect:")], snapshot + "\n")
    text = text.replace('path: "${COUNTS}/*.csv"', 'path: "${COUNTS}/*.csv", name_fields: "(?P<day>[0-9-]{10})"')
    text = text.replace("  流量:", '  day: {element: time.day, format: "%Y-%m-%d"}\n  流量:')
    file.write_text(text, encoding="utf-8")
    (city.files / "a.csv").unlink()
    shutil.rmtree(city.root / "workspace" / "marts")


def test_an_empty_register_is_held_and_closes_nothing(city: Any) -> None:
    registers_of(city)
    city.drop("2026-03-01.csv", "时间,设备,流量\n2026-03-01 08:00,JT0000000001,10\n")
    assert city.json("run", "--dataset", "traffic.counts")[0] == 0
    city.drop("2026-03-02.csv", "时间,设备,流量\n")
    code, told = city.json("run", "--dataset", "traffic.counts")
    assert (code, told["datasets"][0]["status"]) == (2, "held")
    assert "REGISTER_EMPTY" in [problem["code"] for problem in told["datasets"][0]["problems"]]


def test_an_entry_whose_row_is_refused_stays_open(city: Any) -> None:
    registers_of(city)
    row = "2026-03-01 08:00,JT000000000{},{}\n"
    city.drop("2026-03-01.csv", "时间,设备,流量\n" + "".join(row.format(number, 10) for number in (1, 2, 3)))
    assert city.json("run")[0] == 0
    city.drop("2026-03-02.csv", "时间,设备,流量\n" + row.format(1, 10) + row.format(2, "many"))
    assert city.json("run")[0] == 0
    table = pl.read_delta(str(city.root / "lake" / "standard" / "traffic.counts"))
    ended = table.filter(pl.col("valid_to").is_not_null())
    assert ended.select("device_code", "valid_to").rows() == [("JT0000000003", date(2026, 3, 2))]


def test_an_unknown_code_comes_with_what_may_have_been_meant(city: Any) -> None:
    file = city.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("rules:", "  区: {element: place.region_code}\nrules:").replace("0.6", "1.0")
    file.write_text(text, encoding="utf-8")
    city.drop("a.csv", "时间,设备,流量,区\n2026-03-01 08:00,JT0000000001,10,临江新区\n")
    assert city.json("run", "--dataset", "traffic.counts")[0] == 0
    reason = city.json("quarantine", "list", "--dataset", "traffic.counts")[1]["rows"][0]["reasons"][0]
    assert (reason["code"], reason["suggestions"][0]) == ("CODE_UNKNOWN", "990101")
    assert "Perhaps: 990101" in reason["text"]["en"]


def test_a_profile_tells_where_the_time_went(city: Any) -> None:
    code, out, _ = city.call("run", "--profile", "--memory", "300MB")
    assert code == 0
    for words in ("Time by step", "conform", "parsing into fields", "hashing of keys", "quarantined rows"):
        assert words in out
    _, told = city.json("run")
    assert told["profile"] == {}


def test_memory_that_cannot_be_read_is_told_with_an_example(city: Any) -> None:
    code, _, err = city.call("run", "--memory", "plenty")
    assert code == 1
    assert "“plenty”" in err
    assert "2GB" in err


def test_files_that_need_care_go_with_those_that_do_not(city: Any) -> None:
    city.drop("b.csv", BAD)
    city.drop("c.csv", '时间,设备,流量\n"2026-03-03\n08:00",JT0000000001,1\n2026-03-03 09:00,JT0000000001,7\n')
    city.drop("d.csv", '时间,设备,流量\n2026-03-04 08:00,"JT000""0000001",1\n\n2026-03-04 09:00,JT0000000001,8\n')
    code, told = city.json("run")
    dataset = told["datasets"][0]
    assert code == 0
    assert (dataset["rows_in"], dataset["rows_standard"], dataset["rows_quarantined"]) == (8, 7, 1)
    raw = Path(told["run"]["lake"], "raw")
    assert [json.loads(path.read_text("utf-8"))["rows"] for path in raw.rglob("read.json")] == [2, 2]
    rows = pl.concat([pl.read_parquet(path) for path in raw.rglob("*.parquet")], how="diagonal")
    assert rows.group_by("_source").len().sort("_source").rows() == [("c.csv", 2), ("d.csv", 2)]
    assert rows.filter(pl.col("_source") == "d.csv")["_row"].to_list() == [2, 4]
