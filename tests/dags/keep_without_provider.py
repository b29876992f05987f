"""What a task keeps for OpenLineage where its provider is not installed; printed as JSON."""

from __future__ import annotations

import json
import sys

from dags.steps import commit
from dags.traced import Seen, TracedOperator
from pipelines.context import Context, new_run
from pipelines.lake import Lake
from pipelines.ledger import Ledger
from schemas.registry import load

operator = TracedOperator(python_callable=commit.function, op_args=("x",), op_kwargs={}, task_id="commit")
registry, lake = load(), Lake("lake")
context = Context(registry, lake, Ledger(lake), new_run())
# Airflow itself looks its providers up by the packages that are installed, and has done so by now.
sys.modules["airflow.providers.openlineage.api.core"] = None  # type: ignore[assignment]
Seen(operator).dataset_ends(context, registry.contracts["traffic.detector_flow"], [])
print(json.dumps({"seen": operator.seen}))
