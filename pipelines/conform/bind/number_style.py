"""How a column's numbers are written: its decimal sign, its signs between groups of digits, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass

from citylake.schemas.model.binding import Binding


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """``decided``: the whole column has been looked at, or nothing can be in doubt."""

    decimal: str = "."
    thousands: str | None = None
    doubtful: str = ""
    """Signs whose groups of three digits (``1,234``) may be thousands or decimals: such values are refused."""
    declared: bool = False
    decided: bool = False

    @property
    def point_is_decimal(self) -> bool:
        """Whether a point is always the decimal sign, as in the notation of computers."""
        return self.decimal == "." and "." not in self.doubtful


def declared_style(binding: Binding) -> NumberStyle:
    """The style that the binding states; a thousands sign of ``.`` makes the comma the decimal sign."""
    thousands = binding.thousands or ("," if "thousands" in binding.clean else None)
    decimal = binding.decimal or ("," if thousands == "." else ".")
    return NumberStyle(decimal, thousands, declared=bool(binding.decimal or thousands))


def other_style_pattern(style: NumberStyle) -> str:
    """Numbers that are written with other signs than the style's decimal sign: groups, or another decimal sign."""
    other = "," if style.decimal == "." else "[.]"
    groups = r"[1-9][0-9]{0,2}(?:[., ][0-9]{3})+(?:[.,][0-9]+)?|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:[.][0-9]+)?"
    return rf"^[(+\-−]?\s*¥?\s*(?:[0-9]*{other}[0-9]+|{groups})-?(?:\s*[^0-9.,\s].*)?$"
