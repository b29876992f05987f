"""The words of cells: what a table of data elements calls types, representations and states."""

from __future__ import annotations

from typing import Final

from citylake.schemas.model.element import ElementType, Representation

NUMERIC: Final = "numeric"
"""A number of which only the format says whether it has decimals."""
TYPES: Final[dict[str, ElementType | str]] = {
    "字符型": "string", "字符": "string", "字符串": "string", "文本型": "string", "c": "string", "s": "string",
    "s1": "string", "s2": "string", "s3": "string", "varchar": "string",
    "整数型": "integer", "整型": "integer", "int": "integer", "小数型": "decimal", "浮点型": "decimal",
    "数字型": NUMERIC, "数值型": NUMERIC, "n": NUMERIC, "numeric": NUMERIC,
    "number": NUMERIC, "日期型": "date", "日期": "date", "d": "date", "日期时间型": "datetime", "日期时间": "datetime",
    "dt": "datetime", "timestamp": "datetime", "时间型": "time", "时间": "time", "t": "time", "布尔型": "boolean",
    "布尔": "boolean", "逻辑型": "boolean", "b": "boolean", "l": "boolean", "bl": "boolean", "bool": "boolean",
    "二进制型": "binary", "二进制": "binary", "by": "binary", "bn": "binary", "几何型": "geometry",
    **{name: name for name in (
        "string", "integer", "decimal", "date", "datetime", "time", "boolean", "binary", "geometry",
    )},
}  # fmt: skip
"""In lower case."""
REPRESENTATIONS: Final[dict[str, Representation]] = {
    "金额": "amount", "日期": "date", "日期时间": "datetime", "时间": "time", "代码": "code", "描述": "description",
    "说明": "description", "名称": "name", "号码": "number", "编号": "number", "百分比": "percent", "百分率": "percent",
    "量": "quantity", "数量": "quantity", "比率": "ratio", "率": "ratio", "rate": "ratio", "指示符": "indicator",
    "标志": "indicator",
    "amount": "amount", "date": "date", "datetime": "datetime", "time": "time", "code": "code",
    "description": "description", "name": "name", "number": "number", "percent": "percent", "quantity": "quantity",
    "ratio": "ratio", "indicator": "indicator",
}  # fmt: skip
STATES: Final = {
    "草案": "draft", "草稿": "draft", "候选": "candidate", "标准": "standard", "现行": "standard", "有效": "standard",
    "废止": "retired", "已废止": "retired", "停用": "retired", "被替代": "superseded", "已替代": "superseded",
    **{name: name for name in ("draft", "candidate", "standard", "retired", "superseded")},
}  # fmt: skip
OPENNESS: Final = {
    "开放": "open", "有条件开放": "conditional", "不予开放": "none", "不开放": "none", "无条件开放": "open",
    "open": "open", "conditional": "conditional", "none": "none",
}  # fmt: skip
SHARING: Final = {
    "无条件共享": "unconditional", "有条件共享": "conditional", "不予共享": "none",
    "unconditional": "unconditional", "conditional": "conditional", "none": "none",
}  # fmt: skip
PERSONAL: Final = {
    "否": "none", "非个人信息": "none", "个人信息": "ordinary", "一般个人信息": "ordinary", "敏感个人信息": "sensitive",
    "none": "none", "ordinary": "ordinary", "sensitive": "sensitive",
}  # fmt: skip
