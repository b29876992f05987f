"""Parse one file of the DAG folder as the process of a task does, and print the DAGs that it made."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager

made = {}
for file, dag_id in (word.split("=") for word in sys.argv[1:]):
    with _airflow_parsing_context_manager(dag_id=dag_id, task_id="any"):
        bag = DagBag(Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], file))
    made[dag_id] = sorted(bag.dags)
print(json.dumps(made))
