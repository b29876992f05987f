"""A mart built in the scratch lake as it was built then: the same declarations, and the same days left waiting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from citylake.pipelines.context import RunContext
from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_builder import MartBuild, build_mart
from citylake.pipelines.marts.make.mart_engine import mart_engine
from citylake.pipelines.marts.make.wait_policy import NO_WAIT, WaitPolicy
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

_LONG = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class MadeMart:
    """A mart that was built again, with the declarations of that time."""

    registry: Registry
    mart: Mart
    built: MartBuild


def build_again(context: RunContext, registries: PastRegistries, build: PastBuild, lake: Lake) -> MadeMart:
    """Build the mart's curated tables in the scratch lake. Raises what ``build_mart`` raises."""
    registry, mart = registries.of_build(build, lake)
    zone = registry.workspace.settings.timezone
    with mart_engine(lake, registry.workspace, context.budget.engine) as engine:
        built = build_mart(mart, registry, lake, waits=_waits(build.waiting, zone), engine=engine)
    return MadeMart(registry, mart, built)


def _waits(days: Collection[date], zone: str) -> WaitPolicy:
    """The policy by which exactly these days wait, if they have changed."""
    if not days:
        return NO_WAIT
    return WaitPolicy(dict.fromkeys(days, ()), _LONG, ZoneInfo(zone), datetime.min.replace(tzinfo=UTC))
