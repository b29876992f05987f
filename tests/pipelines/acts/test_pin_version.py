"""A pinned version is there until somebody unpins it, whatever the retention of the workspace says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.acts.pin_version import pin_version, unpin_version
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.marts.versions.mart_pins import pinned_versions
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.pipelines.marts.versions.version_documents import version_documents
from citylake.pipelines.upkeep import version_retention
from citylake.pipelines.upkeep.backup.restore_backup import restore_lake
from citylake.pipelines.upkeep.backup.take_backup import back_up_lake
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult
from citylake.pipelines.upkeep.version_retention import delete_old_versions
from citylake.schemas.read.workspace import UpkeepSettings
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.acts.test_roll_back_mart import LI, roll_back, shown, versions_of, work_of
from tests.pipelines.marts.publish.far_clock import far_clock


def pin(city: Any, version: str, why: str = "figures of the yearbook") -> str:
    return pin_version(Ledger(city.lake), city.registry, "air", version, LI, why)


def clear(city: Any, *, dry_run: bool = False) -> list[UpkeepResult]:
    """Apply the retention of a year from now, when every version but the newest two is past it."""
    with far_clock(version_retention):
        return delete_old_versions(work_of(city), "air", UpkeepSettings(mart_versions=2), dry_run=dry_run)


def refused(code: str, work: Any, *args: Any) -> None:
    with pytest.raises(CitylakeError) as found:
        work(*args)
    assert found.value.problem.code == code


def test_retention_keeps_what_is_pinned_and_removes_it_once_it_is_not(small_city: Any) -> None:
    first, second, third, fourth = versions_of(small_city, 4)
    assert pin(small_city, first[:22]) == first
    (told,) = clear(small_city, dry_run=True)
    assert (told.files_before, told.files_after) == (5, 4)
    clear(small_city)
    assert list(published_files(small_city.lake, "air")) == [first, third, fourth]
    assert unpin_version(Ledger(small_city.lake), small_city.registry, "air", first, LI) == first
    clear(small_city)
    assert list(published_files(small_city.lake, "air")) == [third, fourth]
    told_of = {
        each["version"]: each["status"] for each in version_documents(small_city.lake, Ledger(small_city.lake), "air")
    }
    assert told_of == {first: "removed", second: "removed", third: "kept", fourth: "current"}
    assert Ledger(small_city.lake).read("acts")["act"].to_list() == ["pin_version", "unpin_version"]


def test_a_version_that_was_rolled_back_to_is_current_and_no_retention_removes_it(small_city: Any) -> None:
    first, *_ = versions_of(small_city, 4)
    roll_back(small_city, first)
    clear(small_city)
    assert first in published_files(small_city.lake, "air")
    assert len(shown(small_city)) == 1


def test_what_cannot_be_pinned_is_refused(small_city: Any) -> None:
    first, second = versions_of(small_city, 2)
    ledger, registry = Ledger(small_city.lake), small_city.registry
    refused("MART_ACT_WITHOUT_REASON", pin, small_city, first, "")
    refused("MART_VERSION_NOT_PINNED", unpin_version, ledger, registry, "air", first, LI)
    pin(small_city, first)
    pin(small_city, first, "again")
    assert [each.why for each in pinned_versions(Ledger(small_city.lake), "air").values()] == [
        "figures of the yearbook"
    ]
    Path(small_city.lake.mart("air"), f"air-{first}.duckdb").unlink()
    refused("MART_VERSION_NOT_KEPT", pin, small_city, first)
    assert second in published_files(small_city.lake, "air")


def test_a_backup_has_the_pinned_versions_and_a_restored_lake_its_names(small_city: Any, tmp_path: Path) -> None:
    first, second, third = versions_of(small_city, 3)
    pin(small_city, first)
    place, other = Lake(str(tmp_path / "backups")), Lake(str(tmp_path / "restored"))
    back_up_lake(small_city.lake, place)
    stored = sorted(path.name for path in tmp_path.glob("backups/files/marts/**/*") if path.is_file())
    assert stored == [f"air-{first}.duckdb", f"air-{third}.duckdb"]
    restore_lake(place, other)
    assert list(published_files(other, "air")) == [first, third]
    assert second not in published_files(other, "air")
    assert (Path(other.mart("air")) / "current.duckdb").resolve().name == f"air-{third}.duckdb"
    assert f"'{other.mart('air')}/current.duckdb'" in Path(other.path("marts"), "attach.sql").read_text(
        encoding="utf-8"
    )
    assert read_pointer(other, "air") == read_pointer(small_city.lake, "air")
