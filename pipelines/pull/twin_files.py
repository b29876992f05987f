"""Files with the same bytes under two names: in write mode ``append`` their rows are added once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

_NOTHING = hashlib.sha256(b"").hexdigest()
RowsKey = tuple[str, tuple[tuple[str, str | None], ...]]
"""What decides a file's rows: SHA-256 of its bytes, and the fields that its name gives."""


def may_have_twins(contract: Contract) -> bool:
    """Whether equal bytes are the same rows, which the write mode would add twice."""
    return contract.write.mode == "append" and contract.source.same_bytes_repeat


@dataclass(frozen=True, slots=True)
class TwinFile:
    """The receipt that brought the same bytes under another name, and what is reported."""

    receipt: str
    problem: Problem


@dataclass(slots=True)
class TwinFiles:
    """The committed and received files; ``active``: whether equal bytes are the same rows."""

    dataset: str
    active: bool
    name_fields: str | None
    files: dict[RowsKey, tuple[str, str]] = field(default_factory=dict)
    """The rows → name and receipt."""
    rows: dict[str, RowsKey] = field(default_factory=dict)
    """Name → the rows that it last had."""
    own: frozenset[tuple[str, str]] = frozenset()
    """Name and SHA-256 of committed files: such a file has rows of its own, which it replaces."""

    @classmethod
    def of(cls, contract: Contract, known: Mapping[tuple[str, str], str]) -> TwinFiles:
        """With the ``known`` files: receipts by (name, SHA-256)."""
        twins = cls(contract.dataset, may_have_twins(contract), contract.source.name_fields)
        if twins.active:
            for (name, sha256), receipt in known.items():
                twins._keep(name, sha256, receipt)
            twins.own = frozenset(known)
        return twins

    def find(self, receipt: Receipt, sha256: str) -> TwinFile | None:
        """The file of another name with these bytes."""
        if not self.active or sha256 == _NOTHING or (receipt.name, sha256) in self.own:
            return None
        name, earlier = self.files.get(self._rows(receipt.name, sha256), ("", ""))
        if not earlier or name == receipt.name:
            return None
        values = {"dataset": self.dataset, "file": receipt.name, "same": name}
        return TwinFile(earlier, Problem("FILE_DELIVERED_TWICE", values))

    def note(self, receipt: Receipt, sha256: str) -> None:
        """Remember the bytes of a file, in place of those that it had before."""
        if self.active:
            before = self.rows.get(receipt.name)
            if before and self.files.get(before, ("", ""))[0] == receipt.name:
                del self.files[before]
            self._keep(receipt.name, sha256, receipt.id)

    def _keep(self, name: str, sha256: str, receipt: str) -> None:
        key = self.rows[name] = self._rows(name, sha256)
        self.files[key] = (name, receipt)

    def _rows(self, name: str, sha256: str) -> RowsKey:
        found = re.search(self.name_fields, name) if self.name_fields else None
        return sha256, tuple(found.groupdict().items()) if found else ()
