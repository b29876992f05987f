"""Damage of every kind to every kind of file of a lake, and whether ``citylake verify --deep`` names the file."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions

WITHOUT_DATA = (
    # Made from the ledger for people, and made again by the next run.
    "reports/",
    # Where Delta finds the newest checkpoint: checked to be readable and to name a file that exists.
    "_last_checkpoint",
    # Every command that opens the lake reads the one, and the other is a row of empty files.
    "lake.json",
    "clock/",
    # Written anew by every publication and by the upkeep.
    "marts/attach",
)
Damage = Callable[[Path, random.Random], None]


def flip_bit(path: Path, chance: random.Random) -> None:
    """Flip one bit, as a disk does: size and time of modification stay."""
    content, before = bytearray(path.read_bytes()), path.stat()
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    _rewrite(path, bytes(content), before)


def truncate(path: Path, chance: random.Random) -> None:
    before = path.stat()
    _rewrite(path, path.read_bytes()[: chance.randrange(before.st_size)], before)


def remove(path: Path, _chance: random.Random) -> None:
    path.unlink()


def zero_block(path: Path, chance: random.Random) -> None:
    """Overwrite 64 bytes that are not zero already, as a lost sector is read."""
    content, before = bytearray(path.read_bytes()), path.stat()
    start = chance.randrange(len(content))
    content[start : start + 64] = bytes(len(content[start : start + 64]))
    if bytes(content) == path.read_bytes():
        content[start] ^= 1
    _rewrite(path, bytes(content), before)


def _rewrite(path: Path, content: bytes, before: os.stat_result) -> None:
    path.chmod(0o644)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def data_files(lake: Path) -> list[Path]:
    """The files of the lake that carry data, but the last log entry of ``ledger/files``, not recorded yet."""
    # The stable name of a mart is a link to a version's file.
    found = [path for path in sorted(lake.rglob("*")) if path.is_file() and not path.is_symlink()]
    names = {path: path.relative_to(lake).as_posix() for path in found}
    without = last_files_commit(lake) | leftovers(lake)
    return [
        path
        for path in found
        if path.stat().st_size and not any(each in names[path] for each in WITHOUT_DATA) and names[path] not in without
    ]


def leftovers(lake: Path) -> set[str]:
    """Files in tables' folders that no commit ever named, which upkeep deletes."""
    found: set[str] = set()
    for log in lake.rglob("_delta_log"):
        lines = (line for entry in log.glob("*.json") for line in entry.read_text().splitlines())
        named = {unquote(action["add"]["path"]) for line in lines if "add" in (action := json.loads(line))}
        files = (path for path in log.parent.rglob("*.parquet") if path.parent != log)
        found |= {
            path.relative_to(lake).as_posix() for path in files if path.relative_to(log.parent).as_posix() not in named
        }
    return found


def last_files_commit(lake: Path) -> set[str]:
    """The last log entry of ``ledger/files``."""
    log = max((lake / "ledger" / "files" / "_delta_log").glob("*.json"))
    return {log.relative_to(lake).as_posix()}


def unused_files(lake: Path) -> set[Path]:
    """Files of older versions of tables and marts, which are no fault once they are gone: upkeep removes them."""
    found: set[Path] = set()
    for log in lake.rglob("_delta_log"):
        used = {Path(uri) for uri in DeltaTable(str(log.parent)).file_uris()}
        found |= {path for path in log.parent.rglob("*.parquet") if path not in used and path.parent != log}
    for pointer in lake.glob("marts/*/current.json"):
        current = json.loads(pointer.read_text())["file"]
        found |= {path for path in pointer.parent.glob("*.duckdb") if path.name != current}
    return found


@contextmanager
def damaged(path: Path, how: Damage, chance: random.Random) -> Iterator[None]:
    """Damage a file, and put it back."""
    content, before = path.read_bytes(), path.stat()
    how(path, chance)
    try:
        yield
    finally:
        _put_back(path, content, before)


def _put_back(path: Path, content: bytes, before: os.stat_result) -> None:
    if path.exists():
        path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(before.st_mode)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def findings_of(lake: Path) -> list[str]:
    """What ``citylake verify --deep`` finds: file, or place if it is no single file."""
    found = LakeVerification(Ledger(Lake(str(lake))), VerifyOptions(deep=True)).findings()
    return [finding.path or finding.place for finding in found]


def names_file(found: list[str], name: str) -> bool:
    """Whether a finding names the file, its receipt's files, or the table that cannot be opened because of it."""
    table = name.partition("/_delta_log/")[0]
    return any(name in each or (each == table and "/_delta_log/" in name) for each in found)


def count_bit_flips_found(
    lake: Path, rounds: int, seed: int, damages: tuple[Damage, ...] = (flip_bit,)
) -> tuple[int, list[str], Counter[str]]:
    """Damage one file of the lake per round. Return how many were found by name, the missed ones, and rounds by zone.

    The lake is as before afterwards; each round verifies the whole lake.
    """
    chance, missed, zones = random.Random(seed), list[str](), Counter[str]()
    by_zone: dict[str, list[Path]] = {}
    unused = unused_files(lake)
    for path in data_files(lake):
        by_zone.setdefault(path.relative_to(lake).parts[0], []).append(path)
    for number in range(rounds):
        # In turn: few rounds damage every zone, and in every way.
        zone, how = sorted(by_zone)[number % len(by_zone)], damages[number % len(damages)]
        path = chance.choice(by_zone[zone])
        how = flip_bit if how is remove and path in unused else how
        name = path.relative_to(lake).as_posix()
        zones[zone] += 1
        with damaged(path, how, chance):
            if not names_file(findings_of(lake), name):
                missed.append(f"{how.__name__} {name}")
    return rounds - len(missed), missed, zones
