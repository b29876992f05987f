"""A virtual environment for each peer, below the build folder."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

PACKAGES: dict[str, tuple[str, ...]] = {
    "dataframely": ("dataframely", "polars"),
    "pandera": ("pandera[polars]", "polars"),
    "dlt": ("dlt[parquet]", "polars", "pyarrow"),
    "dbt": ("dbt-core<1.11", "dbt-duckdb", "duckdb"),
    "pyspark": ("pyspark",),
    "great_expectations": ("great-expectations", "polars", "pandas", "pyarrow"),
}


def interpreter(peer: str, folder: Path) -> Path:
    """The peer's Python; installs its packages the first time. Raises CalledProcessError if that fails."""
    home = folder / peer
    done = home / "installed"
    if not done.exists():
        venv.create(home, with_pip=True, clear=True)
        pip = (str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run((*pip, *PACKAGES[peer]), check=True, stdout=sys.stderr)
        done.touch()
    return home / "bin" / "python"
