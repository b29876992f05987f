"""Checks of deliveries: what they name exists, and their receiver may have it.

They are the gate of deliveries, too: one with an error is left out of every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_audiences import mart_datasets
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.delivery import CONTROL_TABLE, DatabaseTarget, Delivery
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.sensitivity_level import sensitivity_level
from citylake.schemas.read.contract_columns import contract_columns, elements_by_column
from citylake.schemas.read.delivered_tables import delivered_key, delivered_names
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.message_catalogue import translations_of


def check_deliveries(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every delivery."""
    for delivery in registry.deliveries.values():
        place = registry.places["delivery", delivery.delivery]
        kind, name = delivery.subject
        known: Mapping[str, object] = registry.marts if kind == "mart" else registry.contracts
        if name not in known:
            code = "DELIVERED_MART_UNKNOWN" if kind == "mart" else "REFERENCED_DATASET_UNKNOWN"
            values = {"mart": name, "dataset": name, "suggestion": nearest_words(name, known)}
            yield LintFault(code, sub_location(place, kind), values)
            continue
        yield from _tables(delivery, place, registry)
        yield from _names(delivery, place, registry)
        yield from _keys(delivery, place, registry)
        yield from _shared(delivery, place, registry)
    yield from _same_tables(registry)


def _tables(delivery: Delivery, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    kind, name = delivery.subject
    known = set(registry.marts[name].tables) if kind == "mart" else {name}
    for table, chosen in delivery.tables.items():
        here = sub_location(place, "tables", table)
        if table not in known:
            yield LintFault(
                "DELIVERED_TABLE_UNKNOWN", here, {"table": table, "suggestion": nearest_words(table, known)}
            )
            continue
        columns = _columns(delivery, table, registry)
        for column in chosen.columns if columns is not None else ():
            if column not in (columns or ()):
                values = {"column": column, "where": f"tables.{table}.columns"}
                near = nearest_words(column, sorted(columns or ()))
                yield LintFault("COLUMN_UNKNOWN", sub_location(here, "columns"), values | {"suggestion": near})


def _names(delivery: Delivery, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    """Two tables with one name at the receiver, or with that of the control table."""
    seen = {CONTROL_TABLE}
    for table, name in delivered_names(delivery, registry).items():
        if name.lower() in seen:
            here = sub_location(place, "tables", table) if table in delivery.tables else place
            yield LintFault("DELIVERED_NAME_TWICE", here, {"delivery": delivery.delivery, "name": name})
        seen.add(name.lower())


def _same_tables(registry: Registry) -> Iterator[LintFault]:
    """Two deliveries into one table: each would delete the rows of the other."""
    taken: dict[tuple[str, str], str] = {}
    for delivery in registry.deliveries.values():
        if not isinstance(delivery.target, DatabaseTarget):
            continue
        for name in delivered_names(delivery, registry).values():
            first = taken.setdefault((delivery.destination, name.lower()), delivery.delivery)
            if first != delivery.delivery:
                place = registry.places["delivery", delivery.delivery]
                values = {"delivery": delivery.delivery, "name": name, "other": first}
                yield LintFault("DELIVERED_TABLE_TAKEN", place, values)


def _keys(delivery: Delivery, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    """Changes are found by key: it must exist, be delivered, and be nobody's identifier, because the lake keeps it."""
    if delivery.mode != "changes":
        return
    for table in delivered_names(delivery, registry):
        key, elements = delivered_key(delivery, table, registry), _elements(delivery, table, registry)
        chosen = delivery.tables[table].columns if table in delivery.tables else ()
        values = {"delivery": delivery.delivery, "table": table}
        here = sub_location(place, "mode")
        if not key:
            yield LintFault("DELIVERY_WITHOUT_KEY", here, values)
        for column in key:
            element = elements.get(column)
            if chosen and column not in chosen:
                yield LintFault("DELIVERY_KEY_LEFT_OUT", here, values | {"column": column})
            if element and element.sensitivity.personal != "none":
                yield LintFault("DELIVERY_KEY_PERSONAL", here, values | {"column": column, "element": element.id})


def _shared(delivery: Delivery, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    kind, name = delivery.subject
    read = mart_datasets(registry.marts[name], registry) if kind == "mart" else {name}
    owners = {dataset: registry.contracts[dataset].owner.department for dataset in read}
    values = {"delivery": delivery.delivery, "department": delivery.department}
    for dataset in sorted(read):
        sharing = dataset_sharing(registry.contracts[dataset], registry)
        if sharing is None or sharing.sharing_class == "unconditional" or owners[dataset] == delivery.department:
            continue
        told = values | {"dataset": dataset, "owner": owners[dataset]}
        if sharing.sharing_class == "none":
            yield LintFault("DELIVERY_SHARES_CLOSED_DATA", place, told)
        elif dataset not in delivery.agreement:
            condition = sharing.condition or translations_of("query.no_condition")
            yield LintFault("DELIVERY_WITHOUT_AGREEMENT", place, told | {"condition": condition})
    if set(owners.values()) != {delivery.department}:
        yield from _sensitive(delivery, place, registry)


def _sensitive(delivery: Delivery, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    """Nothing above ``highest``: of a mart its own limit counts, because columns without an element have none."""
    limit = sensitivity_level(delivery.highest)
    kind, name = delivery.subject
    values = {"delivery": delivery.delivery, "highest": str(limit)}
    if kind == "mart":
        own = sensitivity_level(registry.marts[name].highest)
        if own.exceeds(limit):
            yield LintFault("DELIVERY_TOO_SENSITIVE", place, values | {"what": name, "own": str(own)})
        return
    chosen = delivery.tables[name].columns if name in delivery.tables else ()
    for column, element in _elements(delivery, name, registry).items():
        own = sensitivity_level(element.sensitivity)
        if own.exceeds(limit) and (not chosen or column in chosen):
            yield LintFault("DELIVERY_TOO_SENSITIVE", place, values | {"what": column, "own": str(own)})


def _columns(delivery: Delivery, table: str, registry: Registry) -> set[str] | None:
    kind, name = delivery.subject
    if kind == "mart":
        return set(registry.marts[name].tables[table].columns)
    return contract_columns(registry.contracts[name], registry)


def _elements(delivery: Delivery, table: str, registry: Registry) -> Mapping[str, DataElement]:
    kind, name = delivery.subject
    if kind == "dataset":
        return elements_by_column(registry.contracts[name], registry)
    columns = registry.marts[name].tables[table].columns
    known = {column: registry.elements.get(meaning.element or "") for column, meaning in columns.items()}
    return {column: element for column, element in known.items() if element}
