"""Schools: the envelope, the streets of each district, and numbers that are none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

NAME = "service.hz_schools"
FILE = "2133001479001.json"


def test_placeholder_numbers_are_refused_by_name(ran: Any) -> None:
    assert ran.issues(NAME) == {"PLACEHOLDER_NUMBER": 4}
    assert set(ran.quarantine(NAME)["_source"]) == {"1111111111001.json"}


def test_every_street_lies_in_the_district_that_its_code_says(ran: Any) -> None:
    rows = ran.standard(NAME)
    assert (rows["street_code"].str.slice(0, 6) == rows["district_code"]).all()
    assert (rows["community_code"].str.slice(0, 9) == rows["street_code"]).all()
    assert set(rows["district_code"]) == {"330102", "330105", "330106", "330108", "330113", "330114"}


def test_the_district_is_a_division_that_was_valid_on_the_day(ran: Any) -> None:
    divisions = ran.standard("place.divisions").select("division_code", "division_name", "valid_from", "valid_to")
    rows = ran.standard(NAME).with_columns(pl.col("created_at").dt.date().alias("day"))
    met = rows.join(divisions, left_on="district_code", right_on="division_code").filter(
        (pl.col("valid_from") <= pl.col("day")) & (pl.col("valid_to").is_null() | (pl.col("day") < pl.col("valid_to")))
    )
    assert met.height == rows.height


def test_the_number_in_the_body_is_that_of_the_files_name(ran: Any) -> None:
    rows = ran.standard(NAME)
    assert (rows["school_district_code"] == rows["requested_district_code"]).all()
    assert rows["school_district_code"].n_unique() == 53


def test_empty_texts_and_nulls_are_both_no_value(ran: Any) -> None:
    numbers = ran.standard(NAME)["building_number"]
    assert numbers.drop_nulls().str.len_chars().min() > 0
    assert numbers.null_count() > 600


def test_schools_without_an_address_are_received_with_no_row(ran: Any) -> None:
    assert len({receipt["id"] for receipt in ran.dataset(NAME)["receipts"]}) == 63


def spoiled(data: Path, folder: Path, change: Any, name: str = FILE) -> dict[str, str]:
    """A data folder with one school, its answer changed."""
    body = json.loads((data / "gov_hangzhou_schools/detail" / FILE).read_text("utf-8"))
    change(body)
    target = folder / "data/gov_hangzhou_schools/detail"
    target.mkdir(parents=True)
    (target / name).write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    shutil.copytree(data / "divisions", folder / "data/divisions")
    return {"CITYLAKE_DATA": str(folder / "data")}


def test_an_answer_that_says_it_failed_is_held_with_its_own_message(runner: Any, data: Path, tmp_path: Path) -> None:
    given = spoiled(data, tmp_path, lambda body: body.update(code=5001, message="登录已过期"))
    found = runner(given=given, datasets=["place.divisions", NAME])
    assert found.outcome.exit_code == 2
    (problem,) = found.dataset(NAME)["problems"]
    assert problem["code"] == "ENVELOPE_FAILED"
    assert "登录已过期" in problem["text"]["zh"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("streetCode", "330106020", "STREET_NOT_IN_DISTRICT"),
        ("qxmc", "杭州市东城区", "LOOKUP_UNKNOWN"),
        ("qxmc", "杭州市下城区", "CODE_NOT_VALID"),
        ("xqbsm", "2133001479009", "NUMBER_NOT_OF_FILE"),
    ],
)
def test_a_row_at_odds_with_its_district_or_its_file_is_refused_by_name(
    runner: Any, data: Path, tmp_path: Path, field: str, value: str, code: str
) -> None:
    rows = "appSchoolDistrictInfoEntityList"
    given = spoiled(data, tmp_path, lambda body: body["result"][rows][0].update({field: value}))
    found = runner(given=given, datasets=["place.divisions", NAME])
    assert found.counts(NAME) == (29, 28, 1, 0)
    (row,) = found.quarantine(NAME).iter_rows(named=True)
    assert code in row["codes"]
