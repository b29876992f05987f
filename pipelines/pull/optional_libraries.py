"""Optional libraries, which only some sources need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from citylake.schemas.words.errors import CitylakeError

_OWN = "citylake"


@contextmanager
def require_libraries(source: str) -> Iterator[None]:
    """Raise LIBRARY_MISSING if ``source`` needs a library that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(_OWN):
            raise
        raise CitylakeError("LIBRARY_MISSING", source=source, library=error.name) from error
