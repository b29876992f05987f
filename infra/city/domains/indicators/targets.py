"""Targets of the indicators for three years: a spreadsheet saved as GB18030 text, with titles and a note below."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.city_domain import city_domains
from citylake.infra.city.generate.plant_faults import PlantedBatch, replace_field, widen_digits

DATASET = "government.indicator_targets"
_FILE = "targets.csv"
_HEADER = ("指标编号", "指标名称", "年度", "目标值", "方向", "牵头部门")
_TITLES = "澜海市城市运行评价指标年度目标\n单位：以各指标为准\n"
_AT_MOST, _AT_LEAST = "不高于", "不低于"

INDICATORS: Mapping[str, tuple[str, str, float, str]] = {
    "C01": ("facility_condition.open_covers", _AT_MOST, 5, "市住房和城乡建设局"),
    "C02": ("service_performance.overdue", _AT_MOST, 350, "市政务服务中心"),
    "C03": ("policy_eligible.unpaid", _AT_MOST, 300, "市发展和改革委员会"),
    "C04": ("eco_quality.poor_water_days", _AT_MOST, 12, "市生态环境局"),
    "C05": ("waterlogging_watch.held_out_recall", _AT_LEAST, 75, "市水务局"),
    "C06": ("emission_limits.hours_over", _AT_MOST, 20, "市生态环境局"),
    "C07": ("datacentre_energy.mean_pue", _AT_MOST, 1.5, "市工业和信息化局"),
    "C08": ("crop_trace.early_harvests", _AT_MOST, 0, "市农业农村局"),
    "C09": ("trace_chain.recall_shops", _AT_MOST, 30, "市市场监督管理局"),
    "C10": ("assistant_quality.stale_answers", _AT_MOST, 200, "市大数据管理局"),
}
"""Code → the mart's question whose figure it is, its direction, this year's target, and who leads it."""


def generate_targets(city: City) -> PlantedBatch:
    """One row an indicator and year: this year, and the two before it with easier targets."""
    batch = PlantedBatch(DATASET, ("指标编号", "年度", "方向"), city.random("targets"))
    for code, (_, direction, target, department) in INDICATORS.items():
        for back in range(3):
            eased = target * (1 + 0.2 * back) if direction == _AT_MOST else target * (1 - 0.1 * back)
            year = str(city.start.year - back)
            values = (code, f"指标{code}", year, f"{eased:g}", direction, department)
            batch.add(_FILE, dict(zip(_HEADER, values, strict=True)))
    _spoil(batch, str(city.start.year))
    return batch


def _spoil(batch: PlantedBatch, this_year: str) -> None:
    for record in batch.records:
        # The faults are in the targets of earlier years: this year's answer stays a known one.
        record.spoiled = record.fields["年度"] == this_year
    batch.plant("a target in words", "VALUE_UNREADABLE", 2, replace_field("目标值", "持续改善", "稳中有升"))
    batch.plant("an indicator that no list has", "CODE_UNKNOWN", 1, replace_field("指标编号", "C99"))
    batch.plant("no direction", "REQUIRED_MISSING", 1, replace_field("方向", None))
    batch.smudge(3, widen_digits("目标值"))
    batch.repeat(1)


def write_targets(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file."""
    text = io.StringIO(newline="")
    text.write(_TITLES)
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(_HEADER)
    sheet.writerows([fields[column] for column in _HEADER] for fields in batch.of(_FILE))
    text.write("填报：市发展和改革委员会\n")
    (folder / "files/indicators" / _FILE).write_text(text.getvalue(), encoding="gb18030", newline="")


def targets_met(city: City, batches: Mapping[str, PlantedBatch]) -> int:
    """The number of indicators whose true figure meets the target of the city's first year."""
    answers = {name: answer for each in city_domains().values() for name, answer in each.answers.items()}
    return sum(_meets(answers[name](city, batches), way, target) for name, way, target, _ in INDICATORS.values())


def _meets(figure: Any, direction: str, target: float) -> bool:
    return bool(figure <= target if direction == _AT_MOST else figure >= target)
