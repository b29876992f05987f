"""The chain of food: its SQL against graphs that are walked in Python, and the city's broken links found exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance import DOMAIN
from citylake.infra.city.domains.provenance.batches import KG_OF_UNIT
from citylake.infra.city.domains.provenance.chain_truth import all_below, broken_links, good_fields, links_of
from citylake.infra.city.generate.plant_faults import PlantedBatch
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE

Step = tuple[str, str, float]
"""A batch that was made, what went into it, and how much, kg."""
_KINDS = {"捕捞": "1", "养殖": "2", "种植": "3", "加工": "4"}
_CAUGHT = datetime(2026, 3, 1, 8)
MARTS = WHITEPAPER_WORKSPACE / "marts" / "trace_chain"


TABLES = {
    "transformations": (
        "output_batch_code TEXT, input_batch_code TEXT, input_quantity_kg DOUBLE, processed_at TIMESTAMP"
    ),
    "batches": "batch_code TEXT, batch_kind TEXT, batch_quantity_kg DOUBLE, made_at TIMESTAMP",
    "sales": "batch_code TEXT, sold_quantity_kg DOUBLE",
}


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA provenance")
    return connection


def empty_engine() -> duckdb.DuckDBPyConnection:
    """One engine for all examples, with empty tables for each."""
    for table, columns in TABLES.items():
        _engine().execute(f"CREATE OR REPLACE TABLE provenance.{table} ({columns})")
    return _engine()


def fill(engine: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    for row in rows:
        engine.execute(f"INSERT INTO provenance.{table} VALUES ({', '.join('?' * len(row))})", row)


def select(engine: duckdb.DuckDBPyConnection, table: str) -> list[tuple[Any, ...]]:
    return engine.execute((MARTS / f"{table}.sql").read_text("utf-8")).fetchall()


@st.composite
def graphs(draw: st.DrawFn, rings: bool) -> list[Step]:
    """Up to nine batches; without ``rings`` a batch is made of earlier ones alone."""
    names = "ABCDEFGHI"[: draw(st.integers(2, 9))]
    pairs = [(a, b) for a in names for b in names if (a != b if rings else a > b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14))
    return [(made, source, float(draw(st.integers(1, 9)))) for made, source in chosen]


def tell(engine: duckdb.DuckDBPyConnection, steps: Iterable[Step]) -> None:
    fill(engine, "transformations", [(*step, _CAUGHT) for step in steps])
    engine.execute("CREATE OR REPLACE TABLE batch_links AS " + (MARTS / "batch_links.sql").read_text("utf-8"))


def shares(steps: Iterable[Step]) -> dict[tuple[str, str], float]:
    """Batch and origin → share, by walking down from each batch."""
    inputs = defaultdict[str, list[tuple[str, float]]](list)
    for made, source, kg in steps:
        inputs[made].append((source, kg))

    @cache
    def origins(batch: str) -> Mapping[str, float]:
        if batch not in inputs:
            return {batch: 1.0}
        whole, found = sum(kg for _, kg in inputs[batch]), defaultdict[str, float](float)
        for source, kg in inputs[batch]:
            for origin, share in origins(source).items():
                found[origin] += share * kg / whole
        return found

    return {(batch, origin): share for batch in inputs for origin, share in origins(batch).items()}


@settings(max_examples=40, deadline=None)
@given(steps=graphs(rings=True))
def test_the_closure_is_what_a_walk_reaches_and_rings_end(steps: list[Step]) -> None:
    engine = empty_engine()
    tell(engine, steps)
    links = [(made, source) for made, source, _ in steps]
    reached = {(made, top) for _, top in links for made in all_below(top, links) - {top}}
    reached |= {(top, top) for made, top in links if top in all_below(made, links) and made in all_below(top, links)}
    found = engine.execute("SELECT batch_code, ancestor_code, is_ring FROM batch_links").fetchall()
    assert sorted(found) == sorted((made, top, made == top) for made, top in reached)


@settings(max_examples=40, deadline=None)
@given(steps=graphs(rings=False))
def test_shares_are_those_of_a_walk_and_add_up_to_the_whole(steps: list[Step]) -> None:
    engine = empty_engine()
    tell(engine, steps)
    found = {(batch, origin): share for batch, origin, share, *_ in select(engine, "batch_ancestors")}
    expected = shares(steps)
    assert found.keys() == expected.keys()
    assert found == pytest.approx({key: share * 100 for key, share in expected.items()}, abs=0.006)


@settings(max_examples=20, deadline=None)
@given(steps=graphs(rings=True))
def test_shares_end_with_rings_too_and_are_never_more_than_the_whole(steps: list[Step]) -> None:
    engine = empty_engine()
    tell(engine, steps)
    whole = defaultdict[str, float](float)
    for batch, _, share, *_ in select(engine, "batch_ancestors"):
        whole[batch] += share
    assert all(total == pytest.approx(100, abs=0.1) for total in whole.values())


def test_the_broken_links_of_the_city_are_found_exactly() -> None:
    engine = empty_engine()
    batches = {made.dataset: made for made in (generate(City()) for generate, _ in DOMAIN.makers)}
    _load(engine, batches)
    found = select(engine, "broken_links")
    expected = broken_links(batches)
    assert {kind for *_, kind in expected} == set("1234567")
    assert sorted(found) == sorted(expected)


def _load(engine: duckdb.DuckDBPyConnection, batches: Mapping[str, PlantedBatch]) -> None:
    """The good records of the city, as the standard tables have them."""
    steps = good_fields(batches, "provenance.transformations")
    fill(engine, "transformations", [
        (row["产出批次"], row["投入批次"], float(row["投入量(kg)"]), row["作业时间"].replace("/", "-")) for row in steps
    ])  # fmt: skip
    fill(engine, "batches", [
        (row["pch"], _KINDS[row["lb"]], float(row["sl"]) * KG_OF_UNIT[row["dw"]], row["scrq"])
        for row in good_fields(batches, "provenance.batches")
    ])  # fmt: skip
    sales = good_fields(batches, "provenance.sales")
    fill(engine, "sales", [(row["lot"], float(row["grams"]) / 1000) for row in sales])
    engine.execute("CREATE OR REPLACE TABLE batch_links AS " + (MARTS / "batch_links.sql").read_text("utf-8"))
    assert len(links_of(batches)) > 100
