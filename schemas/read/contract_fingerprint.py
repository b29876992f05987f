"""A hash of everything that determines the rows made from a dataset's bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry


def contract_fingerprint(contract: Contract, registry: Registry) -> str:
    """SHA-256 (hex) over ``contract`` and the elements, code lists and crosswalks that it uses.

    The same bytes and the same fingerprint give the same rows. Comments and layout do not count; the order of fields
    does, because columns have it.
    """
    parts: list[object] = [
        [type(part).__name__, part.model_dump(mode="json")] for part in _fingerprint_parts(contract, registry)
    ]
    # Times without a declared zone are read in the workspace's.
    parts.append(registry.workspace.settings.timezone)
    if registry.workspace.settings.bounds and contract.bounds is None:
        parts.append(list(registry.workspace.settings.bounds))
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _fingerprint_parts(contract: Contract, registry: Registry) -> Iterator[Declaration]:
    yield contract
    bindings = contract.fields.values()
    crosswalks = sorted({binding.lookup for binding in bindings if binding.lookup} & registry.crosswalks.keys())
    wanted = {binding.element for binding in bindings} | {registry.crosswalks[name].to for name in crosswalks}
    elements = [registry.elements[name] for name in sorted(wanted & registry.elements.keys())]
    yield from elements
    yield from (registry.crosswalks[name] for name in crosswalks)
    lists = {element.codes for element in elements if element.codes} & registry.codes.keys()
    yield from (registry.codes[name] for name in sorted(lists))
