"""The 22 queries of TPC-H, whose joins, nested means and products are right, pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pipelines.marts.meaning.conftest import Check

TEXT = (Path(__file__).parent / "corpus_tpch.sql").read_text("utf-8")
QUERIES = dict(re.findall(r"^-- (Q\d+)\n(.*?);$", TEXT, re.MULTILINE | re.DOTALL))


def test_all_22_are_there() -> None:
    assert list(QUERIES) == [f"Q{number}" for number in range(1, 23)]


@pytest.mark.parametrize("name", list(QUERIES))
def test_it_passes(name: str, check: Check) -> None:
    assert check(QUERIES[name]) == []
