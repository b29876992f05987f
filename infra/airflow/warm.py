"""Imported by a worker before it forks: what its tasks would import, and nothing of it is used.

That matters, for threads and the locks that they hold do not survive a fork: polars, DuckDB and deltalake start theirs
when they are used first, which is in the tasks.
"""

from __future__ import annotations

import gc
from importlib import import_module

for _name in (
    "citylake.pipelines.flow.scheduler_tasks",
    "citylake.pipelines.pull.connectors.files.fetch_files",
    "s3fs",
    "jinja2",
):
    import_module(_name)

# What is here now stays: no task looks through it for garbage, and so the memory stays shared.
gc.freeze()
