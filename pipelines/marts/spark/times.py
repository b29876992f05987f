"""Days, times and intervals of DuckDB as Spark computes them in the workspace's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlglot import exp

from citylake.pipelines.marts.spark.doubles import FLOATS, half_even, kind
from citylake.pipelines.marts.spark.numbers import INTEGERS

if TYPE_CHECKING:
    from citylake.pipelines.marts.spark.select_writer import SelectWriter

_ZONED = exp.DType.TIMESTAMPTZ
_LOCAL = frozenset({exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ})
_UNITS = ("YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")
_TO_UNITS = {f"to_{unit.lower()}s": unit for unit in _UNITS}
PARTS = {
    "year": "year({})",
    "quarter": "quarter({})",
    "month": "month({})",
    "week": "weekofyear({})",
    "day": "day({})",
    "hour": "hour({})",
    "minute": "minute({})",
    "second": "second({})",
    "dow": "(dayofweek({}) - 1)",
    "isodow": "((dayofweek({}) + 5) % 7 + 1)",
    "doy": "dayofyear({})",
}
_TIME_PARTS = {"hour": "CAST(substr({}, 1, 2) AS INT)", "minute": "CAST(substr({}, 4, 2) AS INT)"}
PART_NODES = {
    exp.Year: "year",
    exp.Quarter: "quarter",
    exp.Month: "month",
    exp.Week: "week",
    exp.WeekOfYear: "week",
    exp.Day: "day",
    exp.DayOfMonth: "day",
    exp.Hour: "hour",
    exp.Minute: "minute",
    exp.Second: "second",
    exp.DayOfWeek: "dow",
    exp.DayOfWeekIso: "isodow",
    exp.DayOfYear: "doy",
}
_EVEN = {"MINUTE": 60_000_000, "SECOND": 1_000_000}
"""Units that no change of a clock divides → microseconds."""
_TRUNCATED = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")
_FORMATS = {"%Y": "yyyy", "%m": "MM", "%d": "dd", "%H": "HH", "%M": "mm", "%S": "ss"}


def write_part(writer: SelectWriter, node: exp.Expr, part: str, value: exp.Expr) -> str:
    """``hour(x)``, ``date_part('hour', x)`` and ``extract(hour FROM x)``."""
    forms = _TIME_PARTS if kind(value) == exp.DType.TIME else PARTS
    if part.lower() not in forms:
        return writer.refuse(node, f"the part {part.lower()} of {kind(value).value}")
    return forms[part.lower()].format(writer.sql(value))


def write_truncation(writer: SelectWriter, node: exp.Expr) -> str:
    """``date_trunc``: of a date it is a time without a zone."""
    unit = _unit(node.args.get("unit"))
    if unit not in _TRUNCATED:
        return writer.refuse(node, f"date_trunc to {unit.lower()}")
    if kind(node.this) not in {_ZONED, exp.DType.DATE}:
        return writer.refuse(node, f"date_trunc of {kind(node.this).value}")
    value = writer.sql(node, "this")
    if kind(node.this) == exp.DType.DATE:
        return f"CAST(CAST(date_trunc('{unit}', {value}) AS DATE) AS TIMESTAMP_NTZ)"
    if not changes_clocks(writer.timezone):
        return f"date_trunc('{unit}', {value})"
    if unit in _EVEN:
        micros = f"unix_micros({value})"
        return f"timestamp_micros({micros} - pmod({micros}, {_EVEN[unit]}))"
    # DuckDB cuts the clock's time, and takes the later hour of two that are the same on the clock.
    return at_clock(
        f"CAST(date_trunc('{unit}', {local_time(value)}) AS TIMESTAMP_NTZ)", writer.timezone, writer.timezone
    )


def write_epoch(writer: SelectWriter, node: exp.TimeToUnix) -> str:
    """Seconds since 1970, or of a difference of two times, as a double."""
    inner = node.this.unnest()
    if isinstance(inner, exp.Sub):
        if changes_clocks(writer.timezone):
            return writer.refuse(node, "epoch() of a difference of times, which DuckDB takes from a clock that changes")
        last, first = (_micros(writer, part) for part in (inner.this, inner.expression))
        return f"(CAST({last} - {first} AS DOUBLE) / 1000000D)" if last and first else writer.refuse(node, "epoch()")
    found = _micros(writer, inner)
    return f"(CAST({found} AS DOUBLE) / 1000000D)" if found else writer.refuse(node, f"epoch() of {kind(inner).value}")


def write_epoch_ms(writer: SelectWriter, node: exp.Expr, value: exp.Expr) -> str:
    """Milliseconds since 1970 of a time with a zone."""
    found = _micros(writer, value)
    return f"({found} DIV 1000)" if found else writer.refuse(node, f"epoch_ms() of {kind(value).value}")


def _micros(writer: SelectWriter, value: exp.Expr) -> str | None:
    return f"unix_micros({writer.sql(value)})" if kind(value) == _ZONED else None


def write_zone(writer: SelectWriter, node: exp.AtTimeZone) -> str:
    """``AT TIME ZONE``: a time with a zone gets local, a local time gets a zone."""
    zone, value = writer.sql(node, "zone"), writer.sql(node, "this")
    if not isinstance(node.args["zone"], exp.Literal):
        return writer.refuse(node, "a zone that is no literal")
    own = f"'{writer.timezone}'"
    if zone != own and changes_clocks(writer.timezone):
        return writer.refuse(node, "another zone than that of the workspace, whose clocks change")
    if kind(node.this) == _ZONED:
        local = local_time(value)
        return local if zone == own else f"convert_timezone({own}, {zone}, {local})"
    if kind(node.this) not in _LOCAL | {exp.DType.DATE}:
        return writer.refuse(node, f"AT TIME ZONE of {kind(node.this).value}")
    return at_clock(f"CAST({value} AS TIMESTAMP_NTZ)", node.args["zone"].name, writer.timezone)


def changes_clocks(zone: str) -> bool:
    """Whether the clocks of a zone have been changed since 1992, or its rules are not known here."""
    try:
        known = ZoneInfo(zone)
    except (ValueError, ZoneInfoNotFoundError):
        return True
    start = datetime(1992, 1, 1, tzinfo=UTC)
    return len({(start + timedelta(days=10 * n)).astimezone(known).utcoffset() for n in range(2000)}) > 1


def at_clock(local: str, zone: str, own: str) -> str:
    """The time at which the clock of ``zone`` shows ``local``: the later one, where it does so twice."""
    if not changes_clocks(zone):
        return _instant(local, zone, own)
    again = _instant("(t + INTERVAL '1' HOUR)", zone, own)
    # An hour later by the clock is two hours later, or more, where the clock was put back between.
    later = f"timestampadd(HOUR, 1, {_instant('t', zone, own)})"
    made = f"CASE WHEN {again} > {later} THEN {later} ELSE {_instant('t', zone, own)} END"
    return f"get(transform(array({local}), t -> {made}), 0)"


def write_zone_of_cast(writer: SelectWriter, value: str, source: exp.DType, target: str) -> str | None:
    """A cast between a time with a zone and a local one; None for others, and where no clock changes."""
    if target == "TIMESTAMP_NTZ" and source == _ZONED:
        return local_time(value)
    if target == "TIMESTAMP" and source in _LOCAL | {exp.DType.DATE} and changes_clocks(writer.timezone):
        return at_clock(f"CAST({value} AS TIMESTAMP_NTZ)", writer.timezone, writer.timezone)
    return None


def _instant(local: str, zone: str, own: str) -> str:
    moved = local if zone == own else f"convert_timezone('{zone}', '{own}', {local})"
    return f"CAST({moved} AS TIMESTAMP)"


def local_time(value: str) -> str:
    """The clock of the workspace's zone at a time: by its text, because a cast gives that of UTC in Sail."""
    return f"CAST(date_format({value}, 'yyyy-MM-dd HH:mm:ss.SSSSSS') AS TIMESTAMP_NTZ)"


