"""What templates of the report site compute: rows of charts as JSON, boxes of distributions, commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from citylake.pipelines.site.report.next_commands import NextCommands
from citylake.pipelines.site.report.report_charts import chart_spec
from citylake.pipelines.site.report.static_style import StaticStyle

_WIDTH, _HEIGHT = 144, 14


def template_helpers(style: StaticStyle, commands: NextCommands) -> dict[str, Callable[..., Any]]:
    """Return the functions that the templates of the report site call."""
    return {
        "chart_rows": chart_rows,
        "chart_json": lambda kind, rows: script_json(chart_spec(kind, style.language, rows)),
        "ledger_command": commands.ledger,
        "box": distribution_box,
    }


def chart_rows(answer: Mapping[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of an answer for a chart. ``names``: column of the answer → field of the chart."""
    places = [(answer["columns"].index(column), name) for column, name in names.items()]
    return [{name: row[place] for place, name in places} for row in answer["rows"]]


def script_json(document: Any) -> Markup:
    """Return JSON that cannot end the script element that it is in."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 (every character that has a meaning in HTML is escaped)


def distribution_box(quantiles: Sequence[float], label: str) -> Markup:
    """Return a box plot as SVG: the middle half, the median, and the range from the 5th to the 95th percentile."""
    least, low, first, middle, third, high, most = quantiles
    spread = (most - least) or 1.0

    def at(value: float) -> float:
        return round(1 + (_WIDTH - 2) * (value - least) / spread, 1)

    wide = max(1.0, at(third) - at(first))
    return Markup(
        '<svg class="box" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">'
        '<line class="range" x1="{low}" x2="{high}" y1="7" y2="7"/>'
        '<rect class="middle" x="{first}" y="3" width="{wide}" height="8"/>'
        '<line class="median" x1="{median}" x2="{median}" y1="1" y2="13"/></svg>'
    ).format(
        w=_WIDTH, h=_HEIGHT, label=escape(label), low=at(low), high=at(high), first=at(first), wide=round(wide, 1),
        median=at(middle),
    )  # fmt: skip
