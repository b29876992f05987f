"""What the log prints to the terminal of a command: one line for each warning or error."""

from __future__ import annotations

import logging
import os
from typing import Any


class _WithoutTraceback(logging.Formatter):
    def formatException(self, ei: Any) -> str:  # noqa: N802  # the name in logging.Formatter
        """Return nothing: the command prints what failed, and why."""
        return ""


def hide_tracebacks() -> None:
    """Print the log without tracebacks, unless ``CITYLAKE_DEBUG`` is set.

    It has no effect where logging is configured, as in Airflow.
    """
    if logging.lastResort and not os.environ.get("CITYLAKE_DEBUG"):
        logging.lastResort.setFormatter(_WithoutTraceback())
