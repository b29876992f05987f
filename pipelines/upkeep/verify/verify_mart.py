"""Verifies the published files of one mart: its pointer, the file that it names, and the retained versions.

An older version that is gone is no fault: nothing but a reader that has it open needs it.
"""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.lake.digests.file_digest import digest_bytes
from citylake.pipelines.lake.digests.record_files import pointer_path
from citylake.pipelines.lake.lake_zones import POINTER_FILE, STABLE_FILE
from citylake.pipelines.lake.ledger import Ledger, acts_table
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer, version_from_name
from citylake.pipelines.upkeep.verify.finding import ABSENT, Finding, VerifyTally, damaged_digest, damaged_file
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.read_file import FileToRead, read_files
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.schemas.words.errors import Problem


def mart_findings(records: LedgerRecords, mart: str, options: VerifyOptions, tally: VerifyTally) -> Iterator[Finding]:
    """Yield what is wrong with the mart's pointer and files."""
    lake, place = records.ledger.lake, f"marts/{mart}"
    files = list_stored_files(lake, lake.path(place))
    # The stable name is a link to a version.
    listed = {f"{place}/{file.path}": file.size for file in files if file.path != STABLE_FILE}
    tally.files += len(listed)
    tally.size_bytes += sum(listed.values())
    pointer, faults = _pointer(records.ledger, mart, records.published(mart))
    yield from faults
    if pointer and not lake.fs.exists(lake.path(place, pointer.file)):
        yield damaged_file(place, f"{place}/{pointer.file}", pointer.version, ABSENT)
    if options.deep:
        yield from _read(records, mart, listed, pointer, options, tally)


def _pointer(ledger: Ledger, mart: str, published: list[str]) -> tuple[Pointer | None, list[Finding]]:
    place = f"marts/{mart}"
    path = f"{place}/{POINTER_FILE}"
    try:
        pointer = read_pointer(ledger.lake, mart)
    except ValueError as error:
        # The rebuild reads the pointer, too: it has to be deleted first.
        values = {"mart": mart, "file": path, "why": type(error).__name__}
        return None, [Finding(Problem("VERIFY_POINTER_UNREADABLE", values), place, path)]
    if published and (pointer is None or (pointer.version < published[-1] and not _rolls_back(ledger, pointer))):
        found = pointer.version if pointer else ABSENT
        values = {"mart": mart, "version": found, "recorded": published[-1]}
        return pointer, [Finding(Problem("VERIFY_MART_BEHIND", values), place, path)]
    return pointer, []


def _read(
    records: LedgerRecords,
    mart: str,
    listed: dict[str, int],
    pointer: Pointer | None,
    options: VerifyOptions,
    tally: VerifyTally,
) -> Iterator[Finding]:
    place, ledger = f"marts/{mart}", records.ledger
    recorded = records.digests(place)
    if pointer and (told := recorded.get(pointer_path(mart, pointer.version))):
        found = digest_bytes(bytes(ledger.lake.fs.cat_file(ledger.lake.path(place, POINTER_FILE))))
        # It may have been replaced by that of a new version, which is found to be newer than the file that was read.
        if found != told and _pointer_version(ledger, mart) == pointer.version:
            yield damaged_digest(place, f"{place}/{POINTER_FILE}", told, found)
    versions = ((path, size) for path, size in listed.items() if version_from_name(mart, path.rpartition("/")[2]))
    current = f"{place}/{pointer.file}" if pointer else ""
    files = (FileToRead(path, size, recorded.get(path), needed=path == current) for path, size in versions)
    yield from read_files(ledger.lake, place, files, options, tally)


def _rolls_back(ledger: Ledger, pointer: Pointer) -> bool:
    """Return whether the pointer tells of a rollback that a crash left unrecorded; upkeep records it."""
    done = pointer.rolled_back
    return done is not None and done.act_id not in set(ledger.read(acts_table.TABLE)["act_id"])


def _pointer_version(ledger: Ledger, mart: str) -> str:
    try:
        pointer = read_pointer(ledger.lake, mart)
    except ValueError:
        return ""
    return pointer.version if pointer else ""
