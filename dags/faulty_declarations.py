"""Makes no DAG: declarations with faults appear as the import error of this file, and all others have their DAGs.

Airflow parses only files whose text has the words "airflow" and "dag".
"""

from __future__ import annotations

from citylake.dags.refused_schedules import refused_schedules
from citylake.dags.settings import dags_registry, faulty_declarations_error

registry = dags_registry()
error = faulty_declarations_error(registry, refused_schedules(registry.contracts.values(), registry).values())
if error:
    raise error
