"""The columns of a table of data elements: their headings in Chinese and English, and where their values belong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ElementColumn:
    """``key``: of the cell in a row. ``also``: other headings that people use for it."""

    key: str
    zh: str
    also: tuple[str, ...] = ()

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading by which the column is known."""
        return (self.zh, self.key, *self.also)


COLUMNS: Final = (
    ElementColumn("id", "内部标识符", ("标识符", "数据元标识符", "标识", "identifier", "element id", "element")),
    ElementColumn("symbol", "短名", ("列名", "字段名", "符号", "column", "short name")),
    ElementColumn("name_zh", "中文名称", ("名称", "数据元名称", "中文名", "name", "chinese name")),
    ElementColumn("name_en", "英文名称", ("英文名", "english name")),
    ElementColumn("definition_zh", "定义", ("说明", "中文定义", "definition", "chinese definition")),
    ElementColumn("definition_en", "英文定义", ("english definition",)),
    ElementColumn("object_class", "对象类", ("对象类词", "object class")),
    ElementColumn("property", "特性", ("特性词",)),
    ElementColumn("representation", "表示", ("表示词", "表示类词", "representation term")),
    ElementColumn("type", "数据类型", ("data type", "datatype")),
    ElementColumn("format", "数据格式", ("表示格式", "data format")),
    ElementColumn("value_domain", "值域", ("value domain", "domain")),
    ElementColumn("unit", "计量单位", ("单位", "unit of measure")),
    ElementColumn("synonyms", "同义名称", ("同义词", "别名", "synonym")),
    ElementColumn("version", "版本"),
    ElementColumn("status", "状态", ("注册状态", "registration status")),
    ElementColumn("context", "语境"),
    ElementColumn("steward", "管理机构", ("提交机构", "主管部门", "submitting organisation")),
    ElementColumn("source", "来源", ("标准来源", "依据标准")),
    ElementColumn("note", "备注"),
    ElementColumn("grade", "安全级别", ("级别", "security grade")),
    ElementColumn("openness", "开放属性"),
    ElementColumn("personal", "个人信息"),
    ElementColumn("protect", "去标识化"),
    ElementColumn("sharing_class", "共享类型", ("sharing",)),
    ElementColumn("sharing_condition_zh", "共享条件", ("sharing condition",)),
    ElementColumn("sharing_condition_en", "英文共享条件"),
    ElementColumn("sharing_basis", "共享依据", ("不予共享依据",)),
    ElementColumn("check_digit", "校验规则"),
    ElementColumn("invisible", "不可见字符"),
    ElementColumn("pad", "补零位数"),
    ElementColumn("names_entity", "实体类型"),
    ElementColumn("measure", "可加性"),
    ElementColumn("weight", "加权数据元"),
    ElementColumn("edition", "版次数据元"),
    ElementColumn("frame", "坐标系"),
    ElementColumn("label", "时间标记"),
    ElementColumn("period", "统计时段"),
    ElementColumn("gas", "气体参数"),
    ElementColumn("span", "合理时间"),
    ElementColumn("relations", "关系"),
)
NEEDED: Final = ("id", "name_zh", "definition_zh", "object_class", "property", "representation", "type")
"""Cells that every element needs. ``id`` may be made of the identifier and the subject that the person names."""
BY_KEY: Final = {column.key: column for column in COLUMNS}


def column_of(heading: str) -> str | None:
    """The key of the column that a heading names; None if it names none."""
    return _BY_HEADING.get(_normal(heading))


def _normal(heading: str) -> str:
    return re.sub(r"[\s_\-]+", "", re.sub(r"[（(].*?[)）]", "", heading)).lower()


_BY_HEADING: Final = {_normal(word): column.key for column in COLUMNS for word in column.headings}
