"""Records the digests of the lake's files in the ledger, as rows of its next flush."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from citylake.pipelines.lake.digests.file_digest import digest_bytes, digest_files, in_threads
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER, list_log_files, log_file_version, parse_log_entry
from citylake.pipelines.lake.lake_zones import POINTER_FILE, Lake
from citylake.pipelines.lake.ledger import Ledger, files_table
from citylake.pipelines.lake.ledger.files_table import RecordedFile
from citylake.pipelines.lake.sealed_file import is_sealed_file
from citylake.pipelines.lake.stored_files import list_folder_names, list_stored_files
from citylake.pipelines.records import Receipt

_LANDED = ("received", "incomplete")
"""Of receipts that have bytes of their own."""
_CLOCK = timedelta(seconds=1)
"""Object stores give the time of modification in whole seconds."""


def record_table_files(
    ledger: Ledger, run: str, place: str, since: datetime | None = None, known: Collection[str] = ()
) -> None:
    """Record the log files of a table that were written at or after ``since``, and the files that they add.

    ``known``: paths below the lake that are recorded already. Idempotent: the last row of a path is valid.
    """
    listed = [file.path for file in list_log_files(ledger.lake, ledger.lake.path(place), since and since - _CLOCK)]
    fresh = [name for name in listed if f"{place}/{LOG_FOLDER}/{name}" not in known]
    ledger.add_files(run, place, list(_log_files(ledger, place, fresh, known)))


def _log_files(
    ledger: Ledger, place: str, names: Collection[str], known: Collection[str] = ()
) -> Iterator[RecordedFile]:
    """The named files of a table's log, and the files that they add but those that are ``known``."""
    lake, root = ledger.lake, ledger.lake.path(place)
    bare: list[str] = []
    for name, content in zip(names, in_threads(lambda name: _read_json(lake, root, name), names), strict=True):
        path = f"{place}/{LOG_FOLDER}/{name}"
        if content is None:
            yield from _found_files(lake, [path])
            continue
        yield path, digest_bytes(content), "found"
        entry = parse_log_entry(content)
        yield from ((f"{place}/{file}", digest, "commit") for file, digest in entry.digests.items())
        bare += [path for file in entry.sizes if (path := f"{place}/{file}") not in known]
    # An entry of the second before may be among these. Its files have their digests: were they read again, damage that
    # came since would be recorded as right.
    recorded = ledger.recorded_digests(place, bare) if bare else {}
    yield from _found_files(lake, [path for path in bare if path not in recorded])


def _read_json(lake: Lake, root: str, name: str) -> bytes | None:
    """The content of a commit; None for a checkpoint."""
    return bytes(lake.fs.cat_file(f"{root}/{LOG_FOLDER}/{name}")) if name.endswith(".json") else None


def _found_files(lake: Lake, paths: Iterable[str]) -> Iterator[RecordedFile]:
    """Digest files as they are; ``paths`` are below the lake. Files that do not exist are left out."""
    found = digest_files(lake, [lake.path(path) for path in paths])
    yield from ((path.removeprefix(f"{lake.url}/"), digest, "found") for path, digest in found.items())


def record_batch_files(ledger: Ledger, run: str, dataset: str, receipts: Iterable[str], since: datetime) -> None:
    """Record what a run wrote for a dataset since it began: its tables, and the receipts' files in the raw zone."""
    for place in (f"standard/{dataset}", f"quarantine/{dataset}", "ledger/duplicates"):
        record_table_files(ledger, run, place, since)
    for receipt in receipts:
        record_raw_files(ledger, run, dataset, receipt)


def record_raw_files(ledger: Ledger, run: str, dataset: str, receipt: str) -> None:
    """Record a receipt's files in the raw zone, as they are: a replay replaces them."""
    folder = f"raw/{dataset}/{receipt}"
    paths = [f"{folder}/{file.path}" for file in list_stored_files(ledger.lake, ledger.lake.path(folder))]
    ledger.add_files(run, f"raw/{dataset}", list(_found_files(ledger.lake, paths)))


def record_sealed_landings(ledger: Ledger, run: str, dataset: str, receipts: Iterable[Receipt]) -> None:
    """Record the landed files of new receipts as they are stored: they can be verified without the key."""
    paths = [path for each in receipts if each.status in _LANDED for path in each.landing if is_sealed_file(path)]
    if paths:
        ledger.add_files(run, f"landing/{dataset}", list(_found_files(ledger.lake, _below(ledger.lake, paths))))


def _below(lake: Lake, paths: Iterable[str]) -> list[str]:
    return [path.removeprefix(f"{lake.url}/") for path in paths]


def record_curated_files(ledger: Ledger, run: str, mart: str, since: datetime | None = None) -> None:
    """Record what was written to a mart's curated tables."""
    for table in list_folder_names(ledger.lake, ledger.lake.path("curated", mart)):
        record_table_files(ledger, run, f"curated/{mart}/{table}", since)


def record_published_files(ledger: Ledger, run: str, mart: str) -> None:
    """Record a mart's pointer and the file that it names."""
    lake, folder = ledger.lake, f"marts/{mart}"
    try:
        content = bytes(lake.fs.cat_file(lake.path(folder, POINTER_FILE)))
    except FileNotFoundError:
        return
    pointer = json.loads(content)
    found = list(_found_files(lake, [f"{folder}/{pointer['file']}"]))
    ledger.add_files(run, folder, [*found, (pointer_path(mart, pointer["version"]), digest_bytes(content), "found")])


def pointer_path(mart: str, version: str) -> str:
    """The path under which the pointer of one version is recorded: the file is replaced by each version."""
    return f"marts/{mart}/{POINTER_FILE}@{version}"


def record_ledger_files(ledger: Ledger, run: str) -> None:
    """Record what this process wrote to the ledger's own tables, and the commits to ``ledger/files`` without a record.

    Other processes record theirs, or the next upkeep does.
    """
    for table, names in ledger.written_logs().items():
        if table != files_table.TABLE:
            place = f"ledger/{table}"
            ledger.add_files(run, place, list(_log_files(ledger, place, sorted(names))))
    _record_digests_table(ledger, run, f"ledger/{files_table.TABLE}")


def _record_digests_table(ledger: Ledger, run: str, place: str) -> None:
    """Record the commits to the table of digests itself, which the run that made them could not record.

    Who records one records all before it that have no record. So what was stored last tells where the rest begins, and
    one file is read instead of all.
    """
    listed = [file.path for file in list_log_files(ledger.lake, ledger.lake.path(place))]
    last = ledger.last_recorded_paths(place)
    # After a year the ledger has thousands of digests of this table, and few of its files are still there.
    known = last or set(ledger.recorded_digests(place, [f"{place}/{LOG_FOLDER}/{name}" for name in listed]))
    begin = max((log_file_version(path.rpartition("/")[2]) for path in last), default=-1)
    fresh = [name for name in listed if log_file_version(name) >= begin and f"{place}/{LOG_FOLDER}/{name}" not in known]
    ledger.add_files(run, place, list(_log_files(ledger, place, fresh, known)))
