"""Texts of DuckDB as Spark has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

_OTHER_LETTERS = {
    "upper": (
        "ßᾀᾁᾂᾃᾄᾅᾆᾇᾐᾑᾒᾓᾔᾕᾖᾗᾠᾡᾢᾣᾤᾥᾦᾧᾳῃῳ",
        "ẞᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾼῌῼ",
    ),
    "lower": ("İ", "i"),
}
"""Letters that Spark makes two of, and what DuckDB makes of each."""


def write_letters(name: str) -> Callable[[SelectWriter, exp.Expr], str]:
    """``upper`` and ``lower``, letter by letter: no letter becomes two, and none depends on its neighbours."""

    def write(writer: SelectWriter, node: exp.Expr) -> str:
        value = writer.sql(node, "this")
        made = f"CASE WHEN length({name}(c)) = 1 THEN {name}(c) ELSE c END"
        known = f"translate({value}, '{_OTHER_LETTERS[name][0]}', '{_OTHER_LETTERS[name][1]}')"
        letters = f"transform(sequence(1, length({value})), n -> substr({known}, n, 1))"
        each = f"array_join(transform({letters}, c -> {made}), '')"
        # Most texts have no such letter.
        return f"(CASE WHEN {value} RLIKE '^[ -~]*$' THEN {name}({value}) ELSE {each} END)"

    return write


def write_part(writer: SelectWriter, node: exp.Substring) -> str:
    """``substr``: Spark counts a start of zero as one, and DuckDB as the place before."""
    start, length = node.args.get("start"), node.args.get("length")
    number = start.this if isinstance(start, exp.Neg) else start
    if not isinstance(number, exp.Literal) or int(number.name) == 0:
        return writer.refuse(node, "substr from a place that is zero, or no literal")
    if length is not None and (isinstance(start, exp.Neg) or not isinstance(length, exp.Literal)):
        return writer.refuse(node, "substr from the end, or with a length that is no literal")
    rest = "" if length is None else f", {writer.sql(length)}"
    return f"SUBSTRING({writer.sql(node, 'this')}, {writer.sql(start)}{rest})"


def write_end(writer: SelectWriter, node: exp.Left | exp.Right) -> str:
    """``left`` and ``right``: with a length below zero, Spark gives nothing."""
    if not isinstance(node.expression, exp.Literal):
        return writer.refuse(node, f"{node.key}() with a length below zero, or one that is no literal")
    return f"{node.key}({writer.sql(node, 'this')}, {writer.sql(node, 'expression')})"


def write_number(value: str, form: str, target: str, whole: bool) -> str:
    """Return a cast of a text to a number: where its form is one that engines read differently, it is an error."""
    plain = "^-?[0-9]+$" if whole else "^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$"
    raised = f"CAST(raise_error('a text that is not plainly a number') AS {target})"
    # Other letters are no number anywhere: an error, or null of TRY_CAST.
    odd = f"WHEN {value} RLIKE '^[-+0-9.eExX_ ]*[0-9][-+0-9.eExX_ ]*$' THEN {raised}"
    cast = f"{form}({value} AS {target})"
    return f"(CASE WHEN {value} RLIKE '{plain}' THEN {cast} {odd} ELSE {cast} END)"


def write_split(writer: SelectWriter, node: exp.Split) -> str:
    """``string_split`` by one character."""
    separator = node.expression
    if not isinstance(separator, exp.Literal) or len(separator.name) != 1 or separator.name in "^[]\\'":
        return writer.refuse(node, "string_split by other than one character")
    return f"split({writer.sql(node, 'this')}, '[{separator.name}]')"
