"""Reads a description in another format, in YAML or JSON, and tells which one it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import TypeAdapter, ValidationError

from citylake.schemas.base.declaration import Identifier
from citylake.schemas.base.yaml_reader import YamlLimitError, load_yaml
from citylake.schemas.words.errors import CitylakeError

Form = Literal["odcs", "frictionless"]
_ENDINGS: Final = (".yaml", ".yml", ".json")
_MOST_BYTES: Final = 16 << 20
_MOST_RECOGNISED: Final = 2 << 20
_MARKS: Final = (b"DataContract", b'"resources"', b"resources:")


def read_description(file: Path) -> dict[str, Any]:
    """The document, a mapping. Raises IMPORT_UNREADABLE."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise YamlLimitError(f"{file.stat().st_size:,} > {_MOST_BYTES:,} bytes")
        text = file.read_bytes()
        found = json.loads(text) if file.suffix.lower() == ".json" else load_yaml(text)
    except OSError as error:
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why=error.strerror or str(error)) from error
    except (yaml.YAMLError, YamlLimitError, ValueError, RecursionError) as error:
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why=" ".join(str(error).split())) from error
    if not isinstance(found, dict):
        raise CitylakeError("IMPORT_UNREADABLE", file=str(file), why="a mapping is expected")
    return found


def description_form(document: dict[str, Any]) -> Form | None:
    """The format of a document; None if it is neither."""
    if document.get("kind") == "DataContract" and "apiVersion" in document:
        return "odcs"
    resources = document.get("resources")
    tabular = isinstance(resources, list) and all(isinstance(each, dict) and "name" in each for each in resources)
    return "frictionless" if resources and tabular else None


def recognise_description(file: Path) -> Form | None:
    """The format of a file; None if it is no description."""
    if file.suffix.lower() not in _ENDINGS or not file.is_file() or file.stat().st_size > _MOST_RECOGNISED:
        return None
    text = file.read_bytes()
    if not any(mark in text for mark in _MARKS):
        return None
    try:
        return description_form(read_description(file))
    except CitylakeError:
        return None


def dataset_id(given: str | None, *names: object) -> str:
    """``given``, else the first of ``names`` that is a dataset id. Raises IMPORT_NEEDS_DATASET."""
    adapter = TypeAdapter(Identifier)
    for name in (given, *names):
        try:
            return adapter.validate_python(name, strict=True)
        except ValidationError:
            continue
    raise CitylakeError("IMPORT_NEEDS_DATASET", name=str(given or next(filter(None, names), "—")))
