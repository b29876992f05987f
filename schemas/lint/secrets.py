"""Credentials that stand in a contract: they belong to a connection (``CITYLAKE_CONN_<ID>``), never to a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from schemas.lint.fault import Fault
from schemas.lint.places import at, contract_place
from schemas.registry import Place, Registry
from schemas.secret_words import names_secret
from schemas.source import FilesSource, HttpBase, Source


def check_secrets(registry: Registry) -> Iterator[Fault]:
    """SECRET_WRITTEN for a password in an address, and for a key among parameters or headers, unless a variable."""
    for contract in registry.contracts.values():
        place = at(contract_place(registry, contract.dataset), "source")
        for key, address in _addresses(contract.source):
            yield from _in_address(address, at(place, key))
        for key in ("params", "headers"):
            yield from _named(getattr(contract.source, key, {}), at(place, key))
        sign = getattr(contract.source, "sign", None)
        yield from _named(sign.params if sign else {}, at(place, "sign", "params"))


def _addresses(source: Source) -> Iterator[tuple[str, str]]:
    if isinstance(source, HttpBase):
        yield "url", source.url
    elif isinstance(source, FilesSource):
        yield from (("path", path) for path in ([source.path] if isinstance(source.path, str) else source.path))


def _in_address(address: str, place: Place) -> Iterator[Fault]:
    if re.search(r"://[^/\s$]*:[^/\s$]+@", address):
        yield Fault("SECRET_WRITTEN", place, {"name": "://…@"})
    query = urlsplit(address).query if "://" in address else ""
    yield from _named(dict(parse_qsl(query)), place, deeper=False)


def _named(values: Mapping[str, object], place: Place, *, deeper: bool = True) -> Iterator[Fault]:
    for name, value in values.items():
        if names_secret(name) and "${" not in str(value):
            yield Fault("SECRET_WRITTEN", at(place, name) if deeper else place, {"name": name})
        if isinstance(value, Mapping):
            yield from _named(value, at(place, name))
