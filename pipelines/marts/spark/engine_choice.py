"""Which engine runs the SELECT of a mart table: the declared one, or by the bytes that it reads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from citylake.pipelines.blocks.memory_budget import parse_memory_size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from citylake.pipelines.marts.spark.spark_inputs import InputTable
    from citylake.schemas.model.mart import MartTable

REMOTE: Final = "CITYLAKE_SPARK_REMOTE"
"""The variable with the address of the Spark Connect endpoint, ``sc://host:port``."""
AUTO: Final = "CITYLAKE_SPARK_AUTO"
"""The variable with the size of the inputs from which ``engine: auto`` takes Spark: ``20GB``, or bytes."""
DEFAULT_AUTO: Final = "20GB"


def spark_remote() -> str | None:
    """Return the address of the endpoint; None if there is none."""
    return os.environ.get(REMOTE) or None


def may_run_on_spark(table: MartTable) -> bool:
    """Return whether the table's SELECT can run on Spark: what it reads may have to be measured."""
    return table.engine == "spark" or (table.engine == "auto" and spark_remote() is not None)


def runs_on_spark(table: MartTable, inputs: Iterable[InputTable]) -> bool:
    """Return whether the SELECT over ``inputs`` runs on Spark. Raises MEMORY_UNREADABLE for an unreadable threshold."""
    if table.engine != "auto":
        return table.engine == "spark"
    size = os.environ.get(AUTO) or DEFAULT_AUTO
    least = int(size) if size.isdecimal() else parse_memory_size(size)
    return spark_remote() is not None and sum(each.bytes for each in inputs) >= least
