"""What the values of a field prove about its binding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class BindingProof:
    """Words that the values prove for a binding, and notes: keys of the catalogue below ``onboard.proof_``."""

    words: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[tuple[str, Mapping[str, Any]]] = ()
