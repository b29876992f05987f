"""Conversions by PROJ in threads that begin and end, as those of Polars do."""

from __future__ import annotations

import subprocess
import sys

import pytest

CALLS = """
import threading

import numpy as np
import polars as pl

from citylake.schemas.units.crs_transform import crs_area, wgs84_transform


def convert(value):
    assert crs_area("EPSG:25832")
    (place,) = wgs84_transform("EPSG:25832")(np.array([[691600.0, 5334760.0]]))
    assert np.allclose(place, [11.57545, 48.13722], atol=1e-5)
    return value


for _ in range(8):
    one = threading.Thread(target=convert, args=(None,))
    one.start()
    one.join()
    pl.DataFrame({"a": [1.0]}).select(pl.col("a").map_batches(convert, is_elementwise=True))
"""


def test_the_process_survives_conversions_in_threads_that_end() -> None:
    pytest.importorskip("pyproj")
    done = subprocess.run([sys.executable, "-c", CALLS], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
