"""``python -m citylake.infra.airflow.password``: writes the administrator's password to where Airflow reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path

PASSWORDS_FILE_VARIABLE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"


def write_password(file: Path, name: str, password: str) -> None:
    """Write it, readable only by its owner."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps({name: password}), encoding="utf-8")


if __name__ == "__main__":
    write_password(
        Path(os.environ[PASSWORDS_FILE_VARIABLE]), os.environ["AIRFLOW_ADMIN"], os.environ["AIRFLOW_ADMIN_PASSWORD"]
    )
