"""A command beside a Spark Connect server: ``… -m benchmarks.on_server sail|apache MB FOLDER WORD…``.

The server is a descendant of this process, so its seconds and its memory are measured with those of the command.
``BENCH_TEMPORARY`` names a file for the most bytes that its temporary files took.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import cast

from benchmarks.measure.folder_peak import folder_peak
from citylake.infra.spark.spark_environments import Server
from citylake.infra.spark.spark_servers import running_server


def main(server: str, memory_mb: str, folder: str, *command: str) -> None:
    """Start the server, run the command (none: only the start), stop the server."""
    home = Path(folder, "server")
    with (
        folder_peak(home) as peak,
        running_server(cast("Server", server), home, memory_mb=int(memory_mb)) as address,
    ):
        if command:
            subprocess.run(command, env={**os.environ, "CITYLAKE_SPARK_REMOTE": address}, check=True)
    if file := os.environ.get("BENCH_TEMPORARY"):
        Path(file).write_text(str(peak.bytes))


if __name__ == "__main__":
    main(*sys.argv[1:])
