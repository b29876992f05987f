"""Nothing is bound that was neither sure nor accepted; what was refused is remembered and does not come back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.cli import main
from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.onboard.choose_bindings import choose_bindings
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.onboard_decisions import OnboardDecisions, decisions_file, load_decisions
from citylake.schemas.lint import lint_errors
from citylake.schemas.read.registry import Registry, load_registry

ROWS = "PM2.5,observed_at,所属区,备注,kx\n31,2026-03-01 08:00:00,东湖区,x,7\n32,2026-03-01 09:00:00,南浦区,y,8\n"
ACCEPTED = ("备注", "air.station_name")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace.yaml").write_text("packs: [base, environment]\ntimezone: Asia/Shanghai\n", "utf-8")
    (tmp_path / "air.csv").write_text(ROWS, "utf-8")
    return tmp_path


def onboard(workspace: Path, *arguments: str) -> int:
    path = str(workspace / "air.csv")
    return main(["--workspace", str(workspace), "onboard", path, "--dataset", "environment.air", *arguments])


def contract(workspace: Path) -> Path:
    return workspace / "datasets" / "environment" / "air.yaml"


def test_an_accepted_element_is_bound_with_its_reason_and_remembered(workspace: Path) -> None:
    assert onboard(workspace, "--accept", "=".join(ACCEPTED), "--write") == 0
    text = contract(workspace).read_text("utf-8")
    assert yaml.safe_load(text)["fields"]["备注"] == {"element": "air.station_name"}
    lines = text.splitlines()
    above = lines[lines.index("  备注: {element: air.station_name}") - 1]
    assert above.startswith(("  # accepted by a person", "  # 已由人确认"))
    assert load_decisions(workspace, "environment.air").accepted == dict([ACCEPTED])
    assert not lint_errors(load_registry(workspace))


def test_accepting_changes_one_field_of_a_contract_that_exists(workspace: Path) -> None:
    assert onboard(workspace, "--write") == 0
    before = contract(workspace).read_text("utf-8").replace("owner: {department: TODO", "owner: {department: 环保局")
    contract(workspace).write_text(before, "utf-8")
    assert onboard(workspace, "--accept", "=".join(ACCEPTED), "--write") == 0
    after = yaml.safe_load(contract(workspace).read_text("utf-8"))
    wanted = yaml.safe_load(before)
    wanted["fields"]["备注"] = {"element": "air.station_name"}
    wanted["ignore"].remove("备注")
    assert after == wanted


def test_a_contract_that_cannot_be_edited_is_left_as_it_is(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract(workspace).parent.mkdir(parents=True)
    contract(workspace).write_text("{dataset: environment.air, fields: {PM2.5: {element: air.pm25}}}\n", "utf-8")
    before = contract(workspace).read_bytes()
    assert onboard(workspace, "--accept", "=".join(ACCEPTED), "--write") == 1
    assert contract(workspace).read_bytes() == before
    assert "air.station_name" in capsys.readouterr().err


def test_a_refused_element_is_kept_in_a_readable_file_and_proposed_no_more(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert onboard(workspace, "--refuse", "PM2.5=air.pm25") == 0
    capsys.readouterr()
    kept = yaml.safe_load(decisions_file(workspace).read_text("utf-8"))
    assert kept == {"environment.air": {"refused": {"PM2.5": ["air.pm25"]}}}
    assert onboard(workspace, "--json") == 0
    (draft,) = json.loads(capsys.readouterr().out)["drafts"]
    assert "PM2.5" in yaml.safe_load(draft["contract"])["ignore"]
    (field,) = (each for each in draft["fields"] if each["field"] == "PM2.5")
    assert (field["bound"], "air.pm25" in [each["element"] for each in field["proposals"]]) == (None, False)
    assert all(one["text"] for each in field["proposals"] for one in each["evidence"])
    taken_back = load_decisions(workspace, "environment.air").accept([("PM2.5", "air.pm25")])
    assert taken_back == OnboardDecisions({"PM2.5": "air.pm25"})


@pytest.mark.parametrize("text", ["PM2.5", "PM9=air.pm25", "PM2.5=air.pm99", "=air.pm25"])
def test_a_verdict_that_means_nothing_is_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert onboard(workspace, "--accept", text) == 1
    assert not decisions_file(workspace).exists()
    assert capsys.readouterr().err


NAMES = ("PM2.5", "observed_at", "站点编号", "speed", "车速", "id", "经度", "备注", "code", "日期")
VALUES = ("31", "2026-03-01", "2026-03-01 08:00:00", "1700000000", "东湖区", "120.1", "x", "99010101")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_nothing_is_bound_that_was_neither_sure_nor_accepted(registry: Registry, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    facts = [
        FieldFacts(name, values=tuple(data.draw(st.lists(st.sampled_from(VALUES), unique=True)))) for name in names
    ]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(("air.pm25", "time.observed_at", "place.longitude")))
    refused = frozenset(data.draw(st.lists(pairs, max_size=4)))
    accepted = dict(data.draw(st.lists(pairs, max_size=2)))
    decisions = OnboardDecisions(refused=refused).accept(accepted.items())
    for choice in choose_bindings(facts, KnownTables(registry, None), decisions):
        assert len(choice.proposals) <= 3
        assert not {(choice.field, each.element) for each in choice.proposals} & decisions.refused
        if choice.element is None:
            assert choice.field not in accepted
        elif choice.field in accepted:
            assert (choice.element.id, choice.by) == (accepted[choice.field], "accepted")
        else:
            sure = [each.element for each in choice.proposals if each.sure]
            assert (choice.by, choice.element.id) == ("sure", sure[0])
            assert choice.evidence
