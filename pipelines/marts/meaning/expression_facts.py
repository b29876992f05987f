"""Facts of the expressions of a SELECT, from the facts of the columns that they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from citylake.pipelines.marts.meaning.alike import Likeness, frame_pairs
from citylake.pipelines.marts.meaning.arithmetic import added, divided, multiplied
from citylake.pipelines.marts.meaning.column_fact import NONE_OF, Fact, all_suspects, depending_on, either, unlike
from citylake.pipelines.marts.meaning.findings import Findings
from citylake.pipelines.marts.meaning.unit_readings import unit_of
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

_SAME: Final = frozenset({"round", "floor", "ceil", "ceiling", "abs", "trunc", "round_even", "roundbankers", "@"})
_EITHER: Final = frozenset({"greatest", "least", "ifnull"})
_TRUNCATED: Final = frozenset({"date_trunc", "datetrunc", "time_bucket", "timezone", "last_day"})
_PARTS: Final = {"second": "s", "minute": "min", "hour": "h", "day": "d", "week": "wk"}
_EQUALITY: Final = frozenset(
    {
        "compare_equal",
        "compare_notequal",
        "compare_distinct_from",
        "compare_not_distinct_from",
        "compare_in",
        "compare_not_in",
    }
)
_COORDINATE: Final = ("DOUBLE", "FLOAT", "GEOMETRY", "POINT_2D")


class ExpressionFacts:
    """Reads expressions over ``columns``, and adds what is wrong in them to ``findings``."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.likeness = Likeness(findings)

    def fact(self, expression: PlanExpression, columns: Sequence[Fact]) -> Fact:
        """Return what is known of ``expression``."""
        match expression.kind:
            case "column":
                return columns[expression.index] if expression.index < len(columns) else Fact(depends=None)
            case "constant":
                return Fact(constant=expression.value)
        args = [self.fact(each, columns) for each in expression.args]
        match expression.kind:
            case "cast":
                return _cast(args[0], expression)
            case "function":
                return self._function(expression, args)
            case "case":
                return self._case(expression, args)
            case "comparison" | "between":
                self._compare(expression, args)
                return _truth(args)
            case "operator" if expression.name == "operator_coalesce":
                return self._either(expression, args)
            case "operator" | "conjunction":
                if expression.name in _EQUALITY:
                    self._compare(expression, args)
                return _truth(args)
            case _:
                return replace(unlike(args), depends=None)

    def _compare(self, expression: PlanExpression, args: Sequence[Fact]) -> None:
        names = [each.name for each in args]
        equal = expression.name in _EQUALITY
        for other in args[1:]:
            self.likeness.check([args[0], other], lambda: self._findings.line(expression, *names), labels=equal)

    def _either(self, expression: PlanExpression, args: Sequence[Fact]) -> Fact:
        names = [each.name for each in args]
        self.likeness.check(args, lambda: self._findings.line(expression, *names), labels=True)
        return either(args)

    def _case(self, expression: PlanExpression, args: Sequence[Fact]) -> Fact:
        values = [*args[1:-1:2], args[-1]]
        found = self._either(expression, values)
        depends, _ = depending_on(args)
        source = None
        if len(args) == 3 and expression.args[1].kind == "cast" and args[1].constant is None and args[2].source:
            # NULLIF, and the error of a scalar subquery with several rows, leave the value as it is.
            source = args[2].source if args[1] == Fact() else None
        return replace(found, depends=depends, source=source)

    def _function(self, expression: PlanExpression, args: Sequence[Fact]) -> Fact:
        name = expression.name
        if name in ("+", "-") and len(args) == 2:
            return self._sum(expression, args[0], args[1])
        if name == "-" and len(args) == 1:
            number = args[0].number
            return Fact(constant=-number) if number is not None else replace(args[0], source=None)
        if name == "*" and len(args) == 2:
            return multiplied(*args)
        if name in ("/", "//") and len(args) == 2:
            return divided(*args)
        if name in _SAME and args:
            return replace(args[0], source=None, constant=None if args[0].number is None else args[0].constant)
        if name in _EITHER:
            return self._either(expression, args)
        return self._other(expression, args)

    def _other(self, expression: PlanExpression, args: Sequence[Fact]) -> Fact:
        name = expression.name
        if name in _TRUNCATED and args:
            time = args[-1] if args[-1].temporal else args[0] if args[0].temporal else Fact()
            return replace(unlike(args), label=time.label, temporal=True)
        if name in ("date_diff", "datediff", "date_sub", "datesub") and args:
            return replace(unlike(args), unit=unit_of(_PARTS.get(str(args[0].constant).lower())))
        if name == "epoch":
            return replace(unlike(args), unit=unit_of("s"))
        if name == "struct_pack":
            keys = [each.alias for each in expression.args]
            return replace(unlike(args), parts=tuple(zip(keys, args, strict=True)))
        if name == "struct_extract":
            return dict(args[0].parts).get(str(args[1].constant), unlike(args[:1]))
        if name == "radians":
            return replace(unlike(args), frame=args[0].frame)
        return self._placed(expression, args)

    def _placed(self, expression: PlanExpression, args: Sequence[Fact]) -> Fact:
        found = unlike(args)
        if not expression.type.startswith(_COORDINATE) and not expression.name.startswith("st_"):
            return found
        for one, two in frame_pairs(args):
            self.likeness.frames(one, two, self._findings.line(expression, one.name, two.name))
            return found
        made = expression.type.startswith(("GEOMETRY", "POINT_2D")) or expression.name in ("st_x", "st_y")
        return replace(found, frame=next((each.frame for each in args if each.frame), None) if made else None)

    def _sum(self, expression: PlanExpression, one: Fact, two: Fact) -> Fact:
        minus = expression.name == "-"
        kinds = [each.type for each in expression.args]
        if any(kind.startswith(("TIME", "DATE", "INTERVAL")) for kind in kinds):
            days = minus and expression.type in ("BIGINT", "INTEGER")
            found = unlike([one, two])
            return replace(found, unit=unit_of("d") if days else None, temporal=not days)
        if minus and one.number == 1 and two.unit and two.unit.is_percent:
            suggestion = f"1 - {two.name} / 100"
            values = {"one": "1", "two": two.name, "unit_one": "1", "unit_two": two.unit.text}
            values |= {"suggestion": suggestion}
            self._findings.add(self._findings.fault("UNITS_MIXED", self._findings.line(expression, two.name), **values))
        self.likeness.check([one, two], lambda: self._findings.line(expression, one.name, two.name), labels=False)
        return added(one, two, minus=minus)


def _cast(fact: Fact, expression: PlanExpression) -> Fact:
    if fact.constant is not None:
        return fact
    before, after = expression.args[0].type, expression.type
    if after == "BOOLEAN" or "STRUCT" in after:
        return replace(unlike([fact]), parts=fact.parts)
    cut = (before.startswith("TIMESTAMP") and after == "DATE") or after.startswith("TIME ")
    return replace(fact, source=None if cut else fact.source)


def _truth(args: Sequence[Fact]) -> Fact:
    depends, _ = depending_on(args)
    return Fact(depends=depends, carries=NONE_OF, suspects=all_suspects(args))
