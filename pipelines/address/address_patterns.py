"""The patterns of a Chinese address's parts, in the order in which they are written: the largest area first."""

from __future__ import annotations

import re

_NAME = r"[^\d\-]"
_ROAD = r"大街|大道|公路|胡同|路|街|巷|[道里线弄](?=\d|与|和|$)"
_BRANCH = r"[^\d\-与和]{1,6}?(?:弄|巷|胡同)(?=\d)"
"""A lane named after the road that it leaves: 建国中路锅子弄."""
_ESTATE_WORD = "新村|[东西南北一二三四五六七八九十]村|小区|家园|花园|公寓|名苑|苑|花苑|大厦|广场|中心|园区|园"
_NO_VILLAGE = "新东西南北一二三四五六七八九十"
_NO_DISTRICT = "小社园景校厂库片"
_DOOR = r"\d+(?:-\d+)?[A-Z甲乙丙丁]?"
_HAO = "号(?!楼|大街|路|街)"


def _start(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^(?:{pattern})")


PART_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("province", _start(r"(?:中国)?([^\d]{2,7}?(?:省|自治区|特别行政区)|(?:北京|上海|天津|重庆)市)")),
    ("city", _start(r"([^\d路街巷号]{2,9}?(?:自治州|地区|盟|市))")),
    (
        "district",
        _start(rf"([^\d路街巷号]{{1,8}}?(?:(?<![{_NO_DISTRICT}])区|(?<=.)县|旗|(?<=..)市))(?![路街巷道])"),
    ),
    ("street", _start(r"([^\d路巷号]{1,8}?(?:街道(?:办事处)?|(?<=.)[镇乡](?![路街巷道江海村中])|苏木))")),
    (
        "community",
        _start(rf"([^\d路街巷弄号]{{1,10}}?(?:社区|居委会|村委会|(?<![{_NO_VILLAGE}])村(?![路街巷口])))"),
    ),
    (
        "road",
        _start(
            rf"((?:\d+号(?:大街|路|街)|{_NAME}{{1,12}}?(?:{_ROAD}))(?:[东西南北中]段)?(?:{_BRANCH})?)"
            "(?![区道]|新村|小区|社区|花园|公寓)"
        ),
    ),
    ("lane", _start(r"(\d+)弄")),
    ("number", _start(rf"({_DOOR}(?:{_HAO}(?:-\d+)?|(?=$)))")),
    (
        "estate",
        _start(
            rf"({_NAME}{{1,14}}?(?:{_ESTATE_WORD})(?:{_NAME}{{0,8}}?(?:{_ESTATE_WORD}))*(?:[东西南北](?=\d))?)"
            "(?!社区|[路街巷号])"
        ),
    ),
    ("number", _start(rf"({_DOOR}{_HAO}(?:-\d+)?)")),
    ("building", _start(r"([A-Z]|[A-Z]?\d+(?:-\d+)?)(?:号楼|幢|栋|座)")),
    ("unit", _start(r"(\d+|[A-Z])单元")),
    ("floor", _start(r"(\d+)[层楼]")),
    ("room", _start(r"([A-Z]?\d+[A-Z]?(?:-\d+)?)(?:室|房|户|(?=$))")),
)
"""(part, pattern): the first group is the part. A part that is found is not looked for again."""
BUILDING_UNIT_ROOM = re.compile(r"(?<![\d-])(\d+)-(\d+)-(\d+)(?:室|房)?$")
"""``3-2-301`` at the end: building, unit and room."""
