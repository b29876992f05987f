"""Rewrites a SELECT so that each of its rows says from which rows of its tables it was made.

Every table of the lake must have the column ``ROWS`` (BIGINT[]): a list with the number of the row. Every SELECT then
has one, too: the numbers of the rows that it was joined, grouped, or taken by a window or a subquery from. Rows that
a condition leaves out are not among them. The engine runs the rewritten SELECT; so what it does with a join, a null or
a frame needs no second description here.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.history.trace.select_tree import (
    SelectUnreadableError,
    Tree,
    any_of,
    call,
    column,
    read_tree,
    walk_all,
    walk_expression,
    write_tree,
)
from citylake.pipelines.history.trace.window_rows import window_list

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS: Final = "_trace_rows"
_NO_ROWS: Final = "SELECT NULL::BIGINT[]"
_ROWS_OF: Final = f"SELECT flatten(list(q.{ROWS})) FROM (SELECT 1) AS q"
_DISTINCT: Final = (
    f"SELECT * EXCLUDE ({ROWS}), list_distinct(flatten(list(q.{ROWS}))) AS {ROWS} FROM (SELECT 1) AS q GROUP BY ALL"
)
_WITHOUT_ROWS: Final = f"SELECT * EXCLUDE ({ROWS}) FROM (SELECT 1) AS q"


def annotated_select(
    connection: DuckDBPyConnection, tree: Tree, *, wide: bool = False, only_filtered: bool = False
) -> str:
    """The SQL of ``tree`` with the column ``ROWS`` in addition, at the end.

    ``wide``: with the whole partitions of windows, and every row of a subquery in which a value is looked up.
    ``only_filtered``: of a group, only the rows that the FILTER clauses of its aggregates choose. Raises
    :class:`SelectUnreadableError` if a part is not understood.
    """
    known = connection.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'"
    )
    names = {str(name) for (name,) in known.fetchall()}
    annotator = _Annotator(lambda sql: read_tree(connection, sql), names, wide=wide)
    made = annotator.query(copy.deepcopy(tree), only_filtered=only_filtered)
    return write_tree(connection, made)


class _Annotator:
    def __init__(self, parse: Callable[[str], Tree], aggregates: Collection[str], *, wide: bool) -> None:
        self._parse, self._aggregates, self._wide = parse, aggregates, wide
        self._aliases = 0

    def query(self, node: Tree, *, only_filtered: bool = False) -> Tree:
        for entry in node["cte_map"]["map"]:
            inner = entry["value"]["query"]
            inner["node"] = self.query(inner["node"])
        match node["type"]:
            case "SELECT_NODE":
                return self._select(node, only_filtered=only_filtered)
            case "SET_OPERATION_NODE":
                return self._set_operation(node)
            case "RECURSIVE_CTE_NODE" if node["union_all"]:
                return {**node, "left": self.query(node["left"]), "right": self.query(node["right"])}
        raise SelectUnreadableError(node["type"])

    def _set_operation(self, node: Tree) -> Tree:
        if node["setop_type"] not in ("UNION", "UNION_BY_NAME"):
            raise SelectUnreadableError(node["setop_type"])
        made = {**node, "left": self.query(node["left"]), "right": self.query(node["right"])}
        return made if node["setop_all"] else self._grouped({**made, "setop_all": True})

    def _grouped(self, node: Tree) -> Tree:
        """One row for each distinct row, with the rows of all of them; what orders and limits stays outside."""
        made = self._parse(_DISTINCT)
        made["from_table"]["subquery"]["node"] = {**node, "modifiers": [], "cte_map": {"map": []}}
        return {**made, "modifiers": node["modifiers"], "cte_map": node["cte_map"]}

    def _select(self, node: Tree, *, only_filtered: bool) -> Tree:
        if node["sample"]:
            raise SelectUnreadableError("SAMPLE")
        lists, named = self._from(node["from_table"])
        shown = [node["select_list"], node["having"], node["qualify"], node["modifiers"]]
        grouped = self._is_grouped(node, shown)
        early, late = self._subqueries(node, shown)
        own = self._joined([*lists, *early])
        if grouped:
            listed = call("list", own)
            if only_filtered and (filters := self._filters(node)):
                listed["filter"] = any_of(filters)
            own = call("list_distinct", call("flatten", listed))
        windows = [each for each in walk_expression(shown) if each["class"] == "WINDOW"]
        read = [call("flatten", window_list(each, copy.deepcopy(own), wide=self._wide)) for each in windows]
        self._hide_from_stars(node, bool(named))
        node["select_list"].append({**self._joined([own, *read, *late]), "alias": ROWS})
        distinct = [each for each in node["modifiers"] if each["type"] == "DISTINCT_MODIFIER"]
        if not any(not each["distinct_on_targets"] for each in distinct):
            return node
        return self._grouped({**node, "modifiers": [each for each in node["modifiers"] if each not in distinct]})

    def _joined(self, lists: list[Tree]) -> Tree:
        if not lists:
            nothing: Tree = self._parse(_NO_ROWS)["select_list"][0]
            return nothing
        return lists[0] if len(lists) == 1 else call("list_concat", *lists)

    def _is_grouped(self, node: Tree, shown: Any) -> bool:
        by_all = node["aggregate_handling"] == "FORCE_AGGREGATES"
        return bool(node["group_expressions"] or by_all or any(self._aggregates_in(shown)))

    def _aggregates_in(self, shown: Any) -> Iterator[Tree]:
        for each in walk_expression(shown):
            if each["class"] == "FUNCTION" and each["function_name"].lower() in self._aggregates:
                yield each

    def _filters(self, node: Tree) -> list[Tree]:
        """The FILTER clauses of all aggregates; none if one of them has none."""
        made = [each["filter"] for each in self._aggregates_in([node["select_list"], node["having"]])]
        return copy.deepcopy(made) if all(made) else []

    def _subqueries(self, node: Tree, shown: Any) -> tuple[list[Tree], list[Tree]]:
        """The rows of the subqueries that are read before rows are grouped, and after."""
        inside = [each["children"] for each in self._aggregates_in(shown)]
        inside += [each["filter"] for each in self._aggregates_in(shown)]
        early = [node["where_clause"], node["group_expressions"], _join_conditions(node["from_table"]), inside]
        before = [each for each in walk_expression(early) if each["class"] == "SUBQUERY"]
        seen = {id(each) for each in before}
        after = [each for each in walk_expression(shown) if each["class"] == "SUBQUERY" and id(each) not in seen]
        return [self._rows_of(each) for each in before], [self._rows_of(each) for each in after]

    def _rows_of(self, subquery: Tree) -> Tree:
        """A subquery that lists the rows which ``subquery`` reads; its own stars are kept from the lists."""
        node = subquery["subquery"]["node"]
        made = self._parse(_ROWS_OF)
        inner = made["from_table"]
        inner["subquery"]["node"] = self.query(copy.deepcopy(node))
        if subquery["subquery_type"] == "ANY" and subquery["comparison_type"] == "COMPARE_EQUAL" and not self._wide:
            inner["column_name_alias"] = ["_trace_value"]
            made["where_clause"] = {
                "class": "COMPARISON",
                "type": "COMPARE_EQUAL",
                "alias": "",
                "left": column("q", "_trace_value"),
                "right": copy.deepcopy(subquery["child"]),
            }
        if any(each.get("class") == "STAR" for each in walk_all(node)):
            bare = self._parse(_WITHOUT_ROWS)
            bare["from_table"]["subquery"]["node"] = self.query(copy.deepcopy(node))
            subquery["subquery"]["node"] = bare
        return _as_scalar(made)

    def _from(self, table: Tree) -> tuple[list[Tree], list[str]]:
        """The lists of a FROM clause, and the names of its tables that have one."""
        if table.get("sample"):
            raise SelectUnreadableError("TABLESAMPLE")
        match table["type"]:
            case "BASE_TABLE":
                parts = [table["alias"]] if table["alias"] else _table_path(table)
                return [column(*parts, ROWS)], [parts[-1]]
            case "SUBQUERY":
                table["subquery"]["node"] = self.query(table["subquery"]["node"])
                table["alias"] = table["alias"] or self._alias()
                return [column(table["alias"], ROWS)], [table["alias"]]
            case "JOIN":
                return self._join(table)
            case "EMPTY" | "EXPRESSION_LIST" | "TABLE_FUNCTION":
                return [], []
        raise SelectUnreadableError(table["type"])

    def _join(self, join: Tree) -> tuple[list[Tree], list[str]]:
        if join["ref_type"] == "NATURAL":
            raise SelectUnreadableError("NATURAL JOIN")
        left, named = self._from(join["left"])
        if join["join_type"] == "ANTI":
            return left, named
        if join["join_type"] == "SEMI":
            return [*left, self._semi_rows(join)], named
        right, others = self._from(join["right"])
        return [*left, *right], [*named, *others]

    def _semi_rows(self, join: Tree) -> Tree:
        made = self._parse(_ROWS_OF)
        right = copy.deepcopy(join["right"])
        lists, _ = self._from(right)
        made["from_table"], made["where_clause"] = right, copy.deepcopy(join["condition"])
        made["select_list"] = [call("flatten", call("list", self._joined(lists)))]
        return _as_scalar(made)

    def _alias(self) -> str:
        self._aliases += 1
        return f"_trace_from_{self._aliases}"

    def _hide_from_stars(self, node: Tree, has_lists: bool) -> None:
        for star in walk_expression([node["select_list"], node["modifiers"]]):
            if star["class"] != "STAR" or not has_lists:
                continue
            if star["expr"] is None:
                star["exclude_list"] = [*star["exclude_list"], ROWS]
            elif _matches_rows(star["expr"]):
                raise SelectUnreadableError("COLUMNS")


def _matches_rows(pattern: Tree) -> bool:
    text = (pattern.get("value") or {}).get("value")
    return not isinstance(text, str) or re.search(text, ROWS) is not None


def _table_path(table: Tree) -> list[str]:
    return [part for part in (table["catalog_name"], table["schema_name"], table["table_name"]) if part]


def _join_conditions(table: Tree) -> list[Tree]:
    if table["type"] != "JOIN":
        return []
    own = [table["condition"]] if table["condition"] else []
    return [*own, *_join_conditions(table["left"]), *_join_conditions(table["right"])]


def _as_scalar(node: Tree) -> Tree:
    return {
        "class": "SUBQUERY",
        "type": "SUBQUERY",
        "alias": "",
        "subquery_type": "SCALAR",
        "subquery": {"node": node, "named_param_map": []},
        "child": None,
        "comparison_type": "INVALID",
    }
