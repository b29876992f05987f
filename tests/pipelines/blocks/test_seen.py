"""Keys that have come before: never missed, and seldom suspected in vain."""

from __future__ import annotations

import numpy as np
from hypothesis import given
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


def test_few_new_keys_are_suspected() -> None:
    random = np.random.default_rng(1)
    seen, keys = BloomFilter(200_000, 1 << 30), random.integers(0, 2**64, 200_000, np.uint64)
    suspected = sum(int(seen.look(some).sum()) for some in np.array_split(keys, 20))
    assert suspected < len(keys) / 200


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
