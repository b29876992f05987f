"""Wrong SELECTs are refused, each with its code; the right one beside each passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from citylake.pipelines.marts.meaning.findings import ALLOWANCE_WORDS
from citylake.schemas.lint.lint_finding import LintFinding, build_finding
from tests.pipelines.marts.meaning.conftest import Check

CORPUS = Path(__file__).parent / "corpus"
UNFILLED = re.compile(r"\{(one|two|unit_one|column|call|right|suggestion|times|keys|other|table|edition)\}")
PAIRS: list[dict[str, Any]] = [
    {"id": f"{path.stem}-{number}", **pair}
    for path in sorted(CORPUS.glob("*.yaml"))
    for number, pair in enumerate(yaml.safe_load(path.read_text("utf-8")), 1)
]


def _cases() -> Iterator[Any]:
    yield from (pytest.param(pair, id=pair["id"]) for pair in PAIRS)


def test_there_are_a_hundred_pairs_and_every_code_has_some() -> None:
    assert len(PAIRS) >= 100
    assert {pair["code"] for pair in PAIRS} == ALLOWANCE_WORDS.keys()
    assert len({pair["wrong"] for pair in PAIRS}) == len({pair["right"] for pair in PAIRS}) == len(PAIRS)


def _check_words(finding: LintFinding) -> None:
    """It names the columns and says what to write, in both languages."""
    for language in ("zh", "en"):
        said = finding.message(language) + finding.advice(language)
        assert not UNFILLED.search(said)
        assert not {"–", "?"} & set(said)


@pytest.mark.parametrize("pair", list(_cases()))
def test_a_wrong_select_is_refused_with_its_code(pair: dict[str, Any], check: Check) -> None:
    found = check(pair["wrong"], pair.get("columns"))
    assert {each.code for each in found} == {pair["code"]}
    for fault in found:
        _check_words(build_finding(fault, fault.line or 1))


@pytest.mark.parametrize("pair", list(_cases()))
def test_the_right_select_beside_it_passes(pair: dict[str, Any], check: Check) -> None:
    assert [each.code for each in check(pair["right"], pair.get("columns"))] == []
