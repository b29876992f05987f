"""Issues for the errors of databases, by SQLSTATE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from citylake.pipelines.pull.connectors.database.database_session import database_source_label
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource

_CODES = {
    "42P01": "DATABASE_NO_TABLE",
    "42S02": "DATABASE_NO_TABLE",
    "3F000": "DATABASE_NO_TABLE",
    "42501": "DATABASE_FORBIDDEN",
    "57014": "PULL_TOO_LONG",
}
_LOST = re.compile(r"08...|57P0.")
"""Classes of SQLSTATE for a lost connection (PostgreSQL, appendix A)."""
_TAIL = re.compile(r"\s*\.?\s*(?:Query was:.*|SQLSTATE: \w+|\(Background on this error.*)$", re.DOTALL)
_MOST = 300


def database_error(source: DatabaseSource, sqlstate: str | None, message: str) -> CitylakeError:
    """The issue for the error ``sqlstate`` of a database."""
    state = sqlstate or ""
    code = "DATABASE_BROKE_OFF" if _LOST.fullmatch(state) else _CODES.get(state, "DATABASE_REFUSED")
    values = {
        "source": database_source_label(source),
        "reason": clean_driver_message(message),
        "limit_s": source.deadline_s,
        "suggestion": "—",
    }
    return CitylakeError(code, **values)


def database_unreachable(source: DatabaseSource, message: str) -> CitylakeError:
    """The issue for a connection that could not be opened."""
    return CitylakeError(
        "DATABASE_UNREACHABLE", source=database_source_label(source), reason=clean_driver_message(message)
    )


def clean_driver_message(message: str) -> str:
    """The message of a driver on one line, without the SQL."""
    told = re.sub(r"^[A-Z_]+: (?:\[libpq\] )?", "", _TAIL.sub("", message.strip()))
    return re.sub(r"\s*\n\s*", " ", told)[:_MOST].strip() or "—"
