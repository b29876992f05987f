"""The newest backup is the last one, whatever the clock of the machine says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup import backup_archive
from tests.pipelines.lake.test_older_lakes import city_folder
from tests.wrong_clock import clock_off_by


def test_a_backup_with_a_clock_set_back_is_the_one_that_is_kept_and_restored(tmp_path: Path) -> None:
    city, place = city_folder(tmp_path / "city", None), str(tmp_path / "backups")
    city.deliver(1)
    city.run()
    first = city.json("backup", place)["id"]
    city.deliver(2)
    with clock_off_by(timedelta(days=-1)):
        city.run()
        last = city.json("backup", place, "--keep", "1")["id"]
    assert last > first
    assert backup_archive.list_backups(Lake(place)) == [last]
    before = city.content()
    (city.root / "lake").rename(city.root / "lost")
    assert city.json("restore", place)["id"] == last
    assert city.content() == before