def write_sum(writer: SelectWriter, node: exp.Add | exp.Sub) -> str | None:
    """``+`` and ``-`` of days, times and intervals; None for numbers."""
    left, right, sign = node.left, node.right, "-" if isinstance(node, exp.Sub) else ""
    if (micros := _fraction(writer, right)) and kind(left) == _ZONED:
        return f"timestamp_micros(unix_micros({writer.sql(left)}) {sign or '+'} {micros})"
    if (length := _interval(writer, right)) is not None:
        return _moved(writer, node, left, (f"{sign}{length[0]}", length[1]))
    if not sign and (length := _interval(writer, left)) is not None:
        return _moved(writer, node, right, length)
    return _day_sum(writer, node, left, right, sign)


def _day_sum(writer: SelectWriter, node: exp.Expr, left: exp.Expr, right: exp.Expr, sign: str) -> str | None:
    pair = (kind(left), kind(right))
    if sign and pair == (exp.DType.DATE, exp.DType.DATE):
        return f"CAST(datediff({writer.sql(left)}, {writer.sql(right)}) AS BIGINT)"
    if pair[0] == exp.DType.DATE and pair[1] in INTEGERS:
        return f"date_add({writer.sql(left)}, CAST({sign}({writer.sql(right)}) AS INT))"
    if not sign and pair[1] == exp.DType.DATE and pair[0] in INTEGERS:
        return f"date_add({writer.sql(right)}, CAST({writer.sql(left)} AS INT))"
    if {*pair} & {_ZONED, exp.DType.TIME, exp.DType.DATE, exp.DType.INTERVAL, *_LOCAL}:
        return writer.refuse(node, f"{pair[0].value} {'-' if sign else '+'} {pair[1].value}")
    return None


