"""A mart with ``readers`` is open to its group alone, whatever the umask; others are left to the umask."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.conftest import MART
from tests.pipelines.marts.publish.test_publish import _publish

INSIDE, OUTSIDE, USER = 54321, 54322, 54323
"""Numbers of two groups and of a user that nobody has."""
READ = """
import os, sys
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import open_mart
from citylake.schemas.words.errors import CitylakeError

def read(lake, group, user):
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    try:
        with open_mart(lake, "air") as mart:
            leases = os.listdir(f"{lake.mart('air')}/leases/{mart.version}")
            yield mart.execute("SELECT count(*) FROM summary").fetchone()[0] == len(leases) == 1
    except CitylakeError as error:
        yield error.code
    for folder in (lake.mart("air"), lake.path("curated", "air")):
        try:
            os.listdir(folder)
            yield "listed"
        except PermissionError:
            yield "denied"

lake = Lake(sys.argv[1])
open_mart(lake, "air").close()  # whatever is loaded late is loaded while it can be
for group in sys.argv[3:]:
    if os.fork() == 0:
        print(*read(lake, int(group), int(sys.argv[2])), flush=True)
        os._exit(0)
    os.wait()
"""
ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root changes groups and users")


def declare(city: Any, readers: str, named: str = "readers: analysts\n") -> None:
    (city.root / "workspace.yaml").write_text(f"packs: []\nreaders: {{analysts: {{{readers}}}}}\n", encoding="utf-8")
    (city.root / "marts/air/mart.yaml").write_text(MART.replace("tables:\n", f"{named}tables:\n"), encoding="utf-8")


def read_as(city: Any, *groups: int) -> list[str]:
    for above in Path(city.lake.url, "x").parents:
        if above != Path("/") and above.owner() == "root":
            above.chmod(above.stat().st_mode | 0o055)
    command = [sys.executable, "-c", READ, city.lake.url, str(USER), *map(str, groups)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@ROOT
def test_a_user_of_the_group_reads_and_leaves_a_lease_and_another_does_not(small_city: Any) -> None:
    declare(small_city, f'group: "{INSIDE}", mode: "0750"')
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    before = os.umask(0o077)
    try:
        _publish(small_city)
    finally:
        os.umask(before)
    assert read_as(small_city, INSIDE, OUTSIDE) == ["True listed denied", "MART_CLOSED denied denied"]


@ROOT
def test_an_unchanged_mart_gets_the_permissions_of_today(small_city: Any) -> None:
    declare(small_city, 'mode: "0755"')
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    first = _publish(small_city)
    folder = Path(small_city.lake.mart("air"))
    assert folder.stat().st_mode & 0o777 == 0o755
    declare(small_city, f'group: "{INSIDE}", mode: "0750"')
    second = _publish(small_city)
    assert (first.version, second.status) == (second.version, "unchanged")
    assert (folder.stat().st_gid, folder.stat().st_mode & 0o777) == (INSIDE, 0o750)
    pointer = read_pointer(small_city.lake, "air")
    assert pointer is not None
    assert pointer.readers == "analysts"


@pytest.mark.parametrize(
    ("readers", "named", "code"),
    [
        ('group: no_such_group_here, mode: "0750"', "readers: analysts\n", "READERS_GROUP_MISSING"),
        ('mode: "0750"', "readers: others\n", "READERS_UNKNOWN"),
    ],
)
def test_a_mart_whose_readers_cannot_be_applied_is_not_published(
    small_city: Any, readers: str, named: str, code: str
) -> None:
    declare(small_city, readers, named)
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    with pytest.raises(CitylakeError) as raised:
        _publish(small_city)
    assert raised.value.code == code
    assert not list(Path(small_city.lake.url).rglob("*.duckdb"))


def test_a_mart_without_readers_is_left_to_the_umask(small_city: Any) -> None:
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    before = os.umask(0o027)
    try:
        _publish(small_city)
    finally:
        os.umask(before)
    assert Path(small_city.lake.mart("air")).stat().st_mode & 0o7777 == 0o750


def test_a_lake_that_requires_the_record_says_so_in_the_next_version(small_city: Any) -> None:
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    first = _publish(small_city)
    (small_city.root / "workspace.yaml").write_text("packs: []\naccesses: required\n", encoding="utf-8")
    second = _publish(small_city)
    pointer = read_pointer(small_city.lake, "air")
    assert pointer is not None
    assert (pointer.accesses, pointer.version) == ("required", second.version)
    assert second.version != first.version
    assert _publish(small_city).status == "unchanged"
