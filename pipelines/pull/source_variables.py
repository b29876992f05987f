"""``${NAME}`` and ``${NAME:-default}`` in a source's text, filled from the variables of the run.

What the environment gives to contracts is decided by the workspace: a path or an address appears in receipts and logs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from citylake.schemas.words.errors import CitylakeError

SourceT = TypeVar("SourceT", bound=BaseModel)

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_CREDENTIALS = "CITYLAKE_CONN_"


def fill_variables(source: SourceT, variables: Mapping[str, str]) -> SourceT:
    """``source`` with its variables replaced.

    Raises VARIABLE_UNSET; VARIABLE_NOT_NAMED if the environment has the variable and the workspace does not name it;
    and VARIABLE_SECRET for the credentials of a connection.
    """
    return _fill_model(source, variables)


def _fill_model(model: SourceT, known: Mapping[str, str]) -> SourceT:
    own = {name: value for name, value in model if name not in ("format", "name_fields")}
    return model.model_copy(update={name: _fill_value(value, known) for name, value in own.items()})


def _fill_value(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _variable_value(match, known), value)
    if isinstance(value, tuple):
        return tuple(_fill_value(item, known) for item in value)
    if isinstance(value, dict):
        return {key: _fill_value(item, known) for key, item in value.items()}
    if isinstance(value, BaseModel):
        return _fill_model(value, known)
    return value


def _variable_value(match: re.Match[str], known: Mapping[str, str]) -> str:
    name, default = match[1], match[2]
    # A credential in a path or URL would appear in receipts and logs.
    if name.startswith(_CREDENTIALS):
        raise CitylakeError("VARIABLE_SECRET", variable=name)
    if name not in known and name in os.environ:
        raise CitylakeError("VARIABLE_NOT_NAMED", variable=name)
    found = known.get(name) or default
    if found is None:
        raise CitylakeError("VARIABLE_UNSET", variable=name)
    return found
