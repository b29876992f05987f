"""Tables that publish one count at several levels are protected together; what does not add up is refused."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.marts.suppress.reader import TOTAL, Reader, declare, hide_cube, publish

STREETS = [("1", "a", "x", 3), ("1", "a", "y", 50), ("1", "b", "x", 60), ("1", "b", "y", 70), ("2", "a", "x", 80)]
RULE = {"columns": ["n"], "threshold": 10, "over": ["day", "region", "kind"]}


def _sums(rows: list[tuple[str, str, str, int]], *kept: int) -> list[tuple[Any, ...]]:
    found: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(str(row[n]) for n in kept)
        found[key] = found.get(key, 0) + row[3]
    return [(*key, value) for key, value in found.items()]


def _levels(**words: Any) -> dict[str, Any]:
    grains = {"fine": ["day", "region", "kind"], "region_day": ["day", "region"], "kind_day": ["day", "kind"]}
    level = {**RULE, "level_of": "fine"}
    rules = {name: RULE if name == "fine" else {**level, "over": grain, **words} for name, grain in grains.items()}
    tables = {"fine": STREETS, "region_day": _sums(STREETS, 0, 1), "kind_day": _sums(STREETS, 0, 2)}
    return publish(declare(rules, grains, ["n"]), tables)


def test_a_count_that_is_hidden_at_one_level_is_not_the_difference_of_two_others() -> None:
    published = _levels()
    cells = {(row["day"], row["region"], row["kind"]): row["n"] for row in published["fine"]}
    sums: list[tuple[Any, list[Any]]] = []
    shown: dict[Any, int | None] = dict(cells)
    for name, at in (("region_day", "region"), ("kind_day", "kind")):
        for row in published[name]:
            key = (name, row["day"], row[at])
            parts = [each for each in cells if each[0] == row["day"] and each[1 if at == "region" else 2] == row[at]]
            sums.append((key, parts))
            shown[key] = row["n"]
    assert shown["1", "a", "x"] is None
    for cell, value in shown.items():
        if value is None:
            low, high = Reader(shown, sums).interval(cell)
            assert low < high
    assert Reader(shown, sums).interval(("1", "a", "x"))[1] >= 10
    # Only the table's own rows: the sums of the other tables would give the count away.
    naive = {cell: None if value == 3 else value for cell, value in _exact().items()}
    assert Reader(naive, sums).interval(("1", "a", "x")) == (3, 3)


def _exact() -> dict[Any, int]:
    found: dict[Any, int] = {row[:3]: row[3] for row in STREETS}
    found |= {("region_day", day, region): value for day, region, value in _sums(STREETS, 0, 1)}
    return found | {("kind_day", day, kind): value for day, kind, value in _sums(STREETS, 0, 2)}


def test_days_that_share_no_total_are_apart() -> None:
    published = _levels()
    assert [row["n"] for row in published["fine"] if row["day"] == "2"] == [80]
    assert [row["n"] for row in published["region_day"] if row["day"] == "2"] == [80]


def test_a_part_and_its_whole_do_not_give_away_the_rest() -> None:
    rule = {"columns": ["n", "m"], "threshold": 10, "over": ["region"], "part_of": {"m": "n"}}
    mart = declare({"t": rule}, {"t": ["region"]}, ["n", "m"])
    rows = publish(mart, {"t": [("a", 40, 37), ("b", 90, 50), ("c", 8, 8), ("d", 70, 0)]})["t"]
    hidden = {row["region"]: (row["n"] is None, row["m"] is None) for row in rows}
    assert sum(hidden["a"]) == 1
    assert hidden["b"] == (False, False)
    assert hidden["c"] == (True, True)
    assert hidden["d"] == (False, False)


def test_what_is_computed_from_a_count_is_hidden_with_it() -> None:
    rule = {"columns": ["n"], "threshold": 10, "over": ["region"], "also": ["share"]}
    mart = declare({"t": rule}, {"t": ["region"]}, ["n", "share"])
    rows = publish(mart, {"t": [("a", 4, 1), ("b", 90, 2)]})["t"]
    assert rows == [
        {"region": "a", "n": None, "share": None, "n_suppressed": True},
        {"region": "b", "n": 90, "share": 2, "n_suppressed": False},
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 3), ("b", 40), (TOTAL, 44)],
        [(TOTAL, 44)],
    ],
    ids=["another sum", "no parts"],
)
def test_totals_that_are_not_the_sum_of_rows_are_refused(rows: list[tuple[str, int]]) -> None:
    with pytest.raises(CitylakeError) as caught:
        hide_cube({(code,): value for code, value in rows}, cube=False)
    assert caught.value.code == "SMALL_CELLS_NOT_ADDITIVE"
    assert "d0=total" in caught.value.say("en")


def test_a_level_with_other_sums_is_refused() -> None:
    grains = {"fine": ["day", "region", "kind"], "day": ["day"]}
    rules = {"fine": RULE, "day": {**RULE, "over": ["day"], "level_of": "fine"}}
    with pytest.raises(CitylakeError) as caught:
        publish(declare(rules, grains, ["n"]), {"fine": STREETS, "day": [("1", 183), ("2", 81)]})
    assert (caught.value.code, caught.value.values["table"], caught.value.values["row"]) == (
        "SMALL_CELLS_NOT_ADDITIVE",
        "day",
        "day=2",
    )


@pytest.mark.parametrize("value", [-1, "NULL"])
def test_what_is_no_count_is_refused(value: object) -> None:
    mart = declare({"t": {"columns": ["n"], "threshold": 10, "over": ["region"]}}, {"t": ["region"]}, ["n"])
    with pytest.raises(CitylakeError) as caught:
        publish(mart, {"t": [("a", 4), ("b", _Sql(value))]})
    assert (caught.value.code, caught.value.values["rows"]) == ("SMALL_CELLS_NOT_COUNTS", 1)


class _Sql:
    """A literal as it stands."""

    def __init__(self, text: object) -> None:
        self.text = text

    def __repr__(self) -> str:
        return str(self.text)


def test_a_solver_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    counts = {tuple(map(str, codes)): 7 * sum(codes) ** 3 % 61 for codes in product(range(1, 8), repeat=3)}
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CitylakeError) as caught:
        hide_cube(counts, timeout="1s")
    assert (caught.value.code, caught.value.values["reason"]) == ("SMALL_CELLS_UNPROTECTED", "timeout: 1 s")
    # The library's logs hold exact counts.
    assert list(tmp_path.iterdir()) == []
