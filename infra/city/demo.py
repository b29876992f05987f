"""The city, standing: generated and served for as long as a run or a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.city.generate import generate
from infra.city.model import City
from infra.city.serve.server import serving


@contextmanager
def standing_city(folder: Path, city: City | None = None) -> Iterator[dict[str, str]]:
    """Generate ``city`` below ``folder``, serve it, and yield the variables that its contracts name."""
    generate(folder, city or City())
    with serving(folder) as url:
        yield {"CITY_FILES": str((folder / "files").resolve()), "CITY_URL": url}
