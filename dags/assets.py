"""Tables as Airflow assets: a dataset's DAG updates them, a mart's DAG is triggered by them. Partitions are days.

An asset's URI stays the same when the lake moves. Every DAG must declare an asset identically: Airflow keeps the last
declaration that it read.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry


def standard_asset(dataset: str, **extra: Any) -> Asset:
    """The standard table of a dataset."""
    return Asset(name=f"standard.{dataset}", uri=f"x-citylake://standard/{dataset}", group="standard", extra=extra)


def contract_asset(contract: Contract, registry: Registry) -> Asset:
    """The same, with its owner and the element of each column."""
    return standard_asset(
        contract.dataset,
        title=contract.title.model_dump(),
        owner=contract.owner.department,
        steward=contract.owner.steward,
        elements=dict(registry.columns(contract)),
    )


def mart_asset(name: str, **extra: Any) -> Asset:
    """A published mart."""
    return Asset(name=f"mart.{name}", uri=f"x-citylake://marts/{name}", group="marts", extra=extra)


def declared_mart_asset(declared: Mart) -> Asset:
    """The same, with its title."""
    return mart_asset(declared.mart, title=declared.title.model_dump())


def due_asset(name: str) -> Asset:
    """Not a table: the days of a mart that have waited long enough for a dataset."""
    return Asset(name=f"due.{name}", uri=f"x-citylake://due/{name}", group="due")
