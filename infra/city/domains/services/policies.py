"""Policies for enterprises: a workbook with a row a condition, thresholds as numbers or lists, drafts with faults."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

POLICY_HEADER = (
    "政策编号", "政策名称", "条件序号", "条件总数", "条件项", "比较方式",
    "数值门槛", "适用范围", "兑现标准(万元)", "施行日期", "废止日期",
)  # fmt: skip
POLICIES_FILE = "zc_202602.xlsx"
_Condition = tuple[str, str, str]
_POLICIES: tuple[tuple[str, str, str, str, str, tuple[_Condition, ...]], ...] = (
    ("HQ2026001", "制造业稳岗补贴", "3.5", "2026-01-01", "", (
        ("行业门类", "属于", "C"), ("参保人数", "不少于", "15"), ("社保欠费月数", "不多于", "0"))),
    ("HQ2026002", "小微企业房租补贴", "1.2", "2026-01-01", "2026-12-31", (
        ("行业门类", "属于", "F、H、I、L"), ("参保人数", "不多于", "20"), ("欠缴税额", "不多于", "0"))),
    ("HQ2026003", "诚信纳税奖励", "2", "2026-02-01", "", (
        ("纳税信用级别", "属于", "A、B"), ("欠缴税额", "不多于", "0"), ("社保欠费月数", "不多于", "0"))),
    ("HQ2026004", "高新区研发补助", "8.88", "2026-02-01", "", (
        ("所属区", "属于", "990106"), ("行业门类", "属于", "C、I、M"),
        ("纳税信用级别", "属于", "A、B"), ("参保人数", "不少于", "9"))),
    ("HQ2026005", "绿色排污许可奖励", "1.5", "2026-03-01", "", (
        ("有效排污许可证数", "不少于", "1"), ("超期未办结工单数", "不多于", "0"), ("社保欠费月数", "不多于", "0"))),
    ("HQ2025009", "往年稳岗返还", "0.8", "2025-01-01", "2025-12-31", (
        ("参保人数", "不少于", "1"),)),
    ("HQ2026010", "物流企业车辆更新补贴", "6", "2026-02-15", "", (
        ("行业门类", "属于", "G"), ("参保人数", "不少于", "10"), ("注册资本", "不多于", "二百"))),
)  # fmt: skip
"""Code, name, benefit in 万元, first and last day, and the conditions: what, how it is compared, with what."""


def generate_policies(city: City) -> PlantedBatch:
    """One row a condition. The last policy has a condition that no list knows, so that nobody can be judged by it."""
    batch = PlantedBatch("government.policies", ("政策编号", "条件序号"), city.random("policies"))
    for code, name, benefit, first, last, conditions in _POLICIES:
        for number, condition in enumerate(conditions, 1):
            said = (code, name, str(number), str(len(conditions)), *_written(condition), benefit, first, last or None)
            batch.add(POLICIES_FILE, dict(zip(POLICY_HEADER, said, strict=True)))
    _spoil(batch)
    return batch


def write_policy_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook."""
    rows = [[fields[column] for column in POLICY_HEADER] for fields in batch.of(POLICIES_FILE)]
    with Workbook(folder / "files/services" / POLICIES_FILE) as book:
        # The default is the time of writing: then two runs would give different bytes.
        book.set_properties({"created": datetime(2026, 2, 1, tzinfo=UTC)})
        write_sheet(book.add_worksheet("惠企政策条件"), POLICY_HEADER, *rows)


def _written(condition: _Condition) -> tuple[str, str, str | None, str | None]:
    fact, comparison, value = condition
    return (fact, comparison, None, value) if comparison == "属于" else (fact, comparison, value, None)


def _spoil(batch: PlantedBatch) -> None:
    """The conditions of policies in force stay: a policy with a refused one would be judged for nobody."""
    for record in batch.records:
        if record.fields["条件项"] == "注册资本":
            batch.note("a condition that no list has", "CODE_UNKNOWN VALUE_UNREADABLE", record)
    batch.contradict(2, replace_field("兑现标准(万元)", "99"))
    batch.repeat(1)
    for number, (kind, issues, change) in enumerate(_DRAFTS, 1):
        record = batch.add(POLICIES_FILE, _draft(number) | change)
        batch.note(kind, issues, record)


def _draft(number: int) -> RecordFields:
    said = (f"HQ2026{900 + number}", "征求意见稿", "1", "1", "参保人数", "不少于", "5", None, "1", "2026-03-01", None)
    return dict(zip(POLICY_HEADER, said, strict=True))


_DRAFTS: tuple[tuple[str, str, RecordFields], ...] = (
    ("a threshold is missing", "POLICY_CONDITION_WITHOUT_VALUE", {"数值门槛": None}),
    ("a list is missing", "POLICY_CONDITION_WITHOUT_VALUE", {"比较方式": "属于"}),
    ("it ends before it begins", "POLICY_ENDS_BEFORE_START", {"废止日期": "2026-02-01"}),
    ("a day that is none", "TIME_UNREADABLE", {"施行日期": "2026-02-30"}),
    ("a negative benefit", "VALUE_OUT_OF_RANGE", {"兑现标准(万元)": "-1"}),
)
