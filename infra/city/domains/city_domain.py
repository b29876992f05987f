"""What a domain brings to the city: its datasets, its services, and the true answers to its marts' questions."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citylake.infra.city import domains
from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch

if TYPE_CHECKING:
    from starlette.routing import Route

    from citylake.infra.city.serve.city_data import CityData

Generate = Callable[[City], PlantedBatch]
Write = Callable[[PlantedBatch, Path], None]
Answer = Callable[[City, Mapping[str, PlantedBatch]], Any]


def _no_routes(_: CityData) -> list[Route]:
    return []


def _no_environment(_: Path) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class CityDomain:
    """A domain of the city.

    ``makers`` make each dataset's records and write them below the city's folder, files in ``files/<name>/``.
    ``answers``: by ``<mart>.<question>`` the true answer, which is computed from the city and the batches of all
    domains, and never from a mart. ``routes``: the domain's services. ``environment``: for the city's folder, what its
    contracts take from the environment: connections (``CITYLAKE_CONN_…``) and keys, while the city stands.
    """

    name: str
    makers: tuple[tuple[Generate, Write], ...]
    answers: Mapping[str, Answer]
    routes: Callable[[CityData], list[Route]] = _no_routes
    environment: Callable[[Path], Mapping[str, str]] = _no_environment


def city_domains() -> dict[str, CityDomain]:
    """Every domain by its name, in order of the names."""
    names = sorted(found.name for found in pkgutil.iter_modules(domains.__path__) if found.ispkg)
    modules = (importlib.import_module(f"{domains.__name__}.{name}") for name in names)
    return {module.DOMAIN.name: module.DOMAIN for module in modules}
