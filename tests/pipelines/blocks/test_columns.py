"""Columns as distinct values and places: what goes in comes out, nulls and all."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.blocks.arrow_arrays import (
    arrow_to_numpy,
    indices_to_numpy,
    null_mask,
    numpy_to_arrow,
    string_array,
)
from citylake.pipelines.blocks.block import EncodedColumn
from citylake.pipelines.conform.rows.evaluate_block import combine_indices
from citylake.pipelines.conform.rows.text_memo import TextMemo
from citylake.pipelines.conform.rows.typed_column import TypedColumn, frame_to_arrays

TEXTS = st.lists(st.none() | st.sampled_from(["", "a", "数", "b "]), max_size=40)


@given(values=TEXTS, offset=st.integers(0, 5))
def test_texts_come_back_from_their_dictionary(values: list[str | None], offset: int) -> None:
    coded = pa.array(values, pa.string()).dictionary_encode().slice(offset)
    column = EncodedColumn.of(coded)
    assert column.texts().to_pylist() == values[offset:]
    assert column.coded().to_pylist() == values[offset:]
    assert column.coded(slice(1, 3)).to_pylist() == values[offset:][1:3]
    chosen = np.flatnonzero(np.arange(len(coded)) % 2)
    assert column.texts(chosen).to_pylist() == values[offset:][1::2]


@given(values=TEXTS)
def test_nulls_are_found_without_asking_arrow(values: list[str | None]) -> None:
    array = string_array(values)
    assert null_mask(array).tolist() == [value is None for value in values]
    assert null_mask(array.slice(1)).tolist() == [value is None for value in values[1:]]
    coded = pa.array(values, pa.string()).dictionary_encode()
    assert indices_to_numpy(coded.indices, -1).tolist() == [
        -1 if one is None else one for one in coded.indices.to_pylist()
    ]


def test_numbers_cross_over_without_a_copy() -> None:
    values = np.arange(5, dtype=np.int64)
    array = numpy_to_arrow(values, values == 3)
    assert array.to_pylist() == [0, 1, 2, None, 4]
    assert np.shares_memory(arrow_to_numpy(numpy_to_arrow(values)), values)


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4), rows=st.integers(0, 30), seed=st.integers(0, 99))
def test_combinations_lead_back_to_each_part(sizes: list[int], rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    parts = [(size, random.integers(0, size, rows).astype(np.int32)) for size in sizes]
    chosen, at = combine_indices(parts, rows)
    for (_, places_of), place in zip(parts, chosen, strict=True):
        assert place[at].tolist() == places_of.tolist()


def test_more_combinations_than_rows_are_only_those_that_there_are() -> None:
    parts = [(100_000, np.arange(2000, dtype=np.int32)), (100_000, np.arange(2000, dtype=np.int32))]
    chosen, at = combine_indices(parts, 2000)
    assert len(chosen[0]) == 2000
    assert chosen[1][at].tolist() == list(range(2000))


@pytest.mark.parametrize(
    "values",
    [
        [1, None, 3],
        [1.5, None, 0.0],
        [True, None, False],
        ["a", None, "a"],
        [datetime(2026, 3, 1, tzinfo=UTC), None, datetime(2026, 3, 2, tzinfo=UTC)],
        [b"a", None, b""],
    ],
)
def test_typed_values_are_looked_up_for_each_row(values: list[object]) -> None:
    array = frame_to_arrays(pl.DataFrame({"v": values}))["v"]
    at = np.array([2, 1, 0, 0], np.int32)
    looked_up = [values[place] for place in at]
    typed = TypedColumn(array, at)
    assert typed.array().to_pylist() == looked_up
    assert typed.series().to_list() == looked_up
    assert typed.distinct().array().to_pylist() == looked_up
    assert typed.array(np.array([1, 3])).to_pylist() == [looked_up[1], looked_up[3]]


def test_what_is_known_of_a_text_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    known = TextMemo()
    for values in (["a", "b"], ["b", None], [None, "a", "c"]):
        at, new = known.ask(string_array(values))
        known.learn(new, {"unit": {"length": pa.array([len(text or "") for text in new.to_pylist()])}})
        assert known.texts.take(pa.array(at)).to_pylist() == values
        assert known.worked["unit"]["length"].take(pa.array(at)).to_pylist() == [len(text or "") for text in values]
    assert len(known.texts) == 4
    monkeypatch.setattr("citylake.pipelines.conform.rows.text_memo.MEMO_LIMIT", 5)
    _, new = known.ask(string_array(["x", "y"]))
    assert new.to_pylist() == ["x", "y"]
