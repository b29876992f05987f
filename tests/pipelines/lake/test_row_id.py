"""The id of a source row: its text names it completely."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.lake.row_id import RowId, row_id_expr
from citylake.schemas.words.errors import CitylakeError

receipts = st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=1)


@given(receipts, st.integers(0, 2**62), st.text())
def test_a_row_id_is_read_back_from_its_text(receipt: str, row: int, part: str) -> None:
    whole = RowId(receipt, row, part)
    assert RowId.parse(str(whole)) == whole


def test_the_expression_gives_the_same_text() -> None:
    rows = pl.DataFrame({"_receipt": ["r1", "r1", "r2"], "_part": ["", None, "a/b.csv"], "_row": [1, 2, 3]})
    assert rows.select(row_id_expr().alias("id"))["id"].to_list() == ["r1/1", "r1/2", "r2/3/a/b.csv"]


@pytest.mark.parametrize("text", ["", "r1", "r1/", "r1/x", "/3"])
def test_a_text_that_is_no_row_id_is_refused(text: str) -> None:
    with pytest.raises(CitylakeError, match=r"RECEIPT/ROW"):
        RowId.parse(text)
