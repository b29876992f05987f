"""The functions of DuckDB's extension ``spatial``, which is part of the installation."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_CALL = re.compile(r"\b(st_\w+)\s*\(", re.IGNORECASE)


@cache
def spatial_functions() -> frozenset[str]:
    """Their names, in small letters: a list, because loading the extension is slow."""
    listed = files("citylake.schemas.sql").joinpath("spatial_functions.txt")
    return frozenset(listed.read_text(encoding="utf-8").split())


def uses_spatial_functions(select: str) -> bool:
    """Whether ``select`` calls one of them."""
    return any(name.lower() in spatial_functions() for name in _CALL.findall(select))
