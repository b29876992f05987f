"""pull: ask a source, land what it sends, and write a receipt for every attempt, good or bad."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipelines.extras import extras
from pipelines.lake import Lake
from pipelines.pull.connector import Fetch, NotModifiedError, NotYetError, Pulling, Tally, connector, refused
from pipelines.pull.days import wanted
from pipelines.pull.identity import receipt_id
from pipelines.pull.landing import Landing
from pipelines.pull.redact import shown_url
from pipelines.pull.resume import Resume
from pipelines.pull.variables import fill
from pipelines.records import Receipt, ReceiptStatus
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem

_NOTHING = hashlib.sha256(b"").hexdigest()


def pull(contract: Contract, lake: Lake, pulling: Pulling) -> list[Receipt]:
    """The receipts of every fetch of the contract's source, in the order of its sources; never raises for its faults.

    A file whose name tells a day outside the run's days is not asked for.
    """
    last = {name: (sha256, receipt) for (name, sha256), receipt in pulling.known.items()}
    resume = Resume.of(contract.source, pulling)
    attempt = _Attempt(contract.dataset, lake, pulling, resume, dict(pulling.known), last)
    return [attempt.receive(fetch) for fetch in planned(contract, pulling)]


def planned(contract: Contract, pulling: Pulling) -> Iterator[Fetch]:
    """Every fetch that a pull would attempt; nothing is asked for before its parts are."""
    named = contract.source.name_fields
    return (fetch for fetch in _fetches(contract, pulling) if wanted(fetch.name, named, pulling.run))


def _fetches(contract: Contract, pulling: Pulling) -> Iterator[Fetch]:
    asked: str | tuple[str, ...] = getattr(contract.source, "path", "") or getattr(contract.source, "url", "")
    shown = shown_url(asked if isinstance(asked, str) else ", ".join(asked))
    try:
        source = fill(contract.source, pulling.variables)
        yield from connector(source.connector).fetches(source, pulling)
    except CitylakeError as error:
        yield refused(shown, "", error)


@dataclass(frozen=True, slots=True)
class _Attempt:
    dataset: str
    lake: Lake
    pulling: Pulling
    resume: Resume
    known: dict[tuple[str, str], str]
    last: dict[str, tuple[str, str]]
    """SHA-256 and receipt of committed bytes, by name."""

    def receive(self, fetch: Fetch) -> Receipt:
        identity, asked_at, tally = receipt_id(), datetime.now(UTC), Tally()
        landing = Landing(self.lake, self.lake.landing(self.dataset, f"{asked_at:%Y-%m-%d}", identity))
        receipt = Receipt(
            id=identity,
            run=self.pulling.run.id,
            dataset=self.dataset,
            source=fetch.source,
            name=fetch.name,
            status="failed",
            requested_at=asked_at,
            received_at=asked_at,
        )
        try:
            return self._received(fetch, receipt, landing, tally)
        except NotModifiedError:
            return self._same(receipt)
        except NotYetError as error:
            return replace(receipt, status="waiting", received_at=datetime.now(UTC), problem=error.problem)

    def _received(self, fetch: Fetch, receipt: Receipt, landing: Landing, tally: Tally) -> Receipt:
        problem = self._taken(fetch, receipt, landing, tally)
        key = (fetch.name, landing.digest.hexdigest())
        same_as = None if problem else self.known.get(key)
        if same_as is None:
            problem = _unkept(landing) or problem
        status: ReceiptStatus = "received" if same_as is None else "unchanged"
        if problem:
            status = "incomplete" if landing.paths else "failed"
        elif key[1] != _NOTHING:
            # The same file matched twice in one run would otherwise be taken twice. Empty files are each told.
            self.known.setdefault(key, receipt.id)
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
            problem=problem,
            proof=None if problem else tally.proof or fetch.proof,
            state=None if problem else tally.state,
            cursor=self.resume.kept(tally.cursor) if status == "incomplete" else None,
            notices=tuple(tally.notices),
        )

    def _taken(self, fetch: Fetch, receipt: Receipt, landing: Landing, tally: Tally) -> Problem | None:
        """Take what the source sends; what went wrong."""
        try:
            tally.cursor = self.resume.take_over(fetch.name, landing, receipt.requested_at)
            with extras(fetch.source):
                landing.take(fetch.parts(tally))
            return _miscounted(fetch, tally)
        except NotYetError:
            raise
        except CitylakeError as error:
            return error.problem

    def _same(self, receipt: Receipt) -> Receipt:
        """What the server said is what is committed: no byte came."""
        sha256, same_as = self.last[receipt.name]
        return replace(
            receipt,
            status="unchanged",
            received_at=datetime.now(UTC),
            sha256=sha256,
            same_as=same_as,
            proof="snapshot",
        )


def _unkept(landing: Landing) -> Problem | None:
    """Store what is held; where that fails nothing stays, for the digest is of all of it."""
    try:
        landing.keep()
    except CitylakeError as error:
        landing.remove()
        return error.problem
    return None


def _miscounted(fetch: Fetch, tally: Tally) -> Problem | None:
    if tally.declared is None or tally.declared == tally.stored:
        return None
    return Problem("COUNT_DIFFERS", {"source": fetch.source, "declared": tally.declared, "stored": tally.stored})
