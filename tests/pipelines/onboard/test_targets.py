"""A folder, a zip, a workbook with several sheets and a database are as many drafts as they have tables."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest
import yaml

from citylake.pipelines.cli import main
from citylake.pipelines.onboard.find_targets import find_targets
from tests.pipelines.onboard.test_workbook_draft import NAMES, notes, table
from tests.pipelines.parse.xlsx.workbooks import workbook_of

AIR = "站点编号,observed_at,PM2.5\n990101A,2026-03-01 08:00:00,31\n990102A,2026-03-01 08:00:00,32\n"
SITES = "site,street\nA1,Elm\nA2,Oak\n"


def onboarded(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[dict[str, object]], str]:
    assert main(["onboard", *arguments]) == 0
    out, err = capsys.readouterr()
    return list(yaml.safe_load_all(out)), err


def test_files_of_a_folder_with_the_same_columns_are_one_dataset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {"air_03.csv": AIR, "air_04.csv": AIR, "sites.csv": SITES, "read me.md": "# Notes\n"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    drafts, err = onboarded(capsys, str(tmp_path), "--dataset", "city.files")
    found = {str(each["dataset"]): each["source"] for each in drafts}
    assert list(found) == ["city.files_air", "city.files_sites"]
    assert found["city.files_air"] == {"connector": "files", "path": str(tmp_path / "air_*.csv"), "format": "csv"}
    assert found["city.files_sites"] == {"connector": "files", "path": str(tmp_path / "sites.csv"), "format": "csv"}
    assert "read me.md" in err


def test_members_of_a_zip_with_other_columns_are_other_datasets(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, text in {"a/1.csv": AIR, "a/2.csv": AIR, "sites.csv": SITES}.items():
            archive.writestr(name, text)
    found = find_targets(str(tmp_path / "x.zip")).targets
    assert [each.source["member"] for each in found] == ["a/*.csv", "sites.csv"]


def test_sheets_with_other_columns_are_other_datasets_and_one_may_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheets = {"说明": notes, "1月": table(NAMES), "2月": table(NAMES), "站点": table(["编号", "时刻", "经度", "纬度"])}
    (tmp_path / "a.xlsx").write_bytes(workbook_of(sheets))
    drafts, _ = onboarded(capsys, str(tmp_path / "a.xlsx"), "--dataset", "air.book")
    formats = {str(each["dataset"]): each["source"]["format"] for each in drafts}  # type: ignore[index]
    assert formats == {
        "air.book_n1_yue": {"type": "xlsx", "sheets": ["1月", "2月"], "sheet_field": "sheet"},
        "air.book_zhan_dian": {"type": "xlsx", "sheet": "站点"},
    }
    (chosen,) = find_targets(str(tmp_path / "a.xlsx"), sheet="2月").targets
    assert chosen.source["format"] == {"type": "xlsx", "sheet": "2月"}


def test_tables_of_a_database_are_drafted_and_its_address_stays_out_of_the_draft(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(tmp_path / "licences.db") as database:
        database.execute("CREATE TABLE licence (licence_no TEXT, holder TEXT)")
        database.executemany("INSERT INTO licence VALUES (?, ?)", [("A1", "Kim"), ("A2", "Lee")])
        database.execute("CREATE TABLE shop (shop_no TEXT)")
    database.close()
    url = f"sqlite:///{tmp_path / 'licences.db'}"
    assert [each.name for each in find_targets(url).targets] == ["licence", "shop"]
    (one,), _ = onboarded(capsys, url, "--dataset", "gov.licences", "--table", "licence")
    assert one["source"] == {"connector": "database", "connection": "licences", "table": "licence"}
    assert one["ignore"] == ["licence_no", "holder"]


def test_tables_of_a_database_beyond_the_bound_are_named(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "many.db") as database:
        for number in range(62):
            database.execute(f"CREATE TABLE licences_{number:02} (code TEXT)")
    database.close()
    found = find_targets(f"sqlite:///{tmp_path / 'many.db'}")
    assert len(found.targets) == 60
    assert [line.partition(":")[0] for line in found.skipped] == ["licences_60", "licences_61"]
