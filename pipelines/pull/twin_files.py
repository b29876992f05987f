"""Files with the same bytes under two names: in write mode ``append`` their rows are added once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class TwinFile:
    """The receipt that brought the same bytes under another name, and what is reported."""

    receipt: str
    problem: Problem


@dataclass(slots=True)
class TwinFiles:
    """The committed and received files, by SHA-256; ``active``: whether equal bytes are the same rows."""

    dataset: str
    active: bool
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    """SHA-256 → name and receipt."""

    @classmethod
    def of(cls, contract: Contract, known: Mapping[tuple[str, str], str]) -> TwinFiles:
        """With the ``known`` files: receipts by (name, SHA-256)."""
        active = contract.write.mode == "append" and contract.source.same_bytes_repeat
        files = {sha256: (name, receipt) for (name, sha256), receipt in known.items()} if active else {}
        return cls(contract.dataset, active, files)

    def find(self, receipt: Receipt, sha256: str) -> TwinFile | None:
        """The file of another name with these bytes."""
        name, earlier = self.files.get(sha256, ("", ""))
        if not self.active or not earlier or name == receipt.name or sha256 == _NOTHING:
            return None
        values = {"dataset": self.dataset, "file": receipt.name, "same": name}
        return TwinFile(earlier, Problem("FILE_DELIVERED_TWICE", values))

    def note(self, receipt: Receipt, sha256: str) -> None:
        """Remember the bytes of a file, in place of those that it had before."""
        if self.active:
            self.files = {key: each for key, each in self.files.items() if each[0] != receipt.name}
            self.files[sha256] = (receipt.name, receipt.id)
