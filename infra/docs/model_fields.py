"""The settings of a declaration's model as rows of a table."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from citylake.infra.docs.markdown_page import code_span, escape_text, markdown_table


def settings_table(model: type[BaseModel], without: frozenset[str] = frozenset()) -> str:
    """One row for each field of ``model``: its name, type, default and description."""
    notes = field_docstrings(model)
    rows = [
        (
            code_span(field.alias or name),
            code_span(type_text(field.annotation)),
            _default(field),
            escape_text(notes.get(name, "")),
        )
        for name, field in model.model_fields.items()
        if name not in without
    ]
    return markdown_table(("setting", "type", "default", "meaning"), rows)


def type_text(annotation: Any) -> str:
    """A type as its author wrote it: without modules, ``Annotated`` and the names of pydantic's parts."""
    text = annotation.__name__ if isinstance(annotation, type) and not _generic(annotation) else str(annotation)
    text = re.sub(r"Annotated\[((?:[^\[\],]|\[[^\]]*\])+),.*?\)\]", r"\1", text)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z])", "", text).replace("NoneType", "None")


def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field in the source, also of inherited fields."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            found |= _class_docstrings(kind)
    return found


def _class_docstrings(kind: type) -> dict[str, str]:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = node.body if isinstance(node, ast.ClassDef) else []
    return {
        field.target.id: after.value.value
        for field, after in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    }


def _generic(annotation: Any) -> bool:
    return bool(getattr(annotation, "__args__", ()))


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value == ():
        return ""
    if isinstance(value, BaseModel):
        return code_span(value.model_dump(exclude_defaults=True, mode="json") or type(value).__name__)
    return code_span(value)
