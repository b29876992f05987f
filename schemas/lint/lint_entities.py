"""Checks of entities: their datasets and columns exist, something can link the records, and no person is linked."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.entity import ENTITY_SCHEMA, EntityDeclaration, EntityRecords
from citylake.schemas.read.contract_columns import contract_columns, elements_by_column
from citylake.schemas.read.registry import Registry, YamlLocation


def check_entities(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every entity, and of names that would hide the tables of links."""
    for entity in registry.entities.values():
        place = registry.places["entity", entity.entity]
        yield from _entity_faults(entity, place)
        own = place.path.is_relative_to(registry.workspace.root)
        for dataset, records in entity.records.items():
            here = sub_location(place, "records", dataset)
            if dataset in registry.contracts:
                yield from _record_faults(entity, dataset, here, registry)
            elif own:
                # A pack's entity may name datasets that this workspace does not have.
                near = nearest_words(dataset, registry.contracts)
                yield LintFault("REFERENCED_DATASET_UNKNOWN", here, {"dataset": dataset, "suggestion": near})
            yield from _without_link(entity, dataset, records, here)
    yield from _reserved_names(registry) if registry.entities else ()


def _entity_faults(entity: EntityDeclaration, place: YamlLocation) -> Iterator[LintFault]:
    values = {"entity": entity.entity}
    if entity.kind == "person":
        yield LintFault("ENTITY_OF_PERSONS", sub_location(place, "kind"), values)
    if entity.similar and entity.similar.review > entity.similar.accept:
        bounds = {"review": entity.similar.review, "accept": entity.similar.accept}
        yield LintFault("ENTITY_BAND_REVERSED", sub_location(place, "similar", "review"), values | bounds)


def _record_faults(
    entity: EntityDeclaration, dataset: str, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    contract = registry.contracts[dataset]
    known, elements = contract_columns(contract, registry), elements_by_column(contract, registry)
    for keys, column in entity.records[dataset].columns().items() if known is not None else ():
        here = sub_location(place, *keys)
        where = ".".join(map(str, ("records", dataset, *keys)))
        if column not in (known or ()):
            near = nearest_words(column, sorted(known or ()))
            yield LintFault("COLUMN_UNKNOWN", here, {"column": column, "where": where, "suggestion": near})
        elif keys[0] in ("key", "identifiers") and _is_personal(elements.get(column)):
            values = {"column": column, "element": elements[column].id, "dataset": dataset}
            yield LintFault("ENTITY_KEY_PERSONAL", here, {"entity": entity.entity, **values})


def _is_personal(element: DataElement | None) -> bool:
    return element is not None and element.sensitivity.personal != "none"


def _without_link(
    entity: EntityDeclaration, dataset: str, records: EntityRecords, place: YamlLocation
) -> Iterator[LintFault]:
    if not records.identifiers and not (entity.similar and (records.name or records.address)):
        yield LintFault("ENTITY_WITHOUT_LINK", place, {"entity": entity.entity, "dataset": dataset})


def _reserved_names(registry: Registry) -> Iterator[LintFault]:
    taken = [("mart", name) for name in registry.marts if name == ENTITY_SCHEMA]
    taken += [("dataset", name) for name in registry.contracts if name.partition(".")[0] == ENTITY_SCHEMA]
    for kind, name in taken:
        place = sub_location(registry.places[kind, name], kind)
        yield LintFault("ENTITY_NAME_RESERVED", place, {"name": name, "schema": ENTITY_SCHEMA})
