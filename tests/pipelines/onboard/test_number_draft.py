"""A draft reads the numbers of its sample in their own style, and declares it."""

from __future__ import annotations

import pytest

from citylake.pipelines.onboard.detect_values import fits_element
from citylake.pipelines.onboard.number_draft import number_style_words
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import ALL_PACKS


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(ALL_PACKS)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["12.5", "1.234", "7"], {}),
        (["12,5", "1,234", "7"], {"decimal": ","}),
        (["1.234,5", "12,5"], {"decimal": ",", "thousands": "."}),
        (["1,234.5", "12.5"], {"thousands": ","}),
    ],
)
def test_the_style_of_a_sample_is_declared(registry: Registry, values: list[str], words: dict[str, str]) -> None:
    element = registry.elements["air.pm10"]
    assert fits_element(element, values, registry)
    assert number_style_words(element, values) == words


@pytest.mark.parametrize("values", [["1,234"], ["a", "b"], ["1.2.3"], ["99999999"]])
def test_what_is_no_certain_number_in_range_does_not_fit(registry: Registry, values: list[str]) -> None:
    assert not fits_element(registry.elements["air.pm10"], values, registry)
