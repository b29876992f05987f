"""Whether what two datasets have in common means the same: unit, frame, label of hours, edition and grain.

The standard zone has one unit and one frame for an element. What remains are things that a binding leaves unsaid.
"""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.silo.dataset_time import column_period, place_columns
from citylake.pipelines.silo.find_paths import JoinSide
from citylake.pipelines.silo.join_domains import KeyColumn
from citylake.pipelines.silo.join_path import JoinPath, KeyPair
from citylake.pipelines.silo.join_reason import JoinReason, Weight
from citylake.schemas.model.binding import Binding
from citylake.schemas.read.contract_columns import elements_by_column


def compatibility_reasons(path: JoinPath, left: JoinSide, right: JoinSide) -> Iterator[JoinReason]:
    """Yield what is and is not comparable when rows are joined by ``path``."""
    yield from _shared_columns(path, left, right)
    yield from _frames(path, left, right)
    for pair in path.pairs:
        yield from _times(pair, left, right)
        yield from _codes(pair, left, right)


def _shared_columns(path: JoinPath, left: JoinSide, right: JoinSide) -> Iterator[JoinReason]:
    """Columns of one element on both sides, and those whose sources write another unit."""
    here, there = (elements_by_column(side.contract, side.registry) for side in (left, right))
    keys = {name for pair in path.columns for name in pair}
    common = {element.id for element in here.values()} & {element.id for element in there.values()}
    shared = [name for name, element in here.items() if element.id in common and name not in keys]
    if shared:
        yield JoinReason("same_meaning", "good", {"count": len(shared), "columns": ", ".join(shared[:6])})
    for name in shared:
        element = here[name]
        if element.unit:
            units = {_unit(side, element.id) or element.unit for side in (left, right)}
            if len(units) > 1:
                values = {"column": name, "unit": element.unit, "units": ", ".join(sorted(units))}
                yield JoinReason("unit_converted", "good", values)


def _frames(path: JoinPath, left: JoinSide, right: JoinSide) -> Iterator[JoinReason]:
    ends = [place_columns(side.contract, side.registry) for side in (left, right)]
    if not ends[0] or not ends[1]:
        return
    for side, place in zip((left, right), ends, strict=True):
        bound = _binding(side, place[0]) if place else None
        if bound and bound.frame is None:
            weight: Weight = "fault" if path.kind == "nearest" else "note"
            yield JoinReason("frame_unstated", weight, {"dataset": side.name, "column": place[0] if place else ""})


def _times(pair: KeyPair, left: JoinSide, right: JoinSide) -> Iterator[JoinReason]:
    if pair.left.kind not in ("moment", "day") or pair.how == "valid":
        return
    periods = [column_period(side.contract, side.registry, each.column) for side, each in _ends(pair, left, right)]
    if pair.how == "day" and "moment" in (pair.left.kind, pair.right.kind):
        values = {"left": pair.left.column, "right": pair.right.column}
        yield JoinReason("grain_day", "note", values)
    elif pair.left.kind == "moment" and periods[0] != periods[1]:
        # What meets at equal moments is one period in one dataset and another in the other.
        yield JoinReason("grain_differs", "fault", {"left": periods[0] or "—", "right": periods[1] or "—"})
    for side, each in _ends(pair, left, right):
        binding = _binding(side, each.column)
        if pair.how == "equal" and binding and each.kind == "moment" and binding.label is None and any(periods):
            yield JoinReason("label_unstated", "note", {"dataset": side.name, "column": each.column})


def _codes(pair: KeyPair, left: JoinSide, right: JoinSide) -> Iterator[JoinReason]:
    """Codes that are judged by different dates, or that come from different lists."""
    if pair.left.kind != "code" and pair.right.kind != "code":
        return
    lists = {side.registry.elements[each.element].codes for side, each in _ends(pair, left, right)}
    if len(lists) > 1 and None not in lists:
        yield JoinReason("lists_differ", "fault", {"lists": ", ".join(sorted(filter(None, lists)))})
    dated = {
        side.name: (binding.code_at if (binding := _binding(side, each.column)) else None)
        for side, each in _ends(pair, left, right)
    }
    if len(set(dated.values())) > 1:
        told = ", ".join(f"{name}: {column or '—'}" for name, column in dated.items())
        yield JoinReason("edition_differs", "note", {"columns": told})


def _ends(pair: KeyPair, left: JoinSide, right: JoinSide) -> list[tuple[JoinSide, KeyColumn]]:
    return [(left, pair.left), (right, pair.right)]


def _binding(side: JoinSide, column: str) -> Binding | None:
    elements = side.registry.elements
    for binding in side.contract.fields.values():
        element = elements.get(binding.element)
        if element and (binding.column or element.symbol) == column:
            return binding
    return None


def _unit(side: JoinSide, element: str) -> str | None:
    bound = next((each for each in side.contract.fields.values() if each.element == element), None)
    return bound.unit if bound and isinstance(bound.unit, str) else None
