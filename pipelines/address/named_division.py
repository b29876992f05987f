"""Which divisions the head of an address names: province, city and district, in full or without their last word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from citylake.pipelines.address.division_register import COUNTY, PREFECTURE, PROVINCE, Division, DivisionRegister

_GOES_ON = ("路", "巷", "弄", "大道", "大街", "块", "域")
_ENDINGS = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "自治州", "地区", "省", "市", "盟")


@dataclass(frozen=True, slots=True)
class NamedDivisions:
    """What the head of an address says. ``length`` is how much of the text it takes."""

    province: str = ""
    prefecture: str = ""
    counties: tuple[Division, ...] = ()
    length: int = 0


def named_divisions(text: str, register: DivisionRegister) -> NamedDivisions:
    """The reading of the head of ``text`` that names a district, else a city in full; the longest of several."""
    heads = [head for head in _heads(text, register) if _reads_on(text, head)]
    return max(heads, key=lambda head: (bool(head.counties), head.length), default=NamedDivisions())


def _heads(text: str, register: DivisionRegister) -> Iterator[NamedDivisions]:
    for above in _above(text, register):
        yield above
        by_code: dict[int, list[Division]] = {}
        for end, found in _names(text, above.length, COUNTY, register):
            if above.province in ("", found.province) and above.prefecture in ("", found.prefecture, found.province):
                by_code.setdefault(end, []).append(found)
        for end, counties in by_code.items():
            yield NamedDivisions(above.province, above.prefecture, tuple(counties), end)


def _above(text: str, register: DivisionRegister) -> Iterator[NamedDivisions]:
    """Every way to read a province and a city at the head, in full or short; the empty one too."""
    yield NamedDivisions()
    starts = [NamedDivisions()]
    for end, found in _names(text, 0, PROVINCE, register):
        starts.append(NamedDivisions(province=found.name, length=end))
        yield starts[-1]
    for start in starts:
        for end, found in _names(text, start.length, PREFECTURE, register):
            if start.province in ("", found.province):
                yield NamedDivisions(found.province, found.name, length=end)


def _names(text: str, start: int, level: str, register: DivisionRegister) -> Iterator[tuple[int, Division]]:
    for end in range(start + 2, min(len(text), start + register.longest_name) + 1):
        part = text[start:end]
        for found in register.named(part):
            if found.level == level:
                yield end, found
        if level != COUNTY:
            for ending in _ENDINGS:
                yield from ((end, found) for found in register.named(part + ending) if found.level == level)


def _reads_on(text: str, head: NamedDivisions) -> bool:
    """Not the beginning of another word (西湖区路, 西湖区块); a short name only before a district (杭州西湖区)."""
    if head.counties:
        return not text.startswith(_GOES_ON, head.length)
    return text[: head.length].endswith(_ENDINGS) and not text.startswith(_GOES_ON, head.length)
