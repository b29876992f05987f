"""Pages of the report site: what they say, and that their links lead somewhere."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.core import TyperGroup
from typer.main import get_command

from citylake.pipelines.cli.typer_app import app
from citylake.pipelines.site.report.build_report import build_report
from citylake.pipelines.site.report.page_shapes import distribution_box, script_json
from citylake.pipelines.site.report.static_style import file_name
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.words.message_catalogue import translate_key
from tests.pipelines.site.conftest import SECRET
from tests.pipelines.site.report.conftest import Site
from tests.trial import Trial


def test_what_needs_a_person_is_first_with_the_command(built: Site) -> None:
    needs = built.document("index")["needs"]
    assert [need["kind"] for need in needs] == ["held", "late", "rows", "rows", "never"]
    assert needs[0]["dataset"] == "traffic.counts"
    assert {problem["code"] for problem in needs[0]["problems"]} >= {"ROWS_TOO_FEW"}
    for language in ("zh", "en"):
        page = built.page("index", language)
        assert page.index('id="needs"') < page.index('id="rows"') < page.index('id="datasets"')
        assert all(unescape(page).count(line) for need in needs for line in need["commands"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_says_that_nothing_waits_while_refused_rows_wait(built: Site, language: str) -> None:
    assert built.document("index")["counts"]["waiting"] == 2
    page = built.page("index", language)
    assert translate_key("site.needs.none", language) not in page
    assert translate_key("pages.headline.calm", language) not in page
    assert translate_key("site.ages.none", language) not in page


def test_no_value_of_a_sensitive_element_is_in_any_file(built: Site) -> None:
    files = [path for path in built.root.rglob("*") if path.is_file()]
    assert len(files) > 30
    for path in files:
        assert SECRET not in path.read_text("utf-8"), path
        assert SECRET[:-1] not in path.read_text("utf-8"), path
    (column,) = built.document("datasets/person.register")["profile"]
    assert (column["open"], column["top"], column["least"]) == (False, None, None)


def test_the_profile_of_an_open_column_has_its_distribution(built: Site) -> None:
    profile = {each["column"]: each for each in built.document("datasets/traffic.counts")["profile"]}
    assert profile["flow_veh"]["quantiles"][0] == 10
    assert profile["flow_veh"]["quantiles"][-1] == 20
    assert (profile["flow_veh"]["total"], profile["flow_veh"]["outside"]) == (2, 0)
    assert profile["device_code"]["top"] == ["D1"]


def test_the_volume_by_day_is_that_of_the_standard_table(built: Site, lake: Trial) -> None:
    rows = lake.standard("traffic.counts").group_by("_day").len().sort("_day")
    expected = [[str(day), count] for day, count in rows.iter_rows()]
    assert built.document("datasets/traffic.counts")["volume"]["days"] == expected


def test_an_element_names_who_uses_it_and_how_good_it_is(built: Site) -> None:
    (use,) = built.document("elements/traffic.flow")["uses"]
    assert (use["dataset"], use["field"] or use["column"], use["total"]) == ("traffic.counts", "flow", 2)
    assert use["refused"] == 1
    assert built.document("elements/traffic.flow")["marts"][0]["mart"] == "counts"


def test_coverage_counts_bound_fields(built: Site) -> None:
    coverage = built.document("departments/市交通运输局")["coverage"]
    assert coverage["fields"] == {"fields": 3, "bound": 3, "standard": 3}
    assert coverage["field_share"] == 1


def links(page: Path) -> set[Path]:
    found = re.findall(r'(?:href|src)="([^"]*)"', page.read_text("utf-8"))
    return {page.parent / unquote(urldefrag(unescape(each))[0]) for each in found if urldefrag(each)[0]}


def test_every_link_of_every_page_leads_to_a_file(built: Site) -> None:
    pages = list(built.root.rglob("*.html"))
    assert len(pages) == 2 * built.built.pages + 1
    for page in pages:
        for target in links(page):
            assert target.is_file(), (page, target)


def test_texts_of_declarations_and_sources_stay_text(built: Site) -> None:
    for name in ("index", "datasets/traffic.counts", "departments/市交通运输局"):
        page = built.page(name)
        assert "traffic &lt;b&gt;counts" in page
        assert "<b>counts" not in page
        assert "<i>x" not in page


def test_both_languages_have_the_same_pages_and_name_each_other(built: Site) -> None:
    names = {language: {p.relative_to(built.root / language) for p in (built.root / language).rglob("*.html")}
             for language in ("zh", "en")}  # fmt: skip
    assert names["zh"] == names["en"]
    assert '<html lang="zh">' in built.page("datasets/traffic.counts", "zh")


def test_pages_of_runs_are_written_once_and_stay(lake: Trial, tmp_path: Path) -> None:
    registry = load_valid_registry(lake.root / "workspace")
    first = build_report(lake.lake, registry, str(tmp_path / "site"), charts=False)
    assert len(first.runs) == 2
    # Two runs may begin in one second; their ids then say nothing of their order.
    oldest = lake.ledger.read("batches").sort("recorded_at")["run"][0]
    page = tmp_path / "site/en/runs" / f"{oldest}.html"
    page.write_text("as it was written", "utf-8")
    again = build_report(lake.lake, registry, str(tmp_path / "site"), charts=False)
    assert again.runs == first.runs
    assert page.read_text("utf-8") == "as it was written"


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=6, unique=True))
def test_each_name_has_a_file_of_its_own_on_every_file_system(names: list[str]) -> None:
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert all(re.fullmatch(r"[\w.\-]+", each) and not each.startswith(".") for each in files)


JSON = st.recursive(st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one))


@given(JSON)
def test_json_in_a_page_cannot_end_its_element(document: object) -> None:
    assert not set("<>&") & set(script_json(document))


@given(st.lists(st.floats(-1e9, 1e9), min_size=7, max_size=7).map(sorted))
def test_a_box_of_a_distribution_stays_in_its_picture(quantiles: list[float]) -> None:
    numbers = [float(found) for found in re.findall(r' x[12]?="([^"]+)"', distribution_box(quantiles, "label"))]
    assert all(0 <= number <= 144 for number in numbers)


def test_each_command_on_a_page_is_one_of_citylake(built: Site) -> None:
    groups = get_command(app)
    assert isinstance(groups, TyperGroup)
    lines = {line for need in built.document("index")["needs"] for line in need["commands"]}
    assert {tuple(shlex.split(line)[5:7]) for line in lines} >= {("held", "show"), ("quarantine", "list")}
    for line in lines:
        citylake, _, _, _, _, name, *words = shlex.split(line)
        assert citylake == "citylake"
        command = groups.commands[name]
        if isinstance(command, TyperGroup) and words[0] in command.commands:
            command, words = command.commands[words[0]], words[1:]
        command.make_context(name, words)


def test_the_page_of_a_mart_answers_its_questions(built: Site) -> None:
    asked, _ = built.document("marts/counts")["questions"]
    assert asked["answer"] == {"columns": ["flow_veh"], "rows": [[30]], "names": {}}
    assert "how many vehicles" in built.page("marts/counts")
    assert "共有多少辆" in built.page("marts/counts", "zh")
    assert "<b>12.5</b>" in built.page("marts/counts"), "a fraction keeps its places"
