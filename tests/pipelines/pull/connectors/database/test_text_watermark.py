"""A text watermark is accepted only if its order is that of the times or numbers in it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.pull.connectors.database.database_session import DatabaseValue
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.pipelines.pull.connectors.database.text_watermark import check_watermark
from citylake.schemas.words.errors import CitylakeError

SOURCE = DatabaseSource.model_validate({"connector": "database", "connection": "front", "table": "lic"})


def accepted(text: str, kind: str = "str") -> bool:
    try:
        check_watermark(SOURCE, "upd", DatabaseValue(kind, text))
    except CitylakeError:
        return False
    return True


@pytest.mark.parametrize(
    "text",
    [
        "29/02/2024 09:00",
        "3/1/2024",
        "01.03.2024",
        "01-03-24",
        "1 Mar 2024",
        "Mar 1, 2024",
        "2024-3-1",
        "9",
        "10.5",
        "1709251200",
    ],
)
def test_what_sorts_otherwise_is_refused(text: str) -> None:
    assert not accepted(text)
    assert not accepted(text, "character varying(20)")
    assert accepted(text, "timestamp")


@pytest.mark.parametrize("text", ["0003", "A10", "01HQXYZ", "2024", "2024-02", "2024年03月01日"])
def test_other_texts_are_accepted(text: str) -> None:
    assert accepted(text) == (text != "2024")


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), st.integers(1, 10**9))
def test_a_format_that_is_accepted_sorts_as_time(at: datetime, seconds: int) -> None:
    later = at + timedelta(seconds=seconds)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d%H%M%S", "%d/%m/%Y %H:%M", "%m-%d-%Y", "%Y-%m-%dT%H:%M:%SZ"):
        first, second = at.strftime(form), later.strftime(form)
        if accepted(first) and accepted(second):
            assert first <= second
