"""Seals the plain files of sealed datasets, and seals anew, for today's key, what an earlier key has sealed.

Each file is replaced as a whole: a reader finds the one or the other. Whatever ends it, the same command goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.access_record import Access, process_user, record_access
from citylake.pipelines.lake.digests.file_digest import digest_file, open_whole_file
from citylake.pipelines.lake.durable_files import sync_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import sealed_name
from citylake.pipelines.lake.ledger.files_table import RecordedFile
from citylake.pipelines.lake.seal_keys import SealKeys, seal_keys
from citylake.pipelines.lake.sealed_file import SEAL_SUFFIX, is_sealed_file, open_sealed, seal_stream
from citylake.pipelines.lake.stored_files import list_folder_names, list_stored_files
from citylake.pipelines.parse.read_record import READ_FILE
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.sealed_datasets import is_sealed_dataset
from citylake.schemas.words.errors import CitylakeError

SealedZone = Literal["landing", "raw"]
ZONES: tuple[SealedZone, ...] = ("landing", "raw")


@dataclass(slots=True)
class ResealResult:
    """Files of one dataset: ``sealed`` were plain; ``resealed`` had an earlier key; ``same`` have today's."""

    dataset: str
    sealed: int = 0
    resealed: int = 0
    same: int = 0
    receipts: set[str] = field(default_factory=set)
    """Of which files were replaced."""


def plain_files(lake: Lake, dataset: str, zone: SealedZone) -> list[str]:
    """Return the paths, below the lake, of a dataset's files with source text that are not sealed."""
    return [path for path in _files(lake, dataset, zone) if not is_sealed_file(path)]


def count_plain_files(lake: Lake, registry: Registry) -> dict[str, int]:
    """Return dataset → number of plain files in landing and raw, of sealed datasets that have any."""
    wanted = [name for name, contract in registry.contracts.items() if is_sealed_dataset(contract, registry)]
    found = {name: sum(len(plain_files(lake, name, zone)) for zone in ZONES) for name in wanted}
    return {name: count for name, count in found.items() if count}


def reseal_lake(context: RunContext, tell: Callable[[str], None] = lambda _: None) -> list[ResealResult]:
    """Seal what is plain and seal anew what has an earlier key, of every dataset; one result for each with any file.

    Raises KEY_UNSET, and SEAL_KEY_WRONG at a file that none of the keys opens.
    """
    keys, lake = seal_keys(), context.lake
    names = sorted({name for zone in ZONES for name in list_folder_names(lake, lake.path(zone))})
    found = []
    for name in names:
        tell(name)
        result = _reseal_dataset(context, name, keys)
        if result.sealed or result.resealed or result.same:
            found.append(result)
    return found


def _reseal_dataset(context: RunContext, dataset: str, keys: SealKeys) -> ResealResult:
    lake, ledger, result = context.lake, context.ledger, ResealResult(dataset)
    contract = context.registry.contracts.get(dataset)
    sealed = contract is not None and is_sealed_dataset(contract, context.registry)
    for zone in ZONES:
        changed: list[RecordedFile] = []
        for path in _files(lake, dataset, zone):
            if is_sealed_file(path):
                if _has_key(lake, path, keys.current):
                    result.same += 1
                    continue
                _seal_anew(lake, path, keys)
                result.resealed += 1
            elif sealed:
                path = _seal_plain(lake, path, zone)
                result.sealed += 1
            else:
                continue
            changed.append((path, digest_file(lake, lake.path(path)), "found"))
            result.receipts.add(path.split("/")[2 if zone == "raw" else 5])
        ledger.add_files(context.run.id, f"{zone}/{dataset}", changed)
    ledger.flush()
    if result.receipts:
        asked, request = context.asked, ", ".join(sorted(result.receipts))
        user = process_user(asked.user)
        access = Access("reseal", "dataset", dataset, request, user, asked.via, asked.why, context.run.id)
        record_access(ledger, access)
    return result


def _files(lake: Lake, dataset: str, zone: SealedZone) -> Iterator[str]:
    """The files of a dataset with text of its source; not those that are being written."""
    for file in list_stored_files(lake, lake.path(zone, dataset)):
        name = file.path.rpartition("/")[2]
        if name != READ_FILE and not name.startswith("."):
            yield f"{zone}/{dataset}/{file.path}"


def _has_key(lake: Lake, path: str, keys: SealKeys) -> bool:
    try:
        with open_sealed(lake, lake.path(path), keys) as stream:
            stream.read(1)
    except CitylakeError as error:
        if error.code != "SEAL_KEY_WRONG":
            raise
        return False
    return True


def _seal_anew(lake: Lake, path: str, keys: SealKeys) -> None:
    with open_sealed(lake, lake.path(path), keys) as plain:
        seal_stream(lake, plain, lake.path(path))
    sync_files(lake, [lake.path(path)])


def _seal_plain(lake: Lake, path: str, zone: SealedZone) -> str:
    """Seal a plain file; returns its path now. The plain file goes once the sealed one is durable."""
    target = sealed_name(path) if zone == "landing" else f"{path}{SEAL_SUFFIX}"
    with open_whole_file(lake, lake.path(path)) as plain:
        seal_stream(lake, plain, lake.path(target))
    sync_files(lake, [lake.path(target)])
    lake.remove(lake.path(path))
    return target
