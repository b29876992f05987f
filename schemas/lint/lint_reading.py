"""Faults of reading: invalid YAML, duplicate keys, and declarations that do not fit their model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from citylake.schemas.base.declaration import Declaration, LocalizedText
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.base.yaml_reader import DuplicateKeyError, YamlLimitError, YamlLines
from citylake.schemas.lint.lint_finding import LintFault, display_path
from citylake.schemas.model.open_union import EXTENSION_FAULT, OpenUnion
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import DuplicateId, InvalidDeclaration, Registry, ShapeError, YamlLocation
from citylake.schemas.words.contained_faults import describe_fault
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translations_of

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TYPE_ERRORS = re.compile(r".*_type$|.*_parsing$|model_attributes_type")
_GRAMMAR = "[a-z]"


def explain_invalid(invalid: InvalidDeclaration, registry: Registry | None = None) -> Iterator[LintFault]:
    """The faults of one declaration that could not be read; unknown names are compared with ``registry``."""
    error = invalid.error
    if isinstance(error, ValidationError):
        faults = _validation_faults(invalid, error)
        yield from faults if registry is None else (_suggest_known_id(fault, registry) for fault in faults)
    elif isinstance(error, DuplicateKeyError):
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        first = (error.context_mark.line if error.context_mark else 0) + 1
        yield LintFault("KEY_TWICE", invalid.place, {"key": error.key, "first": first}, line)
    elif isinstance(error, ShapeError):
        yield LintFault("DOCUMENT_NOT_A_LIST", invalid.place, {}, 1)
    elif not isinstance(error, yaml.YAMLError | UnicodeDecodeError):
        yield _unreadable_file(invalid.place, error)
    else:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        yield LintFault("YAML_UNREADABLE", invalid.place, {"reason": reason}, mark.line + 1 if mark else 1)


def _unreadable_file(place: YamlLocation, error: Exception) -> LintFault:
    if isinstance(error, CitylakeError):
        return LintFault(error.code, place, error.values, 1)
    known = str(error) if isinstance(error, YamlLimitError) else getattr(error, "strerror", None)
    return LintFault("DECLARATION_UNREADABLE", place, {"reason": known or describe_fault(error)}, 1)


def _suggest_known_id(fault: LintFault, registry: Registry) -> LintFault:
    """``element: PM2.5`` is reported as an unknown element, not as an ungrammatical name."""
    key = fault.place.keys[-1] if fault.place.keys else None
    if fault.code != "NAME_UNGRAMMATICAL" or key not in ("element", "to"):
        return fault
    name = str(fault.values["name"])
    return LintFault("ELEMENT_UNKNOWN", fault.place, {"name": name, "suggestion": nearest_elements(name, registry)})


def explain_duplicate_id(clash: DuplicateId) -> LintFault:
    """An id that is declared twice."""
    path = clash.first.path
    name = path.name if path.parent == clash.again.path.parent else display_path(path)
    first = f"{name}:{YamlLines(path).of(clash.first.keys)}"
    return LintFault("ID_TWICE", clash.again, {"id": clash.id, "first": first})


def _validation_faults(invalid: InvalidDeclaration, error: ValidationError) -> Iterator[LintFault]:
    lines = YamlLines(invalid.place.path)
    details = error.errors(include_url=False)
    present = [lines.walk((*invalid.place.keys, *each["loc"]))[1] for each in details]
    for each, keys in zip(details, present, strict=True):
        # For a union (`unit: km/h` or `unit: {from: …}`) pydantic reports every branch; the deepest one is meant.
        if _TYPE_ERRORS.fullmatch(each["type"]) and any(_is_nested(other, keys) for other in present):
            continue
        yield _explain_error(invalid.place, keys, each, invalid.model)


def _is_nested(other: Sequence[str | int], keys: Sequence[str | int]) -> bool:
    return len(other) > len(keys) and tuple(other[: len(keys)]) == tuple(keys)


def _explain_error(
    place: YamlLocation, keys: tuple[str | int, ...], detail: ErrorDetails, model: type[Declaration] | None
) -> LintFault:
    here, location, kind = YamlLocation(place.path, keys), detail["loc"], detail["type"]
    name = str(location[-1]) if location else ""
    context: dict[str, Any] = detail.get("ctx", {})
    if kind == EXTENSION_FAULT:
        return LintFault(context["code"], here, context["values"])
    if kind == "extra_forbidden":
        allowed = _allowed_keys(model, location[:-1]) if model else []
        near = nearest_words(name, allowed) or sorted(allowed)
        return LintFault("KEY_UNKNOWN", here, {"key": name, "suggestion": near})
    if kind == "missing":
        return LintFault("KEY_MISSING", here, {"key": name, "where": _location_text(location[:-1])})
    if kind in ("literal_error", "union_tag_invalid"):
        allowed = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
        key = name if kind == "literal_error" else str(context.get("discriminator", "")).strip("'")
        given = context.get("tag", detail["input"])
        return LintFault("VALUE_NOT_ALLOWED", here, {"key": key, "value": given, "suggestion": allowed})
    if kind == "union_tag_not_found":
        return LintFault(
            "KEY_MISSING", here, {"key": str(context["discriminator"]).strip("'"), "where": _location_text(location)}
        )
    return _value_fault(here, location, detail, context)


def _value_fault(
    here: YamlLocation, location: Sequence[str | int], detail: ErrorDetails, context: dict[str, Any]
) -> LintFault:
    name = next((str(part) for part in reversed(location) if part != "[key]"), "")
    if detail["type"] == "value_error":
        reason = str(context.get("error", detail["msg"]))
        return LintFault("DECLARATION_INCONSISTENT", here, {"reason": translations_of(f"lint.{reason}") or reason})
    if detail["type"] == "string_pattern_mismatch" and str(context["pattern"]).startswith("^" + _GRAMMAR):
        return LintFault(
            "NAME_UNGRAMMATICAL", here, {"name": detail["input"], "suggestion": suggest_identifier(detail["input"])}
        )
    expected = translations_of(f"lint.{detail['type']}")
    expected_text = (
        LocalizedText(zh=expected.zh.format_map(context), en=expected.en.format_map(context))
        if expected
        else detail["msg"]
    )
    return LintFault("VALUE_MALFORMED", here, {"key": name, "value": detail["input"], "expected": expected_text})


def suggest_identifier(name: str) -> str:
    """``name`` in the grammar of identifiers; empty if no character of it is allowed."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name)).lower()
    joined = re.sub(r"\.(?=\d)", "_", snake)
    parts = (re.sub(r"[^a-z0-9]+", "_", part).strip("_") for part in joined.split("."))
    return ".".join(part if part[0].isalpha() else f"n{part}" for part in parts if part)


