"""Writes a bound SELECT of DuckDB as text of Spark, and keeps what it cannot write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.generators.spark import SparkGenerator

from citylake.pipelines.marts.spark import aggregates, doubles, lists, numbers, texts, times, times_of_day
from citylake.pipelines.marts.spark.totals import has_total

SparkFunction = Callable[..., str]
"""Makes Spark SQL of the Spark SQL of each argument."""

_SAME = [
    "Abs",
    "And",
    "Array",
    "ArrayContains",
    "Case",
    "Coalesce",
    "Count",
    "CumeDist",
    "DateFromParts",
    "DenseRank",
    "Exists",
    "Exp",
    "FirstValue",
    "Greatest",
    "If",
    "Lag",
    "LastValue",
    "Lead",
    "Least",
    "Or",
    "PercentRank",
    "Rank",
    "RowNumber",
    "StartsWith",
    "Trim",
]
_PARTS_OF_SELECT = [
    "Add",
    "Alias",
    "AtTimeZone",
    "Between",
    "Boolean",
    "CTE",
    "Column",
    "ColumnDef",
    "Cube",
    "DPipe",
    "DataType",
    "DataTypeParam",
    "Distinct",
    "Div",
    "Dot",
    "EQ",
    "Except",
    "Filter",
    "From",
    "GT",
    "GTE",
    "Group",
    "GroupingSets",
    "Having",
    "Identifier",
    "IgnoreNulls",
    "In",
    "IntDiv",
    "Intersect",
    "Interval",
    "Is",
    "Join",
    "LT",
    "LTE",
    "Lambda",
    "Like",
    "Limit",
    "Literal",
    "Mod",
    "NEQ",
    "Not",
    "Null",
    "NullSafeEQ",
    "NullSafeNEQ",
    "Order",
    "Ordered",
    "Paren",
    "Qualify",
    "Rollup",
    "Select",
    "Star",
    "Sub",
    "Subquery",
    "Table",
    "TableAlias",
    "Tuple",
    "Union",
    "Var",
    "Where",
    "Window",
    "WindowSpec",
    "With",
]


class SelectWriter(SparkGenerator):
    """Spark SQL of one SELECT, whose nodes have their types. ``refused``: what cannot be written, and why."""

    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        **SparkGenerator.TRANSFORMS,
        exp.Div: numbers.write_division,
        exp.IntDiv: numbers.write_whole_division,
        exp.Mod: numbers.write_modulo,
        exp.Round: numbers.write_round,
        exp.Cast: numbers.write_cast,
        exp.TryCast: numbers.write_cast,
        exp.Avg: numbers.write_average,
        exp.TimestampTrunc: times.write_truncation,
        exp.DateTrunc: times.write_truncation,
        exp.TimeToUnix: times.write_epoch,
        exp.AtTimeZone: times.write_zone,
        exp.DateDiff: times.write_difference,
        exp.TimeToStr: times.write_format,
        exp.GenerateSeries: times.write_series,
        exp.Filter: aggregates.write_filter,
        exp.ArgMax: aggregates.write_by,
        exp.ArgMin: aggregates.write_by,
        exp.GroupConcat: aggregates.write_joined,
        exp.ArrayAgg: aggregates.write_list,
        exp.AnyValue: aggregates.write_any,
        exp.PercentileCont: aggregates.write_percentile,
        exp.PercentileDisc: aggregates.write_percentile,
        exp.Mode: aggregates.write_mode,
        exp.Sum: aggregates.write_sum,
        exp.Max: aggregates.write_extreme,
        exp.Min: aggregates.write_extreme,
        exp.Grouping: aggregates.write_grouping,
        exp.Median: aggregates.write_median,
        exp.LogicalAnd: aggregates.plain("bool_and"),
        exp.LogicalOr: aggregates.plain("bool_or"),
        exp.Stddev: aggregates.plain("stddev_samp"),
        exp.StddevSamp: aggregates.plain("stddev_samp"),
        exp.Variance: aggregates.plain("var_samp"),
        exp.Explode: aggregates.plain("explode"),
        exp.Mul: doubles.write_product,
        exp.Neg: doubles.write_negation,
        exp.Pow: doubles.write_power,
        exp.Log: doubles.write_logarithm,
        exp.Ln: doubles.write_logarithm,
        exp.Sqrt: doubles.write_root,
        exp.Transform: lists.write_transform,
        exp.ArrayFilter: lists.write_transform,
        exp.Length: lists.write_length,
        exp.Sign: doubles.write_sign,
        exp.Floor: doubles.write_whole("floor"),
        exp.Ceil: doubles.write_whole("ceil"),
        exp.Nullif: doubles.write_nullif,
        exp.IsNan: doubles.write_is_nan,
        exp.Upper: texts.write_letters("upper"),
        exp.Lower: texts.write_letters("lower"),
        exp.Left: texts.write_end,
        exp.Right: texts.write_end,
        exp.Substring: texts.write_part,
        exp.Split: texts.write_split,
        exp.Extract: lambda self, node: times.write_part(self, node, node.name, node.expression),
        exp.UnixToTime: lambda self, node: times.write_epoch_ms(self, node, node.this),
        **{
            kind: lambda self, node: times.write_part(self, node, times.PART_NODES[type(node)], _undated(node.this))
            for kind in times.PART_NODES
        },
    }

    def __init__(self, timezone: str, functions: Mapping[str, SparkFunction]) -> None:
        super().__init__(dialect="spark", identify=True)
        self.timezone, self._functions, self._over = timezone, functions, ""
        self.is_partial = False
        """Whether the window that is being written is a part of its partition."""
        self.moves = False
        """Whether rows leave it: Sail takes their numbers away again, and an infinity less itself is none."""
        self.refused: list[tuple[exp.Expr, str]] = []

    def refuse(self, node: exp.Expr, why: str) -> str:
        """Keep ``node`` as what cannot be written."""
        self.refused.append((node, why))
        return "NULL"

    def sql(self, expression: Any, key: str | None = None, comment: bool = True) -> str:
        """Write a node, or refuse it if its meaning in Spark is not known."""
        node = expression.args.get(key) if key and isinstance(expression, exp.Expr) else expression
        if isinstance(node, exp.Expr) and type(node) not in _KNOWN:
            return self.refuse(node, node.key)
        return super().sql(expression, key, comment=False)

    def anonymous_sql(self, expression: exp.Anonymous) -> str:
        """A mart function, or ``date_part``."""
        name = expression.name.lower()
        if name == "date_part" and isinstance(expression.expressions[0], exp.Literal):
            return times.write_part(self, expression, expression.expressions[0].name, expression.expressions[1])
        if write := _ANONYMOUS.get(name):
            return write(self, expression)
        if name not in self._functions:
            return self.refuse(expression, f"the function {name}")
        return self._functions[name](*(self.sql(part) for part in expression.expressions))

    def ordered_sql(self, expression: exp.Ordered) -> str:
        """Nulls are last in DuckDB whatever the direction."""
        way = " DESC" if expression.args.get("desc") else ""
        nulls = "FIRST" if expression.args.get("nulls_first") else "LAST"
        return f"{doubles.one_zero(self.sql(expression, 'this'), expression.this)}{way} NULLS {nulls}"

    def window_sql(self, expression: exp.Window) -> str:
        """Sail adds an interval to a date as a number of days only: a range over dates is one over times."""
        if isinstance(expression.this, exp.Identifier):
            return str(super().window_sql(expression))
        spec, order = expression.args.get("spec"), expression.args.get("order")
        self.is_partial = bool(order or spec or expression.args.get("alias"))
        self.moves = _moves(expression)
        called = expression.this.this if isinstance(expression.this, exp.Filter) else expression.this
        if self.is_partial and isinstance(called, _WHOLE_GROUPS):
            return self.refuse(expression, f"{called.key}() over a part of a window")
        if self.moves and isinstance(called, exp.ArgMax | exp.ArgMin):
            return self.refuse(expression, f"{called.key}() over a window that moves")
        if spec and spec.find(exp.Interval) and order and doubles.kind(order.expressions[0].this) == exp.DType.DATE:
            first = order.expressions[0]
            cast = exp.Cast(this=first.this.copy(), to=exp.DataType(this=exp.DType.TIMESTAMPNTZ))
            first.set("this", cast)
        bare = expression.copy()
        bare.set("this", exp.Var(this="x"))
        bare.set("partition_by", [doubles.with_one_zero(one) for one in bare.args.get("partition_by") or []])
        over = str(super().window_sql(bare)).removeprefix("x")
        self._over = over if isinstance(called, _TAKE_OVER) or aggregates.is_product(called) else ""
        text = self.sql(expression, "this")
        written = text if text.endswith(over) or over in text else f"{text}{over}"
        self.is_partial, self.moves, self._over = False, False, ""
        return written

    def take_over(self) -> str:
        """Return the window of the aggregate that is being written, which stands behind its call; empty without one."""
        over, self._over = self._over, ""
        return over

    def column_sql(self, expression: exp.Column) -> str:
        """A column of an input: a double without a sign of NaN, a time of day in one form."""
        text = str(super().column_sql(expression))
        if not expression.meta.get(doubles.STORED):
            return text
        return (
            times_of_day.one_form(text)
            if doubles.kind(expression) == exp.DType.TIME
            else doubles.one_nan(text, expression)
        )

    def dot_sql(self, expression: exp.Dot) -> str:
        """A field of a struct, as :meth:`column_sql`."""
        return doubles.one_nan(str(super().dot_sql(expression)), expression)

    def group_sql(self, expression: exp.Group) -> str:
        """Apache Spark gives no total of no rows."""
        if has_total(expression):
            return self.refuse(
                expression, "the total of GROUPING SETS, ROLLUP or CUBE beside windows, DISTINCT or LIMIT"
            )
        return str(super().group_sql(expression))

    def add_sql(self, expression: exp.Add) -> str:
        """Numbers, or days, times and intervals."""
        return times.write_sum(self, expression) or doubles.write_plain_sum(self, expression)

    def sub_sql(self, expression: exp.Sub) -> str:
        """As :meth:`add_sql`."""
        return times.write_sum(self, expression) or doubles.write_plain_sum(self, expression)

    def dpipe_sql(self, expression: exp.DPipe) -> str:
        """Numbers and times have other texts."""
        for part in (expression.left, expression.right):
            if doubles.kind(part) in doubles.FLOATS or doubles.kind(part) == exp.DType.TIMESTAMPTZ:
                return self.refuse(expression, f"a text of {doubles.kind(part).value}")
        return self.binary(expression, "||")

    def like_sql(self, expression: exp.Like) -> str:
        """A backslash escapes in Spark only."""
        if "\\" in expression.expression.name or not isinstance(expression.expression, exp.Literal):
            return self.refuse(expression, "LIKE with a backslash, or a pattern that is no literal")
        return self.binary(expression, "LIKE")

    def join_sql(self, expression: exp.Join, join_op: str | None = None) -> str:
        """Joins by time or position are refused."""
        if expression.method and expression.method.upper() not in ("", "NATURAL"):
            return self.refuse(expression, f"{expression.method} JOIN")
        return str(super().join_sql(expression, join_op))

    def with_sql(self, expression: exp.With) -> str:
        """A recursion is refused: Sail has none."""
        if expression.args.get("recursive"):
            return self.refuse(expression.expressions[0], "WITH RECURSIVE")
        return str(super().with_sql(expression))


def _moves(window: exp.Window) -> bool:
    """Whether the start of a window's rows, or that of the named window, moves."""
    select, alias = window.find_ancestor(exp.Select), window.args.get("alias")
    named = select.args.get("windows") or [] if select and alias else []
    for each in (window, *(one for one in named if alias and one.name == alias.name)):
        if spec := each.args.get("spec"):
            return bool(spec.args.get("start") != "UNBOUNDED")
    return False


