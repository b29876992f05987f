"""The words that a draft writes for a text file lose no record and no name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.onboard.source_sample import SourceSample, sample_source

_DAYS = "".join(f"S{day},2024-01-{day:02d},{day}.5\n" for day in range(1, 13))


def _sample(folder: Path, text: str) -> tuple[dict[str, Any], SourceSample]:
    (folder / "data.txt").write_text(text, "utf-8")
    sample = sample_source({"connector": "files", "path": str(folder / "data.txt"), "format": "csv"}, {})
    return dict(sample.layout.words) if sample.layout else {}, sample


@pytest.mark.parametrize(
    "text",
    [
        "region,2019,2020,2021\nN,1234,2345,3456\nS,4123,5234,6999\n",
        "region,2010,2015,2019\nN,1234,2345,3459\nS,4123,5234,6999\n",
        "station,1,2,3,4\nA,5,2,7,0\nB,2,2,9,5\n",
        "day,value\n2024-01-01,offline\n2024-01-02,1\n2024-01-03,2\n",
        "station,value\nS1,offline\nS2,1\nS3,2\n",
        "unit,other\nkm,m/s\nkW,kWh\nPa,hPa\n",
    ],
)
def test_the_first_line_is_the_header_and_the_second_a_record(tmp_path: Path, text: str) -> None:
    words, sample = _sample(tmp_path, text)
    assert words == {}
    assert (",".join(sample.columns), sample.rows.height) == (text.splitlines()[0], text.count("\n") - 1)


def test_a_title_as_wide_as_the_table_is_no_header(tmp_path: Path) -> None:
    words, sample = _sample(tmp_path, f"Report,2024,City\nstation,day,pm\n{_DAYS}")
    assert (words, sample.columns) == ({"title_rows": 1}, ("station", "day", "pm"))


def test_quotes_after_a_backslash_or_a_blank_are_understood(tmp_path: Path) -> None:
    escaped = "id,name\n" + "".join(f'{number},"a \\"b\\", c"\n' for number in range(12))
    words, sample = _sample(tmp_path, escaped)
    assert (words, sample.rows["name"].unique().to_list()) == ({"escape": "\\"}, ['a "b", c'])
    words, sample = _sample(tmp_path, 'id,name,n\n1, "x, y",3\n2, "y, z",4\n')
    assert (words, sample.rows["name"].to_list()) == ({}, ["x, y", "y, z"])


def test_words_that_are_aligned_by_chance_are_one_column(tmp_path: Path) -> None:
    lines = (f"S{day:<4} 2024-01-{day:02d} {'North Park' if day % 2 else 'Hill':<12} {day:3}\n" for day in range(1, 13))
    words, sample = _sample(tmp_path, "STN   DATE       NAME         VAL\n" + "".join(lines))
    assert list(words["columns"]) == ["STN", "DATE", "NAME", "VAL"]
    assert sample.rows["NAME"].to_list()[:2] == ["North Park", "Hill"]