def _location_text(location: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in location) or "–"


def _allowed_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys of the mapping at ``location`` (as pydantic names it: with list indices, dict keys and union tags)."""
    found: list[type[BaseModel]] = [model]
    for part in location:
        found = list(_models_below(found, part)) if isinstance(part, str) else found
    return sorted({name for each in found for name in _key_names(each)})


def _models_below(models: list[type[BaseModel]], part: str) -> Iterator[type[BaseModel]]:
    named = [field for each in models for name, field in each.model_fields.items() if part in (name, field.alias)]
    if named:
        yield from _models_in(field.annotation for field in named)
        return
    tagged = [each for each in models if part == each.__name__ or part in _literal_tags(each)]
    yield from tagged or _models_of_kind(models, part) or models


def _models_of_kind(models: list[type[BaseModel]], part: str) -> list[type[BaseModel]]:
    """The models of the kind ``part`` of open unions."""
    with suppress(CitylakeError):
        return [each.model_of(part) for each in models if issubclass(each, OpenUnion) and OpenUnion in each.__bases__]
    return []


def _key_names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _literal_tags(model: type[BaseModel]) -> set[Any]:
    literal = [field.annotation for field in model.model_fields.values() if get_origin(field.annotation) is Literal]
    return {value for annotation in literal for value in get_args(annotation)}


def _models_in(annotations: Iterable[Any]) -> Iterator[type[BaseModel]]:
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        else:
            yield from _models_in(get_args(annotation))
