"""A declaration as its author may write it: the words that are set, by their names in YAML, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

from citylake.schemas.base.declaration import Declaration


def authored_document(declaration: Declaration) -> dict[str, Any]:
    """Return plain values, ready for YAML and JSON.

    ``model_dump`` leaves out words that are no part of a fingerprint; here they are in. Validating the document gives
    an equal declaration.
    """
    fields = type(declaration).model_fields
    given = (name for name in fields if name in declaration.model_fields_set)
    return {fields[name].alias or name: _plain(getattr(declaration, name)) for name in given}


def _plain(value: Any) -> Any:
    if isinstance(value, Declaration):
        return authored_document(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
