"""Random small workspaces, right and wrong: contracts with their rows, and marts over them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from hypothesis import strategies as st

Mapped = dict[str, Any]
T = TypeVar("T")

WORDS = {"zh": "测", "en": "test"}
_KINDS = {
    "code": ("string", "number"),
    "at": ("datetime", "datetime"),
    "on": ("date", "date"),
    "clock": ("time", "time"),
    "n": ("integer", "quantity"),
    "x": ("decimal", "quantity"),
    "flag": ("boolean", "indicator"),
    "note": ("string", "description"),
}
"""Element → its type and representation."""
FIELDS = tuple(_KINDS)


def _symbol(element: str) -> str:
    return {"n": "n_1", "x": "x_1", "at": "seen_at", "on": "seen_on"}.get(element, element)


def declare_elements() -> str:
    """``elements/e.yaml``: one element of each type."""
    return yaml.safe_dump(
        [
            {
                "id": f"e.{name}",
                "symbol": _symbol(name),
                "name": {"zh": f"元{name}", "en": f"element {name}"},
                "definition": {"zh": f"关于{name}的含义", "en": f"what the {name} of a thing is"},
                "object_class": "物",
                "property": name,
                "representation": representation,
                "type": kind,
                **({"unit": "1"} if representation == "quantity" else {}),
                **({"note": "1-是, 0-否"} if representation == "indicator" else {}),
            }
            for name, (kind, representation) in _KINDS.items()
        ],
        allow_unicode=True,
    )


SYMBOLS = {name: _symbol(name) for name in FIELDS}
"""Element → its column."""
_FORMATS = {
    "at": {
        "%Y-%m-%d %H:%M:%S": "2026-03-0{day} 08:1{row}:00",
        "%F %R": "2026-03-0{day} 08:1{row}",
        "%d/%m/%Y %I:%M %p": "0{day}/03/2026 08:1{row} AM",
        "%Y%m%d%H%M": "2026030{day}081{row}",
        "%Y-%m-%dT%H:%M:%S%:z": "2026-03-0{day}T08:1{row}:00+08:00",
        "%b %e %Y %H:%M:%S%.f": "Mar  {day} 2026 08:1{row}:00.5",
        "epoch_s": "177232{day}{row}00",
        "%Y-%j %H:%M": "2026-06{day} 08:1{row}",
        "%Y-%M-%d %H:%M": "2026-03-0{day} 08:1{row}",
        "yyyy-MM-dd HH:mm": "2026-03-0{day} 08:1{row}",
        "%Y-%m-%d": "2026-03-0{day}",
        "%H:%M": "08:1{row}",
        "%G-W%V-%u %H:%M": "2026-W10-{day} 08:1{row}",
        "%s": "177232{day}{row}00",
    },
    "on": {
        "%Y-%m-%d": "2026-03-0{day}",
        "%d.%m.%y": "0{day}.03.26",
        "%Y/%m/%d||%Y%m%d": "2026030{day}",
        "%Y-%M-%d": "2026-03-0{day}",
        "%B %d, %Y": "March 0{day}, 2026",
        "%d/%m/%Y||%m/%d/%Y": "0{day}/03/2026",
        "epoch_s": "177232{day}000",
        "%Y-%m": "2026-03",
        "%D": "03/0{day}/26",
    },
    "clock": {"%H:%M": "08:1{row}", "%I:%M %p": "08:1{row} PM", "%H:%M:%S": "08:1{row}:00", "%H:%m": "08:1{row}"},
}
"""Element → formats, right and wrong, with what a source writes in row ``row`` of day ``day``."""
_RIGHT = {"at": 8, "on": 3, "clock": 3}
"""How many of the formats, from the first, are right."""
_VALUES = {"code": "A{row}", "n": "{row}", "x": "{row}.5", "flag": "1", "note": "in order"}
_ZONES = ("Asia/Shanghai", "Europe/Madrid", "UTC", "Etc/GMT-8")
_WRONG_ZONES = (None, "Etc/GMT+8", "Asia/Peking", "UTC+8", "Factory")
_CRON = ("30 1 * * *", "*/5 * * * *", "0 0 * * mon", "0 6 1,15 * *", "0 0 L * *", "0 0 29 2 *", "0 7 * 1-5 */2")
_WRONG_CRON = ("daily", "@daily", "30 25 * * *", "0 0 30 2 *", "0 1 * * * *", "R 1 * * *", "", "1-70 * * * *")
_LITERALS = ("0", "1.5", "'A1'", "NULL", "DATE '2026-03-01'", "true")
_OPERATORS = ("=", ">", "<>", "<=")
_TERMS = ("{c}", "coalesce({c}, {c})", "CAST({c} AS VARCHAR)", "CASE WHEN {c} IS NULL THEN 1 END")
_TYPED_TERMS = (
    "length({c})",
    "upper({c})",
    "{c} + 1",
    "-{c}",
    "date_part('hour', {c})",
    "abs({c})",
    "{c} AT TIME ZONE 'Asia/Shanghai'",
    "strftime({c}, '%H')",
    "sum({c})",
    "no_such({c})",
)
"""Terms that one type, or none, has."""


def mostly(right: Sequence[T], wrong: Sequence[T]) -> st.SearchStrategy[T]:
    """One of ``right``; once in twelve times one of ``wrong``, and not at an end, which Hypothesis prefers."""
    return st.integers(0, 11).flatmap(lambda number: st.sampled_from(wrong if number == 7 else right))


@st.composite
def conditions(draw: st.DrawFn, columns: tuple[str, ...]) -> str:
    """A condition over one or two of ``columns`` or of a column that does not exist."""
    named = mostly(columns, ["missing"])

    def one() -> str:
        term = draw(mostly(_TERMS * 3, _TYPED_TERMS)).format(c=draw(named))
        match draw(st.integers(0, 3)):
            case 0:
                return f"{term} IS NULL"
            case 1:
                return f"{draw(named)} {draw(st.sampled_from(_OPERATORS))} {draw(named)}"
            case 2:
                return f"code {draw(st.sampled_from(['LIKE', '~', '<']))} 'A'"
        return f"{term} {draw(st.sampled_from(_OPERATORS))} {draw(mostly(['NULL'], _LITERALS))}"

    joined = draw(st.sampled_from(["", " AND ", " OR "]))
    return one() if not joined else f"{one()}{joined}NOT ({one()})"


@dataclass(frozen=True)
class RandomDataset:
    """A contract and the rows of its source."""

    contract: Mapped
    rows: list[Mapped]


@st.composite
def datasets(draw: st.DrawFn, number: int) -> RandomDataset:
    """A dataset of some of the elements, with and without faults."""
    names = ["code", "at", *draw(st.lists(st.sampled_from(FIELDS[2:]), unique=True, max_size=4))]
    columns = tuple(SYMBOLS[name] for name in names)
    absent = draw(st.sampled_from([None, *names[2:]]))
    fields: Mapped = {}
    texts: dict[str, str] = {}
    for name in names:
        texts[name] = _VALUES.get(name, "")
        fields[name] = {"element": f"e.{name}"}
        if name in _FORMATS:
            form = draw(mostly(list(_FORMATS[name])[: _RIGHT[name]], list(_FORMATS[name])))
            texts[name] = _FORMATS[name][form]
            fields[name]["format"] = form
        if name == absent:
            fields[name]["optional"] = True
    fields["at"] |= draw(mostly([{}, {}, {"label": "end", "period": "1h"}], [{"label": "end"}]))
    zone = draw(mostly(_ZONES, _WRONG_ZONES))
    contract: Mapped = {
        "dataset": f"r.d{number}",
        "title": WORDS,
        "owner": {"department": "测"},
        "source": {"connector": "files", "path": f"${{WORKSPACE}}/in/d{number}.json", "format": "json"},
        "fields": fields,
        "write": draw(_writes(columns)),
        **({"zone": zone} if zone else {}),
    }
    if draw(st.booleans()):
        contract["schedule"] = {"cron": draw(mostly(_CRON, _WRONG_CRON)), "late_days": draw(mostly([0, 3], [-1]))}
    rules = draw(st.lists(conditions(columns), max_size=2))
    contract["rules"] = [
        {"issue": f"ODD_{place}", "when": when, "severity": "warning", "text": WORDS}
        for place, when in enumerate(rules)
    ]
    contract["expect"] = draw(_expectations(columns))
    rows = [
        {name: text.format(row=row, day=day) for name, text in texts.items() if name != absent}
        for day in (1, 2)
        for row in (1, 2)
    ]
    return RandomDataset(contract, rows)


def _writes(columns: tuple[str, ...]) -> st.SearchStrategy[Mapped]:
    column = mostly(columns, ["missing", "valid_from"])
    partition = st.one_of(
        st.none(), st.just("day(seen_at)"), st.just("month(seen_at)"), column.map(lambda name: f"year({name})")
    )
    key = st.one_of(st.just(["code", "seen_at"]), st.lists(column, max_size=2, unique=True))

    @st.composite
    def made(draw: st.DrawFn) -> Mapped:
        mode = draw(st.sampled_from(["upsert", "upsert", "replace", "append", "snapshot"]))
        found: Mapped = {"mode": mode, "key": draw(key), "partition": draw(partition)}
        if mode == "snapshot":
            found |= {"effective": draw(st.one_of(st.just("seen_on"), column)), "key": ["code"], "partition": None}
        if mode == "upsert" and draw(st.booleans()):
            found |= {"latest_by": draw(column)}
        return {name: value for name, value in found.items() if value not in (None, [])}

    return made()


def _expectations(columns: tuple[str, ...]) -> st.SearchStrategy[Mapped]:
    column = mostly(columns, ["missing"])
    return st.fixed_dictionaries(
        {},
        optional={
            "completeness": column.map(lambda name: {name: 0.1}),
            "unique": column.map(lambda name: [[name]]),
            "freshness": mostly(["26h", "1mo"], ["26hours", "99999999999d"]),
            "rows": st.sampled_from([{"min": 1}, {"max": 100}]),
            "shift": column.map(lambda name: {name: 0.5}),
        },
    )


_MEASURES = (
    "count(*)",
    "count(DISTINCT code)",
    "bit_xor(hash(code))",
    "max(code)",
    "min(seen_at)",
    "any_value(seen_at)::TIME",
    "list(code)",
    "max(length(code))::UTINYINT",
    "max({'k': code, 'n': length(code)::UBIGINT})",
    "map([max(code)], [count(*)])",
    "NULL",
    "max(seen_at) - min(seen_at)",
    "first(uuid())",
    "count(*)::USMALLINT",
    "count(*)::DECIMAL(38,3)",
    "string_agg(code, ',' ORDER BY code)",
    "max(seen_at)::DATE",
    "max(seen_at)::TIMESTAMP_MS",
    "avg(length(code))",
    "max(code)::BLOB",
    "any_value('1')::JSON",
    "count(*)::BIT",
    "histogram(code)",
)
_WRONG_MEASURES = ("no_such(code)", "max(missing)", "max(union_value(k := 1))")
_PLAIN = (
    "code",
    "seen_at",
    "hash(code)",
    "row_number() OVER (PARTITION BY code ORDER BY seen_at)",
    "lag(code) OVER (ORDER BY seen_at)",
    "seen_at AT TIME ZONE 'Europe/Madrid'",
    "date_trunc('hour', seen_at)",
    "length(code)::UBIGINT",
    "code = 'A1'",
    "code || '-x'",
    "code.upper()",
    "[code, 'x']",
)
_WRONG_PLAIN = ("missing", "code + DATE '2026-03-01'", "no_such(code)")


@dataclass(frozen=True)
class RandomMart:
    """A mart of one table over one dataset."""

    declared: Mapped
    select: str
    reads: int


@st.composite
def marts(draw: st.DrawFn, number: int, dataset_count: int) -> RandomMart:
    """A mart whose SELECT groups, or not, or takes its columns by a pattern."""
    reads = draw(st.integers(0, dataset_count - 1))
    source = f"r.d{reads}"
    shape = draw(st.sampled_from(["grouped", "plain", "columns"]))
    one = mostly(_MEASURES, _WRONG_MEASURES) if shape == "grouped" else mostly(_PLAIN, _WRONG_PLAIN)
    measures = draw(st.lists(one, min_size=1, max_size=4))
    names = [f"m{place}" for place in range(len(measures))]
    listed = ", ".join(f"{each} AS {name}" for each, name in zip(measures, names, strict=True))
    select = {
        "grouped": f"SELECT code, {listed} FROM {source} GROUP BY ALL",
        "plain": f"SELECT code, {listed} FROM {source}",
        "columns": f"SELECT COLUMNS('^(code|seen_at)$'), {listed} FROM {source}",
    }[shape]
    columns = ["code", *(["seen_at"] if shape == "columns" else []), *names]
    check = draw(mostly(["code IS NULL", "m0 IS NULL AND false", "length(code) < 0"], ["missing = 1", "code > 1"]))
    table = {
        "title": WORDS,
        "grain": ["code"],
        "columns": {name: {"text": WORDS} for name in columns},
        "checks": [{"name": WORDS, "sql": f"SELECT count(*) FROM t WHERE {check}"}],
    }
    declared = {"mart": f"m{number}", "title": WORDS, "audience": WORDS, "tables": {"t": table}}
    return RandomMart(declared, select, reads)


@dataclass(frozen=True)
class RandomWorkspace:
    """Declarations and the files of their sources."""

    datasets: list[RandomDataset]
    marts: list[RandomMart]
    settings: Mapped = field(default_factory=dict)

    def write(self, root: Path) -> Path:
        """Write it below ``root``, which it returns."""
        _write(root / "workspace.yaml", yaml.safe_dump({"packs": [], **self.settings}))
        _write(root / "elements/e.yaml", declare_elements())
        for number, each in enumerate(self.datasets):
            _write(root / f"datasets/r/d{number}.yaml", yaml.safe_dump(each.contract, allow_unicode=True))
            _write(root / f"in/d{number}.json", json.dumps(each.rows))
        for number, mart in enumerate(self.marts):
            _write(root / f"marts/m{number}/mart.yaml", yaml.safe_dump(mart.declared, allow_unicode=True))
            _write(root / f"marts/m{number}/t.sql", mart.select)
        return root


@st.composite
def workspaces(draw: st.DrawFn) -> RandomWorkspace:
    """Four datasets and four marts."""
    count = 4
    return RandomWorkspace(
        [draw(datasets(number)) for number in range(count)], [draw(marts(number, count)) for number in range(count)]
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
