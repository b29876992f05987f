"""A hash of everything that determines the rows made from a dataset's bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import has_tokens
from citylake.schemas.read.registry import Registry


def contract_fingerprint(contract: Contract, registry: Registry) -> str:
    """SHA-256 (hex) over ``contract`` and the elements, code lists and crosswalks that it uses.

    The same bytes and the same fingerprint give the same rows. Comments and layout do not count; the order of fields
    does, because columns have it.
    """
    parts = [_text_of(part, registry) for part in _fingerprint_parts(contract, registry)]
    # Times without a declared zone are read in the workspace's.
    parts.append(_json(registry.workspace.settings.timezone))
    if registry.workspace.settings.bounds and contract.bounds is None:
        parts.append(_json(list(registry.workspace.settings.bounds)))
    if has_tokens(contract, registry):
        # Tokens of another key are other rows.
        parts.append(_json([registry.workspace.settings.tokens.hash, registry.token_key]))
    return hashlib.sha256(f"[{','.join(parts)}]".encode()).hexdigest()


def _text_of(part: Declaration, registry: Registry) -> str:
    """The part as JSON, made once: it is immutable, and many contracts use the same elements."""
    known, text = registry.texts.get(id(part), (None, ""))
    if known is not part:
        text = _json([type(part).__name__, part.model_dump(mode="json")])
        registry.texts[id(part)] = (part, text)
    return text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
