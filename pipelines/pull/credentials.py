"""Credentials of a connection: never in a contract, a receipt, an error or a log.

They come from ``CITYLAKE_CONN_<ID>``, or from a lookup that :func:`register_connection_lookup` added.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from citylake.pipelines.pull.redact import contains_secret, redact_secrets, redact_url
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.secret_words import names_secret

# These libraries log whole URLs and headers, which may contain credentials.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

ConnectionLookup = Callable[[str], Mapping[str, Any] | None]
"""Returns a connection by its id; None if it is unknown."""

_connection_lookups: list[ConnectionLookup] = []
_LEARNT = 16
"""How many of the latest signatures are redacted: a page may be requested several times."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a connection adds to HTTP requests or to the options of a file system; or the URI of a database."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    sign: Mapping[str, str] = field(default_factory=dict)
    """Parameters that are sent only in a request for a signature."""
    uri: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    """Settings of an fsspec file system: ``{"key": …, "secret": …, "client_kwargs": {…}}``."""
    learnt: tuple[str, ...] = ()
    """Signatures of the last requests, which are secret too."""

    def redact(self, text: str) -> str:
        """``text`` with all credentials redacted, in URLs and elsewhere."""
        return redact_secrets(redact_url(text), self._secrets())

    def within(self, text: str) -> bool:
        """Whether ``text`` contains any of the credentials."""
        return contains_secret(text, self._secrets())

    def knowing(self, secret: str) -> Credentials:
        """These credentials with another secret to redact."""
        return replace(self, learnt=(*self.learnt[1 - _LEARNT :], secret))

    def _secrets(self) -> Iterator[str]:
        yield from (*self.headers.values(), *self.params.values(), *self.sign.values(), *self.learnt)
        # In ``Bearer …``, the token alone is a secret too.
        yield from (value.partition(" ")[2] for value in self.headers.values())
        yield from _secret_options(self.options)
        if self.uri:
            parts = urlsplit(self.uri)
            yield from (self.uri, parts.password or "", unquote(parts.password or ""))
            yield from (value for name, value in parse_qsl(parts.query) if names_secret(name))


def register_connection_lookup(look_up: ConnectionLookup) -> None:
    """Add ``look_up`` for connections that are not in the environment."""
    if look_up not in _connection_lookups:
        _connection_lookups.append(look_up)


def load_credentials(connection: str | None) -> Credentials:
    """The credentials of ``connection``; raises CONNECTION_UNSET or CONNECTION_BROKEN.

    They are JSON: ``{"headers": {…}}``, ``{"params": {…}}``, ``{"sign": {…}}``, ``{"token": "…"}`` (a bearer token),
    ``{"uri": "…"}``, ``{"options": {…}}``, or several.
    """
    if connection is None:
        return Credentials()
    variable = connection_variable(connection)
    declared = _declared_connection(connection, variable)
    if declared is None:
        raise CitylakeError("CONNECTION_UNSET", connection=connection, variable=variable)
    try:
        return _parse_connection(json.loads(declared) if isinstance(declared, str) else declared)
    except (ValueError, TypeError, AttributeError):
        # The cause contains the text with the secret.
        raise CitylakeError("CONNECTION_BROKEN", connection=connection, variable=variable) from None


def connection_variable(connection: str) -> str:
    """The environment variable of a connection."""
    return "CITYLAKE_CONN_" + re.sub(r"\W", "_", connection).upper()


def has_connection(connection: str) -> bool:
    """Whether the connection is defined; its content is not checked."""
    return _declared_connection(connection, connection_variable(connection)) is not None


def _declared_connection(connection: str, variable: str) -> str | Mapping[str, Any] | None:
    if variable in os.environ:
        return os.environ[variable]
    return next((found for look_up in _connection_lookups if (found := look_up(connection)) is not None), None)


def _parse_connection(declared: Mapping[str, Any]) -> Credentials:
    unknown = declared.keys() - {"headers", "params", "sign", "token", "uri", "options"}
    if unknown:
        raise ValueError("unknown members")
    headers = _secret_texts(declared.get("headers", {}))
    if "token" in declared:
        headers["Authorization"] = f"Bearer {declared['token']}"
    uri, options = declared.get("uri"), declared.get("options", {})
    if not isinstance(options, Mapping) or not isinstance(uri, str | None):
        raise TypeError("not an object, or not a text")
    params, sign = _secret_texts(declared.get("params", {})), _secret_texts(declared.get("sign", {}))
    return Credentials(headers, params, sign, uri, options)


def _secret_texts(declared: object) -> dict[str, str]:
    if not isinstance(declared, Mapping):
        raise TypeError("not an object")
    return {str(name): str(value) for name, value in declared.items()}


def _secret_options(value: Any) -> Iterator[str]:
    """Every text in options whose key names a secret: regions and addresses are too common to be redacted."""
    for name, item in value.items():
        if isinstance(item, Mapping):
            yield from _secret_options(item)
        elif isinstance(item, str) and (names_secret(name) or name in ("key", "username")):
            yield item
