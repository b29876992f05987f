"""How a name is written by people who have no register at hand: in full, abbreviated, or misspelt."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

Spelling = Literal["exact", "abbreviated", "misspelt"]

_PAIRS = (
    "恒衡泰太达答鑫新源原盛胜华桦宏洪辉晖嘉佳博搏诚城德得丰峰福富光广浩皓和合弘泓金今晶精康慷利力隆龙明名宁柠鹏朋庆磬荣容森深顺舜天添"
    "通同旺望伟炜祥详兴星旭序雅亚扬杨益意永咏裕育跃越振镇正政志智仁任卓桌安桉邦帮宝保昌倡晨辰创闯飞霏冠贯国郭建健杰洁凯楷联连朗郎茂贸"
)
GIVEN_CHARACTERS = _PAIRS[::2]
"""64 characters of which given names are made."""
_CONFUSED = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
_CITY, _LEGAL_FORM = "澜海", "有限公司"


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name in a department's data, the enterprise that it truly is, and how it was spelt."""

    uscc: str
    name: str
    spelling: Spelling


def given_name(number: int) -> str:
    """Two characters for enterprise ``number``: no two of 4,096 successive numbers have the same."""
    place = number * 2_654_435_761 % len(GIVEN_CHARACTERS) ** 2
    return GIVEN_CHARACTERS[place // len(GIVEN_CHARACTERS)] + GIVEN_CHARACTERS[place % len(GIVEN_CHARACTERS)]


def write_name(rng: Random, uscc: str, name: str, exact: float, abbreviated: float) -> WrittenName:
    """``name``: with probability ``exact`` in full, with ``abbreviated`` cut short, else with a wrong character."""
    draw = rng.random()
    if draw < exact:
        return WrittenName(uscc, name, "exact")
    if draw < exact + abbreviated:
        short = name.removesuffix(_LEGAL_FORM)
        return WrittenName(uscc, short.removeprefix(_CITY) if rng.random() < 0.5 else short, "abbreviated")
    return WrittenName(uscc, _misspell(rng, name), "misspelt")


def _misspell(rng: Random, name: str) -> str:
    """``name`` with one character of the given name replaced by one of the same sound."""
    places = [place for place, character in enumerate(name) if character in _CONFUSED]
    place = rng.choice(places)
    return name[:place] + _CONFUSED[name[place]] + name[place + 1 :]
