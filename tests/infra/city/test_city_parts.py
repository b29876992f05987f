from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, poisson_number, replace_field, widen_digits
from citylake.infra.city.generate.uscc import make_uscc, spoil_check_digit


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((116.397428, 39.909230), (116.403672, 39.910634)),
        ((121.473700, 31.230400), (121.478223, 31.228458)),
        ((87.616800, 43.825600), (87.619650, 43.826805)),
    ],
)
def test_points_are_shifted_as_map_vendors_shift_them(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*wgs84) == pytest.approx(gcj02, abs=1e-6)


@given(st.integers(0, 999_999))
def test_credit_codes_are_right_and_spoiled_ones_wrong(number: int) -> None:
    code = make_uscc("990101", number)
    assert stdnum_uscc.is_valid(code)
    assert not stdnum_uscc.is_valid(spoil_check_digit(code))


def test_dotted_fields_become_nested_objects() -> None:
    fields = {"id": "LHB1", "pos.lon": "1.50", "pos.lat": "-2", "speed": None}
    assert nest_fields(fields, numbers=True) == {"id": "LHB1", "pos": {"lon": 1.5, "lat": -2}, "speed": None}
    assert nest_fields(fields)["pos"] == {"lon": "1.50", "lat": "-2"}


def _batch(seed: int, rows: int) -> PlantedBatch:
    batch = PlantedBatch("a.b", ("k",), Random(seed))
    for number in range(rows):
        batch.add(f"f{number % 2}", {"k": str(number), "v": "1"})
    return batch


@given(st.integers(0, 99), st.integers(0, 80), st.integers(0, 9))
def test_no_record_is_spoiled_twice_and_every_one_is_counted(seed: int, rows: int, count: int) -> None:
    batch = _batch(seed, rows)
    batch.plant("x", "CODE_UNKNOWN", count, replace_field("v", "?"))
    batch.contradict(count, replace_field("v", "2"))
    batch.repeat(count)
    truth = batch.truth()
    assert truth["rows"] == len(batch.records) == rows + truth["duplicates"] + truth["issues"].get("KEY_DUPLICATE", 0)
    assert truth["standard"] == rows - truth["issues"].get("CODE_UNKNOWN", 0)
    assert max(Counter(fault["where"]["k"] for fault in truth["faults"]).values(), default=1) == 1


@given(st.integers(0, 99))
def test_a_contradiction_comes_after_what_it_contradicts_in_the_same_file(seed: int) -> None:
    batch = _batch(seed, 40)
    batch.contradict(5, replace_field("v", "2"))
    for fault in batch.truth()["faults"]:
        same = [fields["v"] for fields in batch.of(fault["source"]) if fields["k"] == fault["where"]["k"]]
        assert same == ["1", "2"]


def test_full_width_digits_are_the_same_number() -> None:
    fields: dict[str, str | None] = {"v": "120.5"}
    widen_digits("v")(fields, Random(0))
    assert fields["v"] == "１２０．５"


def test_poisson_numbers_have_their_mean() -> None:
    rng = Random(1)
    assert sum(poisson_number(rng, 2.5) for _ in range(4000)) / 4000 == pytest.approx(2.5, abs=0.1)
