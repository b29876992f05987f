"""What the log and warnings print to the terminal of a command: plain text, and no traceback unless it is wanted."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any

from citylake.pipelines.cli.terminal_text import escape_controls


class _TerminalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return escape_controls(super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  # the name in logging.Formatter
        """Return nothing unless ``CITYLAKE_DEBUG`` is set: the command prints what failed, and why."""
        return super().formatException(ei) if os.environ.get("CITYLAKE_DEBUG") else ""


def guard_log() -> None:
    """Print log lines, which quote names, data and errors of libraries, escaped as other text is.

    It has no effect where logging is configured, as in Airflow.
    """
    if logging.lastResort:
        logging.lastResort.setFormatter(_TerminalFormatter())


def guard_warnings() -> None:
    """Escape the text of warnings as well."""
    show = warnings.formatwarning

    def format_warning(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
    ) -> str:
        return escape_controls(show(message, category, filename, lineno, line))

    warnings.formatwarning = format_warning