def _moved(writer: SelectWriter, node: exp.Expr, value: exp.Expr, length: tuple[str, str]) -> str:
    number, unit = length
    text = writer.sql(value)
    if kind(value) == _ZONED:
        if unit in ("DAY", "WEEK") and changes_clocks(writer.timezone):
            return writer.refuse(node, "days after a time, where clocks change: Sail's have 24 hours")
        return f"timestampadd({unit}, {number}, {text})"
    if kind(value) not in _LOCAL | {exp.DType.DATE}:
        return writer.refuse(node, f"an interval with {kind(value).value}")
    # timestampadd() of a local time has a zone in Sail.
    added = _added(number, unit)
    return (
        f"(CAST({text} AS TIMESTAMP_NTZ) + {added})" if added else writer.refuse(node, f"a number of {unit.lower()}s")
    )


def _added(number: str, unit: str) -> str | None:
    parts = {"WEEK": f"{number} * 7", "DAY": number, "HOUR": f"0, {number}", "MINUTE": f"0, 0, {number}"}
    parts["SECOND"] = f"0, 0, 0, {number}"
    if unit in parts:
        return f"make_dt_interval({parts[unit]})"
    literal = number.replace("(", "").replace(")", "")
    return f"INTERVAL '{literal}' {unit}" if literal.removeprefix("-").isdigit() else None


def _interval(writer: SelectWriter, node: exp.Expr) -> tuple[str, str] | None:
    """The number and the unit of an interval; None if it is none, or is not written as one."""
    node = node.unnest()
    if isinstance(node, exp.Mul):
        return _product(writer, node)
    if isinstance(node, exp.Interval) and node.this is not None:
        unit, inner = _unit(node.args.get("unit")), node.this.unnest()
        number = inner.name if isinstance(inner, exp.Literal) else f"CAST({writer.sql(inner)} AS INT)"
        return (f"({number})", unit) if unit in _UNITS and not _is_broken(number) else None
    if isinstance(node, exp.ToDays) and kind(node.this) in INTEGERS:
        return f"CAST({writer.sql(node.this)} AS INT)", "DAY"
    if isinstance(node, exp.Anonymous) and node.name.lower() in _TO_UNITS and kind(node.expressions[0]) in INTEGERS:
        return f"CAST({writer.sql(node.expressions[0])} AS INT)", _TO_UNITS[node.name.lower()]
    return None


def _product(writer: SelectWriter, node: exp.Mul) -> tuple[str, str] | None:
    for length, times in ((node.left, node.right), (node.right, node.left)):
        found = _interval(writer, length)
        if found and kind(times) in INTEGERS:
            return f"(CAST({writer.sql(times)} AS INT) * {found[0]})", found[1]
    return None


_MICROS = {"HOUR": 3_600_000_000, "MINUTE": 60_000_000, "SECOND": 1_000_000}


def _fraction(writer: SelectWriter, node: exp.Expr) -> str | None:
    """The microseconds of an interval of one hour, minute or second times a number that may have a fraction."""
    node = node.unnest()
    if not isinstance(node, exp.Mul):
        return None
    for length, times in ((node.left, node.right), (node.right, node.left)):
        found = _interval(writer, length) if isinstance(length.unnest(), exp.Interval) else None
        if found and found[1] in _MICROS and kind(times) in FLOATS | {exp.DType.DECIMAL}:
            micros = f"CAST({writer.sql(times)} AS DOUBLE) * {found[0]} * {_MICROS[found[1]]}"
            return f"CAST({half_even(micros)} AS BIGINT)"
    return None


