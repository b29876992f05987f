"""Records a rollback in the ledger: the act, the publication, and the digest of the pointer."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.lake.digests.file_digest import digest_bytes
from citylake.pipelines.lake.digests.record_files import pointer_path
from citylake.pipelines.lake.lake_zones import POINTER_FILE
from citylake.pipelines.lake.ledger import Ledger, acts_table
from citylake.pipelines.lake.ledger.acts_table import Act
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer
from citylake.pipelines.marts.publish.refused_content import rollback_notice
from citylake.pipelines.marts.versions.ledger_versions import inputs_of
from citylake.pipelines.records import Publication


def record_rollback(ledger: Ledger, run: str, mart: str) -> bool:
    """Record the rollback that the mart's pointer tells of, unless it is on record. Return whether anything was added.

    The pointer is moved first. After a crash in between, the next run of the mart or upkeep records what it tells.
    """
    pointer = read_pointer(ledger.lake, mart)
    done = pointer.rolled_back if pointer else None
    if pointer is None or done is None:
        return False
    added = _record_pointer(ledger, run, pointer)
    acts = ledger.read(acts_table.TABLE)
    if not acts.filter(pl.col("act_id") == done.act_id).is_empty():
        return added
    path = f"{ledger.lake.mart(mart)}/{pointer.file}"
    notices = (rollback_notice(pointer),)
    published = Publication(
        mart, "rolled_back", pointer.version, path, pointer.rows, problems=notices, gaps=pointer.incomplete
    )
    ledger.add_publication(published, inputs_of(ledger, mart, pointer.version), pointer.fingerprint, run)
    ledger.add_act(_act(pointer))
    return True


def _act(pointer: Pointer) -> Act:
    done = pointer.rolled_back
    if done is None:
        raise ValueError(pointer.version)
    details = to_json_text({"version": pointer.version, "from_version": done.from_version})
    return Act(
        done.act_id,
        "roll_back_mart",
        f"mart.{pointer.mart}",
        "",
        done.user,
        done.why,
        done.via,
        rows=sum(pointer.rows.values()),
        details=details,
    )


def _record_pointer(ledger: Ledger, run: str, pointer: Pointer) -> bool:
    """Record the digest of the pointer, which tells of another version than the digest that the version has."""
    place, path = f"marts/{pointer.mart}", pointer_path(pointer.mart, pointer.version)
    found = digest_bytes(bytes(ledger.lake.fs.cat_file(ledger.lake.path(place, POINTER_FILE))))
    if ledger.recorded_digests(place).get(path) == found:
        return False
    ledger.add_files(run, place, [(path, found, "found")])
    return True
