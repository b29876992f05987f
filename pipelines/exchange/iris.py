"""The names of what is described, as IRIs: below a base address, or as URNs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Iris:
    """``base``: an address that the city publishes its registry under; without one, names are ``urn:citylake:…``."""

    base: str = ""

    def of(self, kind: str, name: str) -> str:
        """The IRI of an ``element``, a ``dataset``, a ``mart``, a ``department`` …"""
        if self.base:
            return f"{self.base.rstrip('/')}/{kind}/{quote(name, safe='')}"
        return f"urn:citylake:{kind}:{quote(name, safe='')}"