def _is_broken(number: str) -> bool:
    return "." in number


def write_difference(writer: SelectWriter, node: exp.DateDiff) -> str:
    """``date_diff``: the bounds of units between two times."""
    last, first, unit = writer.sql(node, "this"), writer.sql(node, "expression"), _unit(node.args.get("unit"))
    if unit == "DAY":
        return f"CAST(datediff(CAST({last} AS DATE), CAST({first} AS DATE)) AS BIGINT)"
    if unit == "YEAR":
        return f"CAST(year({last}) - year({first}) AS BIGINT)"
    if unit == "MONTH":
        return f"CAST((year({last}) - year({first})) * 12 + month({last}) - month({first}) AS BIGINT)"
    seconds = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}.get(unit)
    if unit == "HOUR" and changes_clocks(writer.timezone):
        return writer.refuse(node, "date_diff in hours of a clock that changes")
    if seconds and kind(node.this) == kind(node.expression) == _ZONED:
        ends = (f"unix_seconds(date_trunc('{unit}', {one}))" for one in (last, first))
        return f"(({' - '.join(ends)}) DIV {seconds})"
    return writer.refuse(node, f"date_diff in {unit.lower()} of {kind(node.this).value}")


def write_whole_parts(writer: SelectWriter, node: exp.Anonymous) -> str:
    """``date_sub('year', a, b)`` of dates: whole years, which the last day of a month ends too."""
    unit, *dates = node.expressions
    if unit.name.lower() not in ("year", "years") or {kind(each) for each in dates} != {exp.DType.DATE}:
        return writer.refuse(node, f"date_sub in {unit.name.lower()} of {kind(dates[0]).value}")
    first, last = (writer.sql(each) for each in dates)
    later, earlier = _years(first, last), _years(last, first)
    return f"CAST(CASE WHEN {last} >= {first} THEN {later} ELSE -({earlier}) END AS BIGINT)"


def _years(first: str, last: str) -> str:
    day = f"CASE WHEN {last} = last_day({last}) THEN 31 ELSE day({last}) END"
    early = f"month({last}) * 100 + {day} < month({first}) * 100 + day({first})"
    return f"(year({last}) - year({first}) - CASE WHEN {early} THEN 1 ELSE 0 END)"


def write_format(writer: SelectWriter, node: exp.TimeToStr) -> str:
    """``strftime`` with a literal of the common letters."""
    form = node.args.get("format")
    text = form.name if isinstance(form, exp.Literal) else "%"
    for letter, name in _FORMATS.items():
        text = text.replace(letter, name)
    if "%" in text or "'" in text or any(c.isascii() and c.isalpha() and c not in "yMdHms" for c in text):
        return writer.refuse(node, "strftime with this format")
    return f"date_format({writer.sql(node, 'this')}, '{text}')"


def write_series(writer: SelectWriter, node: exp.GenerateSeries) -> str:
    """``generate_series`` with its end, ``range`` without it, of numbers or times; an empty one is empty."""
    start, end, step = node.args.get("start"), node.args.get("end"), node.args.get("step")
    first, last = writer.sql(start) if start else "0", writer.sql(end)
    if isinstance(step, exp.Interval):
        found = _interval(writer, step)
        if found is None or node.args.get("is_end_exclusive"):
            return writer.refuse(node, "a range of times")
        number, unit = found
        return _sequence(first, last, f"INTERVAL {number.strip('()')} {unit}")
    if step is not None and not (isinstance(step, exp.Literal) and step.name == "1"):
        return writer.refuse(node, "a series with another step than 1")
    if not {kind(part) for part in (start, end) if part is not None} <= INTEGERS:
        return writer.refuse(node, "a series of other values than integers")
    return _sequence(first, f"({last} - 1)" if node.args.get("is_end_exclusive") else last, "1")


def _sequence(first: str, last: str, step: str) -> str:
    # Spark would count down.
    nothing = f"filter(array({first}), x -> false)"
    made = f"sequence({first}, {last}, {step})"
    return f"(CASE WHEN {first} <= {last} THEN {made} WHEN {first} > {last} THEN {nothing} END)"


def _unit(node: exp.Expr | None) -> str:
    text = node.name.upper() if node is not None else ""
    return text.removesuffix("S") if text not in _UNITS else text
