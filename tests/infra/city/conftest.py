from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import TRUTH_FILE, generate_city


@pytest.fixture(scope="session")
def city_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    generate_city(folder, City())
    return folder


@pytest.fixture(scope="session")
def truth(city_folder: Path) -> dict[str, Any]:
    datasets: dict[str, Any] = json.loads((city_folder / TRUTH_FILE).read_text("utf-8"))["datasets"]
    return datasets
