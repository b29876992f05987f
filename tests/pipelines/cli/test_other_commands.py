"""The names, flags and JSON of the other commands are a promise."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from typing import Any

import pytest

from citylake.pipelines.cli import main


def test_lint_is_silent_on_good_declarations_and_names_the_line_of_bad_ones(city: Any) -> None:
    assert city.json("lint") == (0, {"errors": 0, "findings": []})
    file = city.root / "workspace" / "datasets" / "traffic" / "counts.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("traffic.flow,", "traffic.flwo,"), encoding="utf-8")
    code, told = city.json("lint")
    assert code == 1
    assert told["errors"] >= 1
    assert "counts.yaml:10" in city.call("lint")[1]


def test_status_tells_the_last_batch_and_the_current_version(city: Any) -> None:
    assert city.call("status")[0] == 0
    city.json("run")
    code, told = city.json("status")
    assert code == 0
    assert [item["dataset"] for item in told["datasets"]] == ["traffic.counts"]
    assert [item["mart"] for item in told["marts"]] == ["traffic"]
    assert "traffic.counts" in city.call("status")[1]


def test_query_prints_a_table_json_or_csv(ran: Any) -> None:
    sql = "SELECT flow_veh FROM day"
    assert ran.json("query", "traffic", sql) == (0, {"columns": ["flow_veh"], "rows": [{"flow_veh": 30}]})
    code, out, _ = ran.call("query", "traffic", sql, "--csv")
    assert (code, list(csv.reader(io.StringIO(out)))) == (0, [["flow_veh"], ["30"]])
    assert "30" in ran.call("query", "traffic", sql)[1]


def test_query_cannot_change_the_mart_and_tells_what_is_wrong(ran: Any) -> None:
    assert ran.call("query", "traffic", "DELETE FROM day")[0] != 0
    code, told = ran.json("query", "traffic", "SELECT nothing FROM day")
    assert (code, told["error"]["code"]) == (1, "QUERY_FAILED")


def test_query_loses_no_column_and_no_number(ran: Any) -> None:
    code, told = ran.json("query", "traffic", "SELECT flow_veh, flow_veh, 'nan'::DOUBLE AS x FROM day")
    assert (code, told["rows"]) == (0, [{"flow_veh": 30, "flow_veh_1": 30, "x": "nan"}])


def test_an_empty_query_is_a_fault_of_usage(ran: Any) -> None:
    code, told = ran.json("query", "traffic", " ")
    assert (code, told["error"]["code"]) == (1, "QUERY_EMPTY")


def test_query_of_an_unpublished_mart_says_what_to_do(city: Any) -> None:
    code, told = city.json("query", "traffic", "SELECT 1")
    assert (code, told["error"]["code"]) == (1, "MART_NOT_PUBLISHED")


def test_an_empty_quarantine_is_told(ran: Any) -> None:
    assert ran.json("quarantine", "list", "--dataset", "traffic.counts")[1]["total"] == 0
    assert "nothing in quarantine" in ran.call("quarantine", "list", "--dataset", "traffic.counts")[1]


def test_elements_are_listed_and_shown(city: Any) -> None:
    code, told = city.json("elements", "list")
    assert code == 0
    assert len(told) >= 150
    code, told = city.json("elements", "show", "traffic.flow")
    assert (code, told["symbol"]) == (0, "flow_veh")
    assert "flow_veh" in city.call("elements", "show", "traffic.flow")[1]


def test_an_unknown_element_names_the_nearest(city: Any) -> None:
    code, told = city.json("elements", "show", "traffic.flwo")
    assert code == 1
    assert "traffic.flow" in told["error"]["text"]["en"]


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from citylake.pipelines.cli import main; main(['--help']); "
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for heavy in ("polars", "duckdb", "pyarrow", "deltalake", "pandas", "great_expectations", "sqlglot"):
        assert f"'{heavy}'" not in done.stderr
    assert "quarantine" in done.stdout


def test_the_bare_command_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "quarantine" in capsys.readouterr().out


def test_a_faulty_workspace_file_is_a_fault_of_the_declarations(city: Any) -> None:
    (city.root / "workspace" / "workspace.yaml").write_text("timezon: Asia/Shanghai\n", encoding="utf-8")
    code, told = city.json("run")
    assert (code, told["error"]["code"]) == (1, "DECLARATIONS_INVALID")
    assert "workspace.yaml:1" in told["error"]["text"]["en"]
