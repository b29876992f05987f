"""The public API: what ``import citylake`` offers, and that the pages about it are true."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any, assert_type

import nbformat
import polars as pl
import pytest
from nbclient import NotebookClient

import citylake
from citylake.infra.city.city_model import City
from citylake.infra.city.standing_city import DEMO_WORKSPACE, standing_city
from citylake.pipelines.marts.publish.mart_leases import leased_versions
from tests.small_workspace import write_small_workspace

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "docs/notebooks/open_a_mart.ipynb"
HEAVY = {"polars", "duckdb", "pyarrow", "pandas", "deltalake", "great_expectations", "pydantic", "yaml", "airflow"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> citylake.Lake:
    """The lake of the small workspace, after one run."""
    folder = tmp_path_factory.mktemp("city")
    lake = citylake.Lake(folder / "lake")
    outcome = citylake.run(citylake.Workspace.load(write_small_workspace(folder / "city")), lake)
    assert outcome.exit_code == 0
    return lake


def _loaded(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "code", ["import citylake", "from citylake import Lake, run; Lake('lake').url"], ids=["import", "names"]
)
def test_importing_loads_no_engine(code: str) -> None:
    assert HEAVY & _loaded(code) == set()


def test_every_public_name_is_there_and_has_a_docstring() -> None:
    values = {name: getattr(citylake, name) for name in citylake.__all__}
    assert [name for name, value in values.items() if not value.__doc__] == []
    assert dir(citylake) == sorted(citylake.__all__)


def test_what_a_type_checker_imports_is_what_all_lists() -> None:
    source = (ROOT / "citylake/__init__.py").read_text(encoding="utf-8")
    block = next(node for node in ast.parse(source).body if isinstance(node, ast.If))
    lines = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    imported = [each.asname or each.name for line in lines for each in line.names]
    assert sorted([*imported, "__version__"]) == sorted(citylake.__all__)


def test_the_version_is_that_of_the_installed_package() -> None:
    assert citylake.__version__ == metadata.version("citylake")


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Lakes"):
        getattr(citylake, "Lakes")  # noqa: B009


def test_a_type_checker_knows_what_comes_back(city: citylake.Lake) -> None:
    assert_type(city.standard("air.readings"), pl.LazyFrame)
    assert_type(city.ledger("SELECT 1 AS one"), pl.DataFrame)
    assert_type(city.quarantine("air.readings").counts(), pl.DataFrame)
    with city.mart("air") as mart:
        assert_type(mart, citylake.OpenMart)
        assert_type(mart.sql("FROM station_day").pl(), pl.DataFrame)


def test_an_open_mart_holds_a_lease_and_refuses_to_write(city: citylake.Lake) -> None:
    with city.mart("air") as mart:
        assert leased_versions(city._zones, "air") == {mart.version}
        with pytest.raises(Exception, match="read-only"):
            mart.execute("DELETE FROM station_day")
    assert leased_versions(city._zones, "air") == set()


def test_a_dataset_whose_rows_were_all_good_has_an_empty_quarantine(city: citylake.Lake, tmp_path: Path) -> None:
    folder = write_small_workspace(tmp_path / "city")
    (folder / "inbox/air.csv").write_text("station,hour,pm25\nS1,2026-03-01 08:00,12.5\n", encoding="utf-8")
    lake = citylake.Lake(tmp_path / "lake")
    citylake.run(citylake.Workspace.load(folder), lake)
    good, bad = lake.quarantine("air.readings"), city.quarantine("air.readings")
    assert good.counts().is_empty()
    assert good.rows.collect_schema() == bad.rows.collect_schema()
    assert good.counts().schema == bad.counts().schema


def test_a_lake_of_the_last_revision_opens_under_the_current_names(tmp_path: Path) -> None:
    with tarfile.open(ROOT / "tests/fixtures/older_lake/lake.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    lake = citylake.Lake(tmp_path / "lake")
    batches = lake.ledger("SELECT recorded_at, rows_in FROM batches WHERE dataset = 'traffic.counts'")
    assert batches["recorded_at"].null_count() == 0
    assert batches["rows_in"].sum() > 0
    assert lake.standard("traffic.counts").select(pl.len()).collect().item() > 0
    assert not lake.quarantine("traffic.counts").counts().is_empty()
    with lake.mart("traffic") as mart:
        assert mart.execute("SELECT flow_veh FROM day").fetchall() != []


@pytest.mark.parametrize("read", ["standard", "quarantine"])
def test_a_dataset_that_the_lake_does_not_have_is_an_error_that_names_those_it_has(
    city: citylake.Lake, read: str
) -> None:
    with pytest.raises(citylake.CitylakeError) as raised:
        getattr(city, read)("air.reading")
    assert raised.value.code == "STANDARD_TABLE_MISSING"
    assert "air.readings" in raised.value.say("zh")


def test_a_workspace_with_faults_loads_lists_them_and_does_not_run(tmp_path: Path) -> None:
    folder = write_small_workspace(tmp_path / "city")
    contract = folder / "datasets/air/readings.yaml"
    contract.write_text(contract.read_text("utf-8").replace("air.pm25", "air.pm2"), encoding="utf-8")
    workspace = citylake.Workspace.load(folder)
    assert [(found.code, found.path) for found in workspace.lint()] == [("ELEMENT_UNKNOWN", contract)]
    with pytest.raises(citylake.CitylakeError, match=r"air\.pm2"):
        citylake.run(workspace, citylake.Lake(tmp_path / "lake"))
    assert not (tmp_path / "lake").exists()


def test_days_in_the_wrong_order_are_an_error(tmp_path: Path) -> None:
    workspace = citylake.Workspace.load(write_small_workspace(tmp_path / "city"))
    with pytest.raises(citylake.CitylakeError) as raised:
        citylake.run(workspace, citylake.Lake(tmp_path / "lake"), days=(date(2026, 3, 2), date(2026, 3, 1)))
    assert raised.value.code == "DAYS_REVERSED"


@pytest.mark.parametrize(
    "days",
    ["2026-03-01", ("2026-03-01", date(2026, 3, 1)), datetime(2026, 3, 1, 8, tzinfo=UTC), date(2026, 3, 1)],
    ids=["text", "pair", "datetime", "date"],
)
def test_a_day_is_a_date_or_its_text_and_one_name_needs_no_list(tmp_path: Path, days: Any) -> None:
    workspace = citylake.Workspace.load(write_small_workspace(tmp_path / "city"))
    lake = citylake.Lake(tmp_path / "lake")
    outcome = citylake.run(workspace, lake, datasets="air.readings", marts="air", days=days)
    assert [each.dataset for each in outcome.batches] == ["air.readings"]
    assert [each.status for each in outcome.publications] == ["published"]


@pytest.mark.parametrize("days", ["yesterday", ("2026-03-01",), ("2026-03-01", None), 20260301])
def test_what_is_no_day_is_an_error_before_anything_runs(tmp_path: Path, days: Any) -> None:
    workspace = citylake.Workspace.load(write_small_workspace(tmp_path / "city"))
    with pytest.raises(citylake.CitylakeError) as raised:
        citylake.run(workspace, citylake.Lake(tmp_path / "lake"), days=days)
    assert raised.value.code == "DAYS_UNREADABLE"
    assert not (tmp_path / "lake").exists()


def test_the_difference_of_two_times_of_the_ledger_is_a_duration(city: citylake.Lake) -> None:
    found = city.ledger(
        "SELECT max(recorded_at) - min(recorded_at) AS span, INTERVAL '1 month 2 days' AS long FROM batches"
    )
    assert found.schema == {"span": pl.Duration("us"), "long": pl.Duration("us")}
    assert found["long"].item() == timedelta(days=32)


def test_a_result_that_no_frame_can_hold_is_an_error_with_the_reason(city: citylake.Lake) -> None:
    with pytest.raises(citylake.CitylakeError) as raised:
        city.ledger("SELECT union_value(a := 1) AS one")
    assert raised.value.code == "QUERY_FAILED"


def test_the_code_of_the_page_prints_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    write_small_workspace(tmp_path / "city")
    assert re.findall(r"```csv\n(.*?)```", page, re.DOTALL) == [(tmp_path / "city/inbox/air.csv").read_text("utf-8")]
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == page.count("```python")
    names: dict[str, object] = {}
    for code, shown in blocks:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(code, "docs/api.md", "exec"), names)
        assert printed.getvalue() == shown, code


def test_the_page_names_everything_public() -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert [name for name in citylake.__all__ if f"`{name}" not in page] == []


def test_every_variable_of_the_compatibility_page_is_read_by_the_code() -> None:
    page = (ROOT / "docs/compatibility.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pipelines").rglob("*.py"))
    code += (ROOT / "schemas/words/message_catalogue.py").read_text(encoding="utf-8")
    named = set(re.findall(r"CITYLAKE_[A-Z]+_?", page))
    assert {name for name in named if name not in code} == set()
    assert len(named) > 5


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> citylake.Lake:
    """A lake with the mart that the notebook opens, of three days."""
    folder = tmp_path_factory.mktemp("demonstration")
    lake = citylake.Lake(folder / "lake")
    datasets = [
        "traffic.detector_flow",
        *(f"environment.{name}" for name in ("air_hourly", "air_stations", "rain_gauges")),
    ]
    with standing_city(folder / "city", City(days=3)) as variables:
        workspace = citylake.Workspace.load(DEMO_WORKSPACE)
        outcome = citylake.run(workspace, lake, datasets=datasets, marts=["road_air_hour"], variables=variables)
    assert outcome.exit_code == 0
    return lake


def test_the_notebook_runs_over_the_demonstration_city_and_draws_its_charts(
    demonstration: citylake.Lake, tmp_path: Path
) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    environment = {**os.environ, "CITYLAKE_LAKE": demonstration.url, "PYTHONPATH": str(ROOT)}
    environment |= {"IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    outputs = [output["data"] for cell in notebook.cells for output in cell.get("outputs", ())]
    charts = [data["image/svg+xml"] for data in outputs if "image/svg+xml" in data]
    assert [title in chart for title, chart in zip(("vehicles per hour", "µg/m³"), charts, strict=True)] == [True, True]
    assert sum("text/html" in data for data in outputs) >= 4


def test_the_notebook_is_stored_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert [cell["id"] for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
