"""Names that credentials usually have."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"token|secret|passw|passphrase|authorization|(api|app|access)_?key|cookie|signature", re.IGNORECASE
)


_SECRET_VARIABLE = re.compile(
    r"credential|private|session|fernet|bearer|jwt|connection_?string|[a-z_]pwd|[a-z]pass(_|$)"
    r"|(^|_)(key|keys|pat|dsn|auth|pass|pw|login|conn)(_|$)|api_?key",
    re.IGNORECASE,
)
_CONNECTIONS = ("CITYLAKE_CONN_", "AIRFLOW_CONN_", "AIRFLOW__")
_SECRET_VALUE = re.compile(
    r"://[^/\s@]*:[^/\s@]+@|-----BEGIN "
    r"|(^|[\s;?&,\"'{])(accountkey|sharedaccess\w*|passw\w*|pwd|sig|\w*token|\w*secret|api_?key)[\"']?\s*[=:]",
    re.IGNORECASE,
)
"""A password in an address, a private key, or a connection string, query or JSON with a credential."""


def names_secret(name: str) -> bool:
    """Whether a parameter or header of this name is likely to be a credential."""
    return bool(_SECRET.search(name))


def is_secret_variable(name: str, value: str) -> bool:
    """Whether the environment variable ``name`` is likely to hold a credential, by its name or its value."""
    of_connection = name.upper().startswith(_CONNECTIONS)
    return of_connection or names_secret(name) or bool(_SECRET_VARIABLE.search(name) or _SECRET_VALUE.search(value))
