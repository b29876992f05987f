"""Verifies the landed bytes and the raw text of one dataset against its receipts and the removals of retention."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import polars as pl

from citylake.pipelines.lake.digests.file_digest import FileDigest, digest_file, digest_stream, in_threads
from citylake.pipelines.lake.landed_file import is_landed_sealed, is_stored_as_received, landed_place, open_landed
from citylake.pipelines.lake.ledger import Ledger, receipts_table
from citylake.pipelines.lake.seal_keys import has_seal_key
from citylake.pipelines.lake.stored_files import StoredFile, list_stored_files
from citylake.pipelines.upkeep.verify.finding import Finding, VerifyTally, damaged_digest, damaged_file
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.read_file import FileToRead, read_files
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.schemas.words.errors import CitylakeError

_AT_ONCE = 64
_RECEIPT = ("sequence", "dataset", "id", "status", "sha256", "size_bytes", "landing")


@dataclass(frozen=True, slots=True)
class LandedReceipt:
    """Files of one receipt below the lake, in order, and the digest of their concatenation."""

    id: str
    files: tuple[str, ...]
    digest: FileDigest
    """Of the bytes as received."""

    def placed(self, exists: Callable[[str], bool]) -> LandedReceipt:
        """The receipt with its files where they lie: they may have been sealed since they were received."""
        return replace(self, files=tuple(landed_place(exists, file) for file in self.files))

    @property
    def as_received(self) -> bool:
        """Whether all files are stored as they were received: neither compressed nor sealed."""
        return all(map(is_stored_as_received, self.files))

    @property
    def sealed(self) -> bool:
        """Whether any of the files is sealed."""
        return any(map(is_landed_sealed, self.files))


def landing_findings(
    records: LedgerRecords, dataset: str, options: VerifyOptions, tally: VerifyTally
) -> Iterator[Finding]:
    """Yield receipts whose bytes are missing or, if they are read, are not those that were received."""
    place, ledger = f"landing/{dataset}", records.ledger
    # Receipts before the listing, which has their files.
    received = list(_recorded_receipts(ledger, dataset))
    listed = {path: file.size for path, file in _listed(ledger, place).items()}
    received = [receipt.placed(listed.__contains__) for receipt in received]
    lost = (receipt.id for receipt in received if not listed.keys() >= set(receipt.files))
    gone, opens = records.removed("landing", dataset, lost), has_seal_key()
    if options.deep:
        yield from _sealed_findings(records, place, [each for each in received if each.id not in gone], listed, tally)
    tally.files += len(listed)
    tally.size_bytes += sum(listed.values())
    intact: list[LandedReceipt] = []
    for receipt in (each for each in received if each.id not in gone):
        absent = next((file for file in receipt.files if file not in listed), None)
        size = sum(listed.get(file, 0) for file in receipt.files)
        if absent:
            yield damaged_digest(place, absent, receipt.digest, None)
        elif size != receipt.digest.size_bytes and receipt.as_received:
            yield damaged_file(place, receipt.files[0], receipt.digest.short, f"{size:,} B")
        elif (opens or not receipt.sealed) and options.reads(f"{place}/{receipt.id}"):
            intact.append(receipt)
    for start in range(0, len(intact), _AT_ONCE):
        part = intact[start : start + _AT_ONCE]
        for receipt, found in zip(part, in_threads(lambda each: _digest(ledger, each), part), strict=True):
            size = sum(listed[file] for file in receipt.files)
            tally.read_bytes += size
            options.tell(size)
            shown = ", ".join(receipt.files[:3])
            if isinstance(found, str):
                yield damaged_file(place, shown, receipt.digest.short, found)
            elif found is not None and found != receipt.digest:
                yield damaged_digest(place, shown, receipt.digest, found)


def landed_receipts(records: LedgerRecords, dataset: str) -> Iterator[LandedReceipt]:
    """Yield the receipts whose bytes are in landing, by the ledger; not those that retention has removed."""
    gone = records.removed("landing", dataset)
    yield from (receipt for receipt in _recorded_receipts(records.ledger, dataset) if receipt.id not in gone)


def _recorded_receipts(ledger: Ledger, dataset: str) -> Iterator[LandedReceipt]:
    every = ledger.dataset_rows(receipts_table.TABLE, dataset, _RECEIPT)
    rows = every.filter(pl.col("sha256").is_not_null(), pl.col("landing").list.len() > 0)
    for row in rows.unique("id", keep="last", maintain_order=True).iter_rows(named=True):
        # "unchanged" names the files of an earlier receipt, which has a row of its own.
        if row["status"] != "unchanged":
            # The paths of a restored lake are those of the lake that was backed up.
            files = tuple("landing/" + path.partition("/landing/")[2] for path in row["landing"])
            yield LandedReceipt(row["id"], files, FileDigest(int(row["size_bytes"]), row["sha256"]))


def _digest(ledger: Ledger, receipt: LandedReceipt) -> FileDigest | str | None:
    """The digest of the bytes as received, or why they cannot be unpacked."""
    try:
        with ExitStack() as stack:
            paths = (ledger.lake.path(file) for file in receipt.files)
            return digest_stream(*[stack.enter_context(open_landed(ledger.lake, path)) for path in paths])
    except FileNotFoundError:
        return None  # retention has just removed it
    except OSError as error:
        if error.errno is None and not receipt.as_received:
            return str(error)
        raise
    except CitylakeError as error:
        # Sealed for a key that is not here: the digest of the stored bytes says whether they are whole.
        if error.code != "SEAL_KEY_WRONG":
            raise
        return receipt.digest


def _sealed_findings(
    records: LedgerRecords, place: str, received: Sequence[LandedReceipt], listed: Mapping[str, int], tally: VerifyTally
) -> Iterator[Finding]:
    """Yield sealed files whose stored bytes are not those that were recorded: for that, no key is needed."""
    recorded, ledger = records.digests(place), records.ledger
    files = [file for each in received if each.sealed for file in each.files if file in listed and file in recorded]
    tally.read_bytes += sum(listed[file] for file in files)
    for file, found in zip(files, in_threads(lambda file: _stored_digest(ledger, file), files), strict=True):
        if found is not None and found != recorded[file]:
            yield damaged_digest(place, file, recorded[file], found)


def _stored_digest(ledger: Ledger, file: str) -> FileDigest | None:
    try:
        return digest_file(ledger.lake, ledger.lake.path(file))
    except FileNotFoundError:
        return None  # retention has just removed it


def raw_findings(records: LedgerRecords, dataset: str, options: VerifyOptions, tally: VerifyTally) -> Iterator[Finding]:
    """Yield raw files that are missing or not as they were recorded last.

    A file that was written after its record is of a replay that has not recorded it yet: it is only decoded.
    """
    place, ledger = f"raw/{dataset}", records.ledger
    recorded = records.last_raw_digests(place) if options.deep else {}
    listed = _listed(ledger, place)
    gone = records.removed("raw", dataset, (path.split("/")[2] for path in recorded if path not in listed))
    tally.files += len(listed)
    tally.size_bytes += sum(file.size for file in listed.values())
    for path, (digest, _) in recorded.items():
        if path not in listed and path.split("/")[2] not in gone and options.reads(path):
            yield damaged_digest(place, path, digest, None)
    known = {path: told[0] for path, told in recorded.items() if path in listed and listed[path].modified <= told[1]}
    files = (FileToRead(path, file.size, known.get(path)) for path, file in listed.items())
    yield from read_files(ledger.lake, place, files, options, tally)


def _listed(ledger: Ledger, place: str) -> dict[str, StoredFile]:
    return {f"{place}/{file.path}": file for file in list_stored_files(ledger.lake, ledger.lake.path(place))}
