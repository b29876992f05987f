"""Checks of who reads: the readers of marts, and the sharing classes of what the marts draw on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import contract_location, sub_location
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.read.sharing_class import dataset_sharing, may_draw_on, strictest_element
from citylake.schemas.sql.sql_columns import readable_tables
from citylake.schemas.words.message_catalogue import translations_of


def check_audiences(registry: Registry) -> Iterator[LintFault]:
    """Every fault of readers and of sharing classes."""
    yield from _stated(registry)
    for mart in registry.marts.values():
        place = registry.places["mart", mart.mart]
        yield from _readers(mart, place, registry)
        yield from _shared(mart, place, registry)


def _stated(registry: Registry) -> Iterator[LintFault]:
    for each in registry.elements.values():
        if each.sharing:
            yield from _complete(each.id, each.sharing, registry.places["element", each.id])
    for contract in registry.contracts.values():
        own, element = contract.sharing, strictest_element(contract, registry)
        here = contract_location(registry, contract.dataset, "sharing")
        if own:
            yield from _complete(contract.dataset, own, here)
        if own and element and element.sharing and element.sharing.strictness > own.strictness:
            values = {"dataset": contract.dataset, "element": element.id}
            classes = {"own": _class_text(own), "strictest": _class_text(element.sharing)}
            yield LintFault("SHARING_TOO_WIDE", here, values | classes)


def _complete(name: str, sharing: Sharing, place: YamlLocation) -> Iterator[LintFault]:
    if sharing.sharing_class == "none" and not sharing.basis:
        yield LintFault("SHARING_WITHOUT_BASIS", place, {"name": name})
    if sharing.sharing_class == "conditional" and not sharing.condition:
        yield LintFault("SHARING_WITHOUT_CONDITION", place, {"name": name})


def _readers(mart: Mart, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    declared, open_to_all = registry.workspace.settings.readers, mart.highest == Sensitivity()
    highest = f"{mart.highest.grade}/{mart.highest.openness}/{mart.highest.personal}"
    values = {"mart": mart.mart, "highest": highest, "suggestion": sorted(declared)}
    if mart.readers is None:
        if declared and not open_to_all:
            yield LintFault("MART_WITHOUT_READERS", place, values)
        return
    here = sub_location(place, "readers")
    if mart.readers not in declared:
        yield LintFault("READERS_UNKNOWN", here, values | {"name": mart.readers})
    elif declared[mart.readers].world_readable and not open_to_all:
        told = {"name": mart.readers, "mode": declared[mart.readers].mode}
        yield LintFault("MART_WORLD_READABLE", here, values | told)


def _shared(mart: Mart, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    for dataset in sorted(mart_datasets(mart, registry)):
        contract = registry.contracts[dataset]
        sharing = dataset_sharing(contract, registry)
        values = {"mart": mart.mart, "dataset": dataset, "departments": contract.owner.department}
        if sharing is None or may_draw_on(mart, contract, registry):
            continue
        if sharing.sharing_class == "none":
            yield LintFault("MART_SHARES_CLOSED_DATA", place, values)
        else:
            condition = sharing.condition or translations_of("query.no_condition")
            yield LintFault("MART_WITHOUT_AGREEMENT", place, values | {"condition": condition})


def mart_datasets(mart: Mart, registry: Registry) -> set[str]:
    """The datasets that the mart's SQL reads, also through tables of other marts and through links of entities."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [mart]
    while waiting:
        each = waiting.pop()
        seen.add(each.mart)
        for parts in _tables(each, registry):
            found |= _datasets_of(parts, registry)
            if parts[0] == "mart" and len(parts) == 3 and parts[1] in registry.marts and parts[1] not in seen:
                waiting.append(registry.marts[parts[1]])
    return found


def _tables(mart: Mart, registry: Registry) -> Iterator[tuple[str, ...]]:
    folder: Path = registry.places["mart", mart.mart].path.parent
    for name in mart.tables:
        file = folder / f"{name}.sql"
        if file.exists():
            yield from readable_tables(file.read_text(encoding="utf-8", errors="replace"))


def _datasets_of(parts: tuple[str, ...], registry: Registry) -> set[str]:
    name = ".".join(parts)
    linked = (entity.records for entity in registry.entities.values() if entity.table == name)
    return ({name} | {dataset for records in linked for dataset in records}) & registry.contracts.keys()


def _class_text(sharing: Sharing) -> object:
    return translations_of(f"query.sharing_{sharing.sharing_class}")
