"""Each query of a mart leaves a row in ``accesses``: who, what and with which outcome, and no value of a person."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.lake.ledger import Ledger, accesses_table
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.read.recorded_query import ask_mart, open_recorded_mart
from citylake.pipelines.read.recorded_sql import UNREADABLE, recorded_sql
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.marts.publish.test_publish import _publish
from tests.set_pointer import set_pointer

ASKED = Asked("li", "cli")


@pytest.fixture
def published(small_city: Any) -> Any:
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    _publish(small_city)
    return small_city


def accesses(city: Any) -> list[tuple[Any, ...]]:
    found = Ledger(city.lake).read(accesses_table.TABLE)
    return found.select("access", "kind", "subject", "request", "rows", "outcome", "user", "via").rows()


def test_every_query_is_on_record_with_its_version_and_outcome(published: Any) -> None:
    ask_mart(published.lake, "air", "FROM summary", ASKED)
    for sql in ("SELECT colour FROM summary", "COPY summary TO 'x.csv'"):
        with pytest.raises(CitylakeError):
            ask_mart(published.lake, "air", sql, ASKED)
    with open_recorded_mart(published.lake, "air", Asked("wang", "api")) as mart:
        version = mart.version
    assert accesses(published) == [
        ("query", "mart", "air", f"/* air {version} */ FROM summary", 1, "ok", "li", "cli"),
        ("query", "mart", "air", f"/* air {version} */ SELECT colour FROM summary", None, "QUERY_FAILED", "li", "cli"),
        (
            "query",
            "mart",
            "air",
            f"/* air {version} */ COPY summary TO 'x.csv'",
            None,
            "QUERY_NOT_ALLOWED",
            "li",
            "cli",
        ),
        ("query", "mart", "air", f"/* air {version} */ open", None, "ok", "wang", "api"),
    ]


def test_a_user_without_a_name_may_read_and_is_on_record_by_number(
    published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CITYLAKE_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)
    ask_mart(published.lake, "air", "FROM summary", Asked())
    assert [row[-2] for row in accesses(published)] == [f"uid {os.getuid()}"]


def test_a_mart_that_is_not_there_leaves_nothing(small_city: Any) -> None:
    with pytest.raises(CitylakeError) as raised:
        ask_mart(small_city.lake, "nowhere", "SELECT 1", ASKED)
    assert raised.value.code == "MART_NOT_PUBLISHED"
    assert not Path(small_city.lake.url, "ledger").exists()


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("WHERE id = '11010519491231002X'", "WHERE id = '<id_number>'"),
        ("WHERE id = '110105491231002'", "WHERE id = '<id_number>'"),
        ("WHERE phone IN (13800138000, '+86 138-0013-8000')", "WHERE phone IN (<mobile>, '<mobile>')"),
        ("WHERE card = '6222 0212 3456 7890 123' -- li@example.org", "WHERE card = '<card_number>' -- <email>"),
        ("WHERE passport = 'E12345678'", "WHERE passport = '<passport>'"),
        ("WHERE day = '2026-03-01' AND code = 'JT0000000001'", "WHERE day = '2026-03-01' AND code = 'JT0000000001'"),
    ],
)
def test_what_looks_like_an_identifier_of_a_person_is_not_kept(sql: str, kept: str) -> None:
    assert recorded_sql(sql) == kept


def test_of_a_mart_with_personal_values_no_text_is_kept() -> None:
    sql = "SELECT \"a b\" FROM 'x' WHERE name = '张三' /* 李四 */ AND n > 3 AND no = 123456 -- 王五"
    assert recorded_sql(sql, personal=True) == "SELECT \"a b\" FROM '?' WHERE name = '?' AND n > 3 AND no = ?"
    assert recorded_sql("SELECT '张三", personal=True) == UNREADABLE


ASK = """
import os, sys
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.access_record import Asked
from citylake.pipelines.read.recorded_query import ask_mart
from citylake.schemas.words.errors import CitylakeError

lake = Lake(sys.argv[1])
ask_mart(lake, "air", "SELECT 1", Asked("li", "cli"))  # whatever is loaded late is loaded while it can be
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
for required in ("recorded", "required"):
    try:
        print(ask_mart(lake, "air", "SELECT 1", Asked("zhang", "cli")).unrecorded or "recorded")
    except CitylakeError as error:
        print(error.code)
    print(flush=True)
    sys.stdin.readline()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
def test_who_may_not_write_reads_without_a_record_unless_the_lake_requires_it(published: Any) -> None:
    for above in (Path(published.lake.url), *Path(published.lake.url).parents):
        if above != Path("/") and above.owner() == "root":
            above.chmod(above.stat().st_mode | 0o055)
    command = [sys.executable, "-c", ASK, published.lake.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as asking:
        assert asking.stdin is not None
        assert asking.stdout is not None
        assert asking.stdout.readline() + asking.stdout.readline() == "Permission denied\n\n"
        pointer = read_pointer(published.lake, "air")
        assert pointer is not None
        set_pointer(published.lake, replace(pointer, accesses="required"))
        asking.stdin.write("\n")
        assert asking.stdout.readline() == "QUERY_NOT_RECORDED\n"
        asking.stdin.write("\n")
    assert [row[-2] for row in accesses(published)] == ["li"]
