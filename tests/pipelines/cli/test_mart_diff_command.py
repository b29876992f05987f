"""``citylake mart diff``: the summary, one document, a file of every cell, and what is refused."""

from __future__ import annotations

import csv
import json

import pytest

from citylake.pipelines.cli import main
from tests.kept_folder import KeptFolder
from tests.pipelines.history.diff.histories import City, delivery, late


def _make(city: City) -> None:
    city.begin()
    late(city, 1)
    delivery(city, 1)


@pytest.fixture
def city(kept: KeptFolder) -> City:
    found = City(kept.root)
    kept.restore(lambda: _make(found))
    return found


def _run(city: City, *words: str) -> int:
    shared = ("--workspace", str(city.folder), "--lake", str(city.root / "lake"))
    return main([*shared, "mart", "diff", "air", *words])


def test_people_read_the_counts_the_causes_and_the_cells(
    city: City, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _run(city, city.versions()[0], "current") == 0
    told = capsys.readouterr().out
    assert "station_day: 1 rows added, 0 removed, 1 changed" in told
    assert "[1] late rows · air.readings: late rows (late1.csv)" in told
    assert "[2] new data · air.readings: new data (new1.csv)" in told
    assert "days: 2026-03-11" in told
    line = next(line for line in told.splitlines() if line.startswith("late1, 2026-03-01") and "pm25_ugm3" in line)
    assert line.split() == ["late1,", "2026-03-01", "pm25_ugm3", "9", "36.3333", "[1]"]
    monkeypatch.setenv("CITYLAKE_LANG", "zh")
    assert _run(city) == 0
    assert "新到数据" in capsys.readouterr().out


def test_json_is_one_document_with_the_causes_in_both_languages(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(city, city.versions()[0], "current", "--json", "--table", "station_day", "--limit", "2") == 0
    document = json.loads(capsys.readouterr().out)
    (table,) = document["tables"]
    assert (table["added"], table["changed"], len(table["examples"]), table["traced"]) == (1, 1, 2, True)
    assert table["by_cause"] == [{"cause": 1, "cells": 2}, {"cause": 2, "cells": 1}]
    assert [(each["kind"], each["days"]) for each in document["causes"]] == [
        ("late", ["2026-03-01"]),
        ("delivery", ["2026-03-11"]),
    ]
    assert all(each["text"]["zh"] and each["text"]["en"] and each["receipts"] for each in document["causes"])
    assert document["causes"][0]["rows"] == {"added": 1, "removed": 0, "changed": 0}


def test_a_file_has_every_cell_and_is_on_record_as_an_export(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    file = city.root / "cells.csv"
    assert _run(city, city.versions()[0], "current", "--limit", "1", "--output", str(file)) == 0
    assert capsys.readouterr().out == ""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == ["table", "change", "key", "column", "before", "after", "why"]
    assert len(rows) - 1 == city.diff(city.versions()[0]).height
    assert all(row[-1] for row in rows[1:])
    (last,) = city.lake.ledger(
        "SELECT access, why FROM accesses WHERE via = 'cli' ORDER BY sequence DESC LIMIT 1"
    ).rows()
    assert last == ("export", f"--output {file}")


def test_what_cannot_be_compared_is_refused(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(city, "current", "previous") == 1
    assert "citylake mart diff air" in capsys.readouterr().err
    assert _run(city, "--day-from", "2026-03-02", "--day-to", "2026-03-01") == 1
    assert _run(city, "--key", "station_code") == 1
    assert "COLUMN=VALUE" in capsys.readouterr().err
    assert _run(city, "current", "current") == 0
    assert "do not differ" in capsys.readouterr().out
