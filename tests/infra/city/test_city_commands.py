from __future__ import annotations

import json
import os
import re
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from citylake.infra.city.__main__ import app
from citylake.infra.city.city_environment import environment_of
from citylake.infra.city.city_model import City
from citylake.infra.city.standing_city import standing_city
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO


def test_generate_writes_the_city_that_was_asked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["generate", str(tmp_path), "--seed", "5", "--days", "1", "--start", "2026-05-01"])
    assert done.exit_code == 0, done.output
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert (truth["seed"], truth["days"], truth["start"]) == (5, 1, "2026-05-01")
    assert "truth.json" in done.output


def test_the_standing_city_fills_every_variable_of_its_contracts(tmp_path: Path) -> None:
    contracts = [load_registry(DEMO).contracts[name] for name in ("traffic.detector_flow", "government.hotline_cases")]
    named = set(re.findall(r"\$\{(\w+)\}", " ".join(str(contract.source) for contract in contracts)))
    with standing_city(tmp_path, City(days=1)) as variables:
        assert set(variables) == named
        assert Path(variables["CITY_FILES"]).is_dir()
        assert httpx.get(variables["CITY_URL"] + "/env/stations", trust_env=False).status_code == 200
        address = variables["CITY_URL"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_the_demo_leaves_the_environment_as_it_found_it() -> None:
    before = dict(os.environ)
    with environment_of({"CITY_URL": "http://127.0.0.1:1"}):
        assert os.environ["CITY_URL"] == "http://127.0.0.1:1"
    assert dict(os.environ) == before
