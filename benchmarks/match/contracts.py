"""``python -m benchmarks.match.contracts``: what is proposed as sure for the contracts of this repository."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.match.contract_fields import ContractFields, read_contract_fields
from benchmarks.measure.program import ROOT
from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.infra.city.serve.city_server import serve_city
from citylake.pipelines.match.propose_elements import propose_elements
from citylake.schemas.read.registry import Registry, load_registry

WORKSPACES = ("workspaces/demo", "workspaces/chicago", "workspaces/singapore", "tests/real/workspace")


@dataclass(frozen=True, slots=True)
class SureCount:
    """Bound fields with values: all, the right element first or among three, those that are sure, and these right."""

    bound: int = 0
    first: int = 0
    third: int = 0
    sure: int = 0
    right: int = 0

    def plus(self, other: SureCount) -> SureCount:
        """The sums of both."""
        names = ("bound", "first", "third", "sure", "right")
        return SureCount(*(getattr(self, name) + getattr(other, name) for name in names))


def main() -> None:
    """Print a table, a row a workspace, over three days of the generated city and the public data that is here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.match.contracts", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data = str(parser.parse_args().data)
    print("| workspace | bound fields | top-1 | top-3 | sure | of these right |\n| --- |" + " ---: |" * 5)
    with tempfile.TemporaryDirectory() as folder:
        generate_city(Path(folder), City(days=3))
        with serve_city(Path(folder)) as url:
            for workspace in WORKSPACES:
                registry = load_registry(ROOT / workspace)
                found = list(read_contract_fields(registry, city_variables(Path(folder), url, data)))
                count = count_sure(found, registry)
                print(f"| {workspace} | {count.bound} | {count.first} | {count.third} | {count.sure} | {count.right} |")


def city_variables(folder: Path, url: str, data: str) -> dict[str, str]:
    """The variables of all workspaces, for the city in ``folder`` that is served at ``url``."""
    return {
        "CITY_FILES": str(folder / "files"),
        "CITY_URL": url,
        "CHICAGO_URL": f"{url}/chicago",
        "SINGAPORE_API": f"{url}/singapore/v2/real-time/api",
        "SINGAPORE_TRANSPORT": f"{url}/singapore/v1/transport",
        "CITYLAKE_DATA": data,
    }


def count_sure(datasets: Iterable[ContractFields], registry: Registry) -> SureCount:
    """The counts over all datasets; the bindings of the dataset that is asked about are not used."""
    count = SureCount()
    for each in _counts(datasets, registry):
        count = count.plus(each)
    return count


def _counts(datasets: Iterable[ContractFields], registry: Registry) -> Iterator[SureCount]:
    for dataset in datasets:
        proposed = propose_elements(dataset.fields, registry, dataset=dataset.dataset)
        for facts in dataset.fields:
            element, found = dataset.elements.get(facts.name), proposed[facts.name]
            if element is not None and facts.values:
                names = [each.element for each in found]
                sure = bool(found) and found[0].sure
                yield SureCount(1, names[:1] == [element], element in names, sure, sure and names[0] == element)


if __name__ == "__main__":
    main()
