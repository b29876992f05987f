"""Removes one person from the whole lake, and proves it by search.

The act and the list of forgotten persons come first: from then on no reading brings the person back. Each step looks
for what is left, so that the same command goes on after an interruption.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.sealed_access import ask_for_sealed
from citylake.pipelines.lake.access_record import process_user
from citylake.pipelines.lake.forgotten_tokens import forgotten_digests
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import forgotten_table
from citylake.pipelines.lake.ledger.acts_table import Act
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.pipelines.lake.token_key import load_token_key
from citylake.pipelines.records import Publication
from citylake.pipelines.upkeep.backup.backup_archive import list_backups
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.privacy.forget_marts import marts_reading, rebuild_marts
from citylake.pipelines.upkeep.privacy.forget_rows import (
    forget_history,
    forget_quarantine_rows,
    forget_standard_rows,
)
from citylake.pipelines.upkeep.privacy.forget_sources import (
    ForgottenSources,
    find_in_sources,
    forget_in_sources,
    landed_receipts_of,
)
from citylake.pipelines.upkeep.privacy.person_match import PersonMarks, marks_of_text, token_elements
from citylake.pipelines.upkeep.privacy.search_lake import SearchResult, search_lake
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(slots=True)
class ForgottenPerson:
    """What was removed, and what the search found."""

    digest: str
    receipts: int = 0
    """Receipts of which the landed bytes were deleted and the text rewritten."""
    standard: int = 0
    quarantine: int = 0
    marts: tuple[Publication, ...] = ()
    unread: list[Problem] = field(default_factory=list)
    """Receipts that cannot be read, and so were not looked into but by the search."""
    searched: SearchResult = field(default_factory=SearchResult)
    backups: list[str] = field(default_factory=list)
    """Older backups, which still hold the person."""

    @property
    def complete(self) -> bool:
        """Whether the person is in no file, every file and receipt could be read, and every mart is published anew."""
        left = self.searched.found or self.searched.unopened or self.unread
        return not left and all(each.status == "published" for each in self.marts)


def person_marks(context: RunContext, token: str | None, text: str | None = None) -> list[PersonMarks]:
    """Return what finds the person: a token, or a text that is any kind of identifier.

    Raises KEY_UNSET, and FORGET_TOKEN_UNKNOWN if the token is not of the key in force.
    """
    key = load_token_key(context.registry)
    if token is not None:
        if not token.startswith(f"{key.id}."):
            raise CitylakeError("FORGET_TOKEN_UNKNOWN", key=key.id)
        return [PersonMarks(token, key)]
    elements = [
        each for _, contract in _contracts(context) for each in token_elements(contract, context.registry).values()
    ]
    return marks_of_text(text or "", elements, key)


def forget_person(context: RunContext, marks: PersonMarks, backups: Iterable[Lake] = ()) -> ForgottenPerson:
    """Remove the person from landing, raw, standard, quarantine, marts and their history; then search the whole lake.

    Raises KEY_UNSET before anything is changed. What a dataset or a mart cannot do now is in the result.
    """
    if not context.asked.why.strip():
        raise CitylakeError("FORGET_WHY_MISSING")
    contracts = _contracts(context)
    for name, contract in contracts:
        ask_for_sealed(context, "forget", name, landed_receipts_of(context, contract.dataset))
    again = marks.digest in forgotten_digests(context.ledger)
    _record(context, marks)
    done, touched = ForgottenPerson(marks.digest), [name for name, _ in contracts] if again else []
    found = {name: find_in_sources(context, contract, marks) for name, contract in contracts}
    for name, contract in contracts:
        if _forget_in_dataset(context, contract, marks, found[name], done) or name in touched:
            touched.append(name)
            for zone in ("standard", "quarantine"):
                forget_history(context, LakeTable(zone, name))
    done.marts = rebuild_marts(context, marts_reading(context, touched))
    context.ledger.flush()
    done.searched = search_lake(context.lake, marks.patterns)
    done.backups = [f"{place.url}: {identity}" for place in backups for identity in list_backups(place)]
    return done


def _contracts(context: RunContext) -> Sequence[tuple[str, Contract]]:
    """The datasets with tokens."""
    every = sorted(context.registry.contracts.items())
    return [(name, contract) for name, contract in every if token_elements(contract, context.registry)]


def _forget_in_dataset(
    context: RunContext, contract: Contract, marks: PersonMarks, found: ForgottenSources, done: ForgottenPerson
) -> bool:
    """Whether the person was in the dataset."""
    forget_in_sources(context, contract, marks, found)
    standard = forget_standard_rows(context, contract, marks)
    quarantine = forget_quarantine_rows(context, contract, marks, found.places)
    done.receipts += len(found.receipts)
    done.standard, done.quarantine = done.standard + standard, done.quarantine + quarantine
    done.unread += found.unread
    return bool(found.receipts or standard or quarantine)


def _record(context: RunContext, marks: PersonMarks) -> None:
    """Put the person on the list, and the act on record, each once for every time that it is done."""
    ledger, asked = context.ledger, context.asked
    act_id = f"forget-{marks.digest[:12]}-{context.run.id}"
    if marks.digest not in forgotten_digests(ledger):
        row = {"recorded_at": ledger_now(), "digest": marks.digest, "token_key": marks.key.id, "act_id": act_id}
        schema = {name: kind for name, kind in forgotten_table.SCHEMA.items() if name != "sequence"}
        ledger.append_frame(forgotten_table.TABLE, pl.DataFrame([row], schema=schema))
    details = to_json_text({"digest": marks.digest})
    ledger.add_act(
        Act(act_id, "forget_person", "", "", process_user(asked.user), asked.why, asked.via, details=details)
    )
    ledger.flush()
