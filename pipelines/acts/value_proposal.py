"""The change of a declaration that says what a value means, where that is the right place for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.schemas.base.fuzzy_match import nearest_keys
from citylake.schemas.base.yaml_reader import YamlLines
from citylake.schemas.model.code_index import code_entries
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.read.registry import YamlLocation
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class DeclarationChange:
    """What to write, and where: ``text`` is YAML for ``line`` of ``file``."""

    file: str
    line: int
    text: str


def propose_change(
    work: ActWork, dataset: str, key: str, bound: BoundColumn, value: str, means: str, since: date | None
) -> list[DeclarationChange]:
    """Return the changes by which the binding of a field with a closed list of values takes ``value`` for ``means``.

    Args:
        work: The declarations.
        dataset: The dataset's id.
        key: The key of the binding in ``fields``.
        bound: The binding with its element: with a code list or a crosswalk.
        value: The source's text.
        means: A code, one of its names, or a value of the crosswalk's element.
        since: The first day on which the code is valid.

    Returns:
        One change; a second one, if the code is not valid from ``since`` on.

    Raises:
        CitylakeError: MEANING_UNKNOWN, if the code list has no such code.
    """
    if bound.binding.lookup:
        place = work.registry.places["crosswalk", bound.binding.lookup]
        return [_change(place, ("pairs",), {"pairs": {value: means}})]
    codes = work.registry.codes[bound.codes or ""]
    code = _code(codes, means) if codes.table is None else means
    place = work.registry.places["dataset", dataset]
    found = [_change(place, ("fields", key), {"codes": {**bound.binding.codes, value: code}})]
    dated = since and next((each for each in codes.values if each.code == code and each.valid_from != since), None)
    if dated:
        number = codes.values.index(dated)
        at = work.registry.places["codes", codes.id]
        found.append(_change(at, ("values", number), {"code": code, "valid_from": since}))
    return found


def _code(codes: CodeList, means: str) -> str:
    known = {entry.text: entry.code for entry in code_entries(codes)}
    text = means if means in known else means.partition(" ")[0]
    if text not in known:
        near = ", ".join(nearest_keys(means, known)) or "—"
        raise CitylakeError("MEANING_UNKNOWN", means=means, codes=codes.id, suggestion=near)
    return known[text]


def _change(place: YamlLocation, keys: tuple[str | int, ...], text: Mapping[str, Any]) -> DeclarationChange:
    line = YamlLines(place.path).of((*place.keys, *keys))
    said = yaml.safe_dump(dict(text), allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000)
    return DeclarationChange(str(place.path), line, said.strip().removeprefix("{").removesuffix("}"))
