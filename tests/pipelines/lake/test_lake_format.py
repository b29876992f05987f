"""A lake says which format it is: a new one from its first run on, and a newer one is refused by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from citylake.pipelines.lake.lake_access import check_readable, check_writable
from citylake.pipelines.lake.lake_format import FORMAT_FILE, LAKE_FORMAT, format_number, state_format
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.upkeep.backup.restore_backup import restore_lake
from citylake.pipelines.upkeep.backup.take_backup import back_up_lake
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.lake.test_older_lakes import city_folder

NEWER = {"format": LAKE_FORMAT + 1, "needs": "9.8.0", "written_by": "9.9.1"}


def test_a_new_lake_states_its_format_before_anything_else_is_written(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    check_readable(lake)
    assert not (tmp_path / "lake").exists()
    check_writable(lake)
    assert [path.name for path in (tmp_path / "lake").iterdir()] == [FORMAT_FILE]
    told = json.loads((tmp_path / "lake" / FORMAT_FILE).read_text("utf-8"))
    assert told == {"format": LAKE_FORMAT, "needs": "0.2.0", "written_by": told["written_by"]}


def test_a_lake_without_a_format_that_has_a_ledger_is_of_format_1(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    lake = check_writable(Lake(str(tmp_path)))
    assert format_number(lake) == 1
    assert not (tmp_path / FORMAT_FILE).exists()


@pytest.mark.parametrize("check", [check_readable, check_writable])
def test_a_newer_lake_is_refused_by_name(tmp_path: Path, check: Callable[[Lake], Lake]) -> None:
    (tmp_path / FORMAT_FILE).write_text(json.dumps(NEWER), "utf-8")
    with pytest.raises(CitylakeError) as refused:
        check(Lake(str(tmp_path)))
    assert refused.value.code == "LAKE_TOO_NEW"
    for language in ("zh", "en"):
        said = str(refused.value.say(language))
        assert all(word in said for word in ("9.8.0", "9.9.1", str(LAKE_FORMAT), str(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == [FORMAT_FILE]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "two"}', '{"format": null}', "\u0000"])
def test_a_damaged_format_is_not_guessed(tmp_path: Path, text: str) -> None:
    (tmp_path / FORMAT_FILE).write_text(text, "utf-8")
    with pytest.raises(CitylakeError, match=FORMAT_FILE) as refused:
        check_readable(Lake(str(tmp_path)))
    assert refused.value.code == "LAKE_FORMAT_UNREADABLE"


def test_a_backup_of_a_newer_lake_is_not_restored(tmp_path: Path) -> None:
    older = city_folder(tmp_path / "city", "065c435")
    lake, place, target = older.ledger.lake, Lake(str(tmp_path / "backups")), Lake(str(tmp_path / "target"))
    state_format(lake)
    (tmp_path / "city/lake" / FORMAT_FILE).write_text(json.dumps(NEWER), "utf-8")
    back_up_lake(lake, place)
    with pytest.raises(CitylakeError) as refused:
        restore_lake(place, target)
    assert refused.value.code == "LAKE_TOO_NEW"
    assert not (tmp_path / "target").exists()


def test_a_restore_takes_the_place_of_an_empty_lake(tmp_path: Path) -> None:
    older = city_folder(tmp_path / "city", "065c435")
    place, target = Lake(str(tmp_path / "backups")), check_writable(Lake(str(tmp_path / "target")))
    back_up_lake(older.ledger.lake, place)
    restore_lake(place, target)
    assert format_number(target) == 1
    shutil.rmtree(target.url)
