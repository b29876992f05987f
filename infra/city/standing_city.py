"""The city, generated and served for the duration of a run or a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from citylake.infra.city.city_environment import environment_of
from citylake.infra.city.city_model import City
from citylake.infra.city.domains.city_domain import CityDomain
from citylake.infra.city.generate import generate_city
from citylake.infra.city.serve.city_server import serve_city

DEMO_WORKSPACE = Path(__file__).resolve().parents[2] / "workspaces" / "demo"
"""The contracts and marts of the city; they are in the repository, and in no wheel."""


@contextmanager
def standing_city(
    folder: Path, city: City | None = None, domains: Sequence[CityDomain] = ()
) -> Iterator[dict[str, str]]:
    """Generate ``city`` with ``domains`` below ``folder``, serve it, yield the variables that contracts name.

    Connections and keys of ``domains`` are in the environment until the block ends.
    """
    generate_city(folder, city or City(), domains)
    secrets = {name: value for domain in domains for name, value in domain.environment(folder.resolve()).items()}
    with environment_of(secrets), serve_city(folder, domains=domains) as url:
        yield {"CITY_FILES": str((folder / "files").resolve()), "CITY_URL": url}
