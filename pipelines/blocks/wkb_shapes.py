"""Geometries from WKB, also if some are of a kind that GEOS does not take."""

from __future__ import annotations

from typing import Any

import numpy as np


def read_wkb_shapes(values: np.ndarray, on_invalid: Any = "ignore") -> np.ndarray:
    """Geometries of bytes or hexadecimal texts; None for null, for a curve, and for broken bytes (if ignored)."""
    # Not at the top: shapely is part of the extra geo.
    import shapely

    try:
        return np.asarray(shapely.from_wkb(values, on_invalid=on_invalid), dtype=object)
    except NotImplementedError:
        # One curve, which GEOS does not take, would refuse all: these few are read one by one.
        return np.array([_read_one(value, on_invalid) for value in values], dtype=object)


def _read_one(value: bytes | str | None, on_invalid: Any) -> Any:
    import shapely

    try:
        return shapely.from_wkb(value, on_invalid=on_invalid)
    except NotImplementedError:
        return None
