from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.publish import mart_leases
from citylake.pipelines.read.mart_reader import open_mart, query_mart
from tests.kept_folder import KeptFolder
from tests.pipelines.marts.publish.test_publish import _publish

NOW = datetime.now(UTC)


@pytest.fixture
def published(kept: KeptFolder, make_city: Callable[[Path], Any]) -> Any:
    def begin() -> None:
        city = make_city(kept.root)
        city.readings(date(2026, 3, 1), {"a": 1.0})
        _publish(city)

    kept.restore(begin)
    return make_city(kept.root)


def left(city: Any) -> list[Path]:
    return sorted(Path(city.lake.mart("air")).glob("leases/*/*.json"))


def lease(city: Any, **told: Any) -> None:
    path = Path(city.lake.mart("air"), "leases", "v1", "x.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    here = {"host": socket.gethostname(), "processes": mart_leases._processes(), "pid": os.getpid()}
    times = {"opened_at": NOW.isoformat(), "expires_at": (NOW + timedelta(hours=1)).isoformat()}
    path.write_text(json.dumps({**here, **times, **told}))


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_an_open_mart_has_a_lease_that_says_whose_it_is(published: Any) -> None:
    reader = open_mart(published.lake, "air")
    (path,) = left(published)
    told = json.loads(path.read_text())
    assert path.parent.name == reader.version
    assert (told["host"], told["pid"]) == (socket.gethostname(), os.getpid())
    assert (
        datetime.fromisoformat(told["expires_at"]) - datetime.fromisoformat(told["opened_at"])
        == mart_leases.LEASE_DURATION
    )
    assert mart_leases.leased_versions(published.lake, "air") == {reader.version}
    reader.close()
    assert left(published) == []
    reader.close()


def test_a_lease_goes_with_its_block_its_object_or_its_process(published: Any) -> None:
    with open_mart(published.lake, "air") as reader:
        assert reader.execute("SELECT count(*) FROM summary").fetchall() == [(1,)]
        assert len(left(published)) == 1
    assert left(published) == []
    forgotten = open_mart(published.lake, "air")
    del forgotten
    gc.collect()
    assert left(published) == []
    script = (
        "import sys; from citylake.pipelines.lake.lake_zones import Lake\n"
        "from citylake.pipelines.read.mart_reader import open_mart\n"
        "mart = open_mart(Lake(sys.argv[1]), 'air'); print(mart.version)"
    )
    done = subprocess.run([sys.executable, "-c", script, published.lake.url], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert left(published) == []


def test_a_query_leaves_no_lease(published: Any) -> None:
    query_mart(published.lake, "air", "SELECT 1")
    assert left(published) == []


def test_a_mart_that_cannot_be_opened_leaves_no_lease(published: Any) -> None:
    for path in Path(published.lake.mart("air")).glob("*.duckdb"):
        path.chmod(0o644)
        path.write_bytes(b"no database")
    with pytest.raises(Exception, match="not a valid DuckDB"):
        open_mart(published.lake, "air")
    assert left(published) == []


READ = """
import os, sys
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import open_mart

lake = Lake(sys.argv[1])
open_mart(lake, "air").close()  # whatever is loaded late is loaded while it can be
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
mart = open_mart(lake, "air")
print(mart.execute("SELECT count(*) FROM summary").fetchone()[0], len(os.listdir(sys.argv[2])))
"""


def test_a_reader_who_may_not_write_reads_without_a_lease(published: Any) -> None:
    reader = open_mart(published.lake, "air")
    reader.close()
    leased, folder = Path(published.lake.mart("air"), "leases", reader.version), Path(published.lake.mart("air"))
    for above in (*leased.parents,):
        if above.owner() == folder.owner() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)
    leased.chmod(0o555)
    command = [sys.executable, "-c", READ, published.lake.url, str(leased)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("1 0\n", 0), done.stderr


def test_a_lease_ends_when_it_expires(published: Any) -> None:
    lease(published, expires_at=(NOW - timedelta(seconds=1)).isoformat())
    assert mart_leases.leased_versions(published.lake, "air") == set()
    assert len(mart_leases.expired_leases(published.lake, "air")) == 1


def test_a_lease_ends_with_its_process_on_the_same_machine_alone(published: Any) -> None:
    lease(published)
    assert mart_leases.leased_versions(published.lake, "air") == {"v1"}
    dead = dead_pid()
    lease(published, pid=dead)
    assert mart_leases.leased_versions(published.lake, "air") == set()
    lease(published, pid=dead, host="another")
    assert mart_leases.leased_versions(published.lake, "air") == {"v1"}
    lease(published, pid=dead, processes="pid:[1]")
    assert mart_leases.leased_versions(published.lake, "air") == {"v1"}


@pytest.mark.parametrize("text", ["", "{", '{"host": "a"}', '{"other": 1}'])
def test_a_lease_that_is_being_written_counts(published: Any, text: str) -> None:
    lease(published)
    Path(published.lake.mart("air"), "leases", "v1", "x.json").write_text(text)
    assert mart_leases.leased_versions(published.lake, "air") == {"v1"}


def test_a_copy_of_a_process_does_not_give_its_lease_back(published: Any) -> None:
    with open_mart(published.lake, "air"):
        (path,) = left(published)
        mart_leases.release_lease(Lake(published.lake.url), str(path), os.getpid() + 1)
        assert left(published) == [path]
