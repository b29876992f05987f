"""政务信息资源目录: a row for each item of each resource, as a workbook in Chinese.

The columns are those of a published catalogue after GB/T 21063. Codes that an authority assigns are left empty, and
conformance to the standard is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from citylake.pipelines.exchange.described_table import DescribedColumn, describe_dataset, named_columns
from citylake.pipelines.exchange.receiver import Receiver, disclosed, level_text
from citylake.pipelines.exchange.update_cycle import update_cycle
from citylake.pipelines.exchange.workbook import write_workbook
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.sensitivity_level import OPENNESS
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.message_catalogue import translations_of

RESOURCE_COLUMNS: Final = (
    "信息资源分类（类）", "信息资源分类（项）", "信息资源分类（目）", "信息资源分类（细目）",
    "信息资源名称", "信息资源代码", "信息资源提供方", "提供方代码", "信息资源摘要", "信息资源格式",
    "共享类型", "共享条件", "不予共享依据", "共享方式", "更新周期", "发布日期", "关联资源代码", "数据集标识",
)  # fmt: skip
ITEM_COLUMNS: Final = (
    "信息项名称",
    "信息项英文名称",
    "信息项标识",
    "数据元标识",
    "数据类型",
    "表示格式",
    "计量单位",
    "值域代码集",
    "是否开放",
    "安全级别",
)
COLUMNS: Final = (*RESOURCE_COLUMNS, *ITEM_COLUMNS)
_TYPES: Final = {
    "string": "字符型", "integer": "数字型（整数）", "decimal": "数字型（小数）", "date": "日期型",
    "datetime": "日期时间型", "time": "时间型", "boolean": "布尔型", "binary": "二进制型", "geometry": "几何型",
}  # fmt: skip
_OPENNESS: Final = dict(zip(OPENNESS, ("开放", "有条件开放", "不予开放"), strict=True))
_CYCLES: Final = {
    "continuous": "实时", "hourly": "每小时", "daily": "每日", "weekly": "每周", "monthly": "每月",
    "quarterly": "每季度", "yearly": "每年", "other": "其他",
}  # fmt: skip
_NOTES: Final = (
    (
        "本表的列",
        "取自一份已公开的、依 GB/T 21063 编制的目录；本系统不声明符合该标准，使用前请与本地目录编制指南核对。",
    ),
    (
        "由主管部门填写",
        "信息资源分类（类、项、目、细目）、信息资源代码、提供方代码、共享方式、发布日期、关联资源代码在声明中没有，留空。",
    ),
    ("未声明", "契约和数据元都没有声明共享类型。"),
    ("不予共享的资源", "只列名称和依据，不列信息项；导出给提供方自己时列全部信息项。"),
    ("信息资源格式", "数据湖标准表（Delta 表，Parquet 文件）。"),
)


def write_resource_catalogue(contracts: Iterable[Contract], registry: Registry, receiver: Receiver, path: Path) -> int:
    """Write the workbook, and return its rows. Raises EXCHANGE_LIBRARY_MISSING and OUTPUT_UNWRITABLE."""
    rows = list(catalogue_rows(contracts, registry, receiver))
    write_workbook(path, (("信息资源目录", COLUMNS, rows), ("说明", ("事项", "说明"), _NOTES)))
    return len(rows)


def catalogue_rows(contracts: Iterable[Contract], registry: Registry, receiver: Receiver) -> Iterator[tuple[str, ...]]:
    """The rows, cells in the order of ``COLUMNS``; one without an item for a resource whose items are not told."""
    for contract in contracts:
        named = disclosed(contract, registry, receiver) == "name"
        resource = _resource(contract, registry, named=named)
        if named:
            yield (*resource, *("" for _ in ITEM_COLUMNS))
            continue
        for column in named_columns(describe_dataset(contract, registry), registry, receiver, contract).columns:
            yield (*resource, *_item(column))


def _resource(contract: Contract, registry: Registry, *, named: bool) -> tuple[str, ...]:
    """The cells of the resource; ``named``: no more than its name, its department and the basis may be told."""
    sharing = dataset_sharing(contract, registry)
    said = translations_of(f"query.sharing_{sharing.sharing_class if sharing else 'unstated'}")
    schedule = contract.schedule
    cells = {
        "信息资源名称": contract.title.zh,
        "信息资源提供方": contract.owner.department,
        "信息资源摘要": (contract.title if named else contract.description or contract.title).zh,
        "信息资源格式": "Delta 表（Parquet）",
        "共享类型": said.zh if said else "",
        "共享条件": sharing.condition.zh if sharing and sharing.condition else "",
        "不予共享依据": (sharing.basis or "") if sharing and sharing.sharing_class == "none" else "",
        "更新周期": _CYCLES[update_cycle(schedule.cron)] if schedule and not named else "",
        "数据集标识": contract.dataset,
    }
    return tuple(cells.get(name, "") for name in RESOURCE_COLUMNS)


def _item(column: DescribedColumn) -> tuple[str, ...]:
    element = column.element if column.of is None else None
    return (
        column.title.zh if column.title else column.name,
        column.title.en if column.title else "",
        column.name,
        element.id if element else "",
        _TYPES[column.type] if column.type else "",
        (element.format or "") if element else "",
        column.unit or "",
        (element.codes or "") if element else "",
        _OPENNESS[OPENNESS[column.level.openness]],
        level_text(column.level).partition("/")[0],
    )
