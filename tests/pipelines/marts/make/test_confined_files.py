"""The engine of marts reads and writes files of the lake, and no others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import MartEngine, open_mart_duckdb
from citylake.pipelines.marts.publish.mart_checks import run_mart_checks
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import CitylakeError


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content FROM read_text('{outside}')",
        "SELECT content FROM read_text('{lake}/standard/../../outside.txt')",
        "SELECT content FROM read_text('{lake}/landing/secret.txt')",
        "COPY (SELECT 1) TO '{outside}.csv'",
        "ATTACH '{outside}.duckdb' AS x",
        "FROM glob('/etc/*')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL httpfs",
    ],
)
def test_sql_reaches_no_file_outside(tmp_path: Path, sql: str) -> None:
    lake, outside = tmp_path / "lake", tmp_path / "outside.txt"
    (lake / "landing").mkdir(parents=True)
    for file in (outside, lake / "landing" / "secret.txt"):
        file.write_text("secret")
    with open_mart_duckdb(Lake(str(lake)), "Asia/Shanghai") as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(lake=lake, outside=outside)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "outside.txt"]


def test_a_relative_lake_and_one_behind_a_link_are_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "standard").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    for url in ("link", str(tmp_path / "link"), "real"):
        with MartEngine(Lake(url), "UTC") as engine, engine.room() as connection:
            for place in (url, str(tmp_path / "real")):
                connection.execute(f"COPY (SELECT 1 AS a) TO '{place}/standard/x.parquet'")
                assert connection.execute(f"FROM '{place}/standard/x.parquet'").fetchall() == [(1,)]


def test_a_check_that_is_no_select_is_not_run(tmp_path: Path) -> None:
    check = {"name": {"zh": "查", "en": "check"}, "sql": f"COPY (SELECT 1) TO '{tmp_path}/lake/marts/x.csv'"}
    columns = {"a": {"text": {"zh": "甲", "en": "a"}}}
    table = {"title": {"zh": "表", "en": "table"}, "grain": ["a"], "columns": columns, "checks": [check]}
    words = {"zh": "库", "en": "mart"}
    mart = Mart.model_validate({"mart": "m", "title": words, "audience": words, "tables": {"t": table}})
    with open_mart_duckdb(Lake(str(tmp_path / "lake")), "UTC") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        with pytest.raises(CitylakeError) as refused:
            run_mart_checks(connection, mart)
    assert refused.value.code == "MART_CHECK_UNREADABLE"
    assert not list(tmp_path.rglob("*.csv"))