def _undated(node: exp.Expr) -> exp.Expr:
    """Sqlglot reads ``hour(x)`` of DuckDB with a cast that is not in the text."""
    return node.this if isinstance(node, exp.TsOrDsToDate) else node


_WHOLE_GROUPS = (exp.Mode,)
_TAKE_OVER = (
    exp.Sum,
    exp.Avg,
    exp.Max,
    exp.Min,
    exp.Median,
    exp.GroupConcat,
    exp.Stddev,
    exp.StddevSamp,
    exp.Variance,
    exp.PercentileCont,
    exp.PercentileDisc,
)
_ANONYMOUS: Mapping[str, Callable[[SelectWriter, exp.Anonymous], str]] = {
    "product": lambda writer, node: lists.write_product_of(writer, node, None, writer.take_over()),
    "list_sum": lists.write_list_sum,
    "lgamma": lists.write_log_gamma,
    "date_sub": times.write_whole_parts,
    "datesub": times.write_whole_parts,
}
_KNOWN = frozenset(
    {exp.Anonymous, *SelectWriter.TRANSFORMS.keys() & set(times.PART_NODES)}
    | {getattr(exp, name) for name in (*_SAME, *_PARTS_OF_SELECT)}
    | {kind for kind, write in SelectWriter.TRANSFORMS.items() if SparkGenerator.TRANSFORMS.get(kind) is not write}
)
