"""The interface of connectors: a connector turns a contract's source into fetches.

Each has a folder in ``connectors/``, or a package of its own; ``docs/extend.md`` shows one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from citylake.pipelines.pull.state_types import ConnectorState
from citylake.pipelines.records import ResumePoint, Run
from citylake.schemas.model.extension_registry import broken_extension, load_extension
from citylake.schemas.model.source import AnyFormat, HttpBase, SourceBase
from citylake.schemas.words.errors import CitylakeError, Problem

if TYPE_CHECKING:
    from citylake.pipelines.pull.http.response_head import ProbeClient

__all__ = [
    "AnyFormat",
    "CompletenessProof",
    "Connector",
    "ConnectorState",
    "Fetch",
    "FetchProgress",
    "HttpBase",
    "LandedPart",
    "NotModifiedError",
    "PullContext",
    "PullState",
    "ResumePoint",
    "SourceBase",
    "SourceGuess",
    "SourceNotReadyError",
    "failed_fetch",
    "load_connector",
]
"""What a connector of another package may import."""

SourceT = TypeVar("SourceT", bound=SourceBase)

PullState = dict[str, Any]
"""A small JSON object that a connector stores for its next pull."""

CompletenessProof = Literal[
    "bytes", "count", "keyset", "last_page", "no_next", "snapshot", "flag", "reread", "unordered", "session"
]
"""Why a pull is known to be complete; the messages are ``pull.proof_<name>`` in the catalogue.

``bytes``: the length of the file; ``count``: the declared number of records, equal before and after;
``keyset``: pages by ascending key up to an empty one; ``last_page``: pages up to the one that the service ends with;
``no_next``: links until there is none; ``snapshot``: one whole document; ``flag``: the supplier's flag file;
``reread``: every page read twice, the second time from the last to the first, with the same content;
``unordered``: no proof, because records are on two pages that are the same when they are read again;
``session``: a broker that sent no more of what it holds for the session; nothing is acknowledged before the commit.
"""


@dataclass(frozen=True, slots=True)
class LandedPart:
    """One file to land: its name, and its bytes in bounded chunks."""

    name: str
    chunks: Iterator[bytes]


@dataclass(slots=True)
class FetchProgress:
    """What a connector reports while its parts are read: counts, and the state for the next pull."""

    declared: int | None = None
    stored: int | None = None
    proof: CompletenessProof | None = None
    """Why the pull is complete; the fetch's ``proof`` if not set."""
    state: PullState | None = None
    """What the next pull starts from; written to the ledger after the batch is committed."""
    cursor: PullState | None = None
    """Where an interrupted pull can be continued; set after each part, valid for all parts so far.

    At the beginning it is the cursor of the pull that is being continued, whose parts are in the landing zone already.
    """
    notices: list[Problem] = field(default_factory=list)
    """Problems that are reported but do not stop the pull."""


@dataclass(frozen=True, slots=True)
class PullContext:
    """The input of a connector: variables for ``${NAME}``, and the state of earlier pulls by the name of the fetch."""

    variables: Mapping[str, str]
    run: Run
    known: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Receipt ids by (name, SHA-256) of bytes that are committed under the current declarations."""
    states: Mapping[str, PullState] = field(default_factory=dict)
    unfinished: Mapping[str, ResumePoint] = field(default_factory=dict)
    delivered: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The same under every contract of the same meaning; only if equal bytes are the same rows."""
    planning: bool = False
    """Whether requests are forbidden (``--dry-run``); what depends on a first response is planned as that request."""
    newest: str = ""
    """The greatest id of the dataset's receipts; empty before the first."""
    compress: bool = False
    """Whether landed files are stored compressed."""
    seal: bool = False
    """Whether landed files are stored sealed."""

    def state(self, name: str) -> PullState:
        """The state that the last committed pull of the fetch ``name`` left; empty before the first."""
        return dict(self.states.get(name, {}))

    def committed(self, name: str) -> bool:
        """Whether the last bytes of ``name`` are committed under the current declarations."""
        return any(known == name for known, _ in self.known)


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetch. Nothing is requested before ``parts`` is iterated; faults are raised there."""

    source: str
    """What is fetched, without secrets."""
    name: str
    parts: Callable[[FetchProgress], Iterator[LandedPart]]
    proof: CompletenessProof | None = "bytes"
    """Why the pull will be complete; None if that depends on the capabilities of the source."""
    asks: tuple[str, ...] = ()
    """The requests as shown by ``--dry-run``; the first ones if their number is unknown."""
    fault: CitylakeError | None = None
    """Why nothing can be requested, if that is known beforehand."""


class NotModifiedError(Exception):
    """The server reports no change since the committed version."""


class SourceNotReadyError(CitylakeError):
    """The source reports that the data is not complete yet. This is no fault: the next run fetches it."""


@dataclass(frozen=True, slots=True)
class SourceGuess:
    """A kind of source: the contract's ``source``, and how it was recognized (``onboard.<why>`` in the catalogue).

    ``kind`` is the connector; ``none`` for what no contract can read, with an empty ``source``.
    """

    kind: str
    source: dict[str, Any]
    why: str
    left_out: int = 0
    """How many parts of the source (Datastreams, for example) ``source`` does not name, although it has them."""


class Connector(ABC, Generic[SourceT]):
    """A kind of source. The class is an entry point in the group ``citylake.connectors``, by the connector's name.

    Its module is imported when a contract is read, also while Airflow parses DAGs: it must not import HTTP clients,
    polars or drivers. ``fetches``, ``settle`` and ``looks_like`` import what they need when they are called.
    """

    source_model: ClassVar[type[SourceBase]]
    """What a contract's ``source`` may say."""
    state_model: ClassVar[type[ConnectorState]] = ConnectorState
    """What is kept from one pull to the next."""

    @abstractmethod
    def fetches(self, source: SourceT, pulling: PullContext) -> Iterator[Fetch]:
        """Every fetch of ``source``, oldest first; raises CitylakeError if nothing can be requested."""

    def settle(self, source: SourceT, pulling: PullContext, state: PullState) -> None:
        """Acknowledge what was committed; ``state`` is the ``FetchProgress.state`` of the pull.

        Called after the commit, and again by the next run if a crash came between. Not called if it is not overridden.
        """
        raise NotImplementedError

    @property
    def settles(self) -> bool:
        """Whether the source expects an acknowledgement."""
        return type(self).settle is not Connector.settle

    def looks_like(self, probe: ProbeClient) -> SourceGuess | None:
        """The source at the address of ``probe``, for ``citylake onboard``; None if it is no source of this kind."""
        return None


def load_connector(name: str) -> Connector[Any]:
    """The connector that contracts call ``name``; raises CONNECTOR_UNKNOWN, EXTENSION_TWICE or EXTENSION_BROKEN."""
    found = load_extension("citylake.connectors", name)
    if not isinstance(found, Connector):
        raise broken_extension("citylake.connectors", name, type(found), "it is not a subclass of Connector")
    return found


def failed_fetch(source: str, name: str, error: CitylakeError) -> Fetch:
    """A fetch that is known to fail or to wait, so that the attempt has a receipt too."""

    def parts(_: FetchProgress) -> Iterator[LandedPart]:
        raise error

    return Fetch(source, name, parts, fault=None if isinstance(error, SourceNotReadyError) else error)
