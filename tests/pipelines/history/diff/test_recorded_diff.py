"""Versions, filters, what is gone, and what is on record when two versions are compared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import citylake
from citylake.pipelines.cli import main
from citylake.pipelines.history.diff.diff_document import diff_document
from citylake.pipelines.history.diff.recorded_diff import open_recorded_diff
from citylake.pipelines.history.diff.row_filter import RowFilter, parse_key
from citylake.pipelines.history.diff.run_diff import OpenDifference
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.history.diff.histories import NUMBERS, City, _swap, contract, held


@contextmanager
def _open(
    city: City, before: str, after: str, chosen: RowFilter | None = None, *, workspace: bool = True
) -> Iterator[OpenDifference]:
    registry = city.workspace._registry if workspace else None
    lake = Lake(city.lake.url)
    with open_recorded_diff(lake, "air", (before, after), registry, Asked(), chosen) as (found, _):
        yield found


def _kinds(city: City, before: str, after: str, *, workspace: bool = True) -> list[tuple[str, tuple[str, ...]]]:
    """(kinds, notes) of a comparison."""
    with _open(city, before, after, workspace=workspace) as found:
        return [(each.cause.kind, found.result.notes) for each in found.result.causes]


def test_a_version_is_named_by_itself_a_word_or_a_time(city: City) -> None:
    versions = city.versions()
    times = city.lake.ledger(
        "SELECT published_at FROM publications WHERE mart = 'air' AND status = 'published' ORDER BY sequence"
    )["published_at"].to_list()
    with _open(city, times[1].isoformat(), times[2].isoformat()) as found:
        assert (found.result.before.version, found.result.after.version) == (versions[1], versions[2])
    with _open(city, "previous", "current") as found:
        assert (found.result.before.version, found.result.after.version) == (versions[2], versions[3])
    with _open(city, "current", "current") as found:
        assert found.result.is_empty
    faults = {
        ("yesterday", "current"): "DIFF_VERSION_UNKNOWN",
        ("2020-01-01", "current"): "DIFF_VERSION_TOO_EARLY",
        ("current", "previous"): "DIFF_VERSIONS_REVERSED",
    }
    for (before, after), code in faults.items():
        with pytest.raises(CitylakeError) as raised:
            city.diff(before, after)
        assert raised.value.code == code


def test_after_a_rollback_a_time_stands_for_what_was_current_then(city: City) -> None:
    versions = city.versions()
    shared = ("--workspace", str(city.folder), "--lake", city.lake.url)
    assert main([*shared, "mart", "rollback", "air", "--to", versions[1], "--why", "wrong"]) == 0
    with _open(city, "previous", datetime.now(UTC).isoformat()) as found:
        assert (found.result.before.version, found.result.after.version) == (versions[0], versions[1])
    with _open(city, "current", versions[3]) as found:
        assert {each.cause.kind for each in found.result.causes} == {"delivery", "sql"}


def test_rows_and_columns_can_be_chosen(city: City) -> None:
    first, last = city.versions()[0], city.versions()[-1]
    whole = city.diff(first, last)
    chosen = RowFilter(("station_day",), ("pm25_ugm3",), parse_key(["station_code=late1"]), date(2026, 3, 2))
    with _open(city, first, last, chosen) as found:
        cells = list(found.cells())
        assert {table.table for table in found.result.tables} == {"station_day"}
    assert [(cell.column, cell.key) for cell in cells] == [
        ("pm25_ugm3", {"station_code": "late1", "day": date(2026, 3, 2)})
    ]
    assert whole.height > 60
    for wrong in (RowFilter(tables=("nothing",)), RowFilter(columns=("nothing",)), RowFilter(key={"nothing": "1"})):
        with pytest.raises(CitylakeError) as raised, _open(city, first, last, wrong):
            pass
        assert raised.value.code == "DIFF_NAME_UNKNOWN"
    with pytest.raises(CitylakeError) as raised:
        parse_key(["station_code"])
    assert raised.value.code == "DIFF_KEY_UNREADABLE"


def test_a_changed_declaration_is_named_with_its_lines(city: City) -> None:
    with _open(city, "previous", "current") as found:
        (only,) = found.result.causes
    (file,) = only.cause.files
    assert (only.cause.kind, file.path) == ("sql", "workspace/marts/air/station_day.sql")
    assert [line[:1] for line in file.lines if line[0] in "+-"] == ["-", "+"]
    assert any("avg(pm25_ugm3) + 1" in line for line in file.lines)


def test_a_data_element_and_a_code_list_are_told_apart_from_the_contract(city: City) -> None:
    _swap(city.folder / "elements/air.yaml", "range: [0, 1000]", "range: [0, 9000]")
    city.run()
    cells = city.diff()
    assert cells["kinds"].to_list() == [["element"]] * cells.height
    assert {json.loads(key)["station_code"] for key in cells["key"]} == {f"row{n}" for n in NUMBERS}
    _swap(city.folder / "elements/air.yaml", "representation: number\n", "representation: code\n  codes: place.codes\n")
    stations = [f"{kind}{n}" for kind in ("late", "revised", "other", "held", "value", "row", "new") for n in NUMBERS]
    codes = ", ".join(f"{{code: {code}, name: {{zh: 站{code}, en: s {code}}}}}" for code in stations)
    listed = city.folder / "codes/all.yaml"
    listed.parent.mkdir()
    listed.write_text(f"- id: place.codes\n  name: {{zh: 站, en: s}}\n  values: [{codes}]\n", encoding="utf-8")
    city.run()
    listed.write_text(listed.read_text("utf-8").replace("late2", "none2"), encoding="utf-8")
    city.run()
    cells = city.diff()
    assert cells["kinds"].to_list() == [["code_list"]] * cells.height
    assert {json.loads(key)["station_code"] for key in cells["key"]} == {"late2"}
    assert set(cells["status"]) == {"removed"}


def test_declarations_that_are_not_on_record_are_said_to_be_so(city: City) -> None:
    shutil.rmtree(Path(city.lake.url, "ledger/revisions"))
    assert _kinds(city, "previous", "current") == [("declarations", ())]
    versions = city.versions()
    kinds = _kinds(city, versions[0], versions[1])
    assert kinds == [("late", ("diff.note_declarations_unknown",))], "the SELECT of that time is not known any more"
    contract(city, 1)
    assert [kind for kind, _ in _kinds(city, "previous", "current")] == ["declarations"]


def test_declarations_on_record_serve_a_program_without_a_workspace(city: City) -> None:
    versions = city.versions()
    assert _kinds(city, versions[0], versions[1], workspace=False) == [("late", ())]
    cells = city.lake.diff("air", versions[0], versions[1])
    assert cells.equals(city.diff(versions[0], versions[1]))


def test_a_removed_file_is_replaced_by_the_curated_tables_of_its_time(city: City) -> None:
    first, second = city.versions()[:2]
    whole = city.diff(first, second)
    Path(city.lake.url, f"marts/air/air-{first}.duckdb").unlink()
    assert city.diff(first, second).equals(whole)
    assert _kinds(city, first, second) == [("late", ("diff.note_curated",))]
    shutil.rmtree(Path(city.lake.url, "curated/air/station"))
    with pytest.raises(CitylakeError) as raised:
        city.diff(first, second)
    assert raised.value.code == "DIFF_VERSION_GONE"


def test_without_the_inputs_of_that_time_causes_are_told_by_day(city: City) -> None:
    first, second = city.versions()[:2]
    whole = city.diff(first, second)
    for file in Path(city.lake.url, "standard/air.readings/_day=2026-03-01").glob("*.parquet"):
        file.unlink()
    assert _kinds(city, first, second) == [("late", ("diff.note_inputs_gone",))]
    assert city.diff(first, second).drop("causes").equals(whole.drop("causes"))


def test_new_columns_and_tables_have_a_cause(city: City) -> None:
    mart = city.folder / "marts/air/mart.yaml"
    _swap(mart, "      days: {text", "      lowest_ugm3: {element: air.pm25}\n      days: {text")
    _swap(city.folder / "marts/air/station.sql", "count(*)", "min(pm25_ugm3) AS lowest_ugm3, count(*)")
    city.run()
    with _open(city, "previous", "current") as found:
        document = json.loads(json.dumps(diff_document(found.result), default=str))
    station = next(table for table in document["tables"] if table["table"] == "station")
    kinds = {each["number"]: each["kind"] for each in document["causes"]}
    assert (station["columns_added"], station["changed"]) == (["lowest_ugm3"], 0)
    assert {kinds[number] for number in station["causes"]} == {"sql", "mart"}


def test_a_change_of_another_mart_is_named_with_what_changed_it(city: City) -> None:
    held(city, 2)
    cells = city.diff(mart="region")
    assert cells["kinds"].to_list() == [["upstream"]] * cells.height
    with open_recorded_diff(Lake(city.lake.url), "region", ("previous", "current"), None, Asked()) as (found, _):
        (only,) = found.result.causes
    assert [each.kind for each in only.cause.because] == ["released"]


def test_a_comparison_is_on_record_without_values(city: City) -> None:
    chosen = RowFilter(("station",), key={"station_code": "late1"})
    with _open(city, "previous", "current", chosen):
        pass
    (last,) = city.lake.ledger("SELECT access, subject, request FROM accesses ORDER BY sequence DESC LIMIT 1").rows()
    versions = city.versions()
    told = f"/* air {versions[3]} */ diff {versions[2]} {versions[3]} (table station, key station_code)"
    assert last == ("query", "air", told)


def test_a_mart_that_is_not_published_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(citylake.CitylakeError) as raised:
        citylake.Lake(tmp_path).diff("air")
    assert raised.value.code == "MART_NOT_PUBLISHED"
