"""SELECTs of many shapes: no false alarm, no crash, and wrong ones found, that were written after the checker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.marts.meaning.conftest import Check

FURTHER = yaml.safe_load((Path(__file__).parent / "further.yaml").read_text("utf-8"))


@pytest.mark.parametrize("sql", FURTHER["right"])
def test_it_passes(sql: str, check: Check) -> None:
    assert check(sql) == []


@pytest.mark.parametrize("wrong", FURTHER["wrong"], ids=lambda wrong: wrong["sql"])
def test_it_is_refused(wrong: dict[str, Any], check: Check) -> None:
    assert {each.code for each in check(wrong["sql"])} == {wrong["code"]}
