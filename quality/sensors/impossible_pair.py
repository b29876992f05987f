"""PAIR_IMPOSSIBLE: two values of one row that cannot be true together."""

from __future__ import annotations

import polars as pl

from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH, spans_of_flagged
from citylake.schemas.model.sensor_rules import PairTest, ValuePair

CODE = "PAIR_IMPOSSIBLE"
_ONE, _OTHER = "_one", "_other"


def find_impossible_pairs(series: pl.LazyFrame, pair: ValuePair, test: PairTest) -> pl.LazyFrame:
    """Return the spans in which the columns of ``pair`` contradict each other; rows without one of them end no span.

    ``lesser`` may exceed ``greater`` by the tolerance. A pair of zeros has none: 0 is 0.
    """
    one, other = (pl.col(name).cast(pl.Float64, strict=False) for name in pair.names)
    both = series.select(ENTITY, AT, FRESH, one.alias(_ONE), other.alias(_OTHER)).drop_nulls([_ONE, _OTHER])
    first, second = pl.col(_ONE), pl.col(_OTHER)
    sign = ">" if pair.lesser else "="
    flagged = first > second + second.abs() * test.tolerance if pair.lesser else (first == 0) & (second > 0)
    words = (
        f"{pair.names[0]}={{}} {sign} {pair.names[1]}={{}}"
        if pair.lesser
        else f"{pair.names[0]}={{}} {pair.names[1]}={{}}"
    )
    return spans_of_flagged(both, flagged, CODE, "+".join(pair.names), pl.format(words, _ONE, _OTHER))
