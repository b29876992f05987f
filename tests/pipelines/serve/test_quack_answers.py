"""Answers of a server are kept for one session each, and take no more room than they may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import pytest

from citylake.pipelines.read.query_limits import QueryLimits
from citylake.pipelines.serve.quack_answers import QuackAnswers

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = [("text", "VARCHAR")]


@pytest.fixture
def answers() -> Iterator[QuackAnswers]:
    with closing(QuackAnswers("UTC", QueryLimits(10, 5_000_000))) as found:
        yield found


def _rows(count: int) -> pa.RecordBatchReader:
    """Texts of 360 characters that do not compress well."""
    text = " || ".join(["uuid()"] * 10)
    return duckdb.connect().execute(f"SELECT {text} AS text FROM range({count})").to_arrow_reader()


def _tables(answers: QuackAnswers) -> int:
    with answers._database.cursor() as own:
        return len(own.execute("FROM duckdb_tables()").fetchall())


def test_an_answer_that_is_too_large_is_an_error_and_leaves_nothing(answers: QuackAnswers) -> None:
    with pytest.raises(duckdb.OutOfMemoryException):
        answers.keep("one", COLUMNS, _rows(400_000))
    assert _tables(answers) == 0
    assert answers.keep("one", COLUMNS, _rows(3))[1] == 3


def test_a_session_has_one_answer_under_a_name_that_nobody_can_tell(answers: QuackAnswers) -> None:
    first, second, other = (answers.keep(session, COLUMNS, _rows(2)) for session in ("one", "one", "two"))
    assert len({first[0], second[0], other[0]}) == 3
    assert _tables(answers) == 2


def test_answers_of_sessions_that_have_ended_are_dropped(answers: QuackAnswers) -> None:
    answers.keep("one", COLUMNS, _rows(2))
    # Nobody is connected.
    assert answers.forget_ended() == {"one"}
    assert _tables(answers) == 0
