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
"""The peers of the core job."""
METHODS: dict[str, tuple[str, ...]] = {
    "quhua": ("quhua-mcp",),
    "valentine": ("valentine[polars]<2",),
}
"""The peers of one method each: addresses, and matching."""


def interpreter(peer: str, folder: Path) -> Path:
    """The peer's Python; installs its packages the first time. Raises CalledProcessError if that fails."""
    home = folder / peer
    done = home / "installed"
    if not done.exists():
        venv.create(home, with_pip=True, clear=True)
        pip = (str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run((*pip, *(PACKAGES | METHODS)[peer]), check=True, stdout=sys.stderr)
        done.touch()
    return home / "bin" / "python"
