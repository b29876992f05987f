"""Laws of comparing a source's fields with its contract, on the real bindings."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.drift.source_schema import SourceSchema, check_source_schema
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.drift_policy import DriftPolicy
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import ALL_PACKS

REGISTRY = load_registry(ALL_PACKS)
CODES = CodeMatcher(REGISTRY, Lake("."))
CONTRACT = Contract.model_validate(
    {
        "dataset": "test.rows",
        "title": {"zh": "测试", "en": "test"},
        "owner": {"department": "测试局"},
        "source": {"connector": "files", "path": "x.csv", "format": "csv"},
        "zone": "Asia/Shanghai",
        "ignore": ["序号"],
        "fields": {
            "时间": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M"},
            "流量": {"element": "traffic.flow", "required": True},
            "速度": {"element": "traffic.mean_speed", "unit": "km/h", "sentinels": ["-1"]},
            "车型": {"element": "traffic.vehicle_class", "codes": {"小客车": "K3"}},
            "备注": {"element": "service.case_category", "optional": True},
        },
        "write": {"mode": "append"},
    }
)
hours = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(lambda at: f"{at:%Y-%m-%d %H}:00")
VALUES = {
    "时间": hours,
    "流量": st.integers(0, 5000).map(str),
    "速度": st.floats(0, 150).map(lambda speed: f"{speed:.1f}"),
    "车型": st.sampled_from(["K1", "K3", "小客车", "H1"]),
}
FIELDS = [*CONTRACT.fields, "序号"]
names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8).filter(lambda name: name not in FIELDS)


def shape(present: list[str], rows: dict[str, list[str]] | None = None, **modes: str) -> SourceSchema:
    def sample() -> pl.DataFrame:
        assert rows is not None, "rows are looked at, though nothing is missing"
        return pl.DataFrame({RAW_PREFIX + name: values for name, values in rows.items()})

    contract = CONTRACT.model_copy(update={"drift": DriftPolicy.model_validate(modes)})
    return check_source_schema(contract, REGISTRY, CODES, present, sample)


@st.composite
def renamed(draw: st.DrawFn) -> tuple[str, str, dict[str, list[str]]]:
    """A field, its new name, and rows whose values are those of before."""
    field, new = draw(st.sampled_from(list(VALUES))), draw(names)
    size = draw(st.integers(1, 12))
    rows = {name: draw(st.lists(values, min_size=size, max_size=size)) for name, values in VALUES.items()}
    return field, new, {new if name == field else name: values for name, values in rows.items()}


@settings(max_examples=60, deadline=None)
@given(renamed())
def test_a_renamed_field_is_always_proposed_when_its_values_are_unchanged(
    case: tuple[str, str, dict[str, list[str]]],
) -> None:
    field, new, rows = case
    with pytest.raises(CitylakeError) as caught:
        shape([*rows, "备注"], rows)
    assert (caught.value.code, caught.value.values["field"], caught.value.values["added"]) == (
        "RENAMED_COLUMN",
        field,
        new,
    )


@settings(deadline=None)
@given(st.permutations(FIELDS))
def test_nothing_is_told_when_nothing_changed_in_whatever_order_the_fields_come(present: list[str]) -> None:
    found = shape(present)
    assert found.notes == ()
    assert (found.drifted.absent, found.drifted.gone, found.drifted.unknown) == ((), (), ())


@settings(deadline=None)
@given(st.permutations(FIELDS), names)
def test_a_new_field_is_told_and_takes_no_rows_to_look_at(present: list[str], new: str) -> None:
    (note,) = shape([*present, new]).notes
    assert (note.code, note.values["fields"]) == ("UNKNOWN_COLUMN", new)


def test_values_that_the_binding_does_not_take_speak_against_a_rename() -> None:
    rows = {"时间": ["2026-03-01 08:00"], "流量": ["1"], "说明": ["畅通"], "车型": ["K1"]}
    with pytest.raises(CitylakeError) as caught:
        shape([*rows, "备注"], rows)
    assert [caught.value.code, *(other.code for other in caught.value.others)] == ["MISSING_COLUMN", "UNKNOWN_COLUMN"]


def test_a_sentinel_is_a_value_that_the_binding_knows() -> None:
    rows = {"时间": ["2026-03-01 08:00"] * 2, "流量": ["1", "2"], "x9": ["-1", "30"], "车型": ["K1"] * 2}
    with pytest.raises(CitylakeError) as caught:
        shape([*rows, "备注"], rows)
    assert (caught.value.code, caught.value.values["value_share"]) == ("RENAMED_COLUMN", "100%")
