"""Tables of data elements: what was written is read back equal, and what is not certain is a fault with its cell."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.exchange.authored_document import authored_document
from citylake.pipelines.exchange.elements.parse_rows import parse_elements
from citylake.pipelines.exchange.elements.read_table import read_element_table
from citylake.pipelines.exchange.elements.write_declarations import ImportedElements, import_elements
from citylake.pipelines.exchange.elements.write_table import write_elements
from citylake.schemas.lint import lint_errors
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.errors import CitylakeError
from tests.small_workspace import write_small_workspace

ROOT = Path(__file__).parents[3]
_WORD = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=8)
_TEXT = st.lists(_WORD, min_size=1, max_size=3).map(" ".join) | st.just("第一行\n第二行")
_BOTH = st.fixed_dictionaries({"zh": _TEXT, "en": _TEXT})
_NUMBER = st.none() | st.floats(-1e9, 1e9).map(float)
_ID = st.from_regex(r"\A[a-z][a-z0-9_]{0,5}\.[a-z][a-z0-9_]{0,5}\Z")
_COLUMN = st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z")


def _choice(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


ELEMENTS = st.fixed_dictionaries(
    {
        "id": _ID, "symbol": _COLUMN, "name": _BOTH, "definition": _BOTH, "object_class": _TEXT, "property": _TEXT,
        "representation": _choice("amount", "code", "name", "number", "quantity", "ratio", "indicator", "percent"),
        "type": _choice("string", "integer", "decimal", "date", "datetime", "time", "boolean", "binary", "geometry"),
        "status": _choice("draft", "candidate", "standard", "retired", "superseded"), "version": _TEXT,
    },
    optional={
        "format": _TEXT, "unit": _TEXT, "range": st.tuples(_NUMBER, _NUMBER), "pattern": _TEXT, "codes": _ID,
        "check_digit": _choice("uscc", "vin", "luhn"), "invisible": _choice("remove", "refuse", "keep"),
        "pad": st.integers(1, 64), "names_entity": _choice("enterprise", "station"),
        "measure": _choice("stock", "flow", "intensity"), "weight": _ID, "edition": _ID,
        "frame": _choice("WGS-84", "GCJ-02"), "label": _choice("start", "end"), "period": _choice("1h", "1mo"),
        "gas": st.fixed_dictionaries(
            {}, optional={"molar_mass_g_mol": st.floats(1, 99), "pressure_hpa": st.floats(900, 1100)},
        ),
        "span": st.fixed_dictionaries({"earliest": st.dates().map(str), "latest": st.just("1d")}),
        "sensitivity": st.fixed_dictionaries({
            "grade": _choice("L1", "L3", "core"), "openness": _choice("open", "conditional", "none"),
            "personal": _choice("none", "sensitive"), "protect": _choice("none", "mask", "token"),
        }),
        "sharing": st.fixed_dictionaries(
            {"class": _choice("unconditional", "conditional", "none")}, optional={"condition": _BOTH, "basis": _TEXT},
        ),
        "synonyms": st.lists(_TEXT | _choice("a,b", "[x]", "名字；姓名", " "), max_size=4).map(tuple),
        "relations": st.lists(
            st.fixed_dictionaries({"kind": _choice("replaces", "used_with"), "element": _ID}), max_size=2,
        ),
        "context": _TEXT, "steward": _TEXT, "source": _TEXT, "note": _TEXT,
    },
).map(DataElement.model_validate)  # fmt: skip


def _read(path: Path, registry: Registry) -> list[DataElement]:
    found = parse_elements(read_element_table(path), registry)
    assert [each.say() for each in found.faults] == []
    assert found.filled == {}
    return list(found.elements.values())


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return load_registry(write_small_workspace(tmp_path_factory.mktemp("elements") / "city"))


@settings(deadline=None, max_examples=15)
@given(
    elements=st.lists(ELEMENTS, min_size=1, max_size=4, unique_by=lambda each: each.id), ending=_choice(".xlsx", ".csv")
)
def test_random_elements_come_back_from_a_table(registry: Registry, elements: list[DataElement], ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"elements{ending}"
        write_elements(elements, path)
        found = _read(path, registry)
    assert found == elements
    # Words that were not stated stay unstated: a binding completes what an element leaves open.
    assert [each.gas and authored_document(each.gas) for each in found] == [
        each.gas and authored_document(each.gas) for each in elements
    ]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_every_element_of_the_packs_comes_back_from_a_table(tmp_path: Path, ending: str) -> None:
    registry = load_registry(ROOT / "workspaces/demo")
    elements = list(registry.elements.values())
    path = tmp_path / f"elements{ending}"
    assert write_elements(elements, path) == len(elements)
    assert _read(path, registry) == elements


HEADING = "标识符,中文名称,英文名称,定义,对象类,特性,表示,数据类型,数据格式,值域,计量单位,同义名称,版本,状态"
GOOD = "NL,年龄,age,人的年龄,人,年龄,量,数值型,n..3,0~150,a,岁数、周岁,1.0.0,标准"


def _import(tmp_path: Path, lines: list[str], encoding: str = "utf-8", **words: Any) -> tuple[ImportedElements, Path]:
    root = write_small_workspace(tmp_path / "city")
    file = tmp_path / "elements.csv"
    file.write_bytes("\n".join([HEADING, *lines, ""]).encode(encoding))
    return import_elements(file, load_registry(root), root / "elements", **words), root


def test_a_table_of_a_department_becomes_elements_without_faults(tmp_path: Path) -> None:
    done, root = _import(tmp_path, [GOOD], "gb18030", subject="person")
    assert (done.filled, done.encoding) == ({"id": [2], "symbol": [2], "definition_en": [2]}, "gb18030")
    registry = load_registry(root)
    age = registry.elements["person.nl"]
    assert (age.type, age.range, age.synonyms, age.unit) == ("integer", (0.0, 150.0), ("岁数", "周岁"), "a")
    assert (age.symbol, age.representation, age.status) == ("nl_a", "quantity", "standard")
    assert lint_errors(registry) == []
    assert [path.name for path in done.files] == ["person.yaml"]


def test_elements_of_a_subject_that_has_a_file_are_added_to_it(tmp_path: Path) -> None:
    done, root = _import(tmp_path, [GOOD.replace("NL", "air.age")])
    assert [path.name for path in done.files] == ["air.yaml"]
    listed = [each["id"] for each in yaml.safe_load((root / "elements/air.yaml").read_text("utf-8"))]
    assert listed == ["place.station_code", "time.hour_start", "time.day", "air.pm25", "air.age"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (GOOD, "行, 标识符: “NL”"),
        (GOOD.replace("NL", "p.nl").replace("数值型", "浮动型"), "数据类型: “浮动型”"),
        (GOOD.replace("NL", "p.nl").replace("n..3", ""), "数据类型: “数值型” does not say"),
        (GOOD.replace("NL", "p.nl").replace("0~150", "GB/T 1"), "值域: “GB/T 1” is no value domain"),
        (GOOD.replace("NL", "p.nl").replace("0~150", "codes: no.such"), "值域: "),
        (GOOD.replace("NL", "p.nl").replace(",量,", ",份量,"), "表示: “份量”"),
        (GOOD.replace("NL", "p.nl").replace(",人的年龄,", ",,"), "定义: is empty"),
        (GOOD.replace("NL", "p.nl").replace(",a,", ",,"), "计量单位|表示"),
        (GOOD.replace("NL", "p.nl").replace(",a,", ",furlong,"), "计量单位: "),
        (GOOD.replace("NL", "air.pm25"), "air.pm25 is declared otherwise"),
    ],
)
def test_what_is_not_certain_is_a_fault_of_a_cell(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(CitylakeError) as raised:
        _import(tmp_path, [GOOD.replace("NL", "p.right"), line])
    assert raised.value.code == "ELEMENTS_FAULTY"
    told = raised.value.say("en")
    assert "row 3, " in told
    assert any(each.removeprefix("行, ") in told for each in fault.split("|")), told
    assert not (tmp_path / "city/elements/p.yaml").exists()


def test_a_table_with_two_columns_of_one_meaning_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "elements.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["标识符", "名称", "中文名称", "定义"], ["p.a", "a", "b", "c"]])
    with pytest.raises(CitylakeError) as raised:
        read_element_table(file)
    assert raised.value.code == "ELEMENTS_UNREADABLE"
    assert "中文名称" in raised.value.say("zh")


def test_english_headings_titles_above_and_unknown_columns(tmp_path: Path) -> None:
    file = tmp_path / "elements.csv"
    file.write_text(
        "Elements of the city\n\nElement ID,Short name,Name,Definition,Clerk\np.a,a,甲,乙,x\n", encoding="utf-8"
    )
    table = read_element_table(file)
    assert table.rows[0].number == 4
    assert table.rows[0].cells == {"id": "p.a", "symbol": "a", "name_zh": "甲", "definition_zh": "乙"}
    assert table.unknown == ["Clerk"]
