"""Identifiers of persons in the texts that a mart publishes: titles, names of checks, literals, meanings of columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from citylake.pipelines.marts.plan.mart_binder import BoundMart
from citylake.quality.rules.check_digits import ID_WEIGHTS
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.read.registry import Registry, YamlLocation

_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_FOUND: Final = re.compile(
    r"(?<![0-9A-Za-z.])(?P<id_number>[1-9]\d{5}(?:18|19|20)\d{9}[\dXx])(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z.+])(?P<bank_card>(?:62|4|5[1-5]|35|60)\d{13,17})(?![0-9A-Za-z.])"
    r"|(?<![0-9A-Za-z.])(?:\+?86[- ]?)?(?P<mobile>1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?![0-9A-Za-z.])"
    rf"|(?P<plate>[{_PROVINCES}][A-HJ-NP-Z][·• ]?"
    r"(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警]))(?![0-9A-Za-z])"
)
_CONTACT: Final = re.compile(r"\b(?:owner|steward)\s*:")
"""Where a contract names whom to call: that number is published on purpose."""
_SHORT: Final = 3
_KINDS: Final = {
    "id_number": LocalizedText(zh="公民身份号码", en="citizen identity number"),
    "bank_card": LocalizedText(zh="银行卡号", en="bank card number"),
    "mobile": LocalizedText(zh="移动电话号码", en="mobile number"),
    "plate": LocalizedText(zh="号牌号码", en="number plate"),
}


def check_texts(bound: BoundMart, registry: Registry, seen: set[YamlLocation]) -> Iterator[LintFault]:
    """Yield each identifier in the files of the mart, of the datasets it reads and of the elements of its columns.

    ``seen``: files that were searched already. Files of packs are searched by a test, not here.
    """
    for path in _files(bound, registry):
        place = YamlLocation(path)
        if place in seen:
            continue
        seen.add(place)
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.splitlines()
        for line, kind, masked in find_identifiers(text):
            if kind == "mobile" and _CONTACT.search(lines[line - 1]):
                continue
            values = {"file": path.name, "kind": _KINDS[kind], "masked": masked}
            yield LintFault("MART_TEXT_IDENTIFIES", place, values, line)


def find_identifiers(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the kind and a masked form of each identifier of a person in ``text``."""
    for found in _FOUND.finditer(text):
        kind = found.lastgroup
        if kind is None:
            continue
        written = found[kind]
        if _CHECKS[kind](written):
            yield text.count("\n", 0, found.start()) + 1, kind, written[:_SHORT] + "…"


def _files(bound: BoundMart, registry: Registry) -> Iterator[Path]:
    own = registry.workspace.root
    yield registry.places["mart", bound.mart.mart].path
    yield from (plan.file for plan in bound.plans.values())
    read = {("dataset", each) for plan in bound.plans.values() for each in plan.datasets}
    columns = (column for table in bound.mart.tables.values() for column in table.columns.values())
    elements = {each.element for each in columns if each.element}
    read |= {("element", each) for each in elements}
    read |= {("codes", registry.elements[each].codes or "") for each in elements if each in registry.elements}
    places = (registry.places.get(each) for each in sorted(read))
    yield from (each.path for each in places if each and each.path.is_relative_to(own))


def _is_id_number(written: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, written, strict=False))
    last = 10 if written[-1] in "Xx" else int(written[-1])
    return (total + last) % 11 == 1 and _is_day(written[6:14])


def _is_day(written: str) -> bool:
    try:
        date(int(written[:4]), int(written[4:6]), int(written[6:]))
    except ValueError:
        return False
    return True


def _is_luhn(written: str) -> bool:
    doubled = (int(each) * (1 + place % 2) for place, each in enumerate(reversed(written)))
    return sum(each - 9 * (each > 9) for each in doubled) % 10 == 0


def _always(written: str) -> bool:
    return bool(written)


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "id_number": _is_id_number,
    "bank_card": _is_luhn,
    "mobile": _always,
    "plate": _always,
}
