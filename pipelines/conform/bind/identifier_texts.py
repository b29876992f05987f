"""Spellings of identifiers: padding with zeros, a decimal point that a program added, scientific notation."""

from __future__ import annotations

import polars as pl

_WHOLE_NUMBER = r"^([0-9]+)(?:\.0*)?$"
_PADDED_NUMBER = r"^0[0-9]+$|^[0-9]+\.0*$"
# A number that has lost digits is large: 150E-423 is a code, as it stands in timetables.
_SCIENTIFIC = r"^[+-]?[0-9]{1,3}(?:[.,][0-9]+)?[eE]\+[0-9]{1,3}$|^[+-]?[0-9]{1,3}[.,][0-9]+[eE]-?[0-9]{1,3}$"
# 1E10 can be a code, and 1e17 is what some programs write for a number.
_PERHAPS_SCIENTIFIC = r"^[0-9][eE][0-9]{2,3}$"


def pad_number(text: pl.Expr, digits: int) -> pl.Expr:
    """Whole numbers without ``.0`` and filled with zeros to ``digits``; surplus zeros go. Other texts unchanged."""
    number = text.str.extract(_WHOLE_NUMBER).str.strip_chars_start("0").str.zfill(digits)
    return pl.coalesce(number, text)


def is_padded_number(text: pl.Expr) -> pl.Expr:
    """Whether a text is a number that can be written shorter: ``0012``, ``12.0``."""
    return text.str.contains(_PADDED_NUMBER)


def is_scientific(text: pl.Expr) -> pl.Expr:
    """Whether a text is a number in scientific notation, whose last digits are lost: ``1.23E+17``."""
    return text.str.contains(_SCIENTIFIC)


def is_perhaps_scientific(text: pl.Expr) -> pl.Expr:
    """Whether a text can be a code as well as a number in scientific notation: ``1E10``."""
    return text.str.contains(_PERHAPS_SCIENTIFIC)
