"""A hash of all that a published file says and that its rows do not depend on: titles, names of codes, owners."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Final

from citylake.pipelines.marts.explain.lake_lookup import LakeLookup
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.calendar_files import CALENDARS_FOLDER
from citylake.schemas.read.registry import Registry

LAYOUT: Final = 1
"""The number of the layout of published files: with another one, every mart is published anew, once."""


def declared_digest(mart: Mart, registry: Registry, inputs: Collection[str], lookups: Collection[LakeLookup]) -> str:
    """Return the hash. If it changes, the mart is published again, from the same curated tables.

    ``inputs``: what the mart reads. ``lookups``: the datasets that names of keys and codes come from, with their
    versions.
    """
    hashed = hashlib.sha256(str(LAYOUT).encode())
    for part in (*map(repr, lookups), *_parts(mart, registry, {*inputs, *(each.dataset for each in lookups)})):
        hashed.update(b"\0" + part.encode())
    return hashed.hexdigest()


def _parts(mart: Mart, registry: Registry, inputs: Collection[str]) -> Iterator[str]:
    """The declarations as texts, with the words that are no part of fingerprints."""
    yield repr(mart)
    columns = (column.element or "" for table in mart.tables.values() for column in table.columns.values())
    elements = [registry.elements[each] for each in sorted(registry.elements.keys() & set(columns))]
    yield from map(repr, elements)
    lists = {element.codes or "" for element in elements}
    yield from (repr(registry.codes[each]) for each in sorted(lists) if each in registry.codes)
    for dataset in sorted(registry.contracts.keys() & set(inputs)):
        contract = registry.contracts[dataset]
        yield repr((dataset, contract.title, contract.owner, contract.sharing, contract.write, contract.dimension))
    settings = registry.workspace.settings
    yield repr((settings.timezone, settings.calendar))
    yield from (path.read_text("utf-8", "replace") for path in registry.workspace.files(CALENDARS_FOLDER))
