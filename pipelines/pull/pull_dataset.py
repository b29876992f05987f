"""pull: fetch from a source, land the bytes, and write a receipt for every attempt, successful or not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from citylake.pipelines.lake.lake_clock import LakeClock
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull.connector_api import (
    Fetch,
    FetchProgress,
    NotModifiedError,
    PullContext,
    SourceNotReadyError,
    failed_fetch,
    load_connector,
)
from citylake.pipelines.pull.day_filter import matches_run_days
from citylake.pipelines.pull.landing_writer import LandingWriter
from citylake.pipelines.pull.optional_libraries import require_libraries
from citylake.pipelines.pull.receipt_ids import ReceiptIds, unordered_receipt_id
from citylake.pipelines.pull.redact import redact_url
from citylake.pipelines.pull.resume_pull import PullResumer
from citylake.pipelines.pull.source_variables import fill_variables
from citylake.pipelines.pull.twin_files import TwinFiles
from citylake.pipelines.records import Receipt, ReceiptStatus
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem

_NOTHING = hashlib.sha256(b"").hexdigest()


def pull_dataset(contract: Contract, lake: Lake, pulling: PullContext) -> list[Receipt]:
    """The receipts of every fetch of the contract's source, in order; faults of the source are in the receipts.

    A file whose name has a day outside the run's days is not fetched.
    """
    last = {name: (sha256, receipt) for (name, sha256), receipt in pulling.known.items()}
    resume = PullResumer.of(contract.source, pulling)
    twins = TwinFiles.of(contract, {**pulling.delivered, **pulling.known})
    ids = ReceiptIds(LakeClock(lake), pulling.newest)
    attempt = _FetchAttempt(contract.dataset, lake, pulling, ids, resume, dict(pulling.known), last, twins)
    return [attempt.receive(fetch) for fetch in plan_fetches(contract, pulling)]


def plan_fetches(contract: Contract, pulling: PullContext) -> Iterator[Fetch]:
    """Every fetch that a pull would attempt; nothing is requested before its parts are iterated."""
    named = contract.source.name_fields
    return (fetch for fetch in _list_fetches(contract, pulling) if matches_run_days(fetch.name, named, pulling.run))


def _list_fetches(contract: Contract, pulling: PullContext) -> Iterator[Fetch]:
    shown = redact_url(", ".join(address for _, address in contract.source.addresses()))
    try:
        source = fill_variables(contract.source, pulling.variables)
        yield from load_connector(source.connector).fetches(source, pulling)
    except CitylakeError as error:
        yield failed_fetch(shown, "", error)


@dataclass(slots=True)
class _LandingPlace:
    """The folder of a receipt's bytes. Its id is made when the first of them are stored."""

    lake: Lake
    dataset: str
    day: str
    ids: ReceiptIds
    id: str = field(default="", init=False)

    def __call__(self) -> str:
        self.id = self.id or self.ids.next()
        return self.lake.landing(self.dataset, self.day, self.id)


@dataclass(frozen=True, slots=True)
class _FetchAttempt:
    dataset: str
    lake: Lake
    pulling: PullContext
    ids: ReceiptIds
    resume: PullResumer
    known: dict[tuple[str, str], str]
    last: dict[str, tuple[str, str]]
    """SHA-256 and receipt of committed bytes, by name."""
    twins: TwinFiles

    def receive(self, fetch: Fetch) -> Receipt:
        asked_at, tally = datetime.now(UTC), FetchProgress()
        place = _LandingPlace(self.lake, self.dataset, f"{asked_at:%Y-%m-%d}", self.ids)
        receipt = Receipt(
            id=unordered_receipt_id(),
            run=self.pulling.run.id,
            dataset=self.dataset,
            source=fetch.source,
            name=fetch.name,
            status="failed",
            requested_at=asked_at,
            received_at=asked_at,
        )
        try:
            return self._received(fetch, receipt, place, tally)
        except NotModifiedError:
            return self._same(receipt)
        except SourceNotReadyError as error:
            return replace(receipt, status="waiting", received_at=datetime.now(UTC), problem=error.problem)

    def _received(self, fetch: Fetch, receipt: Receipt, place: _LandingPlace, tally: FetchProgress) -> Receipt:
        landing = LandingWriter(self.lake, place, self.pulling.compress, self.pulling.seal)
        problem = self._taken(fetch, receipt, landing, tally)
        key = (fetch.name, landing.digest.hexdigest())
        same_as = None if problem else self.known.get(key)
        twin = self.twins.find(receipt, key[1]) if not problem and same_as is None else None
        if twin:
            same_as, problem = twin.receipt, None
        if same_as is None:
            problem = _store_buffered(landing) or problem
            receipt = replace(receipt, id=place.id or (receipt.id if problem else self.ids.next()))
        status: ReceiptStatus = "received" if same_as is None else "unchanged"
        if problem:
            status = "incomplete" if landing.names else "failed"
        elif key[1] != _NOTHING:
            # A file that is matched twice in one run is received once; every empty file is reported.
            self.known.setdefault(key, receipt.id)
            self.twins.note(receipt, key[1])
        if status in ("unchanged", "failed"):
            landing.remove()
        return replace(
            receipt,
            status=status,
            received_at=datetime.now(UTC),
            sha256=None if status == "failed" else key[1],
            size_bytes=landing.size,
            declared_count=tally.declared,
            stored_count=tally.stored,
            landing=tuple(landing.paths),
            same_as=same_as,
            problem=twin.problem if twin else problem,
            proof=None if problem else tally.proof or fetch.proof,
            state=None if problem else tally.state,
            cursor=self.resume.kept(tally.cursor) if status == "incomplete" else None,
            notices=tuple(tally.notices),
        )

    def _taken(self, fetch: Fetch, receipt: Receipt, landing: LandingWriter, tally: FetchProgress) -> Problem | None:
        """Receive what the source sends; returns the problem if there is one."""
        try:
            tally.cursor = self.resume.take_over(fetch.name, landing, receipt.requested_at)
            with require_libraries(fetch.source):
                landing.take(fetch.parts(tally))
            return _check_count(fetch, tally)
        except SourceNotReadyError:
            raise
        except CitylakeError as error:
            return error.problem

    def _same(self, receipt: Receipt) -> Receipt:
        """The receipt of a fetch whose content is committed already: nothing was sent."""
        sha256, same_as = self.last[receipt.name]
        return replace(
            receipt,
            status="unchanged",
            received_at=datetime.now(UTC),
            sha256=sha256,
            same_as=same_as,
            proof="snapshot",
        )


def _store_buffered(landing: LandingWriter) -> Problem | None:
    """Write the buffered files; if that fails, remove all, because the digest covers all of them."""
    try:
        landing.keep()
    except CitylakeError as error:
        landing.remove()
        return error.problem
    return None


def _check_count(fetch: Fetch, tally: FetchProgress) -> Problem | None:
    if tally.declared is None or tally.declared == tally.stored:
        return None
    return Problem("COUNT_DIFFERS", {"source": fetch.source, "declared": tally.declared, "stored": tally.stored})
