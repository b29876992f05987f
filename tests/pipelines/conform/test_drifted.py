"""Rows that are refused because of drift, at the bench."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.records import Run

LISTS = """
fields:
  车型: {element: traffic.vehicle_class, separator: "|"}
  流量: {element: traffic.flow}
drift: {categories: quarantine, added: quarantine, accept: {vehicle_class: [M]}}
"""
HAD = {"vehicle_class": {"K1", "K3"}}


def staged(bench: Any, rows: list[dict[str, str | None]], had: Mapping[str, set[str]] = HAD, text: str = LISTS) -> Any:
    run = Run("run", datetime(2026, 3, 1, tzinfo=UTC))
    return conform_batch([bench.source(rows)], bench.contract(text), bench.registry, bench.lake, run, had=had)


@pytest.mark.parametrize(
    ("value", "reasons"),
    [
        ("K1", None),
        ("K3|K1", None),
        ("K1|M", None),
        (None, None),
        ("K1|H1", [("CATEGORY_UNSEEN", "vehicle_class")]),
        ("K1|Z9", [("CODE_UNKNOWN", "vehicle_class")]),
    ],
)
def test_a_list_is_refused_for_any_part_that_is_news(
    bench: Any, value: str | None, reasons: list[tuple[str, str]] | None
) -> None:
    found = bench.reasons(staged(bench, [{"车型": value, "流量": "1"}]))
    assert found == ({1: reasons} if reasons else {})


def test_a_dataset_without_a_past_has_no_news(bench: Any) -> None:
    found = staged(bench, [{"车型": "K1|H1", "流量": "1"}], had={})
    assert found.counts.standard == 1
    assert found.categories == {"vehicle_class": ("H1", "K1")}


@pytest.mark.parametrize(("value", "refused"), [("晴", 1), ("  ", 0), ("", 0), (None, 0)])
def test_a_new_field_refuses_rows_that_have_something_there(bench: Any, value: str | None, refused: int) -> None:
    found = staged(bench, [{"车型": "K1", "流量": "1", "天气": value}])
    assert (found.counts.quarantined, found.counts.standard) == (refused, 1 - refused)


def test_a_row_keeps_its_other_reasons(bench: Any) -> None:
    found = staged(bench, [{"车型": "K1|H1", "流量": "many", "天气": "晴"}])
    codes = {code for code, _ in bench.reasons(found)[1]}
    assert codes == {"VALUE_UNREADABLE", "CATEGORY_UNSEEN", "FIELD_UNKNOWN"}


def test_a_binding_that_needs_a_gone_field_beside_others_is_told_and_refused(bench: Any) -> None:
    text = """
fields:
  day: {element: time.day, from: [year, month, date], join: "{year}-{month}-{date}", format: "%Y-%m-%d"}
  流量: {element: traffic.flow}
drift: {missing: quarantine}
"""
    found = staged(bench, [{"year": "2026", "month": "3", "流量": "1"}], text=text)
    assert bench.reasons(found) == {1: [("FIELD_GONE", "date")]}
    assert [(note.code, note.values["fields"]) for note in found.notes] == [("MISSING_COLUMN", "date")]
