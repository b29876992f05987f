"""What a task keeps for OpenLineage where its provider is not installed; printed as JSON."""

from __future__ import annotations

import json
import sys

from citylake.dags.airflow_tasks import commit
from citylake.dags.lineage_operator import OperatorWatch, TracedOperator
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO

operator = TracedOperator(python_callable=commit.function, op_args=("x",), op_kwargs={}, task_id="commit")
registry, lake = load_registry(DEMO), Lake("lake")
context = RunContext(registry, lake, Ledger(lake), new_run())
# Airflow itself looks its providers up by the packages that are installed, and has done so by now.
sys.modules["airflow.providers.openlineage.api.core"] = None  # type: ignore[assignment]
OperatorWatch(operator).dataset_ends(context, registry.contracts["traffic.detector_flow"], [])
print(json.dumps({"seen": operator.seen}))
