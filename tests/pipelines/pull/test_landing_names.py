"""Names in the landing zone: accepted by every store, and never one for two parts."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull.connector_api import LandedPart
from citylake.pipelines.pull.landing_names import landing_name
from citylake.pipelines.pull.landing_writer import LandingWriter


@given(st.text(max_size=400) | st.text("街a.\ud800%[", max_size=400))
def test_any_name_becomes_one_that_a_file_system_takes(name: str) -> None:
    found = landing_name(name)
    assert 0 < len(f".{found}.partial".encode()) <= 255
    assert not set(found) & set('/\\<>:"|?*[]{}%\0\n')
    assert found == found.strip(". ")
    assert found.partition(".")[0].casefold() not in ("con", "nul", "com1")


def test_an_ordinary_name_stays_as_it_is_and_a_long_one_keeps_its_ending() -> None:
    assert landing_name("数据/2026-03 (1).csv") == "2026-03 (1).csv"
    long, other = "街" * 300 + ".geojson.gz", "街" * 301 + ".geojson.gz"
    assert landing_name(long).endswith(".geojson.gz")
    assert landing_name(long) != landing_name(other)
    assert landing_name("con.txt") == "_con.txt"


def test_parts_of_one_name_in_any_case_are_two_files(tmp_path: Path) -> None:
    names = ["a.csv", "b/A.csv", "a?.csv", "a*.csv", "data", "DATA"]
    landing = LandingWriter(Lake(str(tmp_path)), lambda: f"{tmp_path}/receipt")
    landing.take(LandedPart(name, iter([name.encode()])) for name in names)
    landing.keep()
    assert [Path(path).read_bytes().decode() for path in landing.paths] == names
    assert len({path.casefold() for path in landing.paths}) == len(names)
