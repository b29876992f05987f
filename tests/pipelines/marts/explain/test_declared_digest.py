"""What a file says is published again when it changes, from the same rows; what has not changed makes no version."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_nothing_changed_is_no_new_version(fresh: Any) -> None:
    assert fresh.again().status == "unchanged"


@pytest.mark.parametrize(
    ("file", "old", "new", "asked", "found"),
    [
        ("codes/zones.yaml", "新城", "新区", "SELECT name_zh FROM codes.place_zone WHERE code = '2'", "新区"),
        ("marts/air/mart.yaml", "trial operation", "trials", "SELECT caveats_en[1] FROM _tables", "trials in February"),
        ("elements/zones.yaml", "en: zone code", "en: code", "SELECT name_en FROM _columns WHERE position = 4", "code"),
    ],
)
def test_a_changed_word_is_published_and_builds_no_table(
    fresh: Any, file: str, old: str, new: str, asked: str, found: str
) -> None:
    path = fresh.city.root / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    before = json.loads(fresh.city.lake.fs.cat_file(f"{fresh.city.lake.mart('air')}/current.json"))
    done = fresh.again()
    after = json.loads(fresh.city.lake.fs.cat_file(f"{fresh.city.lake.mart('air')}/current.json"))
    assert done.status == "published"
    assert (before["tables"], before["fingerprint"]) == (after["tables"], after["fingerprint"])
    fresh.path = done.path
    assert fresh.ask(asked)[0] == (found,)


def test_new_names_of_keys_are_published(fresh: Any) -> None:
    fresh.city.stations({"a": "甲站", "b": "乙"})
    done = fresh.again()
    assert done.status == "published"
    fresh.path = done.path
    assert fresh.ask("FROM dim.station")[0] == ("a", "甲站")


def test_a_file_of_an_earlier_release_is_explained_with_the_next_run(fresh: Any) -> None:
    pointer = f"{fresh.city.lake.mart('air')}/current.json"
    told = json.loads(fresh.city.lake.fs.cat_file(pointer))
    del told["said"]
    fresh.city.lake.fs.pipe_file(pointer, json.dumps(told).encode())
    assert fresh.again().status == "published"
    assert fresh.again().status == "unchanged"
