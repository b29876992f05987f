"""Formats numbers, sizes and times for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def format_number(value: float | None) -> str:
    """Format ``1234567`` as ``1,234,567``, and None as a dash."""
    return "—" if value is None else f"{value:,.0f}"


def format_share(part: float, whole: float) -> str:
    """Format a share in percent. It never rounds a share above zero to 0 %, or one below the whole to 100 %."""
    if not whole:
        return "—"
    percent = 100 * part / whole
    if 0 < percent < 0.01:
        return "< 0.01%"
    if 99.99 < percent < 100:
        return "> 99.99%"
    return f"{percent:.2f}".rstrip("0").rstrip(".") + "%"


def format_size(value: int | None) -> str:
    """Format bytes in decimal units: ``12.3 MB``."""
    amount, units = float(value or 0), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def format_duration(value: float | None) -> str:
    """Format seconds as ``0.42 s``, ``31.5 s`` or ``2 min 05 s``."""
    seconds = value or 0.0
    if round(seconds, 1) >= 60:
        return f"{int(round(seconds) // 60)} min {round(seconds) % 60:02d} s"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def format_moment(value: str | datetime | None) -> str:
    """Format an ISO 8601 time to the second, with its offset. Other text is returned unchanged."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return str(value)
    return f"{value:%Y-%m-%d %H:%M:%S %Z}".strip() if value else "—"


def format_days(values: Sequence[object] | None) -> str:
    """Format days as ``2026-03-01``, or as ``2026-03-01 … 2026-03-31 (31)`` if there are several."""
    found = sorted(map(str, values or ()))
    if len(found) < 2:
        return found[0] if found else "—"
    return f"{found[0]} … {found[-1]} ({len(found)})"
