"""What a path was measured to be: rows and keys that meet each way, and how many rows a row meets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SideFigures:
    """One side of a join. ``rows_met`` and ``keys_met`` have at least one partner; ``fan_out``: the most of one row."""

    rows: int
    rows_keyed: int
    """Rows with a value in every column of the key."""
    keys: int
    rows_met: int
    keys_met: int
    fan_out: int

    @property
    def rows_share(self) -> float:
        """The share of all rows that have a partner, 0 to 1."""
        return self.rows_met / self.rows if self.rows else 0.0

    @property
    def keys_share(self) -> float:
        """The share of the different keys that have a partner, 0 to 1."""
        return self.keys_met / self.keys if self.keys else 0.0

    @property
    def rows_without_key(self) -> int:
        """Rows that lack a value of the key."""
        return self.rows - self.rows_keyed

    @property
    def rows_unknown(self) -> int:
        """Rows with a key that the other side does not have."""
        return self.rows_keyed - self.rows_met


@dataclass(frozen=True, slots=True)
class JoinFigures:
    """Both sides of a join, and the rows of the inner join. ``error``: of the shares, with 99.9 % certainty; 0: exact.

    With an error, counts of keys are estimates from a sample of keys, and those of rows from a sample of rows.
    """

    left: SideFigures
    right: SideFigures
    joined_rows: int
    error: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether every number is a count."""
        return self.error == 0.0

    @property
    def unique(self) -> bool:
        """Whether the rows of one side at least have one partner at most: the join multiplies one side's rows only."""
        return 0 < min(self.left.fan_out, self.right.fan_out) <= 1

    @property
    def coverage(self) -> float:
        """The share of the rows that refer to the other side and find their partner.

        Where rows of one side only have at most one partner, they are those that refer; else the greater share counts.
        """
        left, right = self.left, self.right
        if (left.fan_out <= 1) == (right.fan_out <= 1):
            return max(left.rows_share, right.rows_share)
        return left.rows_share if left.fan_out <= 1 else right.rows_share
