"""What a connector is: a module that turns a source into fetches. A new one is a file in ``connectors/``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, Protocol, cast

from citylake.pipelines.records import ResumePoint, Run
from citylake.schemas.words.errors import CitylakeError, Problem

PullState = dict[str, Any]
"""A small JSON object that a connector keeps from one pull to the next."""

CompletenessProof = Literal["bytes", "count", "keyset", "last_page", "no_next", "snapshot", "flag", "reread"]
"""How one knows that everything came: the words are ``pull.proof_<name>`` in the catalogue.

``bytes``: the whole file by its own length; ``count``: as many records as were declared, before and after;
``keyset``: pages by ascending key until one is empty; ``last_page``: pages until the rule for the last one;
``no_next``: links until there is none; ``snapshot``: one whole document each time; ``flag``: the supplier's flag file;
``reread``: every page read twice, the second time from the last to the first, and the same.
"""


@dataclass(frozen=True, slots=True)
class LandedPart:
    """One file to land: its name, and its bytes in bounded chunks."""

    name: str
    chunks: Iterator[bytes]


@dataclass(slots=True)
class FetchProgress:
    """What is learnt while the parts are read: counts, and what to keep for the next pull."""

    declared: int | None = None
    stored: int | None = None
    proof: CompletenessProof | None = None
    """What the pull relied on; the fetch's own where not set."""
    state: PullState | None = None
    """What the next pull starts from; kept in the ledger once the batch is committed."""
    cursor: PullState | None = None
    """Where a pull that breaks off may be continued: set after each part, true of all parts so far.

    At the beginning it is the cursor of the pull that is continued, whose parts are already in the landing zone.
    """
    notices: list[Problem] = field(default_factory=list)
    """What a person should know of the pull, though it stops nothing."""


@dataclass(frozen=True, slots=True)
class PullContext:
    """What a connector is told: variables that fill ``${NAME}``, and what earlier pulls left, by the fetch's name."""

    variables: Mapping[str, str]
    run: Run
    known: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Receipt ids by (name, SHA-256) of bytes that are committed under the present declarations."""
    states: Mapping[str, PullState] = field(default_factory=dict)
    unfinished: Mapping[str, ResumePoint] = field(default_factory=dict)
    planning: bool = False
    """Nothing may be asked: what only a first answer could tell is planned as that first question."""

    def state(self, name: str) -> PullState:
        """What the last committed pull of the fetch ``name`` left; empty at first."""
        return dict(self.states.get(name, {}))

    def committed(self, name: str) -> bool:
        """Whether the last bytes of ``name`` are committed under the present declarations."""
        return any(known == name for known, _ in self.known)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One attempt. Nothing is asked of the source before ``parts`` is iterated; a fault is raised there."""

    source: str
    """What is asked, without secrets."""
    name: str
    parts: Callable[[FetchProgress], Iterator[LandedPart]]
    proof: CompletenessProof | None = "bytes"
    """What the pull will rely on; None where that depends on what the source turns out to be able to do."""
    asks: tuple[str, ...] = ()
    """The requests as a person may read them, for ``--dry-run``; the first ones where there is no end to them."""
    fault: CitylakeError | None = None
    """Why nothing can be asked, where that is known beforehand."""


class NotModifiedError(Exception):
    """The server says that nothing has changed since what is committed."""


class SourceNotReadyError(CitylakeError):
    """What is asked for is not whole yet, as the source itself tells: no fault, and the next run takes it."""


class Connector(Protocol):
    """The module ``citylake.pipelines.pull.connectors.<name>``.

    It may also have ``settle(source, pulling, state)``, called with ``Tally.state`` once a pull's batch is committed,
    and again where a crash came between: it tells the source what was taken.
    """

    def fetches(self, source: Any, pulling: PullContext) -> Iterator[Fetch]:
        """Every fetch of ``source``, oldest first; raises ``CitylakeError`` where nothing can be asked."""


def load_connector(name: str) -> Connector:
    """The connector that contracts call ``name``."""
    return cast("Connector", import_module(f"citylake.pipelines.pull.connectors.{name}.connector"))


def failed_fetch(source: str, name: str, error: CitylakeError) -> Fetch:
    """A fetch that is known to fail, or to wait, so that the attempt leaves its receipt too."""

    def parts(_: FetchProgress) -> Iterator[LandedPart]:
        raise error

    return Fetch(source, name, parts, fault=None if isinstance(error, SourceNotReadyError) else error)
