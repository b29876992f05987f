"""What a connector is: a module that turns a source into fetches. A new one is a file in ``connectors/``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast

from schemas.faults import CitylakeError


@dataclass(frozen=True, slots=True)
class Part:
    """One file to land: its name, and its bytes in bounded chunks."""

    name: str
    chunks: Iterator[bytes]


@dataclass(slots=True)
class Tally:
    """Counts of records that a source declares and sends; filled while the parts are read."""

    declared: int | None = None
    stored: int | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One attempt. Nothing is asked of the source before ``parts`` is iterated; a fault is raised there."""

    source: str
    """What is asked, without secrets."""
    name: str
    parts: Callable[[Tally], Iterator[Part]]


class Connector(Protocol):
    """The module ``pipelines.pull.connectors.<name>``."""

    def fetches(self, source: Any, variables: Mapping[str, str]) -> Iterator[Fetch]:
        """Every fetch of ``source``, oldest first; raises ``CitylakeError`` where nothing can be asked."""


def connector(name: str) -> Connector:
    """The connector that contracts call ``name``."""
    return cast("Connector", import_module(f"pipelines.pull.connectors.{name}"))


def refused(source: str, name: str, error: CitylakeError) -> Fetch:
    """A fetch that is known to fail, so that the attempt leaves its receipt too."""

    def parts(_: Tally) -> Iterator[Part]:
        raise error

    return Fetch(source, name, parts)
