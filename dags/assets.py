"""Tables as Airflow assets: what a dataset's DAG changes, and a mart's DAG waits for."""

from __future__ import annotations

from collections.abc import Iterable

from airflow.sdk import Asset, AssetAny


def standard_asset(dataset: str) -> Asset:
    """The standard table of ``dataset``; its partitions are days. The URI stays the same when the lake moves."""
    return Asset(name=f"standard.{dataset}", uri=f"x-citylake://standard/{dataset}", group="standard")


def mart_asset(mart: str) -> Asset:
    """The published mart."""
    return Asset(name=f"mart.{mart}", uri=f"x-citylake://marts/{mart}", group="marts")


def any_of(datasets: Iterable[str]) -> AssetAny:
    """A change of any of the standard tables.

    Not of all: late rows come from one department alone, and the others' days would never be told again.
    """
    return AssetAny(*(standard_asset(dataset) for dataset in datasets))
