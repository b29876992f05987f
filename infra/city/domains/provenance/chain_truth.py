"""The true answers about the chain of food, from what its registers rightly say; shared with no SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.batches import KG_OF_UNIT
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

_MADE = "加工"
_SCALES = 1.005
"""Scales differ by half a per cent."""
Batches = Mapping[str, PlantedBatch]
Link = tuple[str, str]
"""A batch that was made, and a batch that went into it."""


def good_fields(batches: Batches, dataset: str) -> Iterator[Mapping[str, str]]:
    """The fields of every record of ``dataset`` that must reach the standard table."""
    for record in batches[dataset].records:
        if record.good:
            yield {name: value or "" for name, value in record.fields.items()}


def all_below(start: str, made_of: Iterable[Link]) -> set[str]:
    """``start``, and every batch that was made of it."""
    below: dict[str, list[str]] = defaultdict(list)
    for made, source in made_of:
        below[source].append(made)
    found, waiting = {start}, [start]
    while waiting:
        for batch in below[waiting.pop()]:
            if batch not in found:
                found.add(batch)
                waiting.append(batch)
    return found


def links_of(batches: Batches) -> set[Link]:
    """Every link of the processors' books."""
    return {(row["产出批次"], row["投入批次"]) for row in good_fields(batches, "provenance.transformations")}


def count_recall_shops(_: City, batches: Batches) -> int:
    """The shops that sold a failed batch, or what was made of it."""
    failed = {row["批号"] for row in good_fields(batches, "provenance.inspections") if row["检验结论"] == "不合格"}
    reached = set[str]().union(*(all_below(batch, links_of(batches)) for batch in failed))
    return len({row["shop"] for row in good_fields(batches, "provenance.sales") if row["lot"] in reached})


def count_broken_links(_: City, batches: Batches) -> int:
    """The number of broken links, each kind of a link counted for itself."""
    return len(broken_links(batches))


def broken_links(batches: Batches) -> set[tuple[str, str, str]]:
    """Batch, related batch and kind (a code of ``provenance.link_problem``) of each broken link."""
    register = {row["pch"]: row for row in good_fields(batches, "provenance.batches")}
    return {
        *_unknown(batches, register),
        *_amounts(batches, register),
        *_rings(batches),
        *_backwards(batches, register),
    }


def _unknown(batches: Batches, register: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    links = links_of(batches)
    for made, source in links:
        if source not in register:
            yield made, source, "1"
        if made not in register:
            yield made, source, "2"
    with_input = {made for made, _ in links}
    yield from ((name, name, "7") for name, row in register.items() if row["lb"] == _MADE and name not in with_input)


def _amounts(batches: Batches, register: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    used, went_in = defaultdict[str, float](float), defaultdict[str, float](float)
    for row in good_fields(batches, "provenance.transformations"):
        used[row["投入批次"]] += float(row["投入量(kg)"])
        went_in[row["产出批次"]] += float(row["投入量(kg)"])
    for row in good_fields(batches, "provenance.sales"):
        used[row["lot"]] += float(row["grams"]) / 1000
    for name, row in register.items():
        there_was = float(row["sl"]) * KG_OF_UNIT[row["dw"]]
        if used[name] > there_was * _SCALES:
            yield name, name, "3"
        if name in went_in and there_was > went_in[name] * _SCALES:
            yield name, name, "4"


def _backwards(batches: Batches, register: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for row in good_fields(batches, "provenance.transformations"):
        source = register.get(row["投入批次"])
        if source is not None and _time(row, "作业时间", "%Y/%m/%d %H:%M") < _time(source, "scrq", "%Y-%m-%d %H:%M"):
            yield row["产出批次"], row["投入批次"], "5"


def _rings(batches: Batches) -> Iterator[tuple[str, str, str]]:
    links = links_of(batches)
    yield from ((made, source, "6") for made, source in links if source in all_below(made, links))


def _time(row: Mapping[str, str] | RecordFields, name: str, form: str) -> datetime:
    return datetime.strptime(row[name] or "", form)  # noqa: DTZ007
