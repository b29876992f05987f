"""Contracts whose schedule Airflow does not accept: they have no DAG, and all others have theirs.

Lint knows such schedules; this is for what a release of Airflow refuses and lint does not know.
"""

from __future__ import annotations

from collections.abc import Iterable

from citylake.dags.partition_timetable import dataset_timetable
from citylake.schemas.base.yaml_reader import YamlLines
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import FaultyDeclaration, Registry
from citylake.schemas.words.errors import Problem


def refused_schedules(contracts: Iterable[Contract], registry: Registry) -> dict[str, FaultyDeclaration]:
    """Dataset → why its contract has no timetable, with file and line."""
    found = {}
    for contract in contracts:
        dataset = contract.dataset
        try:
            dataset_timetable(contract.schedule)
        except Exception as error:
            path = registry.places["dataset", dataset].path
            line = YamlLines(path).of((*registry.places["dataset", dataset].keys, "schedule"))
            fault = f"{path}:{line}: {type(error).__name__}: {error}"
            values = {"what": dataset, "fault": fault}
            found[dataset] = FaultyDeclaration("dataset", dataset, Problem("DECLARATION_FAULTY", values))
    return found
