"""``current.duckdb`` and ``attach.sql``: what tools open that know nothing of citylake."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.explain.explain_file import find_lookups
from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.publish import publish_version
from citylake.pipelines.marts.publish.attach_files import write_attach_files
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.marts.publish.stable_name import name_current_file
from citylake.pipelines.upkeep.daily_upkeep import LakeUpkeep
from citylake.pipelines.upkeep.verify.finding import VerifyTally
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.record_lake import record_lake_files
from citylake.pipelines.upkeep.verify.verify_mart import mart_findings
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from tests.pipelines.marts.publish.test_mart_permissions import INSIDE, ROOT, declare
from tests.pipelines.marts.publish.test_publish import _publish
from tests.pipelines.marts.test_mart_pipeline import OTHER

TOOL = """
import sys, duckdb
def connect():
    found = duckdb.connect()
    found.execute(open(sys.argv[1], encoding="utf-8").read())
    return found
def count(connection):
    return connection.execute("SELECT count(*) FROM air.station_hour").fetchone()[0]
old = connect()
print(count(old), old.execute("SELECT current_setting('TimeZone')").fetchone()[0], flush=True)
sys.stdin.readline()
print(count(old), count(connect()), flush=True)
sys.stdin.readline()
try:
    connect().execute("CREATE TABLE air.more (x INTEGER)")
except duckdb.Error as error:
    print("read-only" in str(error))
"""


def stable(city: Any) -> Path:
    return Path(city.lake.mart("air"), "current.duckdb")


def attached(city: Any, name: str = "attach.sql") -> str:
    return Path(city.lake.path("marts"), name).read_text(encoding="utf-8")


def readings(city: Any, day: int) -> None:
    city.readings(date(2026, 3, day), {"a": float(day)})
    _publish(city)


def publish_named(city: Any, mart: str) -> None:
    registry = city.registry
    publish_mart(build_mart(registry.marts[mart], registry, city.lake), registry, city.lake)


def test_a_run_with_nothing_to_publish_leaves_the_name_with_the_version_that_another_run_publishes_meanwhile(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings(small_city, 1)
    registry = small_city.registry
    same = build_mart(registry.marts["air"], registry, small_city.lake)

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(publish_version, "find_lookups", find_lookups)
        readings(small_city, 2)
        return find_lookups(*given)

    monkeypatch.setattr(publish_version, "find_lookups", meanwhile)
    assert publish_mart(same, registry, small_city.lake).status == "unchanged"
    pointer = read_pointer(small_city.lake, "air")
    assert pointer
    assert stable(small_city).resolve().name == pointer.file


def test_a_tool_that_attaches_the_file_keeps_its_version_and_the_next_connection_has_the_new_one(
    small_city: Any,
) -> None:
    readings(small_city, 1)
    command = [sys.executable, "-c", TOOL, small_city.lake.path("marts", "attach.sql")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tool:
        assert tool.stdin
        assert tool.stdout
        assert tool.stdout.readline() == "1 Asia/Shanghai\n"
        readings(small_city, 2)
        print(file=tool.stdin, flush=True)
        assert tool.stdout.readline() == "1 2\n"
        print(file=tool.stdin, flush=True)
        assert tool.stdout.readline() == "True\n"


def test_the_stable_name_is_the_current_version_also_while_another_is_open(small_city: Any) -> None:
    readings(small_city, 1)
    old = duckdb.connect(str(stable(small_city)), read_only=True)
    readings(small_city, 2)
    with duckdb.connect(str(stable(small_city)), read_only=True) as new:
        assert new.execute("SELECT count(*) FROM station_hour").fetchone() == (2,)
    assert old.execute("SELECT count(*) FROM station_hour").fetchone() == (1,)
    old.close()


def test_without_symbolic_links_the_name_is_a_second_one_of_the_same_file(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: Any) -> None:
        raise OSError(95, "no links here")

    monkeypatch.setattr(os, "symlink", none)
    readings(small_city, 1)
    readings(small_city, 2)
    name = stable(small_city)
    assert not name.is_symlink()
    assert name.stat().st_nlink == 2
    assert not name_current_file(small_city.lake, "air", _publish(small_city).path.rpartition("/")[2])
    assert sorted(path.suffix for path in name.parent.iterdir() if path.is_file()) == [".duckdb"] * 3 + [".json"]


def test_a_lost_or_stale_name_is_made_again_by_a_run_that_finds_nothing_new_and_by_upkeep(small_city: Any) -> None:
    readings(small_city, 1)
    first = os.readlink(stable(small_city))
    readings(small_city, 2)
    second = os.readlink(stable(small_city))
    for repair in (lambda: _publish(small_city), lambda: list(upkeep(small_city).retention())):
        stable(small_city).unlink()
        stable(small_city).symlink_to(first)
        Path(small_city.lake.path("marts"), "attach.sql").unlink()
        repair()
        assert os.readlink(stable(small_city)) == second
        assert "air" in attached(small_city)


def upkeep(city: Any) -> LakeUpkeep:
    return LakeUpkeep(RunContext(city.registry, city.lake, Ledger(city.lake), new_run()))


def test_the_name_is_no_file_of_its_own_for_digests_verification_and_upkeep(small_city: Any) -> None:
    readings(small_city, 1)
    ledger = Ledger(small_city.lake)
    record_lake_files(ledger, "run")
    assert not [path for path in ledger.read("files")["path"] if path.endswith(("current.duckdb", ".sql"))]
    tally = VerifyTally()
    assert list(mart_findings(LedgerRecords(Ledger(small_city.lake)), "air", VerifyOptions(deep=True), tally)) == []
    assert tally.files == 2
    assert not [each for each in upkeep(small_city).everything() if each.problem]


def test_the_file_follows_the_marts_that_there_are_and_the_place_of_the_lake(small_city: Any) -> None:
    readings(small_city, 1)
    small_city.mart("after", OTHER.format(name="after"), {"best": "SELECT station_code FROM mart.air.summary"})
    publish_named(small_city, "after")
    assert [line.split(" AS ")[1] for line in attached(small_city).splitlines() if line.startswith("ATTACH")] == [
        '"after" (READ_ONLY);',
        '"air" (READ_ONLY);',
    ]
    before = attached(small_city)
    Path(small_city.lake.path("marts", "attach.sql")).write_text(before.replace(small_city.lake.url, "/elsewhere"))
    for name in Path(small_city.lake.mart("after")).iterdir():
        name.unlink()
    write_attach_files(small_city.lake, small_city.registry)
    assert '"after"' not in attached(small_city)
    assert small_city.lake.url in attached(small_city)


@ROOT
def test_a_mart_with_readers_is_named_to_them_alone(small_city: Any) -> None:
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    _publish(small_city)
    assert '"air"' in attached(small_city)
    declare(small_city, f'group: "{INSIDE}", mode: "0750"')
    small_city.mart("after", OTHER.format(name="after"), {"best": "SELECT station_code FROM mart.air.summary"})
    _publish(small_city)
    publish_named(small_city, "after")
    assert '"air"' not in attached(small_city)
    own = Path(small_city.lake.path("marts"), "attach-analysts.sql")
    assert '"air"' in own.read_text(encoding="utf-8")
    assert '"after"' not in own.read_text(encoding="utf-8")
    found = own.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o640, INSIDE)
    declare(small_city, f'group: "{INSIDE}", mode: "0750"', "")
    _publish(small_city)
    assert not own.exists()
    assert '"air"' in attached(small_city)
