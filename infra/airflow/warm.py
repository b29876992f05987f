"""Imported by a worker before it forks: the modules that its tasks import. None of them may be used here.

Threads and the locks that they hold do not survive a fork: polars, DuckDB and deltalake start theirs
at first use, which must be in a task.
"""

from __future__ import annotations

import gc
from importlib import import_module

for _name in (
    "citylake.pipelines.flow.scheduler_tasks",
    "citylake.pipelines.flow.dataset_steps",
    "citylake.pipelines.pull.connectors.files.fetch_files",
    "citylake.pipelines.parse.choose_parser",
    "citylake.pipelines.conform.conform_batch",
    "citylake.pipelines.commit.commit_batch",
    "s3fs",
    "jinja2",
    "airflow.dag_processing.dagbag",
    "citylake.dags.dag_factory",
):
    import_module(_name)

# Exempt these objects from garbage collection: then tasks do not write to their pages, and the memory stays shared.
gc.freeze()
