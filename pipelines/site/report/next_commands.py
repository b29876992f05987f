"""The exact commands by which a person acts on what the report site shows."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import dataclass

from citylake.pipelines.read.quarantine_explain import settling_commands
from citylake.schemas.model.contract import Contract

_SPECIAL = str.maketrans({character: f"\\{character}" for character in '\\"$`'})


@dataclass(frozen=True, slots=True)
class NextCommands:
    """Command lines for one lake and workspace."""

    lake: str
    workspace: str

    def line(self, *words: str) -> str:
        """Return ``citylake`` with its global options and ``words``, quoted for a shell."""
        return shlex.join(["citylake", "--workspace", self.workspace, "--lake", self.lake, *words])

    def ledger(self, sql: str) -> str:
        """Return the command that runs a statement over the ledger; in double quotes, as SQL has single ones."""
        return f'{shlex.join(["citylake", "--lake", self.lake, "ledger"])} "{sql.translate(_SPECIAL)}"'

    def held(self, batch: str | None, dataset: str) -> list[str]:
        """Return how to look at a held batch, and how to release or reject it."""
        if batch is None:
            return [self.line("run", "--dataset", dataset)]
        why = ["--why", "…"]
        return [
            self.line("held", "show", batch),
            self.line("held", "release", batch, *why),
            self.line("held", "reject", batch, *why),
        ]

    def waiting(self, contract: Contract, parties: Collection[str] = ()) -> list[str]:
        """Return how to look at quarantined rows, and how each of the responsible ``parties`` settles them."""
        settled = (shlex.split(next(settling_commands(contract, party)))[1:] for party in parties)
        return [
            self.line("quarantine", "list", "--dataset", contract.dataset),
            *(self.line(*words) for words in settled),
        ]
