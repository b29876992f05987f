"""The stand-in for municipal portals."""

from __future__ import annotations

from starlette.routing import Route

from infra.city.serve.held import Held


def routes(held: Held) -> list[Route]:
    """The service's addresses."""
    return []
