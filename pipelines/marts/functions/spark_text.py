"""Parts of the Spark SQL of mart functions."""

from __future__ import annotations

from collections.abc import Mapping


def spark_let(name: str, value: str, body: str) -> str:
    """``body``, in which ``name`` stands for ``value``: it is then written and computed once."""
    return f"element_at(transform(array({value}), {name} -> {body}), 1)"


def spark_literal(text: str) -> str:
    """Return a text quoted as Spark reads it, with backslashes and quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def named(parts: Mapping[str, str]) -> str:
    """A struct of named values."""
    return f"named_struct({', '.join(f'{spark_literal(name)}, {value}' for name, value in parts.items())})"
