"""A new element as a draft in the workspace: its attributes are given by a person, or taken from a field's values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from citylake.pipelines.onboard.detect_values import DATE_FORMATS, TIME_FORMATS, detect_text_format
from citylake.pipelines.parse.cell_kinds import column_kind
from citylake.schemas.base.yaml_reader import load_yaml
from citylake.schemas.lint import lint_errors
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.read.workspace_writer import write_workspace_file
from citylake.schemas.units import symbol_suffix
from citylake.schemas.words.errors import CitylakeError

_FORMATS = {
    "string": "an..{width}", "integer": "n..18", "decimal": "n..18,6", "date": "YYYYMMDD",
    "datetime": "YYYYMMDDhhmmss", "time": "hhmmss", "boolean": "n1", "binary": "..ul", "geometry": "..ul",
}  # fmt: skip
_REPRESENTATIONS = {
    "string": "description", "integer": "quantity", "decimal": "quantity", "date": "date", "datetime": "datetime",
    "time": "time", "boolean": "indicator", "binary": "description", "geometry": "description",
}  # fmt: skip
_WIDTH = 200


def element_attributes(element_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a draft, in their usual order; what is not given is left out or follows from the type."""
    kind = str(given.get("type") or "string")
    representation = given.get("representation") or ("code" if given.get("codes") else _REPRESENTATIONS.get(kind))
    # A unit is never invented: without one, lint refuses a quantity, and says so.
    unit = given.get("unit")
    last = element_id.rpartition(".")[2]
    suffix = symbol_suffix(unit) if unit and unit != "1" else ""
    subject = element_id.partition(".")[0]
    values = {
        "id": element_id,
        "symbol": f"{last}_{suffix}" if suffix and not last.endswith(f"_{suffix}") else last,
        "name": given["name"],
        "definition": given["definition"],
        "object_class": given.get("object_class") or subject,
        "property": given.get("property") or given["name"]["zh"],
        "representation": representation,
        "type": kind,
        "format": _FORMATS.get(kind, "an..200").format(width=_WIDTH),
        "unit": unit,
        "codes": given.get("codes"),
        "synonyms": list(given.get("synonyms") or ()),
        "status": "draft",
    }
    return {key: value for key, value in values.items() if value not in (None, [])}


def guess_type(values: Sequence[str]) -> str:
    """The type that all values have; ``string`` if there is none, or if they are digits that number something."""
    if not values:
        return "string"
    if detect_text_format(values, TIME_FORMATS):
        return "datetime"
    if detect_text_format(values, DATE_FORMATS):
        return "date"
    padded = any(len(each) > 1 and each[0] == "0" and each[1] not in ".," for each in values)
    if column_kind(values, 1.0) != "number" or padded:
        return "string"
    return "integer" if all(each.strip().lstrip("+-").isdigit() for each in values) else "decimal"


def write_element(attributes: Mapping[str, Any], registry: Registry) -> Path:
    """Append the draft to ``elements/<subject>.yaml`` of the workspace, if lint has no fault in it.

    Raises ELEMENT_EXISTS, ELEMENT_DRAFT_FAULTY with the faults, and WORKSPACE_NOT_WRITABLE; then nothing is changed.
    """
    name = str(attributes["id"])
    if name in registry.elements:
        raise CitylakeError("ELEMENT_EXISTS", element=name)
    try:
        DataElement.model_validate(dict(attributes))
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise CitylakeError("ELEMENT_DRAFT_FAULTY", element=name, why=why) from error
    file = registry.workspace.root / "elements" / f"{name.partition('.')[0]}.yaml"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    entry = yaml.safe_dump([dict(attributes)], allow_unicode=True, sort_keys=False, width=120)
    joined = f"{before.rstrip()}\n\n{entry}" if before.strip() else entry
    if not isinstance(load_yaml(joined.encode()), list):
        raise CitylakeError("ELEMENT_DRAFT_FAULTY", element=name, why=str(file))
    write_workspace_file(file, joined)
    now = lint_errors(load_registry(registry.workspace.root))
    faults = [each for each in now if each.values.get("element") == name]
    if faults:
        write_workspace_file(file, before) if before else file.unlink()
        why = " ".join(each.say() for each in faults[:3])
        raise CitylakeError("ELEMENT_DRAFT_FAULTY", element=name, why=why)
    return file
