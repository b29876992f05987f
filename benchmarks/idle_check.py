"""Check that the newest run found nothing to do: ``python -m benchmarks.idle_check LAKE CONTRACTS``."""

from __future__ import annotations

import sys

import polars as pl


def main(lake: str, contracts: str) -> None:
    """Compare its receipts, one for each contract, all unchanged; and the batches, of which it made none."""
    receipts, batches = (pl.read_delta(f"{lake}/ledger/{table}") for table in ("receipts", "batches"))
    newest = receipts.filter(pl.col("run") == pl.col("run").max())
    statuses = newest["status"].to_list()
    print(f"{len(statuses)} receipts {set(statuses)}")
    idle = statuses == ["unchanged"] * int(contracts) and newest["dataset"].n_unique() == int(contracts)
    made = batches.filter((pl.col("run") == newest["run"][0]) & (pl.col("status") == "committed"))
    sys.exit(not idle or made.height > 0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
