"""Vega-Lite charts of the report site, drawn up with Altair once per kind and language; the rows are put in later.

The colours differ in lightness too, so that they are told apart without colour, on a light and on a dark ground.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

COLOURS: Final = ("#3b7ea1", "#d9822b", "#7a9a3a", "#9b5fa5", "#c2a33a", "#5f6f7a", "#b0473f")
"""Steel blue, orange, olive, violet, ochre, slate, brick."""
GOOD, BAD, NEUTRAL = COLOURS[0], COLOURS[1], "#8b949b"
_HEIGHT: Final = 180
_ROWS: Final = "rows"
Rows = Sequence[dict[str, Any]]
ChartSpec = dict[str, Any]


def charts_installed() -> bool:
    """Whether the extra ``report`` is installed."""
    return all(find_spec(name) for name in ("altair", "vl_convert"))


def require_charts() -> None:
    """Raise REPORT_EXTRA_MISSING unless the extra ``report`` is installed."""
    if not charts_installed():
        raise CitylakeError("REPORT_EXTRA_MISSING")


def chart_spec(kind: str, language: str, rows: Rows) -> ChartSpec:
    """Return the Vega-Lite specification of a chart (:data:`CHARTS`) with its rows."""
    return {**copy.deepcopy(_specification(kind, language)), "datasets": {_ROWS: list(rows)}}


@cache
def _specification(kind: str, language: str) -> ChartSpec:
    import altair

    chart = CHARTS[kind](altair, lambda key: translate_key(f"site.chart.{key}", language))
    fit = altair.AutoSizeParams(type="fit", contains="padding")
    sized = chart.properties(width="container", height=_HEIGHT, autosize=fit)
    plain = sized.configure(background="transparent").configure_view(strokeOpacity=0)
    found: ChartSpec = plain.configure_axis(labelFontSize=12, titleFontSize=12).to_dict()
    # The address of the schema says which version this is; nothing may request it.
    del found["$schema"]
    return found


Words = Callable[[str], str]


def _day_axis(alt: Any, say: Words) -> Any:
    # Days are UTC's: a local scale would shift them west of Greenwich.
    axis = alt.Axis(format="%m-%d", labelOverlap=True, grid=False)
    return alt.X("day:T", title=say("day"), timeUnit="utcyearmonthdate", axis=axis)


def _day_tip(alt: Any, say: Words) -> Any:
    return alt.Tooltip("day:T", title=say("day"), timeUnit="utcyearmonthdate", format="%Y-%m-%d")


def _rows_axis(alt: Any, title: str) -> Any:
    return alt.Y("rows:Q", title=title, axis=alt.Axis(format="~s", tickCount=4), stack="zero")


def _bars(alt: Any, say: Words, title: str, colour: str) -> Any:
    tips = [_day_tip(alt, say), alt.Tooltip("rows:Q", title=title, format=",")]
    data = alt.Data(name=_ROWS)
    return (
        alt.Chart(data)
        .mark_bar(color=colour, width={"band": 0.8})
        .encode(_day_axis(alt, say), _rows_axis(alt, title), tooltip=tips)
    )


def _received(alt: Any, say: Words) -> Any:
    return _bars(alt, say, say("rows"), GOOD)


def _volume(alt: Any, say: Words) -> Any:
    return _bars(alt, say, say("rows"), COLOURS[2])


def _by_code(alt: Any, say: Words) -> Any:
    tips = [
        _day_tip(alt, say),
        alt.Tooltip("code:N", title=say("issue")),
        alt.Tooltip("rows:Q", title=say("rows"), format=","),
    ]
    legend = alt.Legend(orient="bottom", columns=2, labelLimit=320)
    colour = alt.Color("code:N", title=None, scale=alt.Scale(range=list(COLOURS)), legend=legend)
    return (
        alt.Chart(alt.Data(name=_ROWS))
        .mark_bar(width={"band": 0.8})
        .encode(_day_axis(alt, say), _rows_axis(alt, say("rows")), colour, tooltip=tips)
    )


def _ages(alt: Any, say: Words) -> Any:
    base = alt.Chart(alt.Data(name=_ROWS)).encode(
        alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)),
        alt.X("rows:Q", title=say("rows"), axis=alt.Axis(format="~s", tickCount=4, grid=False)),
    )
    colour = alt.condition("datum.age === 'overdue'", alt.value(BAD), alt.value(GOOD))
    return base.mark_bar().encode(color=colour)


def _scores(alt: Any, say: Words) -> Any:
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=200))
    x = alt.X("score:Q", title=say("score"), scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=5))
    tips = [alt.Tooltip("label:N"), alt.Tooltip("when:N"), alt.Tooltip("score:Q", format=".2f")]
    shape = alt.Shape("when:N", title=None, legend=alt.Legend(orient="bottom"), sort=None)
    colour = alt.Color("when:N", title=None, scale=alt.Scale(range=[COLOURS[0], COLOURS[1], COLOURS[5]]), sort=None)
    points = alt.Chart(alt.Data(name=_ROWS)).mark_point(size=90, filled=True, opacity=0.9)
    return points.encode(y, x, shape, colour, tooltip=tips)


def _publications(alt: Any, say: Words) -> Any:
    tips = [_day_tip(alt, say), alt.Tooltip("status:N"), alt.Tooltip("rows:Q", title=say("versions"))]
    scale, legend = alt.Scale(range=[GOOD, BAD]), alt.Legend(orient="bottom")
    colour = alt.Color("status:N", title=None, scale=scale, sort=None, legend=legend)
    return (
        alt.Chart(alt.Data(name=_ROWS))
        .mark_bar(width={"band": 0.8})
        .encode(_day_axis(alt, say), _rows_axis(alt, say("versions")), colour, tooltip=tips)
    )


CHARTS: Final[dict[str, Callable[[Any, Words], Any]]] = {
    "received": _received,
    "volume": _volume,
    "codes": _by_code,
    "ages": _ages,
    "scores": _scores,
    "publications": _publications,
}
"""Rows of ``received`` and ``volume``: day, rows; ``codes``: day, code, rows; ``ages``: age, label, rows; ``scores``:
label, when, score; ``publications``: day, status, rows.
"""


@cache
def chart_script() -> tuple[str, str]:
    """Return the name and the text of the script that draws the charts: Vega-Embed, Vega-Lite and Vega in one file.

    Making it takes seconds, and it is the same for every site: once a process.
    """
    import vl_convert

    return script_name(), vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def script_name() -> str:
    """Return the script's name, which has its version, so that it is made once per site and version."""
    from importlib.metadata import version

    return f"vega-{version('vl-convert-python')}.js"
