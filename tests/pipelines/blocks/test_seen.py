"""Keys that have come before: never missed, and seldom suspected in vain."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.conform.rows.bloom_filter import BloomFilter, HashPrefilter, key_hashes

KEYS = st.lists(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 20), max_size=30), max_size=6)


@given(blocks=KEYS, rows=st.integers(0, 1000), most=st.sampled_from([8, 64, 1 << 20]))
def test_a_key_that_came_before_is_always_suspected(blocks: list[list[int]], rows: int, most: int) -> None:
    seen, before = BloomFilter(rows, most), set[int]()
    for block in blocks:
        maybe = seen.look(np.array(block, np.uint64))
        for key, suspected in zip(block, maybe.tolist(), strict=True):
            assert suspected or key not in before
            before.add(key)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32),
    sizes=st.lists(st.integers(0, 70_000), min_size=1, max_size=3),
    distinct=st.sampled_from([1, 1000, 50_000, 1_000_000]),
    most=st.sampled_from([64, 1 << 16, 1 << 24]),
    low=st.booleans(),
)
def test_a_repeated_key_is_suspected_in_blocks_of_any_size(
    seed: int, sizes: list[int], distinct: int, most: int, low: bool
) -> None:
    random = np.random.default_rng(seed)
    chosen = [random.integers(0, distinct, size, np.uint64) for size in sizes]
    # Spread over all 64 bits, or all with the same low bits.
    keys = [block << np.uint64(40) if low else block * np.uint64(0x9E3779B97F4A7C15) for block in chosen]
    seen = BloomFilter(sum(sizes), most)
    suspected = np.concatenate([seen.look(block) for block in keys])
    first = pl.Series(np.concatenate(keys)).is_first_distinct().to_numpy()
    assert suspected[~first].all()


def test_only_the_later_rows_of_a_repeated_key_are_suspected() -> None:
    keys = np.random.default_rng(1).integers(0, 2**64, 100_000, np.uint64)
    keys[[40_000, 90_000, 90_001]] = keys[[3, 4, 4]]
    suspected = BloomFilter(4_000_000, 1 << 30).look(keys)
    assert np.flatnonzero(suspected).tolist() == [40_000, 90_000, 90_001]


def test_few_new_keys_are_suspected() -> None:
    random = np.random.default_rng(1)
    seen, keys = BloomFilter(200_000, 1 << 30), random.integers(0, 2**64, 200_000, np.uint64)
    suspected = sum(int(seen.look(some).sum()) for some in np.array_split(keys, 20))
    assert suspected < len(keys) / 200


def test_a_full_filter_suspects_one_new_key_in_some_hundreds() -> None:
    random = np.random.default_rng(1)
    seen = BloomFilter(1_000_000, 1 << 30)
    seen.look(random.integers(0, 2**64, 1_000_000, np.uint64))
    new = random.integers(0, 2**64, 50_000, np.uint64)
    assert seen.look(new).sum() < len(new) / 400


def test_a_quick_look_misses_none() -> None:
    random = np.random.default_rng(1)
    keys = random.integers(0, 2**64, 10_000, np.uint64)
    assert HashPrefilter(keys[::7]).look(keys)[::7].all()
    assert HashPrefilter(keys[:10]).look(keys).sum() < 30


def test_the_order_of_a_keys_parts_matters() -> None:
    hashes, at = np.array([1, 2], np.uint64), np.array([0, 1], np.int32)
    one, other = key_hashes([hashes, hashes], [at, at[::-1]])
    assert one != other
    assert len(set(key_hashes([hashes], [at]).tolist())) == 2
