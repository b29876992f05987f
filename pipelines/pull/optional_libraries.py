"""Optional libraries, which only some sources need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from citylake.schemas.words.errors import CitylakeError

_OWN = "citylake"
_EXTRAS = {"pyogrio": "geo", "shapely": "geo", "paho": "mqtt"}
"""Library → extra; the others are in ``connectors``."""


@contextmanager
def require_libraries(source: str) -> Iterator[None]:
    """Raise LIBRARY_MISSING if ``source`` needs a library that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(_OWN):
            raise
        library = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(library, "connectors")
        raise CitylakeError("LIBRARY_MISSING", source=source, library=error.name, extra=extra) from error
