"""Work as the number of function calls of a new process: the same on every machine, however busy it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_COUNTED = """
import sys
calls = 0
def seen(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
sys.setprofile(seen)
{code}
sys.setprofile(None)
print(calls, file=sys.stderr)
"""


def count_calls(code: str) -> int:
    """Return the number of calls, of Python and C functions, that the main thread makes to run ``code``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CITYLAKE_LANG": "en"}
    run = [sys.executable, "-c", _COUNTED.format(code=code)]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    return int(done.stderr.split()[-1])


def count_command(*arguments: str) -> int:
    """Return the number of calls of one command of citylake."""
    return count_calls(f"from citylake.pipelines.cli import main; main({list(arguments)!r})")
