"""What an XLSX file says about itself beside its cells: sheets and their state, the date system, number formats."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from citylake.pipelines.parse.xlsx.sheet_xml import SheetBrokenError

_MAX_PART_BYTES = 16 << 20
"""Largest part with sheet names or styles."""
_STRINGS = "xl/sharedStrings.xml"
_TAG = rb"<(?:\w+:)?%s\b([^>]*?)/?>"
_SHEET, _RELATION, _FORMAT, _STYLE, _SETTINGS = (
    re.compile(_TAG % tag) for tag in (b"sheet", b"Relationship", b"numFmt", b"xf", b"workbookPr")
)
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_BUILT_IN_TIMES = frozenset((*range(18, 23), *range(32, 36), *range(45, 48), 55, 56))
"""Number formats that show a time of day, by ECMA-376 part 1, 18.8.30; 32 to 35, 55 and 56 in East Asian editions."""
_BUILT_IN_DATES = frozenset((*range(14, 23), 45, 47))
"""Number formats of dates and times in every edition. The East Asian ones (27 to 36, 50 to 58) are read as numbers."""
_BUILT_IN_ELAPSED = "46"
_BUILT_IN_PERCENTS = {"9": "0%", "10": "0.00%"}
_ALTERED = re.compile(r"0{2,}|[#0,.]*%")
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_QUIET = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
"""Parts of a number format that are literal text, fill, colours or conditions."""


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """``parts``: the archive's member of each sheet, by the sheet's name."""

    parts: dict[str, str]
    timed_styles: frozenset[int]
    """Cell styles whose number format shows a time of day."""
    elapsed_styles: frozenset[int]
    """Cell styles whose number format shows a duration (``[h]:mm``)."""
    epoch_1904: bool
    hidden: frozenset[str] = frozenset()
    dated_styles: frozenset[int] = frozenset()
    """Cell styles whose number format shows a date or a time of day."""
    strings: str | None = None
    """The archive's member with the texts that cells refer to by number."""
    altered_styles: Mapping[int, str] = field(default_factory=dict)
    """Number formats that show another number than is stored, by cell style: ``00000`` and ``0.0%``."""


def read_workbook_parts(archive: zipfile.ZipFile) -> WorkbookParts | None:
    """None if the archive is not an XLSX workbook (XLSB, ODS). Raises SheetBrokenError."""
    members = _Members(archive)
    book = members.read("xl/workbook.xml")
    links = members.read("xl/_rels/workbook.xml.rels")
    if book is None or links is None:
        return None
    relations = (each for each in _attributes(_RELATION, links) if "Id" in each and "Target" in each)
    targets = {each["Id"]: members.find(_member_path(each["Target"])) for each in relations}
    listed = _attributes(_SHEET, book)
    sheets = {each.get("name", ""): _relation_id(each) for each in listed}
    hidden = frozenset(each.get("name", "") for each in listed if each.get("state", "visible") != "visible")
    parts = {name: part for name, number in sheets.items() if (part := targets.get(number))}
    settings = next(iter(_attributes(_SETTINGS, book)), {})
    codes, styles = _number_formats(members.read("xl/styles.xml") or b"")
    timed, elapsed = _time_styles(codes, styles)
    epoch_1904 = settings.get("date1904", "0") in ("1", "true")
    dated, altered = _date_styles(codes, styles) - elapsed, _altered_styles(codes, styles)
    return WorkbookParts(parts, timed, elapsed, epoch_1904, hidden, dated, members.find(_strings_part(links)), altered)


def shows_time(code: str) -> bool:
    """Whether a number format shows hours, minutes or seconds."""
    return bool(re.search(r"[hs]", _QUIET.sub("", code.split(";")[0]), re.IGNORECASE))


class _Members:
    """The archive's members, whose names differ from those in a workbook's links by their case or by ``./``."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {_folded(name): name for name in archive.NameToInfo}

    def find(self, path: str) -> str | None:
        """The member's own name; None if there is none."""
        return path if path in self._archive.NameToInfo else self._names.get(_folded(path))

    def read(self, path: str) -> bytes | None:
        """The member; raises SheetBrokenError if it is too large."""
        name = self.find(path)
        info = self._archive.NameToInfo[name] if name else None
        if info and info.file_size > _MAX_PART_BYTES:
            raise SheetBrokenError(f"{name} has {info.file_size} bytes, more than {_MAX_PART_BYTES}")
        return self._archive.read(info) if info else None


def _folded(path: str) -> str:
    return posixpath.normpath(path.replace("\\", "/")).lower()


def _attributes(tag: re.Pattern[bytes], part: bytes) -> list[dict[str, str]]:
    texts = (found.decode("utf-8", "replace") for found in tag.findall(part))
    return [{name: unescape(double or single) for name, double, single in _ATTRIBUTE.findall(text)} for text in texts]


def _relation_id(sheet: dict[str, str]) -> str:
    """The attribute ``id`` of the namespace of relationships, whatever its prefix."""
    return next((value for name, value in sheet.items() if name.endswith(":id")), "")


def _member_path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _number_formats(part: bytes) -> tuple[dict[str, str], list[str]]:
    """The codes of the workbook's own number formats, and the number of each cell style's format."""
    codes = {each.get("numFmtId", ""): each.get("formatCode", "") for each in _attributes(_FORMAT, part)}
    block = _STYLES.search(part)
    return codes, [style.get("numFmtId", "") for style in (_attributes(_STYLE, block[0]) if block else [])]


def _time_styles(codes: Mapping[str, str], styles: Sequence[str]) -> tuple[frozenset[int], frozenset[int]]:
    timed = {str(number) for number in _BUILT_IN_TIMES} - codes.keys()
    timed |= {number for number, code in codes.items() if number and shows_time(code)}
    elapsed = {_BUILT_IN_ELAPSED, *(number for number, code in codes.items() if _ELAPSED.search(code))}
    found = ([place for place, number in enumerate(styles) if number in kind] for kind in (timed, elapsed))
    return frozenset(next(found)), frozenset(next(found))


def _date_styles(codes: Mapping[str, str], styles: Sequence[str]) -> frozenset[int]:
    dated = {str(number) for number in _BUILT_IN_DATES} - codes.keys()
    dated |= {number for number, code in codes.items() if number and _shows_date(code)}
    return frozenset(place for place, number in enumerate(styles) if number in dated)


def _shows_date(code: str) -> bool:
    return bool(re.search(r"[dmhys]", _QUIET.sub("", code).split(";")[0], re.IGNORECASE))


def _strings_part(links: bytes) -> str:
    found = (each for each in _attributes(_RELATION, links) if each.get("Type", "").endswith("/sharedStrings"))
    return next((_member_path(each["Target"]) for each in found if "Target" in each), _STRINGS)


def _altered_styles(codes: Mapping[str, str], styles: Sequence[str]) -> dict[int, str]:
    shown = {**_BUILT_IN_PERCENTS, **codes}
    found = {place: shown.get(number, "") for place, number in enumerate(styles)}
    return {place: code for place, code in found.items() if _ALTERED.fullmatch(_QUIET.sub("", code.split(";")[0]))}
