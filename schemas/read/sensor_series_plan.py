"""Which columns of a dataset make a series of sensors: as the contract declares, else by its key and its elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement, is_identifier
from citylake.schemas.model.sensor_rules import SensorRules, SensorTests, ValuePair
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.element_pairs import read_element_pairs
from citylake.schemas.read.registry import Registry

_MEASURED = ("quantity", "percent", "ratio")
_LONGITUDE, _LATITUDE = "place.longitude", "place.latitude"
_CIRCULAR = "deg"


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """A series of sensors. All names are standard columns."""

    entity: tuple[str, ...]
    time: str
    values: tuple[str, ...]
    tests: SensorTests
    history: str
    pairs: tuple[ValuePair, ...] = ()
    circular: frozenset[str] = frozenset()
    """Directions: 359° and 1° are near each other, so that steps and distances mean nothing."""
    place: tuple[str, str] | None = None
    """Longitude and latitude."""
    keyed: bool = False
    """Whether there is at most one row of a sensor and a time."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that name a sensor or its group: text."""
        return tuple(dict.fromkeys((*self.entity, *self.groups)))

    @property
    def groups(self) -> tuple[str, ...]:
        """The column that names the group of siblings, if there is one."""
        siblings = self.tests.siblings
        return (siblings.group,) if siblings and siblings.group else ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that are read as numbers: the values, those of the pairs, the coordinates."""
        pairs = [name for pair in self.pairs for name in pair.names]
        found = dict.fromkeys((*self.values, *pairs, *(self.place or ())))
        return tuple(name for name in found if name not in self.names)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the tests read."""
        return tuple(dict.fromkeys((*self.names, self.time, *self.numbers)))


def plan_series(contract: Contract, registry: Registry) -> SeriesPlan | None:
    """Return the dataset's series; None if it is none, or if its contract says ``sensors: false``.

    Without a declaration, a dataset is a series if its key is identifiers and one date and time, and an element
    outside of the key is measured: a quantity, a percentage or a ratio. Raises PAIRS_UNREADABLE.
    """
    if contract.sensors is False or contract.write.mode == "snapshot":
        return None
    rules, elements = contract.sensors or SensorRules(), elements_by_column(contract, registry)
    time = rules.time or _time_of_key(contract, elements)
    entity = rules.entity or tuple(name for name in contract.write.key if name != time)
    if time is None or not entity or (contract.sensors is None and not _names_sensors(entity, elements)):
        return None
    values = rules.values or measured_columns(contract, elements, (*entity, time))
    if not values:
        return None
    return SeriesPlan(
        entity,
        time,
        values,
        rules.tests,
        rules.history,
        pairs=(*rules.pairs, *_pairs_between(elements, registry)) if rules.tests.pairs else (),
        circular=frozenset(name for name in values if name in elements and elements[name].unit == _CIRCULAR),
        place=coordinates_of(elements),
        keyed=contract.write.mode == "upsert" and set(contract.write.key) <= {*entity, time},
    )


def measured_columns(
    contract: Contract, elements: Mapping[str, DataElement], without: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the columns whose element is measured; coordinates and the columns in ``without`` are not."""
    places = {name for name, element in elements.items() if element.id.startswith("place.")}
    return tuple(
        name
        for name, element in elements.items()
        if element.representation in _MEASURED
        and element.type in ("integer", "decimal")
        and name not in places
        and name not in without
    )


def _time_of_key(contract: Contract, elements: Mapping[str, DataElement]) -> str | None:
    times = [name for name in contract.write.key if name in elements and elements[name].type == "datetime"]
    return times[0] if len(times) == 1 else None


def _names_sensors(entity: tuple[str, ...], elements: Mapping[str, DataElement]) -> bool:
    return all(name in elements and is_identifier(elements[name]) for name in entity)


def _pairs_between(elements: Mapping[str, DataElement], registry: Registry) -> tuple[ValuePair, ...]:
    columns: dict[str, str] = {}
    for column, element in elements.items():
        columns.setdefault(element.id, column)
    found = (pair for pair in read_element_pairs(registry.workspace) if set(pair.names) <= columns.keys())
    return tuple(
        ValuePair(**{key: columns[name] for key, name in pair.model_dump(exclude_none=True).items()}) for pair in found
    )


def coordinates_of(elements: Mapping[str, DataElement]) -> tuple[str, str] | None:
    """Return the columns with longitude and latitude; None if there are not both."""
    columns = {element.id: column for column, element in elements.items()}
    both = columns.get(_LONGITUDE), columns.get(_LATITUDE)
    return (both[0], both[1]) if both[0] and both[1] else None
