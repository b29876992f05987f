"""Texts come back from every format as they were; a bad line is refused alone and changes no other."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.tables import NAMES, TABLES, WRITERS, Table, row_texts, with_bad_lines
from tests.pipelines.parse.conftest import Parser
from tests.thorough import examples

QUICK = settings(
    max_examples=examples(12, 40), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("way", WRITERS)
@QUICK
@given(rows=TABLES)
def test_every_text_comes_back_as_it_was(parser: Parser, way: str, rows: Table) -> None:
    case = WRITERS[way](rows)
    outcome = parser(*case.bodies, format={"type": case.reader, **case.settings})
    assert row_texts(outcome.frame, NAMES) == rows
    assert not outcome.refused


@QUICK
@given(made=with_bad_lines())
def test_rows_in_are_rows_out_and_refused_and_good_rows_never_change(
    parser: Parser, made: tuple[bytes, dict[int, bytes], Table]
) -> None:
    body, bad, good = made
    outcome = parser(body, format={"type": "csv", "encoding": "utf-8", "delimiter": ",", "max_field_bytes": 200})
    read = [(*row, str(line)) for row, line in zip(outcome.rows, outcome.lines, strict=True)]
    # An empty line is skipped; all others are rows or refused.
    blank = {line for line, text in bad.items() if text == b"\n"}
    assert read == good
    assert set(outcome.refused) == set(bad) - blank
