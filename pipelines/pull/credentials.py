"""Credentials of a connection, from ``CITYLAKE_CONN_<ID>``: never in a contract, a receipt, an error or a log."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.pull.redact import shown_url, without
from schemas.faults import CitylakeError


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What is added to every request of a connection."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)

    def redact(self, text: str) -> str:
        """``text`` without any of the credentials, in a URL's query or elsewhere."""
        values = (*self.headers.values(), *self.params.values())
        tokens = (value.partition(" ")[2] for value in self.headers.values())
        return without(shown_url(text), (*values, *tokens))


def credentials(connection: str | None) -> Credentials:
    """The credentials of ``connection``; raises CONNECTION_UNSET or CONNECTION_BROKEN.

    The variable holds JSON: ``{"headers": {…}}``, ``{"params": {…}}``, ``{"token": "…"}`` (a bearer token), or several.
    """
    if connection is None:
        return Credentials()
    variable = "CITYLAKE_CONN_" + re.sub(r"\W", "_", connection).upper()
    text = os.environ.get(variable)
    if text is None:
        raise CitylakeError("CONNECTION_UNSET", connection=connection, variable=variable)
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, AttributeError):
        # The cause holds the text, and with it the secret.
        raise CitylakeError("CONNECTION_BROKEN", connection=connection, variable=variable) from None


def _read(declared: Mapping[str, object]) -> Credentials:
    unknown = declared.keys() - {"headers", "params", "token"}
    if unknown:
        raise ValueError("unknown members")
    headers = _texts(declared.get("headers", {}))
    if "token" in declared:
        headers["Authorization"] = f"Bearer {declared['token']}"
    return Credentials(headers, _texts(declared.get("params", {})))


def _texts(declared: object) -> dict[str, str]:
    if not isinstance(declared, Mapping):
        raise TypeError("not an object")
    return {str(name): str(value) for name, value in declared.items()}
