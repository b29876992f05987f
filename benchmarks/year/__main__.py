"""``python -m benchmarks.year WORK LAKE``: writes a lake with a year of daily runs of 200 datasets.

A week of one dataset and its mart is run by the product: late data, corrections, drift, a held and released batch,
repeated rows, a missing file, rows that an operator gives up. Its rows, in the ledger and in the tables, are repeated
for every dataset and every week before. Then all datasets are really run once, every twentieth with a file that is
held: the lake's present is the product's own. Landed bytes of earlier days are removed, and recorded as removed.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.inputs import made
from benchmarks.year.city_year import CityYear
from benchmarks.year.copied_rows import CopiedRows
from benchmarks.year.day_files import WEEK, day_file
from benchmarks.year.real_week import RealWeek
from benchmarks.year.written_year import write_ledger, write_tables
from citylake.pipelines.lake.lake_zones import Lake

HELD_EVERY = 20


def main() -> None:
    """Read the arguments and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year", description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--datasets", type=int, default=200)
    parser.add_argument("--days", type=int, default=365, help="0: the present alone, to compare with")
    parser.add_argument("--files", type=int, help="files of each table of the ledger; default: as upkeep leaves it")
    given = parser.parse_args()
    if 0 < given.days < len(WEEK):
        parser.error(f"--days: 0, or {len(WEEK)} at least, for a week is what is repeated")
    write_year(CityYear(given.work.resolve(), given.datasets), given.lake.resolve(), given.days, given.files)


def write_year(city: CityYear, root: Path, days: int, files: int | None = None) -> None:
    """Write the lake at ``root``, which does not exist yet."""
    city.declare()
    week = RealWeek(city)
    if days:
        made(Path(week.root, "days.json"), week.happen)
        lake, year = Lake(str(root)), CopiedRows(city, week, str(root), days)
        lake.makedirs(str(root))
        lake.fs.copy(week.lake.path("lake.json"), lake.path("lake.json"))
        write_ledger(lake, year, files)
        write_tables(lake, year)
    run_present(city, root)


def run_present(city: CityYear, root: Path) -> None:
    """Run all datasets of today."""
    today = datetime.now(UTC).date()
    for number, name in enumerate(city.names):
        file = city.source(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        held = number % HELD_EVERY == HELD_EVERY - 1
        file.write_text(day_file(today, "held" if held else "plain", 40))
    city.call(str(root), "run", "--json")


if __name__ == "__main__":
    main()
