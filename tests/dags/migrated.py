"""Airflow's database, migrated once for all scripts of a home: each begins with a copy of its own."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from airflow import settings
from airflow.utils.db import initdb


def migrated_database() -> None:
    """Let this script's database be a migrated one without content."""
    engine = settings.get_engine()  # type: ignore[no-untyped-call]
    own, template = Path(str(engine.url.database)), Path(os.environ["AIRFLOW_HOME"], "migrated.db")
    if template.exists():
        _copy(template, own)
        return
    initdb()
    _copy(own, half := template.with_suffix(".part"))
    half.replace(template)


def _copy(source: Path, target: Path) -> None:
    """By SQLite itself: the newest pages may be in its log alone."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
