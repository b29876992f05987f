"""Credentials in a contract: they belong in a connection (``CITYLAKE_CONN_<ID>``), never in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.words.secret_words import names_secret


def check_secrets(registry: Registry) -> Iterator[LintFault]:
    """SECRET_WRITTEN for a password in an address, or a key in parameters or headers, unless it is a variable."""
    for contract in registry.contracts.values():
        place = sub_location(contract_location(registry, contract.dataset), "source")
        for key, address in contract.source.addresses():
            yield from _in_address(address, sub_location(place, key))
        for key in ("params", "headers"):
            yield from _secret_keys(getattr(contract.source, key, {}), sub_location(place, key))
        sign = getattr(contract.source, "sign", None)
        yield from _secret_keys(sign.params if sign else {}, sub_location(place, "sign", "params"))


def _in_address(address: str, place: YamlLocation) -> Iterator[LintFault]:
    if re.search(r"://[^/\s$]*:[^/\s$]+@", address):
        yield LintFault("SECRET_WRITTEN", place, {"name": "://…@"})
    query = urlsplit(address).query if "://" in address else ""
    yield from _secret_keys(dict(parse_qsl(query)), place, deeper=False)


def _secret_keys(values: Mapping[str, object], place: YamlLocation, *, deeper: bool = True) -> Iterator[LintFault]:
    for name, value in values.items():
        if names_secret(name) and "${" not in str(value):
            yield LintFault("SECRET_WRITTEN", sub_location(place, name) if deeper else place, {"name": name})
        if isinstance(value, Mapping):
            yield from _secret_keys(value, sub_location(place, name))
