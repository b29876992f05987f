"""What a model allows at a place: the keys that may stand there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from citylake.schemas.model.open_union import OpenUnion
from citylake.schemas.words.errors import CitylakeError


def allowed_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys of the mapping at ``location`` (as pydantic names it: with list indices, dict keys and union tags)."""
    found: list[type[BaseModel]] = [model]
    for part in location:
        found = list(_step(found, part)) if isinstance(part, str) else found
    return sorted({name for each in found for name in _names(each)})


def _step(models: list[type[BaseModel]], part: str) -> Iterator[type[BaseModel]]:
    named = [field for each in models for name, field in each.model_fields.items() if part in (name, field.alias)]
    if named:
        yield from _inside(field.annotation for field in named)
        return
    tagged = [each for each in models if part == each.__name__ or part in _tags(each)]
    yield from tagged or _kinds(models, part) or models


def _kinds(models: list[type[BaseModel]], part: str) -> list[type[BaseModel]]:
    """The models of the kind ``part`` of open unions."""
    with suppress(CitylakeError):
        return [each.model_of(part) for each in models if issubclass(each, OpenUnion) and OpenUnion in each.__bases__]
    return []


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _tags(model: type[BaseModel]) -> set[Any]:
    literal = [field.annotation for field in model.model_fields.values() if get_origin(field.annotation) is Literal]
    return {value for annotation in literal for value in get_args(annotation)}


def _inside(annotations: Iterable[Any]) -> Iterator[type[BaseModel]]:
    for annotation in annotations:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        else:
            yield from _inside(get_args(annotation))
