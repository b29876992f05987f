"""What is in the value of an expression, given what is in the columns that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from citylake.pipelines.marts.functions.function_api import Generalisation
from citylake.pipelines.marts.leaks.flows import NOTHING, Cell, Flow, Flows, Guard, digest, hardened, joined_flows
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression
from citylake.schemas.model.sensitivity_level import SensitivityLevel, sensitivity_level

_WHOLE: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_LEAST: Final = 1e-6
_MOST: Final = 1e6
_LINEAR: Final = frozenset({"+", "-", "*", "/"})


@dataclass(slots=True)
class CellReader:
    """Reads expressions. ``highest``: what may be published; what is not above it is no longer followed.

    ``generalised`` collects, by source, how it was generalised: two ways together tell more than each.
    """

    highest: SensitivityLevel
    lowers: Mapping[str, Generalisation]
    line_of: Callable[[int | None], int]
    generalised: dict[str, set[str]]
    smallest: int
    released: set[int] = field(default_factory=set)
    """The numbers of the aggregates that a guard stands before."""

    def value(self, told: PlanExpression, cells: Sequence[Cell]) -> Cell:
        """Return the cell of an expression over ``cells``."""
        match told.kind:
            case "column":
                return cells[told.index]
            case "constant":
                return Cell(constant=True, text=repr(told.value))
            case "unknown":
                return self._anything(told, cells)
            case "case":
                return self._case(told, cells)
            case _:
                return self._made(told, [self.value(each, cells) for each in told.children()])

    def values(self, many: Iterable[PlanExpression], cells: Sequence[Cell]) -> list[Cell]:
        """Return the cells of expressions."""
        return [self.value(each, cells) for each in many]

    def line(self, told: PlanExpression) -> int | None:
        """The line of an expression, if DuckDB says where it or a part of it is."""
        at = next((each.at for each in told.walk() if each.at is not None), None)
        return None if at is None else self.line_of(at)

    def _anything(self, told: PlanExpression, cells: Sequence[Cell]) -> Cell:
        flows = joined_flows(each.flows for each in cells)
        return Cell(hardened(flows, told.name, self.line(told)), text=digest("unknown", *(each.text for each in cells)))

    def _made(self, told: PlanExpression, parts: list[Cell]) -> Cell:
        text = digest(told.kind, told.name, told.type, told.distinct, told.frame, *(each.text for each in parts))
        flows = joined_flows(each.flows for each in parts)
        constant = bool(parts) and all(each.constant for each in parts) and told.kind != "window"
        if not flows:
            return Cell(guard=_cast_guard(told, parts), constant=constant, text=text)
        if told.kind == "function" and told.name in self.lowers:
            flows = self._lowered(told, parts)
        else:
            flows = self._through(told, parts, flows)
        return Cell(flows, guard=_cast_guard(told, parts), text=text)

    def _through(self, told: PlanExpression, parts: list[Cell], flows: Flows) -> Flows:
        step = told.name if told.kind in ("function", "aggregate", "window") else ""
        line = self.line(told)
        if _is_linear(told, parts):
            return frozenset(replace(each.stepped(step, line), shape="linear") for each in flows)
        if _is_unchanged(told):
            return flows
        return frozenset(
            each.stepped(step, line) if _of_group(told, each) else each.hardened(step, line) for each in flows
        )

    def _case(self, told: PlanExpression, cells: Sequence[Cell]) -> Cell:
        """CASE: a value behind a guard is that of a large group, and an ELSE must then be a constant."""
        *pairs, otherwise = told.args
        flows, texts = list[Flows](), list[str]()
        for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
            asked, given = self.value(condition, cells), self.value(value, cells)
            guards = list(self.guards(condition, cells))
            flows += [cleared(each, guards) for each in (asked.flows, given.flows)]
            texts += [asked.text, given.text]
        last = self.value(otherwise, cells)
        found = joined_flows([*flows, last.flows])
        line = self.line(told)
        kept = frozenset(each.stepped("case", line) if each.held else each.hardened("case", line) for each in found)
        return Cell(kept, text=digest("case", *texts, last.text))

    def guards(self, told: PlanExpression, cells: Sequence[Cell]) -> Iterable[Guard]:
        """Yield what a condition proves: ``count >= k`` with a constant, in a conjunction or alone."""
        if told.name == "conjunction_and":
            for each in told.args:
                yield from self.guards(each, cells)
        elif (asked := _asked(told)) is not None:
            count, least = asked
            found = self.value(count, cells)
            if found.guard and least >= self.smallest:
                self.released.add(found.guard.held)
                yield found.guard

    def _lowered(self, told: PlanExpression, parts: list[Cell]) -> Flows:
        rule, own = self.lowers[told.name], parts[0].flows
        constants = [_constant(each) for each in told.args[1:]]
        plain = all(each.shape == "plain" and not each.held and rule.takes(each.source.element) for each in own)
        if not plain or any(each.flows for each in parts[1:]) or not rule.accepts(constants):
            return hardened(joined_flows(each.flows for each in parts), told.name, self.line(told))
        for each in own:
            self.generalised.setdefault(str(each.source), set()).add(digest(told.name, constants))
        level = sensitivity_level(rule.to)
        if not level.exceeds(self.highest):
            return NOTHING
        return frozenset(replace(each.stepped(told.name, self.line(told)), level=level, coarse=True) for each in own)


def cleared(flows: Flows, guards: Iterable[Guard]) -> Flows:
    """Return the flows that none of the guards lowers."""
    proved = {(guard.held, need) for guard in guards for need in guard.covers}
    return frozenset(each for each in flows if not each.held or (each.held, each.need) not in proved)


def _is_linear(told: PlanExpression, parts: list[Cell]) -> bool:
    """Whether the value is one column, as a number, times or plus one constant: a sum of it tells no more than the
    column's own. A second constant, a very large one, or a cast to whole numbers could cut digits off.
    """
    shapes = {each.shape for part in parts for each in part.flows}
    if not shapes <= {"plain", "linear"} or any(each.held for part in parts for each in part.flows):
        return False
    if told.name == "operator_coalesce":
        return _one_column(told, parts, lambda _: True)
    if told.kind != "function" or told.name not in _LINEAR or "linear" in shapes:
        return False
    return not (told.name == "/" and parts[-1].flows) and _one_column(told, parts, _is_moderate)


def _one_column(told: PlanExpression, parts: list[Cell], fits: Callable[[Any], bool]) -> bool:
    rest = [_constant(each) for each, part in zip(told.args, parts, strict=True) if not part.flows]
    return len(rest) == len(parts) - 1 and all(each is not None and fits(each) for each in rest)


def _is_moderate(constant: Any) -> bool:
    if not isinstance(constant, int | float | Decimal):
        return False
    return constant == 0 or _LEAST <= abs(float(constant)) <= _MOST


def _is_unchanged(told: PlanExpression) -> bool:
    """Whether it is a cast that changes nothing, as of a whole number to a wider one."""
    if told.kind != "cast" or told.lossy:
        return False
    before, after = told.args[0].type, told.type
    return before == after or (before in _WHOLE and (after in (*_WHOLE, "DOUBLE") or after.startswith("DECIMAL")))


def _of_group(told: PlanExpression, flow: Flow) -> bool:
    """Whether what an aggregate gave for a group is only reckoned on within its row."""
    return bool(flow.held) and told.kind not in ("window", "aggregate", "unnest")


def _cast_guard(told: PlanExpression, parts: list[Cell]) -> Guard | None:
    return parts[0].guard if told.kind == "cast" and not told.lossy and told.type in _WHOLE else None


def _asked(told: PlanExpression) -> tuple[PlanExpression, float] | None:
    """Return a count, and the least that a comparison demands of it."""
    if told.kind != "comparison" or len(told.args) != 2:
        return None
    left, right = told.args
    found = _constant(right)
    name = told.name
    if not isinstance(found, int | float) or isinstance(found, bool):
        found, left, name = _constant(left), right, _MIRRORED.get(name, "")
    if not isinstance(found, int | float) or isinstance(found, bool):
        return None
    if name == "compare_greaterthanorequalto":
        return left, found
    return (left, found + 1) if name == "compare_greaterthan" and float(found).is_integer() else None


_MIRRORED: Final = {
    "compare_lessthanorequalto": "compare_greaterthanorequalto",
    "compare_lessthan": "compare_greaterthan",
}


def _constant(told: PlanExpression) -> Any:
    """The constant that an expression is, through casts; None if it is none."""
    while told.kind == "cast" and not told.lossy:
        told = told.args[0]
    return told.value if told.kind == "constant" else None
