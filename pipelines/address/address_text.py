"""One spelling of an address's characters: half width, simplified, no blanks, one dash, house numbers in digits."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_DASHES = re.compile("[‐‑‒–—―−﹣~～﹘─]+")
_SIGNS = r"[,，.。;；、:：'\"“”‘’·|/\\_]+"
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕|《[^》]*》")
_DIGITS = {**dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True)), "两": 2, "○": 0}
_FORMAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
_PLAIN = str.maketrans(_FORMAL, "一二三四五六七八九十百千")
_PLACES = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = f"〇○零一二三四五六七八九十百千两{_FORMAL}"
COUNTED = "号楼|号|幢|栋|单元|室|房|层|楼|弄|座|组|户"
"""What a number before it counts: only there is a Chinese numeral a number and not part of a name (文一路)."""
_NUMBER = f"[0-9{_NUMERAL}]"
_BETWEEN_NUMBERS = re.compile(f"(?<={_NUMBER}){_SIGNS}(?={_NUMBER})")
"""``3、5号`` is two numbers, not 35."""
_OTHER_SIGNS = re.compile(f"(?<!{_NUMBER}){_SIGNS}|{_SIGNS}(?!{_NUMBER})")
_COUNTED_NUMERAL = re.compile(f"(?<![{_NUMERAL}第])([{_NUMERAL}]+)(?=(?:-?[0-9]+)?(?:{COUNTED}))")
_WRITTEN_DASH = re.compile(r"(?<=[0-9])[一之至](?=[0-9])|(?<=号)之(?=[0-9])")


def plain_address_text(text: str) -> str:
    """``text`` in one spelling; remarks in brackets are left out. Empty if nothing remains.

    A Chinese numeral becomes digits if it counts something (``一百二十号`` → ``120号``), not inside names.
    """
    half = unicodedata.normalize("NFKC", text)
    simple = to_simplified(_without_remarks(half)).upper()
    joined = _BETWEEN_NUMBERS.sub("、", _DASHES.sub("-", _BLANKS.sub("", simple)))
    return _in_digits(_OTHER_SIGNS.sub("", joined)).strip("-")


def _without_remarks(text: str) -> str:
    """``text`` without what is in brackets, also in brackets within brackets."""
    while (left := _BRACKETED.sub("", text)) != text:
        text = left
    return text


def _in_digits(text: str) -> str:
    """``text`` with the numbers that count in digits; one may only be seen to count once the next has digits."""
    before = ""
    while text != before:
        before = text
        text = _COUNTED_NUMERAL.sub(lambda found: chinese_number(found[1]), _WRITTEN_DASH.sub("-", text))
    return text


def chinese_number(numeral: str) -> str:
    """``numeral`` in digits: ``一百二十`` → ``120``, ``二〇五`` → ``205``; 〇 to 9,999."""
    numeral = numeral.translate(_PLAIN)
    if not any(char in _PLACES for char in numeral):
        return "".join(str(_DIGITS[char]) for char in numeral)
    total, digit = 0, None
    for char in numeral:
        if char in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[char]
            digit = None
        else:
            digit = _DIGITS[char]
    return str(total + (digit or 0))


def to_simplified(text: str) -> str:
    """Traditional characters as simplified ones."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return _converter().convert(text)
    # GB 2312 has no traditional characters, and this is a hundred times as fast as the conversion.
    return text


@cache
def _converter() -> OpenCC:
    # It reads its dictionaries when it is made, which takes a tenth of a second.
    from opencc import OpenCC

    return OpenCC("t2s")
