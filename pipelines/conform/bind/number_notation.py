"""Texts of numbers as people write them: digits of every script, groups of digits, signs, and a unit behind them.

Only texts that are no number in the notation of computers come here; they are few, so clarity comes before speed.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

import polars as pl

from citylake.pipelines.conform.bind.number_style import NumberStyle

_MINUS = "−－﹣–‐‑"
_GROUPING = "\u00a0\u202f\u2009\u2007\u2008’ʼ′٬"
"""Signs that never are a decimal sign: fixed and thin spaces, apostrophes, the Arabic thousands separator."""
_WIDE = {"．": ".", "，": ",", "＋": "+", "（": "(", "）": ")", "￥": "¥", "\u3000": " "}
_SIGNS = dict.fromkeys(_MINUS, "-") | dict.fromkeys(_GROUPING, "'") | _WIDE
ARABIC_DECIMAL = "٫"
_UNIT = r"[^\s0-9()+\-.,'¥]\S*(?:\s\S+)*"
_GROUP = "[1-9][0-9]{0,2}"


@cache
def _script_digits() -> dict[str, str]:
    """Every decimal digit of Unicode in ASCII; superscripts and circled digits are notes, not digits."""
    every = map(chr, range(128, sys.maxunicode + 1))
    return {sign: str(unicodedata.decimal(sign)) for sign in every if unicodedata.category(sign) == "Nd"}


def ascii_digits(text: pl.Expr) -> pl.Expr:
    """Digits of other scripts (``١٢``, ``१२``, ``１２``) as ASCII."""
    digits = _script_digits()
    folded = text.str.replace_many(list(digits), list(digits.values()))
    return pl.when(text.str.contains(r"[^\x00-\x7F]")).then(folded).otherwise(text)


def fold_number_signs(texts: pl.Series) -> pl.Series:
    """The texts with ASCII signs; what groups digits in any notation is ``'``."""
    return texts.str.replace_many(list(_SIGNS), list(_SIGNS.values())).str.strip_chars()


@cache
def _number_pattern(style: NumberStyle) -> str:
    signs = ["'", *([re.escape(style.thousands)] if style.thousands else [])]
    groups = [rf"{_GROUP}(?:{sign}[0-9]{{3}})+" for sign in signs]
    if style.thousands == ",":
        groups.append(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
    point = f"[{re.escape(style.decimal)}{ARABIC_DECIMAL}]"
    number = rf"(?:{'|'.join(groups)}|[0-9]+)(?:{point}[0-9]*)?|{point}[0-9]+"
    return (
        rf"^(?P<open>\(?)(?P<money>¥?)\s*(?P<sign>[+-]?)\s*(?P<number>{number})(?P<power>[eE][+-]?[0-9]+)?"
        rf"(?P<behind>-?)(?P<close>\)?)\s*(?P<unit>{_UNIT})?$"
    )


def ambiguous_pattern(signs: str) -> str:
    """A group of three digits behind one of ``signs``: ``1,234`` is 1234 or 1.234."""
    return rf"^[^0-9]*{_GROUP}[{re.escape(signs)}][0-9]{{3}}(?:[^0-9.,].*)?$"


def read_number_notation(texts: pl.Series, style: NumberStyle, *, accounting: bool = False) -> pl.DataFrame:
    """``number`` (Float64; null if the text is no number in ``style``) and ``unit``, the text behind it or null.

    ``accounting``: ``(5)`` and ``5-`` are negative; otherwise they are no numbers.
    """
    folded = fold_number_signs(texts)
    parts = folded.str.extract_groups(_number_pattern(style)).struct.unnest()
    negative = (pl.col("open") == "(") | (pl.col("behind") == "-")
    paired = (pl.col("open") == "(") == (pl.col("close") == ")")
    signed = negative & ((pl.col("sign") != "") | ((pl.col("open") == "(") & (pl.col("behind") == "-")))
    good = paired & ~signed & (pl.lit(accounting) | ~negative)
    if style.doubtful:
        good &= ~pl.lit(folded).str.contains(ambiguous_pattern(style.doubtful))
    plain = pl.col("number").str.replace_all("'", "", literal=True)
    if style.thousands:
        plain = plain.str.replace_all(style.thousands, "", literal=True)
    plain = plain.str.replace_all(f"[{re.escape(style.decimal)}{ARABIC_DECIMAL}]", ".")
    sign = pl.when(negative | (pl.col("sign") == "-")).then(pl.lit("-")).otherwise(pl.lit(""))
    value = pl.concat_str(sign, plain, pl.col("power").fill_null("")).cast(pl.Float64, strict=False)
    unit = pl.coalesce("unit", pl.when(pl.col("money") != "").then("money"))
    return parts.select(
        pl.when(good & value.is_finite()).then(value).alias("number"), pl.when(good).then(unit).alias("unit")
    )
