"""Date patterns of Java, SQL and spreadsheets (``yyyy-MM-dd HH:mm``), which are no strptime formats."""

from __future__ import annotations

import re

_RUN = re.compile(r"'[^']*'|HH24|HH12|\.S+|MMMM|MMM|YYYY|yyyy|MI|XXX|xxx|SSS|yy|YY|MM|dd|DD|HH|hh|mm|ss|SS|[MdHhmsaXZ]")
_SIGN = re.compile(r"(?<![A-Za-z%])(yyyy|YYYY|yy|MM|dd|DD|HH|HH24|hh|mm|ss|SSS)(?![A-Za-z])")
_NAMES = {
    **dict.fromkeys(("yyyy", "YYYY"), "%Y"),
    **dict.fromkeys(("yy", "YY"), "%y"),
    **dict.fromkeys(("dd", "DD", "d"), "%d"),
    **dict.fromkeys(("HH", "HH24", "H"), "%H"),
    **dict.fromkeys(("ss", "SS", "s"), "%S"),
    **dict.fromkeys(("XXX", "xxx", "X", "Z"), "%z"),
    "MMM": "%b",
    "MMMM": "%B",
    "MI": "%M",
    "SSS": "%3f",
    "HH12": "%I",
    "a": "%p",
}


def is_foreign_format(form: str) -> bool:
    """Whether ``form`` has no directive of strptime, or letters of another notation beside them."""
    return "%" not in form or _SIGN.search(form) is not None


def translate_foreign_format(form: str) -> str:
    """The strptime format for ``form``; an empty text if it states no date and no time."""
    named = {"epoch": "epoch_s", "unix": "epoch_s", "timestamp": "epoch_s", "iso8601": "%+", "iso": "%+"}
    if form.lower() in named:
        return named[form.lower()]
    made = ""
    end = 0
    for found in _RUN.finditer(form):
        made += form[end : found.start()]
        made += found[0] if made.endswith("%") else _directive(found[0], made, form)
        end = found.end()
    made += form[end:]
    return made if "%Y" in made or "%y" in made or "%H" in made else ""


def _directive(run: str, before: str, form: str) -> str:
    if run.startswith("'"):
        return run.strip("'")
    if run.startswith(".S"):
        return "%.f"
    if run in ("hh", "h"):
        return "%I" if "a" in form else "%H"
    if run in ("MM", "M", "mm", "m"):
        # Spreadsheets and SQL write months and minutes with the same letters: minutes follow hours.
        return "%M" if ("%H" in before or "%I" in before) and ("%m" in before or run.islower()) else "%m"
    return _NAMES[run]
