"""A Chinese organisation's name as its parts, with keys by which two names are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from citylake.pipelines.address.address_columns import mapped_once
from citylake.pipelines.address.address_text import to_simplified

if TYPE_CHECKING:
    import polars as pl

LEGAL_FORMS = (
    "股份有限责任公司", "有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "股份公司", "总公司", "公司",
    "个人独资企业", "普通合伙企业", "特殊普通合伙企业", "有限合伙企业", "合伙企业", "农民专业合作社", "专业合作社",
    "合作社", "经营部", "个体工商户",
)  # fmt: skip
"""The words at the end of a name that say the legal form, the longest first where one ends with another."""
_ONE_FORM = {
    "有限责任公司": "有限公司",
    "股份有限责任公司": "股份有限公司",
    "股份公司": "股份有限公司",
    "专业合作社": "农民专业合作社",
}
_FORM_REMARK = re.compile(r"\((?:特殊)?(?:普通|有限)合伙\)|\(个人独资\)|\(个体工商户\)|\(有限合伙\)")
_SIGNS = re.compile(r"[\W_]+")
_BRANCH = re.compile(r"(?<=.{4})((?:[一-龥]{2,8}?)(?:分公司|分店|分行|支行|营业部|门店))$")


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """``core`` is the name without place, legal form and branch; each part is empty if it is not there."""

    place: str
    core: str
    form: str
    branch: str

    @property
    def key(self) -> str:
        """What is compared: two names of one enterprise have one key whether or not the place is written."""
        return self.core + self.form + self.branch

    @property
    def sound(self) -> str:
        """``core`` and ``branch`` in pinyin: the same for a name that is written with other characters of one sound."""
        return pinyin_of(self.core + self.branch)


@lru_cache(maxsize=65_536)
def organisation_name(text: str, places: Collection[str] = ()) -> OrganisationName:
    """The parts of ``text``. ``places`` (a frozenset or tuple) are names of the city and its districts in full.

    A place counts at the head (澜海市…) and in brackets (…(澜海市)有限公司), a city's without 市 as well. Never fails:
    a name that is nothing but a place and a legal form keeps the place as its core.
    """
    plain = to_simplified(unicodedata.normalize("NFKC", text)).upper()
    found = _FORM_REMARK.search(plain.replace(" ", ""))
    remark = found[0].strip("()") if found else ""
    bare, place = _without_place(_FORM_REMARK.sub("", plain.replace(" ", "")), places)
    bare = _SIGNS.sub("", bare)
    branch = match[1] if (match := _BRANCH.search(bare)) else ""
    bare = bare.removesuffix(branch) if branch else bare
    form = next((word for word in LEGAL_FORMS if bare.endswith(word) and len(bare) > len(word)), "")
    core = bare.removesuffix(form)
    return OrganisationName(place if core else "", core or place, _ONE_FORM.get(form, form) + remark, branch)


def organisation_key(name: pl.Expr, places: Collection[str] = ()) -> pl.Expr:
    """``OrganisationName.key`` of a column; null where nothing is written."""
    known = tuple(sorted(places))
    return mapped_once(name, lambda text: organisation_name(text, known).key or None)


def organisation_sound(name: pl.Expr, places: Collection[str] = ()) -> pl.Expr:
    """``OrganisationName.sound`` of a column; null where nothing is written."""
    known = tuple(sorted(places))
    return mapped_once(name, lambda text: organisation_name(text, known).sound or None)


def pinyin_of(text: str) -> str:
    """The syllables of ``text`` without tones, joined; other characters as they are."""
    # It loads its dictionary, which takes some tenths of a second.
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text))


def _without_place(name: str, places: Collection[str]) -> tuple[str, str]:
    """The name without the places at its head and in brackets, and the first of them in full."""
    spellings = {word: place for place in places for word in (place, _short(place))}
    taken = ""
    for word in sorted(spellings, key=len, reverse=True):
        if f"({word})" in name:
            name, taken = name.replace(f"({word})", ""), taken or spellings[word]
    left = name
    while head := next((word for word in sorted(spellings, key=len, reverse=True) if left.startswith(word)), ""):
        left, taken = left.removeprefix(head), taken or spellings[head]
    return left, taken


def _short(place: str) -> str:
    # A district's short name is a usual name of enterprises (东湖餐饮, 临江餐饮); a city's is seldom one.
    return place.removesuffix("市") if len(place) > len("某市") else place
