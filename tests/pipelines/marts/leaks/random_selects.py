"""Random SELECTs over two small tables ``t`` and ``u`` with the columns ``a``, ``b`` and ``c`` of small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

COLUMNS = ("a", "b", "c")
_JOINS = ("JOIN", "LEFT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN")
_AGGREGATES = ("sum", "min", "max", "count", "count(DISTINCT", "bit_xor", "bool_or")
_KINDS = ("plain", "plain", "group", "distinct", "window", "limit", "union", "common")


@dataclass(frozen=True, slots=True)
class Source:
    """``sql``: what stands behind FROM; ``columns``: its columns, as an expression names them."""

    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RandomSelects:
    """Makes SELECTs whose rows do not depend on the order in which DuckDB reads rows."""

    random: Random

    def query(self, depth: int, name: str = "q") -> str:
        """Return a SELECT of ``a``, ``b`` and ``c`` with at most ``depth`` subqueries in each other."""
        source = self._source(depth, name)
        kind = self.random.choice(_KINDS)
        where = f" WHERE {self._condition(source)}" if self._often() else ""
        rest = f"{source.sql}{where}"
        if kind == "group":
            having = f" HAVING {self._aggregate(source)} > 1" if self._often() else ""
            made = f"{self._number(source, 1)} AS a, {self._aggregate(source)} AS b, {self._aggregate(source)} AS c"
            return f"SELECT {made} {rest} GROUP BY 1{having}"
        if kind == "window":
            made = f"sum({self._number(source, 1)}) OVER (PARTITION BY {self._number(source, 1)}) AS a"
            return f"SELECT {made}, {self._number(source, 1)} AS b, {self._number(source, 1)} AS c {rest}"
        values = ", ".join(f"{self._number(source, 2)} AS {each}" for each in COLUMNS)
        return self._ended(kind, values, rest)

    def _ended(self, kind: str, values: str, rest: str) -> str:
        plain = f"SELECT {values} {rest}"
        if kind == "union":
            return (
                f"({plain}) {self.random.choice(('UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT'))} (SELECT a, b, c FROM u)"
            )
        if kind == "common":
            return f"WITH w AS MATERIALIZED ({plain}) SELECT x.a, y.b, x.c FROM w AS x JOIN w AS y ON x.a = y.c"
        if kind == "distinct":
            return f"SELECT DISTINCT {values} {rest}"
        return f"{plain} ORDER BY ALL LIMIT 1" if kind == "limit" else plain

    def _often(self) -> bool:
        return self.random.random() < 0.4

    def _source(self, depth: int, name: str) -> Source:
        kind = self.random.choice(("table", "query", "join", "lateral")) if depth else "table"
        if kind == "table":
            return Source(f"FROM {self.random.choice('tu')} AS {name}", _named(name))
        inner, left, right = self.query(depth - 1, f"{name}q"), f"{name}l", f"{name}r"
        if kind == "query":
            return Source(f"FROM ({inner}) AS {name}", _named(name))
        own = _named(left)
        if kind == "lateral":
            value = self._number(Source("", own), 1)
            return Source(
                f"FROM ({inner}) AS {left}, LATERAL (VALUES ({value}), (1)) AS {right}(a)", (*own, f"{right}.a")
            )
        join = self.random.choice(_JOINS)
        on = f"{self.random.choice(own)} = {self.random.choice(_named(right))}"
        both = own if join in ("SEMI JOIN", "ANTI JOIN") else (*own, *_named(right))
        return Source(f"FROM ({inner}) AS {left} {join} u AS {right} ON {on}", both)

    def _number(self, source: Source, depth: int) -> str:
        kind = self.random.choice(("column", "column", "constant", "sum", "case", "list", "lambda", "equal"))
        if depth == 0 or kind == "column":
            return self.random.choice(source.columns)
        if kind == "constant":
            return str(self.random.randrange(3))
        one, two = self._number(source, depth - 1), self._number(source, depth - 1)
        return {
            "sum": f"({one} + {two})",
            "case": f"CASE WHEN {self.random.choice(source.columns)} > 0 THEN {one} ELSE {two} END",
            "list": f"list_sum([{one}, {two}])",
            "lambda": f"list_sum(list_transform([1, {one}], x -> x + {two}))",
            "equal": f"({one} = {two})::INT",
        }[kind]

    def _condition(self, source: Source) -> str:
        value, column = self._number(source, 1), self.random.choice(COLUMNS)
        return self.random.choice(
            (
                f"{value} > 0",
                f"{value} IN (SELECT {column} FROM u)",
                f"EXISTS (SELECT 1 FROM u WHERE u.{column} = {value})",
                f"{value} < (SELECT max({column}) FROM t)",
                f"(SELECT count(*) FROM (VALUES ({value}), (1)) AS v(x) WHERE x = 1) = 2",
            )
        )

    def _aggregate(self, source: Source) -> str:
        name, value = self.random.choice(_AGGREGATES), self._number(source, 1)
        if name == "bool_or":
            return f"bool_or({value} > 0)::INT"
        call = f"{name} {value})" if name.endswith("DISTINCT") else f"{name}(({value})::INT)"
        return f"{call} FILTER (WHERE {self._number(source, 1)} > 0)" if self._often() else call


def _named(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{each}" for each in COLUMNS)
