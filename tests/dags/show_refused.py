"""Print what Airflow refuses of a workspace that lint has not looked at."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from citylake.dags.refused_schedules import refused_schedules
from citylake.dags.settings import faulty_declarations_error
from citylake.schemas.read.registry import load_registry

registry = load_registry(Path(sys.argv[1]))
print(
    json.dumps(
        str(faulty_declarations_error(registry, refused_schedules(registry.contracts.values(), registry).values()))
    )
)
