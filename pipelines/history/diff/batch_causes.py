"""Why a batch changed standard rows: new or late rows, acts of people, other declarations, a release, a replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from citylake.pipelines.history.diff.batch_history import BatchHistory, LedgerFacts
from citylake.pipelines.history.diff.declared_changes import ChangedDeclaration, RecordedDeclarations
from citylake.pipelines.history.diff.diff_result import Cause, CauseKind, RowCount
from citylake.pipelines.history.diff.input_events import InputEvent
from citylake.pipelines.history.diff.standard_changes import ChangedRows
from citylake.schemas.read.registry import Registry

_NAMES = 3
"""Names of files that a sentence lists."""


@dataclass(frozen=True, slots=True)
class BatchCauses:
    """The causes of the batches of one dataset. ``newest``: the newest day that the earlier version of the mart had."""

    facts: LedgerFacts
    declared: RecordedDeclarations
    registry: Registry | None
    newest: date | None

    def causes(self, event: InputEvent, history: BatchHistory, rows: Sequence[ChangedRows] | None) -> list[Cause]:
        """The causes of one batch; ``rows``: what it changed, None if that is not known any more."""
        found = list(self._all(event, history, rows))
        return found or [self._cause("replay", event, rows, None)]

    def _all(self, event: InputEvent, history: BatchHistory, rows: Sequence[ChangedRows] | None) -> Iterator[Cause]:
        mine, theirs = _split(history, rows)
        if history.released:
            values = {name: history.released.get(name, "—") for name in ("user", "why", "codes")}
            yield self._cause("released", event, mine, history.fresh, **values)
        elif history.fresh and mine != []:
            yield from self._delivered(event, history, mine)
        if history.earlier is not None and theirs != []:
            yield from self._read_again(event, history, theirs)

    def _delivered(
        self, event: InputEvent, history: BatchHistory, rows: Sequence[ChangedRows] | None
    ) -> Iterator[Cause]:
        """New bytes: rows of days that the mart had already are late, others are an ordinary delivery."""
        days = event.days if rows is None else frozenset(each.day for each in rows if each.day)
        late = frozenset(day for day in days or () if self._is_late(day, history))
        for kind, chosen in (("late", late), ("delivery", (days or frozenset()) - late)):
            if chosen or (kind == "delivery" and not days):
                some = rows if rows is None or not days else [each for each in rows if each.day in chosen]
                made = self._cause("late" if kind == "late" else "delivery", event, some, history.fresh)
                yield replace(made, days=chosen) if chosen else made

    def _is_late(self, day: date, history: BatchHistory) -> bool:
        if self.newest and day < self.newest:
            return True
        contract = self.registry and self.registry.contracts.get(self.facts.dataset)
        if not contract or not contract.schedule or not contract.schedule.late_days or self.registry is None:
            return False
        zone = ZoneInfo(self.registry.workspace.settings.timezone)
        received = max(each["requested_at"].astimezone(zone).date() for each in history.fresh)
        return bool((received - day).days > contract.schedule.late_days + 1)

    def _read_again(
        self, event: InputEvent, history: BatchHistory, rows: Sequence[ChangedRows] | None
    ) -> Iterator[Cause]:
        """Bytes that were read before: rows that people decided about, then all that declarations changed."""
        single = {each.act for each in rows or () if each.act}
        rest = None if rows is None else [each for each in rows if not each.act]
        for act in history.acts:
            of_act = act["act_id"] in single
            chosen = [each for each in rows or () if each.act == act["act_id"]] if of_act else rest
            if of_act or rest is None or (rest and act["act"] in _OF_VALUES):
                told = {"act": act["act"], "user": act["user"], "why": act["why"], "decided_at": act["recorded_at"]}
                yield self._cause("correction", event, chosen, None, **told)
        earlier = history.earlier
        if rest != [] and earlier is not None and earlier["fingerprint"] != history.row["fingerprint"]:
            changes = self.facts.meaning_changes(earlier["fingerprint"], history.row["fingerprint"])
            known = self.declared.dataset_changes(
                self.facts.dataset, earlier.get("revision"), history.row.get("revision")
            )
            base = self._cause("declarations", event, rest, None, changes="; ".join(changes) or "—")
            yield from declared_causes(base, known)

    def _cause(
        self,
        kind: CauseKind,
        event: InputEvent,
        rows: Sequence[ChangedRows] | None,
        receipts: Sequence[Any] | None,
        **values: Any,
    ) -> Cause:
        names = [each["name"] for each in receipts or ()]
        more = f" (+{len(names) - _NAMES})" if len(names) > _NAMES else ""
        told = {"files": ", ".join(names[:_NAMES]) + more or "—", **values}
        days = None if rows is None else frozenset(each.day for each in rows if each.day)
        return Cause(
            kind,
            event.at,
            event.input,
            event.batch["batch"] if event.batch else None,
            told,
            days or None,
            receipts=tuple(each["id"] for each in receipts or ()),
            rows=None if rows is None else _counted(rows),
        )


_OF_VALUES = ("correct_value", "withdraw_correction", "reopen_rows")
"""Acts whose rows the ledger does not list one by one."""


def declared_causes(base: Cause, known: Sequence[ChangedDeclaration] | None) -> Iterator[Cause]:
    """One cause for each declaration that changed, beside what ``base`` says; ``base`` alone if none is on record."""
    if not known:
        yield base
        return
    for each in known:
        files = (each.file,) if each.file else ()
        yield replace(base, kind=each.kind, values={**base.values, "id": each.id}, files=files)


def _split(
    history: BatchHistory, rows: Sequence[ChangedRows] | None
) -> tuple[Sequence[ChangedRows] | None, Sequence[ChangedRows] | None]:
    """The rows of new bytes, and those of bytes that were read again."""
    if rows is None or history.earlier is None:
        return rows, rows
    if not history.fresh and not history.released:
        return [], rows
    again = [each for each in rows if each.receipt in history.again]
    return [each for each in rows if each not in again], again


def _counted(rows: Iterable[ChangedRows]) -> RowCount:
    sums = dict.fromkeys(("added", "removed", "changed"), 0)
    for each in rows:
        sums[each.status] += each.rows
    return RowCount(**sums)
