"""One filter over the quarantine of several datasets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.read.quarantine_query import QuarantineFilter, QuarantineQuery
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace
from tests.declared import ALL_PACKS

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
REASON = pl.Struct(dict.fromkeys(("code", "field", "value", "detail"), pl.String))


def contract(dataset: str, department: str) -> Contract:
    return Contract.model_validate(
        {
            "dataset": dataset,
            "title": {"zh": "读数", "en": "readings"},
            "owner": {"department": department},
            "source": {"connector": "files", "path": "*.csv", "format": {"type": "csv"}},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
        }
    )


def row(number: int, days: int, *reasons: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    told = [dict(zip(("code", "field", "value"), reason, strict=True)) | {"detail": None} for reason in reasons]
    at = NOW - timedelta(days=days)
    place = {"_batch": "b1", "_receipt": "r1", "_part": "", "_row": number, "_source": "a.csv", "raw": "{}"}
    codes = [each["code"] for each in told]
    return {**place, "codes": codes, "reasons": told, "state": "open", "quarantined_at": at, **more}


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> QuarantineQuery:
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    kinds: dict[str, Any] = {"quarantined_at": pl.Datetime("us", "UTC"), "reasons": pl.List(REASON), "_row": pl.Int64}
    region = ("CODE_UNKNOWN", "region", "待核实")
    stored = {
        "b.roads": [
            row(1, 0, region),
            row(2, 20, region, ("RANGE", "speed", "-1")),
            row(3, 1, ("CODE_UNKNOWN", "region", "x")),
        ],
        "a.air": [row(7, 40, ("CODE_UNKNOWN", "station", "待核实")), row(8, 2, state="returned")],
    }
    for dataset, rows in stored.items():
        pl.DataFrame(rows, schema_overrides=kinds).write_delta(lake.quarantine(dataset))
    found = {"b.roads": "市交通运输局", "a.air": "市气象局", "c.none": "市气象局"}
    registry = Registry(Workspace(ALL_PACKS), contracts={name: contract(name, owner) for name, owner in found.items()})
    return QuarantineQuery(lake, registry, Ledger(lake), NOW)


def chosen(query: QuarantineQuery, **wanted: Any) -> list[int]:
    page = query.page(QuarantineFilter(**wanted))
    assert query.count(QuarantineFilter(**wanted))[0] == page.height
    return page["_row"].to_list() if page.height else []


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ({}, [7, 2, 3, 1]),
        ({"datasets": ("b.roads",)}, [2, 3, 1]),
        ({"department": "市气象局"}, [7]),
        ({"states": ("returned",)}, [8]),
        ({"states": ("open", "returned"), "department": "市气象局"}, [7, 8]),
        ({"code": "CODE_UNKNOWN", "field": "region"}, [2, 3, 1]),
        ({"value": "待核实"}, [7, 2, 1]),
        # Code, field and value are those of one reason.
        ({"code": "CODE_UNKNOWN", "value": "-1"}, []),
        ({"older_than": 20}, [7]),
        ({"older_than": 19}, [7, 2]),
        ({"overdue": True}, [7, 2]),
        ({"receipt": "r1", "batch": "b1", "code": "RANGE"}, [2]),
        ({"row": RowId("r1", 3)}, [3]),
        ({"row": RowId("r1", 3, "part")}, []),
    ],
)
def test_the_rows_are_those_to_which_everything_applies_oldest_first(
    query: QuarantineQuery, wanted: dict[str, Any], rows: list[int]
) -> None:
    assert chosen(query, **wanted) == rows


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_pages_join_to_the_whole_list(query: QuarantineQuery, size: int) -> None:
    pages = [query.page(QuarantineFilter(), start, size) for start in range(0, 6, size)]
    assert [number for page in pages if page.height for number in page["_row"]] == [7, 2, 3, 1]


def test_reasons_are_counted_by_dataset_with_the_number_of_their_values(query: QuarantineQuery) -> None:
    found = query.by_reason(QuarantineFilter()).select("dataset", "code", "field", "rows", "values").rows()
    assert found[0] == ("a.air", "CODE_UNKNOWN", "station", 1, 1)
    assert found[1] == ("b.roads", "CODE_UNKNOWN", "region", 3, 2)
    assert found[2:] == [("b.roads", "RANGE", "speed", 1, 1)]


def test_states_are_counted_by_age(query: QuarantineQuery) -> None:
    found = query.by_state(QuarantineFilter(("b.roads",))).select("state", "age", "rows", "overdue").rows()
    assert sorted(found) == [("open", "0-1", 2, 0), ("open", "8-30", 1, 1)]


def test_distinct_values_have_the_most_frequent_first(query: QuarantineQuery) -> None:
    wanted = QuarantineFilter(("b.roads",), code="CODE_UNKNOWN")
    assert query.values(wanted).select("value", "rows").rows() == [("待核实", 2), ("x", 1)]
    assert query.values(wanted, 1).select("value", "rows").rows() == [("待核实", 2)]


def test_a_workspace_without_refused_rows_has_no_answers(tmp_path: Path) -> None:
    registry = Registry(Workspace(ALL_PACKS), contracts={"a.air": contract("a.air", "市气象局")})
    lake = Lake(str(tmp_path))
    none = QuarantineQuery(lake, registry, Ledger(lake), NOW)
    wanted = QuarantineFilter()
    assert [none.count(wanted), none.page(wanted).height, none.values(wanted).height] == [(0, 0), 0, 0]
    assert [none.by_state(wanted).height, none.by_reason(wanted).height] == [0, 0]
